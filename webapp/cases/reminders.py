"""Reminders and escalations of a case: those sent, and those to come."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Timer, TimerKind, TimerState
from webapp.cases.wording import Names, level_words

MOST_COMING = 5

_t: Any = Timer.__table__


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """One reminder: when, of which step, whom."""

    what: str
    step: str
    whom: str
    at: datetime
    escalates: bool
    is_sent: bool


REMINDERS = (
    sa.select(*(_t.c[n] for n in ("element_id", "kind", "level", "recipients", "due_at", "state", "fired_at")))
    .where(
        _t.c.instance_id == sa.bindparam("instance_id"), _t.c.kind != TimerKind.FLOW,
        _t.c.state.in_([TimerState.WAITING, TimerState.FIRED]),
    )
    .order_by(_t.c.due_at.desc(), _t.c.id)
    .limit(200)
)  # fmt: skip


def reminders_of(read: Session, instance_id: UUID, names: Names) -> tuple[list[ReminderLine], list[ReminderLine]]:
    """Those sent, newest first, and the next that will be; the case's access has been checked."""
    lines = [_line(row, names) for row in read.execute(REMINDERS, {"instance_id": instance_id})]
    coming = [line for line in reversed(lines) if not line.is_sent]
    return [line for line in lines if line.is_sent], coming[:MOST_COMING]


def _line(row: Any, names: Names) -> ReminderLine:
    return ReminderLine(
        what=level_words(row.level), step=names.element(row.element_id),
        whom=", ".join(names.recipient(recipient) for recipient in row.recipients.split()),
        at=row.fired_at or row.due_at, escalates=row.kind is TimerKind.ESCALATION,
        is_sent=row.state is TimerState.FIRED,
    )  # fmt: skip
