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

    def get_bind(self, *_: Any, **__: Any) -> sa.Connection:
        """The connection, taken from the pool for as long as the page reads."""
        if self._connection is None:
            engine = self._db.engine
            connection = engine.connect()
            is_sqlite = engine.dialect.name == "sqlite"
            self._connection = connection if is_sqlite else connection.execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def close(self) -> None:
        """Give the connection back."""
        super().close()
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the Runtime's own engine, so that both speak to the database in one way."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        return connect(sa.make_url(options["url"]).render_as_string(hide_password=False))


db = Database(metadata=Base.metadata, session_options={"class_": PageSession})


def rows_of(read: Session, statement: Any, values: Values) -> list[Any]:
    """The rows of a statement that was made once, for pages that are asked for all day."""
    return fetch(connection_of(read), statement, values)


def connection_of(read: Session) -> sa.Connection:
    """The session's own connection."""
    return read.get_bind() if isinstance(read, PageSession) else read.connection()
