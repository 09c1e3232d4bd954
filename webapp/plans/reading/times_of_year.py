"""Days, months and quarters of a year, and spans of them, as a text names them."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Final

QUARTERS: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "1": 1, "2": 2, "3": 3, "4": 4}
OF_YEAR = r"(?:\s*(?:/|-|năm)?\s*20\d\d)?"
_DAY = re.compile(
    r"(?<!\w)(?<!tháng )(?<!tuần )(\d{1,2})(?:\s*/\s*|-|\.(?=\d{1,2}\.20)|\s+tháng\s+)(\d{1,2})"
    r"(?:\s*(?:/|-|\.|\s+năm\s+|,\s*năm\s+)\s*(20\d\d))?\b",
    re.IGNORECASE,
)
_IN_MONTH, _IN_YEAR = r"(?:\s*/\s*|\s+tháng\s+)", r"(?:\s*/\s*|,?\s+năm\s+)"
_DAYS = re.compile(
    rf"(?<![\w/])(?<!tháng )(?P<first>\d{{1,2}})(?:{_IN_MONTH}(?P<month>\d{{1,2}})(?:{_IN_YEAR}(?P<year>20\d\d))?)?"
    rf"\s*(?:-|–|đến|tới)\s*(?:hết\s+)?(?:ngày\s+)?"
    rf"(?P<last>\d{{1,2}}{_IN_MONTH}\d{{1,2}}(?:{_IN_YEAR}20\d\d)?)\b",
    re.IGNORECASE,
)
_BARE_MONTH = re.compile(r"(?<![\w/.-])(?<!quý )(\d{1,2})\s*/\s*20\d\d\b", re.IGNORECASE)
_MONTH = re.compile(
    rf"(?:tháng|thg\.?|\bT(?=\d{{1,2}}/20))\s*(?:\d{{1,2}}{OF_YEAR}\s*(?:-|–|,|và|(?:đến|tới)(?:\s+hết)?)\s*(?:tháng\s*)?)*"
    r"(\d{1,2})\b(?:\s*(?:/|-|năm|,\s*năm)\s*(20\d\d))?",
    re.IGNORECASE,
)
_QUARTER = re.compile(
    rf"(?:quý|\bQ(?=[1-4]\s*/))\s*(?:(?:IV|III|II|I|[1-4]){OF_YEAR}\s*(?:-|–|,|và|(?:đến|tới)(?:\s+hết)?)\s*(?:quý\s*)?)*(IV|III|II|I|[1-4])\b(?:\s*(?:/|-|năm|,\s*năm)?\s*(20\d\d))?",
    re.IGNORECASE,
)


def within_year(text: str) -> tuple[int | None, int | None, int | None]:
    """Quarter, month and day that a phase names; of several the last."""
    text = _DAYS.sub(lambda found: found["last"], text)
    if (found := _DAY.search(text)) and 1 <= int(found[1]) <= 31 and 1 <= int(found[2]) <= 12:
        return None, int(found[2]), int(found[1])
    if (found := _MONTH.search(text)) and 1 <= int(found[1]) <= 12:
        return None, int(found[1]), None
    if (found := _BARE_MONTH.search(text)) and 1 <= int(found[1]) <= 12:
        return None, int(found[1]), None
    found = _QUARTER.search(text)
    return (QUARTERS[found[1].lower()] if found else None), None, None


def first_day(text: str, year: int) -> date | None:
    """Where a span of days begins: of its last day's month or year where it names none itself."""
    found = _DAYS.search(text)
    last = _DAY.search(found["last"]) if found else None
    if found is None or last is None:
        return None
    day, month = int(found["first"]), int(found["month"] or last[2])
    year = int(found["year"] or year - (month > int(last[2])))
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def without_time_of_year(text: str) -> str:
    """What stands beside the time that `within_year` reads."""
    for pattern in (_DAYS, _DAY, _MONTH, _BARE_MONTH, _QUARTER):
        if pattern.search(text):
            return pattern.sub(" ", text, count=1)
    return text
