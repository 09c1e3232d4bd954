"""Thao tác quản trị: what an administrator does to a running case by hand, each with a reason and a confirmation."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.command import Command
from engine.commands.instances import CancelInstance, ResumeInstance, SuspendInstance
from engine.commands.operations import ChangeDueTime, CorrectVariable, GoBack, ReassignUserTask, SkipUserTask
from engine.errors import InstanceNotActive, Kind, NotFound, Rejected
from engine.models import InstanceState
from engine.spiff import Definition
from forms.definition import FormRefused
from forms.fields import FormContext
from forms.formdata import parse_form_data
from webapp.cases.blueprint import bp
from webapp.cases.diagrams import steps_of
from webapp.cases.kept import kept_messages
from webapp.cases.operating import BY_NAME, OPERATIONS, Operable, Operation
from webapp.cases.queries import Case, find_case
from webapp.cases.values import variables_of
from webapp.database import db
from webapp.errors import STATUS
from webapp.execution import execute
from webapp.forms_view import build_form
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.contexts import instance_data
from webapp.inbox.options import Place
from webapp.inbox.queries import due_words
from webapp.runtime import runtime
from webapp.security import runs

COMMANDS: tuple[type[Command], ...] = (
    SuspendInstance, ResumeInstance, ReassignUserTask, ChangeDueTime, GoBack, SkipUserTask, CorrectVariable,
    CancelInstance,
)  # fmt: skip
Errors = Mapping[str, Sequence[str]]


@bp.get("/ho-so/<uuid:instance_id>/thao-tac")
@runs(*COMMANDS)
def operations(instance_id: UUID) -> ResponseReturnValue:
    """What can be done now, each with what it means. Raises NotFound, InstanceNotActive."""
    person, read = signed_in_person(), db.session()
    return _page(person, _operable(read, person, find_case(read, person, instance_id)))


@bp.post("/ho-so/<uuid:instance_id>/thao-tac/<name>")
@runs(*COMMANDS)
def operate(instance_id: UUID, name: str) -> ResponseReturnValue:
    """Do one of them. Raises NotFound, InstanceNotActive, PermissionDenied."""
    person, read = signed_in_person(), db.session()
    on = _operable(read, person, find_case(read, person, instance_id))
    operation = BY_NAME.get(name)
    if operation is None:
        raise NotFound
    form = operation.form(on, person.tenant_id)
    try:
        answers = form.load(parse_form_data(form, request.form.to_dict(flat=False), _prefix(operation)), FormContext())
    except FormRefused as refused:
        return _page(person, on, operation, refused.errors), HTTPStatus.UNPROCESSABLE_ENTITY
    command = operation.command(on, answers)
    try:
        execute(command)
    except Rejected as refusal:
        if refusal.kind in (Kind.NOT_FOUND, Kind.FORBIDDEN):
            raise
        on = _operable(db.session(), person, find_case(db.session(), person, instance_id))
        return _page(person, on, operation, {"": [str(refusal)]}), STATUS[refusal.kind]
    flash(operation.done, "success")
    return redirect(url_for("cases.show", instance_id=instance_id))


def _operable(read: Session, person: CurrentPerson, case: Case) -> Operable:
    """Raises InstanceNotActive for a case that has ended."""
    if case.state not in (InstanceState.ACTIVE, InstanceState.SUSPENDED):
        raise InstanceNotActive
    connection, definition = read.connection(), _definition(read, case)
    named = {element.element_id: element.properties.get("form") for element in definition.elements.values()}
    data = instance_data(case)
    forms = {id: runtime().form(case.definition_id, form, connection) for id, form in named.items() if form}
    steps = steps_of(read, case.id)
    units = {step.element_id: UUID(step.desk.partition("@")[2]) for step in reversed(steps)}
    variables = variables_of(
        read,
        definition,
        forms,
        data,
        lambda element: Place(person.tenant_id, case.id, units.get(element), case.parties),
    )
    return Operable(read, case, steps, variables)


def _page(person: CurrentPerson, on: Operable, tried: Operation | None = None, errors: Errors | None = None) -> str:
    """`tried` is the one that was refused: it stays open, with what was typed."""
    words = due_words(on.read, person.tenant_id)
    shown = []
    for operation in OPERATIONS:
        if not operation.offered(on) and operation is not tried:
            continue
        form, prefix = operation.form(on, person.tenant_id), _prefix(operation)
        is_tried = operation is tried
        values = parse_form_data(form, request.form.to_dict(flat=False), prefix) if is_tried else None
        faults = {name: list(said) for name, said in errors.items()} if errors and is_tried else None
        view = build_form(form, context=FormContext(), values=values, errors=faults, prefix=prefix)
        shown.append((operation, view, is_tried))
    return render_template(
        "cases/operations.html",
        case=on.case, shown=shown, kept=kept_messages(on.read, on.case.id, _definition(on.read, on.case)),
        open_steps=[(step, words.of(step.due_at)) for step in on.open_steps],
    )  # fmt: skip


def _definition(read: Session, case: Case) -> Definition:
    return runtime().definition(case.definition_id, read.connection())


def _prefix(operation: Operation) -> str:
    return f"{operation.name}-"
