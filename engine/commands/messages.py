"""Messages to an instance: matched in the subscriptions table first, kept when nobody waits yet.

What was due before a message came happens before it, however late the scheduler is.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.kept_messages import FORGET, LIFETIME, hand_over_later, oldest_kept
from engine.commands.timers import fire_overdue
from engine.desks import sender_desks
from engine.errors import NobodyWaits, NotYourDesk
from engine.facts import MessageDelivered, MessageKept
from engine.models import MessageSubscription
from engine.spiff import Element
from engine.transaction import Transaction

_subscriptions: Any = MessageSubscription.__table__
WAITING = (
    sa.select(_subscriptions.c.id)
    .where(_subscriptions.c.instance_id == sa.bindparam("of"), _subscriptions.c.message == sa.bindparam("message"))
    .limit(1)
)


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


@handles(DeliverMessage)
def deliver_message(command: DeliverMessage, tx: Transaction) -> bool:
    """Return whether it was handed over: what may be kept lines up behind those that came before it.

    Raises NotFound, NobodyWaits, InstanceNotActive, WalkFailed.
    """
    tx.load_instance(command.instance_id).require_active()
    lines_up = command.unawaited is Unawaited.KEEP and oldest_kept(tx, command.message) is not None
    if not lines_up and _hand_over(tx, command.message, command.payload):
        return True
    if command.unawaited is Unawaited.REJECT:
        raise NobodyWaits
    if command.unawaited is Unawaited.KEEP:
        tx.record(MessageKept(command.message, dict(command.payload)))
        tx.keep_message(command.message, command.payload, tx.now + LIFETIME)
    if lines_up:
        hand_over_later(tx, command.message)
    return False


def _hand_over(tx: Transaction, message: str, payload: Mapping[str, Any]) -> bool:
    """Whether somebody waits for it, once what was due before it has happened. Raises WalkFailed."""
    assert tx.instance is not None
    if tx.connection.scalar(WAITING, {"of": tx.instance.id, "message": message}) is None:
        return False
    walk = restore(tx)
    before = walk.waits
    fire_overdue(tx, walk)
    waiting = min(
        (one for one in walk.waits.subscriptions if one.message == message), key=attrgetter("task_id"), default=None
    )
    if waiting is not None:
        # The delivery names the event, ahead of the late timers.
        tx.facts.insert(0, MessageDelivered(waiting.element_id, message, dict(payload)))
        walk.deliver(waiting.task_id, payload)
    advance(tx, walk, before)
    return waiting is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverKept(Command):
    """Hand over the oldest of the messages of a name that came before somebody waited for them."""

    permission = EnginePermission.SYSTEM

    instance_id: UUID
    message: str


@handles(DeliverKept)
def deliver_kept(command: DeliverKept, tx: Transaction) -> None:
    """Where nobody waits any more it stays. Raises NotFound, InstanceNotActive, WalkFailed."""
    tx.load_instance(command.instance_id).require_active()
    kept = oldest_kept(tx, command.message)
    if kept is not None and _hand_over(tx, command.message, orjson.loads(kept.payload)):
        tx.connection.execute(FORGET, {"row_id": kept.id})


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
    subscription_id = tx.connection.scalar(_awaiting(command))
    if subscription_id is None:
        raise NobodyWaits
    element = tx.definition.elements[command.element_id]
    senders = sender_desks(tx.connection, tx.tenant_id, element, instance.parties)
    if not tx.actor.is_system and not tx.actor.desks & senders:
        raise NotYourDesk
    walk = restore(tx)
    before = walk.waits
    fire_overdue(tx, walk)
    if all(waiting.task_id != subscription_id for waiting in walk.waits.subscriptions):
        raise NobodyWaits
    tx.facts.insert(0, MessageDelivered(element.element_id, element.message or "", dict(command.answers)))
    form_id = element.properties.get("form")
    variables = _submit(tx, element, form_id, subscription_id, command.answers) if form_id else {}
    walk.deliver(subscription_id, variables)
    advance(tx, walk, before)


def _awaiting(command: SubmitMessage) -> sa.Select[UUID]:
    """The wait that the sender saw, else the first of that element: one of several may wait in each turn."""
    waits = _subscriptions.c.instance_id == command.instance_id, _subscriptions.c.element_id == command.element_id
    seen = [_subscriptions.c.id == command.subscription_id] if command.subscription_id is not None else []
    return sa.select(_subscriptions.c.id).where(*waits, *seen).order_by(_subscriptions.c.id).limit(1)


def _submit(
    tx: Transaction, element: Element, form_id: str, subscription_id: UUID, answers: Mapping[str, Any]
) -> dict[str, Any]:
    """Keep what was entered; return what of it the process sees."""
    assert tx.instance is not None
    tx.submit(user_task_id=subscription_id, element_id=element.element_id, form_id=form_id, data=answers)
    form = tx.form(form_id)
    return {key: answers[key] for key in form.process_variables if key in answers}


def send(
    tx: Transaction,
    instance_id: UUID,
    message: str,
    payload: Mapping[str, Any],
    *,
    key: str,
    unawaited: Unawaited = Unawaited.KEEP,
) -> None:
    """Leave the delivery of a message to another instance as a job; `key` makes it one delivery."""
    told = {"instance_id": instance_id, "message": message, "payload": dict(payload), "unawaited": unawaited}
    tx.enqueue("engine.message", key, told, instance_id=instance_id)
