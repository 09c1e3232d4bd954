"""The table of reminders that a diagram carries: `-5wd 08:00 holder; +1wd 08:00 head@lead; -2h holder`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from engine.calendar import Calendar, due_day, parse_time
from engine.models import TimerKind

HOLDER = "holder"
INITIATOR = "initiator"
OF_CASE = "case "
"""Begins the key of a level on the case's deadline."""
SEPARATOR = ";"
FARTHEST_DAYS, FARTHEST_HOURS = 250, 240

_ENTRY = re.compile(r"(?P<offset>[+-]?\d{1,4})(?P<unit>wd|h)(?P<rest>(?:\s.*)?)", re.DOTALL)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_DESK = re.compile(r"[a-z][a-z_]*@(?:[a-z][a-z_]*|unit:[a-z0-9-]+)")


@dataclass(frozen=True, slots=True)
class Reminder:
    """One level of reminding: when, counted from the due day, and whom."""

    level: str
    """The level's name, written the same way wherever it stands: "-5wd 08:00", "+2h"."""
    offset_days: int | None
    """Working days from the due day; None for an offset in hours."""
    offset_hours: int | None
    """Hours from the due instant; None for an offset in days."""
    time: time | None
    """Local time of day of an offset in days."""
    recipients: tuple[str, ...]
    """`holder`, `initiator` or desks as `role@party` or `role@unit:<code>`."""

    @property
    def escalation(self) -> bool:
        """Whether it speaks of something overdue rather than due."""
        return (self.offset_days or self.offset_hours or 0) > 0

    @property
    def kind(self) -> TimerKind:
        """Of the timer that tells it."""
        return TimerKind.ESCALATION if self.escalation else TimerKind.REMINDER

    def instant(self, due: date | datetime, calendar: Calendar) -> datetime:
        """When this level fires for a due day or a due instant, in UTC."""
        if self.offset_days is None or self.time is None:
            instant = due if isinstance(due, datetime) else calendar.end_of(due)
            return instant + timedelta(hours=self.offset_hours or 0)
        # Counted from the last working day in time: a deadline on a Saturday reminds on Friday.
        return calendar.at(calendar.on_or_before(due_day(due)), self.offset_days, self.time)


@lru_cache(maxsize=256)  # Tables are few, and read again at every step.
def parse_reminders(text: str) -> tuple[Reminder, ...]:
    """The levels of a table, in the order written. Raises ValueError, in Vietnamese for the diagram's author."""
    reminders = tuple(_parse_entry(entry.strip()) for entry in text.split(";") if entry.strip())
    doubled = [level for level, count in Counter(reminder.level for reminder in reminders).items() if count > 1]
    if doubled:
        raise ValueError(f"Mức nhắc “{doubled[0]}” ghi hai lần: gộp người nhận vào một mức.")
    return reminders


@dataclass(frozen=True, slots=True, order=True)
class Level:
    """One level of a step's reminders with its moment. They fire in this order."""

    moment: datetime
    key: str
    """Its name among all levels of the step: those on the case's deadline may be called as the step's own are."""
    reminder: Reminder = field(compare=False)

    @property
    def of_case(self) -> bool:
        """Whether it is on the case's deadline, not on the step's own due day."""
        return self.key.startswith(OF_CASE)


@lru_cache(maxsize=1024)  # Most steps of a ward end on the same few days.
def levels_in(table: str, due: date | datetime | None, calendar: Calendar, prefix: str = "") -> tuple[Level, ...]:
    """Each level of a table with its moment. Raises CalendarError."""
    if not table or due is None:
        return ()
    return tuple(Level(one.instant(due, calendar), f"{prefix}{one.level}", one) for one in parse_reminders(table))


def names_of(levels: Iterable[Level]) -> str:
    """The text that stands for levels in a row."""
    return SEPARATOR.join(level.key for level in levels)


def named_in(text: str) -> list[str]:
    """The keys of the levels that such a text stands for."""
    return text.split(SEPARATOR) if text else []


def _parse_entry(entry: str) -> Reminder:
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise ValueError(f"Không đọc được mức nhắc “{entry[:60]}”: viết như “-5wd 08:00 holder” hoặc “-2h holder”.")
    offset, words = int(match["offset"]), match["rest"].split()
    return _in_days(entry, offset, words) if match["unit"] == "wd" else _in_hours(entry, offset, words)


def _in_days(entry: str, offset: int, words: list[str]) -> Reminder:
    if abs(offset) > FARTHEST_DAYS:
        raise ValueError(f"Mức nhắc “{entry[:60]}” quá xa: nhiều nhất {FARTHEST_DAYS} ngày làm việc.")
    if not words or not _CLOCK.fullmatch(words[0]):
        raise ValueError(f"Mức nhắc “{entry[:60]}” thiếu giờ: viết như “-5wd 08:00 holder”.")
    clock = parse_time(words[0])
    level = f"{_signed(offset)}wd {clock:%H:%M}"
    return Reminder(level, offset, None, clock, _recipients(entry, words[1:]))


def _in_hours(entry: str, offset: int, words: list[str]) -> Reminder:
    if abs(offset) > FARTHEST_HOURS:
        raise ValueError(f"Mức nhắc “{entry[:60]}” quá xa: nhiều nhất {FARTHEST_HOURS} giờ.")
    return Reminder(f"{_signed(offset)}h", None, offset, None, _recipients(entry, words))


def _signed(offset: int) -> str:
    return f"{offset:+d}" if offset else "0"


def _recipients(entry: str, words: list[str]) -> tuple[str, ...]:
    if not words:
        raise ValueError(f"Mức nhắc “{entry[:60]}” chưa ghi nhắc ai.")
    for word in words:
        if word not in (HOLDER, INITIATOR) and not _DESK.fullmatch(word):
            raise ValueError(f"Không hiểu người nhận “{word[:40]}”: dùng holder, initiator hoặc vai trò@đơn vị.")
    return tuple(dict.fromkeys(words))
