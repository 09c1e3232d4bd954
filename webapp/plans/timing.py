"""What a timing cell means for a task: its own last day, and for how many years it comes again."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from webapp.plans.reading import Phase, Timing

COMES_AGAIN = frozenset({
    "continuous", "yearly", "yearly_month", "yearly_quarter", "half_yearly", "quarterly", "monthly", "weekly", "ad_hoc",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Schedule:
    due_on: date | None = None  # its own last day; None: the reporting cycle's
    is_recurring: bool = False
    until_year: int | None = None  # the last year; None: without an end that the plan names


def schedule_of(timing: Timing, this_year: int) -> Schedule:
    """The schedule of a task by its first phase; what the plan leaves open stays open."""
    if not timing.phases:
        return Schedule()
    first = timing.phases[0]
    if len(timing.phases) > 1 and (day := own_day(first, this_year)) is not None:
        return Schedule(day, False, day.year)
    if first.kind in COMES_AGAIN:
        return Schedule(own_day(first, first.from_year or this_year), True, timing.to_year)
    if first.kind == "years":
        return Schedule(None, True, first.to_year)
    day = own_day(first, this_year)
    return Schedule(day, False, day.year if day else first.to_year)


def own_day(phase: Phase, this_year: int) -> date | None:
    """The last day of the day, month, quarter or half-year that a phase names; "trước ngày" excludes the day itself."""
    year = phase.to_year or this_year
    if phase.day and phase.month:
        day = _day(year, phase.month, phase.day)
        return day - timedelta(days=1) if "trước" in phase.text.lower() else day
    month = phase.month or (phase.quarter or 0) * 3 or _half(phase)
    return date(year, month, monthrange(year, month)[1]) if month else None


def _half(phase: Phase) -> int:
    if phase.kind != "half_year":
        return 0
    return 6 if "đầu" in phase.text.lower() else 12


def _day(year: int, month: int, day: int) -> date:
    """A day that a month does not have is its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))
