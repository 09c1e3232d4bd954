"""Messages that came too early and whose time is over: told in the history, then gone."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.facts import MessageExpired
from engine.facts.rows import by_id
from engine.models import KeptMessage
from engine.transaction import Transaction

_kept: Any = KeptMessage.__table__
FORGET = sa.delete(_kept).where(by_id(_kept))


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
