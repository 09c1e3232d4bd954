"""When a plan's cycles fall due, year by year, and which of them the calendar opens now."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.calendar import Calendar, local_date
from webapp.cycles.models import CycleKind, PlannedCycle, ReportingCycle
from webapp.plans.issuing import in_year, year_of
from webapp.plans.models import Plan, PlanState, TaskOccurrence
from webapp.plans.reading.times_of_year import QUARTERS

OPENS_BEFORE = 20
"""Working days between a cycle's opening and the last day for the units (procedures.md: report_cycle)."""
LAST_MONTH_OF_FIRST_HALF = 8
"""Until then a half-yearly report is about the first half."""

_NAMES = {
    CycleKind.YEAR: "Năm {}", CycleKind.HALF_YEAR: "6 tháng đầu năm {}", CycleKind.MIDTERM: "Sơ kết năm {}",
    CycleKind.FINAL: "Tổng kết năm {}", CycleKind.AD_HOC: "Đột xuất năm {}",
}  # fmt: skip
_SAID_OF_KINDS = {
    "6 tháng": CycleKind.HALF_YEAR, "sơ kết": CycleKind.MIDTERM, "tổng kết": CycleKind.FINAL,
    "đột xuất": CycleKind.AD_HOC, "quý": CycleKind.AD_HOC, "tháng": CycleKind.AD_HOC, "năm": CycleKind.YEAR,
}  # fmt: skip
_QUARTER = re.compile(r"\bquý\s+(IV|III|II|I|[1-4])\b", re.IGNORECASE)


def name_of(kind: CycleKind, year: int) -> str:
    """What a cycle of the calendar is called."""
    return _NAMES[kind].format(year)


def kind_of(name: str) -> CycleKind:
    """What a cycle's name says of its kind, the more particular words first; else it is a snapshot."""
    said = (kind for words, kind in _SAID_OF_KINDS.items() if words in name.lower())
    return next(said, CycleKind.AD_HOC)


def day_in(day: date | None, kind: CycleKind, year: int, since: int, calendar: Calendar) -> date | None:
    """A last day in time as it falls for the report on `year`; that of a review is for one year only."""
    if day is None or kind in (CycleKind.MIDTERM, CycleKind.FINAL):
        return day
    return in_year(day, year + day.year - year_of(day, since), calendar)


def quarter_of(name: str, year: int) -> tuple[date, date] | None:
    """First and last day of the quarter that a cycle's name says; None where it says none."""
    if (found := _QUARTER.search(name)) is None:
        return None
    last = QUARTERS[found[1].lower()] * 3
    return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A cycle of a plan that comes, or has come."""

    plan_id: UUID
    kind: CycleKind
    year: int
    last_day: date  # for the units; the end of what is reported where no document names one
    opens_on: date

    @property
    def name(self) -> str:
        """What the calendar calls it."""
        return name_of(self.kind, self.year)


def cycles_due(
    plan_id: UUID,
    kind: CycleKind,
    year: int | None,
    report_by: date | None,
    since: int,
    years: Iterable[int],
    calendar: Calendar,
) -> Iterator[DueCycle]:
    """The cycles of one kind over some years, from the first that its day is about; the plan is of the year `since`."""
    first = year_of(report_by, since) if report_by else since
    for each in years:
        if each == year or (year is None and each >= first):
            last_day = day_in(report_by, kind, each, since, calendar) or calendar.on_or_before(
                _end_of_period(kind, each)
            )
            yield DueCycle(plan_id, kind, each, last_day, calendar.shift(last_day, -OPENS_BEFORE))


def _end_of_period(kind: CycleKind, year: int) -> date:
    return date(year, 6, 30) if kind is CycleKind.HALF_YEAR else date(year, 12, 31)


def cycles_to_open(connection: Connection, tenant_id: UUID, calendar: Calendar, today: date) -> list[DueCycle]:
    """Those whose day has come and that nobody has opened; missed ones of this year and the last too.

    What was over when the plan was issued here, and a year in which it has no cases, are not asked.
    """
    due = [
        cycle
        for row in connection.execute(_planned(tenant_id))
        for cycle in cycles_due(
            row.id, row.kind, row.year, row.report_by, (row.issued_on or row.issued_at).year,
            (today.year - 1, today.year), calendar,
        )
        if cycle.opens_on <= today and cycle.last_day >= local_date(row.issued_at)
    ]  # fmt: skip
    return list(_unopened(connection, due)) if due else []


def _planned(tenant_id: UUID) -> sa.Select[Any]:
    report_by = sa.case((PlannedCycle.kind == CycleKind.YEAR, Plan.report_by), else_=PlannedCycle.report_by)
    return (
        sa.select(
            Plan.id, PlannedCycle.kind, PlannedCycle.year, report_by.label("report_by"), Plan.issued_on, Plan.issued_at
        )
        .join(PlannedCycle, PlannedCycle.plan_id == Plan.id)
        .where(Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.issued_at.is_not(None))
        .order_by(Plan.id, PlannedCycle.id)
    )


def _unopened(connection: Connection, due: list[DueCycle]) -> Iterator[DueCycle]:
    plans = {cycle.plan_id for cycle in due}
    table = ReportingCycle
    opened = connection.execute(
        sa.select(table.plan_id, table.kind, table.year, table.name).where(table.plan_id.in_(plans))
    ).all()
    known = {row[:3] for row in opened} | {(row.plan_id, row.name) for row in opened}
    left = [c for c in due if not known & {(c.plan_id, c.kind, c.year), (c.plan_id, c.name)}]
    cases = TaskOccurrence.plan_id.in_({cycle.plan_id for cycle in left})
    asked = connection.execute(sa.select(TaskOccurrence.plan_id, TaskOccurrence.year).where(cases).distinct()).all()
    return (cycle for cycle in left if (cycle.plan_id, cycle.year) in asked)
