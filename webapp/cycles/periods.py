"""The parts of a year that are reported on: what each covers, what it is called, when its last day falls."""

import re
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.calendar import Calendar
from webapp.cycles.models import CycleKind
from webapp.plans.issuing import in_year, year_of
from webapp.plans.reading.times_of_year import QUARTERS

MONTHS = {
    CycleKind.MONTH: 1, CycleKind.QUARTER: 3, CycleKind.HALF_YEAR: 6, CycleKind.NINE_MONTHS: 9, CycleKind.YEAR: 12,
}  # fmt: skip
"""How many months of the year a report is about; the others are about no part of a year."""
TIMES = {CycleKind.MONTH: 12, CycleKind.QUARTER: 4}
"""How often a year it comes again; the others once, counted from New Year."""
LAST_MONTH_OF_FIRST_HALF = 8
"""Until then a half-yearly report is about the first half."""
FIRST_DAYS = 10
"""What is due by then in a month reports on the month before."""

_NUMERALS = ("I", "II", "III", "IV")
_NAMES = {
    CycleKind.YEAR: "Năm {}", CycleKind.HALF_YEAR: "6 tháng đầu năm {}", CycleKind.NINE_MONTHS: "9 tháng đầu năm {}",
    CycleKind.MIDTERM: "Sơ kết năm {}", CycleKind.FINAL: "Tổng kết năm {}", CycleKind.AD_HOC: "Đột xuất năm {}",
}  # fmt: skip
_SAID = {
    CycleKind.QUARTER: re.compile(r"\bquý\s+(IV|III|II|I|[1-4])\b", re.IGNORECASE),
    CycleKind.MONTH: re.compile(r"(?<!\d )\btháng\s+(1[0-2]|0?[1-9])\b", re.IGNORECASE),
}
_SAID_OF_KINDS = (
    ("6 tháng", CycleKind.HALF_YEAR), ("9 tháng", CycleKind.NINE_MONTHS), ("sơ kết", CycleKind.MIDTERM),
    ("tổng kết", CycleKind.FINAL), ("đột xuất", CycleKind.AD_HOC), ("tuần", CycleKind.AD_HOC),
    ("quý", CycleKind.QUARTER), ("tháng", CycleKind.MONTH), ("năm", CycleKind.YEAR),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A year, or the part of one, that a report of a kind is about."""

    kind: CycleKind
    year: int
    number: int = 1  # of its kind in the year

    @property
    def name(self) -> str:
        """What the calendar calls its cycle."""
        return f"{self.part} năm {self.year}" if self.kind in TIMES else _NAMES[self.kind].format(self.year)

    @property
    def part(self) -> str:
        """ "Quý II", of what comes again within the year."""
        return f"Quý {_NUMERALS[self.number - 1]}" if self.kind is CycleKind.QUARTER else f"Tháng {self.number}"

    @property
    def starts(self) -> date:
        """Its first day."""
        return date(self.year, self._last_month - MONTHS.get(self.kind, 12) + 1, 1)

    @property
    def ends(self) -> date:
        """Its last day; of what is about no part of a year, the year's."""
        return date(self.year, self._last_month, monthrange(self.year, self._last_month)[1])

    @property
    def _last_month(self) -> int:
        return MONTHS.get(self.kind, 12) * self.number


def periods_in(kind: CycleKind, years: Iterable[int]) -> Iterator[Period]:
    """All of a kind, in their order."""
    return (Period(kind, year, number + 1) for year in years for number in range(TIMES.get(kind, 1)))


def kind_of(name: str) -> CycleKind:
    """What a cycle's name says of its kind, the more particular words first; else it is a snapshot."""
    said = next((kind for words, kind in _SAID_OF_KINDS if words in name.lower()), CycleKind.AD_HOC)
    return CycleKind.AD_HOC if said is CycleKind.MONTH and not is_named(said, name) else said


def is_named(kind: CycleKind, name: str) -> bool:
    """Whether a cycle's name says which month or quarter it is about."""
    return kind in _SAID and _SAID[kind].search(name) is not None


def period_of(kind: CycleKind, name: str, year: int, report_by: date | None) -> Period | None:
    """What a cycle is about, as its kind and name say, else its last day; None where that is no part of a year."""
    if kind is CycleKind.AD_HOC and is_named(kind_of(name), name):
        kind = kind_of(name)
    if kind not in TIMES:
        return Period(kind, year) if kind in MONTHS else None
    if (found := _SAID[kind].search(name)) is not None:
        said = found[1].lower()
        return Period(kind, year, QUARTERS[said] if kind is CycleKind.QUARTER else int(said))
    return period_on(kind, report_by) if report_by else None


def period_on(kind: CycleKind, day: date) -> Period:
    """About which month or quarter a report is that is due by a day: early in one it is about the one before."""
    length = MONTHS[kind]
    is_early = day.day <= FIRST_DAYS if length == 1 else day.month % length == 1
    return _at(kind, (day.year * 12 + day.month - 1) // length - is_early)


def day_in(day: date | None, period: Period, since: int, calendar: Calendar) -> date | None:
    """A last day in time as it falls for the report on a period; that of a review is for one year only.

    What comes again within the year has the same day in each month or quarter, or the working day before it.
    """
    if day is None or period.kind not in MONTHS:
        return day
    if period.kind not in TIMES:
        return in_year(day, period.year + day.year - year_of(day, since), calendar)
    return calendar.on_or_before(same_day_in(period, day))


def same_day_in(period: Period, day: date) -> date:
    """A day of what comes again within the year, as it falls for another month or quarter."""
    later = _index(period) - _index(period_on(period.kind, day))
    return months_on(day, later * MONTHS[period.kind])


def months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of a month that is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _index(period: Period) -> int:
    return period.year * TIMES[period.kind] + period.number - 1


def _at(kind: CycleKind, index: int) -> Period:
    year, number = divmod(index, TIMES[kind])
    return Period(kind, year, number + 1)
