"""The steps of a cycle's own procedure that have pages here, found by what the drawing says that they record."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import request, url_for
from sqlalchemy.orm import Session

from engine.commands.user_tasks import CompleteUserTask
from engine.errors import NotYourDesk, UserTaskNotOpen
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from forms.definition import FormDefinition
from forms.fields import FormContext
from forms.formdata import FormData, parse_form_data
from webapp.documents.attachments import files_of_case, usable
from webapp.execution import execute
from webapp.forms_view import Errors, FormView, build_form
from webapp.identity import CurrentPerson
from webapp.inbox.contexts import form_context
from webapp.inbox.pages import records_of
from webapp.inbox.steps import StepOfCase, find_step, form_of
from webapp.inbox.views.bulk import LIST, list_chosen_in
from webapp.runtime import runtime


class StepElsewhere(UserTaskNotOpen):
    """Of a page of a step, named by what it records, at which its cycle is not; `elsewhere` shows where it is."""

    message = "Kỳ báo cáo không ở bước này. Mở trang của kỳ để xem đang chờ bước nào."

    def __init__(self, cycle_id: UUID, records: str) -> None:
        super().__init__()
        self.cycle_id, self.records = cycle_id, records


@dataclass(frozen=True, slots=True)
class CycleStep:
    """An open step of a cycle with its form."""

    step: StepOfCase
    form: FormDefinition
    context: FormContext
    is_mine: bool

    @property
    def id(self) -> UUID:
        """The user task's."""
        return self.step.id

    def typed(self, data: FormData | None) -> Mapping[str, object] | None:
        """What stands in the form: as posted, else as drafted."""
        found = data if data is not None else self.step.draft
        return parse_form_data(self.form, found) if found is not None else None

    def view(
        self, data: FormData | None, errors: Errors | None = None, start: Mapping[str, object] | None = None
    ) -> FormView:
        """The form for the page; where nothing was typed yet it begins with `start`."""
        values = self.typed(data)
        upload_url = url_for("documents.upload", viec=self.id)
        return build_form(
            self.form, context=self.context, values=start if values is None else values, errors=errors,
            upload_url=upload_url,
        )  # fmt: skip

    def load(self, data: FormData) -> dict[str, Any]:
        """The answers. Raises FormRefused."""
        return self.form.load(parse_form_data(self.form, data), self.context)

    def complete(self, answers: Mapping[str, Any]) -> None:
        """Raises what CompleteUserTask and its subscribers raise."""
        execute(CompleteUserTask(user_task_id=self.id, answers=answers))


def open_step(read: Session, person: CurrentPerson, cycle_id: UUID, records: str) -> CycleStep | None:
    """The open step with that `records`; None where the cycle is elsewhere."""
    task_id = _find(read, cycle_id, records)
    if task_id is None:
        return None
    step = find_step(read, person, task_id)
    form = form_of(read, step)
    files = usable(files_of_case(read, person.tenant_id, cycle_id), step.id)
    context = form_context(read, person, step.case, form, unit_id=step.unit_id, attachments=files)
    return CycleStep(step, form, context, step.is_of(person))


def require_step(read: Session, person: CurrentPerson, cycle_id: UUID, records: str) -> CycleStep:
    """The same for a page that does nothing else. Raises StepElsewhere, NotYourDesk."""
    step = open_step(read, person, cycle_id, records)
    if step is None:
        raise StepElsewhere(cycle_id, records)
    if not step.is_mine:
        raise NotYourDesk
    return step


def onwards(cycle_id: UUID) -> str:
    """Where to go from a step: the list from which it was opened, as it was filtered; else the cycle."""
    return list_chosen_in() if LIST in request.args else url_for("cycles.show", cycle_id=cycle_id)


def _find(read: Session, cycle_id: UUID, records: str) -> UUID | None:
    rows = read.execute(
        sa.select(UserTask.id, UserTask.element_id, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.instance_id == cycle_id, UserTask.state == OPEN_STEP)
    )
    for id_, element_id, definition_id in rows:
        if records_of(runtime().definition(definition_id, read.connection()), element_id) == records:
            found: UUID = id_
            return found
    return None
