"""The working days of a year: what ships, and what an administrator has changed."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from uuid import UUID

import holidays
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import Calendar
from engine.models import CalendarDay

SATURDAY = 5


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A weekday that is free, or a day of the weekend that is worked."""

    day: date
    working: bool  # as it counts
    shipped_working: bool  # as the shipped calendar has it
    shipped_name: str  # why, as the shipped calendar says; empty for an ordinary day
    note: str | None  # the administrator's ground; None where nothing was changed

    @property
    def is_changed(self) -> bool:
        """Whether an administrator has changed the day."""
        return self.note is not None


def special_days(read: Session, tenant_id: UUID, year: int) -> list[SpecialDay]:
    """Every day of the year that isn't as its weekday lets expect, in order."""
    changed = _overrides(read, tenant_id, year)
    shipped = {day.day: day for day in shipped_days(year)}
    ordinary = Calendar()
    return [
        _special(day, shipped.get(day), changed.get(day), ordinary.is_working_day(day))
        for day in sorted(shipped.keys() | changed.keys())
    ]


@cache
def shipped_days(year: int) -> tuple[SpecialDay, ...]:
    """The special days of a year as the product ships them, without holidays that fall on a weekend."""
    calendar, names = Calendar(), holidays.country_holidays("VN", years=year, language="vi")
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return tuple(
        SpecialDay(day, working, working, names.get(day) or ("Làm bù" if working else "Nghỉ"), None)
        for day in days
        if (working := calendar.is_working_day(day)) == (day.weekday() >= SATURDAY)
    )


def _overrides(read: Session, tenant_id: UUID, year: int) -> dict[date, tuple[bool, str]]:
    query = sa.select(CalendarDay.day, CalendarDay.working, CalendarDay.note).where(
        CalendarDay.tenant_id == tenant_id, CalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    )
    return {day: (working, note) for day, working, note in read.execute(query)}


def _special(day: date, shipped: SpecialDay | None, changed: tuple[bool, str] | None, ordinary: bool) -> SpecialDay:
    shipped_working = shipped.working if shipped else ordinary
    working, note = changed if changed else (shipped_working, None)
    return SpecialDay(day, working, shipped_working, shipped.shipped_name if shipped else "", note)
