"""Reminders and escalations of a case: those sent, and those to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Timer, TimerKind, TimerState
from engine.read_only import ReadOnlyTransaction
from engine.upcoming import upcoming
from webapp.cases.versions import NamesInTime
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


SENT = (
    sa.select(*(_t.c[n] for n in ("element_id", "kind", "level", "recipients", "fired_at")))
    .where(_t.c.instance_id == sa.bindparam("instance_id"), _t.c.kind != TimerKind.FLOW, _t.c.state == TimerState.FIRED)
    .order_by(_t.c.due_at.desc(), _t.c.id)
    .limit(200)
)


def sent_reminders(read: Session, instance_id: UUID, names: NamesInTime) -> list[ReminderLine]:
    """Newest first; the case's access has been checked."""
    rows = read.execute(SENT, {"instance_id": instance_id})
    return [_line(row, row.fired_at, names.of_moment(row.fired_at)) for row in rows]


def coming_reminders(tx: ReadOnlyTransaction, instance_id: UUID, names: Names) -> list[ReminderLine]:
    """The next that will be sent."""
    coming = [one for one in upcoming(tx, instance_id) if one.kind is not TimerKind.FLOW]
    return [_line(one, one.at, names) for one in coming[:MOST_COMING]]


def in_order(lines: Iterable[ReminderLine]) -> list[ReminderLine]:
    """Earliest first."""
    return sorted(lines, key=lambda line: line.at)


def _line(reminder: Any, at: datetime, names: Names) -> ReminderLine:
    return ReminderLine(
        what=level_words(reminder.level), step=names.element(reminder.element_id),
        whom=", ".join(names.recipient(recipient) for recipient in reminder.recipients.split()),
        at=at, escalates=reminder.kind is TimerKind.ESCALATION,
    )  # fmt: skip
