"""What stands beside a step's form: what one needs to decide."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import UserTaskState
from engine.spiff import Definition
from forms.definition import FormDefinition
from forms.fields import FieldType, FormContext
from forms.formdata import FormData, parse_form_data
from webapp.answers_view import AnswersView
from webapp.cases.actions import MessageAction, message_actions
from webapp.cases.comments import CommentView, comments_of
from webapp.cases.coordination import Coordination, coordinations
from webapp.cases.diagrams import CaseStep, DiagramView, Wait, draw, steps_of, waits_of
from webapp.cases.submissions import (
    DECISION,
    Entered,
    SubmissionView,
    show_answers,
    shown_submissions,
    submissions_of,
)
from webapp.cycles.asking import AskingCycle, cycles_asking
from webapp.cycles.models import REPORT_CODE, ConsolidatedReport, CycleEntry
from webapp.cycles.report_data import consolidated_data
from webapp.documents.attachments import StoredFile, files_of_case
from webapp.documents.models import AttachmentState
from webapp.documents.numbering import next_code
from webapp.identity import CurrentPerson
from webapp.inbox.options import Place
from webapp.inbox.pages import records_of
from webapp.inbox.steps import LastYear, Step, StepOfCase, definition_of
from webapp.organisation.models import Committee
from webapp.plans.models import OccurrenceState
from webapp.runtime import now, runtime
from webapp.settings import Settings

MOST_EARLIER = 20
SENDING = ("dispatch", "receipt")
"""What the drawing says of a step that records how the report went to the city."""
NUMBER = "number"
"""What the drawing says of a step that gives the report its number."""
REPORT = "report"
"""What it says of a step in which a unit reports on its task."""


@dataclass(frozen=True, slots=True)
class Return:
    """Why a step has come (back): the words of whoever did the step before."""

    title: str
    who: str
    at: datetime
    reason: str
    returns: bool


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """The newest version of a cycle's report."""

    id: UUID
    code: str  # "15/BC-UBND" once it has a number
    issued_on: date | None
    offered: str  # the number that our register would give, where the step asks for one
    mailed_to: str | None  # where we mail the package if the step says so; "": nowhere; None: it sends nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything beside the form."""

    entered: Sequence[Entered]  # as stored, newest first
    earlier: Sequence[SubmissionView]
    files: Sequence[StoredFile]
    comments: Sequence[CommentView]
    coordinations: Sequence[Coordination]
    steps: Sequence[CaseStep]
    actions: Sequence[MessageAction]
    diagram: DiagramView
    came: Return | None
    last_year: AnswersView | None
    at_once: Sequence[CaseStep]  # the case's other open steps
    document: DocumentCard | None  # what a cycle's step is about
    asking: Sequence[AskingCycle]  # the cycles that wait for the case's report
    reports_on_task: bool  # so that what other plans have of it is of use

    @property
    def sent_files(self) -> list[StoredFile]:
        """Those that belong to the case for good."""
        return [file for file in self.files if file.state is AttachmentState.PERMANENT]


def surroundings(read: Session, person: CurrentPerson, step: StepOfCase) -> Surroundings:
    """What the step's page shows beside the form."""
    case = step.case
    place = Place(person.tenant_id, case.id, step.unit_id, case.parties)
    files = files_of_case(read, person.tenant_id, case.id)
    known = {str(file.id): file.for_form() for file in files}
    entered = submissions_of(read, case.id, MOST_EARLIER)
    earlier = shown_submissions(read, place, entered, known)
    steps, waits = steps_of(read, case.id), waits_of(read, case.id)
    return Surroundings(
        entered=entered,
        earlier=earlier,
        files=files,
        comments=comments_of(read, case.id),
        coordinations=coordinations(read, person.tenant_id, case.task)
        if case.task and case.task.occurrence_id == case.id
        else (),
        steps=steps,
        actions=message_actions(read, person, case, waits),
        diagram=_diagram(read, step, steps, waits, entered),
        came=_came(read, step, earlier),
        last_year=_last_year(read, place, step.last_year),
        at_once=[one for one in steps if one.state is UserTaskState.OPEN and one.id != step.id],
        document=_document(read, person, step) if case.cycle_name else None,
        asking=cycles_asking(read, case.id) if case.task and case.task.occurrence_id == case.id else (),
        reports_on_task=reports_on_task(read, step),
    )


def reports_on_task(read: Session, step: StepOfCase) -> bool:
    """Whether the step is the one in which a unit reports on its task."""
    return step.case.task is not None and records_of(definition_of(read, step), step.element_id) == REPORT


def _document(read: Session, person: CurrentPerson, step: StepOfCase) -> DocumentCard | None:
    reports = sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == step.case.id)
    report = read.scalar(reports.order_by(ConsolidatedReport.version.desc()).limit(1))
    if report is None:
        return None
    takes_number = report.number is None and gives_number(definition_of(read, step), step)
    today = local_date(now())
    code = consolidated_data(read, report, today).code if takes_number else ""
    offered = next_code(read, person.tenant_id, REPORT_CODE, code, today.year) if takes_number else ""
    sends = records_of(definition_of(read, step), step.element_id) in SENDING
    mailed_to = _mailed_to(read, person) if sends else None
    return DocumentCard(report.id, report.document_code or "", report.issued_on, offered, mailed_to)


def _mailed_to(read: Session, person: CurrentPerson) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return read.get_one(Committee, person.tenant_id).city_email or "" if settings.smtp_url else ""


def gives_number(definition: Definition, step: Step) -> bool:
    """Whether the step is that which gives a report its number."""
    return records_of(definition, step.element_id) == NUMBER


def number_taken(read: Session, step: Step) -> str:
    """Which number the report of the step's cycle got."""
    codes = sa.select(ConsolidatedReport.document_code).where(ConsolidatedReport.cycle_id == step.case.id)
    return read.scalar(codes.order_by(ConsolidatedReport.version.desc()).limit(1)) or ""


def _diagram(
    read: Session, step: StepOfCase, steps: Sequence[CaseStep], waits: Sequence[Wait], entered: Sequence[Entered]
) -> DiagramView:
    passed = {one.element_id for one in entered}
    return draw(step.case.definition_id, definition_of(read, step), steps, waits, passed=passed)


def _came(read: Session, step: StepOfCase, earlier: Sequence[SubmissionView]) -> Return | None:
    """What was entered in the moment in which the step came, if it gives a reason."""
    before = next((one for one in earlier if one.at == step.created_at), None)
    if before is not None:
        title = before.decision or before.step
        return Return(title, before.who, before.at, before.reason, before.returns) if before.reason else None
    return _returned_by_cycle(read, step)


def _returned_by_cycle(read: Session, step: StepOfCase) -> Return | None:
    """A row that the cycle sent back says why there."""
    task = step.case.task
    if task is None or task.state is not OccurrenceState.NEEDS_REWORK:
        return None
    entry = read.execute(
        sa.select(CycleEntry.return_reason, CycleEntry.returned_at)
        .where(CycleEntry.occurrence_id == task.occurrence_id, CycleEntry.return_reason.is_not(None))
        .order_by(CycleEntry.returned_at.desc())
        .limit(1)
    ).one_or_none()
    if entry is None:
        return None
    return Return("Trả lại để bổ sung", "Đơn vị đầu mối", entry.returned_at, entry.return_reason, True)


def _last_year(read: Session, place: Place, told: LastYear | None) -> AnswersView | None:
    if told is None:
        return None
    form = runtime().form(told.definition_id, told.form_id, read.connection())
    files = {str(file.id): file.for_form() for file in files_of_case(read, place.tenant_id, told.instance_id)}
    return show_answers(read, place, form, orjson.loads(told.data), files)


def is_judgement(form: FormDefinition) -> bool:
    """Whether the form judges what somebody else entered."""
    return any(field.key == DECISION for field in form.fields)


def judged(
    form: FormDefinition, came_at: datetime, earlier: Sequence[SubmissionView], steps: Container[str]
) -> SubmissionView | None:
    """What a judgement is about: what brought it, else the newest of a step; what was told meanwhile is not."""
    if not is_judgement(form):
        return None
    before = [one for one in earlier if not one.decision and one.at <= came_at]
    brought = (one for one in before if one.at == came_at)
    return next(brought, None) or next((one for one in before if one.element_id in steps), None)


def starting_answers(
    step: StepOfCase, form: FormDefinition, entered: Sequence[Entered], context: FormContext
) -> Mapping[str, Any] | None:
    """Going back to a step starts from what was entered in its form before; a judgement starts anew.

    A linked case starts from what the closed one reported. A table of indicators has a row for each that the case is
    asked for, those too that were added since.
    """
    if is_judgement(form):
        return None
    before = next((one.answers for one in entered if one.form_id == form.id), step.closed_answers(form))
    asked = _asked_rows(form, context, before or {})
    return {**(before if before is not None else form.beginning(context)), **asked} if asked else before


def drafted_answers(form: FormDefinition, draft: FormData, context: FormContext) -> Mapping[str, Any]:
    """What a draft holds, with a row for each indicator that its page had not offered."""
    kept = parse_form_data(form, draft)
    offered = {id for field in form.fields for ids in draft.get(f"{field.key}-offered", ()) for id in ids.split()}
    return {**kept, **_asked_rows(form, context, kept, offered)}


def _asked_rows(
    form: FormDefinition, context: FormContext, before: Mapping[str, Any], offered: Container[str] = ()
) -> dict[str, Any]:
    """The rows that stood in tables of indicators, and one for each that has none there and was not offered."""
    columns = ((field, column) for field in form.fields for column in field.components)
    asked = {}
    for field, column in columns:
        if column.type is FieldType.INDICATOR and context.options_of(column):
            rows = before.get(field.key) or []
            there = {row.get(column.key) for row in rows}
            asked_now = (one.value for one in context.options_of(column))
            added = [{column.key: one} for one in asked_now if one not in there and one not in offered]
            asked[field.key] = [*rows, *added][: field.max_rows]
    return asked
