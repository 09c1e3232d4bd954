"""Tables of a Word document: ruled ones with repeated headers, and bare ones that set two columns side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from docx.document import Document
from docx.enum.table import WD_ALIGN_VERTICAL
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.table import Table as WordTable
from docx.table import _Cell as Cell
from docx.table import _Row as Row
from docx.text.paragraph import Paragraph

from webapp.documents.rendering import docx_styles as styles
from webapp.documents.rendering.content import Table


def write(container: Document | Cell, text: str, style: str) -> Paragraph:
    """Add a paragraph; a cell's first one takes the place of the empty one it is born with."""
    if isinstance(container, Cell) and len(container._tc) <= 2 and not container.paragraphs[0].runs:
        first: Paragraph = container.paragraphs[0]
        first.style = style
        first.add_run(text)
        return first
    added: Paragraph = container.add_paragraph(text, style=style)
    return added


def rule(container: Document | Cell, width: float, length: float, *, after: float = 0) -> None:
    """A horizontal line in the middle of `width`, both in millimetres, with points of space after it."""
    paragraph = container.add_paragraph(style=styles.RULE)
    margin = Mm(max(0.0, (width - length) / 2))
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = margin
    paragraph.paragraph_format.space_after = Pt(after)
    borders = xml("w:pBdr", xml("w:top", val="single", sz="6", space="1", color="000000"))
    # The schema wants borders after the style and before spacing and indents, which stand there already.
    paragraph._p.get_or_add_pPr().insert(1, borders)


def layout_row(word: Document, widths: Sequence[float]) -> tuple[Cell, ...]:
    """Cells side by side without lines, kept on one page; widths in millimetres."""
    table = word.add_table(0, len(widths))
    _fix_layout(table, widths, padding=0)
    row = _new_row(table)
    _flag(row, "w:cantSplit")
    _set_widths(row, widths)
    cells: tuple[Cell, ...] = row.cells
    return cells


def add_table(word: Document, block: Table, width: float) -> None:
    """A ruled table, `width` millimetres wide: its header on each page, no row torn in two."""
    widths = [width * share / sum(block.widths) for share in block.widths]
    columns = range(len(widths))
    table = word.add_table(0, len(widths), style="Table Grid")
    _fix_layout(table, widths, padding=1.4)
    _add_row(table, block.headers, [styles.HEADER_CELL for _ in columns], widths, repeated=True)
    looks = [styles.CENTRED_CELL if index in block.centred else styles.CELL for index in columns]
    for texts in block.rows:
        if len(texts) == len(widths):
            _add_row(table, texts, looks, widths)
        else:
            _add_group_row(table, texts[0], widths)
    word.add_paragraph(style=styles.RULE)  # two tables without a paragraph between them would grow into one


def _new_row(table: WordTable) -> Row:
    row: Row = table.add_row()  # type: ignore[no-untyped-call]
    return row


def _add_row(
    table: WordTable, texts: Iterable[str], looks: Iterable[str], widths: Sequence[float], *, repeated: bool = False
) -> None:
    row = _new_row(table)
    _flag(row, "w:cantSplit", *(["w:tblHeader"] if repeated else []))
    _set_widths(row, widths)
    for cell, text, look in zip(row.cells, texts, looks, strict=True):
        _fill(cell, text, look)


def _add_group_row(table: WordTable, text: str, widths: Sequence[float]) -> None:
    row = _new_row(table)
    _flag(row, "w:cantSplit")
    _set_widths(row, widths)
    cells = row.cells
    _fill(cells[0].merge(cells[-1]), text, styles.GROUP_CELL)


def _fill(cell: Cell, text: str, look: str) -> None:
    cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
    for line in text.split("\n"):
        write(cell, line, look)


def _fix_layout(table: WordTable, widths: Sequence[float], *, padding: float) -> None:
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    inset = str(Mm(padding).twips)
    properties: Any = table._tbl.tblPr
    margins = xml("w:tblCellMar", xml("w:left", w=inset, type="dxa"), xml("w:right", w=inset, type="dxa"))
    properties.find(qn("w:tblLayout")).addprevious(xml("w:tblInd", w=inset, type="dxa"))
    properties.find(qn("w:tblLook")).addprevious(margins)


def _set_widths(row: Row, widths: Sequence[float]) -> None:
    for cell, width in zip(row.cells, widths, strict=True):
        cell.width = Mm(width)


def _flag(row: Row, *names: str) -> None:
    properties: Any = row._tr.get_or_add_trPr()
    for name in names:
        properties.append(OxmlElement(name))


def xml(name: str, *children: Any, **attributes: str) -> Any:
    """An element of WordprocessingML; its type is Any because the library's stubs know few of its elements."""
    element: Any = OxmlElement(name)
    for attribute, value in attributes.items():
        element.set(qn(f"w:{attribute}"), value)
    for child in children:
        element.append(child)
    return element
