"""What moves when a unit changes, and where each change stands: frozen values, never rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.identity import ROLE_NAMES
from webapp.indicators.models import Indicator, IndicatorOwner
from webapp.organisation.models import Committee, Membership, Person, Role, Unit, UnitSuccession
from webapp.plans.models import Contribution, Plan, PlanState, PlanTask, TaskGroup, TaskOccurrence, UnitPart
from webapp.plans.places import place_name
from webapp.unit_changes.beginning import open_tasks
from webapp.unit_changes.destinations import Destinations, destinations_of, officers_of, subjects_of
from webapp.unit_changes.following import BEING_MADE
from webapp.unit_changes.models import OPEN, ChangeKind, ChangeState, SubjectKind, Successor, UnitChange
from webapp.unit_changes.moving import waiting_at

PARTS = {UnitPart.LEAD: "Chủ trì", UnitPart.SECOND_LEAD: "Đồng chủ trì", UnitPart.COORDINATOR: "Phối hợp"}
MOST_CASES = 200
"""Cases of no plan that are listed one by one; the others go to the first successor."""

_i: Any = ProcessInstance.__table__


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change as its page tells it."""

    id: UUID
    unit_id: UUID
    unit: str
    kind: ChangeKind
    from_day: date
    reason: str
    state: ChangeState
    successors: tuple[tuple[UUID, str, bool], ...]  # id, name, whether it comes into being
    entered_by: str
    confirmed_by: str
    begun_at: datetime | None
    ended_at: datetime | None

    @property
    def chooses(self) -> bool:
        """Whether there is something to choose."""
        return self.kind is ChangeKind.SPLIT and self.state in (ChangeState.DRAFT, ChangeState.PLANNED)

    @property
    def is_open(self) -> bool:
        """Whether it can still be taken back."""
        return self.state in (ChangeState.DRAFT, ChangeState.PLANNED)

    @property
    def options(self) -> list[tuple[UUID, str]]:
        """The successors, to choose from."""
        return [(id, f"{name} (giữ lại)" if id == self.unit_id else name) for id, name, _ in self.successors]


@dataclass(frozen=True, slots=True)
class MovingPerson:
    id: UUID
    name: str
    roles: str
    chosen: UUID | None


@dataclass(frozen=True, slots=True)
class MovingTask:
    id: UUID
    label: str
    content: str
    part: str
    officer: str
    chosen: UUID | None
    to: str  # who takes it as things stand


@dataclass(frozen=True, slots=True)
class MovingPlan:
    id: UUID
    name: str
    chosen: UUID | None
    tasks: tuple[MovingTask, ...]


@dataclass(frozen=True, slots=True)
class MovingCase:
    id: UUID
    title: str
    chosen: UUID | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much moves of what is not listed, and what stays as it is."""

    cases: int
    steps: int
    contributions: int
    entries: int
    indicators: int
    steered: int
    parts: tuple[str, ...]
    ended_cases: int


@dataclass(frozen=True, slots=True)
class Moves:
    """Everything that moves."""

    people: tuple[MovingPerson, ...]
    plans: tuple[MovingPlan, ...]
    cases: tuple[MovingCase, ...]
    counts: Counts
    heads: tuple[str, ...]  # more than one would lead the successor
    headless: tuple[str, ...]  # successors that nobody would lead


def find_change(read: Session, tenant_id: UUID, change_id: UUID) -> ChangeView:
    """One change of the tenant. Raises NotFound."""
    found = _changes(read, UnitChange.tenant_id == tenant_id, UnitChange.id == change_id)
    if not found:
        raise NotFound
    return found[0]


def changes_of(read: Session, unit_id: UUID) -> list[ChangeView]:
    """The changes that the unit went through or will, the newest first; those taken back are no part of that."""
    into = sa.select(Successor.change_id).where(Successor.unit_id == unit_id)
    return _changes(
        read, (UnitChange.unit_id == unit_id) | UnitChange.id.in_(into), UnitChange.state != ChangeState.CANCELLED
    )


def open_changes(read: Session, tenant_id: UUID) -> dict[UUID, ChangeView]:
    """The changes that have not come to their end, by unit."""
    found = _changes(read, UnitChange.tenant_id == tenant_id, UnitChange.state.in_(OPEN))
    return {one.unit_id: one for one in found}


def successors_of(read: Session, tenant_id: UUID) -> dict[UUID, str]:
    """Of each unit that is no more, who has its place."""
    now = (
        sa.select(UnitSuccession.predecessor_id, Unit.name)
        .join(Unit, Unit.id == UnitSuccession.successor_id)
        .where(UnitSuccession.tenant_id == tenant_id, UnitSuccession.is_partial.is_(False), Unit.ended_on.is_(None))
        .order_by(UnitSuccession.predecessor_id, UnitSuccession.is_main.desc(), Unit.name)
    )
    rows = groupby(read.execute(now), key=lambda row: row.predecessor_id)
    return {id: ", ".join(row.name for row in names) for id, names in rows}


def _changes(read: Session, *conditions: sa.ColumnElement[bool]) -> list[ChangeView]:
    query = sa.select(UnitChange).where(*conditions).order_by(UnitChange.id.desc()).limit(50)
    rows = read.scalars(query).all()
    names = _names(read, (id for row in rows for id in (row.created_by, row.confirmed_by)))
    return [
        ChangeView(
            id=row.id, unit_id=row.unit_id, unit=row.unit.name, kind=row.kind, from_day=row.from_day,
            reason=row.reason, state=row.state,
            successors=tuple((one.unit_id, one.name, one.is_new) for one in row.successors),
            entered_by=names.get(row.created_by, ""), confirmed_by=names.get(row.confirmed_by, ""),
            begun_at=row.begun_at, ended_at=row.ended_at,
        )
        for row in rows
    ]  # fmt: skip


def _names(read: Session, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    wanted = {id for id in ids if id}
    return {row.id: row.name for row in read.execute(sa.select(Person.id, Person.name).where(Person.id.in_(wanted)))}


def moves_of(read: Session, tenant_id: UUID, change_id: UUID) -> Moves:
    """What a change moves as things stand now."""
    change = read.get_one(UnitChange, change_id)
    where = destinations_of(read, change.id)
    cases = read.execute(
        sa.select(_i.c.id, _i.c.title).where(waiting_at(change.unit_id, tenant_id)).order_by(_i.c.id)
    ).all()
    subjects = subjects_of(read, [row.id for row in cases])
    without = [row for row in cases if row.id not in subjects][:MOST_CASES]
    return Moves(
        _people(read, change, where), _plans(read, tenant_id, change, where),
        tuple(MovingCase(row.id, row.title, where.chosen.get((SubjectKind.CASE, row.id))) for row in without),
        _counts(read, tenant_id, change, [row.id for row in cases]), *_heads(read, change, where),
    )  # fmt: skip


def _people(read: Session, change: UnitChange, where: Destinations) -> tuple[MovingPerson, ...]:
    rows = read.execute(
        sa.select(Person.id, Person.name, Membership.role, Membership.title)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id == change.unit_id)
        .order_by(Person.search_key, Person.id)
    )
    return tuple(
        MovingPerson(
            id, name, ", ".join(row.title or ROLE_NAMES[row.role] for row in held),
            where.chosen.get((SubjectKind.PERSON, id)),
        )
        for (id, name), held in groupby(rows, key=lambda row: (row.id, row.name))
    )  # fmt: skip


def _plans(read: Session, tenant_id: UUID, change: UnitChange, where: Destinations) -> tuple[MovingPlan, ...]:
    tasks = read.scalars(open_tasks(tenant_id, change.unit_id, change.from_day)).unique().all()
    officers = officers_of(read, [task.id for task in tasks])
    names, units = _names(read, officers.values()), {one.unit_id: one.name for one in change.successors}
    groups = sa.select(TaskGroup.id, TaskGroup.numeral).where(TaskGroup.id.in_({task.group_id for task in tasks}))
    numerals = {row.id: row.numeral for row in read.execute(groups)}
    plans = {
        row.id: row.name
        for row in read.execute(
            sa.select(Plan.id, sa.func.coalesce(Plan.number, Plan.title).label("name")).where(
                Plan.id.in_({task.plan_id for task in tasks})
            )
        )
    }

    def leads(task: PlanTask) -> bool:
        return any(row.unit_id == change.unit_id and row.part is not UnitPart.COORDINATOR for row in task.units)

    def line(task: PlanTask) -> MovingTask:
        officer = officers.get(task.id)
        return MovingTask(
            task.id, place_name(numerals[task.group_id], task.ordinal), task.content, _part(task, change.unit_id),
            names.get(officer, "") if leads(task) else "", where.chosen.get((SubjectKind.TASK, task.id)),
            units[where.of_task(task.id, task.plan_id, officer)],
        )  # fmt: skip

    return tuple(
        MovingPlan(id, plans[id], where.chosen.get((SubjectKind.PLAN, id)), tuple(map(line, rows)))
        for id, rows in groupby(tasks, key=lambda task: task.plan_id)
    )


def _part(task: PlanTask, unit_id: UUID) -> str:
    """What the unit is to the row."""
    return ", ".join(PARTS[row.part] for row in task.units if row.unit_id == unit_id)


def _counts(read: Session, tenant_id: UUID, change: UnitChange, cases: Sequence[UUID]) -> Counts:
    unit_id = change.unit_id
    desks = [f"{role}@{unit_id}" for role in Role]
    open_cycles = sa.select(ReportingCycle.id).where(ReportingCycle.state.in_(BEING_MADE))
    committee = read.get_one(Committee, tenant_id)
    parts = {"Đầu mối tổng hợp": committee.focal_unit_id, "Văn phòng": committee.office_unit_id}

    def count(model: Any, *conditions: Any) -> int:
        return read.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0

    return Counts(
        cases=len(cases),
        steps=count(
            UserTask, UserTask.tenant_id == tenant_id, UserTask.desk.in_(desks), UserTask.state == OPEN_STEP
        ),
        contributions=count(
            Contribution, Contribution.tenant_id == tenant_id, Contribution.unit_id == unit_id,
            Contribution.answered_at.is_(None), Contribution.outcome.is_(None),
        ),
        entries=count(CycleEntry, CycleEntry.unit_id == unit_id, CycleEntry.cycle_id.in_(open_cycles)),
        indicators=count(
            IndicatorOwner, IndicatorOwner.unit_id == unit_id, IndicatorOwner.indicator_id == Indicator.id,
            Indicator.retired_at.is_(None),
        ),
        steered=count(Plan, Plan.focal_unit_id == unit_id, Plan.state != PlanState.CLOSED),
        parts=tuple(name for name, holder in parts.items() if holder == unit_id),
        ended_cases=count(
            TaskOccurrence, TaskOccurrence.tenant_id == tenant_id, TaskOccurrence.lead_unit_id == unit_id,
            TaskOccurrence.ended_at.is_not(None),
        ),
    )  # fmt: skip


def _heads(read: Session, change: UnitChange, where: Destinations) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those who would head one successor together, and the successors without any: somebody has to say who does."""
    ids = [change.unit_id, *(one.unit_id for one in change.successors)]
    rows = read.execute(
        sa.select(Person.id, Person.name, Membership.unit_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id.in_(ids), Membership.role == Role.HEAD, Person.is_active)
        .order_by(Person.search_key)
    ).all()
    heads: dict[UUID, Mapping[UUID, str]] = {}
    for id, name, unit_id in rows:
        to = where.of_person(id) if unit_id == change.unit_id else unit_id
        heads[to] = {**heads.get(to, {}), id: name}
    units = {one.unit_id: one.name for one in change.successors}
    several = [f"{units[to]}: {', '.join(who.values())}" for to, who in heads.items() if to in units and len(who) > 1]
    outside = set(read.scalars(sa.select(Unit.id).where(Unit.id.in_(units), Unit.is_outside)))
    return tuple(several), tuple(name for id, name in units.items() if id not in heads and id not in outside)
