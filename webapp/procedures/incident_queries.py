"""Incidents as pages show them: what waits for an administrator, what was settled, what says the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import Incident, IncidentState, Job, ProcessInstance, Timer
from engine.registry import JOB_NAMES
from webapp.calendar_faults import CALENDAR
from webapp.notifications.telling import MAIL
from webapp.organisation.models import Person

PAGE = 50
MOST_ALIKE = 20

_i: Any = Incident.__table__


@dataclass(frozen=True, slots=True)
class Fault:
    """One incident in a list."""

    id: UUID
    instance_id: UUID | None
    subject: str
    message: str
    at: datetime
    can_retry: bool
    resolution: str | None
    resolved_at: datetime | None
    resolved_by: str
    recipient: str  # of a mail that could not be sent


@dataclass(frozen=True, slots=True)
class Faults:
    """A page of the list; `after` begins the next one."""

    rows: Sequence[Fault]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Alike:
    """Open incidents that say the same."""

    message: str
    count: int
    since: datetime
    can_retry: bool


@dataclass(frozen=True, slots=True)
class FaultDetail:
    """One incident with everything that helps to understand it."""

    fault: Fault
    is_open: bool
    element_id: str | None
    detail: str
    about: str  # job, timer, calendar or process
    job_kind: str | None
    attempts: int | None
    last_error: str | None
    alike: int  # others that say the same

    @property
    def job_words(self) -> str:
        """What kind of background work failed."""
        return JOB_NAMES.get(self.job_kind or "", self.job_kind or "")


COLUMNS = [
    *(_i.c[n] for n in (
        "id", "instance_id", "message", "created_at", "job_id", "timer_id", "resolution", "resolved_at",
        "element_id",
    )),
    ProcessInstance.title, Person.name, Job.kind, Job.payload,
]  # fmt: skip
FAULTS = (
    sa.select(*COLUMNS)
    .select_from(_i)
    .outerjoin(ProcessInstance, ProcessInstance.id == _i.c.instance_id)
    .outerjoin(Person, Person.id == _i.c.resolved_by)
    .outerjoin(Job, Job.id == _i.c.job_id)
)


def incidents(read: Session, tenant_id: UUID, state: IncidentState, after: UUID | None) -> Faults:
    """A page of them, newest first."""
    query = FAULTS.where(_i.c.tenant_id == tenant_id, _i.c.state == state)
    anchor = read.execute(sa.select(_i.c.created_at).where(_i.c.id == after)).scalar() if after else None
    if anchor is not None:
        query = query.where((_i.c.created_at < anchor) | ((_i.c.created_at == anchor) & (_i.c.id < after)))
    rows = read.execute(query.order_by(_i.c.created_at.desc(), _i.c.id.desc()).limit(PAGE + 1)).all()
    names = _recipients(read, rows)
    return Faults([_fault(row, names) for row in rows[:PAGE]], rows[PAGE - 1].id if len(rows) > PAGE else None)


def _recipients(read: Session, rows: Iterable[Any]) -> dict[UUID, str]:
    """Whose mails could not be sent, by job."""
    of = {row.job_id: UUID(orjson.loads(row.payload)["person_id"]) for row in rows if row.kind == MAIL}
    people = {
        one.id: one.name for one in read.execute(sa.select(Person.id, Person.name).where(Person.id.in_(of.values())))
    }
    return {job: people[person] for job, person in of.items() if person in people}


def _fault(row: Any, recipients: Mapping[UUID, str]) -> Fault:
    return Fault(
        row.id, row.instance_id, row.title or "", row.message, row.created_at,
        _can_retry(row), row.resolution, row.resolved_at,
        row.name or "Hệ thống", recipients.get(row.job_id, ""),
    )  # fmt: skip


def that_can_retry(read: Session, tenant_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Those with something to try again: a step that a person has to send anew has nothing."""
    rows = read.execute(FAULTS.where(_i.c.tenant_id == tenant_id, _i.c.id.in_(ids)))
    return {row.id for row in rows if _can_retry(row)}


def _can_retry(row: Any) -> bool:
    return row.job_id is not None or row.timer_id is not None or _is_calendar(row)


def _is_calendar(row: Any) -> bool:
    """Whether work of the calendar failed: it is tried again by itself."""
    return row.instance_id is None and row.element_id == CALENDAR


def alike(read: Session, tenant_id: UUID) -> list[Alike]:
    """What more than one open incident says, the most frequent first."""
    count = sa.func.count().label("count")
    retried = sa.func.count(_i.c.job_id) + sa.func.count(_i.c.timer_id)
    query = (
        sa.select(_i.c.message, count, sa.func.min(_i.c.created_at, type_=_i.c.created_at.type), retried)
        .where(_i.c.tenant_id == tenant_id, _i.c.state == IncidentState.OPEN)
        .group_by(_i.c.message)
        .having(count > 1)
        .order_by(count.desc(), _i.c.message)
        .limit(MOST_ALIKE)
    )
    return [Alike(message, number, since, bool(can)) for message, number, since, can in read.execute(query)]


def incident(read: Session, tenant_id: UUID, incident_id: UUID) -> FaultDetail:
    """One of them. Raises NotFound."""
    query = FAULTS.add_columns(
        _i.c.state, _i.c.detail, Job.attempts, Job.last_error, Timer.attempts.label("timer_attempts"),
    ).outerjoin(Timer, Timer.id == _i.c.timer_id)  # fmt: skip
    row = read.execute(query.where(_i.c.id == incident_id, _i.c.tenant_id == tenant_id)).one_or_none()
    if row is None:
        raise NotFound
    others = sa.select(sa.func.count()).where(
        _i.c.tenant_id == tenant_id, _i.c.state == IncidentState.OPEN, _i.c.message == row.message,
        _i.c.id != incident_id,
    )  # fmt: skip
    about = "job" if row.job_id else "timer" if row.timer_id else "calendar" if _is_calendar(row) else "process"
    return FaultDetail(
        _fault(row, _recipients(read, [row])), row.state is IncidentState.OPEN,
        None if _is_calendar(row) else row.element_id, row.detail, about,
        row.kind, row.attempts if row.job_id else row.timer_attempts, row.last_error, read.scalar(others) or 0,
    )  # fmt: skip
