"""What people had typed and did not send: as text, to be read and copied."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Draft, UserTask, UserTaskState
from forms.definition import FormDefinition
from forms.fields import Attachment, Field, FieldType, FormContext
from forms.formdata import FormData, parse_form_data
from webapp.cases.access import is_mine
from webapp.cases.queries import Case
from webapp.cases.submissions import reading_context
from webapp.cases.versions import form_typed_in
from webapp.forms_view import printable
from webapp.identity import CurrentPerson
from webapp.inbox.options import Place

Files = Mapping[str, Attachment]

_u: Any = UserTask.__table__
_d: Any = Draft.__table__


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in one field."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """A draft of a step that is not its writer's to send any more."""

    step: str
    at: datetime
    typed: list[Typed]


def typed_in(read: Session, place: Place, form: FormDefinition, data: FormData, files: Files) -> list[Typed]:
    """The fields in which something stands, names in place of ids."""
    raw = parse_form_data(form, data)
    context = reading_context(read, place, [(form, raw)], files)
    found = ((field.label, _text(field, raw.get(field.key), context)) for field in form.fields)
    return [Typed(label, printable(text)) for label, text in found if text]


def unsent_of(read: Session, person: CurrentPerson, case: Case, files: Files) -> list[Unsent]:
    """What the person typed into steps of the case that have ended since, or went to others; the newest first."""
    drafts = (
        sa.select(_u.c.name, _u.c.form_id, _u.c.desk, _u.c.assignee_id, _u.c.state, _d.c.data, _d.c.updated_at)
        .join(_d, _d.c.user_task_id == _u.c.id)
        .where(_u.c.instance_id == case.id, _d.c.person_id == person.id)
        .order_by(_d.c.updated_at.desc())
    )
    place = Place(person.tenant_id, case.id, None, case.parties)
    found: list[Unsent] = []
    for row in read.execute(drafts).all():
        if row.state is UserTaskState.OPEN and is_mine(person, row.desk, row.assignee_id):
            continue
        form = form_typed_in(read, case, row.form_id, row.updated_at)
        found.append(Unsent(row.name, row.updated_at, typed_in(read, place, form, orjson.loads(row.data), files)))
    return [one for one in found if one.typed]


def _text(field: Field, answer: object, context: FormContext) -> str:
    if isinstance(answer, list):
        if field.type is FieldType.LIST:
            return "\n".join("; ".join(filter(None, _cells(field, row, context))) for row in answer)
        return "\n".join(filter(None, (_one(field, each, context) for each in answer)))
    return _one(field, answer, context) if answer else ""


def _cells(field: Field, row: Mapping[str, object], context: FormContext) -> Iterator[str]:
    return (_text(column, row.get(column.key), context) for column in field.components)


def _one(field: Field, answer: object, context: FormContext) -> str:
    """A file that is no more has no name."""
    if field.type is FieldType.FILEPICKER:
        file = context.attachments.get(str(answer))
        return file.name if file else ""
    labels = {option.value: option.label for option in context.options_of(field)}
    return labels.get(str(answer), str(answer))
