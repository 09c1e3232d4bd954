"""Kept messages whose lifetime is over: nobody ever waited for them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.commands.kept_messages import ExpireMessage
from engine.models import KeptMessage, ProcessInstance
from engine.runtime import Runtime

_kept: Any = KeptMessage.__table__
_instances: Any = ProcessInstance.__table__


@dataclass(frozen=True, slots=True)
class ExpiredMessage:
    """A kept message whose lifetime is over."""

    message: str
    case: str
    command: ExpireMessage  # which gives it up


def expired_messages(runtime: Runtime, tenant_id: UUID) -> list[ExpiredMessage]:
    """What is to be given up, the oldest first; all of them, so that none that fails is ever in the way of others.

    A suspended case's too: its lifetime is told in days, and the history says what did not reach it.
    """
    with runtime.reading() as connection:
        expired = (
            sa.select(_kept.c.message, _instances.c.title, _kept.c.instance_id, _kept.c.id)
            .join(_instances, _instances.c.id == _kept.c.instance_id)
            .where(_kept.c.tenant_id == tenant_id, _kept.c.expires_at <= runtime.now(connection))
            .order_by(_kept.c.expires_at)
        )
        rows = connection.execute(expired).all()
    return [
        ExpiredMessage(row.message, row.title, ExpireMessage(instance_id=row.instance_id, kept_id=row.id))
        for row in rows
    ]
