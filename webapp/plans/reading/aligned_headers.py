"""Headers of tables that are aligned with spaces: headings wrapped over lines, centred, close to each other."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Final

from webapp.plans.reading.blocks import Place, Row, cells_of
from webapp.plans.reading.columns import LONGEST_HEADING, Column, column_of, is_of_heading_words
from webapp.plans.reading.fitting import words_in
from webapp.plans.reading.target_tables import is_of_target_words, target_columns
from webapp.plans.reading.ticks import FEWEST_PERIODS
from webapp.plans.reading.wording import fold

FEWEST_COLUMNS: Final = 3
MOST_COLUMNS: Final = 20
MOST_HEADER_LINES: Final = 6
_WORD = re.compile(r"\S+")
_NUMBER_COLUMN = re.compile(r"^\s*(?:STT|Stt|TT|Số TT|S\s?TT)\b")
_NUMBER_WORDS: Final = frozenset({"stt", "tt", "s", "t"})
_PERIOD = re.compile(r"^(?:I{1,3}|IV|T\d{1,2}|Q[1-4]|20\d\d)$")
_GOES_ON: Final = ("/", ",", "&", "-", "–", "(")


@dataclass(frozen=True, slots=True)
class Head:
    """One heading, and where it stands in its lines."""

    start: int
    end: int
    text: str

    def meets(self, other: Head) -> bool:
        return self.start < other.end and other.start < self.end


def find_headers(lines: list[str]) -> list[tuple[int, int]]:
    """The first line of each header and how many lines its headings are wrapped over."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(lines):
        size = _size_at(lines, at)
        if size:
            found.append((at, size))
        at += size or 1
    return found


def heads_of(lines: list[str], is_start: Callable[[int], bool] = lambda at: False) -> list[Head]:
    """The headings of a header's lines; `is_start` says where cells begin below."""
    heads: list[Head] = []
    for line in lines:
        timed = next((head for head in heads if column_of(head.text) is Column.TIMING), None)
        if timed is not None and _is_of_periods(line):
            heads = _with_periods(heads, timed, [*_words(line)])
            continue
        heads = sorted(_placed(heads, [*_pieces(line, is_start)]), key=lambda head: head.start)
    return heads


def _is_of_periods(line: str) -> bool:
    """Whether a line only names the quarters, months or years of columns to be ticked."""
    words = line.split()
    return len(words) >= FEWEST_PERIODS and all(_PERIOD.match(word) for word in words)


def _with_periods(heads: list[Head], timed: Head, periods: list[Head]) -> list[Head]:
    """The headings with that of the time divided into those of the periods that stand below it."""
    divided = [Head(each.start, each.end, f"{timed.text} {each.text}") for each in periods]
    return sorted([*(head for head in heads if head is not timed), *divided], key=lambda head: head.start)


def _size_at(lines: list[str], at: int) -> int:
    """How many lines from here on are one header; 0 where none begins."""
    run = 0
    while run < MOST_HEADER_LINES and at + run < len(lines) and _is_header_line(lines[at + run], run):
        run += 1
    longest = next((size for size in range(run, 0, -1) if _says_header(heads_of(lines[at : at + size]))), 0)
    longest = longest or _size_of_targets(lines[at : at + MOST_HEADER_LINES])
    return longest or (1 if _opens_with_number(lines[at]) else 0)


def _size_of_targets(lines: list[str]) -> int:
    """How many of the lines are the header of a table of targets."""
    run = sum(1 for _ in takewhile(lambda line: line.strip() and is_of_target_words(line), lines))
    return next((size for size in range(run, 0, -1) if _says_targets(heads_of(lines[:size]))), 0)


def _says_targets(heads: list[Head]) -> bool:
    row = Row(cells_of([head.text for head in heads]), Place(), "")
    return FEWEST_COLUMNS < len(heads) <= MOST_COLUMNS and target_columns(row, None) is not None


def _is_header_line(line: str, above: int) -> bool:
    return _is_of_headings(line) or (above > 0 and _is_of_periods(line))


def _is_of_headings(line: str) -> bool:
    return bool(line.strip()) and is_of_heading_words(" ".join(word.text for word in _words(line)))


def _says_header(heads: list[Head]) -> bool:
    columns = {column_of(head.text) for head in heads} - {None, Column.OTHER}
    units = columns & {Column.LEAD, Column.UNITS, Column.COORDINATORS}
    rest = units or {Column.TIMING, Column.PRODUCT} <= columns
    short = all(len(head.text) <= LONGEST_HEADING for head in heads)
    return (
        short
        and len(heads) <= MOST_COLUMNS
        and len(columns) >= FEWEST_COLUMNS
        and Column.CONTENT in columns
        and bool(rest)
    )


def _opens_with_number(line: str) -> bool:
    """Whether a line that also says something unknown is a header: a number column named so, known ones beside it."""
    if not _NUMBER_COLUMN.match(line):
        return False
    heads = heads_of([line])
    short = all(len(head.text) <= LONGEST_HEADING for head in heads)
    return (
        short
        and len(heads) <= MOST_COLUMNS
        and len({column_of(head.text) for head in heads[1:]} - {None}) >= FEWEST_COLUMNS - 1
    )


def _pieces(line: str, is_start: Callable[[int], bool]) -> Iterator[Head]:
    """The headings of one line: parted by wide gaps, by a capital, or where cells begin below."""
    piece: Head | None = None
    for word in _words(line):
        if piece is not None and word.start - piece.end <= 1 and not _opens(piece, word, is_start(word.start)):
            piece = Head(piece.start, word.end, f"{piece.text} {word.text}")
            continue
        if piece is not None:
            yield piece
        piece = word
    if piece is not None:
        yield piece


def _words(line: str) -> Iterator[Head]:
    return (Head(start, start + len(word), word) for start, word in words_in(line))


def _opens(piece: Head, below: Head, is_start: bool) -> bool:
    """Whether a word that follows others opens a heading of its own."""
    before, word = piece.text.rpartition(" ")[2], below.text
    if before.endswith(_GOES_ON) or word in ("TT", "STT"):
        return False
    names = word[0].isupper() and word[1:].islower()
    return names or (is_start and word.isupper()) or fold(before) in _NUMBER_WORDS


def _placed(heads: list[Head], below: list[Head]) -> Iterator[Head]:
    """The headings together with the pieces of the next line, each below the one that it completes or divides."""
    left = [part for piece in below for part in _parted(piece, [head for head in heads if head.meets(piece)])]
    for head in heads:
        under = [piece for piece in left if piece.meets(head)]
        left = [piece for piece in left if piece not in under]
        if len(under) > 1 and all(column_of(piece.text) for piece in under):
            yield from (Head(piece.start, piece.end, f"{head.text} {piece.text}") for piece in under)
        else:
            yield _joined(head, under)
    yield from left


def _parted(piece: Head, above: list[Head]) -> Iterator[Head]:
    """A piece that stands below several headings, its words parted where these begin."""
    if len(above) < 2:
        yield piece
        return
    starts = [head.start for head in above[1:]]
    words = [(piece.start + found.start(), found[0]) for found in _WORD.finditer(piece.text)]
    for _, part in groupby(words, key=lambda word: bisect_right(starts, word[0])):
        inside = list(part)
        yield Head(inside[0][0], inside[-1][0] + len(inside[-1][1]), " ".join(word for _, word in inside))


def _joined(head: Head, under: Iterable[Head]) -> Head:
    for piece in under:
        start, end = min(head.start, piece.start), max(head.end, piece.end)
        head = Head(start, end, f"{head.text} {piece.text}")
    return head
