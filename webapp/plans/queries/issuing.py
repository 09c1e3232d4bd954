"""What issuing a plan will do, before it is done: which cases go to whom, and which rows wait."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Membership, Person, Role, Unit
from webapp.plans.models import PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart
from webapp.plans.places import place_name

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
    """What a unit will get, and who there receives it."""

    unit_id: UUID
    name: str
    cases: int
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


def preview_issue(read: Session, tenant_id: UUID, plan_id: UUID, report_by: date | None, today: date) -> IssuePreview:
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
    return IssuePreview(
        shares=tuple(_shares(read, parts)),
        waiting=tuple(_name(row, row.blocked_until) for row in active if row.blocked_until),
        past=tuple(_name(row, f"{row.due_on:%d/%m/%Y}") for row in active if row.due_on and row.due_on < today),
        done_before=tuple(_name(row, row.state_note) for row in rows if row.state is PlanTaskState.DONE_BEFORE),
        left_out=tuple(_name(row, row.state_note) for row in rows if row.state is PlanTaskState.CANCELLED),
        without_lead=tuple(_name(row) for row in active if row.id not in leads),
        without_day=sum(part is UnitPart.LEAD and task_id in dayless for task_id, part, _ in parts),
        coordinators=sum(part is UnitPart.COORDINATOR for _, part, _ in parts),
    )


def _name(row: Any, detail: str = "") -> RowName:
    return RowName(row.id, place_name(row.numeral, row.ordinal), row.content, detail)


def _parts(read: Session, plan_id: UUID) -> list[tuple[UUID, UnitPart, UUID]]:
    query = (
        sa.select(_pu.c.plan_task_id, _pu.c.part, _pu.c.unit_id)
        .join(_t, _t.c.id == _pu.c.plan_task_id)
        .where(_t.c.plan_id == plan_id, _t.c.state == PlanTaskState.DRAFT)
    )
    return [(row.plan_task_id, row.part, row.unit_id) for row in read.execute(query)]


def _shares(read: Session, parts: list[tuple[UUID, UnitPart, UUID]]) -> list[UnitShare]:
    cases: dict[UUID, int] = {}
    for _, part, unit_id in parts:
        if part is UnitPart.LEAD:
            cases[unit_id] = cases.get(unit_id, 0) + 1
    units = read.scalars(sa.select(Unit).where(Unit.id.in_(cases)).order_by(Unit.position, Unit.name))
    heads = _heads(read, list(cases))
    return [
        UnitShare(unit.id, unit.name, cases[unit.id], tuple(heads.get(unit.id, ())), unit.is_requested)
        for unit in units
    ]


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
