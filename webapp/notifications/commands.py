"""Having read what one was told."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, handles
from engine.transaction import Transaction
from webapp.notifications.models import Notification
from webapp.permissions import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead(Command):
    """One of the actor's notifications, or all of them, is read; nothing that an audit would ask for."""

    permission = Permission.SIGNED_IN

    notification_id: UUID | None = None  # None: all


@handles(MarkRead)
def mark_read(command: MarkRead, tx: Transaction) -> None:
    """Another person's stay as they are."""
    unread = sa.update(Notification).where(Notification.recipient_id == tx.actor.id, Notification.read_at.is_(None))
    if command.notification_id is not None:
        unread = unread.where(Notification.id == command.notification_id)
    tx.session.execute(unread.values(read_at=tx.now))
