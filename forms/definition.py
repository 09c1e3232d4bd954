"""A form as it is deployed: read once from form-js JSON, never changed, and the judge of every answer to it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

import orjson
from marshmallow import ValidationError

from forms import messages
from forms.conditions import decide
from forms.expressions import ExpressionError, compared_texts, evaluate, names_in
from forms.fields import Field, FieldType, FormContext, answered_fields
from forms.parsing import MAX_FAULTS, Parser
from forms.schema import AnswersSchema, compile_schema, flattened
from forms.sources import Source

MAX_BYTES = 256 * 1024
MAX_SUBMIT = 40
"""Characters on a button."""


class InvalidForm(Exception):  # noqa: N818  names what is invalid, as the reader of a deployment needs it
    """The file is no form that we can render and check; `faults` are Vietnamese sentences."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


class FormRefused(Exception):  # noqa: N818  a refusal is expected, not an error
    """Some answers cannot be taken; `errors` are Vietnamese sentences by input name, in the order of the form."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(" ".join(message for each in errors.values() for message in each))
        self.errors = errors


@dataclass(frozen=True, eq=False)
class FormDefinition:
    """One version of one form; what follows from it is worked out once."""

    id: str
    title: str
    components: tuple[Field, ...]  # As a tree, in the order of the page.
    content_hash: str  # SHA-256 of the source.
    submit: str = ""  # What the button that sends it says, where the form tells.

    @classmethod
    def parse(cls, source: bytes) -> "FormDefinition":
        """Read form-js JSON; the same bytes give the same object. Raises InvalidForm."""
        return _parse(bytes(source))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields that are answered, groups opened; columns stay inside their list."""
        return tuple(answered_fields(self.components))

    @cached_property
    def process_variables(self) -> tuple[str, ...]:
        """Keys of the answers that enter the data of the process."""
        return tuple(field.key for field in self.fields if field.variable)

    @cached_property
    def outside_names(self) -> frozenset[str]:
        """Dotted names that conditions read and that are no fields of the form: the context gives them."""
        return frozenset(_outside_names(self.components, {field.key for field in self.fields}))

    @cached_property
    def unknown_choices(self) -> tuple[tuple[Field, Field, str], ...]:
        """Fields whose conditions ask whether something was chosen in another that cannot be chosen there."""
        by_key = {field.key: field for field in self.fields}
        return tuple(
            (field, by_key[key], value)
            for field in self.fields
            for key, value in sorted(set().union(*map(compared_texts, filter(None, (field.hide, field.required_when)))))
            if key in by_key and by_key[key].options and value not in {o.value for o in by_key[key].options}
        )

    @cached_property
    def schema(self) -> AnswersSchema:
        """The schema of its answers."""
        return compile_schema(self.components)

    def load(self, raw: Mapping[str, object], context: FormContext) -> dict[str, object]:
        """The answers as they are stored, hidden ones left out.

        Texts are str or None; numbers int or float of at most 15 digits (exact as JSON text); dates ISO text;
        checkboxes bool; checklists, files and multiple choices lists of str; tables lists of dictionaries.
        Raises FormRefused.
        """
        if not isinstance(raw, Mapping):
            raise FormRefused({"": [messages.NOT_A_FORM]})
        try:
            answers: dict[str, object] = self.schema.judge(raw, context)
        except ValidationError as refused:
            raise FormRefused(dict(flattened(refused.messages))) from refused
        return answers

    def shown(self, raw: Mapping[str, object], context: FormContext) -> tuple[Field, ...]:
        """The fields that these answers do not hide."""
        hidden = decide(self.schema.order, raw, context, context.names).hidden
        return tuple(field for field in self.fields if field.key not in hidden)

    def beginning(self, context: FormContext) -> dict[str, object]:
        """What stands in the fields before anything was entered."""
        return {field.key: _default(field, context.names) for field in self.fields}

    def variables(self, answers: Mapping[str, object]) -> dict[str, object]:
        """What of the answers enters the data of the process; None for what was hidden."""
        return {key: answers.get(key) for key in self.process_variables}


@lru_cache(maxsize=512)
def _parse(source: bytes) -> FormDefinition:
    if len(source) > MAX_BYTES:
        raise InvalidForm([f"Biểu mẫu lớn quá {MAX_BYTES // 1024} kB."])
    try:
        raw = orjson.loads(source.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as fault:
        raise InvalidForm(["Tệp không phải là biểu mẫu: không đọc được JSON."]) from fault
    if not isinstance(raw, dict):
        raise InvalidForm(["Tệp không phải là biểu mẫu: phải là một nhóm JSON."])
    return _read(raw, hashlib.sha256(source).hexdigest())


def _read(raw: Mapping[str, object], content_hash: str) -> FormDefinition:
    parser = Parser()
    head = Source(raw, "Biểu mẫu", parser.faults)
    identifier, title = head.text("id", 100), head.text("title") or head.properties.text("title")
    submit = head.properties.text("submit", MAX_SUBMIT)
    if raw.get("type", "default") != "default":
        head.fault("type phải là default")
    components = parser.read(raw.get("components"))
    if parser.faults:
        raise InvalidForm(parser.faults[:MAX_FAULTS])
    return FormDefinition(identifier, title, components, content_hash, submit)


def _default(field: Field, names: Mapping[str, object]) -> object:
    if not isinstance(field.default, str) or not field.default.startswith("="):
        return field.default
    try:
        value = evaluate(field.default[1:], names)
    except ExpressionError:
        return None
    return value.isoformat() if isinstance(value, date) else value


def _outside_names(components: tuple[Field, ...], known: set[str]) -> set[str]:
    names: set[str] = set()
    for component in components:
        inside = {column.key for column in component.components} if component.type is FieldType.LIST else set()
        names |= _outside_names(component.components, known | inside)
        names |= {name for condition in component.conditions for name in names_in(condition)}
    return {name for name in names if name.partition(".")[0] not in known}
