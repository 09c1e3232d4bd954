"""Messages that came before somebody waited: handed over one by one, the oldest first, or given up."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.facts import (
    InstanceAdvanced,
    InstanceEnded,
    MessageDelivered,
    MessageExpired,
    SubscriptionCarried,
    SubscriptionOpened,
)
from engine.facts.rows import by_id
from engine.models import KeptMessage
from engine.transaction import Transaction, subscribes

LIFETIME = timedelta(days=400)
"""How long a kept message waits; longer than the year in which a case lives."""

_kept: Any = KeptMessage.__table__
_of_instance = _kept.c.instance_id == sa.bindparam("instance")
FORGET_ALL = sa.delete(_kept).where(_of_instance)
FORGET = sa.delete(_kept).where(by_id(_kept))
KEPT = (
    sa.select(_kept.c.id, _kept.c.message, _kept.c.payload)
    .where(
        _of_instance, _kept.c.message.in_(sa.bindparam("messages", expanding=True)),
        _kept.c.expires_at > sa.bindparam("now"),
    )
    .order_by(_kept.c.expires_at, _kept.c.id)
)  # fmt: skip
"""The oldest first: all are kept for as long."""


def oldest_kept(tx: Transaction, message: str) -> Any:
    """The first of that name which the command's instance keeps; None where there is none."""
    assert tx.instance is not None
    values = {"instance": tx.instance.id, "messages": [message], "now": tx.now}
    return tx.connection.execute(KEPT.limit(1), values).one_or_none()


def hand_over_later(tx: Transaction, message: str) -> None:
    """Leave it to a job to hand over the oldest of that name."""
    assert tx.instance is not None
    key = f"kept:{tx.instance.id}:{tx.instance.sequence + 1}:{message}"
    tx.enqueue("engine.kept_message", key, {"instance_id": tx.instance.id, "message": message})


@subscribes(InstanceAdvanced)
def follow_up(_advanced: InstanceAdvanced, tx: Transaction) -> None:
    """Somebody waits for what came before, or may go on waiting after one of that name: the next is handed over."""
    assert tx.instance is not None
    told = SubscriptionOpened, SubscriptionCarried, MessageDelivered
    awaited = {fact.message for fact in tx.facts if isinstance(fact, told)}
    if not awaited:
        return
    values = {"instance": tx.instance.id, "messages": sorted(awaited), "now": tx.now}
    # Whatever is kept, or kept no longer, changes together with the instance.
    for message in sorted({kept.message for kept in tx.reading.execute(KEPT, values)}):
        hand_over_later(tx, message)


@subscribes(InstanceEnded)
def forget_all(_ended: InstanceEnded, tx: Transaction) -> None:
    """Nobody will wait for them any more."""
    assert tx.instance is not None
    tx.write(FORGET_ALL, {"instance": tx.instance.id})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpireMessage(Command):
    """Give up a kept message that nobody has waited for in its lifetime."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    kept_id: UUID


@handles(ExpireMessage)
def expire_message(command: ExpireMessage, tx: Transaction) -> None:
    """One that was delivered meanwhile, or whose time is not over, stays as it is. Raises NotFound."""
    tx.load_instance(command.instance_id)
    row = tx.connection.execute(
        sa.select(_kept.c.message, _kept.c.payload).where(_kept.c.id == command.kept_id, _kept.c.expires_at <= tx.now)
    ).one_or_none()
    if row is not None:
        tx.record(MessageExpired(row.message, orjson.loads(row.payload)))
        tx.write(FORGET, {"row_id": command.kept_id})
