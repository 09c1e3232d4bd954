"""A draft as its preview shows it: all rows in short, those of a page in full."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from webapp.organisation.models import Person, Unit, UnitKind
from webapp.plans.drafts import fingerprint
from webapp.plans.issuing import earliest_day
from webapp.plans.matching import UnitMatcher, matcher_of
from webapp.plans.models import DraftChange, Plan, PlanState, PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart
from webapp.plans.places import place_of
from webapp.plans.queries.draft_lines import (
    DraftLine,
    Issue,
    RepairView,
    is_past,
    issues_of,
    lines_of,
    phases_of,
    repairs_of,
)
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import is_vague, read_coordinators
from webapp.plans.timing import TaskDay, days_of
from webapp.plans.undoing import newest_undoable, newest_undone


@dataclass(frozen=True, slots=True)
class UnitChoice:
    id: UUID
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A name among the coordinators that is no unit of the ward."""

    name: str
    is_group: bool  # asked only when the lead asks; else a body without accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    id: UUID
    group_id: UUID
    place: str  # "II.3"
    ordinal: str
    content: str
    lead_text: str
    coordinators_text: str
    timing_text: str
    product_text: str
    note: str
    due_on: date | None
    is_past: bool
    is_recurring: bool
    until_year: int | None
    is_conditional: bool
    blocked_until: str | None
    state: PlanTaskState
    state_note: str
    leads: tuple[UnitChoice, ...]
    second_lead: UnitChoice | None
    coordinators: tuple[UnitChoice, ...]
    outside: tuple[Outside, ...]
    issues: tuple[Issue, ...]
    repairs: tuple[RepairView, ...]
    phases: tuple[str, ...]
    days: tuple[TaskDay, ...]  # what its timing means, until its end
    where: str  # place in the file
    raw: tuple[str, ...]
    extra: tuple[tuple[str, str], ...]
    seen: str
    next_id: UUID | None  # the row to look at after this one
    joins: str = ""  # place of the row above, with which it can be joined
    is_first: bool = False  # of the plan: nothing to move up to
    is_last: bool = False

    @property
    def is_active(self) -> bool:
        """Whether it will be given out."""
        return self.state is PlanTaskState.DRAFT

    @property
    def needs_attention(self) -> bool:
        """Whether it belongs in the list of what is to be looked at."""
        return self.is_active and bool(self.issues or self.repairs)

    @property
    def has_remedies(self) -> bool:
        """Whether a press of a button may settle something about it."""
        return self.is_past or bool(self.phases) or any(issue.is_warning for issue in self.issues)


@dataclass(frozen=True, slots=True)
class DraftGroup:
    id: UUID
    numeral: str
    title: str


@dataclass(frozen=True, slots=True)
class OpenLead:
    """A name in the lead column that no unit has yet been chosen for."""

    text: str
    rows: tuple[DraftLine, ...]


@dataclass(frozen=True, slots=True)
class LastChange:
    """What is taken back first, or made again first."""

    id: UUID
    what: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    """A draft with all its rows in short."""

    id: UUID
    title: str
    state: PlanState
    file_name: str
    replaces_id: UUID | None
    groups: tuple[DraftGroup, ...]
    lines: tuple[DraftLine, ...]
    units: tuple[UnitChoice, ...]
    last_change: LastChange | None = None
    last_undone: LastChange | None = None

    @property
    def active(self) -> int:
        """How many rows will be given out."""
        return sum(line.is_active for line in self.lines)

    @property
    def attention(self) -> tuple[DraftLine, ...]:
        """Rows to look at."""
        return tuple(line for line in self.lines if line.needs_attention)

    @property
    def blocking(self) -> tuple[DraftLine, ...]:
        """Rows with which the plan can't be confirmed."""
        return tuple(line for line in self.lines if line.blocks)

    @property
    def open_leads(self) -> tuple[OpenLead, ...]:
        """Names to be resolved, each once."""
        found: dict[str, list[DraftLine]] = {}
        for line in self.lines:
            if line.is_active and not line.has_lead and line.lead_text:
                found.setdefault(line.lead_text, []).append(line)
        return tuple(OpenLead(text, tuple(lines)) for text, lines in found.items())

    @property
    def repairs(self) -> tuple[RepairView, ...]:
        """Proposed repairs, each kind once, the most frequent first."""
        proposed = [repair for line in self.lines if line.is_active for repair in line.repairs]
        counts = Counter((repair.before, repair.after) for repair in proposed)
        kinds = {(repair.before, repair.after): repair for repair in proposed}
        return tuple(replace(kinds[kind], rows=rows) for kind, rows in counts.most_common())


def find_draft(read: Session, tenant_id: UUID, plan_id: UUID, today: date) -> DraftView | None:
    """A plan with all its rows in short, in a handful of statements; None where there is none."""
    plan = read.scalar(sa.select(Plan).where(Plan.id == plan_id, Plan.tenant_id == tenant_id))
    if plan is None:
        return None
    groups = read.execute(
        sa.select(TaskGroup.id, TaskGroup.numeral, TaskGroup.title)
        .where(TaskGroup.plan_id == plan_id)
        .order_by(TaskGroup.position)
    )
    return DraftView(
        id=plan.id, title=plan.title, state=plan.state, file_name=plan.file_name, replaces_id=plan.replaces_id,
        groups=tuple(DraftGroup(*row) for row in groups), lines=lines_of(read, plan_id, today),
        units=unit_choices(read, tenant_id), last_change=_last(read, newest_undoable(plan_id)),
        last_undone=_last(read, newest_undone(plan_id)),
    )  # fmt: skip


def _last(read: Session, changes: sa.Select[DraftChange]) -> LastChange | None:
    query = changes.outerjoin(Person, Person.id == DraftChange.made_by).with_only_columns(
        DraftChange.id, DraftChange.what, DraftChange.made_at, sa.func.coalesce(Person.name, "")
    )
    row = read.execute(query).first()
    return LastChange(*row) if row else None


@dataclass(frozen=True, slots=True)
class Remarks:
    """What the reading says of the file as a whole."""

    warnings: tuple[str, ...]
    unread: tuple[dict[str, Any], ...]
    duties: tuple[dict[str, Any], ...] = ()  # to report


def remarks_of(read: Session, plan_id: UUID) -> Remarks:
    """Read apart, since a long plan's reading is megabytes."""
    reading = orjson.loads(read.scalar(sa.select(Plan.reading).where(Plan.id == plan_id)) or "{}")
    head = reading.get("plan", {})
    said = (head.get("warnings", ()), reading.get("unread", ()), head.get("reporting_duties", ()))
    return Remarks(*map(tuple, said))


def unit_choices(read: Session, tenant_id: UUID) -> tuple[UnitChoice, ...]:
    """The units that tasks may be given to."""
    query = (
        sa.select(Unit.id, Unit.name, Unit.short_name)
        .where(Unit.tenant_id == tenant_id, Unit.is_active, Unit.kind != UnitKind.COMMITTEE)
        .order_by(Unit.position, Unit.name)
    )
    return tuple(UnitChoice(*row) for row in read.execute(query))


def rows_in_full(
    read: Session, tenant_id: UUID, draft: DraftView, ids: Collection[UUID], today: date
) -> dict[UUID, DraftRow]:
    """These rows of a draft, by id, in its order."""
    query = (
        sa.select(PlanTask)
        .where(PlanTask.plan_id == draft.id, PlanTask.id.in_(ids))
        .options(joinedload(PlanTask.group), selectinload(PlanTask.units))
    )
    tasks = {task.id: task for task in read.scalars(query)}
    matcher, since = matcher_of(read, tenant_id), earliest_day(read.get_one(Plan, draft.id), today)
    following = _next_to_look_at(draft.lines)
    rows = {}
    for above, line, below in zip((None, *draft.lines), draft.lines, (*draft.lines[1:], None), strict=False):
        if line.id in tasks:
            row = _row(tasks[line.id], matcher, today, since, following.get(line.id))
            rows[line.id] = replace(row, **_beside(draft, above, line, below))
    return rows


def _beside(draft: DraftView, above: DraftLine | None, line: DraftLine, below: DraftLine | None) -> dict[str, Any]:
    """What a row can do among its neighbours."""
    can_join = above is not None and above.group_id == line.group_id and above.is_active and line.is_active
    return {
        "joins": above.place if can_join and above is not None else "",
        "is_first": above is None and line.group_id == draft.groups[0].id,
        "is_last": below is None and line.group_id == draft.groups[-1].id,
    }


def _next_to_look_at(lines: Iterable[DraftLine]) -> dict[UUID, UUID]:
    """For every row that is to be looked at the one after it; the last leads back to the first."""
    ids = [line.id for line in lines if line.needs_attention]
    return dict(zip(ids, [*ids[1:], ids[0]], strict=True)) if len(ids) > 1 else {}


def _row(task: PlanTask, matcher: UnitMatcher, today: date, since: date, next_id: UUID | None) -> DraftRow:
    source = orjson.loads(task.source)
    phases = phases_of(task.timing_text)
    leads = _units(task.units, UnitPart.LEAD)
    second = _units(task.units, UnitPart.SECOND_LEAD)
    return DraftRow(
        id=task.id, group_id=task.group_id, place=place_of(task), ordinal=task.ordinal, content=task.content,
        lead_text=task.lead_text, coordinators_text=task.coordinators_text, timing_text=task.timing_text,
        product_text=task.product_text,
        note=task.note, due_on=task.due_on, is_past=is_past(task, today), is_recurring=task.is_recurring,
        until_year=task.until_year, is_conditional=task.is_conditional, blocked_until=task.blocked_until,
        state=task.state, state_note=task.state_note, leads=leads,
        second_lead=second[0] if second else None, coordinators=_units(task.units, UnitPart.COORDINATOR),
        outside=tuple(_outside(task, matcher)), issues=tuple(issues_of(task, bool(leads), phases, today)),
        repairs=tuple(repairs_of(task)), phases=phases if len(phases) > 1 else (),
        days=days_of(read_timing(task.timing_text), since, task.until_year),
        where=source.get("where", ""), raw=tuple(source.get("raw", ())),
        extra=tuple((cell["column"], cell["text"]) for cell in source.get("extra", ())), seen=fingerprint(task),
        next_id=next_id,
    )  # fmt: skip


def _units(units: Iterable[PlanTaskUnit], part: UnitPart) -> tuple[UnitChoice, ...]:
    return tuple(UnitChoice(row.unit_id, row.unit.name, row.unit.short_name) for row in units if row.part is part)


def _outside(task: PlanTask, matcher: UnitMatcher) -> Iterator[Outside]:
    for name in read_coordinators(task.coordinators_text).names:
        if matcher.match(name) is None:
            yield Outside(name, is_vague(name))
