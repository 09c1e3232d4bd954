"""What the reading of a plan found and is no indicator yet."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.indicators.models import Indicator
from webapp.plans.models import Plan, PlanTask, TaskGroup
from webapp.plans.places import place_name

_i: Any = Indicator.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An indicator that the reading found and nobody has taken up or passed over yet."""

    key: str
    plan_id: UUID
    name: str
    found: dict[str, Any]
    sentence: str
    where: str
    plan_task_id: UUID | None
    place: str


def proposals(read: Session, tenant_id: UUID, plan_id: UUID) -> tuple[Proposed, ...]:
    """What of the plan's reading is no indicator yet: of its tasks, and of its body."""
    text = read.scalar(sa.select(Plan.reading).where(Plan.id == plan_id, Plan.tenant_id == tenant_id))
    reading = orjson.loads(text or "{}")
    taken = set(
        read.scalars(
            sa.select(Indicator.reading_key).where(Indicator.plan_id == plan_id, _i.c.reading_key.is_not(None))
        )
    )
    rows = _tasks_by_place(read, plan_id)
    found = [(one, None) for one in reading.get("indicators", ())]
    for task in reading.get("tasks", ()):
        row = rows.get((task.get("source") or {}).get("where", ""))
        found += [(one, row) for one in task.get("indicators", ())]
    keyed = [(str(index), one, row) for index, (one, row) in enumerate(found)]
    return tuple(_proposed(plan_id, key, one, row) for key, one, row in keyed if key not in taken and one.get("name"))


def _tasks_by_place(read: Session, plan_id: UUID) -> dict[str, Any]:
    """The plan's rows by where they stand in its file."""
    query = (
        sa.select(PlanTask.id, PlanTask.source, PlanTask.ordinal, TaskGroup.numeral)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(PlanTask.plan_id == plan_id)
        .order_by(PlanTask.position.desc())
    )
    return {orjson.loads(row.source).get("where", ""): row for row in read.execute(query)}


def _proposed(plan_id: UUID, key: str, found: dict[str, Any], row: Any) -> Proposed:
    source = found.get("source") or {}
    return Proposed(
        key=key, plan_id=plan_id, name=found["name"], found=found, sentence=found.get("text") or "",
        where=source.get("where", ""),
        plan_task_id=row.id if row else None, place=place_name(row.numeral, row.ordinal) if row else "",
    )  # fmt: skip
