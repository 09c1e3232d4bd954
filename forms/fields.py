"""What a form consists of, once read: fields, their limits and options, and what surrounds one while it is answered."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class FieldType(StrEnum):
    """The component types of form-js that we render, and three of our own."""

    TEXTFIELD = "textfield"
    TEXTAREA = "textarea"
    NUMBER = "number"
    DATE = "datetime"
    SELECT = "select"
    RADIO = "radio"
    CHECKLIST = "checklist"
    CHECKBOX = "checkbox"
    FILEPICKER = "filepicker"
    LIST = "dynamiclist"
    GROUP = "group"
    TEXT = "text"
    SEPARATOR = "separator"
    PERSON = "person"
    UNIT = "unit"
    INDICATOR = "indicator"


LAYOUT = frozenset({FieldType.GROUP, FieldType.TEXT, FieldType.SEPARATOR})
# Their options always come from the context, under the name of the type unless the form names another.
FROM_CONTEXT = frozenset({FieldType.PERSON, FieldType.UNIT, FieldType.INDICATOR})
CHOICES = frozenset({FieldType.SELECT, FieldType.RADIO, FieldType.CHECKLIST}) | FROM_CONTEXT


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that was uploaded for the draft being answered."""

    id: str
    name: str
    size: int  # bytes
    media_type: str = ""  # what it is by its content


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)  # Compared by identity: what is derived can be cached.
class Field:
    """One component of a form. Expressions are of `forms.expressions`, without the leading `=`."""

    type: FieldType
    key: str = ""  # Empty where nothing is answered: group, text, separator.
    label: str = ""
    help: str = ""
    unit_label: str = ""  # Stands behind the input: "%", "hồ sơ".
    text: str = ""  # Of a text component, markdown-light.
    width: int = 12  # Twelfths of the row, on wide screens.
    hide: str | None = None
    required: bool = False
    required_when: str | None = None
    message: str = ""  # Said instead of our own sentence when the answer is missing (or does not fit the pattern).
    limit_message: str = ""  # The same when it is too long or short, too small or large, too early or late.
    variable: bool = False  # Enters the data of the process.
    minimum: str | None = None  # A number or ISO date, or an expression that begins with "=".
    maximum: str | None = None
    min_length: int = 0
    max_length: int = 0
    pattern: str = ""
    validation_type: str = ""  # "email" or "phone".
    decimals: int | None = None  # Digits allowed after the comma; None: as many as wanted.
    options: tuple[Option, ...] = ()
    options_name: str = ""  # Options come from the context under this name.
    multiple: bool = False
    accept: str = ""  # As the accept attribute of a file input; `forms.file_types` reads it.
    max_rows: int = 0
    default: object = None  # A text that begins with "=" is an expression over what the context names.
    components: tuple["Field", ...] = ()

    @property
    def answered(self) -> bool:
        """Whether a person answers it."""
        return self.type not in LAYOUT

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every expression that it carries itself."""
        given = (self.minimum, self.maximum, self.default)
        computed = (text[1:] for text in given if isinstance(text, str) and text.startswith("="))
        return tuple(text for text in (self.hide, self.required_when, *computed) if text)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormContext:
    """What surrounds a form while it is shown or answered."""

    # Names that conditions may read beside the form's own fields: data of the process, dates, `today`.
    names: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    # Options by name: "person", "unit", "indicator", and those that forms name themselves.
    options: Mapping[str, Sequence[Option]] = field(default_factory=lambda: MappingProxyType({}))
    # The files of this draft by id; an answer can name no others.
    attachments: Mapping[str, Attachment] = field(default_factory=lambda: MappingProxyType({}))

    def options_of(self, choice: Field) -> Sequence[Option]:
        """What may be chosen."""
        return self.options.get(choice.options_name, ()) if choice.options_name else choice.options


def answered_fields(components: Sequence[Field]) -> Iterator[Field]:
    """The fields that are answered, those in groups included; columns of a list stay inside it."""
    for component in components:
        if component.type is FieldType.GROUP:
            yield from answered_fields(component.components)
        elif component.answered:
            yield component
