"""Times of which some words were not understood: for a person to look at, never lost silently."""

from __future__ import annotations

import re

from webapp.plans.reading.readings import Phase, Timing
from webapp.plans.reading.recurrences import read_recurrence
from webapp.plans.reading.times_of_year import without_time_of_year
from webapp.plans.reading.timing import BEGINNING, LUNAR, PHASE_ENDS
from webapp.plans.reading.wording import one_line

_LOOSE = re.compile(
    r"\b(?:Tết|dịp|kỳ họp|học kỳ|năm học|khai giảng|nghỉ hè|âm lịch|(?:mỗi|theo|sau) vụ|mùa|"
    r"vụ (?:đông|xuân|hè|thu|mùa|chiêm)|(?<!tháng )(?:đầu|giữa|cuối) năm)\b",
    re.IGNORECASE,
)
"""Times of the year whose days stand elsewhere."""


_LUNAR_DAY = re.compile(r"\bâm lịch\b|\brằm\b", re.IGNORECASE)
_RESTATED = re.compile(r"\([^()]*\d[^()]*âm lịch[^()]*\)", re.IGNORECASE)  # a day of the year, once more
_YEARLY = re.compile(r"\b(?:h[àằ]ng|mỗi)\s+năm\b|thường niên", re.IGNORECASE)
_PART_OF_PERIOD = re.compile(
    r"\btháng\s+(?:đầu|giữa|thứ)\b(?!\s+năm)|"
    r"\b(?:đầu|giữa)\s+(?:(?:mỗi|h[àằ]ng)\s+)?(?:tháng|quý|tuần)\b|\b(?:thượng|trung|hạ)\s+tuần\b|"
    r"\btuần\s+(?:đầu|cuối|thứ|\d)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?:ngày|mùng|mồng)\s+\d|(?<![\w/.,])(?!24\s*/\s*7\b)\d{1,2}\s*/\s*(?:0?[1-9]|1[0-2])(?![\d/])|"
    r"\d{1,2}/\d{1,2}/\d{2,4}\b|\btháng\s+\d|\bquý\s+(?:[IV]+|\d)\b|\bkể từ\b|"
    r"\bthứ\s+(?:hai|ba|tư|năm|sáu|bảy|[2-7])\b|\bchủ nhật\b|"
    r"\b(?:h[àằ]ng|mỗi)\s+(?:tuần|tháng|quý|năm)\b|\b(?:tuần|tháng|quý|năm)\s*(?:/|\bmột\b)\s*lần\b|"
    r"\b(?:sau|trong|trước|chậm nhất|muộn nhất)\s+(?:vòng\s+|thời hạn\s+)?\d{1,3}\s*(?:giờ|h\d{0,2}|ngày|tuần|tháng)\b",
    re.IGNORECASE,
)
"""What names a time, wherever it stands beside the one that was read."""

_LATER = re.compile(r"\b(?:quý|tháng|tuần|kỳ|đợt)\s+(?:tiếp theo|sau|kế tiếp)\b|\btrở đi\b", re.IGNORECASE)
"""That a time which is named once comes again."""


def half_read(timing: Timing) -> list[str]:
    """The phases that were not understood, or of which some words name a time that is not read."""
    return [
        phase.text
        for phase in timing.phases
        if phase.kind == "unknown" or _is_loose(phase) or _has_more(phase) or _is_one_of_several(phase, timing)
    ]


def _is_loose(phase: Phase) -> bool:
    is_placed = (phase.month or phase.quarter) and not PHASE_ENDS.search(phase.text)
    is_lunar = _LUNAR_DAY.search(_RESTATED.sub("", phase.text)) is not None
    return phase.kind != "blocked" and (is_lunar or (not is_placed and _LOOSE.search(phase.text) is not None))


def _is_one_of_several(phase: Phase, timing: Timing) -> bool:
    """Whether only one day of the year is named of what comes more often: "định kỳ 6 tháng, trước ngày 15/6"."""
    found = read_recurrence(one_line(phase.text)) if phase.kind in ("yearly_month", "yearly_quarter") else None
    return len(timing.phases) == 1 and found is not None and found.kind != "yearly"


def _has_more(phase: Phase) -> bool:
    """Whether the words name a time beside the one that was read."""
    text = LUNAR.sub(" ", one_line(phase.text))
    if phase.waits_for:
        text = text.replace(phase.waits_for, " ")
    if phase.recurrence:
        text = BEGINNING.sub(" ", text)
        found = read_recurrence(text)
        rest = found.rest if found and found.kind == phase.recurrence else _YEARLY.sub(" ", text)
    else:
        rest = text
    if phase.month or phase.quarter or phase.kind == "years":
        rest = without_time_of_year(rest)
    is_more_later = phase.recurrence is None and _LATER.search(rest) is not None
    is_in_part = phase.month_of_period is None and _PART_OF_PERIOD.search(text)
    return bool(is_in_part or is_more_later or _TIME.search(rest))
