"""What a person was told."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.notifications.models import Notification

MOST_COUNTED = 100


def count_unread(read: Session, person_id: UUID) -> int:
    """Unread notifications, counted no further than anybody is told."""
    unread = sa.select(Notification.id).where(Notification.recipient_id == person_id, Notification.read_at.is_(None))
    return read.scalar(sa.select(sa.func.count()).select_from(unread.limit(MOST_COUNTED).subquery())) or 0
