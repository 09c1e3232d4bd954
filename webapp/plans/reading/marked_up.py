"""Tables that stand in a text as HTML, as extraction to Markdown leaves those with merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

from webapp.plans.reading.blocks import Cell, Place, Row
from webapp.plans.reading.wording import clean

MOST_COLUMNS: Final = 100
MOST_ROWS: Final = 2_000  # that one cell covers
_TAG = re.compile(r"<(/?)table\b", re.IGNORECASE)
_LINES: Final = frozenset({"p", "br", "div", "li", "ul", "ol"})


def parted_at_tables(text: str) -> Iterator[tuple[str, int, bool]]:
    """The pieces of a text, each with the line that it begins on and whether it is a table.

    A table that never ends goes to the end of the text.
    """
    at, line, inside = 0, 1, False
    for tag in _TAG.finditer(text):
        if inside == bool(tag[1]):
            end = (text.find(">", tag.end()) + 1 or len(text)) if inside else tag.start()
            yield text[at:end], line, inside
            line, at, inside = line + text.count("\n", at, end), end, not inside
    yield text[at:], line, inside


def rows_of_table(text: str, first: int) -> list[Row]:
    """The rows of a table that begins on a line."""
    parser = _Rows(first)
    parser.feed(text)
    parser.close()
    parser.end_row()
    return parser.rows


class _Rows(HTMLParser):
    """Gathers the rows of one table, the merged cells in their places."""

    def __init__(self, first: int) -> None:
        super().__init__()
        self.first = first
        self.rows: list[Row] = []
        self.cells: list[Cell] = []
        self.texts: list[str] | None = None  # of the cell that is open
        self.spans = (1, 1)
        self.line = first
        self.covering: dict[int, tuple[int, int, str]] = {}  # by column: its end, rows yet to cover, the text

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.end_row()
            self.line = self.first + self.getpos()[0] - 1
        elif tag in ("td", "th"):
            self._end_cell()
            told = dict(attrs)
            self.spans = (_span(told.get("colspan"), MOST_COLUMNS), _span(told.get("rowspan"), MOST_ROWS))
            self.texts = []
        elif tag in _LINES and self.texts is not None:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self.end_row()

    def handle_data(self, data: str) -> None:
        if self.texts is not None:
            self.texts.append(data.replace("\n", " "))

    def _end_cell(self) -> None:
        if self.texts is None:
            return
        self._cover()
        text, start = clean("".join(self.texts)), self._end
        wide, high = self.spans
        self.cells.append(Cell(text, start, start + wide))
        if high > 1:
            self.covering[start] = (start + wide, high, text)
        self.texts = None

    @property
    def _end(self) -> int:
        return self.cells[-1].end if self.cells else 0

    def _cover(self) -> None:
        """Put in the cells from above that reach down to where the next one would begin."""
        while (found := self.covering.get(self._end)) and found[1] > 0:
            self.cells.append(Cell("", self._end, found[0], above=found[2]))

    def end_row(self) -> None:
        self._end_cell()
        if self.cells:
            self._cover()
            texts = [cell.text for cell in self.cells]
            if any(texts) and self._end <= MOST_COLUMNS:
                self.rows.append(Row(tuple(self.cells), Place(line=self.line), "\t".join(texts)))
            self.covering = {at: (end, left - 1, text) for at, (end, left, text) in self.covering.items() if left > 1}
        self.cells = []


def _span(written: str | None, most: int) -> int:
    return min(max(int(written), 1), most) if written and written.isascii() and written.isdigit() else 1
