"""The step page: the form in the middle, what one needs to decide beside it."""

from collections.abc import Mapping
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import EnginePermission
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import Kind, PermissionDenied, Rejected
from engine.separation import last_doers
from engine.spiff import Definition
from forms.definition import FormDefinition, FormRefused
from forms.fields import FormContext
from forms.formdata import FormData, parse_form_data
from webapp.cases.access import may_see
from webapp.cases.difficulties import difficulty_of
from webapp.database import db
from webapp.documents.attachments import ENTERED_FOR, files_of_case, usable
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.contexts import Late, form_context
from webapp.inbox.entering import InPlace, read_in_place, show_in_place
from webapp.inbox.left_over import FORM_CHANGED, left_over
from webapp.inbox.lists import Filters, View, inbox_page
from webapp.inbox.pages import has_own_page, own_page
from webapp.inbox.proposals import last_officers, proposed_among
from webapp.inbox.queries import count_waiting, due_words
from webapp.inbox.sent import said_of_sending
from webapp.inbox.steps import (
    Step,
    StepOfCase,
    StepToDo,
    definition_of,
    find_step,
    find_step_to_do,
    form_of,
    with_step_to_do,
)
from webapp.inbox.surroundings import (
    Surroundings,
    drafted_answers,
    gives_number,
    judged,
    number_taken,
    starting_answers,
    surroundings,
)
from webapp.inbox.views.bulk import LIST, filters_chosen_in, in_list, list_chosen_in
from webapp.inbox.views.ended import show_ended, show_taken
from webapp.inbox.views.lists import list_asked
from webapp.permissions import Permission
from webapp.plans.stages import stage_states
from webapp.runtime import now
from webapp.security import requires, runs

Errors = Mapping[str, list[str]]
REFUSED = HTTPStatus.UNPROCESSABLE_ENTITY
OWN_LISTS = ((View.MINE, Filters()), (View.TO_TAKE, Filters()))
STATUS = {Kind.INVALID: REFUSED, Kind.FORBIDDEN: HTTPStatus.FORBIDDEN}


@bp.get("/viec/<uuid:user_task_id>")
@requires(EnginePermission.WORK, Permission.SEE_ALL_CASES)
def show(user_task_id: UUID) -> ResponseReturnValue:
    """A step's form; of one that is done, what was entered; of somebody else's, who has it."""
    person, read = signed_in_person(), db.session()
    step = find_step(read, person, user_task_id)
    if not step.is_open:
        require_sight(read, person, step)
        return show_ended(read, step, None)
    if not _may_fill_in(read, person, step):
        require_sight(read, person, step)
        return show_taken(read, step, None)
    page = own_page(definition_of(read, step), step.element_id, step.id, step.case.id)
    return redirect(in_list(page)) if page is not None else _page(read, person, step, None, {}, {})


@bp.post("/viec/<uuid:user_task_id>")
@with_step_to_do
@runs(CompleteUserTask)
def complete(user_task_id: UUID) -> ResponseReturnValue:
    """Send the form. What was typed is on every page that says why it could not be taken."""
    person, read = signed_in_person(), db.session()
    step = find_step_to_do(read, person, user_task_id)
    data = request.form.to_dict(flat=False)
    if not step.is_open:
        return _too_late(read, person, step, data)
    if not _may_fill_in(read, person, step):
        require_sight(read, person, step)
        return show_taken(read, find_step(read, person, step.id), data)
    definition = definition_of(read, step)
    page = own_page(definition, step.element_id, step.id, step.case.id)
    return redirect(in_list(page)) if page is not None else _send(read, person, step, definition, data)


def _send(
    read: Session, person: CurrentPerson, step: StepToDo, definition: Definition, data: FormData
) -> ResponseReturnValue:
    form = form_of(read, step)
    files = Late(lambda: usable(files_of_case(read, person.tenant_id, step.case.id), step.id))
    context = form_context(read, person, step.case, form, unit_id=step.unit_id, attachments=files)
    answers, errors = _load(form, data, context)
    if left_over(read, person.tenant_id, step, form, data, context.attachments):
        errors = {**errors, "": [FORM_CHANGED]}
    in_place, in_place_errors = _load_in_place(definition, person, step, data, context)
    if errors or in_place_errors:
        return _page(read, person, find_step(read, person, step.id), data, errors, in_place_errors), REFUSED
    takes_number = gives_number(definition, step)
    try:
        _complete(person, step, answers, in_place)
    except Rejected as refusal:
        return _refused(step.id, data, refusal)
    code = number_taken(db.session(), step) if takes_number else ""
    said = said_of_sending(db.session(), step, form, answers)
    flash(f"{said}{f' Văn bản mang số {code}.' if code else ''}", "success")
    return redirect(_onwards())


def _load(form: FormDefinition, data: FormData, context: FormContext) -> tuple[dict[str, object], Errors]:
    try:
        return form.load(parse_form_data(form, data), context), {}
    except FormRefused as refused:
        return {}, refused.errors


def _load_in_place(
    definition: Definition, person: CurrentPerson, step: Step, data: FormData, context: FormContext
) -> tuple[InPlace | None, Errors]:
    if not step.may_be_entered_by(person, definition):
        return None, {}
    try:
        return read_in_place(data, context.attachments, forced=not step.is_of(person)), {}
    except FormRefused as refused:
        return None, refused.errors


def _complete(person: CurrentPerson, step: StepToDo, answers: dict[str, object], in_place: InPlace | None) -> None:
    """Raises what CompleteUserTask and its subscribers raise."""
    scan = {ENTERED_FOR: list(in_place.scan)} if in_place else {}
    command = CompleteUserTask(user_task_id=step.id, answers={**answers, **scan}, in_place=in_place is not None)
    execute(command, actor=person.actor(), on_behalf_of=in_place.for_whom if in_place else None, seen=step.seen)


def _onwards() -> str:
    """The list from which the step was opened, or, where that was asked for, the next step of it."""
    if request.form.get("do") == "next":
        person, read = signed_in_person(), db.session()
        words, asked = due_words(read, person.tenant_id), filters_chosen_in()
        lists = [list_asked(person, count_waiting(read, person), asked)] if asked else OWN_LISTS
        for view, filters in lists:
            page = inbox_page(read, person, view, filters, words)
            if page.rows:
                return url_for("inbox.show", user_task_id=page.rows[0].id, loc=request.args.get(LIST))
    return list_chosen_in()


# --- what may go wrong ---


def _may_fill_in(read: Session, person: CurrentPerson, step: Step) -> bool:
    """Whether the person may send the step here; in somebody's place only where it has no page of its own."""
    if step.is_of(person):
        return True
    definition = definition_of(read, step)
    in_place = step.other_desk_of(person) is None and step.may_be_entered_by(person, definition)
    return in_place and not has_own_page(definition, step.element_id)


def require_sight(read: Session, person: CurrentPerson, step: Step) -> None:
    """Raises PermissionDenied for whoever may not even see the case."""
    if not step.is_of(person) and not may_see(read, person, step.case.id, step.case.parties):
        raise PermissionDenied("Việc này thuộc đơn vị khác.")


def _refused(step_id: UUID, data: FormData, refusal: Rejected) -> ResponseReturnValue:
    """Somebody was quicker, if only by a moment; else the page again, with the refusal above what was typed."""
    person, read = signed_in_person(), db.session()
    step = find_step(read, person, step_id)
    if not step.is_open:
        return _too_late(read, person, step, data)
    if not _may_fill_in(read, person, step):
        return show_taken(read, step, data)
    return _page(read, person, step, data, {"": [str(refusal)]}, {}), STATUS.get(refusal.kind, HTTPStatus.CONFLICT)


def _too_late(read: Session, person: CurrentPerson, step: Step, data: FormData) -> ResponseReturnValue:
    """A second click of whoever sent it finds it sent; anybody else sees who was quicker, and what they typed."""
    if step.completed_by == person.id:
        flash(f"“{step.name}” đã được gửi.", "success")
        return redirect(list_chosen_in())
    require_sight(read, person, step)
    return show_ended(read, find_step(read, person, step.id), data)


# --- the page ---


def _page(
    read: Session,
    person: CurrentPerson,
    step: StepOfCase,
    typed: FormData | None,
    errors: Errors,
    in_place_errors: Errors,
) -> str:
    form, around, definition = form_of(read, step), surroundings(read, person, step), definition_of(read, step)
    files = usable(around.files, step.id)
    context = form_context(read, person, step.case, form, unit_id=step.unit_id, attachments=files)
    data = typed if typed is not None else step.draft
    upload_url = url_for("documents.upload", viec=step.id)
    if typed is not None:
        values: Mapping[str, object] | None = parse_form_data(form, typed)
    elif step.draft is not None:
        values = drafted_answers(form, step.draft, context)
    else:
        values = _beginning(read, person, step, form, context, around)
    in_place = step.may_be_entered_by(person, definition)
    forced = not step.is_of(person)
    task, separate = step.case.task, definition.steps[step.element_id].separate_from
    today = local_date(now())
    return render_template(
        "inbox/step.html",
        step=step, case=step.case, task=task, around=around, definition=definition,
        view=build_form(form, context=context, values=values, errors=errors, upload_url=upload_url),
        typed=left_over(read, person.tenant_id, step, form, data or {}, files),
        in_place=show_in_place(data, in_place_errors, files, upload_url, forced=forced) if in_place else None,
        forced=forced, due=due_words(read, person.tenant_id).of(step.due_at), files=around.sent_files,
        stages=stage_states(task, today) if task and task.occurrence_id == step.case.id else (),
        entered_for=person.enters_for.get(step.unit_id),
        mine=step.assignee_id == person.id, today=today, list_url=list_chosen_in(), loc=request.args.get(LIST),
        difficulty=difficulty_of(read, step.case),
        judged=judged(form, step.created_at, around.earlier, definition.steps),
        barred=person.id in last_doers(read.connection(), {step.id: separate})[step.id],
    )  # fmt: skip


def _beginning(
    read: Session,
    person: CurrentPerson,
    step: StepOfCase,
    form: FormDefinition,
    context: FormContext,
    around: Surroundings,
) -> Mapping[str, object] | None:
    """What stands in the form at first: what was entered before, else the defaults with a person proposed."""
    before = starting_answers(step, form, around.entered, context)
    task = step.case.task
    fields = [field for field in form.fields if field.options_name == "person"]
    if before is not None or task is None or not fields:
        return before
    officers = last_officers(read, person.tenant_id, [(task.plan_task_id, step.unit_id)])
    officer = officers.of(task.plan_task_id, step.unit_id)
    chosen = {field.key: proposed_among(context.options_of(field), officer) for field in fields}
    return {**form.beginning(context), **{key: value for key, value in chosen.items() if value}}
