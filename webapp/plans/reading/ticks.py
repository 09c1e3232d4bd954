"""Columns of periods in which a tick says when: quarters, months or years below one heading or beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from webapp.plans.reading.wording import fold

FEWEST_PERIODS: Final = 2  # columns
_QUARTERS: Final = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ROMAN: Final = ("I", "II", "III", "IV")
_TICK = re.compile(r"^[xX×vV✓✔☑√*+•●■]{1,2}$")
_TIME = re.compile(r"thoi (gian|han|diem|ky)|tien do|lo trinh|ke hoach thuc hien")
_PERIOD = re.compile(r"(?:^|\s)(?:(?P<what>quy|thang|nam|q|t)\s*)?(?P<value>i{1,3}|iv|20\d\d|\d{1,2})$")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A quarter, a month or a year."""

    what: str  # "Quý", "Tháng" or "Năm"
    value: int

    @property
    def text(self) -> str:
        return _ROMAN[self.value - 1] if self.what == "Quý" else str(self.value)


def period_in(heading: str) -> Period | None:
    """The period that a column's heading ends with, where nothing but when it is done is said before."""
    words = fold(heading)
    found = _PERIOD.search(words)
    if found is None:
        return None
    before = words[: found.start()].strip()
    if before and not _TIME.search(before):
        return None
    return _period(found["what"] or _named(before), found["value"])


def _named(before: str) -> str:
    return next((what for what in ("quy", "thang", "nam") if re.search(rf"\b{what}\b", before)), "")


def _period(what: str, value: str) -> Period | None:
    if value.startswith("20"):
        return Period("Năm", int(value)) if what in ("", "nam") else None
    if value in _QUARTERS:
        return Period("Quý", _QUARTERS[value]) if what in ("", "quy", "q") else None
    number = int(value)
    if what in ("quy", "q") and 1 <= number <= 4:
        return Period("Quý", number)
    return Period("Tháng", number) if what in ("thang", "t") and 1 <= number <= 12 else None


def is_tick(text: str) -> bool:
    return bool(_TICK.match(text.strip()))


def when(ticked: Sequence[Period], columns: int) -> str:
    """The ticked periods as a timing cell would say them: "Quý I, III", "2026 - 2028"; each of them as "Hằng quý"."""
    if not ticked:
        return ""
    what = ticked[0].what
    if what != "Năm" and len(ticked) == columns == (4 if what == "Quý" else 12):
        return f"Hằng {what.lower()}"
    values = [period.value for period in ticked]
    if what == "Năm" and len(values) > 1 and values == list(range(values[0], values[-1] + 1)):
        return f"{values[0]} - {values[-1]}"
    joined = "; Năm " if what == "Năm" else ", "
    return f"{what} {joined.join(period.text for period in ticked)}"
