"""Events: those that are waited for, those that are sent, and those on the border of an activity."""

# mypy: disallow-subclassing-any=False

from collections.abc import Collection
from datetime import datetime
from types import MappingProxyType
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.util.task import TaskState

from engine.spiff.clock import due_at, is_literal
from engine.spiff.definitions import SIGNAL
from engine.spiff.expressions import hangs_on
from engine.spiff.specs import Lean

FIRED, DUE = "fired", "due"
"""What a waiting event keeps in its state."""
SPLIT, JOIN = ".BoundaryEventSplit", ".BoundaryEventJoin"
"""Behind the id of an activity that has events on its border: the shapes by which one enters and leaves them all."""


class TimerDefinition(EventDefinition):
    """A moment, computed when the event is entered; it passes only when the engine says so."""

    waits_as = MappingProxyType({TaskState.WAITING: "timers"})

    def __init__(self, expression: str, name: str | None = None, description: str | None = None) -> None:
        super().__init__(name, description)
        self.expression = expression

    def hangs_on(self, names: Collection[str]) -> bool:
        """Whether the moment does on any of these dotted names; a duration counts from when the event was entered."""
        return not is_literal(self.expression) and hangs_on(self.expression, names)

    def enter(self, my_task: Any) -> None:
        """Fix when the timer is due."""
        self.retime(my_task, due_at(self.expression, my_task.workflow.script_engine, my_task))

    @staticmethod
    def retime(my_task: Any, due: datetime) -> None:
        """Move the timer."""
        my_task.internal_data[DUE] = due.isoformat()


class MessageDefinition(EventDefinition):
    """A message by its name; who it is meant for is matched outside of the process."""

    waits_as = MappingProxyType({TaskState.WAITING: "subscriptions"})

    def __init__(self, name: str, payload: str | None = None, description: str | None = None) -> None:
        super().__init__(name, description)
        self.payload = payload  # `name = expression` entries, parted by `;`

    def enter(self, my_task: Any) -> None:
        """Nothing is kept: the subscription is a row of the engine's."""

    @property
    def subject(self) -> str:
        """By what name it is waited for."""
        return str(self.name)


class SignalDefinition(MessageDefinition):
    """A message to all that wait for it: in this instance, and in the others of the tenant."""

    @property
    def subject(self) -> str:
        """By what name it is waited for; no message has it."""
        return f"{SIGNAL}{self.name}"


class CodedDefinition(EventDefinition):
    """Something that an activity tells the process around it, by a code; without one, an event catches any."""

    def __init__(
        self, code: str | None, payload: str | None = None, name: str | None = None, description: str | None = None
    ) -> None:
        super().__init__(name, description)
        self.code = code
        self.payload = payload

    def enter(self, my_task: Any) -> None:
        """Nothing is kept: it comes from within the activity."""


class ErrorDefinition(CodedDefinition):
    """Ends the activity in which it is thrown."""


class EscalationDefinition(CodedDefinition):
    """Is told, while the activity may go on."""


class TerminateDefinition(EventDefinition):
    """Ends the process with all its tokens."""


class _Event(Lean, BpmnSpecMixin):
    """A shape with an event definition, None for a plain event."""

    def __init__(self, wf_spec: Any, bpmn_id: str, event_definition: Any = None, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.event_definition = event_definition


class StartEvent(_Event):
    """Passed through: what begins an instance is decided outside."""


class Catching(_Event):
    """Waits until its timer or message comes; what else it may catch comes from within the instance."""

    gets_data = True

    def __init__(self, wf_spec: Any, bpmn_id: str, event_definition: Any = None, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, event_definition, **kwargs)
        self.waits_as = getattr(event_definition, "waits_as", self.waits_as)

    def _update_hook(self, my_task: Any) -> bool:
        if my_task.internal_data.get(FIRED) or self.event_definition is None:
            BpmnTaskSpec._update_hook(self, my_task)
            return True
        if my_task._state != TaskState.WAITING:
            BpmnTaskSpec._update_hook(self, my_task)
            my_task._set_state(TaskState.WAITING)
            self.event_definition.enter(my_task)
        return False

    def fire(self, my_task: Any) -> None:
        """The event has come; the others behind the same event gateway are let go."""
        my_task.internal_data[FIRED] = True
        if isinstance(my_task.parent.task_spec, EventGateway):
            for sibling in my_task.parent.children:
                if sibling is not my_task:
                    sibling.cancel()
        self._update(my_task)


class EventGateway(Lean, BpmnSpecMixin):
    """Opens all the events behind it; each is a task of its own, so two timers have two moments."""


class BoundaryEvent(Catching):
    """An event on the border of an activity."""

    def __init__(self, wf_spec: Any, bpmn_id: str, event_definition: Any, cancel_activity: bool, **kwargs: Any) -> None:
        super().__init__(wf_spec, bpmn_id, event_definition, **kwargs)
        self.cancel_activity = cancel_activity

    def fire(self, my_task: Any) -> None:
        """Interrupting: ends the activity. Else a token of its own sets out; a message can then come again."""
        if self.cancel_activity:
            super().fire(my_task)
            _let_go(my_task.parent, keep=my_task)
        elif isinstance(self.event_definition, TimerDefinition):
            super().fire(my_task)
        else:
            super().fire(self._another(my_task))

    def _another(self, my_task: Any) -> Any:
        """A token for this one message; what came with it is local to it, as the next may come at any time."""
        token = my_task.parent._add_child(self)
        token.data[self.bpmn_id] = my_task.workflow.variables.get(self.bpmn_id)
        return token


class EventStart(BoundaryEvent):
    """The start of an event sub-process: on the border of the process itself, as it were."""

    stands_by = True

    def fire(self, my_task: Any) -> None:
        """Interrupting: ends all else in its process, the other event sub-processes too."""
        super().fire(my_task)
        if self.cancel_activity:
            for task in my_task.workflow.standing()[1:]:
                if task is not my_task:
                    task.cancel()


class BoundarySplit(Lean):
    """Enters an activity together with the events on its border."""


class BoundaryJoin(Lean):
    """Follows an activity that has events on its border, and lets those go that still wait."""

    def _update_hook(self, my_task: Any) -> bool:
        _let_go(my_task.parent.parent, keep=my_task.parent)
        return True


def _let_go(split: Any, keep: Any) -> None:
    """Cancel what still waits at an activity; an event that has already come goes on."""
    for sibling in split.children:
        has_come = isinstance(sibling.task_spec, BoundaryEvent) and sibling.internal_data.get(FIRED)
        if sibling is not keep and not has_come:
            sibling.cancel()


class _Throwing(_Event):
    """Sends its message, if it has one; tells its error or escalation to the activities around it."""

    def _run_hook(self, my_task: Any) -> bool:
        definition, engine = self.event_definition, my_task.workflow.script_engine
        if isinstance(definition, SignalDefinition):
            engine.signal(my_task, definition.name, definition.payload)
        elif isinstance(definition, MessageDefinition):
            engine.send(my_task, definition.name, definition.payload)
        return True

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        definition = self.event_definition
        if isinstance(definition, CodedDefinition):
            engine = my_task.workflow.script_engine
            throw(my_task, type(definition), definition.code, engine.entries(my_task, definition.payload))


class ThrowEvent(_Throwing):
    """A message, or a milestone, on the way."""


class EndEvent(_Throwing):
    """The end of one way through the process, or of all."""

    def _on_complete_hook(self, my_task: Any) -> None:
        super()._on_complete_hook(my_task)
        if isinstance(self.event_definition, TerminateDefinition):
            end_all(my_task.workflow, my_task)


def end_all(tree: Any, last: Any) -> None:
    """Take all tokens of a process away, and complete it."""
    for task in tree.standing():
        task.cancel()
    tree._mark_complete(last)


def throw(my_task: Any, kind: type, code: str | None, payload: dict[str, Any]) -> None:
    """Tell an error or escalation to the nearest activity around, or event sub-process, that has an event for it.

    An error that nobody catches ends the whole instance; an escalation that nobody catches is over.
    """
    event = catcher(my_task, kind, code)
    if event is not None:
        event.tell(payload)
        event.task_spec.fire(event)
    elif kind is ErrorDefinition:
        end_all(my_task.workflow.top_workflow, my_task)


def catcher(my_task: Any, kind: type, code: str | None) -> Any:
    """The event that waits on the border of an activity around a task, or beside it, the innermost first."""
    activity = my_task
    while activity is not None:
        for waiting in (_beside(activity), _standing_by(activity)):
            events = [event for event in waiting if isinstance(event.task_spec.event_definition, kind)]
            for wanted in (code, None):
                for event in events:
                    if event.task_spec.event_definition.code == wanted:
                        return event
        activity = activity.workflow.caller if activity.workflow.parent_task_id is not None else None
    return None


def _beside(activity: Any) -> list[Any]:
    """The events that wait on the border of an activity, or of all its instances."""
    if "index" in activity.internal_data:
        activity = activity.parent
    if not isinstance(activity.parent.task_spec, BoundarySplit):
        return []
    waiting = (event for event in activity.parent.children if event._state == TaskState.WAITING)
    return [event for event in waiting if isinstance(event.task_spec, BoundaryEvent)]


def _standing_by(activity: Any) -> list[Any]:
    """The event sub-processes that wait beside an activity; none begins itself."""
    name = activity.task_spec.name
    waiting = (task for task in activity.workflow.standing() if task._state == TaskState.WAITING)
    return [task for task in waiting if task.task_spec.stands_by and name not in task.task_spec._outputs]
