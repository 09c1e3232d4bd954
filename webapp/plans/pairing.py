"""Which task of a replacing plan goes on as which of the old one, where a person knows better than their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.command import Command, handles
from engine.errors import NotFound
from engine.events import Fact, fact
from engine.transaction import Transaction
from webapp.permissions import Permission
from webapp.plans.comparing import Pair, compare
from webapp.plans.issuing import find_plan
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, TaskGroup
from webapp.plans.replacing import NotReplaceable

OUT = (PlanTaskState.CANCELLED, PlanTaskState.DONE_BEFORE)


@fact
@dataclass(frozen=True, slots=True)
class TaskPaired(Fact):
    """A task goes on as one of the old plan; None: it is new."""

    plan_id: UUID
    plan_task_id: UUID
    continues_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTask(Command):
    """Say as which task of the old plan one goes on, or that it is new; what stands beside the others stays so."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    plan_task_id: UUID
    continues_id: UUID | None


@handles(PairTask)
def pair_task(command: PairTask, tx: Transaction) -> None:
    """Raises NotFound, NotReplaceable."""
    plan = find_plan(tx, command.plan_id)
    if plan.state not in (PlanState.DRAFT, PlanState.CONFIRMED) or plan.replaces_id is None:
        raise NotReplaceable("Kế hoạch đã giao việc, hoặc không thay kế hoạch nào, nên không nối nhiệm vụ được.")
    pairs = pairs_of(tx.session, plan.replaces_id, plan.id)
    after = {pair.after.id: pair for pair in pairs if pair.after}
    if command.plan_task_id not in after or command.continues_id not in {None, *_before(pairs)}:
        raise NotFound
    for id, pair in after.items():
        assert pair.after is not None
        kept = pair.before.id if pair.before and pair.before.id != command.continues_id else None
        pair.after.continues_id = command.continues_id if id == command.plan_task_id else kept
    plan.is_paired = True
    tx.record(TaskPaired(plan.id, command.plan_task_id, command.continues_id))


def _before(pairs: Sequence[Pair]) -> set[UUID]:
    return {pair.before.id for pair in pairs if pair.before}


def pairs_of(read: Session, before: UUID, after: UUID) -> tuple[Pair, ...]:
    """The tasks of two plans that are given out, or will be: as a person has said, else by their words."""
    is_paired = read.scalar(sa.select(Plan.is_paired).where(Plan.id == after))
    return compare(_tasks(read, before), _tasks(read, after), guess=not is_paired)


def _tasks(read: Session, plan_id: UUID) -> list[PlanTask]:
    query = (
        sa.select(PlanTask)
        .where(PlanTask.plan_id == plan_id, PlanTask.state.not_in(OUT))
        .order_by(PlanTask.position)
        .options(selectinload(PlanTask.units), selectinload(PlanTask.group).load_only(TaskGroup.numeral))
    )
    return list(read.scalars(query))
