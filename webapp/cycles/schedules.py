"""When a plan's cycles fall due, year by year, and which of them the calendar opens now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.calendar import Calendar, local_date
from webapp.cycles.models import CycleKind, PlannedCycle, ReportingCycle
from webapp.cycles.periods import MONTHS, TIMES, Period, day_in, period_of, period_on, periods_in
from webapp.plans.issuing import year_of
from webapp.plans.lineage import LINEAGE
from webapp.plans.models import Plan, PlanState, TaskOccurrence

OPENS_BEFORE = 20
"""Working days between a cycle's opening and the last day for the units (procedures.md: report_cycle)."""
MONTHLY_OPENS_BEFORE = 10
"""The same of a month's: the units then have reported on the month before."""

Longest = dict[tuple[UUID, str, date], int]
"""By plan and the last day that is reported on ("ends"), or on which units report ("owed"): how many months the longest
is about.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A kind of report of a plan, as far as its days go."""

    plan_id: UUID
    since: int  # the plan's year
    kind: CycleKind
    year: int | None = None  # of a review
    planned_on: date | None = None
    report_by: date | None = None


@dataclass(frozen=True, slots=True)
class DueCycle:
    """A cycle of a plan that comes, or has come."""

    plan_id: UUID
    period: Period
    last_day: date  # for the units; the end of what is reported where no document names one
    opens_on: date
    has_day: bool  # that a document names


def cycles_due(planned: Planned, years: Iterable[int], calendar: Calendar) -> Iterator[DueCycle]:
    """The cycles of one kind over some years, from the first that its day is about.

    What comes again within the year, or has no day, is not asked where it was over when it was planned.
    """
    before = MONTHLY_OPENS_BEFORE if planned.kind is CycleKind.MONTH else OPENS_BEFORE
    for period in periods_in(planned.kind, years):
        day = day_in(planned.report_by, period, planned.since, calendar)
        last_day = day or calendar.on_or_before(period.ends)
        was_over = planned.planned_on is not None and last_day < planned.planned_on
        if _is_asked(planned, period) and not (was_over and (day is None or planned.kind in TIMES)):
            yield DueCycle(planned.plan_id, period, last_day, calendar.shift(last_day, -before), day is not None)


def _is_asked(planned: Planned, period: Period) -> bool:
    if planned.year is not None:
        return period.year == planned.year
    if planned.report_by is None:
        return period.year >= planned.since
    if planned.kind in TIMES:
        return period.ends >= period_on(planned.kind, planned.report_by).ends
    return period.year >= year_of(planned.report_by, planned.since)


def standing_for_others(due: Iterable[DueCycle]) -> Longest:
    """Which reports stand for shorter ones: the half-year's for the second quarter's."""
    longest: Longest = {}
    for cycle in due:
        _note(longest, cycle.plan_id, cycle.period, cycle.last_day)
    return longest


def months_standing_for(cycle: DueCycle, longest: Longest) -> int:
    """How many months the longer report is about that stands for a cycle's; 0 where none does.

    It ends with it, or the units owe it by the same day: they are not asked twice in the same days.
    """
    most = max(longest.get(key, 0) for key in _keys(cycle.plan_id, cycle.period, cycle.last_day))
    return most if 0 < MONTHS.get(cycle.period.kind, 0) < most else 0


def _note(longest: Longest, plan_id: UUID, period: Period, last_day: date | None) -> None:
    for key in _keys(plan_id, period, last_day):
        longest[key] = max(MONTHS.get(period.kind, 0), longest.get(key, 0))


def _keys(plan_id: UUID, period: Period, last_day: date | None) -> Iterator[tuple[UUID, str, date]]:
    yield plan_id, "ends", period.ends
    if last_day is not None:
        yield plan_id, "owed", last_day


def cycles_to_open(connection: Connection, tenant_id: UUID, calendar: Calendar, today: date) -> list[DueCycle]:
    """Those whose day has come and that nobody has opened; missed ones of this year and the last too.

    What was over when the plan was issued here, and a year in which it has no cases, are not asked; nor is what a
    longer report stands for.
    """
    due = list[DueCycle]()
    is_issued = Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.issued_at.is_not(None)
    for row in connection.execute(_planned(*is_issued)):
        due += _asked_since_issue(row, (today.year - 1, today.year), calendar)
    longest = standing_for_others(due)
    now_due = [cycle for cycle in due if cycle.opens_on <= today and not months_standing_for(cycle, longest)]
    return list(_unopened(connection, now_due)) if now_due else []


def cycles_of(connection: Connection, plan_id: UUID, years: Iterable[int], calendar: Calendar) -> list[DueCycle]:
    """All that a plan's list of reports has in some years, and for a review its own year's."""
    due = list[DueCycle]()
    for row in connection.execute(_planned(Plan.id == plan_id)):
        due += _asked_since_issue(row, years if row.year is None else (row.year,), calendar)
    return due


def _asked_since_issue(row: Any, years: Iterable[int], calendar: Calendar) -> Iterator[DueCycle]:
    """Without what was over when the plan was issued here, so that it stands for nothing that is asked after."""
    issued = local_date(row.issued_at) if row.issued_at else date.min
    return (cycle for cycle in cycles_due(_of_row(row), years, calendar) if cycle.last_day >= issued)


def _planned(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    report_by = sa.case((PlannedCycle.kind == CycleKind.YEAR, Plan.report_by), else_=PlannedCycle.report_by)
    return (
        sa.select(
            Plan.id, Plan.issued_on, Plan.issued_at, Plan.created_at, PlannedCycle.kind, PlannedCycle.year,
            PlannedCycle.planned_on, report_by.label("report_by"),
        )
        .join(PlannedCycle, PlannedCycle.plan_id == Plan.id)
        .where(*which)
        .order_by(Plan.id, PlannedCycle.id)
    )  # fmt: skip


def _of_row(row: Any) -> Planned:
    since = row.issued_on or row.issued_at or row.created_at
    return Planned(
        plan_id=row.id, since=since.year, kind=row.kind, year=row.year, planned_on=row.planned_on,
        report_by=row.report_by,
    )  # fmt: skip


def _unopened(connection: Connection, due: list[DueCycle]) -> Iterator[DueCycle]:
    """Of their plan, or of those whose place it has: what those have reported is not asked again.

    The year's last report has its cases, so that another asks for what is new or goes on.
    """
    table = ReportingCycle
    opened = connection.execute(
        sa.select(LINEAGE.c.plan_id, table.kind, table.year, table.name, table.report_by)
        .join(table, table.plan_id == LINEAGE.c.before_id)
        .where(LINEAGE.c.plan_id.in_({cycle.plan_id for cycle in due}))
        .where((LINEAGE.c.plan_id == LINEAGE.c.before_id) | ~table.is_last_of_year)
    ).all()
    known = {(row.plan_id, row.name) for row in opened} | {row[:3] for row in opened if row.kind not in MONTHS}
    longest = Longest()
    for row in opened:
        if period := period_of(row.kind, row.name, row.year, row.report_by):
            _note(longest, row.plan_id, period, row.report_by)
    left = [cycle for cycle in due if not _is_open(cycle, known, longest)]
    cases = TaskOccurrence.plan_id.in_({cycle.plan_id for cycle in left})
    years = sa.select(TaskOccurrence.plan_id, TaskOccurrence.year, TaskOccurrence.last_year).where(cases).distinct()
    asked = {(row.plan_id, year) for row in connection.execute(years) for year in range(row.year, row.last_year + 1)}
    return (cycle for cycle in left if (cycle.plan_id, cycle.period.year) in asked)


def _is_open(cycle: DueCycle, known: set[tuple[Any, ...]], longest: Longest) -> bool:
    """By its name, as a review of its year, as what ends with it and is about as much, or in a longer one."""
    period = cycle.period
    if known & {(cycle.plan_id, period.name), (cycle.plan_id, period.kind, period.year)}:
        return True
    same = period.kind in MONTHS and MONTHS[period.kind] == longest.get((cycle.plan_id, "ends", period.ends))
    return same or months_standing_for(cycle, longest) > 0
