"""Messages to an instance: matched in the subscriptions table first, kept when nobody waits yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.desks import sender_desks
from engine.errors import NobodyWaits, NotYourDesk
from engine.facts import (
    InstanceAdvanced,
    InstanceEnded,
    MessageDelivered,
    MessageExpired,
    MessageKept,
    SubscriptionCarried,
    SubscriptionOpened,
)
from engine.models import KeptMessage, MessageSubscription
from engine.spiff import Element
from engine.transaction import Transaction, subscribes

LIFETIME = timedelta(days=400)
"""How long a kept message waits; longer than the year in which a case lives."""


_kept: Any = KeptMessage.__table__
_is_here = _kept.c.instance_id == sa.bindparam("instance")
FORGET_KEPT = sa.delete(_kept).where(_is_here)
TAKE_KEPT = (
    FORGET_KEPT.where(
        _kept.c.message.in_(sa.bindparam("messages", expanding=True)), _kept.c.expires_at > sa.bindparam("now")
    )
    .returning(_kept.c.id, _kept.c.message, _kept.c.payload, _kept.c.expires_at)
)  # fmt: skip


class Unawaited(StrEnum):
    """What becomes of a message that nobody waits for."""

    REJECT = "reject"
    KEEP = "keep"  # until somebody waits, or its lifetime ends
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverMessage(Command):
    """Hand a message to the catch event of an instance that waits for it."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    message: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    unawaited: Unawaited = Unawaited.REJECT
    expires_at: datetime | None = None  # if it is kept; None: after its lifetime


@handles(DeliverMessage)
def deliver_message(command: DeliverMessage, tx: Transaction) -> bool:
    """Return whether somebody waited. Raises NotFound, NobodyWaits, InstanceNotActive, WalkFailed."""
    instance = tx.load_instance(command.instance_id)
    instance.require_active()
    waiting = tx.connection.execute(
        sa.select(MessageSubscription.id, MessageSubscription.element_id)
        .where(MessageSubscription.instance_id == instance.id, MessageSubscription.message == command.message)
        .order_by(MessageSubscription.id)
        .limit(1)
    ).one_or_none()
    if waiting is None:
        return _unawaited(command, tx)
    tx.record(MessageDelivered(waiting.element_id, command.message, dict(command.payload)))
    _hand_over(tx, waiting.id, command.payload)
    return True


def _hand_over(tx: Transaction, subscription_id: UUID, payload: Mapping[str, Any]) -> None:
    walk = restore(tx)
    before = walk.waits
    walk.deliver(subscription_id, payload)
    advance(tx, walk, before)


def _unawaited(command: DeliverMessage, tx: Transaction) -> bool:
    if command.unawaited is Unawaited.REJECT:
        raise NobodyWaits
    if command.unawaited is Unawaited.KEEP:
        expires_at = command.expires_at or tx.now + LIFETIME
        if expires_at <= tx.now:
            tx.record(MessageExpired(command.message, dict(command.payload)))
            return False
        tx.record(MessageKept(command.message, dict(command.payload)))
        tx.keep_message(command.message, command.payload, expires_at)
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitMessage(Command):
    """A person sends a message event's form (an extension asked for, a difficulty raised, a receipt recorded).

    Who may is the event's `senders` property, desks as steps name them. `answers` have passed the form's schema.
    """

    permission = EnginePermission.WORK
    optimistic = True

    instance_id: UUID
    element_id: str
    answers: Mapping[str, Any]
    subscription_id: UUID | None = None  # the wait that the sender saw: a page sent twice answers one wait once


@handles(SubmitMessage)
def submit_message(command: SubmitMessage, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive, NobodyWaits, NotYourDesk, WalkFailed."""
    instance = tx.load_instance(command.instance_id)
    instance.require_active()
    subscription_id = tx.connection.scalar(
        sa.select(MessageSubscription.id).where(
            MessageSubscription.instance_id == instance.id, MessageSubscription.element_id == command.element_id
        )
    )
    if subscription_id is None or command.subscription_id not in (None, subscription_id):
        raise NobodyWaits
    element = tx.library.definition(instance.definition_id, tx.connection).elements[command.element_id]
    senders = sender_desks(tx.connection, tx.tenant_id, element, instance.parties)
    if not tx.actor.is_system and not tx.actor.desks & senders:
        raise NotYourDesk
    tx.record(MessageDelivered(element.element_id, element.message or "", dict(command.answers)))
    form_id = element.properties.get("form")
    variables = _submit(tx, element, form_id, subscription_id, command.answers) if form_id else {}
    _hand_over(tx, subscription_id, variables)


def _submit(
    tx: Transaction, element: Element, form_id: str, subscription_id: UUID, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep what was entered; return what of it the process sees."""
    assert tx.instance is not None
    tx.submit(user_task_id=subscription_id, element_id=element.element_id, form_id=form_id, data=answers)
    form = tx.form(form_id)
    return {key: answers[key] for key in form.process_variables if key in answers}


@subscribes(InstanceAdvanced)
def deliver_kept(_advanced: InstanceAdvanced, tx: Transaction) -> None:
    """Messages came before somebody waited: now hand them over, by a job each. All that was opened in one statement."""
    assert tx.instance is not None
    opened = {fact.message for fact in tx.facts if isinstance(fact, SubscriptionOpened | SubscriptionCarried)}
    if not opened:
        return
    values = {"instance": tx.instance.id, "messages": sorted(opened), "now": tx.now}
    for kept in sorted(tx.connection.execute(TAKE_KEPT, values).all(), key=lambda kept: kept.id):
        payload, key = orjson.loads(kept.payload), f"kept:{kept.id}"
        send(tx, tx.instance.id, kept.message, payload, key=key, expires_at=kept.expires_at)


@subscribes(InstanceEnded)
def forget_kept(_ended: InstanceEnded, tx: Transaction) -> None:
    """Nobody will wait for them any more."""
    assert tx.instance is not None
    tx.connection.execute(FORGET_KEPT, {"instance": tx.instance.id})


def send(
    tx: Transaction,
    instance_id: UUID,
    message: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    unawaited: Unawaited = Unawaited.KEEP,
    expires_at: datetime | None = None,
) -> None:
    """Leave the delivery of a message to another instance as a job; `key` makes it one delivery.

    Where nobody waits for it yet it is kept until `expires_at`, else for its usual lifetime.
    """
    told = {"instance_id": instance_id, "message": message, "payload": dict(payload), "unawaited": unawaited}
    if expires_at is not None:
        told["expires_at"] = expires_at.isoformat()
    tx.enqueue("engine.message", key, told, instance_id=instance_id)
