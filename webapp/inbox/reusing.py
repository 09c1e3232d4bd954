"""Using in one plan's report what was reported in another: its words and files go into the draft, with their origin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound, NotYourDesk, UserTaskNotOpen
from engine.events import Fact, fact
from engine.models import Event, Submission, UserTask, UserTaskState
from engine.transaction import Transaction
from forms.definition import FormDefinition
from forms.fields import FieldType
from forms.formdata import FormData
from webapp.cases.access import may_fill_in
from webapp.cases.wording import Names, Sentence, happened
from webapp.documents.carrying import carried_id, offer_files
from webapp.execution import execute
from webapp.identity import CurrentPerson
from webapp.inbox.elsewhere import ReportedElsewhere, reports_elsewhere
from webapp.inbox.steps import StepOfCase
from webapp.plans.models import TaskOccurrence

RESULT = "result"
"""The field that holds what a report says."""


@fact
@dataclass(frozen=True, slots=True)
class ReportReused(Fact):
    """One result serves rows of several plans."""

    user_task_id: UUID
    case_id: UUID
    submission_id: UUID  # the report that is used
    origin: str


@happened(ReportReused)
def _reused(fact: ReportReused, names: Names) -> Sentence:
    return Sentence("Dùng kết quả đã báo cáo ở kế hoạch khác", note=fact.origin.strip("()"), icon="copy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuseReport(Command):
    """Give a step of one's own the files of what the unit reported in another plan, and record where they are from."""

    permission = EnginePermission.WORK

    user_task_id: UUID
    source_id: UUID  # the case that was reported on
    label: str
    origin: str


@handles(ReuseReport)
def reuse_report(command: ReuseReport, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, NotYourDesk."""
    step = tx.session.get(UserTask, command.user_task_id)
    case = tx.session.get(TaskOccurrence, step.instance_id) if step else None
    source = tx.session.get(TaskOccurrence, command.source_id)
    if step is None or case is None or source is None or {case.tenant_id, source.tenant_id} != {tx.tenant_id}:
        raise NotFound
    if source.lead_unit_id != case.lead_unit_id or source.report_submission_id is None:
        raise NotFound
    if step.state is not UserTaskState.OPEN:
        raise UserTaskNotOpen
    for_others = tx.actor.may(EnginePermission.ENTER_FOR_OTHERS)
    if not for_others and not may_fill_in(tx.actor, step.desk, step.assignee_id):
        raise NotYourDesk
    tx.load_instance(case.id)  # It is told in the case's history.
    offer_files(tx, source.report_submission_id, case.id, step.id, command.label)
    if not _is_told(tx, case.id, source.report_submission_id):
        tx.record(ReportReused(step.id, case.id, source.report_submission_id, command.origin))


def _is_told(tx: Transaction, case_id: UUID, submission_id: UUID) -> bool:
    """Whether the case's history says already that it uses the report: a button pressed twice tells nothing new."""
    events = sa.select(Event.sequence).where(
        Event.stream == case_id, Event.type == ReportReused.__name__, Event.data.contains(str(submission_id))
    )
    return tx.session.scalar(events.limit(1)) is not None


def with_report_of(
    read: Session, person: CurrentPerson, step: StepOfCase, form: FormDefinition, source_id: UUID, typed: FormData
) -> dict[str, list[str]]:
    """Have a step use the report of another plan's case; return what was typed with that.

    Raises NotFound and what ReuseReport raises.
    """
    task, plan_id = step.case.task, step.case.plan_id
    if task is None or plan_id is None:
        raise NotFound
    reports = reports_elsewhere(read, person.tenant_id, plan_id, task.lead_unit_id, [task.year])
    found = next((one for one in reports if one.case_id == source_id), None)
    if found is None:
        raise NotFound
    data = read.scalar(sa.select(Submission.data).where(Submission.id == found.submission_id)) or "{}"
    execute(ReuseReport(user_task_id=step.id, source_id=source_id, label=found.label, origin=found.origin))
    return _merged(form, typed, found, orjson.loads(data), step.case.id)


def _merged(
    form: FormDefinition, typed: FormData, found: ReportedElsewhere, answers: Mapping[str, Any], case_id: UUID
) -> dict[str, list[str]]:
    """What was typed stays; used twice, a report stands there once."""
    merged = {name: list(values) for name, values in typed.items()}
    before = "\n".join(merged.get(RESULT, ())).strip()
    if found.origin not in before:
        merged[RESULT] = ["\n".join(filter(None, (before, found.text, found.origin)))]
    for field in form.fields:
        if field.type is FieldType.FILEPICKER:
            carried = (str(carried_id(str(id), case_id)) for id in answers.get(field.key) or ())
            merged[field.key] = list(dict.fromkeys([*merged.get(field.key, ()), *carried]))
    return merged
