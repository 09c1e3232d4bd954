"""What a person was told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.notifications.models import Notification

MOST_COUNTED = 100
PAGE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """One notification."""

    id: UUID
    kind: str
    title: str
    body: str
    at: datetime
    is_read: bool


_unread = sa.select(Notification.id).where(
    Notification.recipient_id == sa.bindparam("person_id"), Notification.read_at.is_(None)
)
COUNT_UNREAD = sa.select(sa.func.count()).select_from(_unread.limit(MOST_COUNTED).subquery())
"""Of the person `person_id`, counted no further than anybody is told."""


def notifications_of(read: Session, person_id: UUID, before: UUID | None = None) -> list[Told]:
    """A page of what a person was told, newest first; `before` is the last one of the page before."""
    query = sa.select(Notification).where(Notification.recipient_id == person_id)
    if before is not None:
        query = query.where(Notification.id < before)  # Ids are in the order of time.
    rows = read.scalars(query.order_by(Notification.id.desc()).limit(PAGE))
    return [Told(n.id, n.kind, n.title, n.body, n.created_at, n.read_at is not None) for n in rows]


def path_of(read: Session, person_id: UUID, notification_id: UUID) -> str | None:
    """Where one of the person's notifications leads."""
    return read.scalar(
        sa.select(Notification.path).where(Notification.id == notification_id, Notification.recipient_id == person_id)
    )
