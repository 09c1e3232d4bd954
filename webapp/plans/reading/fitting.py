"""Where the columns of one row begin: near where they are expected, where its lines' pieces of text do begin.

Extraction shifts each row's columns a little, and leaves one space where a cell is full. So the beginnings are
weighed together: a piece that begins there speaks for a place; a word cut in two, a pair of words parted that a single
space holds together, a wide gap left inside a cell, and distance from the place expected speak against it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from webapp.plans.reading.ordinals import marks_row
from webapp.plans.reading.units import starts_like_unit

FARTHEST: Final = 8  # characters from the place expected
FARTHEST_FROM_HEAD: Final = 24
OFTEN: Final = 8  # a column begins on one line of so many; where none does near its heading, that stands in its middle
MOST_PLACES: Final = 10  # for a column of a table
MOST_LINES: Final = 80  # of a table, or of a row, by which its columns are placed
SLACK: Final = 4  # characters by which one line of a row may be shifted
END: Final = 1_000_000  # behind every line

_DISTANCE: Final = 0.4  # for each character
_BACK: Final = 0.5  # for each character by which one line begins before its column
_OVER: Final = 1.0  # for each by which the text before it runs on
_CUT: Final = 8.0  # a word in two
_PARTED: Final = 3.0  # two words with a single space between them
_PARTED_NAME: Final = 6.0
_PARTED_AT_CAPITAL: Final = 1.2
_PARTED_ELSE: Final = 1.6
_THERE: Final = 0.5  # of that, where the second begins at the very place
_LOWER: Final = 2.0  # for a cell of a new row that begins in mid-sentence
_DOUBT: Final = 0.7  # more than a capital at the very place
_BEGINS: Final = 1.0  # for a piece that begins there
_MOST_BEGIN: Final = 4
_GAP: Final = 3.0  # for a wide gap inside a cell
_OFF: Final = 0.5  # for a piece that begins elsewhere in its cell
_TOGETHER: Final = 2.0  # for each time that two words stand together elsewhere
MOST_TOGETHER: Final = 3
_NO_NUMBER: Final = 3.0  # for a word in the column of numbers

_WORD = re.compile(r"\S+")
_NUMBERED = re.compile(r"(?:quý|năm|tháng|ngày|số|nhất|thiểu|đạt|thứ|đoạn|trước|đến|dưới|trên|[-–,/])$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """The words of a line, with where each begins and ends."""

    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    wide: tuple[int, ...]  # the words behind wide gaps, and the first
    numbers: int = 0  # how many words stand in the column of numbers for sure
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)  # how often two words stand together elsewhere
    parted: dict[int, tuple[int, float]] = field(default_factory=dict)  # by place, as already asked

    def part(self, at: int) -> tuple[int, float]:
        """The first word of a column that begins about there, and what speaks against it."""
        if at not in self.parted:
            index = bisect_left(self.starts, at)
            near = range(max(index - 2, 0), min(index + 2, len(self.words)) + 1)
            self.parted[at] = min(
                ((cost, each) for each in near if (cost := self._against(each, at)) is not None), default=(_CUT, index)
            )[::-1]
        return self.parted[at]

    def _against(self, index: int, at: int) -> float | None:
        if index < self.numbers:
            return None
        end = self.ends[index - 1] if index else 0
        start = self.starts[index] if index < len(self.words) else END
        over, back = max(0, end - at), max(0, at - start)
        if max(over, back) > SLACK:
            return None
        beside = self.numbers < index < len(self.words) and start - end <= 1
        parting = _parting(self.words[index - 1], self.words[index]) if beside else 0
        together = self.pairs.get((self.words[index - 1], self.words[index]), 0) if beside else 0
        apart = _TOGETHER * min(together, MOST_TOGETHER) + _OVER * over + _BACK * back
        return apart + (_THERE * parting if start == at else parting)


def line_of(raw: str, numbers: int = 0, pairs: Mapping[tuple[str, str], int] | None = None) -> Line:
    found = [*words_in(raw)]
    starts, ends = tuple(start for start, _ in found), tuple(start + len(word) for start, word in found)
    wide = tuple(at for at, start in enumerate(starts) if at == 0 or start - ends[at - 1] > 1)
    return Line(tuple(word for _, word in found), starts, ends, wide, numbers, pairs or {})


def pairs_in(lines: Iterable[str], end: int = END) -> Counter[tuple[str, str]]:
    """How often words stand beside each other, a single space between them, up to where another column may begin."""
    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        for (begin, before), (at, word) in pairwise(words_in(line)):
            if at - begin - len(before) == 1 and at + len(word) <= end and before.isalpha():
                found[before, word] += 1
    return found


def words_in(line: str) -> Iterator[tuple[int, str]]:
    """Where each word begins, also of two that extraction left without the space between their cells: "thuộcỦy"."""
    for found in _WORD.finditer(line):
        word, start = found[0], found.start()
        glued = [
            at for at in range(1, len(word)) if word[at].isupper() and (word[at - 1].islower() or word[at - 1] == "–")
        ]
        for first, last in pairwise([0, *glued, len(word)]):
            yield start + first, word[first:last]


def _parting(before: str, word: str) -> float:
    """Of two words with a single space between them: a cell mostly begins with a capital, then with a figure.

    "Quý II", "2026 – 2030" and "Sở Khoa học" are no ends and beginnings of cells.
    """
    is_name = before[0].isupper() and starts_like_unit(f"{before} {word}")
    is_span = before[-1].isdigit() if word in "-–" else (_NUMBERED.search(before) and not word[-1].islower())
    if is_name or is_span:
        return _PARTED_NAME
    if word[0].islower() or word in "-–":
        return _PARTED
    return _PARTED_AT_CAPITAL if word[1:].islower() else _PARTED_ELSE


def fit(lines: list[Line], expected: list[int], usual: list[int], empty: list[float]) -> list[int]:
    """Where the columns begin in a row: of all ways the one with the least against it.

    `expected` is where they began in the row above, `usual` where they mostly do, and `empty` what speaks against
    each column's having no word in the row.
    """
    lines = lines[:MOST_LINES]
    found = {start for line in lines for start in line.starts}
    found |= {line.ends[at - 1] + 1 for line in lines for at in (*line.wide[1:], len(line.words)) if at}
    places = []
    for pair in zip(expected[1:], usual[1:], strict=True):
        near = {at: min(abs(at - each) for each in pair) for at in {*found, *pair}}
        places.append({at: _DISTANCE * far for at, far in near.items() if far <= FARTHEST})
    return _cheapest(lines, places, empty) or expected


def fit_all(lines: list[Line], heads: list[int], empty: list[float]) -> list[int]:
    """Where the columns of a table begin, given where their headings do: mostly near to them, sometimes far."""
    begun = Counter(line.starts[at] for line in lines for at in line.wide)
    often = len(lines) // OFTEN
    places = []
    for before, head in pairwise(heads):
        close = [at for at in begun if at > before and abs(at - head) <= FARTHEST_FROM_HEAD]
        if max(map(begun.__getitem__, close), default=0) < often:
            close = [at for at in begun if before < at <= head]
        likely = sorted(close, key=lambda at: (-begun[at], abs(at - head)))[:MOST_PLACES]
        places.append({at: _DISTANCE * abs(at - head) for at in {head, *likely}})
    sample = lines[:: len(lines) // MOST_LINES + 1]
    return _cheapest(sample, places, empty) or [0, *heads[1:]]


def _cheapest(lines: list[Line], places: list[dict[int, float]], empty: list[float]) -> list[int] | None:
    """One place of each column, in order; None where there is no such order."""
    ways: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, (0,))}
    for costs, none in zip(places, empty, strict=False):
        reached = {}
        for at, cost in costs.items():
            before = [
                (so_far + _inside(lines, left, at, none), way) for left, (so_far, way) in ways.items() if left < at
            ]
            if before:
                best, way = min(before)
                reached[at] = (best + cost + _against(lines, at), (*way, at))
        ways = reached
    ends = [(cost + _inside(lines, left, END, empty[-1]), way) for left, (cost, way) in ways.items()]
    return list(min(ends)[1]) if ends else None


def _against(lines: list[Line], at: int) -> float:
    """What speaks against a column that begins here."""
    begun = sum(1 for line in lines for index in line.wide if line.starts[index] == at)
    return sum(line.part(at)[1] for line in lines) - _BEGINS * min(begun, max(_MOST_BEGIN, len(lines) // 4))


def _inside(lines: list[Line], left: int, right: int, empty: float) -> float:
    """What speaks against a cell from here to there."""
    cost, opening = 0.0, ""
    for line in lines:
        first, last = line.part(left)[0] if left else 0, line.part(right)[0]
        pieces = line.wide[bisect_left(line.wide, first) : bisect_left(line.wide, last)]
        if pieces:
            cost += _GAP * (len(pieces) - 1) + _OFF * (line.starts[pieces[0]] != left)
        if left == 0:
            cost += _NO_NUMBER * sum(not marks_row(word) for word in line.words[:last])
        opening = opening or (line.words[first] if first < last else "")
    if left == 0:
        return cost
    if not opening:
        return cost + empty
    return cost + _LOWER * (lines[0].numbers > 0 and opening[0].islower())


def is_doubtful(lines: list[Line], starts: list[int]) -> bool:
    """Whether a column begins where nothing but a single space, or less, parts it from the one before."""
    return any(line.part(at)[1] > _DOUBT for line in lines for at in starts[1:])


def cells_in(line: Line, starts: list[int]) -> list[str]:
    """The words of a line by column."""
    firsts = [0]
    for at in starts[1:]:
        firsts.append(max(line.part(at)[0], firsts[-1]))
    return [_text(line, first, last) for first, last in pairwise([*firsts, len(line.words)])]


def _text(line: Line, first: int, last: int) -> str:
    """The words from the first to the one before the last, spaces where the line has some."""
    spaces = [" " if line.starts[at] > line.ends[at - 1] else "" for at in range(first + 1, last)]
    return "".join(word + space for word, space in zip(line.words[first:last], [*spaces, ""], strict=False))
