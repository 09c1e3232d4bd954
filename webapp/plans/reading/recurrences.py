"""How often a time comes again, and on which day of its week, month or quarter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NUMBER = r"(?:\d{1,2}|một|hai|ba|bốn|sáu)"
_NUMBERS: Final = {"một": 1, "hai": 2, "ba": 3, "bốn": 4, "sáu": 6}
_TURN = r"(?:lần|đợt|kỳ|buổi|cuộc|lớp|phiên)"
_EACH = r"(?:định kỳ\s+(?:h[àằăâ]ng\s+|mỗi\s+)?|h[àằăâ]ng\s+|mỗi\s+)"
_ONE = r"\s*(?:/|(?<=\s)(?:mỗi|một|0?1)\s)\s*"
_UNIT = rf"(?:tuần|tháng(?!\s+\d{{1,2}}\b(?!\s+{_TURN}))|quý(?!\s+(?:[IV]+|\d)\b(?!\s+{_TURN}))|năm)\b"
_REPEATED: Final = re.compile(
    rf"(?:(?P<turns>{_NUMBER})\s+)?{_TURN}{_ONE}(?P<per_number>{_NUMBER}\s+)?(?P<per>{_UNIT})"
    rf"|{_EACH}(?P<each_number>{_NUMBER}\s+)?(?P<each>{_UNIT})(?:{_ONE}lần\b)?"
    rf"|(?<!\w)(?P<once_number>{_NUMBER}\s+)?(?P<once>{_UNIT}){_ONE}lần\b",
    re.IGNORECASE,
)
"""02 lần/tuần; hằng quý, định kỳ 6 tháng, mỗi tuần một lần; 3 tháng/lần, sáu tháng một lần."""

_MONTH_OF_QUARTER: Final = re.compile(
    r"\btháng\s+(?:đầu|giữa|cuối|thứ\s+\w+)(?:\s+(?:tiên|cùng))?\s+(?:của\s+)?(?:mỗi\s+)?quý\b(?!\s*(?:[IV]+|\d)\b)",
    re.IGNORECASE,
)
_EVERY: Final = {
    ("tuần", 1): "weekly", ("tháng", 1): "monthly", ("quý", 1): "quarterly", ("tháng", 3): "quarterly",
    ("quý", 2): "half_yearly", ("tháng", 6): "half_yearly", ("năm", 1): "yearly", ("tháng", 12): "yearly",
}  # fmt: skip
_FINEST_FIRST: Final = ("weekly", "monthly", "quarterly", "half_yearly", "yearly")

_TURNS: Final = re.compile(rf"\b(?P<turns>{_NUMBER})\s+{_TURN}\b", re.IGNORECASE)
_WEEKDAY: Final = re.compile(r"\b(?:thứ\s+(hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật)\b", re.IGNORECASE)
_WEEKDAYS: Final = {"hai": 1, "ba": 2, "tư": 3, "năm": 4, "sáu": 5, "bảy": 6}
_SUNDAY = 7

_NEXT = r"(?:liền\s+)?(?:sau|tiếp theo|kế tiếp|liền kề|kế)(?:\s+liền kề)?"
_DAY: Final = re.compile(
    r"\b(?:ngày(?:\s+(?:mùng|mồng))?|mùng|mồng|trước(?=\s+\d{1,2}(?:\s+(?:của|tháng)\b|\s*(?:[),;]|$))))\s+"
    r"(?P<day>\d{1,2})\b(?!\s*[/.-]\s*\d|\s+tháng\s+\d|\s*(?:,|và|đến|-|–)\s*(?:ngày\s+)?\d)"
    rf"(?:\s+(?:của\s+)?tháng\s+(?P<month>{_NEXT}|báo cáo|đầu|giữa|cuối|thứ\s+(?:nhất|hai|ba|[1-3]))"
    r"(?:\s+(?:tiên|cùng))?)?"
    rf"(?:\s+(?:của\s+)?(?:mỗi\s+)?quý\b(?P<next>\s+{_NEXT})?)?",
    re.IGNORECASE,
)
"""Trước ngày 10 của tháng cuối quý; ngày 05 tháng đầu quý sau; trước ngày 15 (hằng tháng); ngày 5 tháng sau."""

_MONTHS_OF_QUARTER: Final = {
    "đầu": 1, "thứ nhất": 1, "thứ 1": 1, "giữa": 2, "thứ hai": 2, "thứ 2": 2, "cuối": 3, "thứ ba": 3, "thứ 3": 3,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often, and when within each period; what the words leave open is None."""

    kind: str  # weekly, monthly, quarterly, half_yearly, yearly
    times: int | None = None  # how often within each period, where more than once
    day: int | None = None
    month_of_period: int | None = None  # the month of the period that has the day; one beyond its last is the next's
    weekday: int | None = None  # 1 is Monday
    rest: str = ""  # what else the text says


def read_recurrence(text: str) -> Recurrence | None:
    """The finest recurrence that a text names, with the day that stands beside it."""
    found = [(kind, each) for each in _REPEATED.finditer(text) if (kind := _kind(each))]
    named = {kind for kind, _ in found} | ({"quarterly"} if _MONTH_OF_QUARTER.search(text) else set())
    kind = next((each for each in _FINEST_FIRST if each in named), None)
    if kind is None:
        return None
    rest = text
    for _, each in found:
        rest = _without(rest, each)
    turns = next((each["turns"] for each_kind, each in found if each_kind == kind and each["turns"]), None)
    if turns is None and (counted := _TURNS.search(rest)):
        turns, rest = counted["turns"], _without(rest, counted)
    times = _number(turns) if kind != "half_yearly" else 1
    return _with_day(Recurrence(kind, times if times > 1 else None, rest=rest), text)


def _kind(found: re.Match[str]) -> str | None:
    part = next(name for name in ("per", "each", "once") if found[name])
    kind = _EVERY.get((found[part].lower(), _number(found[f"{part}_number"])))
    return "half_yearly" if kind == "yearly" and _number(found["turns"]) == 2 and "lần" in found[0].lower() else kind


def _with_day(found: Recurrence, text: str) -> Recurrence:
    """The weekday of a week, the day of a month or of one of a quarter's; several are left in the rest."""
    pattern = _WEEKDAY if found.kind == "weekly" else _DAY
    [*days] = pattern.finditer(found.rest)
    if len(days) != 1:
        return found
    [one] = days
    rest = _without(found.rest, one)
    if found.kind == "weekly":
        name = (one[1] or "").lower()
        weekday = _WEEKDAYS.get(name) or (int(name) - 1 if name else _SUNDAY)
        return Recurrence(found.kind, found.times, weekday=weekday, rest=rest)
    month = _month_of_period(found.kind, one)
    if month is None or not 1 <= int(one["day"]) <= 31:
        return found
    return Recurrence(found.kind, found.times, int(one["day"]), month, rest=rest)


def _month_of_period(kind: str, found: re.Match[str]) -> int | None:
    """Which month of its period a day stands in; None where the words leave it open."""
    month = " ".join((found["month"] or "").lower().split())
    is_next = re.fullmatch(_NEXT, month) is not None
    if kind == "monthly" and found["next"] is None:
        return 2 if is_next else 1 if month in ("", "báo cáo") else None
    if kind != "quarterly":
        return None
    if is_next:
        return 4
    place = _MONTHS_OF_QUARTER.get(month)
    return place + 3 if place and found["next"] else place


def _number(text: str | None) -> int:
    word = (text or "một").strip().lower()
    return _NUMBERS.get(word) or int(word)


def _without(text: str, found: re.Match[str]) -> str:
    """What stands in a text beside a match of it, or of a part of it."""
    return text.replace(found[0], " ", 1)
