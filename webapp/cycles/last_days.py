"""Until when the report of a task is in time, and how that is told to those who owe it."""

from collections.abc import Iterable
from datetime import date

from webapp.cycles.models import ReportingCycle

Awaited = tuple[str, date | None]
"""A task, and the last day on which its report is in time."""


def last_day(cycle: ReportingCycle, due_on: date | None, answer_by: date | None) -> date | None:
    """Until when a task's report is in time: to be mended by a day of its own, whatever the others.

    In the year's last cycle by the task's own day, else by the one that comes first.
    """
    if answer_by is not None:
        return answer_by
    if cycle.is_last_of_year and due_on is not None:
        return due_on
    return min((day for day in (due_on, cycle.report_by) if day is not None), default=None)


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
