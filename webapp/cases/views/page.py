"""Hồ sơ: where a case is, what happened to it, what belongs to it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine import facts as f
from engine.calendar import local_date
from engine.command import EnginePermission
from engine.models import Incident, IncidentState, TimerKind, UserTaskState
from engine.read_only import ReadOnlyTransaction
from webapp.cases.access import is_mine, units_of
from webapp.cases.actions import message_actions
from webapp.cases.blueprint import bp
from webapp.cases.comments import comments_of
from webapp.cases.coordination import coordinations
from webapp.cases.diagrams import CaseStep, draw, has_stage, steps_of, waits_of
from webapp.cases.difficulties import difficulty_of
from webapp.cases.history import PAGE, Happening, happenings, history, people_named, unit_names
from webapp.cases.queries import Case, TaskCard, find_case, linked_cases
from webapp.cases.reminders import MOST_COMING, coming_reminders, in_order, sent_reminders
from webapp.cases.standing_in import with_absent
from webapp.cases.submissions import SubmissionView, shown_submissions, submissions_of
from webapp.cases.versions import names_in_time
from webapp.cases.wording import Names
from webapp.cycles.asking import cycles_of_case
from webapp.cycles.coming import coming_for, sent_of_cycle
from webapp.database import db
from webapp.documents.attachments import StoredFile, files_of_case
from webapp.documents.models import AttachmentState
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.dues import Due, DueWords
from webapp.inbox.options import Place
from webapp.inbox.queries import due_words
from webapp.inbox.typed import unsent_of
from webapp.incoming import number_asked
from webapp.permissions import Permission
from webapp.plans.buckets import is_flagged
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.stages import stage_states
from webapp.runtime import now, runtime
from webapp.security import requires

PASSING = f.MessageDelivered | f.MessageSent | f.ServiceCompleted | f.TimerFired
"""Facts of elements that are no steps; of timers only those of the drawing."""


@bp.get("/ho-so/<uuid:instance_id>")
@requires(Permission.SEE_CASES)
def show(instance_id: UUID) -> ResponseReturnValue:
    """A case of any procedure. Raises NotFound, PermissionDenied."""
    person, read = signed_in_person(), db.session()
    case = find_case(read, person, instance_id)
    before = number_asked("truoc")
    steps, waits = steps_of(read, case.id), waits_of(read, case.id)
    told = with_absent(read, happenings(read, person.tenant_id, case.id, before), case.id)
    definition = runtime().definition(case.definition_id, read.connection())
    names = Names(
        definition, {step.id: step.name for step in steps}, people_named(read, told),
        unit_names(read, person.tenant_id), lambda id: runtime().form(case.definition_id, id, read.connection()),
    )  # fmt: skip
    then = names_in_time(read, case.id, names)
    files = files_of_case(read, person.tenant_id, case.id)
    submissions = _submissions(read, person, case, told[:PAGE], files)
    tx = ReadOnlyTransaction(runtime(), read.connection(), person.actor(), now())
    own_task = case.task if case.task and case.task.occurrence_id == case.id else None
    words = due_words(read, person.tenant_id)
    asked = coordinations(read, person.tenant_id, own_task) if own_task else []
    return render_template(
        "cases/show.html",
        case=case, task=case.task, own_task=own_task, linked=linked_cases(read, case.id),
        stages=stage_states(own_task, local_date(now())) if own_task else (),
        lines=history(told[:PAGE], then, submissions), older=_older(case, told), is_newest=before is None,
        open_steps=[
            (step, words.of(step.due_at), names.desk(step.desk), _may_open(person, step))
            for step in steps if step.state is UserTaskState.OPEN
        ],
        due=_due(case, own_task, words),
        diagram=draw(case.definition_id, definition, steps, waits, passed=_passed(told), failed=_failed(read, case)),
        waiting_for=[names.element(wait.element_id) for wait in waits if has_stage(definition, wait.element_id)],
        sent=in_order([*sent_reminders(read, case.id, then), *sent_of_cycle(read, case.id)])[::-1],
        coming=in_order([*coming_reminders(tx, case.id, names), *coming_for(read, case.id)])[:MOST_COMING],
        files=[file for file in files if file.state is AttachmentState.PERMANENT],
        unsent=unsent_of(read, person, case, {str(file.id): file.for_form() for file in files}),
        comments=comments_of(read, case.id), coordinations=asked, cycles=cycles_of_case(read, case.id),
        actions=message_actions(read, person, case, waits), difficulty=difficulty_of(read, case),
        may_operate=person.may(EnginePermission.OPERATE), may_ask=_may_ask(person, case),
        askable=_askable(read, person, case, [one.unit for one in asked]), links=dict(_links(case)),
    )  # fmt: skip


def _due(case: Case, task: TaskCard | None, words: DueWords) -> Due | None:
    """The case's last day: what was reported in time is not late, however long it waits for others."""
    due = words.of_last_day(case.dates.get("deadline"))
    if due is None or not due.is_late or task is None or is_flagged(task, local_date(now())):
        return due
    return replace(due, relative="Hạn", level="later")


def _submissions(
    read: Session, person: CurrentPerson, case: Case, told: Sequence[Happening], files: Sequence[StoredFile]
) -> list[SubmissionView]:
    """What was entered in these events."""
    if not told:
        return []
    since, until = told[-1].at, told[0].at
    entered = [one for one in submissions_of(read, case.id, most=500) if since <= one.at <= until]
    place = Place(person.tenant_id, case.id, None, case.parties)
    return shown_submissions(read, place, entered, {str(f.id): f.for_form() for f in files})


def _may_open(person: CurrentPerson, step: CaseStep) -> bool:
    """Whether the step's page is for the person: it is theirs, or they enter for others."""
    return is_mine(person, step.desk, step.assignee_id) or person.may(EnginePermission.ENTER_FOR_OTHERS)


def _older(case: Case, told: Sequence[Happening]) -> str | None:
    if len(told) <= PAGE:
        return None
    return url_for("cases.show", instance_id=case.id, truoc=told[PAGE - 1].sequence)


def _passed(told: Sequence[Happening]) -> Iterator[str]:
    """Events and services that the case went through; its steps are known otherwise."""
    for one in told:
        for fact in one.facts:
            if isinstance(fact, PASSING) and getattr(fact, "kind", TimerKind.FLOW) is TimerKind.FLOW:
                yield fact.element_id


def _failed(read: Session, case: Case) -> list[str]:
    """Elements with an open incident."""
    query = sa.select(Incident.element_id).where(
        Incident.tenant_id == _tenant(), Incident.state == IncidentState.OPEN, Incident.instance_id == case.id
    )
    return [element_id for element_id in read.scalars(query) if element_id]


def _tenant() -> UUID:
    return signed_in_person().tenant_id


def _may_ask(person: CurrentPerson, case: Case) -> bool:
    """Whether the person's unit leads a case whose report has not been sent."""
    task = case.task
    leads = task is not None and task.occurrence_id == case.id and str(task.lead_unit_id) in units_of(person)
    return leads and case.is_running and task is not None and task.first_reported_at is None


def _askable(read: Session, person: CurrentPerson, case: Case, asked: Sequence[str]) -> list[tuple[UUID, str]]:
    """Who may still be asked: units that carry tasks out, but for the lead and those that are asked already."""
    lead = case.task.lead_unit_id if case.task else None
    units = unit_choices(read, person.tenant_id)
    return [(unit.id, unit.name) for unit in units if unit.id != lead and unit.name not in asked]


def _links(case: Case) -> Iterator[tuple[str, str]]:
    """Pages of other parts of the application that a case belongs to."""
    known = current_app.view_functions
    if case.plan_id and "plans.show" in known:
        yield "plan", url_for("plans.show", plan_id=case.plan_id)
    if case.cycle_name and "cycles.show" in known:
        yield "cycle", url_for("cycles.show", cycle_id=case.id)
