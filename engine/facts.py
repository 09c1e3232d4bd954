"""The engine's own facts, and the appliers that turn them into rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.models import (
    NO_DUE,
    Incident,
    IncidentState,
    InstanceState,
    MessageSubscription,
    ProcessInstance,
    Timer,
    TimerKind,
    TimerState,
    UserTask,
    UserTaskState,
)
from engine.text import fold

_instances: Any = ProcessInstance.__table__
_user_tasks: Any = UserTask.__table__
_timers: Any = Timer.__table__
_subscriptions: Any = MessageSubscription.__table__
_incidents: Any = Incident.__table__


def _by_id(table: Any) -> Any:
    return table.c.id == sa.bindparam("row_id")


# --- instances ---


@fact
@dataclass(frozen=True, slots=True)
class InstanceStarted(Fact):
    instance_id: UUID
    definition_id: UUID
    key: str
    business_key: str
    title: str
    parties: str  # JSON: party → unit id
    dates: str  # JSON: name → last day in time


@fact
@dataclass(frozen=True, slots=True)
class InstanceAdvanced(Fact):
    """The state snapshot that this event leaves behind."""

    state_hash: str


@fact
@dataclass(frozen=True, slots=True)
class InstanceEnded(Fact):
    outcome: InstanceState
    reason: str | None = None


@fact
@dataclass(frozen=True, slots=True)
class InstanceSuspended(Fact):
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class InstanceResumed(Fact):
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class DatesChanged(Fact):
    dates: str
    previous: str
    reason: str


INSERT_INSTANCE = sa.insert(_instances)
END_INSTANCE = (
    sa.update(_instances).where(_by_id(_instances)).values(state=sa.bindparam("to"), ended_at=sa.bindparam("at"))
)
SET_INSTANCE_STATE = sa.update(_instances).where(_by_id(_instances)).values(state=sa.bindparam("to"))
SET_DATES = sa.update(_instances).where(_by_id(_instances)).values(dates=sa.bindparam("to"))


@applies(InstanceStarted)
def apply_instance_started(connection: sa.Connection, envelope: Envelope, facts: list[InstanceStarted]) -> None:
    rows = [
        {
            "id": f.instance_id, "tenant_id": envelope.tenant_id, "definition_id": f.definition_id, "key": f.key,
            "business_key": f.business_key, "title": f.title, "search_text": fold(f.title),
            "parties": f.parties, "dates": f.dates,
            "state": InstanceState.ACTIVE, "initiator_id": envelope.actor_id, "started_at": envelope.at,
        }
        for f in facts
    ]  # fmt: skip
    connection.execute(INSERT_INSTANCE, rows)


@applies(InstanceEnded)
def apply_instance_ended(connection: sa.Connection, envelope: Envelope, facts: list[InstanceEnded]) -> None:
    rows = [{"row_id": envelope.stream, "to": InstanceState(f.outcome), "at": envelope.at} for f in facts]
    connection.execute(END_INSTANCE, rows)


@applies(InstanceSuspended)
def apply_instance_suspended(connection: sa.Connection, envelope: Envelope, facts: list[InstanceSuspended]) -> None:
    connection.execute(SET_INSTANCE_STATE, {"row_id": envelope.stream, "to": InstanceState.SUSPENDED})


@applies(InstanceResumed)
def apply_instance_resumed(connection: sa.Connection, envelope: Envelope, facts: list[InstanceResumed]) -> None:
    connection.execute(SET_INSTANCE_STATE, {"row_id": envelope.stream, "to": InstanceState.ACTIVE})


@applies(DatesChanged)
def apply_dates_changed(connection: sa.Connection, envelope: Envelope, facts: list[DatesChanged]) -> None:
    connection.execute(SET_DATES, [{"row_id": envelope.stream, "to": f.dates} for f in facts])


# --- user tasks ---


@fact
@dataclass(frozen=True, slots=True)
class UserTaskCreated(Fact):
    user_task_id: UUID
    element_id: str
    task_name: str
    form_id: str
    desk: str  # role@unit
    assignee_id: UUID | None
    due_at: datetime | None


@fact
@dataclass(frozen=True, slots=True)
class UserTaskClaimed(Fact):
    user_task_id: UUID
    assignee_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UserTaskReleased(Fact):
    user_task_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UserTaskAssigned(Fact):
    """Handed to a colleague by somebody else."""

    user_task_id: UUID
    assignee_id: UUID
    reason: str | None


@fact
@dataclass(frozen=True, slots=True)
class UserTaskCompleted(Fact):
    user_task_id: UUID
    element_id: str
    submission_id: UUID
    data_hash: str  # of the submission's exact text


@fact
@dataclass(frozen=True, slots=True)
class UserTaskCancelled(Fact):
    user_task_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UserTaskRescheduled(Fact):
    user_task_id: UUID
    due_at: datetime


INSERT_USER_TASK = sa.insert(_user_tasks)
_is_open = _user_tasks.c.state == UserTaskState.OPEN
SET_ASSIGNEE = sa.update(_user_tasks).where(_by_id(_user_tasks), _is_open).values(assignee_id=sa.bindparam("to"))
COMPLETE_USER_TASK = (
    sa.update(_user_tasks)
    .where(_by_id(_user_tasks), _is_open)
    .values(
        state=UserTaskState.COMPLETED,
        completed_at=sa.bindparam("at"),
        completed_by=sa.bindparam("by"),
        on_behalf_of=sa.bindparam("behalf"),
    )
)
CANCEL_USER_TASK = sa.update(_user_tasks).where(_by_id(_user_tasks), _is_open).values(state=UserTaskState.CANCELLED)
RESCHEDULE_USER_TASK = (
    sa.update(_user_tasks).where(_by_id(_user_tasks)).values(due_at=sa.bindparam("to"), order_at=sa.bindparam("to"))
)


@applies(UserTaskCreated)
def apply_user_task_created(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskCreated]) -> None:
    rows = [
        {
            "id": f.user_task_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "element_id": f.element_id, "name": f.task_name, "form_id": f.form_id, "desk": f.desk,
            "assignee_id": f.assignee_id, "state": UserTaskState.OPEN, "created_at": envelope.at,
            "due_at": f.due_at, "order_at": f.due_at or NO_DUE,
        }
        for f in facts
    ]  # fmt: skip
    connection.execute(INSERT_USER_TASK, rows)


@applies(UserTaskClaimed)
def apply_user_task_claimed(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskClaimed]) -> None:
    connection.execute(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": f.assignee_id} for f in facts])


@applies(UserTaskReleased)
def apply_user_task_released(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskReleased]) -> None:
    connection.execute(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": None} for f in facts])


@applies(UserTaskAssigned)
def apply_user_task_assigned(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskAssigned]) -> None:
    connection.execute(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": f.assignee_id} for f in facts])


@applies(UserTaskCompleted)
def apply_user_task_completed(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskCompleted]) -> None:
    rows = [
        {"row_id": f.user_task_id, "at": envelope.at, "by": envelope.actor_id, "behalf": envelope.on_behalf_of}
        for f in facts
    ]
    connection.execute(COMPLETE_USER_TASK, rows)


@applies(UserTaskCancelled)
def apply_user_task_cancelled(connection: sa.Connection, envelope: Envelope, facts: list[UserTaskCancelled]) -> None:
    connection.execute(CANCEL_USER_TASK, [{"row_id": f.user_task_id} for f in facts])


@applies(UserTaskRescheduled)
def apply_user_task_rescheduled(
    connection: sa.Connection, envelope: Envelope, facts: list[UserTaskRescheduled]
) -> None:
    connection.execute(RESCHEDULE_USER_TASK, [{"row_id": f.user_task_id, "to": f.due_at} for f in facts])


# --- timers ---


@fact
@dataclass(frozen=True, slots=True)
class TimerScheduled(Fact):
    timer_id: UUID
    user_task_id: UUID | None
    element_id: str
    kind: TimerKind
    level: str
    recipients: str
    due_at: datetime


@fact
@dataclass(frozen=True, slots=True)
class TimerFired(Fact):
    timer_id: UUID
    element_id: str
    user_task_id: UUID | None
    kind: TimerKind
    level: str
    recipients: str
    due_at: datetime
    late: bool  # fired noticeably after its moment, after an outage


@fact
@dataclass(frozen=True, slots=True)
class TimerCancelled(Fact):
    timer_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UserTaskTimersCancelled(Fact):
    """All timers of a step that has ended."""

    user_task_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class TimerMoved(Fact):
    timer_id: UUID
    due_at: datetime


INSERT_TIMER = sa.insert(_timers)
_waits = _timers.c.state == TimerState.WAITING
FIRE_TIMER = (
    sa.update(_timers)
    .where(_by_id(_timers), _waits)
    .values(state=TimerState.FIRED, fired_at=sa.bindparam("at"), late=sa.bindparam("was_late"))
)
CANCEL_TIMER = sa.update(_timers).where(_by_id(_timers), _waits).values(state=TimerState.CANCELLED)
CANCEL_TIMERS_OF = (
    sa.update(_timers).where(_timers.c.user_task_id == sa.bindparam("task"), _waits).values(state=TimerState.CANCELLED)
)
MOVE_TIMER = (
    sa.update(_timers).where(_by_id(_timers), _waits).values(due_at=sa.bindparam("to"), fire_at=sa.bindparam("to"))
)


@applies(TimerScheduled)
def apply_timer_scheduled(connection: sa.Connection, envelope: Envelope, facts: list[TimerScheduled]) -> None:
    rows = [
        {
            "id": f.timer_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "user_task_id": f.user_task_id, "element_id": f.element_id, "kind": f.kind, "level": f.level,
            "recipients": f.recipients, "due_at": f.due_at, "fire_at": f.due_at, "state": TimerState.WAITING,
            "late": False, "attempts": 0,
        }
        for f in facts
    ]  # fmt: skip
    connection.execute(INSERT_TIMER, rows)


@applies(TimerFired)
def apply_timer_fired(connection: sa.Connection, envelope: Envelope, facts: list[TimerFired]) -> None:
    connection.execute(FIRE_TIMER, [{"row_id": f.timer_id, "at": envelope.at, "was_late": f.late} for f in facts])


@applies(TimerCancelled)
def apply_timer_cancelled(connection: sa.Connection, envelope: Envelope, facts: list[TimerCancelled]) -> None:
    connection.execute(CANCEL_TIMER, [{"row_id": f.timer_id} for f in facts])


@applies(UserTaskTimersCancelled)
def apply_user_task_timers_cancelled(
    connection: sa.Connection, envelope: Envelope, facts: list[UserTaskTimersCancelled]
) -> None:
    connection.execute(CANCEL_TIMERS_OF, [{"task": f.user_task_id} for f in facts])


@applies(TimerMoved)
def apply_timer_moved(connection: sa.Connection, envelope: Envelope, facts: list[TimerMoved]) -> None:
    connection.execute(MOVE_TIMER, [{"row_id": f.timer_id, "to": f.due_at} for f in facts])


# --- messages ---


@fact
@dataclass(frozen=True, slots=True)
class SubscriptionOpened(Fact):
    subscription_id: UUID
    element_id: str
    message: str


@fact
@dataclass(frozen=True, slots=True)
class SubscriptionClosed(Fact):
    subscription_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class MessageDelivered(Fact):
    element_id: str
    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class MessageKept(Fact):
    """Nobody waited for it yet."""

    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class MessageSent(Fact):
    """The process itself sent it; subscribers decide who gets it."""

    element_id: str
    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class ServiceRequested(Fact):
    task_id: UUID
    element_id: str
    service: str


@fact
@dataclass(frozen=True, slots=True)
class ServiceCompleted(Fact):
    task_id: UUID
    element_id: str
    result: dict[str, Any]


INSERT_SUBSCRIPTION = sa.insert(_subscriptions)
DELETE_SUBSCRIPTION = sa.delete(_subscriptions).where(_by_id(_subscriptions))


@applies(SubscriptionOpened)
def apply_subscription_opened(connection: sa.Connection, envelope: Envelope, facts: list[SubscriptionOpened]) -> None:
    rows = [
        {
            "id": f.subscription_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "element_id": f.element_id, "message": f.message,
        }
        for f in facts
    ]  # fmt: skip
    connection.execute(INSERT_SUBSCRIPTION, rows)


@applies(SubscriptionClosed)
def apply_subscription_closed(connection: sa.Connection, envelope: Envelope, facts: list[SubscriptionClosed]) -> None:
    connection.execute(DELETE_SUBSCRIPTION, [{"row_id": f.subscription_id} for f in facts])


# --- incidents ---


@fact
@dataclass(frozen=True, slots=True)
class IncidentRaised(Fact):
    incident_id: UUID
    instance_id: UUID | None
    job_id: UUID | None
    timer_id: UUID | None
    element_id: str | None
    message: str
    detail: str


@fact
@dataclass(frozen=True, slots=True)
class IncidentResolved(Fact):
    incident_id: UUID
    resolution: str


INSERT_INCIDENT = sa.insert(_incidents)
RESOLVE_INCIDENT = (
    sa.update(_incidents)
    .where(_by_id(_incidents), _incidents.c.state == IncidentState.OPEN)
    .values(
        state=IncidentState.RESOLVED,
        resolved_at=sa.bindparam("at"),
        resolved_by=sa.bindparam("by"),
        resolution=sa.bindparam("why"),
    )
)


@applies(IncidentRaised)
def apply_incident_raised(connection: sa.Connection, envelope: Envelope, facts: list[IncidentRaised]) -> None:
    rows = [
        {
            "id": f.incident_id, "tenant_id": envelope.tenant_id, "instance_id": f.instance_id, "job_id": f.job_id,
            "timer_id": f.timer_id, "element_id": f.element_id, "message": f.message, "detail": f.detail,
            "state": IncidentState.OPEN, "created_at": envelope.at,
        }
        for f in facts
    ]  # fmt: skip
    connection.execute(INSERT_INCIDENT, rows)


@applies(IncidentResolved)
def apply_incident_resolved(connection: sa.Connection, envelope: Envelope, facts: list[IncidentResolved]) -> None:
    rows = [{"row_id": f.incident_id, "at": envelope.at, "by": envelope.actor_id, "why": f.resolution} for f in facts]
    connection.execute(RESOLVE_INCIDENT, rows)


# --- definitions ---


@fact
@dataclass(frozen=True, slots=True)
class DefinitionDeployed(Fact):
    definition_id: UUID
    key: str
    version: int
    content_hash: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class ClockMoved(Fact):
    ahead_seconds: int
