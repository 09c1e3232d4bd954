"""From the pairs that a browser posts to the raw answers that a form judges."""

import re
from collections.abc import Iterable, Mapping, Sequence

from forms.cleaning import is_many
from forms.definition import FormDefinition
from forms.fields import Field, FieldType

_IN_ROW = re.compile(r"(\d{1,6})-([a-z0-9_]+)", re.ASCII)
FormData = Mapping[str, Sequence[str]]  # Every value of each name, as `request.form.to_dict(flat=False)` gives them.


def parse_form_data(definition: FormDefinition, data: FormData, prefix: str = "") -> dict[str, object]:
    """The answers as typed: text, list of texts, and for tables a list of rows.

    `prefix` stands before every name where a page shows several forms. Rows come in the order of their numbers,
    `rows-0-result` and so on; numbers may be missing, and rows in which nothing stands are left out.
    """
    return {field.key: _answer(field, data, prefix + field.key) for field in definition.fields}


def _answer(field: Field, data: FormData, name: str) -> object:
    if field.type is FieldType.LIST:
        return _rows(field, data, name)
    values = list(data.get(name, ()))
    return values if is_many(field) else values[0] if values else None


def _rows(field: Field, data: FormData, name: str) -> list[dict[str, object]]:
    keys = {column.key for column in field.components}
    numbers = sorted(_row_numbers(name, keys, data))[: field.max_rows + 1]  # One too many, so that it is refused.
    rows = (
        {column.key: _answer(column, data, f"{name}-{n}-{column.key}") for column in field.components} for n in numbers
    )
    return [row for row in rows if any(_entered(answer) for answer in row.values())]


def _row_numbers(name: str, keys: set[str], data: Iterable[str]) -> set[int]:
    own = [posted.removeprefix(f"{name}-") for posted in data if posted.startswith(f"{name}-")]
    return {int(match[1]) for match in map(_IN_ROW.fullmatch, own) if match and match[2] in keys}


def _entered(answer: object) -> bool:
    texts = answer if isinstance(answer, list) else [answer]
    return any(text.strip() for text in texts if isinstance(text, str))
