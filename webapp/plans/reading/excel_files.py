"""Excel files: the rows of the visible sheets, with merged cells, and numbers and dates as the sheet shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import openpyxl
from openpyxl.utils import column_index_from_string

from webapp.plans.reading.blocks import Block, Cell, Place, PlanUnreadable, Row, Source
from webapp.plans.reading.numbering import child, children
from webapp.plans.reading.packages import EXCEL, Package, open_package
from webapp.plans.reading.wording import clean

MOST_ROWS: Final = 20_000
WIDEST: Final = 100  # columns
MOST_MERGED: Final = 100_000  # rows that merged ranges reach down to

_TOO_LONG: Final = "Tệp Excel quá dài, không giống một kế hoạch. Hãy chỉ để lại trang tính có phụ lục nhiệm vụ."
_HIDDEN: Final = "Trang tính “{}” đang ẩn nên không đọc; nếu có nhiệm vụ ở đó, hãy bỏ ẩn rồi nhập lại."
_RANGE = re.compile(r"^([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})$")
# What damaged parts raise inside openpyxl, which checks little.
_DAMAGE: Final = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, RuntimeError, SyntaxError)

Corner = tuple[int, int]  # row and column
Merged = dict[Corner, Corner]  # first and last of each merged range
Texts = dict[Corner, str]  # of merged ranges


def read_excel(data: bytes) -> Source:
    """The blocks of an Excel file.

    Raises PlanUnreadable for what is no Excel file, holds nothing, or must not be opened.
    """
    package = open_package(data, EXCEL)
    try:
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        hidden = [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]
        blocks = tuple(
            block for number, sheet in enumerate(book.worksheets, 1) for block in _rows(sheet, number, package)
        )
    except _DAMAGE as error:
        raise PlanUnreadable(EXCEL.broken) from error
    if not blocks:
        raise PlanUnreadable("Tệp Excel không có chữ nào. Hãy chọn đúng tệp kế hoạch.")
    return Source("xlsx", blocks, tuple(map(_HIDDEN.format, hidden)))


def _rows(sheet: Any, number: int, package: Package) -> Iterator[Block]:
    if sheet.sheet_state != "visible":
        return
    sheet.reset_dimensions()  # What the file says of its own size need not be true.
    merged = _merged(sheet, package)
    below = _below(merged)
    texts: Texts = {}
    for at, cells in enumerate(sheet.iter_rows(max_col=WIDEST), start=1):
        if at > MOST_ROWS:
            raise PlanUnreadable(_TOO_LONG)
        shown = [clean(_shown(cell)) for cell in cells]
        if not any(shown) and at not in below:
            continue
        texts |= {(at, column): text for column, text in enumerate(shown, start=1) if text and (at, column) in merged}
        made = tuple(_cells(at, shown, merged, below.get(at, {}), texts))
        if any(cell.text for cell in made):
            place = Place(table=number, row=at, sheet=sheet.title[:60])
            yield Row(made, place, "\t".join(cell.text for cell in made))


def _merged(sheet: Any, package: Package) -> Merged:
    """The merged ranges, which reading row by row does not tell."""
    found: Merged = {}
    path = sheet._worksheet_path.lstrip("/")
    root = package.parsed(path if path in package.zip.namelist() else f"xl/{path}")
    for item in children(child(root, "mergeCells"), "mergeCell"):
        if span := _RANGE.match(item.get("ref") or ""):
            first = int(span[2]), _column(span[1])
            found[first] = min(int(span[4]), MOST_ROWS), min(_column(span[3]), WIDEST)
    if sum(last - row for (row, _), (last, _) in found.items()) > MOST_MERGED:
        raise PlanUnreadable(_TOO_LONG)
    return found


def _below(merged: Merged) -> dict[int, dict[int, Corner]]:
    """By row and column, the ranges that reach down into a row."""
    found: dict[int, dict[int, Corner]] = {}
    for first, (last, _) in merged.items():
        for row in range(first[0] + 1, last + 1):
            found.setdefault(row, {})[first[1]] = first
    return found


def _column(letters: str) -> int:
    return min(column_index_from_string(letters), WIDEST)


def _cells(at: int, shown: list[str], merged: Merged, below: dict[int, Corner], texts: Texts) -> Iterator[Cell]:
    """The cells of a row; one merged with the cell above has no text of its own."""
    column = 1
    last = max([*below, *(index for index, text in enumerate(shown, start=1) if text)])
    while column <= last:
        start = below.get(column, (at, column))
        end = merged.get(start, start)[1]
        above = texts.get(start, "") if start[0] != at else None
        text = shown[column - 1] if column <= len(shown) and above is None else ""
        yield Cell(text, column - 1, end, above)
        column = end + 1


def _shown(cell: Any) -> str:
    """A value as the sheet shows it: 3.10 and not 3.1, 40% and not 0.4, a day as day/month/year."""
    value, form = cell.value, str(getattr(cell, "number_format", "") or "")
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime | date):
        return _day(value, form)
    if isinstance(value, int | float):
        return _number(value, form)
    return str(value)


def _day(value: date, form: str) -> str:
    return f"{value:%m/%Y}" if "d" not in form.lower() and "m" in form.lower() else f"{value:%d/%m/%Y}"


def _number(value: float, form: str) -> str:
    scaled = value * 100 if "%" in form else value
    digits = re.search(r"\.(0+)", form)
    text = f"{scaled:.{len(digits[1])}f}" if digits else f"{scaled:.10g}"
    return f"{text}%" if "%" in form else text
