"""Looking at a case as commands see it, without writing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from engine.command import Actor
from engine.transaction import Transaction

if TYPE_CHECKING:
    from engine.runtime import Runtime


class Looking(Transaction):
    """A transaction that is never written: it need not lock what it reads."""

    def __init__(self, runtime: Runtime, connection: sa.Connection, actor: Actor, now: datetime) -> None:
        super().__init__(runtime, connection, actor, now, ahead=True)

    @property
    def locks(self) -> bool:
        return False
