"""Word files: paragraphs and tables of the body, with merged cells, automatic numbers and accepted changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from webapp.plans.reading.blocks import Block, Cell, Paragraph, Place, PlanUnreadable, Row, Source
from webapp.plans.reading.numbering import (
    Element,
    ListNumbers,
    attribute,
    child,
    children,
    local_name,
    number_attribute,
)
from webapp.plans.reading.packages import WORD, open_package
from webapp.plans.reading.wording import clean

MOST_BLOCKS: Final = 20_000
WIDEST: Final = 200  # grid columns

_SCANNED: Final = "Tệp Word chỉ có ảnh chụp, chưa có chữ. Hãy dùng bản Word gốc, hoặc nhận dạng chữ (OCR) rồi tải lên."
_TOO_LONG: Final = "Tệp Word quá dài, không giống một kế hoạch. Hãy chỉ gửi phần kế hoạch và phụ lục."
_CHANGES: Final = (
    "Tệp Word còn vết sửa (Track Changes): đã đọc như khi chấp nhận hết các sửa đổi; hãy đối chiếu với bản ký."
)
_LEFT_OUT: Final = frozenset(
    {"del", "moveFrom", "Fallback", "instrText", "delText", "pPr", "rPr", "tblPr", "trPr", "tcPr"}
)
_BREAKS: Final = {"br": "\n", "cr": "\n", "tab": " ", "noBreakHyphen": "-", "ptab": " "}


def read_word(data: bytes) -> Source:
    """The blocks of a Word file.

    Raises PlanUnreadable for what is no Word file, holds only pictures, or must not be opened.
    """
    package = open_package(data, WORD)
    document = package.part("document")
    body = child(document, "body")
    if body is None:
        raise PlanUnreadable("Tệp Word không có nội dung. Hãy chọn đúng tệp kế hoạch.")
    reader = _Reader(ListNumbers.of(package.part("numbering"), package.part("styles")))
    blocks = tuple(reader.blocks(body))
    if not blocks and package.has_pictures:
        raise PlanUnreadable(_SCANNED)
    changed = next(body.iter("{*}del", "{*}ins", "{*}moveFrom"), None) is not None
    return Source("docx", blocks, (_CHANGES,) if changed else (), tuple(_footnotes(package.part("footnotes"))))


def _footnotes(part: Element | None) -> Iterator[str]:
    for note in children(part, "footnote"):
        if text := clean("".join(_words(note))):
            yield text


@dataclass(slots=True)
class _Reader:
    numbers: ListNumbers
    paragraphs: int = 0
    tables: int = 0
    count: int = 0

    def blocks(self, container: Element) -> Iterator[Block]:
        """Paragraphs and rows in the order of the document, also inside content controls and accepted insertions."""
        for item in container:
            name = local_name(item)
            if name == "p":
                yield from self._counted(self._paragraph(item))
            elif name == "tbl":
                self.tables += 1
                yield from self._counted(self._rows(item, self.tables))
            elif name in ("sdt", "sdtContent", "customXml", "ins", "smartTag", "moveTo"):
                yield from self.blocks(item)

    def _counted(self, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            self.count += 1
            if self.count > MOST_BLOCKS:
                raise PlanUnreadable(_TOO_LONG)
            yield block

    def _paragraph(self, item: Element) -> Iterator[Block]:
        self.paragraphs += 1
        place = Place(paragraph=self.paragraphs)
        text = self._text(item)
        for line in filter(None, clean(text).split("\n")):
            yield Paragraph(line, place, line)

    def _rows(self, table: Element, number: int) -> Iterator[Block]:
        above: dict[int, str] = {}
        for position, row in enumerate(_rows_of(table), start=1):
            cells = tuple(self._cells(row, above))
            raw = "\t".join(cell.text for cell in cells)
            if any(cell.text for cell in cells):
                yield Row(cells, Place(table=number, row=position), raw)

    def _cells(self, row: Element, above: dict[int, str]) -> Iterator[Cell]:
        """The cells of a row by grid column; one merged with the cell above has no text of its own."""
        start = min(number_attribute(child(child(row, "trPr"), "gridBefore")), WIDEST)
        if start:
            yield Cell("", 0, start)
        for cell in _cells_of(row):
            properties = child(cell, "tcPr")
            end = start + min(max(number_attribute(child(properties, "gridSpan"), default=1), 1), WIDEST)
            merge = child(properties, "vMerge")
            text = clean("\n".join(self._cell_lines(cell)))
            if merge is not None and attribute(merge) != "restart":
                yield Cell("", start, end, above.get(start, ""))
            else:
                above[start] = text
                yield Cell(text, start, end)
            start = end

    def _cell_lines(self, cell: Element) -> Iterator[str]:
        for item in cell:
            name = local_name(item)
            if name == "p":
                yield self._text(item)
            elif name == "tbl":
                yield from (" ".join(self._cell_lines(inner)) for row in _rows_of(item) for inner in _cells_of(row))
            elif name not in _LEFT_OUT:
                yield from self._cell_lines(item)

    def _text(self, paragraph: Element) -> str:
        words = "".join(_words(paragraph))
        number = self.numbers.next_for(paragraph)
        return f"{number} {words}" if number else words


def _words(element: Element) -> Iterator[str]:
    for item in element:
        name = local_name(item)
        if name == "t":
            yield item.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name not in _LEFT_OUT:
            yield from _words(item)
            if name == "p":
                yield "\n"  # A paragraph of a text box.


def _rows_of(table: Element) -> Iterator[Element]:
    for item in table:
        if local_name(item) == "tr":
            if child(child(item, "trPr"), "del") is None:
                yield item
        elif local_name(item) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _rows_of(item)


def _cells_of(row: Element) -> Iterator[Element]:
    for item in row:
        if local_name(item) == "tc":
            yield item
        elif local_name(item) in ("sdt", "sdtContent", "customXml"):
            yield from _cells_of(item)
