"""A plan that replaces or corrects another: its cases go on under the new tasks, what is gone ends."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.events import Fact, fact
from engine.transaction import Transaction
from webapp.cycles.planning import carry_cycles
from webapp.indicators.passing_on import pass_on_indicators
from webapp.permissions import Permission
from webapp.plans.changing import cancel_cases_later
from webapp.plans.closing import PlanClosed, StillReported, cycles_before_replacing
from webapp.plans.comparing import Pair, compare
from webapp.plans.facts import PlanIssued
from webapp.plans.issuing import PlanNotReady, find_plan, first_year, require_leads, start_occurrence
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState
from webapp.plans.succession import Succession, cases_to_pass_on, succession
from webapp.plans.taking_over import keep_done, name_of, take_over
from webapp.unit_changes.models import ChangeState, UnitChange


@fact
@dataclass(frozen=True, slots=True)
class PlanReplaces(Fact):
    """A plan that is not issued yet will take the place of another; None: of no other."""

    plan_id: UUID
    replaced_id: UUID | None


@fact
@dataclass(frozen=True, slots=True)
class CasesCarriedOver(Fact):
    plan_id: UUID
    replaced_id: UUID
    carried: int
    begun: int
    ended: int
    done: int = 0  # that were done, and count for the new plan


class NotReplaceable(Rejected):
    kind = Kind.CONFLICT


class CasesOnTheirWay(Rejected):
    """A case that is still at its old unit would be taken for one whose lead leads no more."""

    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacePlan(Command):
    """Say which plan in force a new one takes the place of, before it is issued."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    replaced_id: UUID | None


@handles(ReplacePlan)
def replace_plan(command: ReplacePlan, tx: Transaction) -> None:
    """Raises NotFound, NotReplaceable."""
    plan = find_plan(tx, command.plan_id)
    if plan.state not in (PlanState.DRAFT, PlanState.CONFIRMED):
        raise NotReplaceable("Kế hoạch đã giao việc nên không chọn kế hoạch được thay nữa.")
    if command.replaced_id is not None:
        replaced = find_plan(tx, command.replaced_id)
        if replaced.id == plan.id or replaced.state is not PlanState.ISSUED:
            raise NotReplaceable("Chỉ thay được kế hoạch khác đang thực hiện.")
    if command.replaced_id != plan.replaces_id:
        plan.replaces_id, plan.is_paired = command.replaced_id, False
    tx.record(PlanReplaces(plan.id, command.replaced_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueReplacement(Command):
    """Issue a plan that takes another's place: running cases go on, new ones begin, those of gone tasks end."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID


@handles(IssueReplacement)
def issue_replacement(command: IssueReplacement, tx: Transaction) -> CasesCarriedOver:
    """Return how many cases go on, begin and end.

    Raises NotFound, PlanNotReady, NotReplaceable, StillReported, CasesOnTheirWay.
    """
    plan = find_plan(tx, command.plan_id)
    if plan.state is not PlanState.CONFIRMED or plan.replaces_id is None:
        raise PlanNotReady("Kế hoạch chưa được xác nhận hoặc đã giao việc rồi.")
    old = tx.session.get(Plan, plan.replaces_id)
    if old is None or old.state is not PlanState.ISSUED:
        raise NotReplaceable("Kế hoạch được thay không còn thực hiện. Hãy chọn lại kế hoạch được thay.")
    _require_no_cycle(tx, old)
    _require_no_unit_under_way(tx)
    after = _tasks(plan, PlanTaskState.DRAFT)
    require_leads(after)
    this_year, year = local_date(tx.now).year, first_year(plan, local_date(tx.now))
    cases = cases_to_pass_on(tx.session, old.id)
    pairs = compare(_tasks(old, PlanTaskState.ISSUED), after, guess=not plan.is_paired)
    done = [_pass_on(tx, plan, pair, succession(pair, cases, year, this_year), year) for pair in pairs]
    carried, kept, begun, ended = (sum(counts) for counts in zip(*done, strict=True)) if done else (0, 0, 0, 0)
    _take_place(tx, plan, old)
    tx.record(PlanIssued(plan.id, year, carried + begun))
    over = CasesCarriedOver(plan.id, old.id, carried, begun, ended, kept)
    tx.record(over)
    tx.record(PlanClosed(old.id, old.closed_reason, ended))
    return over


def _require_no_cycle(tx: Transaction, old: Plan) -> None:
    names = [name for _, name in cycles_before_replacing(tx.session, old.id)]
    if names:
        raise StillReported(f"Kế hoạch được thay còn kỳ báo cáo phải xong trước: {', '.join(names)}.")


def _require_no_unit_under_way(tx: Transaction) -> None:
    under_way = UnitChange.tenant_id == tx.tenant_id, UnitChange.state == ChangeState.UNDER_WAY
    change = tx.session.scalar(sa.select(UnitChange).where(*under_way).limit(1))
    if change is not None:
        raise CasesOnTheirWay(f"Việc của {change.unit.name} đang chuyển sang đơn vị mới. Hãy đợi chuyển xong rồi giao.")


def _tasks(plan: Plan, state: PlanTaskState) -> list[PlanTask]:
    return [task for group in plan.groups for task in group.tasks if task.state is state]


def _pass_on(tx: Transaction, plan: Plan, pair: Pair, cases: Succession, year: int) -> tuple[int, int, int, int]:
    """Return how many cases of a task go on, are done, begin and end."""
    if pair.after is not None:
        pair.after.state = PlanTaskState.ISSUED
        pair.after.continues_id = pair.before.id if pair.before else None
        for case in cases.carried:
            take_over(tx, plan, pair.after, case)
        for case in cases.done:
            keep_done(tx, plan, pair.after, case)
        for unit_id in cases.begun:
            start_occurrence(tx, plan, pair.after, year, unit_id)
        if pair.before is not None:
            pass_on_indicators(tx, plan.id, pair.before.id, pair.after.id)
    cancel_cases_later(tx, [case.id for case in cases.ended], f"Được thay bằng {name_of(plan)}")
    return len(cases.carried), len(cases.done), len(cases.begun), len(cases.ended)


def _take_place(tx: Transaction, plan: Plan, old: Plan) -> None:
    carry_cycles(tx, old, plan)
    plan.state, plan.issued_at = PlanState.ISSUED, tx.now
    old.state, old.closed_at, old.closed_reason = PlanState.CLOSED, tx.now, f"Được thay bằng {name_of(plan)}"
