"""One instance in memory, between its restore and its save."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from engine.spiff import events, specs, state
from engine.spiff.clock import due_at, is_literal
from engine.spiff.codec import CodecError
from engine.spiff.correct import correct, rewind
from engine.spiff.definitions import (
    Context,
    Definition,
    NotWaiting,
    SentMessage,
    StartEvent,
    Waiting,
    WaitingMessage,
    WaitingTimer,
    Waits,
    WalkFailed,
)
from engine.spiff.expressions import NOTHING, ScriptEngine, element_of
from engine.spiff.jump import go_back
from engine.spiff.parse import read_drawing
from engine.spiff.prune import prune
from engine.spiff.repeats import turns_around
from engine.spiff.tree import MOST_ANCESTORS, Task, Workflow, ancestors
from forms.expressions import ExpressionError, evaluate

MOST_STEPS = 2_000
"""That the software may take between two waits."""
UNREADABLE = "Không đọc lại được trạng thái đã lưu của hồ sơ."


class Walk:
    """Drives one instance of a definition.

    After any exception the walk is to be thrown away: nothing of it may be saved.
    """

    def __init__(self, definition: Definition, workflow: Workflow, engine: ScriptEngine) -> None:
        self.definition = definition
        self._workflow = workflow
        self._engine = engine

    # ── beginning and ending ──

    @classmethod
    def start(
        cls,
        definition: Definition,
        data: Mapping[str, object],
        context: Context,
        *,
        message: str | None = None,
        payload: Mapping[str, object] | None = None,
        start_event: str | None = None,
    ) -> "Walk":
        """Begin an instance, not yet run: by a message's start event, by the named one, else by the plain one.

        The payload is kept under the start event's id. Raises WalkFailed where the drawing has no such beginning.
        """
        chosen = _start_event(definition, message, start_event)
        engine = ScriptEngine(dict(data), context)
        workflow = Workflow(definition.spec, definition.subprocess_specs, engine)
        workflow.plant(definition.spec)
        workflow.task_tree.internal_data["start"] = chosen.element_id
        if payload is not None:
            engine.data[chosen.element_id] = dict(payload)
        return cls(definition, workflow, engine)

    @classmethod
    def restore(cls, definition: Definition, stored: bytes, context: Context) -> "Walk":
        """The instance as it was saved. Raises WalkFailed where the bytes do not fit the definition."""
        engine = ScriptEngine({}, context)
        try:
            return cls(definition, state.load(definition, stored, engine), engine)
        except (CodecError, KeyError, IndexError, TypeError, ValueError, SpiffWorkflowException) as fault:
            raise WalkFailed(None, UNREADABLE) from fault

    @staticmethod
    def data_in(stored: bytes) -> dict[str, Any]:
        """The data of an instance as it was saved, without the instance. Raises WalkFailed."""
        try:
            return state.data_in(stored)
        except CodecError as fault:
            raise WalkFailed(None, UNREADABLE) from fault

    def save(self) -> bytes:
        """The instance as bytes. Raises WalkFailed if its data can't be stored."""
        try:
            return state.dump(self._workflow)
        except CodecError as fault:
            raise WalkFailed(None, "Dữ liệu của hồ sơ quá lớn hoặc có giá trị không lưu được.") from fault

    # ── going on ──

    def run(self) -> None:
        """Go on to the next wait, and forget what is over. Raises WalkFailed."""
        try:
            steps = 0
            while ready := self._ready():
                for task in ready:
                    steps += task.goes_on
                    self._run_task(task, steps)
        except SpiffWorkflowException as fault:
            raise WalkFailed(_element_in(fault), "Quy trình gặp lỗi khi chạy.") from fault
        prune(self._workflow)
        self._refuse_dead_end()

    def _ready(self) -> list[Task]:
        """What runs by itself; when all has come to rest, gateways look again; then the oldest signal is heard."""
        while True:
            ready = self._going_on() or self._joined()
            if ready or not self._engine.signals:
                return ready
            signal = self._engine.signals.pop(0)
            self._broadcast(signal.message, signal.payload)

    def _going_on(self) -> list[Task]:
        return [task for task in self._tasks() if task.goes_on]

    def _joined(self) -> list[Task]:
        for tree in self._workflow.living():
            tree.update_waiting_tasks()
        return self._going_on()

    def _broadcast(self, name: str, payload: Mapping[str, object]) -> None:
        catching = list(self._catching(events.SignalDefinition))
        for task in catching:
            if task._state == TaskState.WAITING and task.task_spec.event_definition.subject == name:
                task.tell(payload)
                task.task_spec.fire(task)

    def _run_task(self, task: Task, steps: int) -> None:
        if not task.goes_on:
            return  # Cancelled by a task that ran before it.
        if steps > MOST_STEPS or ancestors(task) > MOST_ANCESTORS:
            raise WalkFailed(
                element_of(task), "Quy trình chạy vòng mà không dừng ở bước nào: xem lại các nhánh quay lại."
            )
        task.run()

    def _refuse_dead_end(self) -> None:
        """An instance that waits for nothing would never be heard of again.

        Event sub-processes that may still begin don't count: they wait as long as what is around them is stuck.
        """
        if not self._workflow.completed and not any(
            task._state in task.task_spec.waits_as for task in self._tasks() if not task.task_spec.stands_by
        ):
            stuck = next((task for task in self._tasks() if task._state == TaskState.WAITING), None)
            where = element_of(stuck) if stuck is not None else None
            raise WalkFailed(where, f"Hồ sơ kẹt tại “{where}”: cổng chờ một nhánh không bao giờ đến nữa.")

    def complete(self, task_id: UUID, variables: Mapping[str, object]) -> None:
        """A person has done a step; what they entered is kept under the step's id. Raises NotWaiting, WalkFailed."""
        self._complete(_found(task_id, self._standing(TaskState.READY, specs.UserTask)), variables)

    def complete_service(self, task_id: UUID, result: Mapping[str, object]) -> None:
        """A service has done its work. Raises NotWaiting, WalkFailed."""
        self._complete(_found(task_id, self._standing(TaskState.STARTED, specs.ServiceTask)), result)

    def fail_service(self, task_id: UUID, code: str, payload: Mapping[str, object]) -> None:
        """A service reports an error that the process may know by its code. Raises NotWaiting, WalkFailed."""
        task = _found(task_id, self._standing(TaskState.STARTED, specs.ServiceTask))
        if events.catcher(task, events.ErrorDefinition, code) is None:
            raise WalkFailed(element_of(task), f"Dịch vụ báo lỗi “{code}” mà sơ đồ không có sự kiện lỗi cho mã này.")
        events.throw(task, events.ErrorDefinition, code, dict(payload))

    def _complete(self, task: Task, entered: Mapping[str, object]) -> None:
        task.keep(entered)
        if ancestors(task) > MOST_ANCESTORS:
            raise WalkFailed(element_of(task), "Hồ sơ đi quá sâu: xem lại các nhánh quay lại.")
        task.complete()

    def fire(self, task_id: UUID) -> None:
        """A timer of the drawing is due. Raises NotWaiting, WalkFailed."""
        task = _found(task_id, self._catching(events.TimerDefinition))
        task.task_spec.fire(task)

    def deliver(self, task_id: UUID, payload: Mapping[str, object]) -> None:
        """A message has come; its payload is kept under the event's id. Raises NotWaiting, WalkFailed.

        A signal reaches all events of the instance that wait for it.
        """
        task = _found(task_id, self._catching(events.MessageDefinition))
        definition = task.task_spec.event_definition
        if isinstance(definition, events.SignalDefinition):
            self._broadcast(definition.subject, payload)
        else:
            task.keep(payload)
            task.task_spec.fire(task)

    # ── moved by hand ──

    def go_back(self, element_id: str, source: bytes, turns: Collection[str] = ()) -> frozenset[str]:
        """Set the instance back to a step; return the elements that may be passed anew. Raises CannotGoBack.

        `source` is the drawing as it was deployed; `turns` those in which the step was passed.
        """
        return go_back(self.definition, read_drawing(source), self._workflow, element_id, turns)

    def rewind(self, restored: Mapping[str, object], removed: Collection[str], turns: Collection[str]) -> None:
        """Let dotted names of the data be as they were when the step was reached in these turns."""
        rewind(self._workflow, restored, removed, turns)

    def correct(self, variable: str, old: object, value: object) -> None:
        """Give a dotted name of the data another value, wherever the old one was said."""
        correct(self._workflow, variable, old, value)

    def put_off(self, task_id: UUID, due: datetime) -> None:
        """Move one timer of the drawing, whatever its expression says. Raises NotWaiting."""
        task = _found(task_id, self._catching(events.TimerDefinition))
        task.task_spec.event_definition.retime(task, due)

    def reckoned(self, task_id: UUID) -> datetime | None:
        """When a waiting timer is due by its expression, as of the context's now; None for a duration, or an instant.

        Raises NotWaiting, WalkFailed.
        """
        task = _found(task_id, self._catching(events.TimerDefinition))
        expression = task.task_spec.event_definition.expression
        return None if is_literal(expression) else due_at(expression, self._engine, task)

    def timers_on(self, names: Collection[str]) -> list[WaitingTimer]:
        """The timers whose moment hangs on any of these dotted names; durations from entry do not."""
        timers = self._catching(events.TimerDefinition)
        return [_waiting_timer(task) for task in timers if task.task_spec.event_definition.hangs_on(names)]

    def timers_beside(self, task_id: UUID) -> list[WaitingTimer]:
        """The timers that wait on the border of an open step, or of all the turns of which it is one."""
        step = _found(task_id, self._standing(TaskState.READY, specs.UserTask))
        above = step.parent._parent if self.is_repeated(task_id) else step._parent
        beside = (task for task in self._catching(events.TimerDefinition) if task._parent == above)
        return [_waiting_timer(task) for task in beside if isinstance(task.task_spec, events.BoundaryEvent)]

    @contextmanager
    def as_of(self, context: Context) -> Iterator[None]:
        """Let expressions see another moment meanwhile."""
        now, self._engine.context = self._engine.context, context
        try:
            yield
        finally:
            self._engine.context = now

    @property
    def parts(self) -> tuple[Workflow, ScriptEngine]:
        """What it drives, for whoever builds the instance anew in another version."""
        return self._workflow, self._engine

    # ── looking ──

    @property
    def waits(self) -> Waits:
        """All that the instance waits for now."""
        found: dict[str, set[Any]] = {kind: set() for kind in AS_WAITING}
        for task in self._tasks():
            if kind := task.task_spec.waits_as.get(task._state):
                found[kind].add(AS_WAITING[kind](task))
        return Waits(
            **{kind: frozenset(ones) for kind, ones in found.items()}, completed=bool(self._workflow.completed)
        )

    @property
    def outbox(self) -> tuple[SentMessage, ...]:
        """What the instance has sent since it was started or restored."""
        return tuple(self._engine.sent)

    @property
    def assigned(self) -> list[tuple[str, dict[str, Any]]]:
        """What elements have given the data by themselves since then: the element, and values by dotted name."""
        return self._engine.assigned

    @property
    def data(self) -> dict[str, Any]:
        """The instance's data: `element_id` → what was entered there."""
        return self._engine.data

    def evaluate(self, expression: str, task_id: UUID | None = None, local: Mapping[str, object] = NOTHING) -> object:
        """The value of an expression over the data, the dates, `now` and `today`. Raises WalkFailed.

        At a task, it also sees what is local there: the item of one of many instances, the payload of its own message.
        `local` are names besides.
        """
        task = self._workflow.get_task_from_id(str(task_id)) if task_id is not None else None
        if task is not None:
            return self._engine.evaluate(task, expression, local)
        try:
            return evaluate(expression, self._engine.names(self.data, local), self._engine.context.functions)
        except ExpressionError as fault:
            raise WalkFailed(None, f"Không tính được biểu thức “{expression}”: {fault}") from fault

    def is_repeated(self, task_id: UUID) -> bool:
        """Whether a task is one of several that an element begins, at once or in a row."""
        return "index" in self._workflow.get_task_from_id(str(task_id)).internal_data

    def turns_around(self, task_id: UUID) -> str | None:
        """The turns of repeated elements that a task lies in, or is, the outermost first; None for most tasks.

        Each as `element/round/turn`: those that an element begins for each of several are of one round.
        """
        return " ".join(turns_around(self._workflow.get_task_from_id(str(task_id)))) or None

    # ── inside ──

    def _tasks(self) -> list[Task]:
        return [task for tree in self._workflow.living() if not tree.completed for task in tree.tasks.values()]

    def _standing(self, state: int, spec: type) -> Iterator[Task]:
        return (task for task in self._tasks() if task._state == state and isinstance(task.task_spec, spec))

    def _catching(self, definition: type) -> Iterator[Task]:
        waiting = self._standing(TaskState.WAITING, events.Catching)
        return (task for task in waiting if isinstance(task.task_spec.event_definition, definition))


def _start_event(definition: Definition, message: str | None, start_event: str | None) -> StartEvent:
    for start in definition.starts:
        if start_event is not None:
            fits = start.element_id == start_event
        else:
            fits = start.kind == ("message" if message else "none") and start.message == message
        if fits:
            return start
    wanted = f"thông điệp “{message}”" if message else f"“{start_event}”" if start_event else "sự kiện bắt đầu thường"
    raise WalkFailed(start_event, f"Quy trình “{definition.name}” không bắt đầu bằng {wanted}.")


def _found(task_id: UUID, candidates: Iterable[Task]) -> Task:
    wanted = str(task_id)
    task = next((task for task in candidates if task.id == wanted), None)
    if task is None:
        raise NotWaiting(task_id)
    return task


def _waiting(task: Task) -> Waiting:
    return Waiting(task.id, element_of(task))


def _waiting_timer(task: Task) -> WaitingTimer:
    return WaitingTimer(task.id, element_of(task), datetime.fromisoformat(task.internal_data[events.DUE]))


def _waiting_message(task: Task) -> WaitingMessage:
    return WaitingMessage(task.id, element_of(task), task.task_spec.event_definition.subject)


AS_WAITING: dict[str, Callable[[Task], object]] = {
    "user_tasks": _waiting, "services": _waiting, "timers": _waiting_timer, "subscriptions": _waiting_message,
}  # fmt: skip


def _element_in(fault: SpiffWorkflowException) -> str | None:
    spec = getattr(fault, "task_spec", None)
    return getattr(spec, "bpmn_id", None)
