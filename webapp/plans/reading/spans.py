"""The days that a phase of a timing covers, and how often it comes again."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from webapp.plans.reading.readings import Phase
from webapp.plans.reading.times_of_year import QUARTERS

_AGAIN: Final = {
    "continuous": "yearly",  # one occurrence a year
    "years": "yearly",
    "yearly": "yearly",
    "yearly_month": "yearly",
    "yearly_quarter": "yearly",
    "half_yearly": "half_yearly",
    "quarterly": "quarterly",
    "monthly": "monthly",
    "weekly": "weekly",
    "ad_hoc": "ad_hoc",
}


_BEFORE_PERIOD = re.compile(r"trước\s+(?:tháng|quý)\b", re.IGNORECASE)
_UNTIL_PERIOD = re.compile(r"\btừ nay\b|^(?:xong|hoàn thành)?\s*(?:đến|tới)\b", re.IGNORECASE)
_FIRST_MONTH = re.compile(r"tháng\s*(\d{1,2})\b", re.IGNORECASE)
_FIRST_QUARTER = re.compile(r"quý\s*(IV|III|II|I|[1-4])\b", re.IGNORECASE)


def is_before_period(phase: Phase) -> bool:
    """Whether a phase ends where its month or quarter begins: "trước tháng 6"."""
    return _BEFORE_PERIOD.search(phase.text) is not None


def is_before(phase: Phase) -> bool:
    """Whether a phase ends before the day that it names."""
    return "trước" in phase.text.lower()


def recurrence_of(kind: str) -> str | None:
    """How often a phase of this kind comes again; None for one that comes once."""
    return _AGAIN.get(kind)


def span_of(phase: Phase) -> tuple[date | None, date | None]:
    """First and last day that the phase names; None where its words leave them open."""
    first, last = phase.from_year, phase.to_year
    is_within = phase.kind in ("date", "month", "quarter", "half_year") or (phase.kind == "blocked" and _months(phase))
    if is_within and last is not None:
        return _within(phase, last)
    return (date(first, 1, 1) if first else None), (date(last, 12, 31) if last else None)


def _within(phase: Phase, year: int) -> tuple[date | None, date | None]:
    if phase.day and phase.month:
        return None, last_in_time(phase, year)
    months = _months(phase)
    if months is None:
        return None, None
    if is_before_period(phase):
        return None, date(year, months[0], 1) - timedelta(days=1)
    begin = None if _UNTIL_PERIOD.search(phase.text) else _first_of(phase, year, months[0])
    return begin, date(year, months[1], monthrange(year, months[1])[1])


def _first_of(phase: Phase, year: int, month: int) -> date:
    """Where a phase begins: of several months or quarters, which follow each other, in the first; it may be of the
    year before."""
    if phase.month and (found := _FIRST_MONTH.search(phase.text)):
        begin = int(found[1])
    elif phase.quarter and (found := _FIRST_QUARTER.search(phase.text)):
        begin = QUARTERS[found[1].lower()] * 3 - 2
    else:
        begin = month
    begin = begin if 1 <= begin <= 12 else month
    return date(year - (begin > month), begin, 1)


def last_in_time(phase: Phase, year: int) -> date:
    """The day that a phase names in a year, or the one before it where it says "trước"; a 31/6 is the 30th."""
    assert phase.day and phase.month
    day = date(year, phase.month, min(phase.day, monthrange(year, phase.month)[1]))
    return day - timedelta(days=is_before(phase))


def _months(phase: Phase) -> tuple[int, int] | None:
    if phase.month:
        return phase.month, phase.month
    if phase.quarter:
        return phase.quarter * 3 - 2, phase.quarter * 3
    if phase.kind != "half_year":
        return None
    return (1, 6) if "đầu" in phase.text.lower() else (7, 12)
