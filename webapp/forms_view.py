"""What a form's page shows: the definition, what was entered so far and what was wrong with it, ready for the macro.

Input is shown as it was typed, also where it was refused. Conditions that depend on the form's own answers go to the
page as data for `frontend/forms.js`; without JavaScript every field stays visible and the server decides alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from forms import markdown
from forms.cleaning import is_many
from forms.conditions import Decision, decide, holds, in_order
from forms.definition import FormDefinition
from forms.expressions import ExpressionError, evaluate, names_in, to_json_ast
from forms.fields import CHOICES, Attachment, Field, FieldType, FormContext
from forms.file_types import in_words, takes_pictures
from forms.notation import read_date, written_date, written_number
from forms.values import is_number
from webapp.presentation import file_size

Errors = Mapping[str, Sequence[str]]

# The shape of input by type, and for choices by whether several may be chosen.
_KINDS: Mapping[FieldType, str] = {
    FieldType.TEXTFIELD: "text",
    FieldType.TEXTAREA: "textarea",
    FieldType.NUMBER: "number",
    FieldType.DATE: "date",
    FieldType.RADIO: "radios",
    FieldType.CHECKBOX: "checkbox",
    FieldType.FILEPICKER: "files",
    FieldType.LIST: "rows",
    FieldType.GROUP: "group",
    FieldType.TEXT: "prose",
    FieldType.SEPARATOR: "separator",
}
_BROWSER_HELP: Mapping[str, tuple[str, str]] = {"email": ("email", "email"), "phone": ("tel", "tel")}
SUBMIT = "Gửi"
"""On the button of a form that has no word of its own."""
_CHECKED = ("on", "true", "1")
ROW = "__row__"  # Stands for the number in the row that the page copies.


@dataclass(frozen=True, slots=True)
class OptionView:
    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FileView:
    id: str
    name: str
    size: str  # "1,2 MB"
    url: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    id: str  # Of the element that shows the number: part of each cell's name for those who cannot see the table.
    number: str
    cells: tuple["FieldView", ...]
    spare: bool = False  # Offered for one more; taken away by the page's script where other rows exist.


class FieldView(NamedTuple):
    """One part of the page; which attributes matter follows from its kind. (A page makes some fifty.)"""

    kind: str
    key: str = ""  # As conditions name it; empty where nothing is answered.
    name: str = ""  # As the browser posts it.
    id: str = ""
    row_id: str = ""
    label: str = ""
    help: str = ""
    errors: tuple[str, ...] = ()
    required: bool = False
    required_when: str = ""  # JSON of the condition, where it depends on the form's own answers.
    hide_when: str = ""
    width: int = 12
    value: str = ""
    checked: bool = False
    unit_label: str = ""
    input_type: str = "text"
    autocomplete: str = ""
    multiple: bool = False
    accept: str = ""
    takes: str = ""  # The same in words: "PDF, DOCX".
    options: tuple[OptionView, ...] = ()
    files: tuple[FileView, ...] = ()
    upload_url: str = ""
    camera: bool = True  # Whether pictures are taken.
    columns: tuple["FieldView", ...] = ()
    rows: tuple[RowView, ...] = ()
    blank: RowView | None = None
    max_rows: int = 0
    children: tuple["FieldView", ...] = ()
    blocks: tuple[markdown.Block, ...] = ()

    @property
    def described_by(self) -> str:
        """Ids of the help and error texts, for aria-describedby."""
        ids = ([f"help-{self.id}"] if self.help else []) + ([f"error-{self.id}"] if self.errors else [])
        return " ".join(ids)


Attributes = dict[str, Any]
"""Of a FieldView, which is made once."""


@dataclass(frozen=True, slots=True)
class ErrorLink:
    target: str  # Id of the input; empty for what concerns the whole form.
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormView:
    id: str
    title: str
    submit: str  # On the button that sends it.
    components: tuple[FieldView, ...]
    summary: tuple[ErrorLink, ...]
    names: str  # JSON of the surrounding names that conditions read.


def build_form(
    definition: FormDefinition,
    *,
    context: FormContext,
    values: Mapping[str, object] | None = None,
    errors: Errors | None = None,
    upload_url: str = "",
    prefix: str = "",
) -> FormView:
    """The view of a form; `values` are answers as typed or as stored (None: the form's defaults).

    `errors` are those of FormRefused for the same values; the name "" is for what concerns the whole form.
    `prefix` stands before every name and id where a page shows several forms.
    """
    answers = definition.beginning(context) if values is None else values
    order = in_order(definition.components)
    place = _Place(
        context=context,
        answers=answers,
        errors=errors or {},
        decision=decide(order, answers, context, context.names),
        keys=frozenset(guarded.field.key for guarded in order),
        prefix=prefix,
        upload_url=upload_url,
    )
    components = _shown(place, definition.components)
    return FormView(
        id=f"{prefix}{definition.id}",
        title=definition.title,
        submit=definition.submit or SUBMIT,
        components=components,
        summary=tuple(_summary(place, components)),
        names=_json(_surrounding(definition, context)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where fields are being shown: the form itself, or one row of a list in it."""

    context: FormContext
    answers: Mapping[str, object]
    errors: Errors
    decision: Decision
    keys: frozenset[str]  # Fields that conditions may depend on here: the form's, in a row its columns too.
    prefix: str
    upload_url: str
    path: str = ""  # "rows-0-" within a row.

    @property
    def row_id(self) -> str:
        """Of the number of this row."""
        return f"row-{self.prefix}{self.path}number" if self.path else ""

    def row(self, listing: Field, number: object, answers: Mapping[str, object]) -> "_Place":
        """The place of one row."""
        order = in_order(listing.components)
        return replace(
            self,
            answers=answers,
            decision=decide(order, answers, self.context, self.decision.scope),
            keys=self.keys | {column.key for column in listing.components},
            path=f"{listing.key}-{number}-",
        )


def _shown(place: _Place, components: Sequence[Field]) -> tuple[FieldView, ...]:
    """The parts to show; what the surroundings alone hide is left out for good."""
    return tuple(_view(place, component) for component in components if not _settled(place, component))


def _settled(place: _Place, component: Field) -> bool:
    if component.type is FieldType.INDICATOR and not component.required and not place.context.options_of(component):
        return True  # The plan has none for this case.
    hide = component.hide
    return hide is not None and not _is_live(place, hide) and holds(hide, place.decision.scope)


def _is_live(place: _Place, condition: str) -> bool:
    """Whether the condition may change while the form is being filled."""
    return any(name.partition(".")[0] in place.keys for name in names_in(condition))


def _view(place: _Place, component: Field) -> FieldView:
    name = place.path + component.key
    return FieldView(
        kind=_kind(component),
        label=component.label,
        help=_help(component),
        width=component.width,
        hide_when=_condition(place, component.hide),
        **(_input(place, component, name) if component.answered else _content(place, component)),
    )


def _help(component: Field) -> str:
    """What its author says, and of files which are taken."""
    if not component.accept:
        return component.help
    return f"{component.help.rstrip('. ')}. Chỉ nhận {in_words(component.accept)}.".removeprefix(". ")


def _content(place: _Place, component: Field) -> Attributes:
    return {"children": _shown(place, component.components), "blocks": markdown.blocks(component.text)}


def _kind(component: Field) -> str:
    if component.type in CHOICES and is_many(component):
        return "checks"
    return _KINDS.get(component.type, "select")


def _condition(place: _Place, condition: str | None) -> str:
    return _condition_json(condition) if condition and _is_live(place, condition) else ""


@lru_cache(maxsize=2048)
def _condition_json(condition: str) -> str:
    return _json(to_json_ast(condition))


def _input(place: _Place, component: Field, name: str) -> Attributes:
    id = f"field-{place.prefix}{name}"
    return {
        "key": component.key,
        "name": place.prefix + name,
        "row_id": place.row_id,
        "id": id,
        "errors": tuple(place.errors.get(name, ())),
        "required": component.required or component.key in place.decision.required,
        "required_when": "" if component.required else _condition(place, component.required_when),
        "unit_label": component.unit_label,
        "multiple": component.multiple,
        **_answer(place, component, id),
    }


def _answer(place: _Place, component: Field, id: str) -> Attributes:
    given = place.answers.get(component.key)
    if component.type is FieldType.LIST:
        return _rows(place, component, given)
    if component.type is FieldType.FILEPICKER:
        files = tuple(
            file_view(place.context.attachments[id]) for id in _texts(given) if id in place.context.attachments
        )
        return {
            "files": files, "upload_url": place.upload_url, "accept": component.accept,
            "takes": in_words(component.accept), "camera": takes_pictures(component.accept),
        }  # fmt: skip
    if component.type is FieldType.CHECKBOX:
        return {"checked": given is True or (isinstance(given, str) and given in _CHECKED)}
    if component.type in CHOICES:
        return {"options": _options(place, component, id, _texts(given))}
    kind, autocomplete = _BROWSER_HELP.get(component.validation_type, ("text", ""))
    return {"value": typed(component, given), "input_type": kind, "autocomplete": autocomplete}


def _options(place: _Place, component: Field, id: str, chosen: Sequence[str]) -> tuple[OptionView, ...]:
    return tuple(
        OptionView(f"{id}-{number}", option.value, option.label, option.value in chosen)
        for number, option in enumerate(place.context.options_of(component), 1)
    )


def _rows(place: _Place, component: Field, given: object) -> Attributes:
    rows = given[: component.max_rows + 1] if isinstance(given, list | tuple) else ()
    shown = [_row(place, component, n, row if isinstance(row, Mapping) else {}) for n, row in enumerate(rows)]
    if len(shown) < component.max_rows:
        shown.append(replace(_row(place, component, len(shown), {}), spare=True))
    blank = _row(place, component, ROW, {column.key: column.default for column in component.components})
    return {
        "rows": tuple(shown), "blank": blank, "columns": blank.cells, "max_rows": component.max_rows,
        "value": " ".join(_offered(place, component, rows)),
    }  # fmt: skip


def _offered(place: _Place, component: Field, rows: Sequence[object]) -> Iterator[str]:
    """The indicators that have had a row here: one of them without a row was taken out, and stays out of the draft.

    A page that refuses what was sent adds no rows, so it speaks of those that it shows.
    """
    for column in component.components:
        if column.type is FieldType.INDICATOR:
            shown = [row.get(column.key) for row in rows if isinstance(row, Mapping)]
            known = (option.value for option in place.context.options_of(column))
            yield from (one for one in known if one in shown or not place.errors)


def _row(place: _Place, component: Field, number: int | str, answers: Mapping[str, object]) -> RowView:
    inside = place.row(component, number, answers)
    cells = _shown(inside, component.components)
    return RowView(inside.row_id, str(number + 1) if isinstance(number, int) else "", cells)


def typed(component: Field, answer: object) -> str:
    """The answer as one types it: stored numbers and dates in Vietnamese notation, refused text as it was."""
    if isinstance(answer, int | float) and is_number(answer):
        return written_number(answer)
    if not isinstance(answer, str):
        return ""
    if component.type is FieldType.DATE and (day := read_date(answer)):
        return written_date(day)
    return printable(answer)


def printable(text: str) -> str:
    """Without what cannot stand in a page: lone surrogates and NUL."""
    return text.encode("utf-8", "ignore").decode().replace("\x00", "")


def file_view(attachment: Attachment) -> FileView:
    """A file with its size as people say it."""
    return FileView(attachment.id, attachment.name, file_size(attachment.size))


def _texts(answer: object) -> Sequence[str]:
    given = answer if isinstance(answer, list | tuple) else [answer]
    return [item for item in given if isinstance(item, str)]


def _summary(place: _Place, components: Sequence[FieldView]) -> Iterator[ErrorLink]:
    """One link per fault, in the order of the page; what belongs to no shown field comes first, without a link."""
    shown = list(_inputs(components))
    names = {view.name.removeprefix(place.prefix) for view, _ in shown}
    yield from (ErrorLink("", fault) for name, faults in place.errors.items() if name not in names for fault in faults)
    for view, row in shown:
        yield from (ErrorLink(view.id, f"{row}{fault}") for fault in view.errors)


def _inputs(components: Sequence[FieldView], row: str = "") -> Iterator[tuple[FieldView, str]]:
    """Every input with what says in which row it stands."""
    for view in components:
        if view.name:
            yield view, row
        yield from _inputs(view.children)
        for each in view.rows:
            yield from _inputs(each.cells, f"Dòng {each.number}: ")


def _surrounding(definition: FormDefinition, context: FormContext) -> dict[str, object]:
    """The names that conditions read and the form does not answer, nested as expressions read them."""
    names: dict[str, object] = {}
    for path in sorted(definition.outside_names):  # A parent sorts before what is below it.
        *above, last = path.split(".")
        inside: object = names
        for part in above:
            inside = inside.setdefault(part, {}) if isinstance(inside, dict) else None
        if isinstance(inside, dict) and last not in inside:
            inside[last] = _value_of(path, context)
    return names


def _value_of(path: str, context: FormContext) -> object:
    try:
        return evaluate(path, context.names)
    except ExpressionError:
        return None


def _json(value: object) -> str:
    """For a data attribute; dates as ISO text, which the page compares as text."""
    return printable(json.dumps(value, ensure_ascii=False, default=date.isoformat))
