"""The working days of Việt Nam, and the instants that deadlines mean: a day in time ends at local midnight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
FURTHEST = 2_000
"""Working days that may be counted at once: some eight years, so that no expression keeps a process busy."""

_FIRST_YEAR, _LAST_YEAR = 1990, 2099
_DAY = timedelta(days=1)


class CalendarError(ValueError):
    """A date, time or count that the calendar can't work with; the message is for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working days: Monday to Friday without public holidays, swapped days included, corrected by an administrator."""

    overrides: Mapping[date, bool] = field(default_factory=dict, hash=False)
    """Days on which the administrator's word counts: True is worked, False is free."""

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on that day."""
        decided = self.overrides.get(day)
        return day in _working_days_of(_within_reach(day).year) if decided is None else decided

    def shift(self, day: date, n: int) -> date:
        """The n-th working day after `day`, or before it when negative; `day` itself for 0, working or not."""
        return _shifted(self, day, n)

    def on_or_before(self, day: date) -> date:
        """`day` where it is worked, else the last working day before it."""
        return day if self.is_working_day(day) else self.shift(day, -1)

    def last_working_day_before(self, limit: date) -> date:
        """The day meant by "trước ngày …": that date itself is too late."""
        return self.shift(limit, -1)

    def working_days_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative when `end` comes first.

        `shift(start, working_days_between(start, end))` is `end` where `end` is a working day.
        """
        if end < start:
            return -sum(map(self.is_working_day, _days(end, start)))
        return sum(map(self.is_working_day, _days(start + _DAY, end + _DAY)))

    def end_of(self, day: date, n: int = 0) -> datetime:
        """The midnight that ends the n-th working day counted from `day`, in UTC: the first instant that is late."""
        return _instant(self.shift(day, n) + _DAY, time())

    def at(self, day: date, n: int, clock: str | time) -> datetime:
        """The n-th working day counted from `day` at a local time such as "17:00", in UTC."""
        return _instant(self.shift(day, n), parse_time(clock))

    def working_days(self, now: datetime, n: int, clock: str | time | None = None) -> datetime:
        """The end of the n-th working day after today, or that day at a local time, in UTC."""
        today = local_date(now)
        return self.end_of(today, n) if clock is None else self.at(today, n, clock)

    def functions(self, now: datetime) -> dict[str, Callable[..., datetime]]:
        """What due and timer expressions may call; their arguments are whatever forms and diagrams hold.

        All of them raise CalendarError.
        """

        def end_of(day: object, n: object = 0) -> datetime:
            return self.end_of(as_date(day), _as_count(n))

        def at(day: object, n: object, clock: object) -> datetime:
            return self.at(as_date(day), _as_count(n), parse_time(clock))

        def working_days(n: object, clock: object = None) -> datetime:
            return self.working_days(now, _as_count(n), None if clock is None else parse_time(clock))

        return {"end_of": end_of, "at": at, "working_days": working_days}

    def walk(self, day: date, step: timedelta) -> Iterator[date]:
        """The working days from `day` on, without it."""
        while True:
            day = _within_reach(day) + step
            if self.is_working_day(day):
                yield day


@lru_cache(maxsize=4096)  # The same few deadlines, with the same few offsets, at every step.
def _shifted(calendar: Calendar, day: date, n: int) -> date:
    if n == 0:
        return _within_reach(day)
    if abs(n) > FURTHEST:
        raise CalendarError(f"Không tính được {n} ngày làm việc: nhiều nhất là {FURTHEST}.")
    days = calendar.walk(day, _DAY if n > 0 else -_DAY)
    for _ in range(abs(n) - 1):
        next(days)
    return next(days)


def local_date(instant: datetime) -> date:
    """The day it is in Việt Nam at that instant."""
    return instant.astimezone(LOCAL).date()


def due_day(due: date | datetime) -> date:
    """The last day in time: a due instant at midnight belongs to the day that it ends."""
    return local_date(due - timedelta(microseconds=1)) if isinstance(due, datetime) else due


def as_date(value: object) -> date:
    """A date from a date, an instant, or text `YYYY-MM-DD`. Raises CalendarError."""
    if isinstance(value, datetime):
        return local_date(value)
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not value:
        raise CalendarError("Chưa có ngày để tính hạn.")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise CalendarError(f"“{value[:40]}” không phải là ngày (năm-tháng-ngày).") from None


def parse_time(value: object) -> time:
    """A local time of day from `HH:MM`. Raises CalendarError."""
    if isinstance(value, time):
        return value
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - only the time of day is read
    except ValueError:
        raise CalendarError(f"“{str(value)[:40]}” không phải là giờ (giờ:phút, ví dụ 08:00).") from None


def _as_count(value: object) -> int:
    """A whole number of days; forms hand numbers over as floats, and True is no number."""
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= FURTHEST
        and value == int(value)
    ):
        return int(value)
    raise CalendarError(f"“{str(value)[:40]}” không phải là số ngày làm việc (số nguyên, nhiều nhất {FURTHEST}).")


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def _days(start: date, stop: date) -> Iterator[date]:
    """Each day from `start` to the one before `stop`."""
    return (date.fromordinal(ordinal) for ordinal in range(start.toordinal(), stop.toordinal()))


def _within_reach(day: date) -> date:
    """Refuse days whose lunar new year the library doesn't know."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise CalendarError(f"Năm {day.year} nằm ngoài lịch làm việc ({_FIRST_YEAR}–{_LAST_YEAR}).")
    return day


def load_holidays() -> None:
    """Now rather than at the first step: the library takes its time to load."""
    holidays.country_holidays("VN")


@cache
def _working_days_of(year: int) -> frozenset[date]:
    """The working days of a year as the library knows them: lunar Tết, swapped and compensating days."""
    known = holidays.country_holidays("VN", years=year)
    return frozenset(day for day in _days(date(year, 1, 1), date(year + 1, 1, 1)) if known.is_working_day(day))
