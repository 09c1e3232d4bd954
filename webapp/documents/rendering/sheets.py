"""Tables as spreadsheets that print on A4. What a unit wrote stays text: never a formula, never a link."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from math import ceil

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
_FONT_SIZE = 12
_FONT = {"font_name": "Times New Roman", "font_size": _FONT_SIZE, "valign": "vcenter", "text_wrap": True}
_STRIP = 1.3
"""Heights of a line, in sizes of its type."""


class Paper(IntEnum):
    """As spreadsheets number them."""

    A3 = 8
    A4 = 9


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
    paper: Paper = Paper.A4

    def __post_init__(self) -> None:
        columns = len(self.headers)
        if len(self.widths) != columns or any(len(row) not in (1, columns) for row in self.rows):
            raise ValueError(
                f"A sheet of {columns} columns needs {columns} widths, and {columns} cells or one in a row"
            )


def render_xlsx(sheet: Sheet) -> bytes:
    """The sheet as an `.xlsx`: header frozen and printed on each page, landscape, as wide as the paper."""
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
    lines: list[tuple[str, dict[str, object]]] = [
        (sheet.agency.upper(), {"bold": True}),
        (sheet.title.upper(), {"bold": True, "font_size": 14, "align": "center"}),
        (sheet.subtitle, {"italic": True, "align": "center"}),
    ]
    shown = [(text, look) for text, look in lines if text]
    for row, (text, change) in enumerate(shown):
        _across(workbook, page, row, sheet, text, change)
    header = len(shown) + 1
    look = workbook.add_format({**_FONT, "bold": True, "align": "center", "border": 1, "bg_color": "#F2F2F2"})
    for column, (text, width) in enumerate(zip(sheet.headers, sheet.widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(header, column, text, look)
    return header


def _add_rows(workbook: Workbook, page: Worksheet, sheet: Sheet, first: int) -> None:
    looks: dict[type, Format] = {
        kind: workbook.add_format({**_FONT, "border": 1, **change})
        for kind, change in (
            (str, {}), (date, {"align": "center", "num_format": "dd/mm/yyyy"}),
            (int, {"num_format": "#,##0"}), (float, {"num_format": "#,##0.##"}),
        )
    }  # fmt: skip
    number = workbook.add_format({**_FONT, "border": 1, "align": "center"})
    for row, cells in enumerate(sheet.rows, start=first):
        if len(cells) == 1 < len(sheet.headers):
            _across(workbook, page, row, sheet, str(cells[0] or ""), {"border": 1, "bold": True})
            continue
        for column, value in enumerate(cells):
            _write(page, row, column, value, _look(value, looks) if column else number)


def _look(value: Cell, looks: Mapping[type, Format]) -> Format:
    """Figures have their thousands apart, and decimals where they have any."""
    if isinstance(value, float) and value.is_integer():
        return looks[int]
    return next((look for kind, look in looks.items() if isinstance(value, kind)), looks[str])


def _write(page: Worksheet, row: int, column: int, value: Cell, look: Format) -> None:
    if isinstance(value, str):
        page.write_string(row, column, _fitting(value), look)
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime.combine(value, datetime.min.time()), look)
    elif value is None:
        page.write_blank(row, column, None, look)
    else:
        page.write_number(row, column, value, look)


def _across(
    workbook: Workbook, page: Worksheet, row: int, sheet: Sheet, text: str, change: Mapping[str, object]
) -> None:
    """A line across the table, as high as its text: where cells are joined, spreadsheets don't see to that."""
    look = {**_FONT, **change}
    last, size = len(sheet.headers) - 1, int(str(look["font_size"]))
    format = workbook.add_format(look)
    if last > 0:
        page.merge_range(row, 0, row, last, "", format)
    page.write_string(row, 0, _fitting(text), format)
    in_line = sum(sheet.widths) * _FONT_SIZE / size * (0.75 if text.isupper() else 1)
    if len(text) > in_line:
        page.set_row(row, ceil(len(text) / in_line) * size * _STRIP)


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"


def _set_print(page: Worksheet, sheet: Sheet, header: int) -> None:
    page.freeze_panes(header + 1, 0)
    page.repeat_rows(header)
    page.set_landscape()
    page.set_paper(sheet.paper)
    if sheet.rows and all(len(row) > 1 for row in sheet.rows):
        page.autofilter(header, 0, header + len(sheet.rows), len(sheet.headers) - 1)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.6)
    page.set_footer("&C&P/&N")
    page.print_area(0, 0, header + len(sheet.rows), len(sheet.headers) - 1)
