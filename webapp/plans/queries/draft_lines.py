"""All rows of a draft in short: where each stands, and whether a person has still to look at it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Protocol
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.models import PlanTask, PlanTaskState, PlanTaskUnit, TaskGroup, UnitPart
from webapp.plans.places import place_name
from webapp.plans.reading.timing import read_timing
from webapp.plans.reading.units import is_vague

FIELD_NAMES = {
    "content": "nội dung", "leads": "đơn vị chủ trì", "coordinators": "đơn vị phối hợp", "timing_text": "thời gian",
    "product_text": "sản phẩm", "note": "ghi chú",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Issue:
    """Something about a row that a person has to settle."""

    text: str
    blocks: bool = False  # the plan can't be confirmed with it
    is_warning: bool = False  # of the reading: goes when somebody has looked


@dataclass(frozen=True, slots=True)
class RepairView:
    """A proposed repair; `rows` counts those of the plan in which the same is proposed."""

    field: str
    before: str
    after: str
    why: str
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A row of a draft, with as much as is told of all rows at once."""

    id: UUID
    group_id: UUID
    place: str  # "II.3"
    content: str
    lead_text: str
    is_active: bool  # will be given out
    has_lead: bool
    issues: tuple[Issue, ...]
    repairs: tuple[RepairView, ...]

    @property
    def needs_attention(self) -> bool:
        """Whether it belongs in the list of what is to be looked at."""
        return self.is_active and bool(self.issues or self.repairs)

    @property
    def blocks(self) -> bool:
        """Whether the plan can't be confirmed with it."""
        return self.is_active and any(issue.blocks for issue in self.issues)


class Rowlike(Protocol):
    """As much of a row as its issues need."""

    content: Any
    lead_text: Any
    due_on: Any
    is_recurring: Any
    until_year: Any
    warnings: Any
    repairs: Any


def lines_of(read: Session, plan_id: UUID, today: date) -> tuple[DraftLine, ...]:
    """Every row of a plan in order, in one statement and without what only a row's own display needs."""
    lead = sa.select(PlanTaskUnit.id).where(
        PlanTaskUnit.plan_task_id == PlanTask.id, PlanTaskUnit.part == UnitPart.LEAD
    )
    columns = (
        PlanTask.id, PlanTask.group_id, PlanTask.position, PlanTask.ordinal, PlanTask.content, PlanTask.lead_text,
        PlanTask.timing_text, PlanTask.due_on, PlanTask.is_recurring, PlanTask.until_year, PlanTask.state,
        PlanTask.warnings, PlanTask.repairs, TaskGroup.numeral, lead.exists().label("has_lead"),
    )  # fmt: skip
    rows = read.execute(
        sa.select(*columns)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(PlanTask.plan_id == plan_id)
        .order_by(TaskGroup.position, PlanTask.position)
    )
    return tuple(_line(row, today) for row in rows)


def _line(row: Any, today: date) -> DraftLine:
    phases = phases_of(row.timing_text)
    return DraftLine(
        id=row.id, group_id=row.group_id, content=row.content, lead_text=row.lead_text,
        place=place_name(row.numeral, row.ordinal) or f"dòng {row.position + 1}",
        is_active=row.state is PlanTaskState.DRAFT, has_lead=row.has_lead,
        issues=tuple(issues_of(row, row.has_lead, phases, today)), repairs=tuple(repairs_of(row)),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def phases_of(timing_text: str) -> tuple[str, ...]:
    """The phases that a timing names; many rows say the same."""
    return tuple(phase.text for phase in read_timing(timing_text).phases)


def issues_of(row: Rowlike, has_lead: bool, phases: tuple[str, ...], today: date) -> Iterator[Issue]:
    """What a person has to settle, or to look at."""
    if not has_lead:
        yield Issue(_no_lead(row.lead_text), blocks=True)
    if not row.content.strip():
        yield Issue("Chưa có nội dung nhiệm vụ.", blocks=True)
    if is_past(row, today):
        yield Issue("Hạn đã qua: đặt hạn mới, hoặc đánh dấu đã xong trước khi nhập.")
    if len(phases) > 1:
        yield Issue(f"Ô thời gian có {len(phases)} giai đoạn: mỗi giai đoạn nên là một dòng riêng.")
    yield from (Issue(warning, is_warning=True) for warning in orjson.loads(row.warnings))


def is_past(row: Rowlike, today: date) -> bool:
    """Whether its time was over before the import."""
    if row.due_on is not None:
        return bool(row.due_on < today)
    return not row.is_recurring and row.until_year is not None and row.until_year < today.year


def _no_lead(lead_text: str) -> str:
    if not lead_text:
        return "Chưa có đơn vị chủ trì: chọn đơn vị."
    kind = "là một nhóm" if is_vague(lead_text) else "chưa có trong danh sách đơn vị"
    return f"Chưa có đơn vị chủ trì: “{lead_text}” {kind}, cần chọn đơn vị."


def repairs_of(row: Rowlike) -> Iterable[RepairView]:
    """Each kind once a row, though it may be proposed in several of its cells."""
    found: dict[tuple[str, str], RepairView] = {}
    for repair in orjson.loads(row.repairs):
        kind = repair["from"], repair["to"]
        found.setdefault(kind, RepairView(FIELD_NAMES.get(repair["field"], repair["field"]), *kind, repair["why"]))
    return found.values()
