"""Stating which reports a plan asks for, so that the calendar opens their cycles."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.cycles.models import CycleKind, CycleState, PlannedCycle, ReportingCycle
from webapp.permissions import Permission
from webapp.plans.issuing import days_in_year, find_plan, in_year, year_of
from webapp.plans.models import Plan, PlanState, TaskOccurrence

REVIEWS = (CycleKind.MIDTERM, CycleKind.FINAL)
FIRST_YEAR, LAST_YEAR = 2020, 2100
KIND_NAMES = {
    CycleKind.YEAR: "Báo cáo năm", CycleKind.NINE_MONTHS: "Báo cáo 9 tháng", CycleKind.HALF_YEAR: "Báo cáo 6 tháng",
    CycleKind.QUARTER: "Báo cáo quý", CycleKind.MONTH: "Báo cáo tháng", CycleKind.MIDTERM: "Sơ kết",
    CycleKind.FINAL: "Tổng kết",
}  # fmt: skip
EVERY = {CycleKind.QUARTER: "hằng quý", CycleKind.MONTH: "hằng tháng"}
"""How often those are asked for that come again within the year; the others "hằng năm", or in one year."""


@fact
@dataclass(frozen=True, slots=True)
class CyclesPlanned(Fact):
    """Which reports a plan asks for, each with its year and both last days."""

    plan_id: UUID
    cycles: list[list[str | None]]  # kind, year, both days


class CannotPlan(Rejected):
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One kind of report that a plan asks for."""

    kind: CycleKind
    year: int | None = None  # of a review
    report_by: date | None = None  # last day in time for the units; of the first one that comes again within the year
    report_by_source: str = ""
    submit_by: date | None = None  # the same for the ward
    submit_by_source: str = ""

    def faults(self) -> Iterator[tuple[str, str]]:
        """What is wrong with it, by field."""
        if self.kind in REVIEWS and not FIRST_YEAR <= (self.year or 0) <= LAST_YEAR:
            yield "year", "Nhập năm làm báo cáo này, gồm bốn chữ số."
        for name in ("report_by", "submit_by"):
            if getattr(self, name) and not getattr(self, f"{name}_source"):
                yield f"{name}_source", "Nhập căn cứ của hạn này: văn bản, mục nào quy định."
        if self.report_by and self.submit_by and self.submit_by <= self.report_by:
            yield "submit_by", "Hạn gửi thành phố phải sau hạn báo cáo của đơn vị."

    def to_fact(self) -> list[str | None]:
        """As the log keeps it."""
        days = (day.isoformat() if day else None for day in (self.report_by, self.submit_by))
        return [self.kind, str(self.year) if self.year else None, *days]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCycles(Command):
    """State all reports that a plan asks for; those that are not named are no longer asked."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    cycles: tuple[Asked, ...]


@handles(PlanCycles)
def plan_cycles(command: PlanCycles, tx: Transaction) -> None:
    """Raises NotFound, CannotPlan."""
    plan = find_plan(tx, command.plan_id)
    if plan.state not in (PlanState.CONFIRMED, PlanState.ISSUED):
        raise CannotPlan("Chỉ đặt được lịch báo cáo của kế hoạch đã xác nhận và chưa đóng.")
    for each in command.cycles:
        for _, fault in each.faults():
            raise CannotPlan(f"{KIND_NAMES[each.kind]}: {fault}")
    since = _planned_before(tx, plan)
    tx.session.execute(sa.delete(PlannedCycle).where(PlannedCycle.plan_id == plan.id))
    tx.session.add_all(_row(plan, each, since.get(each.kind, local_date(tx.now))) for each in command.cycles)
    yearly = next((each for each in command.cycles if each.kind is CycleKind.YEAR), None)
    if yearly is not None:
        _move_plans_days(tx, plan, yearly)
    tx.record(CyclesPlanned(plan.id, [each.to_fact() for each in command.cycles]))


def _planned_before(tx: Transaction, plan: Plan) -> dict[CycleKind, date | None]:
    rows = tx.session.execute(
        sa.select(PlannedCycle.kind, PlannedCycle.planned_on).where(PlannedCycle.plan_id == plan.id)
    )
    return {row.kind: row.planned_on for row in rows}


def _row(plan: Plan, asked: Asked, planned_on: date | None) -> PlannedCycle:
    """The yearly one's days stand on the plan."""
    row = PlannedCycle(
        id=uuid7(), tenant_id=plan.tenant_id, plan_id=plan.id, kind=asked.kind, planned_on=planned_on
    )  # fmt: skip
    if asked.kind in REVIEWS:
        row.year = asked.year
    if asked.kind is not CycleKind.YEAR:
        row.report_by, row.report_by_source = asked.report_by, asked.report_by_source
        row.submit_by, row.submit_by_source = asked.submit_by, asked.submit_by_source
    return row


def plan_yearly(tx: Transaction, plan: Plan) -> None:
    """A plan that names a day for its yearly report asks for one."""
    kinds = sa.select(PlannedCycle.id).where(PlannedCycle.plan_id == plan.id, PlannedCycle.kind == CycleKind.YEAR)
    if plan.report_by is not None and tx.session.scalar(kinds) is None:
        tx.session.add(_row(plan, Asked(kind=CycleKind.YEAR), local_date(tx.now)))


def carry_cycles(tx: Transaction, old: Plan, plan: Plan) -> None:
    """A plan that takes another's place is asked for the same reports, but for those that it states itself."""
    own = set(tx.session.scalars(sa.select(PlannedCycle.kind).where(PlannedCycle.plan_id == plan.id)))
    for row in tx.session.scalars(sa.select(PlannedCycle).where(PlannedCycle.plan_id == old.id)):
        if row.kind not in own:
            asked = Asked(
                kind=row.kind, year=row.year, report_by=row.report_by, report_by_source=row.report_by_source,
                submit_by=row.submit_by, submit_by_source=row.submit_by_source,
            )  # fmt: skip
            tx.session.add(_row(plan, asked, row.planned_on))


def _move_plans_days(tx: Transaction, plan: Plan, yearly: Asked) -> None:
    """The plan's own days, and with them the open cases. Raises CannotPlan while this year's cycle has its own."""
    before = plan.report_by
    if (before, plan.submit_by) != (yearly.report_by, yearly.submit_by):
        _require_no_yearly_cycle(tx, plan)
    plan.report_by, plan.report_by_source = yearly.report_by, yearly.report_by_source
    plan.submit_by, plan.submit_by_source = yearly.submit_by, yearly.submit_by_source
    if plan.report_by is not None and plan.report_by != before:
        _move_cases(tx, plan, before)


def _require_no_yearly_cycle(tx: Transaction, plan: Plan) -> None:
    query = sa.select(ReportingCycle.name).where(
        ReportingCycle.plan_id == plan.id, ReportingCycle.kind == CycleKind.YEAR,
        ReportingCycle.year >= year_of(local_date(tx.now), 0), ReportingCycle.state != CycleState.CLOSED,
    )  # fmt: skip
    if name := tx.session.scalar(query.limit(1)):
        raise CannotPlan(f"Kỳ “{name}” đang mở, có hạn riêng. Hãy dùng “Đổi hạn theo văn bản” ở trang kỳ báo cáo.")


def _move_cases(tx: Transaction, plan: Plan, before: date | None) -> None:
    """Open cases that hang on the plan's day follow it; those with a day of their own keep it."""
    for case in _open_cases(tx, plan):
        day = in_year(plan.report_by, case.last_year, tx.calendar)
        if day is not None and case.due_on in days_in_year(before, case.last_year, tx.calendar):
            dates = {"deadline": day.isoformat(), "report_by": day.isoformat()}
            payload = {"instance_id": case.id, "dates": dates, "reason": plan.report_by_source}
            key = f"move:{case.id}:{plan.id}:{tx.now.isoformat()}"
            tx.enqueue("engine.move_dates", key, payload, instance_id=case.id)


def _open_cases(tx: Transaction, plan: Plan) -> Iterable[TaskOccurrence]:
    return tx.session.scalars(
        sa.select(TaskOccurrence).where(TaskOccurrence.plan_id == plan.id, TaskOccurrence.ended_at.is_(None))
    )
