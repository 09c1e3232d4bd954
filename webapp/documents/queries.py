"""Phát hành: what waits for the clerk today, the register, and what was sent to the city."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, Job, JobState, MessageSubscription, ProcessInstance, UserTask
from webapp.cycles.models import CitySubmission, ConsolidatedReport, ReportingCycle, package_key
from webapp.documents.models import Attachment, RegisterEntry
from webapp.identity import CurrentPerson
from webapp.organisation.models import Person

PAGE = 50


@dataclass(frozen=True, slots=True)
class DeskStep:
    """A step at the clerk's desk."""

    id: UUID
    name: str
    subject: str
    due_at: datetime | None
    report_id: UUID | None  # the document at hand
    has_number: bool  # what is sent then is its package


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A number that was taken."""

    code: str  # "15/BC-UBND"
    issued_on: date
    subject: str
    from_our_register: bool
    taken_by: str


@dataclass(frozen=True, slots=True)
class Sending:
    """A report that went to the city."""

    id: UUID
    cycle_id: UUID
    cycle_name: str
    document_code: str
    version: int
    recipient: str
    method: str
    sent_at: datetime
    package_id: UUID | None
    package_name: str
    is_stuck: bool  # its package could not be made
    receipt_number: str | None
    received_at: datetime | None
    returned_at: datetime | None
    return_reason: str | None
    events: frozenset[str]  # message events of its cycle that wait now, by element; they are about its newest sending


def desk_steps(read: Session, person: CurrentPerson) -> list[DeskStep]:
    """Steps at the person's desks, most urgent first."""
    mine = UserTask.assignee_id.in_([person.id, *person.stands_for])
    at_desk = UserTask.desk.in_(person.desks) & UserTask.assignee_id.is_(None)
    newest = (
        sa.select(ConsolidatedReport.id)
        .where(ConsolidatedReport.cycle_id == UserTask.instance_id)
        .order_by(ConsolidatedReport.version.desc())
        .limit(1)
        .correlate(UserTask)
        .scalar_subquery()
    )
    has_number = ConsolidatedReport.document_code.is_not(None)
    rows = read.execute(
        sa.select(UserTask.id, UserTask.name, ProcessInstance.title, UserTask.due_at, ConsolidatedReport.id, has_number)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .outerjoin(ConsolidatedReport, ConsolidatedReport.id == newest)
        .where(UserTask.tenant_id == person.tenant_id, UserTask.state == OPEN_STEP, mine | at_desk)
        .order_by(UserTask.order_at, UserTask.id)
        .limit(PAGE)
    )
    return [DeskStep(*row) for row in rows]


def register(read: Session, tenant_id: UUID, year: int, most: int = PAGE * 4) -> list[RegisterRow]:
    """The year's numbers, newest first."""
    rows = read.execute(
        sa.select(RegisterEntry, Person.name)
        .outerjoin(Person, Person.id == RegisterEntry.created_by)
        .where(RegisterEntry.tenant_id == tenant_id, RegisterEntry.year == year)
        .order_by(RegisterEntry.type_code, RegisterEntry.number.desc())
        .limit(most)
    )
    return [RegisterRow(e.document_code, e.issued_on, e.subject, e.from_our_register, name or "") for e, name in rows]


def sendings(read: Session, tenant_id: UUID) -> list[Sending]:
    """The newest sendings to the city."""
    rows = read.execute(
        sa.select(CitySubmission, ConsolidatedReport, ReportingCycle, Attachment.name)
        .join(ConsolidatedReport, ConsolidatedReport.id == CitySubmission.report_id)
        .join(ReportingCycle, ReportingCycle.id == ConsolidatedReport.cycle_id)
        .outerjoin(Attachment, Attachment.id == CitySubmission.package_id)
        .where(CitySubmission.tenant_id == tenant_id)
        .order_by(CitySubmission.sent_at.desc())
        .limit(PAGE)
    ).all()
    events = _waiting_events(read, [cycle.id for _, _, cycle, _ in rows])
    stuck = _stuck(read, [s.id for s, *_ in rows if s.package_id is None])
    newest = {cycle.id: s.id for s, _, cycle, _ in reversed(rows)}
    return [
        Sending(
            s.id, cycle.id, cycle.name, report.document_code or "", report.version, s.recipient, s.method, s.sent_at,
            s.package_id, name or "", s.id in stuck, s.receipt_number, s.received_at, s.returned_at, s.return_reason,
            events.get(cycle.id, frozenset()) if newest[cycle.id] == s.id else frozenset(),
        )
        for s, report, cycle, name in rows
    ]  # fmt: skip


def _stuck(read: Session, sendings: list[UUID]) -> frozenset[UUID]:
    """Those whose package was given up."""
    keys = {package_key(id): id for id in sendings}
    failed = sa.select(Job.key).where(Job.key.in_(keys), Job.state == JobState.FAILED)
    return frozenset(keys[key] for key in read.scalars(failed)) if keys else frozenset()


def _waiting_events(read: Session, cycles: list[UUID]) -> dict[UUID, frozenset[str]]:
    rows = read.execute(
        sa.select(MessageSubscription.instance_id, MessageSubscription.element_id).where(
            MessageSubscription.instance_id.in_(cycles)
        )
    )
    events: dict[UUID, frozenset[str]] = {}
    for instance_id, element_id in rows:
        events[instance_id] = events.get(instance_id, frozenset()) | {element_id}
    return events
