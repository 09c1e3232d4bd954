"""Facts about the units that take part in a case, when one takes another's place."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import OPEN_STEP, ProcessInstance, Timer, TimerState, UserTask
from engine.statements import Writes

_instances: Any = ProcessInstance.__table__
_user_tasks: Any = UserTask.__table__
_timers: Any = Timer.__table__


@fact
@dataclass(frozen=True, slots=True)
class PartiesChanged(Fact):
    parties: str  # JSON: party → unit id
    previous: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class UserTaskMoved(Fact):
    """An open step waits at another unit's desk now; without an assignee its new desk has it."""

    user_task_id: UUID
    desk: str  # role@unit
    assignee_id: UUID | None


@fact
@dataclass(frozen=True, slots=True)
class TimerReaddressed(Fact):
    """A reminder goes to other desks."""

    timer_id: UUID
    recipients: str


SET_PARTIES = sa.update(_instances).where(by_id(_instances)).values(parties=sa.bindparam("to"))
MOVE_USER_TASK = (
    sa.update(_user_tasks)
    .where(by_id(_user_tasks), _user_tasks.c.state == OPEN_STEP)
    .values(desk=sa.bindparam("to"), assignee_id=sa.bindparam("holder"))
)
READDRESS_TIMER = (
    sa.update(_timers)
    .where(by_id(_timers), _timers.c.state == TimerState.WAITING)
    .values(recipients=sa.bindparam("to"))
)


@applies(PartiesChanged)
def apply_parties_changed(writes: Writes, envelope: Envelope, facts: list[PartiesChanged]) -> None:
    writes.add(SET_PARTIES, [{"row_id": envelope.stream, "to": f.parties} for f in facts])


@applies(UserTaskMoved)
def apply_user_task_moved(writes: Writes, envelope: Envelope, facts: list[UserTaskMoved]) -> None:
    rows = [{"row_id": f.user_task_id, "to": f.desk, "holder": f.assignee_id} for f in facts]
    writes.add(MOVE_USER_TASK, rows)


@applies(TimerReaddressed)
def apply_timer_readdressed(writes: Writes, envelope: Envelope, facts: list[TimerReaddressed]) -> None:
    writes.add(READDRESS_TIMER, [{"row_id": f.timer_id, "to": f.recipients} for f in facts])
