"""What a timing means for a task: its own last day, how many years it comes again, all its days until the end."""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from engine.text import fold
from webapp.plans.reading import Phase, Timing
from webapp.plans.reading.spans import is_before, is_before_period

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
        return day - timedelta(days=is_before(phase))
    month = phase.month or (phase.quarter or 0) * 3 or _half(phase)
    if month and is_before_period(phase):
        return date(year, phase.month or month - 2, 1) - timedelta(days=1)
    return date(year, month, monthrange(year, month)[1]) if month else None


def _half(phase: Phase) -> int:
    if phase.kind != "half_year":
        return 0
    return 6 if "đầu" in phase.text.lower() else 12


def _day(year: int, month: int, day: int) -> date:
    """A day that a month does not have is its last."""
    return date(year, month, min(day, monthrange(year, month)[1]))


# --- the calendar of a task ---

OPEN_YEARS = 5
"""For how many years the days are told of what goes on without an end that the plan names."""
MOST_DAYS = 120
_MONTHS_APART = {"monthly": 1, "quarterly": 3, "half_yearly": 6, "yearly": 12}


@dataclass(frozen=True, slots=True)
class TaskDay:
    """One of the days that a task is about."""

    day: date | None  # None: it begins when what it waits for has come
    words: str


def days_of(timing: Timing, since: date, until_year: int | None = None) -> tuple[TaskDay, ...]:
    """Every day from `since` on until the task's last year, in order; what waits for something comes first."""
    found = [day for phase in timing.phases for day in islice(_days(phase, since, until_year), MOST_DAYS)]
    ahead = (each for each in found if each.day is None or each.day >= since)
    return tuple(sorted(dict.fromkeys(ahead), key=lambda each: each.day or date.min)[:MOST_DAYS])


def _days(phase: Phase, since: date, until_year: int | None) -> Iterator[TaskDay]:
    if phase.waits_for:
        yield TaskDay(None, f"Chờ: {phase.waits_for}")
    if phase.recurrence == "ad_hoc":
        yield TaskDay(None, f"Khi phát sinh: {phase.text}")
    months = _MONTHS_APART.get("monthly" if phase.recurrence == "weekly" else phase.recurrence or "")
    if months is None:
        if phase.recurrence is None and (day := own_day(phase, since.year) or phase.ends_on):
            yield TaskDay(day, phase.text)
        return
    since = max(since, phase.starts_on or since)
    first = max(phase.from_year or since.year, since.year)
    for year in range(first, (phase.to_year or until_year or first + OPEN_YEARS - 1) + 1):
        found = _weekdays(phase, year) if phase.weekday else _in_year(phase, year, months)
        yield from (each for each in found if each.day and each.day >= since)


def _weekdays(phase: Phase, year: int) -> Iterator[TaskDay]:
    """One day of every week; the one before it where the phase says "trước"."""
    assert phase.weekday
    day = date(year, 1, 1) + timedelta(days=(phase.weekday - 1 - date(year, 1, 1).weekday()) % 7)
    while day.year == year:
        yield TaskDay(day - timedelta(days=is_before(phase)), phase.text)
        day += timedelta(days=7)


def _in_year(phase: Phase, year: int, months: int) -> Iterator[TaskDay]:
    """The last days of a year's periods; a month or quarter of the year is one by itself."""
    if phase.month or phase.quarter:
        day = own_day(_of_year(phase, year), year)
        yield TaskDay(day, f"{phase.text} (năm {year})")
        return
    for month in range(months, 13, months):
        period = _period(year, month, months)
        if phase.day and phase.month_of_period:
            day = _day_of_period(phase, year, month - months + phase.month_of_period)
            yield TaskDay(day, f"{phase.text} ({period})")
            continue
        times = f" ({phase.times} lần)" if phase.times and phase.recurrence != "weekly" else ""
        yield TaskDay(date(year, month, monthrange(year, month)[1]), f"Kết quả {period}{times}")


def _day_of_period(phase: Phase, year: int, month: int) -> date:
    """The day that a phase names in a month, counted on into the next year; "trước ngày" excludes it."""
    assert phase.day
    day = _day(year + (month - 1) // 12, (month - 1) % 12 + 1, phase.day)
    return day - timedelta(days=is_before(phase))


def _period(year: int, month: int, months: int) -> str:
    if months == 6:
        return f"6 tháng {'đầu' if month == 6 else 'cuối'} năm {year}"
    return {12: f"năm {year}", 3: f"quý {month // 3} năm {year}"}.get(months, f"tháng {month}/{year}")


def _of_year(phase: Phase, year: int) -> Phase:
    return Phase(
        text=phase.text, kind=phase.kind, from_year=year, to_year=year, quarter=phase.quarter, month=phase.month,
        day=phase.day,
    )  # fmt: skip


# --- contradictions ---


@dataclass(frozen=True, slots=True)
class ReportDay:
    """A day of each year by which a plan or a letter asks for reports."""

    month: int
    day: int  # the last one in time
    words: str  # "trước ngày 05/12"


def later_reports(timing: Timing, asked: Iterable[ReportDay]) -> Iterator[str]:
    """What contradicts: a phase that would report later in the year than the plan asks for reports."""
    for phase in timing.phases:
        last = _last_of_report(phase)
        for each in asked:
            if last is not None and (each.month, each.day) < last:
                yield (
                    f"Ô thời gian ghi “{phase.text}” nhưng phải báo cáo {each.words}: hai hạn mâu thuẫn, "
                    "áp dụng hạn sớm hơn."
                )


def earlier_of(own: date | None, report_by: date | None, timing: Timing) -> date | None:
    """The day that governs: a task's own, else that of the plan's reports; of two days for one report the earlier."""
    if own is None or report_by is None:
        return own or report_by
    about_report = any(_last_of_report(phase) is not None for phase in timing.phases)
    return min(own, report_by) if about_report and own.year == report_by.year else own


def _last_of_report(phase: Phase) -> tuple[int, int] | None:
    """Month and day on which a phase that speaks of a report ends each year."""
    if "bao cao" not in fold(phase.text):
        return None
    day = own_day(phase, 2026)  # No leap year: a 29/02 is asked for as the 28th.
    return (day.month, day.day) if day else None


def report_days(duties: Iterable[dict[str, object]]) -> list[ReportDay]:
    """The yearly days of a reading's duties to report, as its JSON has them."""
    found = []
    for duty in duties:
        day, month = duty.get("day"), duty.get("month")
        if isinstance(day, int) and isinstance(month, int) and duty.get("frequency") in ("yearly", "once", ""):
            last = day - 1 if duty.get("excludes_day") else day
            found.append(ReportDay(month, last, str(duty.get("date_text"))))
    return found
