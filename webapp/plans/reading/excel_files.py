"""Excel files: the rows of the visible sheets, with merged cells, and numbers and dates as the sheet shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import openpyxl
from openpyxl.utils import column_index_from_string, get_column_letter

from webapp.plans.reading.blocks import Block, Cell, Place, PlanUnreadable, Row, Source
from webapp.plans.reading.numbering import Element, child, children
from webapp.plans.reading.packages import EXCEL, Package, open_package
from webapp.plans.reading.wording import clean

MOST_ROWS: Final = 20_000
WIDEST: Final = 100  # columns
MOST_MERGED: Final = 100_000  # rows that merged ranges reach down to

_TOO_LONG: Final = "Tệp Excel quá dài, không giống một kế hoạch. Hãy chỉ để lại trang tính có phụ lục nhiệm vụ."
_HIDDEN: Final = "Trang tính “{}” đang ẩn nên không đọc; nếu có nhiệm vụ ở đó, hãy bỏ ẩn rồi nhập lại."
_HIDDEN_ROWS: Final = "Trang tính “{}” có hàng ẩn ({}) nên không đọc; nếu có nhiệm vụ ở đó, hãy bỏ ẩn rồi nhập lại."
_HIDDEN_COLUMNS: Final = "Trang tính “{}” có cột ẩn ({}) nên không đọc; nếu cần cột ấy, hãy bỏ ẩn rồi nhập lại."
_UNCOUNTED: Final = (
    "Trang tính “{}” có ô công thức chưa lưu kết quả ({}) nên đọc là ô trống. Hãy mở bằng Excel, lưu lại rồi nhập lại."
)
_MOST_NAMED: Final = 10
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
        sheets = [
            _Sheet(sheet, number, _part(sheet, package))
            for number, sheet in enumerate(book.worksheets, 1)
            if sheet.sheet_state == "visible"
        ]
        blocks = tuple(block for sheet in sheets for block in sheet.rows())
    except _DAMAGE as error:
        raise PlanUnreadable(EXCEL.broken) from error
    if not blocks:
        raise PlanUnreadable("Tệp Excel không có chữ nào. Hãy chọn đúng tệp kế hoạch.")
    warnings = [*map(_HIDDEN.format, hidden), *(warning for sheet in sheets for warning in sheet.warnings())]
    return Source("xlsx", blocks, tuple(warnings))


@dataclass(slots=True)
class _Sheet:
    """A visible sheet, with what its part says that reading row by row does not."""

    sheet: Any
    number: int
    part: Element

    def rows(self) -> Iterator[Block]:
        self.sheet.reset_dimensions()  # What the file says of its own size need not be true.
        merged = _merged(self.part)
        below, hidden, hidden_columns = _below(merged), set(self._hidden_rows()), set(self._hidden_columns())
        texts: Texts = {}
        for at, cells in enumerate(self.sheet.iter_rows(max_col=WIDEST), start=1):
            if at > MOST_ROWS:
                raise PlanUnreadable(_TOO_LONG)
            if at in hidden:
                continue
            shown = ["" if at in hidden_columns else clean(_shown(cell)) for at, cell in enumerate(cells, start=1)]
            if not any(shown) and at not in below:
                continue
            texts |= {(at, column): text for column, text in enumerate(shown, 1) if text and (at, column) in merged}
            made = tuple(_cells(at, shown, merged, below.get(at, {}), texts))
            if any(cell.text for cell in made):
                place = Place(table=self.number, row=at, sheet=self.sheet.title[:60])
                yield Row(made, place, "\t".join(cell.text for cell in made))

    def warnings(self) -> Iterator[str]:
        """What of the sheet was not read."""
        written = [
            (_HIDDEN_ROWS, [str(row) for row in self._hidden_rows()]),
            (_HIDDEN_COLUMNS, [get_column_letter(column) for column in self._hidden_columns()]),
            (_UNCOUNTED, [cell.get("r") or "" for cell in self._cells() if _is_uncounted(cell)]),
        ]
        for words, places in written:
            if places:
                more = ["…"] if len(places) > _MOST_NAMED else []
                yield words.format(self.sheet.title[:60], ", ".join([*places[:_MOST_NAMED], *more]))

    def _rows(self) -> Iterator[Element]:
        return children(child(self.part, "sheetData"), "row")

    def _cells(self) -> Iterator[Element]:
        return (cell for row in self._rows() for cell in children(row, "c"))

    def _hidden_rows(self) -> list[int]:
        """Those hidden rows that hold something."""
        hidden = (row for row in self._rows() if row.get("hidden") in ("1", "true"))
        return [int(row.get("r") or 0) for row in hidden if any(len(cell) for cell in row)]

    def _hidden_columns(self) -> list[int]:
        spans = [
            (int(span.get("min") or 0), min(int(span.get("max") or 0), WIDEST))
            for span in children(child(self.part, "cols"), "col")
            if span.get("hidden") in ("1", "true")
        ]
        return [column for first, last in spans for column in range(first, last + 1)]


def _is_uncounted(cell: Element) -> bool:
    """Whether a formula's result was never saved, as programs other than Excel leave it; "" is a result too."""
    saved = child(cell, "v")
    return child(cell, "f") is not None and cell.get("t") != "str" and (saved is None or not saved.text)


def _part(sheet: Any, package: Package) -> Element:
    path = sheet._worksheet_path.lstrip("/")
    return package.parsed(path if path in package.zip.namelist() else f"xl/{path}")


def _merged(root: Element) -> Merged:
    """The merged ranges."""
    found: Merged = {}
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
