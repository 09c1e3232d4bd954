"""A draft as its preview shows it: every row, and what of it a person has still to look at."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload, undefer

from webapp.organisation.models import Unit, UnitKind
from webapp.plans.confirming import place_of
from webapp.plans.drafts import fingerprint
from webapp.plans.matching import UnitMatcher, matcher_of
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import is_vague, read_coordinators
from webapp.plans.timing import TaskDay, days_of

FIELD_NAMES = {
    "content": "nội dung", "leads": "đơn vị chủ trì", "coordinators": "đơn vị phối hợp", "timing_text": "thời gian",
    "product_text": "sản phẩm", "note": "ghi chú",
}  # fmt: skip


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


@dataclass(frozen=True, slots=True)
class RepairView:
    """A proposed repair; `rows` counts those of the plan in which the same is proposed."""

    field: str
    before: str
    after: str
    why: str
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a row that a person has to settle."""

    text: str
    blocks: bool = False  # the plan can't be confirmed with it
    is_warning: bool = False  # of the reading: goes when somebody has looked


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    id: UUID
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
    rows: tuple[DraftRow, ...]


@dataclass(frozen=True, slots=True)
class OpenLead:
    """A name in the lead column that no unit has yet been chosen for."""

    text: str
    rows: tuple[DraftRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftView:
    id: UUID
    title: str
    state: PlanState
    file_name: str
    groups: tuple[DraftGroup, ...]
    units: tuple[UnitChoice, ...]
    warnings: tuple[str, ...]
    unread: tuple[dict[str, Any], ...]

    @property
    def rows(self) -> tuple[DraftRow, ...]:
        """All rows in order."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def active(self) -> int:
        """How many rows will be given out."""
        return sum(row.is_active for row in self.rows)

    @property
    def attention(self) -> tuple[DraftRow, ...]:
        """Rows to look at."""
        return tuple(row for row in self.rows if row.needs_attention)

    @property
    def blocking(self) -> tuple[DraftRow, ...]:
        """Rows with which the plan can't be confirmed."""
        return tuple(row for row in self.attention if any(issue.blocks for issue in row.issues))

    @property
    def open_leads(self) -> tuple[OpenLead, ...]:
        """Names to be resolved, each once."""
        found: dict[str, list[DraftRow]] = {}
        for row in self.rows:
            if row.is_active and not row.leads and row.lead_text:
                found.setdefault(row.lead_text, []).append(row)
        return tuple(OpenLead(text, tuple(rows)) for text, rows in found.items())

    @property
    def repairs(self) -> tuple[RepairView, ...]:
        """Proposed repairs, each kind once, the most frequent first."""
        kinds = {(repair.before, repair.after): repair for row in self.rows for repair in row.repairs}
        return tuple(sorted(kinds.values(), key=lambda repair: -repair.rows))


def find_draft(read: Session, tenant_id: UUID, plan_id: UUID, today: date) -> DraftView | None:
    """A plan with all that its preview shows, in a handful of statements; None where there is none."""
    plan = read.scalar(
        sa.select(Plan).where(Plan.id == plan_id, Plan.tenant_id == tenant_id).options(undefer(Plan.reading))
    )
    if plan is None:
        return None
    groups = _groups(read, plan.id)
    proposed = Counter(kind for group in groups for task in group.tasks for kind in _kinds(task))
    matcher = matcher_of(read, tenant_id)
    reading = orjson.loads(plan.reading)
    return DraftView(
        id=plan.id, title=plan.title, state=plan.state, file_name=plan.file_name,
        groups=tuple(
            DraftGroup(g.id, g.numeral, g.title, tuple(_row(t, matcher, today, proposed) for t in g.tasks))
            for g in groups
        ),
        units=unit_choices(read, tenant_id), warnings=tuple(reading.get("plan", {}).get("warnings", ())),
        unread=tuple(reading.get("unread", ())),
    )  # fmt: skip


def unit_choices(read: Session, tenant_id: UUID) -> tuple[UnitChoice, ...]:
    """The units that tasks may be given to."""
    query = (
        sa.select(Unit.id, Unit.name, Unit.short_name)
        .where(Unit.tenant_id == tenant_id, Unit.is_active, Unit.kind != UnitKind.COMMITTEE)
        .order_by(Unit.position, Unit.name)
    )
    return tuple(UnitChoice(*row) for row in read.execute(query))


def _groups(read: Session, plan_id: UUID) -> list[TaskGroup]:
    query = (
        sa.select(TaskGroup)
        .where(TaskGroup.plan_id == plan_id)
        .order_by(TaskGroup.position)
        .options(selectinload(TaskGroup.tasks).selectinload(PlanTask.units))
    )
    return list(read.scalars(query))


def _kinds(task: PlanTask) -> set[tuple[str, str]]:
    return {(repair["from"], repair["to"]) for repair in orjson.loads(task.repairs)}


def _row(task: PlanTask, matcher: UnitMatcher, today: date, proposed: Counter[tuple[str, str]]) -> DraftRow:
    source = orjson.loads(task.source)
    timing = read_timing(task.timing_text)
    phases = tuple(phase.text for phase in timing.phases)
    second = _units(task.units, UnitPart.SECOND_LEAD)
    return DraftRow(
        id=task.id, place=place_of(task), ordinal=task.ordinal, content=task.content, lead_text=task.lead_text,
        coordinators_text=task.coordinators_text, timing_text=task.timing_text, product_text=task.product_text,
        note=task.note, due_on=task.due_on, is_past=_is_past(task, today), is_recurring=task.is_recurring,
        until_year=task.until_year, is_conditional=task.is_conditional, blocked_until=task.blocked_until,
        state=task.state, state_note=task.state_note, leads=_units(task.units, UnitPart.LEAD),
        second_lead=second[0] if second else None, coordinators=_units(task.units, UnitPart.COORDINATOR),
        outside=tuple(_outside(task, matcher)), issues=tuple(_issues(task, phases, today)),
        repairs=tuple(_repairs(task, proposed)), phases=phases if len(phases) > 1 else (),
        days=days_of(timing, today, task.until_year),
        where=source.get("where", ""), raw=tuple(source.get("raw", ())),
        extra=tuple((cell["column"], cell["text"]) for cell in source.get("extra", ())), seen=fingerprint(task),
    )  # fmt: skip


def _units(units: Iterable[PlanTaskUnit], part: UnitPart) -> tuple[UnitChoice, ...]:
    return tuple(UnitChoice(row.unit_id, row.unit.name, row.unit.short_name) for row in units if row.part is part)


def _outside(task: PlanTask, matcher: UnitMatcher) -> Iterator[Outside]:
    for name in read_coordinators(task.coordinators_text).names:
        if matcher.match(name) is None:
            yield Outside(name, is_vague(name))


def _is_past(task: PlanTask, today: date) -> bool:
    if task.due_on is not None:
        return task.due_on < today
    return not task.is_recurring and task.until_year is not None and task.until_year < today.year


def _issues(task: PlanTask, phases: tuple[str, ...], today: date) -> Iterator[Issue]:
    if not any(row.part is UnitPart.LEAD for row in task.units):
        yield Issue(_no_lead(task.lead_text), blocks=True)
    if not task.content.strip():
        yield Issue("Chưa có nội dung nhiệm vụ.", blocks=True)
    if _is_past(task, today):
        yield Issue("Hạn đã qua: đặt hạn mới, hoặc đánh dấu đã xong trước khi nhập.")
    if len(phases) > 1:
        yield Issue(f"Ô thời gian có {len(phases)} giai đoạn: mỗi giai đoạn nên là một dòng riêng.")
    yield from (Issue(warning, is_warning=True) for warning in orjson.loads(task.warnings))


def _no_lead(lead_text: str) -> str:
    if not lead_text:
        return "Chưa có đơn vị chủ trì: chọn đơn vị."
    kind = "là một nhóm" if is_vague(lead_text) else "chưa có trong danh sách đơn vị"
    return f"Chưa có đơn vị chủ trì: “{lead_text}” {kind}, cần chọn đơn vị."


def _repairs(task: PlanTask, proposed: Counter[tuple[str, str]]) -> Iterator[RepairView]:
    """Each kind once a row, though it may be proposed in several of its cells."""
    shown = set()
    for repair in orjson.loads(task.repairs):
        kind = repair["from"], repair["to"]
        if kind not in shown:
            shown.add(kind)
            yield RepairView(FIELD_NAMES.get(repair["field"], repair["field"]), *kind, repair["why"], proposed[kind])
