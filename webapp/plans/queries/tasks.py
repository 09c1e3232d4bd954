"""The tasks of a plan with their cases, group by group, as its page shows them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.text import words_in
from webapp.organisation.models import Person, Unit
from webapp.plans.buckets import is_flagged
from webapp.plans.models import (
    OccurrenceState,
    PlanTask,
    PlanTaskState,
    PlanTaskUnit,
    Stage,
    TaskGroup,
    TaskOccurrence,
    UnitPart,
)
from webapp.plans.of_year import of_year
from webapp.plans.places import place_name
from webapp.plans.reading.wording import shorten
from webapp.plans.stages import stage_states

PAGE = 100

_t: Any = PlanTask.__table__
_g: Any = TaskGroup.__table__
_o: Any = TaskOccurrence.__table__
CURRENT = _o.c.continued_by_id.is_(None)
"""One that a linked case goes on from is not shown, or counted, beside that one."""
_pu: Any = PlanTaskUnit.__table__
_u: Any = Unit.__table__
_second: Any = _u.alias("second")
_p: Any = Person.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A task under one of its lead units in a year."""

    id: UUID
    year: int
    lead: str
    second_lead: str
    officer: str
    due_on: date | None
    send_by: date | None
    is_due_with_report: bool
    state: OccurrenceState
    stage: Stage
    nothing_arose: bool
    completed_on: date | None
    ended_on: date | None
    first_reported_at: datetime | None
    returned_count: int
    is_self_report: bool


@dataclass(frozen=True, slots=True)
class ShownCase:
    line: CaseLine
    stages: tuple[str, ...]
    is_overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """A row of the appendix with its cases; before the plan is issued, with its units only."""

    id: UUID
    ordinal: str
    content: str
    timing_text: str
    product_text: str
    state: PlanTaskState
    state_note: str
    blocked_until: str | None
    is_conditional: bool
    leads: tuple[str, ...]
    coordinators: tuple[str, ...]
    cases: tuple[ShownCase, ...]


@dataclass(frozen=True, slots=True)
class GroupLines:
    numeral: str
    title: str
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True, slots=True)
class TaskPage:
    groups: tuple[GroupLines, ...]
    after: int | None  # position that begins the next page

    @property
    def shown(self) -> int:
        """How many tasks."""
        return sum(len(group.tasks) for group in self.groups)


@dataclass(frozen=True, slots=True)
class TaskFilter:
    year: int | None = None
    unit_id: UUID | None = None
    state: OccurrenceState | None = None
    overdue: bool = False
    search: str = ""
    after: int | None = None


def page_of_tasks(
    read: Session, plan_id: UUID, focal_unit_id: UUID | None, wanted: TaskFilter, today: date
) -> TaskPage:
    """A page of a plan's tasks in the order of the appendix; each with the cases that the filter leaves."""
    rows = read.execute(_tasks(plan_id, wanted, today)).all()
    shown = rows[:PAGE]
    ids = [row.id for row in shown]
    cases = _cases(read, ids, focal_unit_id, wanted, today)
    units = _units(read, ids)
    groups = []
    for (_, numeral, title), tasks in groupby(shown, key=lambda row: (row.group_id, row.numeral, row.title)):
        lines = tuple(_task(row, units.get(row.id, ()), cases.get(row.id, ())) for row in tasks)
        groups.append(GroupLines(numeral, title, lines))
    return TaskPage(tuple(groups), shown[-1].position if len(rows) > PAGE else None)


def _tasks(plan_id: UUID, wanted: TaskFilter, today: date) -> Any:
    query = (
        sa.select(_t, _g.c.numeral, _g.c.title)
        .join(_g, _g.c.id == _t.c.group_id)
        .where(_t.c.plan_id == plan_id)
        .order_by(_t.c.position)
        .limit(PAGE + 1)
    )
    if wanted.after is not None:
        query = query.where(_t.c.position > wanted.after)
    for word in words_in(wanted.search):
        query = query.where(_t.c.search_key.contains(f" {word}", autoescape=True))
    narrowed = _narrowed(wanted, today)
    if narrowed:
        query = query.where(sa.exists().where(_o.c.plan_task_id == _t.c.id, CURRENT, *narrowed, *_of_year(wanted)))
    return query


def _narrowed(wanted: TaskFilter, today: date) -> list[Any]:
    """What a filter asks of cases; nothing where it asks nothing of them."""
    conditions: list[Any] = []
    if wanted.unit_id is not None:
        conditions.append(sa.or_(_o.c.lead_unit_id == wanted.unit_id, _o.c.second_lead_unit_id == wanted.unit_id))
    if wanted.state is not None:
        conditions.append(_o.c.state == wanted.state)
    if wanted.overdue:
        beside = (OccurrenceState.AWAITING_CONDITION, OccurrenceState.CANCELLED, OccurrenceState.NOTHING_AROSE)
        goes_on = ~_o.c.is_due_with_report & ~_o.c.nothing_arose & _o.c.completed_on.is_(None)
        unsent = _o.c.first_reported_at.is_(None)
        counted_on = sa.func.coalesce(_o.c.ended_on, today)
        is_past = ((_o.c.due_on < counted_on) & (unsent | goes_on)) | ((_o.c.send_by < today) & unsent)
        conditions += [is_past, _o.c.state.not_in(beside)]
    return conditions


def _of_year(wanted: TaskFilter) -> list[Any]:
    return [of_year(wanted.year)] if wanted.year is not None else []


def _cases(
    read: Session, task_ids: Sequence[UUID], focal_unit_id: UUID | None, wanted: TaskFilter, today: date
) -> dict[UUID, tuple[ShownCase, ...]]:
    query = (
        sa.select(_o, _u.c.short_name.label("lead"), _second.c.short_name.label("second"), _p.c.name.label("officer"))
        .select_from(_o)
        .join(_u, _u.c.id == _o.c.lead_unit_id)
        .outerjoin(_second, _second.c.id == _o.c.second_lead_unit_id)
        .outerjoin(_p, _p.c.id == _o.c.officer_id)
        .where(_o.c.plan_task_id.in_(task_ids), CURRENT, *_narrowed(wanted, today), *_of_year(wanted))
        .order_by(_o.c.plan_task_id, _u.c.position, _o.c.year, _o.c.id)
    )
    found: dict[UUID, list[ShownCase]] = {}
    for row in read.execute(query):
        line = _case(row, focal_unit_id)
        shown = ShownCase(line, stage_states(line, today), is_flagged(line, today))
        found.setdefault(row.plan_task_id, []).append(shown)
    return {task_id: tuple(cases) for task_id, cases in found.items()}


def _case(row: Any, focal_unit_id: UUID | None) -> CaseLine:
    return CaseLine(
        id=row.id, year=row.year, lead=row.lead, second_lead=row.second or "", officer=row.officer or "",
        due_on=row.due_on, send_by=row.send_by, is_due_with_report=row.is_due_with_report, state=row.state,
        stage=row.stage, nothing_arose=row.nothing_arose, completed_on=row.completed_on, ended_on=row.ended_on,
        first_reported_at=row.first_reported_at, returned_count=row.returned_count,
        is_self_report=row.lead_unit_id == focal_unit_id,
    )  # fmt: skip


def _units(read: Session, task_ids: Sequence[UUID]) -> dict[UUID, list[tuple[UnitPart, str]]]:
    query = (
        sa.select(_pu.c.plan_task_id, _pu.c.part, _u.c.short_name)
        .join(_u, _u.c.id == _pu.c.unit_id)
        .where(_pu.c.plan_task_id.in_(task_ids))
        .order_by(_pu.c.plan_task_id, _pu.c.position)
    )
    found: dict[UUID, list[tuple[UnitPart, str]]] = {}
    for task_id, part, name in read.execute(query):
        found.setdefault(task_id, []).append((part, name))
    return found


def _task(row: Any, units: Iterable[tuple[UnitPart, str]], cases: tuple[ShownCase, ...]) -> TaskLine:
    return TaskLine(
        id=row.id, ordinal=row.ordinal, content=row.content, timing_text=row.timing_text,
        product_text=row.product_text, state=row.state, state_note=row.state_note, blocked_until=row.blocked_until,
        is_conditional=row.is_conditional,
        leads=tuple(name for part, name in units if part is not UnitPart.COORDINATOR),
        coordinators=tuple(name for part, name in units if part is UnitPart.COORDINATOR), cases=cases,
    )  # fmt: skip


def task_choices(read: Session, plan_id: UUID) -> list[tuple[UUID, str]]:
    """The tasks of a plan, each by its place and content, for a list to choose from."""
    query = (
        sa.select(_t.c.id, _t.c.ordinal, _t.c.content, _g.c.numeral)
        .join(_g, _g.c.id == _t.c.group_id)
        .where(_t.c.plan_id == plan_id, _t.c.state != PlanTaskState.CANCELLED)
        .order_by(_t.c.position)
    )
    return [(row.id, f"{place_name(row.numeral, row.ordinal)} {shorten(row.content)}") for row in read.execute(query)]
