"""The script engine that SpiffWorkflow gets: every condition, script and timer goes to our own evaluator."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from engine.spiff.definitions import SIGNAL, Context, SentMessage, WalkFailed
from engine.spiff.instances import keep_apart, own_words
from forms.expressions import ExpressionError, Functions, evaluate, names_in, run_script

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
DATES = ("deadline", "report_by", "submit_by", "send_by", "granted_until")
"""Dates that an instance may have; a name that is not set is None."""
FUNCTIONS = ("at", "end_of", "working_days")
"""What expressions may call; the context brings them."""
NOTHING: Mapping[str, Any] = MappingProxyType({})
LAST_DOER = "last_doer"
"""In the expression for a step's person: who had the step the last time, None the first."""
RESERVED = frozenset({*DATES, *FUNCTIONS, "now", "today", LAST_DOER})


class ScriptEngine:
    """Evaluates over the instance's data, and keeps what the instance sends.

    The data is one dictionary per instance, not a copy per task: the last word on a name counts, wherever it was said,
    so branches that join cannot lose or revive anything. Tasks carry only what is local to one of many instances.
    """

    def __init__(self, data: dict[str, Any], context: Context) -> None:
        self.data = data
        self.context = context
        self.sent: list[SentMessage] = []
        self.signals: list[SentMessage] = []  # that this instance has not heard yet
        self.assigned: list[tuple[str, dict[str, Any]]] = []

    def names(self, data: Mapping[str, object], local: Mapping[str, object]) -> Mapping[str, object]:
        """All names that an expression sees; an instance's dates can't be overwritten by its data."""
        now = self.context.now
        return {**data, **local, **self.context.dates, "now": now, "today": now.astimezone(LOCAL).date()}

    def evaluate(
        self,
        task: Any,
        expression: str,
        local: Mapping[str, object] = NOTHING,
        functions: Functions = NOTHING,
        external_context: object = None,
    ) -> object:
        """The value of an expression at a task, which may see more than the task does. Raises WalkFailed."""
        names = self._names_at(task, local)
        known = {**self.context.functions, **functions} if functions else self.context.functions
        try:
            return evaluate(expression, names, known)
        except ExpressionError as fault:
            raise WalkFailed(element_of(task), f"Không tính được biểu thức “{expression}”: {fault}") from fault

    def _names_at(self, task: Any, local: Mapping[str, object] = NOTHING) -> Mapping[str, object]:
        tree = task.workflow
        if tree.parent_task_id is None:
            return self.names(tree.variables, {**task.data, **local} if local else task.data)
        return self.names(tree.variables, {**own_words(task), **task.data, **local})

    def execute(self, task: Any, script: str, external_context: object = None) -> bool:
        """Run `name = expression` lines; what they assign enters the instance's data. Raises WalkFailed."""
        self.assign(task, self.assignments(task, script))
        return True

    def assign(self, task: Any, values: dict[str, Any]) -> None:
        """What the process itself says of dotted names enters its data, and is told if that is the instance's own."""
        for name, value in values.items():
            assign(task.workflow.variables, name, value)
            keep_apart(task, name.split(".")[0])
        if values and task.workflow.variables is self.data:
            self.assigned.append((element_of(task), values))

    def assignments(self, task: Any, script: str) -> dict[str, Any]:
        """What the lines of a script give their names. Raises WalkFailed."""
        try:
            return run_script(script, self._names_at(task), self.context.functions)
        except ExpressionError as fault:
            raise WalkFailed(element_of(task), f"Đoạn lệnh có lỗi: {fault}") from fault

    def entries(self, task: Any, text: str | None) -> dict[str, Any]:
        """What `name = expression; …` gives its names. Raises WalkFailed."""
        return self.assignments(task, "\n".join((text or "").split(";")))

    def send(self, task: Any, message: str, script: str | None) -> None:
        """Keep a message for whoever drives the walk."""
        self.sent.append(SentMessage(element_of(task), message, self.entries(task, script)))

    def signal(self, task: Any, name: str, script: str | None) -> None:
        """Keep a signal: for this instance once it has come to rest, and for the others."""
        sent = SentMessage(element_of(task), SIGNAL + name, self.entries(task, script))
        self.sent.append(sent)
        self.signals.append(sent)


def element_of(task: Any) -> str:
    """The id on the drawing of a task's shape; in a called process, after those of the calls: `call:shape`."""
    return str(task.workflow.prefix + (task.task_spec.bpmn_id or task.task_spec.name))


def utc(instant: datetime) -> datetime:
    """An instant in UTC; one without a zone is local time."""
    return (instant if instant.tzinfo else instant.replace(tzinfo=LOCAL)).astimezone(UTC)


def assign(data: dict[str, Any], name: str, value: object) -> None:
    """Set a dotted name in nested data."""
    path = name.split(".")
    for part in path[:-1]:
        below = data.get(part)
        data[part] = below = dict(below) if isinstance(below, Mapping) else {}
        data = below
    data[path[-1]] = value


def value_at(data: Mapping[str, Any], name: str) -> Any:
    """What a dotted name holds in nested data, None where there is nothing."""
    value: Any = data
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def is_in(data: Mapping[str, Any], name: str) -> bool:
    """Whether nested data hold something, nothing included, under a dotted name."""
    above, _, last = name.rpartition(".")
    around = value_at(data, above) if above else data
    return isinstance(around, Mapping) and last in around


def remove(data: dict[str, Any], name: str) -> None:
    """Take a dotted name out of nested data."""
    if is_in(data, name):
        above, _, last = name.rpartition(".")
        if not above:
            del data[last]
        else:
            assign(data, above, {key: value for key, value in value_at(data, above).items() if key != last})


def overlap(name: str, other: str) -> bool:
    """Whether of two dotted names one is the other, or a part of it."""
    return f"{name}.".startswith(f"{other}.") or f"{other}.".startswith(f"{name}.")


def hangs_on(expression: str, names: Collection[str]) -> bool:
    """Whether an expression reads any of these dotted names, or a part of one."""
    return any(overlap(read, name) for read in names_in(expression) for name in names)
