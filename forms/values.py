"""Plain values: what expressions compute with and what a form's answers consist of."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
MAX_NUMBER = 10**30
MAX_WHOLE = 2**53
"""Up to here every whole number is one in the browser too; 64 bits are all that JSON is read and written with."""
MAX_NESTING = 20


class NotPlainError(Exception):
    """The value is none of text, number, date, list and dictionary; the message is a Vietnamese sentence."""


def plain(value: object, depth: int = 0) -> object:
    """A deep copy that consists of plain values only. Raises NotPlainError."""
    if value is None or isinstance(value, bool | date):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int | float | Decimal):
        return _plain_number(value)
    if depth >= MAX_NESTING:
        raise NotPlainError("Dữ liệu lồng nhau quá sâu.")
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item, depth + 1) for item in value]
    raise NotPlainError("Dữ liệu có giá trị không phải chữ, số, ngày, danh sách.")


def count_of(value: object) -> int:
    """How many values a plain value consists of, itself counted."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + sum(map(count_of, value)) if isinstance(value, list) else 1


def _plain_number(value: int | float | Decimal) -> int | float:
    unordered = isinstance(value, Decimal) and value.is_nan()  # Comparing it would raise; a float's NaN compares false.
    if unordered or not -MAX_NUMBER <= value <= MAX_NUMBER:
        raise NotPlainError("Số quá lớn.")
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else float(value)
    return float(value) if abs(value) > MAX_WHOLE else value


def rounded(value: int | float) -> int | float:
    """The result of a computation to 15 significant digits, as a person computes: 0.1 + 0.2 is 0.3.

    Raises NotPlainError when it is too large.
    """
    checked = _plain_number(value)
    return checked if isinstance(checked, int) else float(f"{checked:.15g}")


def is_number(value: object) -> bool:
    """Whether it is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def kind_of(value: object) -> str:
    """The kind of a plain value in a Vietnamese word."""
    if is_number(value):
        return "số"
    if isinstance(value, datetime):
        return "thời điểm"
    kinds: dict[type, str] = {str: "chữ", bool: "đúng/sai", date: "ngày", list: "danh sách", dict: "nhóm dữ liệu"}
    return kinds.get(type(value), "giá trị trống")


def aligned(left: object, right: object) -> tuple[object, object]:
    """Both as the same kind of date, where one of them is a date: answers hold dates as ISO text."""
    if isinstance(left, date) or isinstance(right, date):
        left, right = _moment(left), _moment(right)
        if isinstance(left, datetime) and isinstance(right, datetime):
            return left, right
        return _day(left), _day(right)
    return left, right


def _moment(value: object) -> object:
    """A date or an aware datetime where the value is one or writes one; text that is none counts as missing."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value) if len(value) > len("2026-12-05") else date.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=LOCAL)
    return value


def _day(value: object) -> object:
    return value.astimezone(LOCAL).date() if isinstance(value, datetime) else value


def local_day(value: object) -> date | None:
    """The day of a date, or of an instant in Việt Nam; None for anything else."""
    day = _day(_moment(value) if isinstance(value, date) else None)
    return day if isinstance(day, date) else None
