"""What issuing a plan will do, before it is done: which cases go to whom, and which rows wait."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Membership, Person, Role, Unit
from webapp.plans.issuing import first_year
from webapp.plans.models import Plan, PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart
from webapp.plans.pairing import pairs_of
from webapp.plans.places import place_name
from webapp.plans.succession import cases_to_pass_on, succession

_t: Any = PlanTask.__table__
_g: Any = TaskGroup.__table__
_pu: Any = PlanTaskUnit.__table__


@dataclass(frozen=True, slots=True)
class RowName:
    """A row as people name it: "II.3", and what it says."""

    id: UUID
    place: str
    content: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UnitShare:
    """What a unit will get, and who there receives it; of a replacing plan also what goes on there, and ends."""

    unit_id: UUID
    name: str
    cases: int  # new ones
    carried: int
    done: int
    ended: int
    heads: tuple[str, ...]
    is_requested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePreview:
    shares: tuple[UnitShare, ...]
    waiting: tuple[RowName, ...]  # until a document arrives
    past: tuple[RowName, ...]  # overdue as soon as issued
    done_before: tuple[RowName, ...]
    left_out: tuple[RowName, ...]
    without_lead: tuple[RowName, ...]
    without_day: int  # cases that have no last day, since neither row nor plan gives one
    coordinators: int  # units that will be asked for a contribution, counted per case

    @property
    def cases(self) -> int:
        """How many cases will start."""
        return sum(share.cases for share in self.shares)

    @property
    def carried(self) -> int:
        """How many go on under this plan."""
        return sum(share.carried for share in self.shares)

    @property
    def done(self) -> int:
        """How many are done, and count for this plan."""
        return sum(share.done for share in self.shares)

    @property
    def ended(self) -> int:
        """How many end with the plan that is replaced."""
        return sum(share.ended for share in self.shares)


@dataclass(frozen=True, slots=True)
class _Cases:
    """The leads of the cases that begin, by task; those of the cases that go on, are done, and end."""

    begun: list[tuple[UUID, UUID]]
    carried: list[UUID]
    done: list[UUID]
    ended: list[UUID]


def preview_issue(
    read: Session, tenant_id: UUID, plan_id: UUID, replaces_id: UUID | None, report_by: date | None, today: date
) -> IssuePreview:
    """Read in a handful of statements, however long the plan."""
    rows = read.execute(
        sa.select(
            _t.c.id, _t.c.ordinal, _t.c.content, _t.c.state, _t.c.state_note, _t.c.due_on, _t.c.blocked_until,
            _g.c.numeral,
        )
        .join(_g, _g.c.id == _t.c.group_id)
        .where(_t.c.plan_id == plan_id, _t.c.tenant_id == tenant_id)
        .order_by(_t.c.position)
    ).all()  # fmt: skip
    active = [row for row in rows if row.state is PlanTaskState.DRAFT]
    parts = _parts(read, plan_id)
    leads = {task_id for task_id, part, _ in parts if part is UnitPart.LEAD}
    dayless = {row.id for row in active if row.due_on is None and report_by is None}
    year = first_year(read.get_one(Plan, plan_id), today)
    cases = _replacing(read, replaces_id, plan_id, year, today.year) if replaces_id else _all_new(parts)
    begun = Counter(task_id for task_id, _ in cases.begun)
    return IssuePreview(
        shares=tuple(_shares(read, cases)),
        waiting=tuple(_name(row, row.blocked_until) for row in active if row.blocked_until),
        past=tuple(_name(row, f"{row.due_on:%d/%m/%Y}") for row in active if row.due_on and row.due_on < today),
        done_before=tuple(_name(row, row.state_note) for row in rows if row.state is PlanTaskState.DONE_BEFORE),
        left_out=tuple(_name(row, row.state_note) for row in rows if row.state is PlanTaskState.CANCELLED),
        without_lead=tuple(_name(row) for row in active if row.id not in leads),
        without_day=sum(count for task_id, count in begun.items() if task_id in dayless),
        coordinators=sum(begun[task_id] for task_id, part, _ in parts if part is UnitPart.COORDINATOR),
    )


def _all_new(parts: list[tuple[UUID, UnitPart, UUID]]) -> _Cases:
    return _Cases([(task_id, unit_id) for task_id, part, unit_id in parts if part is UnitPart.LEAD], [], [], [])


def _replacing(read: Session, replaced_id: UUID, plan_id: UUID, first_year: int, this_year: int) -> _Cases:
    known = cases_to_pass_on(read, replaced_id)
    found = _Cases([], [], [], [])
    for pair in pairs_of(read, replaced_id, plan_id):
        cases = succession(pair, known, first_year, this_year)
        if pair.after is not None:
            found.begun.extend((pair.after.id, unit_id) for unit_id in cases.begun)
        found.carried.extend(case.lead_unit_id for case in cases.carried)
        found.done.extend(case.lead_unit_id for case in cases.done)
        found.ended.extend(case.lead_unit_id for case in cases.ended)
    return found


def _name(row: Any, detail: str = "") -> RowName:
    return RowName(row.id, place_name(row.numeral, row.ordinal), row.content, detail)


def _parts(read: Session, plan_id: UUID) -> list[tuple[UUID, UnitPart, UUID]]:
    query = (
        sa.select(_pu.c.plan_task_id, _pu.c.part, _pu.c.unit_id)
        .join(_t, _t.c.id == _pu.c.plan_task_id)
        .where(_t.c.plan_id == plan_id, _t.c.state == PlanTaskState.DRAFT)
    )
    return [(row.plan_task_id, row.part, row.unit_id) for row in read.execute(query)]


def _shares(read: Session, cases: _Cases) -> list[UnitShare]:
    begun = Counter(unit_id for _, unit_id in cases.begun)
    carried, done, ended = Counter(cases.carried), Counter(cases.done), Counter(cases.ended)
    wanted = begun | carried | done | ended
    units = read.scalars(sa.select(Unit).where(Unit.id.in_(wanted)).order_by(Unit.position, Unit.name))
    heads = _heads(read, list(wanted))
    return [
        UnitShare(
            unit.id, unit.name, begun[unit.id], carried[unit.id], done[unit.id], ended[unit.id],
            tuple(heads.get(unit.id, ())), unit.is_requested,
        )
        for unit in units
    ]  # fmt: skip


def _heads(read: Session, unit_ids: list[UUID]) -> dict[UUID, list[str]]:
    query = (
        sa.select(Membership.unit_id, Person.name)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(unit_ids), Membership.role == Role.HEAD, Person.is_active)
        .order_by(Person.search_key)
    )
    found: dict[UUID, list[str]] = {}
    for unit_id, name in read.execute(query):
        found.setdefault(unit_id, []).append(name)
    return found
