"""Difficulties in a list: what was raised, with whom it is and until when, what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, ProcessInstance, UserTask
from webapp.difficulties.levels import Said, said_of
from webapp.difficulties.models import Difficulty
from webapp.organisation.models import Person, Unit
from webapp.plans.models import Plan, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name

PAGE = 50

_d: Any = Difficulty.__table__
_u: Any = UserTask.__table__


class Which(StrEnum):
    OPEN = "dang-xu-ly"
    ANSWERED = "da-tra-loi"
    ALL = "tat-ca"


@dataclass(frozen=True, slots=True, kw_only=True)
class DifficultyLine:
    id: UUID
    content: str
    recommendation: str
    unit: str
    place: str
    task: str
    case_id: UUID
    plan_id: UUID
    plan: str
    raised_at: datetime
    raised_by: str
    said: tuple[Said, ...]  # by each level, the first first
    answered_at: datetime | None
    is_cancelled: bool  # nobody answers any more
    step: str  # at which it waits
    desk: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class DifficultyPage:
    lines: tuple[DifficultyLine, ...]
    after: UUID | None


def difficulties_of(
    read: Session, tenant_id: UUID, which: Which, *, units: Sequence[UUID] | None = None,
    plan_id: UUID | None = None, after: UUID | None = None,
) -> DifficultyPage:  # fmt: skip
    """The newest first; those of some units only, where they are named."""
    query = _LINES.where(_d.c.tenant_id == tenant_id).order_by(_d.c.id.desc()).limit(PAGE + 1)
    if which is not Which.ALL:
        query = query.where(_IS_OPEN if which is Which.OPEN else _d.c.answered_at.is_not(None))
    if units is not None:
        query = query.where(_d.c.unit_id.in_(units))
    if plan_id is not None:
        query = query.where(_d.c.plan_id == plan_id)
    if after is not None:
        query = query.where(_d.c.id < after)
    rows = read.execute(query).all()
    ids = [row.id for row in rows]
    steps, said = _steps(read, ids), said_of(read, ids)
    lines = tuple(_line(row, steps.get(row.id), said.get(row.id, ())) for row in rows[:PAGE])
    return DifficultyPage(lines, lines[-1].id if len(rows) > PAGE else None)


_IS_OPEN: Any = _d.c.answered_at.is_(None) & ProcessInstance.ended_at.is_(None)
_raiser: Any = sa.orm.aliased(Person)
_LINES: Any = (
    sa.select(
        _d, Unit.name.label("unit"), PlanTask.ordinal, PlanTask.content.label("task"), TaskGroup.numeral,
        sa.func.coalesce(Plan.number, Plan.title).label("plan"), _raiser.name.label("raiser"),
        ProcessInstance.ended_at,
    )
    .join(Unit, Unit.id == _d.c.unit_id)
    .join(TaskOccurrence, TaskOccurrence.id == _d.c.occurrence_id)
    .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
    .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
    .join(Plan, Plan.id == _d.c.plan_id)
    .outerjoin(ProcessInstance, ProcessInstance.id == _d.c.id)
    .outerjoin(_raiser, _raiser.id == _d.c.raised_by)
)  # fmt: skip


def _steps(read: Session, ids: Sequence[UUID]) -> Mapping[UUID, Any]:
    """The step at which each of them waits."""
    query = sa.select(_u.c.instance_id, _u.c.name, _u.c.desk, _u.c.due_at).where(
        _u.c.instance_id.in_(ids), _u.c.state == OPEN_STEP
    )
    return {row.instance_id: row for row in read.execute(query)}


def _line(row: Any, step: Any, said: tuple[Said, ...]) -> DifficultyLine:
    return DifficultyLine(
        id=row.id, content=row.content, recommendation=row.recommendation, unit=row.unit, task=row.task,
        place=place_name(row.numeral, row.ordinal), case_id=row.occurrence_id, plan_id=row.plan_id, plan=row.plan,
        raised_at=row.raised_at, raised_by=row.raiser or "", said=said,
        answered_at=row.answered_at, is_cancelled=row.answered_at is None and row.ended_at is not None,
        step=step.name if step else "", desk=step.desk if step else "",
        due_at=step.due_at if step else None,
    )  # fmt: skip
