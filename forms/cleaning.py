"""From what was typed to what is stored: one answer at a time, whatever its kind."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from forms import messages, patterns
from forms.fields import Field, FieldType, FormContext
from forms.file_types import takes
from forms.notation import FIRST_YEAR, LAST_YEAR, exact, read_date, read_number

MAX_FILES = 50
MAX_INTEGER = 10**30

# Control characters but tab and newline, lone surrogates, and marks that print nothing.
_UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u2060\ufeff]")
_CHECKED: Mapping[object, bool] = {
    **dict.fromkeys(("on", "true", "1"), True),
    **dict.fromkeys(("", "off", "false", "0"), False),
}


class AnswerRefused(Exception):  # noqa: N818  a refusal is expected, not an error
    """The answer cannot be stored; the message is a Vietnamese sentence."""


def clean(field: Field, raw: object, context: FormContext) -> object:
    """The answer as it is stored: text, number, ISO date, true/false, list of texts; None or an empty list for none.

    Raises AnswerRefused.
    """
    return _CLEANERS[field.type](field, raw, context)


def empty(field: Field) -> object:
    """The stored answer of a field that was left alone."""
    if field.type is FieldType.CHECKBOX:
        return False
    return [] if is_many(field) else None


def is_many(field: Field) -> bool:
    """Whether the answer is a list."""
    lists = (FieldType.CHECKLIST, FieldType.FILEPICKER, FieldType.LIST)
    return field.multiple or field.type in lists


def plain_text(raw: str) -> str:
    """Text without what nobody typed: one kind of newline, composed letters, nothing unprintable, no outer space."""
    newlines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _UNPRINTED.sub("", newlines)).strip()


def _text(field: Field, raw: object, _: FormContext) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise AnswerRefused(messages.not_text(field))
    text = plain_text(raw)
    if field.type is FieldType.TEXTFIELD:
        text = " ".join(text.split())
    if not text:
        return None
    if fault := _fault_of_text(field, text):
        raise AnswerRefused(fault)
    return text


def _fault_of_text(field: Field, text: str) -> str:
    if len(text) > field.max_length:
        return messages.too_long(field, field.max_length)
    if len(text) < field.min_length:
        return messages.too_short(field)
    if field.validation_type == "email" and not patterns.is_email(text):
        return messages.not_email(field)
    if field.validation_type == "phone" and not patterns.is_phone(text):
        return messages.not_phone(field)
    return messages.no_fit(field) if field.pattern and not patterns.fits(field.pattern, text) else ""


def _number(field: Field, raw: object, _: FormContext) -> int | float | None:
    if raw is None or (isinstance(raw, str) and not plain_text(raw)):
        return None
    number = _read_number(field, raw)
    if number is None:
        raise AnswerRefused(messages.not_number(field))
    if field.decimals is not None and round(Decimal(repr(number)), field.decimals) != Decimal(repr(number)):
        raise AnswerRefused(messages.too_precise(field))
    return number


def _read_number(field: Field, raw: object) -> int | float | None:
    if isinstance(raw, str):
        return read_number(plain_text(raw).removesuffix(field.unit_label))
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        return None
    if isinstance(raw, int) and abs(raw) > MAX_INTEGER:
        return None
    number = Decimal(repr(raw)) if isinstance(raw, float) else Decimal(raw)
    return exact(number) if number.is_finite() else None


def _date(field: Field, raw: object, _: FormContext) -> str | None:
    if raw is None or (isinstance(raw, str) and not plain_text(raw)):
        return None
    if isinstance(raw, date) and not isinstance(raw, datetime) and FIRST_YEAR <= raw.year <= LAST_YEAR:
        return raw.isoformat()
    day = read_date(plain_text(raw)) if isinstance(raw, str) else None
    if day is None:
        raise AnswerRefused(messages.not_date(field))
    return day.isoformat()


def _checkbox(field: Field, raw: object, _: FormContext) -> bool:
    if raw is None or isinstance(raw, bool):
        return bool(raw)
    if not isinstance(raw, str) or raw not in _CHECKED:
        raise AnswerRefused(messages.not_checked(field))
    return _CHECKED[raw]


def _choice(field: Field, raw: object, context: FormContext) -> object:
    """One value of the options, or in the options' order those that were chosen."""
    chosen = _texts(field, raw)
    if not chosen:
        return empty(field)
    values = [option.value for option in context.options_of(field)]
    if any(value not in values for value in chosen):
        raise AnswerRefused(messages.no_choice(field))
    if is_many(field):
        return [value for value in dict.fromkeys(values) if value in chosen]
    if len(chosen) > 1:
        raise AnswerRefused(messages.one_only(field))
    return chosen[0]


def _files(field: Field, raw: object, context: FormContext) -> list[str]:
    ids = list(dict.fromkeys(_texts(field, raw)))
    if any(file not in context.attachments for file in ids):
        raise AnswerRefused(messages.no_file(field))
    if len(ids) > 1 and not field.multiple:
        raise AnswerRefused(messages.one_only(field))
    if len(ids) > MAX_FILES:
        raise AnswerRefused(messages.too_many(field, MAX_FILES))
    names = [context.attachments[file].name for file in ids if not takes(field.accept, context.attachments[file])]
    if names:
        raise AnswerRefused(messages.other_types(field, names))
    return ids


def _texts(field: Field, raw: object) -> list[str]:
    given: Sequence[object] = raw if isinstance(raw, list | tuple) else [] if raw is None else [raw]
    texts = [item for item in given if isinstance(item, str)]
    if len(texts) < len(given):
        raise AnswerRefused(messages.no_choice(field))
    return [text for text in texts if text.strip()]


_CLEANERS: Mapping[FieldType, Callable[[Field, object, FormContext], object]] = {
    FieldType.TEXTFIELD: _text,
    FieldType.TEXTAREA: _text,
    FieldType.NUMBER: _number,
    FieldType.DATE: _date,
    FieldType.CHECKBOX: _checkbox,
    FieldType.FILEPICKER: _files,
    **dict.fromkeys(
        (
            *(FieldType.SELECT, FieldType.RADIO, FieldType.CHECKLIST),
            *(FieldType.PERSON, FieldType.UNIT, FieldType.INDICATOR),
        ),
        _choice,
    ),
}
