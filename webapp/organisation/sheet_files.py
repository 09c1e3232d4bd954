"""A spreadsheet file as rows of text: `.xlsx` or `.csv`, opened within bounds, refused when it isn't what it says."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import PurePath
from typing import Any

from openpyxl import load_workbook

from webapp.incoming import typed

Rows = Sequence[tuple[int, tuple[str, ...]]]
"""What stands in the cells of rows, by the number of each."""
LARGEST_FILE = 5 * 1024 * 1024  # bytes
LARGEST_EXPANDED = 15 * 1024 * 1024  # bytes of an .xlsx when unpacked: more takes half a minute to parse
MOST_PARTS = 1_000
MOST_ROWS = 5_000
MOST_COLUMNS = 40
LONGEST_CELL = 500
LOOKED_INTO = 50
"""Rows of a further page that are looked into."""
LISTS = "Danh mục"
"""The page of the sample that has nothing but what to choose from."""

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx with a password
_HOW_ELSE = {
    ".xls": "Tệp .xls (Excel bản cũ) không đọc được. Hãy mở bằng Excel, lưu lại dưới dạng .xlsx rồi tải lên.",
    ".xlsm": "Tệp Excel có macro (.xlsm) không được nhận. Hãy lưu lại dưới dạng .xlsx rồi tải lên.",
    ".ods": "Tệp .ods không đọc được. Hãy lưu lại dưới dạng .xlsx rồi tải lên.",
}
_ENDINGS = "Chỉ đọc được tệp .xlsx và .csv."
_EMPTY = "Tệp rỗng, không có dòng nào. Hãy chọn lại tệp danh sách."
_BROKEN = "Bảng tính bị hỏng, không mở được. Hãy mở bằng Excel, lưu lại dưới dạng .xlsx rồi tải lên."
_NOT_XLSX = "Tệp có đuôi .xlsx nhưng không phải bảng tính Excel. Hãy chọn đúng tệp, hoặc lưu lại bằng Excel."
_LOCKED = "Bảng tính là Excel bản cũ hoặc có đặt mật khẩu. Hãy bỏ mật khẩu, lưu lại dưới dạng .xlsx rồi tải lên."
_EXPANDS = "Bảng tính bung ra quá lớn, không giống một danh sách. Hãy chép riêng danh sách sang một tệp mới."
_MACROS = "Bảng tính có chứa macro. Hãy lưu lại dưới dạng .xlsx (không macro) rồi tải lên."
_DOCTYPE = "Bảng tính có khai báo DTD, không được phép. Hãy mở bằng Excel, lưu lại rồi tải lên."
_NOT_CSV = "Tệp .csv không phải văn bản Unicode. Hãy lưu lại dạng “CSV UTF-8”, hoặc dùng tệp .xlsx."
_TOO_MANY = f"Danh sách dài quá {MOST_ROWS:,} dòng. Hãy chia thành nhiều tệp.".replace(",", ".")


class SheetUnreadable(ValueError):  # noqa: N818  a refusal is expected, not an error
    """The file can't be read as a spreadsheet; the text is for the person who chose it."""


def read_rows(name: str, data: bytes) -> list[tuple[int, tuple[str, ...]]]:
    """The rows that hold something, with their numbers as the spreadsheet shows them. Raises SheetUnreadable."""
    ending = PurePath(name.strip()).suffix.lower()
    if len(data) > LARGEST_FILE:
        raise SheetUnreadable(
            f"Tệp nặng {len(data) / 1024**2:.0f} MB, lớn hơn mức {LARGEST_FILE // 1024**2} MB cho phép."
        )
    if ending not in (".xlsx", ".csv"):
        raise SheetUnreadable(_HOW_ELSE.get(ending, f"Tệp “{name[:80]}” không đúng dạng. {_ENDINGS}"))
    if not data.strip():
        raise SheetUnreadable(_EMPTY)
    rows = list(_filled(_xlsx(data) if ending == ".xlsx" else _csv(data)))
    if not rows:
        raise SheetUnreadable(_EMPTY)
    return rows


def unread_pages(name: str, data: bytes) -> tuple[str, ...]:
    """Further pages of a file that `read_rows` has read, to be told rather than dropped in silence.

    Raises SheetUnreadable.
    """
    if PurePath(name.strip()).suffix.lower() != ".xlsx":
        return ()
    with _refusing_what_is_broken():
        return tuple(
            page.title for page in _pages(data)[1:] if page.title != LISTS and any(_filled(_rows_of(page, LOOKED_INTO)))
        )


def _filled(rows: Iterable[Iterable[object]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number, cells in enumerate(islice(rows, MOST_ROWS * 4), start=1):
        texts = tuple(_text(cell) for cell in islice(cells, MOST_COLUMNS))
        if not any(texts):
            continue
        if number > MOST_ROWS:
            raise SheetUnreadable(_TOO_MANY)
        yield number, texts


def _text(cell: object) -> str:
    """A cell as one line; numbers without the ".0" that spreadsheets keep."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return " ".join(typed(str(cell)).split())[:LONGEST_CELL]


def _xlsx(data: bytes) -> list[tuple[object, ...]]:
    if data.startswith(_COMPOUND):
        raise SheetUnreadable(_LOCKED)
    if not data.startswith(_ZIP):
        raise SheetUnreadable(_NOT_XLSX)
    with _refusing_what_is_broken():
        _check_package(data)
        return _rows_of(_pages(data)[0], MOST_ROWS * 4)


@contextmanager
def _refusing_what_is_broken() -> Iterator[None]:
    try:
        yield
    except SheetUnreadable:
        raise
    except Exception as error:  # the library raises whatever a damaged part makes it stumble over
        raise SheetUnreadable(_BROKEN) from error


def _pages(data: bytes) -> list[Any]:
    """Those that are seen; lists to choose from are often hidden."""
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    return [page for page in book.worksheets if page.sheet_state == "visible"]


def _rows_of(page: Any, most: int) -> list[tuple[object, ...]]:
    page.reset_dimensions()  # what the file says of its size may be wrong, or a trap
    return list(islice(page.iter_rows(values_only=True, max_col=MOST_COLUMNS), most))


def _check_package(data: bytes) -> None:
    package = zipfile.ZipFile(io.BytesIO(data))
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_EXPANDED:
        raise SheetUnreadable(_EXPANDS)
    if any(part.flag_bits & 1 for part in parts):
        raise SheetUnreadable(_LOCKED)
    if "xl/workbook.xml" not in names:
        raise SheetUnreadable(_NOT_XLSX)
    if any("vbaproject" in name.lower() for name in names):
        raise SheetUnreadable(_MACROS)
    for name in names:  # Whatever it is called: a relation can name any part as a sheet.
        _refuse_entities(package.read(name))


def _refuse_entities(part: bytes) -> None:
    # Parts in UTF-16 have a zero beside each letter.
    head = part.replace(b"\0", b"")
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise SheetUnreadable(_DOCTYPE)


def _csv(data: bytes) -> list[list[str]]:
    text = _decoded(data)
    if "\0" in text or text.lstrip()[:1] == "<":
        raise SheetUnreadable(_NOT_CSV)
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=first.count)
    try:
        return list(islice(csv.reader(io.StringIO(text), delimiter=separator), MOST_ROWS * 4))
    except csv.Error as error:
        raise SheetUnreadable(_NOT_CSV) from error


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise SheetUnreadable(_NOT_CSV) from error
