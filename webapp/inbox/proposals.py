"""Whom a form proposes: who did the task last year, else who last did one of the unit's, else the only one there is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.fields import Option
from webapp.plans.models import TaskOccurrence

_o: Any = TaskOccurrence.__table__


@dataclass(frozen=True, slots=True)
class Officers:
    """Who did what before."""

    by_task: dict[tuple[UUID, UUID], UUID]  # plan task and lead unit → the newest officer of an earlier year
    by_unit: dict[UUID, UUID]  # the newest officer of any task

    def of(self, plan_task_id: UUID | None, unit_id: UUID) -> UUID | None:
        """Who is proposed for a task under a unit."""
        of_task = self.by_task.get((plan_task_id, unit_id)) if plan_task_id else None
        return of_task or self.by_unit.get(unit_id)


def last_officers(read: Session, tenant_id: UUID, tasks: Iterable[tuple[UUID | None, UUID]]) -> Officers:
    """For tasks, each with its lead unit."""
    asked = list(tasks)
    task_ids, units = {task for task, _ in asked if task}, {unit for _, unit in asked}
    given = _o.c.tenant_id == tenant_id, _o.c.officer_id.is_not(None)
    before = sa.select(_o.c.plan_task_id, _o.c.lead_unit_id, _o.c.officer_id).where(
        *given, _o.c.plan_task_id.in_(task_ids)
    )
    rows = read.execute(before.order_by(_o.c.year)).all()
    newest = [
        sa.select(
            sa.select(_o.c.lead_unit_id, _o.c.officer_id)
            .where(*given, _o.c.lead_unit_id == unit)
            .order_by(_o.c.id.desc())
            .limit(1)
            .subquery()
        )
        for unit in units
    ]
    by_unit = {r.lead_unit_id: r.officer_id for r in read.execute(sa.union_all(*newest))} if newest else {}
    return Officers({(r.plan_task_id, r.lead_unit_id): r.officer_id for r in rows}, by_unit)


def proposed_among(people: Sequence[Option], officer: UUID | None) -> str:
    """Of those who may be chosen the officer, else the only one; "" where somebody has to decide."""
    values = [person.value for person in people]
    if str(officer) in values:
        return str(officer)
    return values[0] if len(values) == 1 else ""
