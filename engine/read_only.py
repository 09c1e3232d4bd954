"""Reading a case as commands read it, without writing."""

from datetime import datetime

import sqlalchemy as sa

from engine.command import Actor
from engine.library import Library
from engine.transaction import Transaction


class ReadOnlyTransaction(Transaction):
    """A transaction that is never written: it need not lock what it reads."""

    def __init__(self, library: Library, connection: sa.Connection, actor: Actor, now: datetime) -> None:
        super().__init__(library, connection, actor, now, ahead=True)

    @property
    def locks(self) -> bool:
        return False
