"""Đổi hạn: a letter moves a cycle's dates; first it is seen what moves with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.messages import SubmitMessage
from engine.errors import NotYourDesk, Rejected
from engine.models import OPEN_STEP, MessageSubscription, UserTask
from forms.definition import FormDefinition, FormRefused
from forms.fields import FormContext
from forms.formdata import FormData, parse_form_data
from webapp.cases.actions import may_send
from webapp.cases.queries import find_case
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.cycles.queries import cycle_row
from webapp.cycles.services import movable_cases
from webapp.cycles.steps import StepElsewhere, onwards
from webapp.database import db
from webapp.documents.attachments import files_of_case, usable
from webapp.execution import execute
from webapp.forms_view import Errors, build_form
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.contexts import form_context
from webapp.inbox.pages import STEP_PAGES
from webapp.organisation.models import Unit
from webapp.plans.models import PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name
from webapp.runtime import runtime
from webapp.security import runs

ELEMENT = "deadline_changed"

STEP_PAGES["deadline_change"] = lambda _message, cycle: url_for("cycles.change_deadlines", cycle_id=cycle)


@dataclass(frozen=True, slots=True)
class Letter:
    """The message that tells a cycle of new dates."""

    subscription_id: UUID
    form: FormDefinition
    context: FormContext


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case asked in the cycle."""

    label: str
    content: str
    unit: str
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Moves:
    """What new dates would move."""

    report_by: date
    submit_by: date
    moving: tuple[CaseRow, ...]
    staying: tuple[CaseRow, ...]  # with a date of their own
    steps: tuple[str, ...]  # of the cycle itself

    @property
    def seen(self) -> str:
        """What a page that shows them was made for."""
        return f"{self.report_by}/{self.submit_by}"


@bp.get("/ky-bao-cao/<uuid:cycle_id>/doi-han")
@runs(SubmitMessage)
def change_deadlines(cycle_id: UUID) -> ResponseReturnValue:
    """The letter and its dates. Raises NotFound, StepElsewhere, NotYourDesk."""
    return _page(cycle_id, None, {})


@bp.post("/ky-bao-cao/<uuid:cycle_id>/doi-han")
@runs(SubmitMessage)
def do_change_deadlines(cycle_id: UUID) -> ResponseReturnValue:
    """Show what moves; move it once exactly that was seen."""
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, cycle_id)
    letter = _letter(read, person, cycle_id)
    data = request.form.to_dict(flat=False)
    try:
        answers = letter.form.load(parse_form_data(letter.form, data), letter.context)
        moves = what_moves(read, cycle, answers)
        if request.form.get("seen") != moves.seen:
            return _page(cycle_id, data, {}, moves)
        execute(SubmitMessage(instance_id=cycle_id, element_id=ELEMENT, answers=answers))
    except FormRefused as refused:
        return _page(cycle_id, data, refused.errors, status=422)
    except Rejected as refusal:
        return _page(cycle_id, data, {"": [str(refusal)]}, status=409)
    flash(f"Đã đổi hạn của kỳ; {len(moves.moving)} nhiệm vụ được dời theo.", "success")
    return redirect(onwards(cycle_id))


def _letter(read: Session, person: CurrentPerson, cycle_id: UUID) -> Letter:
    """Raises StepElsewhere, NotYourDesk."""
    case = find_case(read, person, cycle_id)
    subscription_id = read.scalar(
        sa.select(MessageSubscription.id).where(
            MessageSubscription.instance_id == cycle_id, MessageSubscription.element_id == ELEMENT
        )
    )
    if subscription_id is None:
        raise StepElsewhere(cycle_id, "deadline_change")
    element = runtime().definition(case.definition_id, read.connection()).elements[ELEMENT]
    if not may_send(read, person, element, case.parties):
        raise NotYourDesk
    form = runtime().form(case.definition_id, element.properties["form"], read.connection())
    files = usable(files_of_case(read, person.tenant_id, cycle_id), subscription_id)
    context = form_context(read, person, case, form, unit_id=person.unit_id, attachments=files)
    return Letter(subscription_id, form, context)


def _page(
    cycle_id: UUID, data: FormData | None, errors: Errors, moves: Moves | None = None, status: int = 200
) -> ResponseReturnValue:
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, cycle_id)
    letter = _letter(read, person, cycle_id)
    values: Mapping[str, object] = (
        parse_form_data(letter.form, data) if data is not None else _present(cycle)
    )  # fmt: skip
    view = build_form(
        letter.form, context=letter.context, values=values, errors=errors,
        upload_url=url_for("documents.upload", viec=letter.subscription_id),
    )  # fmt: skip
    return render_template("cycles/deadlines.html", cycle=cycle_row(read, cycle_id), form=view, moves=moves), status


def _present(cycle: ReportingCycle) -> dict[str, object]:
    dates = {"report_by": cycle.report_by, "submit_by": cycle.submit_by}
    return {name: day.isoformat() if day else None for name, day in dates.items()}


def what_moves(read: Session, cycle: ReportingCycle, answers: Mapping[str, Any]) -> Moves:
    """The cases that hang on the present date, those that keep their own, and the cycle's open steps."""
    report_by, submit_by = (date.fromisoformat(answers[name]) for name in ("report_by", "submit_by"))
    moving = {case.id for case in read.scalars(movable_cases(cycle.id, cycle.report_by, report_by))}
    if report_by == cycle.report_by:
        moving = set()
    rows = list(_open_cases(read, cycle.id))
    return Moves(
        report_by, submit_by, tuple(row for id_, row in rows if id_ in moving),
        tuple(row for id_, row in rows if id_ not in moving), tuple(_open_steps(read, cycle.id)),
    )  # fmt: skip


def _open_cases(read: Session, cycle_id: UUID) -> Sequence[tuple[UUID, CaseRow]]:
    rows = read.execute(
        sa.select(
            TaskOccurrence.id, TaskGroup.numeral, PlanTask.ordinal, PlanTask.content, Unit.name, TaskOccurrence.due_on
        )
        .join(CycleEntry, CycleEntry.occurrence_id == TaskOccurrence.id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .where(CycleEntry.cycle_id == cycle_id, TaskOccurrence.ended_at.is_(None))
        .order_by(TaskGroup.position, PlanTask.position)
    )  # fmt: skip
    return [(r[0], CaseRow(place_name(r[1], r[2]), r[3], r[4], r[5])) for r in rows]


def _open_steps(read: Session, cycle_id: UUID) -> Sequence[str]:
    query = sa.select(UserTask.name).where(UserTask.instance_id == cycle_id, UserTask.state == OPEN_STEP)
    return list(read.scalars(query.order_by(UserTask.order_at)))
