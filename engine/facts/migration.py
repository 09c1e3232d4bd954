"""Facts about cases that are moved to another version of their procedure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import NO_DUE, MessageSubscription, ProcessInstance, Timer, TimerState, UserTask
from engine.statements import Writes

_instances: Any = ProcessInstance.__table__
_user_tasks: Any = UserTask.__table__
_timers: Any = Timer.__table__
_subscriptions: Any = MessageSubscription.__table__


@fact
@dataclass(frozen=True, slots=True)
class InstanceMigrated(Fact):
    """The case goes on in another version; what it waits for keeps its ids."""

    definition_id: UUID
    previous_id: UUID
    renamed: dict[str, str]  # places that have another id there
    let_go: list[str]  # events that are not waited for any more
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class UserTaskCarried(Fact):
    """An open step as the new version describes it."""

    user_task_id: UUID
    element_id: str
    task_name: str
    form_id: str
    desk: str
    assignee_id: UUID | None
    due_at: datetime | None


@fact
@dataclass(frozen=True, slots=True)
class TimerCarried(Fact):
    timer_id: UUID
    element_id: str


@fact
@dataclass(frozen=True, slots=True)
class SubscriptionCarried(Fact):
    subscription_id: UUID
    element_id: str
    message: str


SET_DEFINITION = sa.update(_instances).where(by_id(_instances)).values(definition_id=sa.bindparam("to"))
CARRY_USER_TASK = (
    sa.update(_user_tasks)
    .where(by_id(_user_tasks))
    .values(
        {n: sa.bindparam(n) for n in ("element_id", "name", "form_id", "desk", "assignee_id", "due_at", "order_at")}
    )
)
_waits = _timers.c.state == TimerState.WAITING
_to_element: dict[str, Any] = {"element_id": sa.bindparam("element")}
CARRY_TIMERS_OF = (
    sa.update(_timers)
    .where(_timers.c.instance_id == sa.bindparam("instance"), _waits, _timers.c.user_task_id == sa.bindparam("task"))
    .values(_to_element)
)
CARRY_TIMER = sa.update(_timers).where(by_id(_timers), _waits).values(_to_element)
CARRY_SUBSCRIPTION = (
    sa.update(_subscriptions)
    .where(by_id(_subscriptions))
    .values(element_id=sa.bindparam("element"), message=sa.bindparam("awaited"))
)


@applies(InstanceMigrated)
def apply_instance_migrated(writes: Writes, envelope: Envelope, facts: list[InstanceMigrated]) -> None:
    writes.add(SET_DEFINITION, [{"row_id": envelope.stream, "to": f.definition_id} for f in facts])


@applies(UserTaskCarried)
def apply_user_task_carried(writes: Writes, envelope: Envelope, facts: list[UserTaskCarried]) -> None:
    rows = [
        {
            "row_id": f.user_task_id, "element_id": f.element_id, "name": f.task_name, "form_id": f.form_id,
            "desk": f.desk, "assignee_id": f.assignee_id, "due_at": f.due_at, "order_at": f.due_at or NO_DUE,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(CARRY_USER_TASK, rows)
    steps = [{"instance": envelope.stream, "task": f.user_task_id, "element": f.element_id} for f in facts]
    writes.add(CARRY_TIMERS_OF, steps)


@applies(TimerCarried)
def apply_timer_carried(writes: Writes, envelope: Envelope, facts: list[TimerCarried]) -> None:
    writes.add(CARRY_TIMER, [{"row_id": f.timer_id, "element": f.element_id} for f in facts])


@applies(SubscriptionCarried)
def apply_subscription_carried(writes: Writes, envelope: Envelope, facts: list[SubscriptionCarried]) -> None:
    rows = [{"row_id": f.subscription_id, "element": f.element_id, "awaited": f.message} for f in facts]
    writes.add(CARRY_SUBSCRIPTION, rows)
