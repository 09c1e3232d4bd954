"""The request's database session: it only reads."""

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy.orm import Session

from engine.database import connect
from engine.models import Base
from engine.statements import Values, fetch


class PageSession(FlaskSession):
    """Reads by one connection, which statements that were made once are handed to as they are.

    Each statement sees what is committed by then: a page is spared a transaction.
    """

    _connection: sa.Connection | None = None
    _uses_orm = False

    @property
    def connection_at_hand(self) -> sa.Connection:
        """The connection, taken from the pool for as long as the page reads."""
        if self._connection is None:
            self._connection = self._db.engine.connect()
        return self._connection

    def rows_of(self, statement: Any, values: Values) -> list[Any]:
        """The rows of a statement that was made once."""
        return fetch(self.connection_at_hand, statement, values)

    @property
    def idle_connection(self) -> sa.Connection | None:
        """The connection, where the ORM has not begun anything on it."""
        connection = self.connection_at_hand
        return None if self._uses_orm or connection.in_transaction() else connection

    def get_bind(self, *_: Any, **__: Any) -> sa.Connection:
        """The same for SQLAlchemy's own statements, around which it would begin a transaction."""
        connection = self.connection_at_hand
        if not self._uses_orm and connection.dialect.name != "sqlite":
            if (begun := connection.get_transaction()) is not None:
                begun.close()  # of what was read on the way: an open transaction keeps its level
            connection.execution_options(isolation_level="AUTOCOMMIT")
        self._uses_orm = True
        return connection

    def close(self) -> None:
        """Give the connection back."""
        if self._uses_orm:
            super().close()
        if self._connection is not None:
            self._connection.close()
            self._connection, self._uses_orm = None, False


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the Runtime's own engine, so that both speak to the database in one way."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        return connect(sa.make_url(options["url"]).render_as_string(hide_password=False))


db = Database(metadata=Base.metadata, session_options={"class_": PageSession})


def rows_of(read: Session, statement: Any, values: Values) -> list[Any]:
    """The rows of a statement that was made once, for pages that are asked for all day."""
    if isinstance(read, PageSession):
        return read.rows_of(statement, values)
    return fetch(read.connection(), statement, values)


def connection_of(read: Session) -> sa.Connection:
    """The session's own connection."""
    return read.connection_at_hand if isinstance(read, PageSession) else read.connection()


def idle_connection_of(read: Session) -> sa.Connection | None:
    """The same for a command to go on by, where nothing was read by it but statements that were made once."""
    return read.idle_connection if isinstance(read, PageSession) else None
