"""The lists of Hộp việc: index scans, most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessInstance, UserTask, UserTaskState
from engine.text import fold
from webapp.cases.queries import joined_to_task
from webapp.cycles.models import ReportingCycle
from webapp.identity import CurrentPerson
from webapp.inbox.dues import SOON_DAYS, Due, DueWords
from webapp.inbox.pages import has_own_page
from webapp.organisation.models import Membership, Person, Role, Unit
from webapp.plans.models import OccurrenceState, Plan, PlanState, PlanTask, TaskGroup, TaskOccurrence
from webapp.runtime import runtime

PAGE = 50

_u: Any = UserTask.__table__
_i: Any = ProcessInstance.__table__
_o: Any = TaskOccurrence.__table__
_p: Any = Plan.__table__
_person: Any = Person.__table__


class View(StrEnum):
    """Which steps: as the address says it."""

    MINE = "cua-toi"
    TO_TAKE = "cho-nhan"
    UNIT = "cua-don-vi"  # for its head


class DueFilter(StrEnum):
    OVERDUE = "qua-han"
    TODAY = "hom-nay"
    SOON = "sap-den"
    FAR = "xa-han"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of a list is asked for; without any, steps far from due are left out."""

    search: str = ""
    plan_id: UUID | None = None
    unit_id: UUID | None = None
    state: OccurrenceState | None = None
    due: DueFilter | None = None
    person_id: UUID | None = None
    after: tuple[datetime, UUID] | None = None  # the last row of the page before

    @property
    def narrows(self) -> bool:
        """Whether somebody asked for something in particular."""
        return any((fold(self.search), self.plan_id, self.unit_id, self.state, self.due, self.person_id))

    @property
    def asks_for_case(self) -> bool:
        """Whether rows can only be chosen by looking at their cases."""
        return any((fold(self.search), self.plan_id, self.unit_id, self.state))


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One open step."""

    id: UUID
    step: str
    title: str
    note: str  # plan, place in the appendix, unit
    state: OccurrenceState | None
    due: Due
    assignee: str
    is_mine: bool
    batch: bool
    order_at: datetime

    @property
    def key(self) -> str:
        """Where the next page begins."""
        return f"{self.order_at.isoformat()}_{self.id}"


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: tuple[InboxRow, ...]
    next_key: str | None


COLUMNS = [
    *(_u.c[n] for n in ("id", "name", "element_id", "due_at", "order_at", "assignee_id")),
    _i.c.title, _i.c.definition_id, PlanTask.content, PlanTask.ordinal,
    TaskGroup.numeral, _o.c.state.label("case_state"), _p.c.number, _p.c.title.label("plan_title"), Unit.short_name,
    ReportingCycle.name.label("cycle_name"),
    _person.c.name.label("assignee"),
]  # fmt: skip


def inbox_page(read: Session, person: CurrentPerson, view: View, filters: Filters, words: DueWords) -> InboxPage:
    """A page of one of the lists."""
    found = _page(view, person, filters, words).subquery("page")
    tables = _u.join(found, found.c.id == _u.c.id).join(_i, _i.c.id == _u.c.instance_id)
    tables = joined_to_task(tables).outerjoin(_person, _person.c.id == _u.c.assignee_id)
    rows = read.execute(sa.select(*COLUMNS).select_from(tables).order_by(_u.c.order_at, _u.c.id)).all()
    shown = tuple(_row(read, row, person, words) for row in rows[:PAGE])
    return InboxPage(shown, shown[-1].key if len(rows) > PAGE else None)


def _row(read: Session, row: Any, person: CurrentPerson, words: DueWords) -> InboxRow:
    definition = runtime().definition(row.definition_id, read.connection())
    return InboxRow(
        id=row.id, step=row.name, title=row.content or row.title, note=_note(row), state=row.case_state,
        due=words.of(row.due_at), assignee=row.assignee or "", order_at=row.order_at,
        is_mine=row.assignee_id == person.id or row.assignee_id in person.stands_for,
        batch=definition.steps[row.element_id].batch and not has_own_page(definition, row.element_id),
    )  # fmt: skip


def _note(row: Any) -> str:
    place = f"Nhóm {row.numeral}, việc {row.ordinal}" if row.numeral else row.cycle_name
    return " · ".join(filter(None, (row.number or row.plan_title, place, row.short_name)))


def _page(view: View, person: CurrentPerson, filters: Filters, words: DueWords) -> Any:
    """The ids of a page: each branch reads an index in its order and stops at a page; then they are merged."""
    branches = [_branch(person, conditions, order, filters, words) for conditions, order in _branches(view, person)]
    if len(branches) == 1:
        return branches[0]
    merged = sa.union(*(sa.select(branch.subquery()) for branch in branches)).subquery()
    return sa.select(merged.c.id, merged.c.order_at).order_by(merged.c.order_at, merged.c.id).limit(PAGE + 1)


Branch = tuple[list[Any], list[Any]]
"""Conditions, and an order that the index has."""


def _branches(view: View, person: CurrentPerson) -> list[Branch]:
    by_due = [_u.c.order_at, _u.c.id]
    if view is View.MINE:
        return [([_u.c.assignee_id == one], by_due) for one in (person.id, *sorted(person.stands_for))]
    if view is View.TO_TAKE:
        # Named first in the order though it is always null: PostgreSQL then takes the order from the index.
        by_index = [_u.c.assignee_id, *by_due]
        return [([_u.c.desk == desk, _u.c.assignee_id.is_(None)], by_index) for desk in sorted(person.desks)] or [
            ([sa.false()], by_due)
        ]
    desks = [f"{role}@{person.unit_id}" for role in Role]
    people = sa.select(Membership.person_id).where(Membership.unit_id == person.unit_id)
    return [([_u.c.desk.in_(desks)], by_due), ([_u.c.assignee_id.in_(people)], by_due)]


def _branch(
    person: CurrentPerson, conditions: Sequence[Any], order: Sequence[Any], filters: Filters, words: DueWords
) -> Any:
    tables = joined_to_task(_u.join(_i, _i.c.id == _u.c.instance_id)) if filters.asks_for_case else _u
    query = (
        sa.select(_u.c.id, _u.c.order_at)
        .select_from(tables)
        .where(_u.c.tenant_id == person.tenant_id, _u.c.state == UserTaskState.OPEN, *conditions)
        .where(*_due_conditions(filters, words), *_case_conditions(filters))
    )
    if filters.person_id:
        query = query.where(_u.c.assignee_id == filters.person_id)
    if filters.after:
        query = query.where(sa.tuple_(_u.c.order_at, _u.c.id) > filters.after)
    return query.order_by(*order).limit(PAGE + 1)


def _due_conditions(filters: Filters, words: DueWords) -> list[Any]:
    """As ranges of the index."""
    if filters.due is DueFilter.OVERDUE:
        return [_u.c.order_at <= words.now]
    if filters.due is DueFilter.FAR:
        return [_u.c.order_at >= words.far]
    if filters.due is not None:
        days = 0 if filters.due is DueFilter.TODAY else SOON_DAYS
        return [_u.c.order_at > words.now, _u.c.order_at <= words.end_of(days)]
    return [] if filters.narrows else [_u.c.order_at < words.far]


def _case_conditions(filters: Filters) -> list[Any]:
    conditions = [_i.c.search_text.contains(word, autoescape=True) for word in fold(filters.search).split()]
    if filters.plan_id:
        conditions.append(_p.c.id == filters.plan_id)
    if filters.unit_id:
        conditions.append(_o.c.lead_unit_id == filters.unit_id)
    if filters.state:
        conditions.append(_o.c.state == filters.state)
    return conditions


@dataclass(frozen=True, slots=True)
class Choices:
    """What filters offer."""

    plans: list[tuple[UUID, str]]
    units: list[tuple[UUID, str]]
    people: list[tuple[UUID, str]]


def filter_choices(read: Session, person: CurrentPerson, *, units: bool, people: bool) -> Choices:
    """Plans whose cases run; units for those who see several; the unit's people for its head."""
    plan = (
        sa.select(sa.literal("plan").label("kind"), Plan.id, sa.func.coalesce(Plan.number, Plan.title).label("name"))
        .where(Plan.tenant_id == person.tenant_id, Plan.state == PlanState.ISSUED)
        .limit(100)
    )
    unit = sa.select(sa.literal("unit"), Unit.id, Unit.short_name).where(
        Unit.tenant_id == person.tenant_id, Unit.is_active, sa.literal(units)
    )
    one = (
        sa.select(sa.literal("person"), Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id == person.unit_id, Person.is_active, sa.literal(people))
    )
    rows = read.execute(sa.union(sa.select(plan.subquery()), unit, one)).all()
    return Choices(*([(r.id, r.name) for r in rows if r.kind == kind] for kind in ("plan", "unit", "person")))
