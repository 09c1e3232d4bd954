"""Messages to an instance: matched in the subscriptions table first, kept when nobody waits yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.errors import InstanceNotActive, NobodyWaits
from engine.facts import MessageDelivered, MessageKept, SubscriptionOpened
from engine.models import InstanceState, KeptMessage, MessageSubscription
from engine.transaction import Transaction, subscribes

LIFETIME = timedelta(days=400)
"""How long a kept message waits; longer than the year in which a case lives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverMessage(Command):
    """Hand a message to the catch event of an instance that waits for it.

    Nobody waits: kept until somebody does if `keep`, else rejected.
    """

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    message: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    keep: bool = False


@handles(DeliverMessage)
def deliver_message(command: DeliverMessage, tx: Transaction) -> bool:
    """Return whether somebody waited. Raises NotFound, NobodyWaits, InstanceNotActive, WalkFailed."""
    instance = tx.load_instance(command.instance_id)
    if instance.state is not InstanceState.ACTIVE:
        raise InstanceNotActive
    waiting = tx.connection.execute(
        sa.select(MessageSubscription.id, MessageSubscription.element_id)
        .where(MessageSubscription.instance_id == instance.id, MessageSubscription.message == command.message)
        .order_by(MessageSubscription.id)
        .limit(1)
    ).one_or_none()
    if waiting is None:
        return _keep(command, tx)
    tx.record(MessageDelivered(waiting.element_id, command.message, dict(command.payload)))
    walk = restore(tx)
    before = walk.waits
    walk.deliver(waiting.id, command.payload)
    advance(tx, walk, before)
    return True


def _keep(command: DeliverMessage, tx: Transaction) -> bool:
    if not command.keep:
        raise NobodyWaits
    tx.record(MessageKept(command.message, dict(command.payload)))
    tx.keep_message(command.message, command.payload, tx.now + LIFETIME)
    return False


@subscribes(SubscriptionOpened)
def deliver_kept(opened: SubscriptionOpened, tx: Transaction) -> None:
    """A message came before somebody waited: now hand it over, by a job of its own."""
    assert tx.instance is not None
    taken = tx.connection.execute(
        sa.delete(KeptMessage)
        .where(KeptMessage.instance_id == tx.instance.id, KeptMessage.message == opened.message)
        .returning(KeptMessage.id, KeptMessage.payload, KeptMessage.expires_at)
    ).all()
    for kept in taken:
        if kept.expires_at > tx.now:
            send(tx, tx.instance.id, opened.message, orjson.loads(kept.payload), key=f"kept:{kept.id}")


def send(
    tx: Transaction, instance_id: UUID, message: str, payload: Mapping[str, Any], *, key: str, keep: bool = True
) -> None:
    """Leave the delivery of a message to another instance as a job; `key` makes it one delivery."""
    tx.enqueue(
        "engine.message",
        key,
        {"instance_id": instance_id, "message": message, "payload": dict(payload), "keep": keep},
        instance_id=instance_id,
    )
