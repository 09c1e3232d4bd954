"""Facts about timers: those of the drawing, and the levels of reminders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import (
    Timer,
    TimerKind,
    TimerState,
)
from engine.statements import Writes

_timers: Any = Timer.__table__


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
    ahead: str = ""  # of a reminder: its level and those after it


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
    .where(by_id(_timers), _waits)
    .values(state=TimerState.FIRED, fired_at=sa.bindparam("at"), late=sa.bindparam("was_late"))
)
CANCEL_TIMER = sa.delete(_timers).where(by_id(_timers), _waits)
CANCEL_TIMERS_OF = sa.delete(_timers).where(
    _timers.c.instance_id == sa.bindparam("instance"), _waits, _timers.c.user_task_id == sa.bindparam("task")
)
MOVE_TIMER = (
    sa.update(_timers).where(by_id(_timers), _waits).values(due_at=sa.bindparam("to"), fire_at=sa.bindparam("to"))
)


@applies(TimerScheduled)
def apply_timer_scheduled(writes: Writes, envelope: Envelope, facts: list[TimerScheduled]) -> None:
    rows = [
        {
            "id": f.timer_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "user_task_id": f.user_task_id, "element_id": f.element_id, "kind": f.kind, "level": f.level,
            "ahead": f.ahead, "recipients": f.recipients, "due_at": f.due_at, "fire_at": f.due_at,
            "state": TimerState.WAITING, "late": False, "attempts": 0,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(INSERT_TIMER, rows)


@applies(TimerFired)
def apply_timer_fired(writes: Writes, envelope: Envelope, facts: list[TimerFired]) -> None:
    writes.add(FIRE_TIMER, [{"row_id": f.timer_id, "at": envelope.at, "was_late": f.late} for f in facts])


@applies(TimerCancelled)
def apply_timer_cancelled(writes: Writes, envelope: Envelope, facts: list[TimerCancelled]) -> None:
    writes.add(CANCEL_TIMER, [{"row_id": f.timer_id} for f in facts])


@applies(UserTaskTimersCancelled)
def apply_user_task_timers_cancelled(writes: Writes, envelope: Envelope, facts: list[UserTaskTimersCancelled]) -> None:
    writes.add(CANCEL_TIMERS_OF, [{"instance": envelope.stream, "task": f.user_task_id} for f in facts])


@applies(TimerMoved)
def apply_timer_moved(writes: Writes, envelope: Envelope, facts: list[TimerMoved]) -> None:
    writes.add(MOVE_TIMER, [{"row_id": f.timer_id, "to": f.due_at} for f in facts])
