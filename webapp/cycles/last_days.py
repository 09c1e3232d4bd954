"""Until when the report of a task is in time, and how that is told to those who owe it."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

import sqlalchemy as sa

from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.plans.models import TaskOccurrence

Awaited = tuple[str, date | None]
"""A task, and the last day on which its report is in time."""


class Dated(Protocol):
    """What of a case tells when it is due."""

    @property
    def due_on(self) -> date | None: ...
    @property
    def is_due_with_report(self) -> bool: ...


def comes_first(cycle: ReportingCycle, case: Dated) -> bool:
    """Whether a cycle waits for the report on a task before the task's own day: then for one on how far it is.

    A task without a day of its own is due with the year's last report; who moved its day later gave that more time.
    """
    if cycle.report_by is None or (cycle.is_last_of_year and case.is_due_with_report):
        return False
    return case.due_on is None or cycle.report_by < case.due_on


def last_day(cycle: ReportingCycle, case: Dated, answer_by: date | None) -> date | None:
    """Until when a task's report is in time: to be mended by a day of its own, whatever the others.

    Else by the task's day or the cycle's, whichever comes first.
    """
    if answer_by is not None:
        return answer_by
    return cycle.report_by if case.due_on is None or comes_first(cycle, case) else case.due_on


AWAITED_UNTIL: sa.ColumnElement[date | None] = sa.func.coalesce(CycleEntry.answer_by, ReportingCycle.report_by)
COMES_FIRST: sa.ColumnElement[bool] = (
    CycleEntry.answer_by.is_not(None) | ~(ReportingCycle.is_last_of_year & TaskOccurrence.is_due_with_report)
) & (TaskOccurrence.due_on.is_(None) | (TaskOccurrence.due_on > AWAITED_UNTIL))
LAST_DAY: sa.ColumnElement[date | None] = sa.func.coalesce(
    CycleEntry.answer_by, sa.case((COMES_FIRST, ReportingCycle.report_by), else_=TaskOccurrence.due_on),
    ReportingCycle.report_by,
)  # fmt: skip
"""`last_day`; both where the database looks."""


def awaited_words(awaited: Iterable[Awaited], today: date) -> str:
    """ "I.2 đã quá hạn ngày 30/06/2026; II.3, II.4 chậm nhất hết ngày 04/12/2026": the earliest first."""
    by_day: dict[date | None, list[str]] = {}
    for task, day in sorted(awaited, key=lambda one: one[1] or date.max):
        by_day.setdefault(day, []).append(task)
    return "; ".join(f"{', '.join(tasks)}{_day_words(day, today)}" for day, tasks in by_day.items())


def _day_words(day: date | None, today: date) -> str:
    if day is None:
        return ""
    return f" {'đã quá hạn ngày' if day < today else 'chậm nhất hết ngày'} {day:%d/%m/%Y}"
