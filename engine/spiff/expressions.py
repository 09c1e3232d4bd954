"""The script engine that SpiffWorkflow gets: every condition, script and timer goes to our own evaluator."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.spiff.definitions import Context, SentMessage, WalkFailed
from forms.expressions import ExpressionError, evaluate, run_script

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
DATES = ("deadline", "report_by", "submit_by")
"""Dates that an instance may have; a name that is not set is None."""
FUNCTIONS = ("at", "end_of", "working_days")
"""What expressions may call; the context brings them."""
RESERVED = frozenset({*DATES, *FUNCTIONS, "now", "today"})


class ScriptEngine:
    """Evaluates over the instance's data, and keeps what the instance sends.

    The data is one dictionary per instance, not a copy per task: the last word on a name counts, wherever it was said,
    so branches that join cannot lose or revive anything. Tasks carry only what is local to one of many instances.
    """

    def __init__(self, data: dict[str, Any], context: Context) -> None:
        self.data = data
        self.context = context
        self.sent: list[SentMessage] = []
        self.assigned: list[tuple[str, dict[str, Any]]] = []

    def names(self, local: Mapping[str, object]) -> Mapping[str, object]:
        """All names that an expression sees; an instance's dates can't be overwritten by its data."""
        now = self.context.now
        return {**self.data, **local, **self.context.dates, "now": now, "today": now.astimezone(LOCAL).date()}

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> object:
        """The value of an expression at a task. Raises WalkFailed."""
        try:
            return evaluate(expression, self.names(task.data), self.context.functions)
        except ExpressionError as fault:
            raise WalkFailed(element_of(task), f"Không tính được biểu thức “{expression}”: {fault}") from fault

    def execute(self, task: Any, script: str, external_context: object = None) -> bool:
        """Run `name = expression` lines; what they assign enters the instance's data. Raises WalkFailed."""
        self.assign(task, self.assignments(task, script))
        return True

    def assign(self, task: Any, values: dict[str, Any]) -> None:
        """What the process itself says of dotted names enters the instance's data, and is told."""
        for name, value in values.items():
            assign(self.data, name, value)
        if values:
            self.assigned.append((element_of(task), values))

    def assignments(self, task: Any, script: str) -> dict[str, Any]:
        """What the lines of a script give their names. Raises WalkFailed."""
        try:
            return run_script(script, self.names(task.data), self.context.functions)
        except ExpressionError as fault:
            raise WalkFailed(element_of(task), f"Đoạn lệnh có lỗi: {fault}") from fault

    def send(self, task: Any, message: str, script: str | None) -> None:
        """Keep a message for whoever drives the walk; entries of the payload are parted by `;`."""
        lines = "\n".join((script or "").split(";"))
        self.sent.append(SentMessage(element_of(task), message, self.assignments(task, lines)))


def element_of(task: Any) -> str:
    """The id on the drawing of a task's shape."""
    return str(task.task_spec.bpmn_id or task.task_spec.name)


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
