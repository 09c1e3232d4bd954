"""Which column of a spreadsheet of people holds what, by the words of its header."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from engine.text import fold
from webapp.organisation.sheet_files import Rows, SheetUnreadable

HEADER_WITHIN = 20
"""Rows above the table that may hold a title, the ward's name and the like."""


class Column(StrEnum):
    """What a column holds, by its name on the screen."""

    NAME = "Họ và tên"
    UNIT = "Đơn vị"
    ROLE = "Vai trò"
    TITLE = "Chức danh"
    EMAIL = "Thư điện tử"
    PHONE = "Số điện thoại"
    USERNAME = "Tên đăng nhập"


# What headers hold when folded; the first that fits counts, so "tên đăng nhập" stands before "tên".
_HEADERS = (
    (Column.USERNAME, r"ten dang nhap|ten tai khoan|tai khoan( dang nhap)?$|user"),
    (Column.EMAIL, r"e-?mail|thu dien tu|hop thu|dia chi thu"),
    (Column.PHONE, r"dien thoai|so dt\b|sdt|di dong|\bdd\b|zalo"),
    (Column.ROLE, r"vai tro|quyen han|nhom quyen"),
    (Column.TITLE, r"chuc danh|chuc vu"),
    (Column.UNIT, r"don vi|phong ban|co quan|noi cong tac|bo phan"),
    (Column.NAME, r"ho (va |& ?)?ten|ho, ten|^ten( |$)|nguoi dung|can bo"),
)


def find_header(rows: Rows) -> tuple[int, dict[Column, int]]:
    """The row that names the most columns, and where each column stands."""
    found = [(_columns(cells), number) for number, cells in rows[:HEADER_WITHIN]]
    columns, number = max(found, key=lambda pair: len(pair[0]))
    missing = [column for column in (Column.NAME, Column.UNIT) if column not in columns]
    if Column.ROLE not in columns and Column.TITLE not in columns:
        missing.append(Column.ROLE)
    if missing:
        names = ", ".join(f"“{column}”" for column in missing)
        raise SheetUnreadable(
            f"Không tìm thấy cột {names}. Dòng tiêu đề cần có họ và tên, đơn vị, vai trò (chức danh)."
        )
    return number, columns


def _columns(cells: Sequence[str]) -> dict[Column, int]:
    columns: dict[Column, int] = {}
    for place, cell in enumerate(cells):
        header = fold(cell)[:60]
        column = next((column for column, words in _HEADERS if re.search(words, header)), None)
        if column is not None:
            columns.setdefault(column, place)
    return columns


def texts_of(columns: Mapping[Column, int], cells: Sequence[str]) -> dict[Column, str]:
    return {column: cells[place] if place < len(cells) else "" for column, place in columns.items()}
