"""From blocks to the rows of the task tables, named by column; the rest is prose, passed over, or unread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, Row, cells_of
from webapp.plans.reading.columns import Column, Header, HeaderCell, is_column_numbering, opens_other_table, read_header
from webapp.plans.reading.furniture import is_annex_title, is_closing, is_last_sentence, is_page_number
from webapp.plans.reading.guessing import guess_header
from webapp.plans.reading.headings import Numbering, heading_from, heading_in
from webapp.plans.reading.ordinals import marks_row, unbroken
from webapp.plans.reading.readings import Unread
from webapp.plans.reading.target_tables import TargetColumns, target_columns, targets_of
from webapp.plans.reading.targets import Indicator
from webapp.plans.reading.ticks import Period, is_tick, period_in, when


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A row of a task table, its cells by column."""

    texts: dict[Column, str]
    above: dict[Column, str]  # what merged cells continue
    extra: tuple[tuple[str, str], ...]  # columns of other kinds
    spare: tuple[str, ...]  # cells beyond the header's
    row: Row
    columns: frozenset[Column]  # those that the table has
    shifted: bool = False  # the cell of the number was lost
    opens_page: bool = False  # a header stands right above

    @property
    def place(self) -> Place:
        return self.row.place

    def text(self, column: Column) -> str:
        return self.texts.get(column, "")

    def filled(self) -> frozenset[Column]:
        return frozenset(column for column, text in self.texts.items() if text)

    def lone(self) -> str | None:
        """The row's only text, once or repeated all along it; lead and coordinator may be one unit by chance."""
        filled = self.row.filled
        alone = len({cell.text for cell in filled}) == 1 and len(filled) != 2
        return filled[0].text if alone else None


Event = BodyRow | Paragraph


@dataclass(slots=True)
class TableReading:
    """What pass one finds."""

    events: list[Event] = field(default_factory=list)  # rows, and paragraphs between and after them
    prose: list[Paragraph] = field(default_factory=list)
    passed_over: list[Unread] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    indicators: list[Indicator] = field(default_factory=list)  # of tables of targets
    has_header: bool = False
    is_guessed: bool = False


_HEADER: Final = "Dòng tiêu đề của bảng."
_NO_TARGET: Final = "Tiêu đề hoặc dòng không có chỉ tiêu trong bảng chỉ tiêu."
_NOT_TASKS: Final = "Bảng không có cột nội dung và đơn vị chủ trì, không phải bảng nhiệm vụ."


def read_tables(blocks: tuple[Block, ...]) -> TableReading:
    """Find the task tables by their headers, or by what their columns hold where no header is left."""
    found = _Pass(blocks).run(None)
    if not (found.has_header or found.indicators) and (guess := guess_header(blocks)):
        found = _Pass(blocks).run(guess)
        found.is_guessed = True
    return found


class _Pass:
    """One walk over the blocks."""

    def __init__(self, blocks: tuple[Block, ...]) -> None:
        self.blocks = blocks
        self.at = 0
        self.header: Header | None = None
        self.table = 0  # of the header, in a Word file
        self.after_header = False
        self.closed = False  # past the recipients and the signature
        self.other = False  # in a table of another kind
        self.targets: TargetColumns | None = None  # of the table of targets that the walk is in
        self.target_table = 0
        self.in_title = False  # below "PHỤ LỤC II", above its header
        self.result = TableReading()

    def run(self, guessed: Header | None) -> TableReading:
        while self.at < len(self.blocks):
            block = self.blocks[self.at]
            self.at += 1
            if isinstance(block, Paragraph):
                self._paragraph(block)
            elif guessed and self.header is None and len(block.cells) == len(guessed):
                self.header, self.table = guessed, block.place.table
                self._row(block)
            elif not (self._takes_targets(block) or self._takes_header(block)):
                self._row(block)
        return self.result

    def _takes_targets(self, row: Row) -> bool:
        """Read a table of targets: its header, then its rows down to another table's header."""
        below = self.blocks[self.at] if self.at < len(self.blocks) else None
        if opened := target_columns(row, below if isinstance(below, Row) else None):
            (self.targets, size), self.target_table, self.closed = opened, row.place.table, False
            for each in self.blocks[self.at - 1 : self.at - 1 + size]:
                self.result.passed_over.append(Unread(text=each.raw, reason=_HEADER, place=each.place))
            self.at += size - 1
            return True
        if self.targets is None or row.place.table != self.target_table or self.closed:
            self.targets = None
            return False
        if read_header(row, None, None):
            self.targets = None
        elif found := [*targets_of(row, self.targets)]:
            self.result.indicators.extend(found)
        else:
            self._pass_over(row, _NO_TARGET)
        return self.targets is not None

    def _paragraph(self, block: Paragraph) -> None:
        if is_page_number(block.text):
            self.result.passed_over.append(Unread(text=block.raw, reason="Số trang hoặc dấu ký số.", place=block.place))
            return
        if is_annex_title(block.text) or is_closing(block.text):
            self.targets = None
        self.after_header = False
        if self.header is None:
            self.result.prose.append(block)
        else:
            self.closed = self.closed or is_closing(block.text) or is_last_sentence(block.text)
            self.result.events.append(block)

    def _takes_header(self, row: Row) -> bool:
        below = self.blocks[self.at] if self.at < len(self.blocks) else None
        opened = read_header(row, below if isinstance(below, Row) else None, self.header)
        if opened is None:
            return False
        if self.header is None:
            self._take_heading_back()
        self.header, size = opened
        self.table = row.place.table
        self.closed, self.other, self.in_title = False, False, False
        self.after_header = self.result.has_header = True
        self._pass_over(row, _HEADER)
        if size == 2 and isinstance(below, Row):
            self._pass_over(below, _HEADER)
            self.at += 1
        return True

    def _take_heading_back(self) -> None:
        """A group's heading may stand above the first table, as it does between the later ones."""
        if self.result.prose and self._heads_first_of_tables(self.result.prose[-1]):
            self.result.events.append(self.result.prose.pop())
        prose = self.result.prose
        in_annex = any(is_annex_title(line.text) for line in prose)
        for at in range(len(prose) - 1, max(-1, len(prose) - 4), -1):
            heading = heading_in(prose[at].text)
            if heading is None or heading.numbering not in (Numbering.ROMAN, Numbering.LETTER):
                continue
            if in_annex or heading.value == 1:
                self.result.events.extend(prose[at:])
                del prose[at:]
            return

    def _heads_first_of_tables(self, line: Paragraph) -> bool:
        """Whether a line is "1. …" above this table, and "2. …" stands above another."""
        heading = heading_in(line.text)
        if heading is None or heading.numbering is not Numbering.NUMBER or heading.value != 1:
            return False
        later = (
            upper.text
            for upper, lower in pairwise(self.blocks[self.at :])
            if isinstance(lower, Row) and isinstance(upper, Paragraph)
        )
        found = (heading_in(text) for text in later)
        return any(each is not None and (each.numbering, each.value) == (Numbering.NUMBER, 2) for each in found)

    def _pass_over(self, row: Row, reason: str) -> None:
        self.result.passed_over.append(Unread(text=row.raw, reason=reason, place=row.place))

    def _row(self, row: Row) -> None:
        if self.header is not None and (text := self._title_of_annex(row)):
            self._paragraph(Paragraph(text, row.place, row.raw))
            return
        opens = opens_other_table(row, self.header) if self.header else None
        self.other = self.other or bool(opens)
        if opens is False:
            self._pass_over(row, _HEADER)
        elif self.after_header and is_column_numbering(row):
            self._pass_over(row, "Dòng đánh số các cột.")
        elif self.header is None or self.other or self._is_foreign(row, self.header):
            self._foreign(row)
        else:
            row = self._whole(row, len(self.header))
            self.result.events.append(replace(_body_row(row, self.header), opens_page=self.after_header))
        self.after_header = False

    def _title_of_annex(self, row: Row) -> str | None:
        """Where all stands in one grid, the title of the next annex and the lines below it, down to its header."""
        texts = {cell.text for cell in row.filled}
        text = texts.pop() if len(texts) == 1 else ""
        self.in_title = bool(text) and (is_annex_title(text) or self.in_title) and not marks_row(text)
        return text if self.in_title else None

    def _is_foreign(self, row: Row, header: Header) -> bool:
        """Whether a row belongs to no task table: signatures, or another table without such a header."""
        if any(is_closing(cell.text) for cell in row.filled) and len(row.filled) <= 2:
            self.closed = True
            return True
        if row.place.table != self.table:
            return len(row.cells) != len(header) and row.cells[-1].end != header[-1].end
        return self.closed and len(row.cells) < len(header) and not marks_row(row.cells[0].text)

    def _foreign(self, row: Row) -> None:
        """Tables of two columns lay out the head and the signatures; larger ones hold something else."""
        if self.other or len(row.filled) > 2:
            self.result.unread.append(Unread(text=row.raw, reason=_NOT_TASKS, place=row.place))
            return
        pieces = (Paragraph(line, row.place, line) for cell in row.filled for line in cell.text.split("\n"))
        for piece in pieces:
            (self.result.events if self.header else self.result.prose).append(piece)

    def _whole(self, row: Row, width: int) -> Row:
        """The row together with the lines that follow it, where a cell's own line breaks cut it apart."""
        texts, raw, at = [cell.text for cell in row.cells], row.raw, self.at
        while row.place.line and len(texts) < width and at < len(self.blocks) and self.blocks[at].adjacent:
            piece = self.blocks[at]
            if isinstance(piece, Paragraph):
                if _stands_alone(piece.text):
                    return row
                texts[-1] += "\n" + piece.text
            elif marks_row(piece.cells[0].text) or not piece.cells[0].text:
                return row
            else:
                texts[-1] += "\n" + piece.cells[0].text
                texts.extend(cell.text for cell in piece.cells[1:])
            raw += "\n" + piece.raw
            at += 1
        if at == self.at or len(texts) != width:
            return row
        self.at = at
        return replace(row, cells=cells_of([text.strip() for text in texts]), raw=raw)


def _stands_alone(text: str) -> bool:
    return is_page_number(text) or is_closing(text) or is_annex_title(text) or heading_in(text) is not None


def _body_row(row: Row, header: Header) -> BodyRow:
    cells, shifted = _with_number(row, header)
    texts: dict[Column, str] = {}
    above: dict[Column, str] = {}
    extra: list[tuple[str, str]] = []
    ticked: list[Period] = []
    for cell, head in _named(cells, header):
        period = period_in(head.heading) if head.column is Column.PERIOD and is_tick(cell.text) else None
        if period:
            ticked.append(period)
        elif head.column in (Column.OTHER, Column.PERIOD):
            extra.extend([(head.heading, cell.text)] if cell.text else [])
        else:
            text = unbroken(cell.text) if head.column is Column.ORDINAL else cell.text
            texts[head.column] = " ".join(filter(None, [texts.get(head.column), text]))
            above |= {head.column: cell.above} if cell.above is not None else {}
    columns = {cell.column for cell in header}
    if Column.PERIOD in columns:
        columns.add(Column.TIMING)
        texts[Column.TIMING] = "; ".join(filter(None, [texts.get(Column.TIMING), when(ticked, _periods(header))]))
    spare = tuple(cell.text for cell in cells if cell.start >= header[-1].end and cell.text)
    return BodyRow(texts, above, tuple(extra), spare, row, frozenset(columns), shifted)


def _periods(header: Header) -> int:
    return sum(cell.column is Column.PERIOD for cell in header)


def _with_number(row: Row, header: Header) -> tuple[tuple[Cell, ...], bool]:
    """The row's cells, moved one to the right where the empty cell of the number was lost with the line's first tab."""
    first = row.cells[0]
    lost = row.place.line and 1 < len(row.cells) < len(header) and header[0].column is Column.ORDINAL
    is_mark = marks_row(first.text) or heading_in(first.text) or heading_from(first.text, row.cells[-1].text)
    if not lost or not first.text or is_mark:
        return row.cells, False
    return cells_of(["", *(cell.text for cell in row.cells)]), True


def _named(cells: tuple[Cell, ...], header: Header) -> Iterator[tuple[Cell, HeaderCell]]:
    """Each cell with its column: by order where the counts agree, else by the grid."""
    if len(cells) == len(header):
        yield from zip(cells, header, strict=True)
        return
    for cell in cells:
        head = next((head for head in header if head.start < cell.end and cell.start < head.end), None)
        if head is not None:
            yield cell, head
