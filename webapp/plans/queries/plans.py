"""Plans in lists, and one plan with its cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.models import Job, JobState, ProcessInstance
from engine.text import words_in
from webapp.cycles.models import CycleState, ReportingCycle
from webapp.documents.rendering.consolidated import Status
from webapp.organisation.models import Unit
from webapp.plans.buckets import status_of
from webapp.plans.models import OccurrenceState, Plan, PlanState, PlanTask, PlanTaskState, TaskOccurrence
from webapp.plans.of_year import newest_of, of_year, years_with_cases

PAGE = 20

_o: Any = TaskOccurrence.__table__


@dataclass(frozen=True, slots=True)
class Buckets:
    """How many cases are in each of the four buckets, and beside them."""

    on_time: int = 0
    late: int = 0
    pending: int = 0
    overdue: int = 0
    nothing_arose: int = 0
    waiting: int = 0
    cancelled: int = 0

    @property
    def done(self) -> int:
        """Completed, in time or late."""
        return self.on_time + self.late

    @property
    def total(self) -> int:
        """In the four buckets."""
        return self.done + self.pending + self.overdue


_NAMES = {
    Status.DONE_ON_TIME: "on_time", Status.DONE_LATE: "late", Status.IN_TIME: "pending", Status.OVERDUE: "overdue",
    Status.NOTHING_AROSE: "nothing_arose", Status.WAITING: "waiting", Status.CANCELLED: "cancelled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Standing:
    """As much of a case as its bucket needs; rows that are alike are counted together."""

    state: OccurrenceState
    nothing_arose: bool
    due_on: date | None
    is_due_with_report: bool
    completed_on: date | None
    ended_on: date | None
    first_reported_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLine:
    """A plan in the list."""

    id: UUID
    number: str | None
    title: str
    state: PlanState
    focal_unit: str
    tasks: int
    year: int | None  # of the cases that are counted
    buckets: Buckets | None


@dataclass(frozen=True, slots=True)
class Plans:
    rows: tuple[PlanLine, ...]
    after: UUID | None  # begins the next page


def list_plans(
    read: Session, tenant_id: UUID, state: PlanState, today: date, after: UUID | None = None, search: str = ""
) -> Plans:
    """Plans in one state, newest first; with all of the words in their number, title or issuer."""
    query = (
        sa.select(Plan.id, Plan.number, Plan.title, Plan.state, Plan.issued_on, Unit.short_name)
        .outerjoin(Unit, Unit.id == Plan.focal_unit_id)
        .where(Plan.tenant_id == tenant_id, Plan.state == state)
        .order_by(Plan.id.desc())
        .limit(PAGE + 1)
    )
    for word in words_in(search):
        query = query.where(Plan.search_key.contains(f" {word}", autoescape=True))
    rows = read.execute(query.where(Plan.id < after) if after else query).all()
    shown = rows[:PAGE]
    tasks, counted = _count_tasks(read, [row.id for row in shown]), count_buckets(read, [r.id for r in shown], today)
    lines = tuple(_line(row, tasks.get(row.id, 0), counted.get(row.id)) for row in shown)
    return Plans(lines, shown[-1].id if len(rows) > PAGE else None)


def _line(row: Any, tasks: int, counted: tuple[int, Buckets] | None) -> PlanLine:
    year, buckets = counted or (row.issued_on.year if row.issued_on else None, None)
    return PlanLine(
        id=row.id, number=row.number, title=row.title, state=row.state, focal_unit=row.short_name or "", tasks=tasks,
        year=year, buckets=buckets,
    )  # fmt: skip


def _count_tasks(read: Session, plan_ids: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        sa.select(PlanTask.plan_id, sa.func.count())
        .where(PlanTask.plan_id.in_(plan_ids), PlanTask.state != PlanTaskState.CANCELLED)
        .group_by(PlanTask.plan_id)
    )
    return {row[0]: row[1] for row in read.execute(query)}


def states_with_plans(read: Session, tenant_id: UUID) -> dict[PlanState, int]:
    """How many plans there are in each state, counted no further than 100."""
    counts = {}
    for state in PlanState:
        some = sa.select(Plan.id).where(Plan.tenant_id == tenant_id, Plan.state == state).limit(100).subquery()
        counts[state] = read.scalar(sa.select(sa.func.count()).select_from(some)) or 0
    return counts


def count_buckets(
    read: Session, plan_ids: Sequence[UUID], today: date, year: int | None = None
) -> dict[UUID, tuple[int, Buckets]]:
    """The buckets of each plan's cases in a year (its newest where none is named); plans without cases are left out."""
    newest = (
        sa.select(_o.c.plan_id, sa.func.max(newest_of(today)).label("year"))
        .where(_o.c.plan_id.in_(plan_ids))
        .group_by(_o.c.plan_id)
        .subquery()
    )
    names = "plan_id", "state", "nothing_arose", "due_on", "is_due_with_report", "completed_on", "ended_on"
    alike = [_o.c[name] for name in names]
    query = (
        sa.select(
            *alike,
            newest.c.year,
            sa.func.min(_o.c.first_reported_at).label("reported_at"),
            sa.func.count().label("cases"),
        )
        .join(newest, (newest.c.plan_id == _o.c.plan_id) & of_year(newest.c.year if year is None else year))
        .where(_o.c.continued_by_id.is_(None))
        .group_by(*alike, newest.c.year, _o.c.first_reported_at.is_(None))
    )
    counts: dict[UUID, tuple[int, dict[str, int]]] = {}
    for row in read.execute(query):
        standing = _Standing(
            row.state, row.nothing_arose, row.due_on, row.is_due_with_report, row.completed_on, row.ended_on,
            row.reported_at,
        )  # fmt: skip
        _, found = counts.setdefault(row.plan_id, (year or row.year, {}))
        name = _NAMES[status_of(standing, today)]
        found[name] = found.get(name, 0) + row.cases
    return {plan_id: (counted_year, Buckets(**found)) for plan_id, (counted_year, found) in counts.items()}


# --- one plan ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """What stands at the head of a plan's page."""

    id: UUID
    state: PlanState
    number: str | None
    issued_on: date | None
    issuer: str
    title: str
    focal_unit_id: UUID | None
    focal_unit: str
    report_by: date | None
    report_by_source: str
    submit_by: date | None
    submit_by_source: str
    file_name: str
    source_file_id: UUID | None
    signed_file_id: UUID | None
    issued_at: datetime | None
    replaces_id: UUID | None
    replaced_by_id: UUID | None  # the plan that was issued in its place
    closed_at: datetime | None
    closed_reason: str
    years: tuple[int, ...] = field(default=())  # newest first


def find_plan_facts(read: Session, tenant_id: UUID, plan_id: UUID, today: date) -> PlanFacts | None:
    """One plan of the tenant."""
    apart = ("focal_unit", "replaced_by_id", "years")
    names = [name for name in PlanFacts.__dataclass_fields__ if name not in apart]
    newer = aliased(Plan)
    replaced_by = sa.select(newer.id).where(newer.replaces_id == Plan.id, newer.issued_at.is_not(None)).limit(1)
    query = (
        sa.select(
            *(getattr(Plan, name) for name in names), Unit.name.label("focal_unit"),
            replaced_by.scalar_subquery().label("replaced_by_id"),
        )
        .outerjoin(Unit, Unit.id == Plan.focal_unit_id)
        .where(Plan.tenant_id == tenant_id, Plan.id == plan_id)
    )  # fmt: skip
    row = read.execute(query).one_or_none()
    if row is None:
        return None
    years = years_with_cases(read, today, _o.c.plan_id == plan_id)
    values = {name: row._mapping[name] for name in names}
    return PlanFacts(**values, focal_unit=row.focal_unit or "", replaced_by_id=row.replaced_by_id, years=tuple(years))


@dataclass(frozen=True, slots=True)
class CycleName:
    id: UUID
    name: str
    state: CycleState


def cycles_of_plan(read: Session, tenant_id: UUID, plan_id: UUID) -> tuple[CycleName, ...]:
    """The plan's newest reporting cycles."""
    query = (
        sa.select(ReportingCycle.id, ReportingCycle.name, ReportingCycle.state)
        .where(ReportingCycle.plan_id == plan_id, ReportingCycle.tenant_id == tenant_id)
        .order_by(ReportingCycle.id.desc())
        .limit(5)
    )
    return tuple(CycleName(*row) for row in read.execute(query))


@dataclass(frozen=True, slots=True)
class Starting:
    """How far the starting of a plan's cases has come."""

    cases: int
    started: int
    failed: int  # jobs that gave up: an administrator finds them among the incidents

    @property
    def is_done(self) -> bool:
        """Whether nothing is still to come by itself."""
        return self.started + self.failed >= self.cases


def count_started(read: Session, plan_id: UUID) -> Starting:
    """Cases that have their row, those of them that run, and those whose start failed for good."""
    cases = sa.outerjoin(_o, ProcessInstance, ProcessInstance.id == _o.c.id)
    of_plan = _o.c.plan_id == plan_id
    count = sa.select(sa.func.count(), sa.func.count(ProcessInstance.id)).select_from(cases).where(of_plan)
    total, started = read.execute(count).one()
    if started == total:
        return Starting(total, started, 0)
    missing = sa.select(_o.c.id).select_from(cases).where(of_plan, ProcessInstance.id.is_(None))
    return Starting(total, started, _count_failed(read, read.scalars(missing)))


def _count_failed(read: Session, case_ids: Iterable[UUID]) -> int:
    keys = [f"start:{case_id}" for case_id in case_ids]
    failed = sa.select(sa.func.count()).where(Job.key.in_(keys), Job.state == JobState.FAILED)
    return read.scalar(failed) or 0
