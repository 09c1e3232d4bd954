"""Steps that are done, or in other hands: who, what was entered, and what the person had typed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from forms.definition import FormDefinition
from forms.fields import Field
from forms.formdata import FormData, parse_form_data
from webapp.cases.history import unit_names
from webapp.cases.submissions import shown_submissions, submissions_of
from webapp.documents.attachments import files_of_case
from webapp.forms_view import printable
from webapp.identity import ROLE_NAMES, signed_in_person
from webapp.inbox.options import Place
from webapp.inbox.steps import StepOfCase, form_of
from webapp.organisation.models import Role


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in one field."""

    label: str
    text: str


def show_ended(read: Session, step: StepOfCase, data: FormData | None) -> ResponseReturnValue:
    """A step that is done: 409 where the person wanted to send it too."""
    person = signed_in_person()
    place = Place(person.tenant_id, step.case.id, step.unit_id, step.case.parties)
    entered = [one for one in submissions_of(read, step.case.id) if one.user_task_id == step.id]
    files = {str(file.id): file.for_form() for file in files_of_case(read, person.tenant_id, step.case.id)}
    page = render_template(
        "inbox/ended.html",
        step=step, typed=_typed(read, step, data),
        submissions=shown_submissions(read, place, entered, files),
    )  # fmt: skip
    return page, 409 if data is not None else 200


def show_taken(read: Session, step: StepOfCase, data: FormData | None) -> ResponseReturnValue:
    """A step that is not the person's: who has it, and how one gets it."""
    role, _, unit = step.desk.partition("@")
    units = unit_names(read, signed_in_person().tenant_id)
    return render_template(
        "inbox/taken.html",
        step=step, desk=f"{ROLE_NAMES[Role(role)]} · {units.get(unit, '')}", typed=_typed(read, step, data),
    ), 403  # fmt: skip


def _typed(read: Session, step: StepOfCase, data: FormData | None) -> list[Typed]:
    """What the person had typed, now or in the draft, to copy it from."""
    found = data if data is not None else step.draft
    if found is None:
        return []
    form = form_of(read, step)
    return list(_texts(form, parse_form_data(form, found)))


def _texts(form: FormDefinition, raw: Mapping[str, object]) -> Iterator[Typed]:
    for field in form.fields:
        text = _text(field, raw.get(field.key))
        if text:
            yield Typed(field.label, printable(text))


def _text(field: Field, answer: object) -> str:
    if isinstance(answer, list):
        rows = (row.values() if isinstance(row, dict) else [row] for row in answer)
        return "\n".join("; ".join(str(cell) for cell in row if cell) for row in rows)
    labels = {option.value: option.label for option in field.options}
    return labels.get(str(answer), str(answer)) if answer else ""
