"""The one model that every kind of file is read into: paragraphs and table rows, each with its place."""

from __future__ import annotations

from dataclasses import dataclass


class PlanUnreadable(Exception):  # noqa: N818 - an outcome that the caller expects
    """The file cannot be read as a plan; the message says why and what to do, for the person who chose it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a piece of text stands in its file; zero where the file has no such count."""

    line: int = 0  # line of a text file, from 1
    paragraph: int = 0  # paragraph outside tables of a Word file, or of a PDF's page, from 1
    table: int = 0  # table of a Word file or a PDF's page, or sheet of a workbook, from 1
    row: int = 0  # row of that table or sheet, from 1
    page: int = 0  # page of a PDF, from 1
    sheet: str = ""  # name of a workbook's sheet

    def __str__(self) -> str:
        if self.line:
            return f"dòng {self.line}"
        if self.sheet:
            return f"trang tính “{self.sheet}”, hàng {self.row}"
        at = f"trang {self.page}, " if self.page else ""
        return at + (f"bảng {self.table}, hàng {self.row}" if self.table else f"đoạn {self.paragraph}")

    @property
    def order(self) -> tuple[int, ...]:
        """Sorts the places of one file from its beginning to its end."""
        return self.line, self.page, self.table, self.row, self.paragraph

    def to_json(self) -> dict[str, int | str]:
        named = {name: getattr(self, name) for name in ("line", "paragraph", "table", "row", "page", "sheet")}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell, with the columns of the table's grid that it covers."""

    text: str
    start: int
    end: int
    above: str | None = None  # the text of the cell above that this one is merged with


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, as it stands in the file."""

    cells: tuple[Cell, ...]
    place: Place
    raw: str
    adjacent: bool = False  # no blank line between this and the block before it
    doubt: str = ""  # what a person must look at, as the rest of a sentence about its place

    @property
    def filled(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if cell.text)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of a text file, or a paragraph of a Word file, outside any table."""

    text: str
    place: Place
    raw: str
    adjacent: bool = False


Block = Row | Paragraph


@dataclass(frozen=True, slots=True)
class Source:
    """What a file holds, and how it was written."""

    kind: str  # "txt", "docx", "xlsx" or "pdf"
    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()


def cells_of(texts: list[str]) -> tuple[Cell, ...]:
    """Cells that cover one grid column each."""
    return tuple(Cell(text, index, index + 1) for index, text in enumerate(texts))
