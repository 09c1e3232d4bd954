"""Facts about what whoever keeps the system running does to a case by hand, each with the reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.facts.user_tasks import RESCHEDULE_USER_TASK, SET_ASSIGNEE
from engine.models import OPEN_STEP, UserTask, UserTaskState
from engine.statements import Writes

_user_tasks: Any = UserTask.__table__


@fact
@dataclass(frozen=True, slots=True)
class UserTaskSkipped(Fact):
    """Nobody did the step; the process went on with the values that were stated for it."""

    user_task_id: UUID
    element_id: str
    values: dict[str, Any]
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class UserTaskFreed(Fact):
    """Taken from whoever held it, back to its desk."""

    user_task_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class DueTimeChanged(Fact):
    user_task_id: UUID
    element_id: str
    due_at: datetime
    previous: datetime | None
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class WentBack(Fact):
    """The case was set back to an earlier step; what was open after it has ended."""

    element_id: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class VariablesAssigned(Fact):
    """What the process itself gave its data: at the start, by a script, as the results of many."""

    element_id: str  # empty: at the start
    values: str  # JSON with dates marked: dotted name → value


@fact
@dataclass(frozen=True, slots=True)
class VariablesRestored(Fact):
    """Data as it stood before a step that the case went back to."""

    values: str  # JSON with dates marked: dotted name → value
    removed: list[str]


@fact
@dataclass(frozen=True, slots=True)
class VariableCorrected(Fact):
    variable: str  # dotted name
    old: str  # JSON with dates marked
    new: str
    reason: str


SKIP_USER_TASK = (
    sa.update(_user_tasks)
    .where(by_id(_user_tasks), _user_tasks.c.state == OPEN_STEP)
    .values(state=UserTaskState.SKIPPED, completed_at=sa.bindparam("at"), completed_by=sa.bindparam("by"))
)


@applies(UserTaskSkipped)
def apply_user_task_skipped(writes: Writes, envelope: Envelope, facts: list[UserTaskSkipped]) -> None:
    rows = [{"row_id": f.user_task_id, "at": envelope.at, "by": envelope.actor_id} for f in facts]
    writes.add(SKIP_USER_TASK, rows)


@applies(UserTaskFreed)
def apply_user_task_freed(writes: Writes, envelope: Envelope, facts: list[UserTaskFreed]) -> None:
    writes.add(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": None} for f in facts])


@applies(DueTimeChanged)
def apply_due_time_changed(writes: Writes, envelope: Envelope, facts: list[DueTimeChanged]) -> None:
    rows = [{"row_id": f.user_task_id, "to": f.due_at, "order": f.due_at} for f in facts]
    writes.add(RESCHEDULE_USER_TASK, rows)
