"""The values that a case's process decides by: which there are, what they are called, and how they are asked for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine.spiff import Definition
from forms.definition import FormDefinition
from forms.fields import CHOICES, Field, FieldType, Option
from webapp.inbox.options import OPTIONS, Place
from webapp.procedures.words import INPUTS

MOST = 80
YES, NO = "true", "false"
YES_NO = (Option(YES, "Có"), Option(NO, "Không"))
UNASKED = frozenset({FieldType.LIST, FieldType.FILEPICKER, FieldType.CHECKLIST})
"""Fields with more than one value: they are put right by doing the step again."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One value of a case's data."""

    name: str  # dotted, as expressions name it
    label: str
    words: str  # its value, for people
    field: Field  # that asks for another
    old: object

    def read(self, answer: object) -> object:
        """The answer as the value it stands for, of the kind that the old one is."""
        if isinstance(self.old, date) and isinstance(answer, str) and answer:
            return date.fromisoformat(answer)
        return read_value(self.field, answer)


def read_value(field: Field, answer: object) -> object:
    """What a yes-or-no question was answered with; other answers are values already."""
    is_switch = field.type is FieldType.CHECKBOX or field.options == YES_NO
    return answer == YES if is_switch and answer in (YES, NO) else answer


def asking_for(read: Session, field: Field, place: Place) -> Field | None:
    """A field of a form, freed of the form's own conditions; None for what cannot be asked for by itself."""
    if field.type in UNASKED or field.multiple:
        return None
    free = replace(field, required=False, required_when=None, hide=None, default=None, minimum=None, maximum=None)
    if field.type is FieldType.CHECKBOX:
        return replace(free, type=FieldType.SELECT, options=YES_NO)
    if field.type in CHOICES:
        known = OPTIONS[field.options_name](read, place) if field.options_name in OPTIONS else field.options
        return replace(free, type=FieldType.SELECT, options=tuple(known), options_name="")
    return free


def variables_of(
    read: Session,
    definition: Definition,
    forms: Mapping[str, FormDefinition],
    data: Mapping[str, Any],
    place_of: Callable[[str], Place],
) -> list[Variable]:
    """The single values in a case's data, in its order; forms, and where their lists are looked up, by element."""
    found = []
    for path, value in list(_leaves(data, ()))[:MOST]:
        element_id, key = path[0], ".".join(path[1:])
        known = _known_field(read, forms.get(element_id), key, place_of(element_id))
        field = known or Field(type=_type_of(value), options=YES_NO if isinstance(value, bool) else ())
        name = ".".join(path)
        label = f"{_called(definition, element_id)} · {known.label if known else key}" if key else element_id
        found.append(Variable(name, INPUTS.get(name, label), in_words(field, value), field, value))
    return found


def in_words(field: Field | None, value: object) -> str:
    """A value as people read it; the field, where one asks for it, knows what its choices are called."""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if value is None or value == "":
        return "(trống)"
    if field is not None and field.type is FieldType.DATE and isinstance(value, str):
        value = _as_date(value)
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    options = field.options if field is not None else ()
    return next((option.label for option in options if option.value == str(value)), str(value))


def _as_date(text: str) -> date | str:
    """Forms write dates as ISO text."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return day if day.isoformat() == text else text


def _leaves(data: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, (*path, name))
        elif not isinstance(value, list):
            yield (*path, name), value


def _known_field(read: Session, form: FormDefinition | None, key: str, place: Place) -> Field | None:
    field = next((field for field in form.fields if field.key == key), None) if form else None
    return asking_for(read, field, place) if field else None


def _called(definition: Definition, element_id: str) -> str:
    """As the drawing calls it; what a case began with has no element."""
    return definition.title_of(element_id)


def _type_of(value: object) -> FieldType:
    if isinstance(value, bool):
        return FieldType.SELECT
    if isinstance(value, int | float):
        return FieldType.NUMBER
    is_date = isinstance(value, date) or (isinstance(value, str) and isinstance(_as_date(value), date))
    return FieldType.DATE if is_date else FieldType.TEXTFIELD
