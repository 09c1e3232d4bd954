"""A plan beside the one that it replaces, as its page shows them."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from webapp.plans.comparing import Fate, Pair, compare
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, TaskGroup
from webapp.plans.places import place_of

OUT = (PlanTaskState.CANCELLED, PlanTaskState.DONE_BEFORE)


@dataclass(frozen=True, slots=True)
class ComparedTask:
    fate: Fate
    before: str  # its place in the earlier plan
    after: str
    content: str
    changes: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    tasks: tuple[ComparedTask, ...]

    def of(self, fate: str) -> tuple[ComparedTask, ...]:
        """Those with one fate."""
        return tuple(task for task in self.tasks if task.fate == fate)


def compare_plans(read: Session, before: UUID, after: UUID) -> Comparison:
    """Both plans of the tenant, as the caller has checked."""
    return Comparison(tuple(map(_task, pairs_of(read, before, after))))


def pairs_of(read: Session, before: UUID, after: UUID) -> tuple[Pair, ...]:
    """The tasks of both that are given out, or will be."""
    return compare(_tasks(read, before), _tasks(read, after))


def _tasks(read: Session, plan_id: UUID) -> list[PlanTask]:
    query = (
        sa.select(PlanTask)
        .where(PlanTask.plan_id == plan_id, PlanTask.state.not_in(OUT))
        .order_by(PlanTask.position)
        .options(selectinload(PlanTask.units), selectinload(PlanTask.group).load_only(TaskGroup.numeral))
    )
    return list(read.scalars(query))


def _task(pair: Pair) -> ComparedTask:
    shown = pair.after or pair.before
    assert shown is not None
    return ComparedTask(
        pair.fate, place_of(pair.before) if pair.before else "", place_of(pair.after) if pair.after else "",
        shown.content, pair.changes,
    )  # fmt: skip


def replaceable_plans(read: Session, tenant_id: UUID, plan_id: UUID) -> list[tuple[UUID, str]]:
    """Plans in force, the newest first."""
    rows = read.execute(
        sa.select(Plan.id, Plan.number, Plan.title)
        .where(Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.id != plan_id)
        .order_by(Plan.id.desc())
        .limit(200)
    )
    return [(id, " ".join(filter(None, (number, title)))[:160]) for id, number, title in rows]
