"""What waits for a signature, as cover cards: what, to whom, by when, how it stands, what was agreed, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, Draft, Event, ProcessInstance, Submission, UserTask
from engine.runtime import Runtime
from engine.spiff import Definition
from forms.formdata import FormData
from webapp.cycles.models import (
    ConsolidatedReport,
    CycleEntry,
    Mark,
    MarkKind,
    ReportingCycle,
    Statement,
    StatementState,
)
from webapp.cycles.report_data import consolidated_data
from webapp.documents.rendering.consolidated import BUCKETS, Status, count_by_status
from webapp.identity import CurrentPerson
from webapp.inbox.pages import SIGNING_RECORDS, records_of
from webapp.organisation.models import Person
from webapp.plans.models import Plan, PlanTask, TaskGroup
from webapp.plans.places import place_name

AFTER_SENDING = frozenset({"city_return", "correction"})
"""Messages that bring a report back which was sent already."""
CONTENT_SHOWN = "content_hash"
"""The field with which a card's page says what it shows: no decision on other content."""
APPROVED = {"decision": ["approve"]}
MARK_NAMES = {
    MarkKind.CONTENT: "Ký nháy nội dung",
    MarkKind.FORM: "Ký tắt thể thức",
    MarkKind.OPINION: "Cho ý kiến",
    MarkKind.APPROVAL: "Phê duyệt",
}
MOST_CARDS = 50


@dataclass(frozen=True, slots=True)
class MarkMade:
    """Somebody's agreement."""

    what: str
    who: str
    at: datetime
    note: str
    is_void: bool


@dataclass(frozen=True, slots=True)
class Return:
    """The last time that the report went back."""

    how: str  # from which step, or by whom outside
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Card:
    """One report that waits for the person's decision."""

    task_id: UUID
    step: str
    element_id: str
    form_id: str
    instance_id: UUID
    definition_id: UUID
    batch: bool
    is_approval: bool  # the document is signed with it
    due_at: datetime | None
    report_id: UUID
    version: int
    content_hash: str
    cycle_name: str
    plan_title: str
    plan_number: str
    recipient: str
    submit_by: date | None
    summary: str
    buckets: Mapping[Status, int]
    missing: tuple[str, ...]
    set_aside: int
    self_reported: int
    marks: tuple[MarkMade, ...]
    returned: Return | None
    changes: tuple[str, ...]  # since it was returned
    draft: FormData | None  # what the person typed into it and has not sent
    draft_at: datetime | None

    @property
    def name(self) -> str:
        """What tells the report from those of other plans, whose cycles bear the same names."""
        return f"{self.cycle_name} ({self.plan_number or self.plan_title})"

    @property
    def _typed(self) -> FormData:
        draft = self.draft or {}
        return {name: values for name, values in draft.items() if name != CONTENT_SHOWN and any(values)}

    @property
    def is_half_done(self) -> bool:
        """Whether the person began to write, or to return it: approving it with others would throw that away."""
        return self._typed not in ({}, APPROVED)

    @property
    def is_drafted_on_other_content(self) -> bool:
        """Whether what the person typed is about content that has changed since."""
        return bool(self._typed) and (self.draft or {}).get(CONTENT_SHOWN) != [self.content_hash]


def waiting(read: Session, runtime: Runtime, person: CurrentPerson, today: date) -> list[Card]:
    """The person's queue, most urgent first."""
    steps = read.execute(_open_steps(person).limit(MOST_CARDS)).all()
    return [card for task, draft in steps if (card := _card(read, runtime, task, draft, today)) is not None]


def card_of(read: Session, runtime: Runtime, person: CurrentPerson, task_id: UUID, today: date) -> Card | None:
    """One card of the person's queue; None if it does not wait there."""
    step = read.execute(_open_steps(person).where(UserTask.id == task_id)).one_or_none()
    return _card(read, runtime, step[0], step[1], today) if step is not None else None


def _open_steps(person: CurrentPerson) -> sa.Select[UserTask, Draft]:
    mine = UserTask.assignee_id.in_([person.id, *person.stands_for])
    at_my_desks = UserTask.desk.in_(person.desks) & UserTask.assignee_id.is_(None)
    cycles = sa.select(ReportingCycle.id).where(ReportingCycle.tenant_id == person.tenant_id)
    return (
        sa.select(UserTask, Draft)
        .outerjoin(Draft, (Draft.user_task_id == UserTask.id) & (Draft.person_id == person.id))
        .where(
            UserTask.tenant_id == person.tenant_id,
            UserTask.state == OPEN_STEP,
            mine | at_my_desks,
            UserTask.instance_id.in_(cycles),
        )
        .order_by(UserTask.order_at, UserTask.id)
    )


def _card(read: Session, runtime: Runtime, task: UserTask, draft: Draft | None, today: date) -> Card | None:
    definition_id = read.scalar(sa.select(ProcessInstance.definition_id).where(ProcessInstance.id == task.instance_id))
    assert definition_id is not None
    definition = runtime.definition(definition_id, read.connection())
    signing = records_of(definition, task.element_id)
    if signing not in SIGNING_RECORDS:
        return None
    cycle = read.get_one(ReportingCycle, task.instance_id)
    report = _report(read, cycle.id)
    if report is None:
        return None
    plan = read.get_one(Plan, cycle.plan_id)
    returned = _last_return(read, cycle.id, definition)
    data = consolidated_data(read, report, today)
    counts = count_by_status(data.groups)
    return Card(
        task_id=task.id, step=task.name, element_id=task.element_id, form_id=task.form_id, instance_id=cycle.id,
        definition_id=definition_id, batch=definition.steps[task.element_id].batch,
        is_approval=signing == "approval", due_at=task.due_at,
        report_id=report.id, version=report.version, content_hash=report.content_hash, cycle_name=cycle.name,
        plan_title=plan.title, plan_number=plan.number or "", recipient=cycle.recipient, submit_by=cycle.submit_by,
        summary=_summary(read, cycle.id, definition),
        buckets={bucket: counts[bucket] for bucket in BUCKETS}, missing=tuple(one.unit for one in data.missing),
        set_aside=_set_aside(read, report.id), self_reported=sum(task.self_reported for task in data.tasks),
        marks=marks_of(read, report.id),
        returned=returned, changes=_changes(read, report, returned.at) if returned else (),
        draft=orjson.loads(draft.data) if draft else None, draft_at=draft.updated_at if draft else None,
    )  # fmt: skip


def _report(read: Session, cycle_id: UUID) -> ConsolidatedReport | None:
    newest = sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == cycle_id)
    return read.scalar(newest.order_by(ConsolidatedReport.version.desc()).limit(1))


def _summary(read: Session, cycle_id: UUID, definition: Definition) -> str:
    """What whoever drafted the report told those who sign it."""
    drafting = [name for name in definition.elements if records_of(definition, name) == "consolidation"]
    data = read.scalar(
        sa.select(Submission.data)
        .where(Submission.instance_id == cycle_id, Submission.element_id.in_(drafting))
        .order_by(Submission.submitted_at.desc())
        .limit(1)
    )
    return str(orjson.loads(data).get("summary") or "") if data else ""


def _set_aside(read: Session, report_id: UUID) -> int:
    query = sa.select(sa.func.count()).where(
        Statement.report_id == report_id, Statement.state == StatementState.SET_ASIDE
    )
    return read.scalar(query) or 0


def marks_of(read: Session, report_id: UUID) -> tuple[MarkMade, ...]:
    """Every agreement to a report, oldest first; a void one was to other content."""
    rows = read.execute(
        sa.select(Mark, Person.name)
        .outerjoin(Person, Person.id == Mark.person_id)
        .where(Mark.report_id == report_id)
        .order_by(Mark.made_at)
    )
    return tuple(
        MarkMade(MARK_NAMES[mark.kind], name or "", mark.made_at, mark.note, mark.void_at is not None)
        for mark, name in rows
    )


def _last_return(read: Session, cycle_id: UUID, definition: Definition) -> Return | None:
    """The newest submission of the cycle that brought the report back."""
    rows = read.execute(
        sa.select(Submission, Person.name)
        .outerjoin(Person, Person.id == Submission.actor_id)
        .where(Submission.instance_id == cycle_id)
        .order_by(Submission.submitted_at.desc())
        .limit(30)
    )
    for submission, name in rows:
        answers, step = orjson.loads(submission.data), definition.title_of(submission.element_id)
        was_sent = records_of(definition, submission.element_id) in AFTER_SENDING
        if was_sent or answers.get("decision") == "return":
            how = step if was_sent else f"Đã trả lại ở bước {step}"
            return Return(how, name or "", submission.submitted_at, str(answers.get("reason") or ""))
    return None


def _changes(read: Session, report: ConsolidatedReport, since: datetime) -> tuple[str, ...]:
    """What the drafter touched since the return, by the events that recorded it."""
    types = ("StatementDecided", "ReportEdited", "DifficultyDecided", "RowReturned")
    events = read.execute(
        sa.select(Event.type, Event.data).where(
            Event.tenant_id == report.tenant_id, Event.type.in_(types), Event.at > since
        )
    )
    labels = _statement_labels(read, report.id)
    fields = {"subject": "trích yếu", "introduction": "mở đầu", "assessment": "đánh giá chung",
              "difficulties": "khó khăn", "recommendations": "kiến nghị",
              "next_steps": "nhiệm vụ thời gian tới", "sections": "đề cương"}  # fmt: skip
    changed: dict[str, None] = {}
    for type_, data in events:
        values = orjson.loads(data)[0][1]
        if type_ == "StatementDecided" and values["statement_id"] in labels:
            changed[f"Nhiệm vụ {labels[values['statement_id']]}"] = None
        elif type_ == "ReportEdited" and values["report_id"] == str(report.id):
            changed.update(dict.fromkeys(f"Phần {fields[name]}" for name in values["fields"]))
        elif type_ == "DifficultyDecided" and values["report_id"] == str(report.id):
            changed[f"Phần {fields['difficulties']}"] = None
        elif type_ == "RowReturned" and values["cycle_id"] == str(report.cycle_id):
            changed["Một nhiệm vụ đã trả lại đơn vị để bổ sung"] = None
    return tuple(changed)


def _statement_labels(read: Session, report_id: UUID) -> dict[str, str]:
    rows = read.execute(
        sa.select(Statement.id, TaskGroup.numeral, PlanTask.ordinal)
        .join(CycleEntry, CycleEntry.id == Statement.entry_id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(Statement.report_id == report_id)
    )
    return {str(id_): place_name(numeral, ordinal) for id_, numeral, ordinal in rows}
