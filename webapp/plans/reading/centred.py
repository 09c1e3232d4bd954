"""Rows of aligned text whose short cells stand in the middle of their height: the number is not in the first line.

Of all ways to part the lines, each part with its number, the one is taken whose numbers stand most in the middle and
whose texts begin as texts do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Final

from webapp.plans.reading.wording import starts_afresh

MOST_AT_TOP: Final = 0.6  # of the numbered lines begin a text: more than that, and cells stand at the top
HIGHEST: Final = 80  # lines of a row
_IN_MID_SENTENCE: Final = 4.0  # lines off the middle that weigh as much
_GOES_ON_ABOVE: Final = 2.0
_ENDS_ABOVE: Final = 0.7
_CUT_BY_PAGE: Final = 1.5

_GOES_ON = re.compile(r"(?:[,:(–-]|\b(?:và|của|các|cho|với|về|trong|theo|tại|số|từ|đến|có))$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Text:
    """What a line holds of the columns of numbers and of texts; nothing of either for a line between tables' rows."""

    is_numbered: bool
    content: str
    parts: bool = False  # a title or a page number, which no row reaches over


def is_centred(lines: Sequence[Text]) -> bool:
    """Whether numbers stand beside the middle of their texts: told by texts of several lines."""
    tell = [at for at, line in enumerate(lines) if line.is_numbered and _is_of_several_lines(lines, at)]
    begun = [at for at in tell if _begins_beside(lines, at)]
    at_top = [at for at in begun if not _another_begins_below(lines, at)]
    return len(begun) < len(tell) and len(at_top) <= MOST_AT_TOP * len(tell)


def _is_of_several_lines(lines: Sequence[Text], at: int) -> bool:
    """Whether more of a text stands on the lines up to the numbers around it; where none stands beside its number, on
    both sides, for a page may cut a number off."""
    above, below = reversed(lines[:at]), lines[at + 1 :]
    filled = [any(line.content for line in takewhile(_is_between, side)) for side in (above, below)]
    return any(filled) if lines[at].content else all(filled)


def _is_between(line: Text) -> bool:
    return not (line.is_numbered or line.parts)


def _begins_beside(lines: Sequence[Text], at: int) -> bool:
    above = next((line.content for line in takewhile(_is_between, reversed(lines[:at])) if line.content), "")
    return bool(lines[at].content) and starts_afresh(lines[at].content) and not _GOES_ON.search(above)


def _another_begins_below(lines: Sequence[Text], at: int) -> bool:
    """Whether the next text, before the next number, begins as the text of another row does."""
    below = next((line.content for line in takewhile(_is_between, lines[at + 1 :]) if line.content), "")
    return below[:1].isupper() and not _GOES_ON.search(lines[at].content)


def first_lines(lines: Sequence[Text]) -> set[int]:
    """The positions of the lines at which rows begin."""
    found: set[int] = set()
    begin = 0
    for at in range(len(lines) + 1):
        if at == len(lines) or lines[at].parts:
            found |= {begin + first for first in _parted(lines[begin:at])}
            begin = at + 1
    return found


def _parted(lines: Sequence[Text]) -> list[int]:
    """Where the rows of a run begin: a row for each number, and before them perhaps the rest of one cut by a page."""
    numbers = [at for at, line in enumerate(lines) if line.is_numbered]
    if not numbers:
        return []
    ways = {at: (_begins(lines, at) + _CUT_BY_PAGE * (at > 0), [at]) for at in range(numbers[0] + 1)}
    for number, following in pairwise(numbers):
        ways = {
            at: min(
                (cost + _begins(lines, at) + _off_middle(first, number, at), [*way, at])
                for first, (cost, way) in ways.items()
            )
            for at in range(number + 1, min(following, number + HIGHEST) + 1)
        }
    last = numbers[-1]
    return min((cost + _off_middle(first, last, len(lines)), way) for first, (cost, way) in ways.items())[1]


def _off_middle(first: int, number: int, end: int) -> float:
    return abs((number - first) - (end - 1 - number))


def _begins(lines: Sequence[Text], at: int) -> float:
    """What speaks against a row's beginning at a line."""
    text = next((line.content for line in lines[at:] if line.content), "")
    above = next((line.content for line in reversed(lines[:at]) if line.content), "")
    if not text:  # It stands on the next page.
        return _CUT_BY_PAGE
    cost = 0.0 if starts_afresh(text) else _IN_MID_SENTENCE
    return cost + _GOES_ON_ABOVE * bool(_GOES_ON.search(above)) - _ENDS_ABOVE * above.endswith((".", ";"))
