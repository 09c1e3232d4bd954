"""Tables as spreadsheets that print on A4. What a unit wrote stays text: never a formula, never a link."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from webapp.documents.rendering.archives import rearchived
from webapp.documents.rendering.content import cleaned

Cell = str | int | float | date | None

LONGEST_CELL = 32_767
"""Characters that a cell may hold; more make the file unreadable."""

_MADE = datetime(2000, 1, 1, tzinfo=UTC)
"""A fixed time of making: the real one would make equal sheets unequal."""
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_FONT = {"font_name": "Times New Roman", "font_size": 12, "valign": "vcenter", "text_wrap": True}
_A4 = 9


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title; a row of one cell is a group's title across the table."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    """In characters."""
    subtitle: str = ""
    name: str = "Phụ lục"
    """On the tab at the foot, at most 31 characters."""
    agency: str = ""
    """Whose table it is, above the title."""

    def __post_init__(self) -> None:
        columns = len(self.headers)
        if len(self.widths) != columns or any(len(row) not in (1, columns) for row in self.rows):
            raise ValueError(
                f"A sheet of {columns} columns needs {columns} widths, and {columns} cells or one in a row"
            )


def render_xlsx(sheet: Sheet) -> bytes:
    """The sheet as an `.xlsx`: header frozen and printed on each page, A4 landscape, as wide as the paper."""
    sheet = cleaned(sheet)
    buffer = io.BytesIO()
    workbook = Workbook(buffer, _OPTIONS)
    workbook.set_properties({"title": sheet.title, "created": _MADE})
    page = workbook.add_worksheet(sheet.name)
    header = _add_header(workbook, page, sheet)
    _add_rows(workbook, page, sheet, header + 1)
    _set_print(page, sheet, header)
    workbook.close()
    return rearchived(buffer.getvalue())


def _add_header(workbook: Workbook, page: Worksheet, sheet: Sheet) -> int:
    """Agency, title, subtitle and column headers; returns the row of the headers."""
    last = len(sheet.headers) - 1
    lines: list[tuple[str, dict[str, object]]] = [
        (sheet.agency.upper(), {"bold": True}),
        (sheet.title.upper(), {"bold": True, "font_size": 14, "align": "center"}),
        (sheet.subtitle, {"italic": True, "align": "center"}),
    ]
    shown = [(text, look) for text, look in lines if text]
    for row, (text, change) in enumerate(shown):
        _across(page, row, last, text, workbook.add_format({**_FONT, **change}))
    header = len(shown) + 1
    look = workbook.add_format({**_FONT, "bold": True, "align": "center", "border": 1, "bg_color": "#F2F2F2"})
    for column, (text, width) in enumerate(zip(sheet.headers, sheet.widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(header, column, text, look)
    return header


def _add_rows(workbook: Workbook, page: Worksheet, sheet: Sheet, first: int) -> None:
    text = workbook.add_format({**_FONT, "border": 1})
    day = workbook.add_format({**_FONT, "border": 1, "align": "center", "num_format": "dd/mm/yyyy"})
    group = workbook.add_format({**_FONT, "border": 1, "bold": True})
    for row, cells in enumerate(sheet.rows, start=first):
        if len(cells) == 1 < len(sheet.headers):
            _across(page, row, len(sheet.headers) - 1, str(cells[0] or ""), group)
            continue
        for column, value in enumerate(cells):
            _write(page, row, column, value, day if isinstance(value, date) else text)


def _write(page: Worksheet, row: int, column: int, value: Cell, look: Format) -> None:
    if isinstance(value, str):
        page.write_string(row, column, _fitting(value), look)
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, datetime.min.time()), look)
    elif value is None:
        page.write_blank(row, column, None, look)
    else:
        page.write_number(row, column, value, look)


def _across(page: Worksheet, row: int, last: int, text: str, look: Format) -> None:
    if last > 0:
        page.merge_range(row, 0, row, last, "", look)
    page.write_string(row, 0, _fitting(text), look)


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _set_print(page: Worksheet, sheet: Sheet, header: int) -> None:
    page.freeze_panes(header + 1, 0)
    page.repeat_rows(header)
    page.set_landscape()
    page.set_paper(_A4)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
    page.set_footer("&C&P/&N")
    page.print_area(0, 0, header + len(sheet.rows), len(sheet.headers) - 1)
