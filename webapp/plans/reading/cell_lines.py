"""Tables whose cells stand below each other, a line for each, as programs leave them that save a document as text.

An empty cell is an empty line, or there is a blank line between all. Rows are told by their numbers: between two of
them there are as many lines as there are columns; where there are not, the words say which cell is which.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from webapp.plans.reading.blocks import Place, Row, cells_of
from webapp.plans.reading.columns import LONGEST_HEADING, Column, column_of, is_of_heading_words
from webapp.plans.reading.furniture import is_closing, is_page_number
from webapp.plans.reading.headings import Numbering, heading_from, heading_in
from webapp.plans.reading.ordinals import BULLETS, read_ordinal
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import starts_like_unit
from webapp.plans.reading.wording import clean

FEWEST_COLUMNS: Final = 4
MOST_COLUMNS: Final = 10
FEWEST_ROWS: Final = 2
MOST_OF: Final = 0.6  # of the rows have a line for each column, else this is no such table
FARTHEST: Final = 12  # lines more than columns that a row may have

_DOUBT: Final = "có số ô khác số cột; đã xếp các ô theo nội dung, cần kiểm tra từng ô"


@dataclass(frozen=True, slots=True)
class CellLines:
    """The rows of such a table, its header the first of them, and the lines from `first` up to `end` that it takes."""

    first: int
    end: int
    rows: list[Row]


def _find(lines: list[str], number: int) -> CellLines | None:
    """The first table of the lines, which begin with that number; None where there is none."""
    walked = 0
    for at, line in enumerate(lines):
        if at >= walked and len(line) <= LONGEST_HEADING and column_of(line) is Column.ORDINAL:
            tables = [_Table(lines, at, step, columns) for step in (1, 2) for columns in _headers(lines, at, step)]
            best = max(tables, key=lambda table: table.exact - table.inexact, default=None)
            if best is not None and best.is_sure:
                return best.found(number)
            walked = max((table.end for table in tables), default=at)
    return None


def _headers(lines: list[str], at: int, step: int) -> Iterator[list[Column]]:
    """The headers that may begin on a line: the words of a title below may look like a heading too."""
    columns = _columns(lines, at, step)
    again = next((place for place in range(FEWEST_COLUMNS, len(columns)) if columns[place] in columns[:place]), 0)
    for header in filter(None, (columns, columns[:again])):
        known = {*header} - {Column.OTHER}
        if len(known) >= FEWEST_COLUMNS and Column.CONTENT in known and known & {Column.LEAD, Column.UNITS}:
            yield header


def _columns(lines: list[str], at: int, step: int) -> list[Column]:
    """What the headings from a line on say."""
    columns: list[Column] = []
    for place in range(at, min(at + MOST_COLUMNS * step, len(lines)), step):
        between = lines[place - step + 1 : place] if place > at else []
        column = None if any(between) else _heading(lines[place])
        if column is None:
            break
        columns.append(column)
    return columns


def _heading(text: str) -> Column | None:
    if not text or len(text) > LONGEST_HEADING or heading_in(text):
        return None
    return column_of(text) or (Column.OTHER if is_of_heading_words(text) else None)


class _Table:
    """One walk over the cells of a table."""

    def __init__(self, lines: list[str], first: int, step: int, columns: list[Column]) -> None:
        self.first = first
        self.step = step
        self.columns = columns
        self.cells = lines[first::step]
        self.exact = self.inexact = 0
        self.rows = [*self._rows()]

    @property
    def is_sure(self) -> bool:
        found = self.exact + self.inexact
        return found >= FEWEST_ROWS and self.exact >= MOST_OF * found

    @property
    def end(self) -> int:
        return self.first + sum(size for _, size in self.rows) * self.step

    def found(self, number: int) -> CellLines:
        """The table, its lines numbered as the text's."""
        made = []
        for at, size in self.rows:
            place = Place(line=number + self.first + at * self.step)
            doubt = "" if size in (2, len(self.columns)) or not self._is_numbered(at) else _DOUBT
            raw = "\t".join(self.cells[at : at + size])
            made.append(Row(cells_of(self._texts(at, size)), place, raw, doubt=doubt))
        return CellLines(self.first, self.end, made)

    def _rows(self) -> Iterator[tuple[int, int]]:
        at = 0
        while size := self._size(at):
            yield at, size
            at += size

    def _size(self, at: int) -> int:
        """How many cells the row has that begins here; 0 behind the table."""
        width = len(self.columns)
        if at == 0 or self._is_header(at):
            return width
        if at >= len(self.cells) or is_closing(self.cells[at]):
            return 0
        if not self._is_numbered(at):
            return self._size_of_title(at)
        if heading_from(self.cells[at], self.cells[at + 1]) and read_ordinal(self._cell(at + 2)):
            return 2
        size = width if self._fills(at) else self._size_by_next(at)
        as_many = len(_with_items(self.cells[at : at + size])) == width
        self.exact += as_many
        self.inexact += not as_many
        return size

    def _size_of_title(self, at: int) -> int:
        """A title's line, and the empty ones of the other cells where these were kept."""
        if not self._is_title(at):
            return 0
        blank = next((size for size in range(1, len(self.columns)) if self._cell(at + size)), len(self.columns))
        return blank if self._begins(at + blank) else 1

    def _fills(self, at: int) -> bool:
        """Whether the row has a line for each column; the last of too many may look like the next group's title."""
        end = at + len(self.columns)
        if self._begins(end):
            return True
        return self._is_title(end) and len(_with_items(self.cells[at : end + 1])) > len(self.columns)

    def _size_by_next(self, at: int) -> int:
        """How far it is to where the next row begins; of the last row, which has none behind it, as the columns say."""
        width = len(self.columns)
        near = sorted(range(3, width + FARTHEST), key=lambda size: (abs(size - width), -size))
        return next((size for size in near if self._is_next(at, at + size)), width)

    def _is_next(self, at: int, other: int) -> bool:
        """Whether the row behind this one begins there: with a heading, or with the next number."""
        if other >= len(self.cells) or not (self._begins(other) or self._is_title_behind(at, other)):
            return False
        own, following = (read_ordinal(self.cells[each]) for each in (at, other))
        if not following.rpartition(".")[2].isdigit() or not own.rpartition(".")[2].isdigit():
            return True
        return int(following.rpartition(".")[2]) in (1, int(own.rpartition(".")[2]) + 1)

    def _is_title_behind(self, at: int, other: int) -> bool:
        return self._is_title(other) and len(_with_items(self.cells[at:other])) == len(self.columns)

    def _begins(self, at: int) -> bool:
        """Whether a row, a numbered title, a header or the end of the table is there."""
        behind = next(filter(None, self.cells[at : at + len(self.columns)]), "")
        if not behind or is_closing(behind):
            return True
        return self._is_numbered(at) or self._is_known_title(at) or self._is_header(at)

    def _is_numbered(self, at: int) -> bool:
        text = self.cells[at]
        following = self._cell(at + 1)
        return bool(following) and bool(read_ordinal(text) or heading_from(text, following))

    def _is_title(self, at: int) -> bool:
        """Whether one cell is merged over its row, the first row of its group or a further title below."""
        below = next(filter(None, self.cells[at + 1 : at + len(self.columns) + 1]), "")
        return self._is_known_title(at) or (self._cell(at)[:1].isupper() and bool(read_ordinal(below)))

    def _is_known_title(self, at: int) -> bool:
        text = self._cell(at)
        heading = heading_in(text)
        if heading is None or heading.numbering is not Numbering.NUMBER:
            return heading is not None or is_page_number(text)
        return bool(read_ordinal(next(filter(None, self.cells[at + 1 : at + len(self.columns) + 1]), "")))

    def _cell(self, at: int) -> str:
        return self.cells[at] if at < len(self.cells) else ""

    def _is_header(self, at: int) -> bool:
        texts = self.cells[at : at + len(self.columns)]
        return [_heading(text) for text in texts] == self.columns

    def _texts(self, at: int, size: int) -> list[str]:
        texts, width = self.cells[at : at + size], len(self.columns)
        content = self.columns.index(Column.CONTENT)
        if size in (2, width) or not self._is_numbered(at):
            return texts
        texts = _with_items(texts)
        while len(texts) > width:
            upper = next((place for place, text in enumerate(texts[1:-1], 1) if text[-1:] in (";", ",", ":")), content)
            texts[upper : upper + 2] = ["\n".join(texts[upper : upper + 2])]
        return texts if len(texts) == width else self._by_words(texts)

    def _by_words(self, texts: list[str]) -> list[str]:
        """The cells in those of the columns where their words fit best."""
        ways = combinations(range(1, len(self.columns)), len(texts) - 1)
        best = max(ways, key=lambda way: sum(map(self._fits, way, texts[1:])))
        made = [texts[0], *[""] * (len(self.columns) - 1)]
        for at, text in zip(best, texts[1:], strict=True):
            made[at] = text
        return made

    def _fits(self, at: int, text: str) -> float:
        column, is_unit = self.columns[at], starts_like_unit(text)
        is_time = len(text) <= LONGEST_HEADING and read_timing(text).kind not in ("unknown", "none")
        return {
            Column.LEAD: 3.0 if is_unit else -3.0,
            Column.COORDINATORS: 2.0 if is_unit else -2.0,
            Column.TIMING: 3.0 if is_time else -1.0,
            Column.CONTENT: 4.0,
            Column.PRODUCT: -1.0 if is_unit or is_time else 1.0,
        }.get(column, 0.0)


def _with_items(texts: list[str]) -> list[str]:
    """The cells with items, and what begins in mid-sentence, put to the line above."""
    joined = texts[:2]
    for text in texts[2:]:
        if text[:1] in BULLETS or text[:1].islower():
            joined[-1] = f"{joined[-1]}\n{text}"
        else:
            joined.append(text)
    return joined


def lines_apart(lines: list[str], number: int) -> Iterator[tuple[list[str], int, CellLines | None]]:
    """The lines before, between and behind such tables, each with the table that follows."""
    cleaned = [clean(line) for line in lines]
    while (found := _find(cleaned, number)) is not None:
        yield lines[: found.first], number, found
        lines, cleaned, number = lines[found.end :], cleaned[found.end :], number + found.end
    yield lines, number, None
