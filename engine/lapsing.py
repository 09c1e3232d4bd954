"""What lapses by itself: messages that were kept for somebody who never waited."""

from typing import Any

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.kept_messages import ExpireMessage
from engine.models import KeptMessage
from engine.runtime import Runtime

_kept: Any = KeptMessage.__table__


def expire_messages(runtime: Runtime, limit: int = 1_000) -> int:
    """Give up kept messages whose lifetime is over, each in a transaction of its own; return how many were looked at.

    A suspended case's too: its lifetime is told in days, and the history says what did not reach it.
    """
    with runtime.reading() as connection:
        lapsed = sa.select(_kept.c.id, _kept.c.tenant_id, _kept.c.instance_id).where(
            _kept.c.expires_at <= runtime.now(connection)
        )
        rows = connection.execute(lapsed.order_by(_kept.c.expires_at).limit(limit)).all()
    for row in rows:
        command = ExpireMessage(instance_id=row.instance_id, kept_id=row.id)
        runtime.execute(command, actor=Actor.system(row.tenant_id))
    return len(rows)
