"""A submission to read: the answers with their labels, as people write numbers, dates and choices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from forms.cleaning import is_many
from forms.definition import FormDefinition
from forms.fields import CHOICES, Field, FieldType, FormContext
from forms.notation import read_date, shown_number, written_date
from forms.values import is_number
from webapp.forms_view import FileView, file_view, printable

GONE = "(không còn trong danh sách)"
FileUrl = Callable[[str], str]  # From an attachment's id to where it can be read.


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One answer; which attribute holds it follows from its kind: text, list, files, rows."""

    kind: str
    label: str
    text: str = ""
    items: tuple[str, ...] = ()
    files: tuple[FileView, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple["AnswerView", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class AnswersView:
    answers: tuple[AnswerView, ...]


def build_answers(
    definition: FormDefinition,
    answers: Mapping[str, object],
    context: FormContext,
    file_url: FileUrl | None = None,
) -> AnswersView:
    """The view of stored answers; fields that were hidden are not in them and so not shown."""
    reader = _Reader(context, file_url)
    return AnswersView(reader.read(definition.fields, answers))


@dataclass(frozen=True, slots=True)
class _Reader:
    context: FormContext
    file_url: FileUrl | None

    def read(self, fields: Sequence[Field], answers: Mapping[str, object]) -> tuple[AnswerView, ...]:
        return tuple(self._answer(field, answers[field.key]) for field in fields if field.key in answers)

    def _answer(self, component: Field, answer: object) -> AnswerView:
        view = AnswerView(kind="text", label=component.label)
        if component.type is FieldType.LIST:
            return self._rows(component, view, answer)
        if component.type is FieldType.FILEPICKER:
            return replace(view, kind="files", files=tuple(map(self._file, _texts(answer))))
        if component.type in CHOICES:
            chosen = tuple(self._option(component, value) for value in _texts(answer))
            return (
                replace(view, kind="list", items=chosen) if is_many(component) else replace(view, text="".join(chosen))
            )
        return replace(view, text=shown(component, answer))

    def _choice(self, component: Field, view: AnswerView, answer: object) -> AnswerView:
        chosen = tuple(self._option(component, value) for value in _texts(answer))
        return replace(view, kind="list", items=chosen) if is_many(component) else replace(view, text="".join(chosen))

    def _rows(self, component: Field, view: AnswerView, answer: object) -> AnswerView:
        given = [row for row in answer if isinstance(row, Mapping)] if isinstance(answer, list | tuple) else []
        cells = (tuple(self._answer(c, row.get(c.key)) for c in component.components) for row in given)
        columns = tuple(column.label for column in component.components)
        return replace(view, kind="rows", columns=columns, rows=tuple(cells))

    def _option(self, component: Field, value: str) -> str:
        labels = {option.value: option.label for option in self.context.options_of(component)}
        return labels.get(value, GONE if component.options_name else printable(value))

    def _file(self, id: str) -> FileView:
        attachment = self.context.attachments.get(id)
        if attachment is None:
            return FileView("", GONE, "")
        return replace(file_view(attachment), url=self.file_url(id) if self.file_url else "")


def shown(component: Field, answer: object) -> str:
    """A single answer as one reads it; empty when there is none."""
    if component.type is FieldType.CHECKBOX:
        return "Có" if answer is True else "Không"
    if isinstance(answer, int | float) and is_number(answer):
        space = "" if component.unit_label == "%" else " "
        return f"{shown_number(answer)}{space}{component.unit_label}".rstrip()
    if not isinstance(answer, str):
        return ""
    day = read_date(answer) if component.type is FieldType.DATE else None
    return written_date(day) if day else printable(answer)


def _texts(answer: object) -> list[str]:
    given = answer if isinstance(answer, list | tuple) else [answer]
    return [item for item in given if isinstance(item, str)]
