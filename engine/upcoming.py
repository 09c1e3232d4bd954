"""What the timers of a case will do: those of the drawing, and all levels of its open steps' reminders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import levels_after, recipients_of
from engine.models import Timer, TimerKind, TimerState, UserTask
from engine.read_only import ReadOnlyTransaction


@dataclass(frozen=True, slots=True, order=True)
class Upcoming:
    """One moment to come."""

    at: datetime
    element_id: str
    kind: TimerKind
    level: str
    recipients: str


_t: Any = Timer.__table__
WAITING = (
    sa.select(_t, UserTask.due_at.label("step_due"))
    .outerjoin(UserTask, UserTask.id == _t.c.user_task_id)
    .where(_t.c.instance_id == sa.bindparam("instance"), _t.c.state == TimerState.WAITING)
)


def upcoming(tx: ReadOnlyTransaction, instance_id: UUID) -> list[Upcoming]:
    """Earliest first. Of a step's reminders only the next is stored; the others are counted as they would be now."""
    tx.load_instance(instance_id)
    rows = tx.connection.execute(WAITING, {"instance": instance_id}).all()
    return sorted(one for row in rows for one in (_next(row), *_after(tx, row)))


def _next(row: Any) -> Upcoming:
    return Upcoming(row.due_at, row.element_id, row.kind, row.level, row.recipients)


def _after(tx: ReadOnlyTransaction, row: Any) -> list[Upcoming]:
    levels = levels_after(tx, row.element_id, row.step_due, row.ahead)
    return [
        Upcoming(
            level.moment, row.element_id, level.reminder.kind, level.reminder.level,
            recipients_of(tx, level.reminder, row.element_id),
        )
        for level in levels
    ]  # fmt: skip
