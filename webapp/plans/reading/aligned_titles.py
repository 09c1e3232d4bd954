"""Titles among aligned rows: lines that cross columns, stand in the middle of the table, or where only numbers do."""

from __future__ import annotations

import re
from typing import Final

from webapp.plans.reading.aligned_headers import FEWEST_COLUMNS
from webapp.plans.reading.ordinals import marks_row, read_ordinal
from webapp.plans.reading.units import starts_like_unit

SHIFT: Final = 3  # characters by which a line's columns may be shifted
FEWEST_TITLE_WORDS: Final = 3
OFF_MIDDLE: Final = 0.3  # of a table's width, twice how far the middle of a title may be from its own
SEGMENT: Final = re.compile(r"\S+(?: \S+)*")


def crosses(raw: str, words: list[re.Match[str]], starts: list[int], end: int) -> bool:
    """Whether a line's one piece goes on beyond its column: that of the number only for a title in capitals."""
    if len(SEGMENT.findall(raw)) != 1 or words[0].start() > starts[1]:
        return False
    if _is_rest_of_row(words, starts):
        return False
    title = is_left_of_texts(words, starts) and not marks_row(words[0][0])
    return end > starts[1 if title else 2] + SHIFT


def is_left_of_texts(words: list[re.Match[str]], starts: list[int]) -> bool:
    """Whether words begin where numbers stand: so do titles that are merged over their row."""
    left = words[0].start() + min(SHIFT, starts[1] - 1) < starts[1]
    return left and words[0][0][0].isupper() and len(words) >= FEWEST_COLUMNS


def _is_rest_of_row(words: list[re.Match[str]], starts: list[int]) -> bool:
    """Whether a line in the column of texts goes on with a row, one space between its cells: "… hỗ trợ các Phòng"."""
    if words[0].start() + SHIFT < starts[1]:
        return False
    named = [word[0] for word in words if abs(word.start() - starts[2]) <= SHIFT]
    opens = words[0][0][0].isupper() or read_ordinal(words[0][0])
    return not opens or any(map(starts_like_unit, named))


def is_in_middle(raw: str, starts: list[int], width: int) -> bool:
    """Whether a line is a title in capitals that stands in the middle of its table, across the edge of a column."""
    text = raw.strip()
    first, last = len(raw) - len(raw.lstrip()), len(raw.rstrip())
    is_title = text.isupper() and len(text.split()) >= FEWEST_TITLE_WORDS and len(SEGMENT.findall(raw)) == 1
    crosses = any(first + SHIFT < at < last - SHIFT for at in starts[2:])
    is_long = len(text.split()) > FEWEST_TITLE_WORDS
    return is_title and (crosses or is_long) and abs(first + last - width) < OFF_MIDDLE * width


def is_merged(raw: str, words: list[re.Match[str]], starts: list[int]) -> bool:
    """Whether a number and its text stand in one cell: the text begins where only numbers do."""
    return len(words) > 1 and words[1].start() < starts[1] - 1 and len(SEGMENT.findall(raw)) == 1
