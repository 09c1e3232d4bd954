"""What the pages for changing an issued plan read."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.models import OccurrenceState, PlanTask, PlanTaskState, TaskGroup, TaskOccurrence
from webapp.plans.places import group_name, place_name


@dataclass(frozen=True, slots=True)
class IssuedTask:
    """A task with what its change needs to know."""

    id: UUID
    place: str
    ordinal: str
    content: str
    group_id: UUID
    groups: tuple[tuple[UUID, str], ...]
    running: int


def find_issued_task(read: Session, tenant_id: UUID, plan_id: UUID, task_id: UUID) -> IssuedTask | None:
    """None where it is no issued task of the plan."""
    task = read.get(PlanTask, task_id)
    if task is None or (task.tenant_id, task.plan_id) != (tenant_id, plan_id):
        return None
    if task.state is not PlanTaskState.ISSUED:
        return None
    groups = read.scalars(sa.select(TaskGroup).where(TaskGroup.plan_id == plan_id).order_by(TaskGroup.position))
    running = sa.select(sa.func.count()).where(
        TaskOccurrence.plan_task_id == task_id, TaskOccurrence.ended_at.is_(None)
    )
    return IssuedTask(
        task.id, place_name(task.group.numeral, task.ordinal), task.ordinal, task.content, task.group_id,
        tuple((group.id, group_name(group.numeral, group.title)) for group in groups), read.scalar(running) or 0,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Awaited:
    """A document that has not come, and how many cases wait for it."""

    text: str
    cases: int


def awaited_documents(read: Session, plan_id: UUID) -> tuple[Awaited, ...]:
    """Each once, as the tasks word it."""
    rows = read.execute(
        sa.select(PlanTask.blocked_until, sa.func.count())
        .join(TaskOccurrence, TaskOccurrence.plan_task_id == PlanTask.id)
        .where(
            PlanTask.plan_id == plan_id, PlanTask.blocked_until.is_not(None),
            TaskOccurrence.state == OccurrenceState.AWAITING_CONDITION,
        )
        .group_by(PlanTask.blocked_until)
        .order_by(PlanTask.blocked_until)
    )  # fmt: skip
    return tuple(Awaited(text or "", cases) for text, cases in rows)
