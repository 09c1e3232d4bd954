"""The same plan as Word, Excel and PDF files: made of its extracted text, to see that each is read as the text is."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Iterator

import docx
import openpyxl
import weasyprint

from tests.plans.samples import saved

Line = str | tuple[str, ...]


def lines_of(text: str) -> Iterator[Line]:
    """Paragraphs as strings and rows of tables as tuples; blank lines go."""
    for line in text.split("\n"):
        if "\t" in line:
            yield tuple(cell.strip() for cell in line.split("\t"))
        elif line.strip():
            yield line.strip()


def _blocks(text: str) -> Iterator[str | list[tuple[str, ...]]]:
    """Paragraphs, and tables as lists of rows."""
    rows: list[tuple[str, ...]] = []
    for line in lines_of(text):
        if isinstance(line, tuple):
            rows.append(line)
            continue
        if rows:
            yield rows
            rows = []
        yield line
    if rows:
        yield rows


def _is_heading(cells: tuple[str, ...]) -> bool:
    return bool(cells[0]) and not any(cells[1:])


def to_word(text: str) -> bytes:
    """A heading that stands in the first cell alone is merged over its row, as Word's authors do."""
    document = docx.Document()
    for block in _blocks(text):
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(rows=len(block), cols=max(map(len, block)), style="Table Grid")
        for cells, made in zip(block, table.rows, strict=True):
            targets = made.cells
            if _is_heading(cells):
                targets[0].merge(targets[-1]).text = cells[0]
                continue
            for cell_text, cell in zip(cells, targets, strict=False):
                cell.text = cell_text
    return saved(document)


def to_excel(text: str) -> bytes:
    """One sheet: paragraphs in its first column, merged over the width of the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    width = max((len(line) for line in lines_of(text) if isinstance(line, tuple)), default=6)
    for at, line in enumerate(lines_of(text), start=1):
        cells = line if isinstance(line, tuple) else (line,)
        for column, value in enumerate(cells, start=1):
            sheet.cell(at, column, int(value) if value.isdigit() and value[0] != "0" else value or None)
        if isinstance(line, str) or _is_heading(line):
            sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=width)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


STYLE = """
@page { size: A4 landscape; margin: 20mm 15mm 20mm 30mm; @top-center { content: counter(page); font-size: 13pt } }
@page :first { @top-center { content: none } }
body { font: 13pt "Liberation Serif"; text-align: justify } p { margin: 6pt 0; text-indent: 1cm }
table { border-collapse: collapse; width: 100%; text-align: left }
td { border: .5pt solid black; padding: 2pt 4pt; vertical-align: top }
"""


def to_pdf(text: str, style: str = "") -> bytes:
    """As Word prints it: ruled tables, wrapped cells, rows cut by page breaks, page numbers, and each header again."""
    body = "".join(_html(block) for block in _blocks(text))
    page = f"<html lang=vi><style>{STYLE}{style}</style><body>{body}</body></html>"
    made: bytes = weasyprint.HTML(string=page).write_pdf()
    return made


UNRULED = "td { border: 0 !important; padding: 3pt 8pt }"


def to_unruled_pdf(text: str) -> bytes:
    """The same without any rule: only where words stand tells the columns."""
    return to_pdf(text, UNRULED)


def _html(block: str | list[tuple[str, ...]]) -> str:
    if isinstance(block, str):
        return f"<p>{html.escape(block)}</p>"
    width = max(map(len, block))
    head, *rows = ("".join(_cells(cells, width)) for cells in block)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


def _cells(cells: tuple[str, ...], width: int) -> Iterator[str]:
    if _is_heading(cells):
        yield f"<td colspan={width}><b>{html.escape(cells[0])}</b></td>"
        return
    for cell in (*cells, *[""] * (width - len(cells))):
        yield f"<td>{html.escape(cell)}</td>"


MAKERS: dict[str, Callable[[str], bytes]] = {"docx": to_word, "xlsx": to_excel, "pdf": to_pdf}
