"""Facts about user tasks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import (
    NO_DUE,
    OPEN_STEP,
    UserTask,
    UserTaskState,
)
from engine.statements import Writes

_user_tasks: Any = UserTask.__table__


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
    within: str | None = None  # the turns of repeated elements that it lies in (`Walk.turns_around`)


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
    due_at: datetime | None


INSERT_USER_TASK = sa.insert(_user_tasks)
_is_open = _user_tasks.c.state == OPEN_STEP
SET_ASSIGNEE = sa.update(_user_tasks).where(by_id(_user_tasks), _is_open).values(assignee_id=sa.bindparam("to"))
COMPLETE_USER_TASK = (
    sa.update(_user_tasks)
    .where(by_id(_user_tasks), _is_open)
    .values(
        state=UserTaskState.COMPLETED,
        completed_at=sa.bindparam("at"),
        completed_by=sa.bindparam("by"),
        on_behalf_of=sa.bindparam("behalf"),
    )
)
CANCEL_USER_TASK = sa.update(_user_tasks).where(by_id(_user_tasks), _is_open).values(state=UserTaskState.CANCELLED)
RESCHEDULE_USER_TASK = (
    sa.update(_user_tasks).where(by_id(_user_tasks)).values(due_at=sa.bindparam("to"), order_at=sa.bindparam("order"))
)


@applies(UserTaskCreated)
def apply_user_task_created(writes: Writes, envelope: Envelope, facts: list[UserTaskCreated]) -> None:
    rows = [
        {
            "id": f.user_task_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "element_id": f.element_id, "name": f.task_name, "form_id": f.form_id, "desk": f.desk,
            "within": f.within, "assignee_id": f.assignee_id, "state": UserTaskState.OPEN, "created_at": envelope.at,
            "due_at": f.due_at, "order_at": f.due_at or NO_DUE,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(INSERT_USER_TASK, rows)


@applies(UserTaskClaimed)
def apply_user_task_claimed(writes: Writes, envelope: Envelope, facts: list[UserTaskClaimed]) -> None:
    writes.add(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": f.assignee_id} for f in facts])


@applies(UserTaskReleased)
def apply_user_task_released(writes: Writes, envelope: Envelope, facts: list[UserTaskReleased]) -> None:
    writes.add(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": None} for f in facts])


@applies(UserTaskAssigned)
def apply_user_task_assigned(writes: Writes, envelope: Envelope, facts: list[UserTaskAssigned]) -> None:
    writes.add(SET_ASSIGNEE, [{"row_id": f.user_task_id, "to": f.assignee_id} for f in facts])


@applies(UserTaskCompleted)
def apply_user_task_completed(writes: Writes, envelope: Envelope, facts: list[UserTaskCompleted]) -> None:
    rows = [
        {"row_id": f.user_task_id, "at": envelope.at, "by": envelope.actor_id, "behalf": envelope.on_behalf_of}
        for f in facts
    ]
    writes.add(COMPLETE_USER_TASK, rows)


@applies(UserTaskCancelled)
def apply_user_task_cancelled(writes: Writes, envelope: Envelope, facts: list[UserTaskCancelled]) -> None:
    writes.add(CANCEL_USER_TASK, [{"row_id": f.user_task_id} for f in facts])


@applies(UserTaskRescheduled)
def apply_user_task_rescheduled(writes: Writes, envelope: Envelope, facts: list[UserTaskRescheduled]) -> None:
    rows = [{"row_id": f.user_task_id, "to": f.due_at, "order": f.due_at or NO_DUE} for f in facts]
    writes.add(RESCHEDULE_USER_TASK, rows)
