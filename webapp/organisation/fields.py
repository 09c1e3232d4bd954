"""Fields of ordinary forms: what a browser sends, and what is wrong with it in Vietnamese."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields

from forms.notation import read_date
from webapp.organisation.contacts import InvalidContact


class Form(Schema):
    """A form that a browser sends; fields that it doesn't know are none of its business."""

    class Meta:
        unknown = EXCLUDE


class Text(fields.Field[str]):
    """One line or several of text; `missing` is said where there is none, and None lets it be empty."""

    def __init__(self, missing: str | None = None, *, most: int = 200, strip: bool = True) -> None:
        super().__init__(load_default="")
        self._missing, self._most, self._strip = missing, most, strip

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> str:
        text = value if isinstance(value, str) else ""
        text = text.replace("\r\n", "\n").replace("\0", "")
        text = text.strip() if self._strip else text
        if not text and self._missing:
            raise ValidationError(self._missing)
        if len(text) > self._most:
            raise ValidationError(f"Dài nhất {self._most} ký tự.")
        return text


class Chosen(fields.Field[Any]):
    """A value read from text by `_read`; empty is None unless `missing` says what to do."""

    def __init__(self, missing: str | None = None) -> None:
        super().__init__()
        self._missing = missing

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        text = value.strip() if isinstance(value, str) else ""
        if text:
            return self._read(text)
        if self._missing:
            raise ValidationError(self._missing)
        return None

    def _read(self, text: str) -> Any:
        raise NotImplementedError


class Contact(Chosen):
    """A user name, e-mail or telephone number in its one spelling."""

    def __init__(self, normalise: Callable[[str], str], missing: str | None = None) -> None:
        super().__init__(missing)
        self._normalise = normalise

    def _read(self, text: str) -> str:
        try:
            return self._normalise(text)
        except InvalidContact as error:
            raise ValidationError(str(error)) from error


class Identifier(Chosen):
    """The id of something chosen from a list."""

    def _read(self, text: str) -> UUID:
        try:
            return UUID(text)
        except ValueError:
            raise ValidationError("Chọn lại trong danh sách.") from None


class Choice(Chosen):
    """One of a few values."""

    def __init__(self, values: Iterable[Any], missing: str | None = None) -> None:
        super().__init__(missing)
        self._values = {str(value): value for value in values}

    def _read(self, text: str) -> Any:
        if text not in self._values:
            raise ValidationError("Chọn lại trong danh sách.")
        return self._values[text]


class Day(Chosen):
    """A date, typed as dd/mm/yyyy."""

    def _read(self, text: str) -> date:
        day = read_date(text)
        if day is None:
            raise ValidationError("Nhập ngày dạng ngày/tháng/năm, ví dụ 05/12/2026.")
        return day


class Number(Chosen):
    """A small whole number, 0 where nothing is typed."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> int:
        return super().deserialize(value, attr, data, **kwargs) or 0

    def _read(self, text: str) -> int:
        if not text.isdecimal() or len(text) > 4:
            raise ValidationError("Nhập một số từ 0 đến 9999.")
        return int(text)


class Switch(fields.Field[bool]):
    """A box that is ticked or not."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> bool:
        return bool(value == "on")


class Lines(Text):
    """Several entries, one a line; empty lines and repetitions go."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        lines = super().deserialize(value, attr, data, **kwargs).split("\n")
        return tuple(dict.fromkeys(" ".join(line.split()) for line in lines if line.strip()))


def searched_for() -> str:
    """The words of the page's search field; PostgreSQL takes no NUL."""
    return request.args.get("q", "").replace("\0", "")[:200]


def rows_of(form: Mapping[str, str], name: str, columns: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a repeated group, sent as `name-0-column`; those with nothing in them are left out."""
    wanted = tuple(columns)
    numbers = {key.split("-")[1] for key in form if key.startswith(f"{name}-") and key.count("-") == 2}
    rows = [
        {column: form.get(f"{name}-{number}-{column}", "") for column in wanted}
        for number in sorted((n for n in numbers if n.isdecimal() and len(n) < 7), key=int)
    ]
    return [row for row in rows if any(value.strip() for value in row.values())]
