"""Steps that are done, or in other hands: who, what was entered, and what the person had typed."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.calendar import local_date
from forms.formdata import FormData
from webapp.cases.history import unit_names
from webapp.cases.standing_in import standing_in_over
from webapp.cases.submissions import shown_submissions, submissions_of
from webapp.cases.versions import form_typed_in
from webapp.documents.attachments import files_of_case
from webapp.identity import desk_name, signed_in_person
from webapp.inbox.options import Place
from webapp.inbox.steps import StepOfCase
from webapp.inbox.typed import Files, Typed, typed_in
from webapp.organisation.models import Role
from webapp.runtime import now


def show_ended(read: Session, step: StepOfCase, data: FormData | None) -> ResponseReturnValue:
    """A step that is done: 409 where the person wanted to send it too."""
    person = signed_in_person()
    place = Place(person.tenant_id, step.case.id, step.unit_id, step.case.parties)
    entered = [one for one in submissions_of(read, step.case.id) if one.user_task_id == step.id]
    files = _files(read, step)
    page = render_template(
        "inbox/ended.html",
        step=step, typed=_typed(read, step, data, files),
        submissions=shown_submissions(read, place, entered, files),
    )  # fmt: skip
    return page, 409 if data is not None else 200


def show_taken(read: Session, step: StepOfCase, data: FormData | None) -> ResponseReturnValue:
    """A step that is not the person's: who has it, how one gets it, and until when they stood in for whoever has it.

    The unit's head may hand it over from there; who has its desk as well goes on at that one.
    """
    person = signed_in_person()
    return render_template(
        "inbox/taken.html",
        step=step, desk=desk_name(step.desk, unit_names(read, person.tenant_id)),
        stood_in=standing_in_over(read, person, [step.id], local_date(now())),
        other_desk=step.other_desk_of(person), heads=f"{Role.HEAD}@{step.unit_id}" in person.desks,
        typed=_typed(read, step, data, _files(read, step)),
    ), 403  # fmt: skip


def _typed(read: Session, step: StepOfCase, data: FormData | None, files: Files) -> list[Typed]:
    """What the person had typed, now or in the draft, to copy it from."""
    found = data if data is not None else step.draft
    if found is None:
        return []
    place = Place(signed_in_person().tenant_id, step.case.id, step.unit_id, step.case.parties)
    form = form_typed_in(read, step.case, step.form_id, step.draft_at or now())
    return typed_in(read, place, form, found, files)


def _files(read: Session, step: StepOfCase) -> Files:
    found = files_of_case(read, signed_in_person().tenant_id, step.case.id)
    return {str(file.id): file.for_form() for file in found}
