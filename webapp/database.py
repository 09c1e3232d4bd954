"""The request's database session: it only reads."""

from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Session

from engine.database import connect
from engine.models import Base
from engine.statements import Values, fetch


class Database(SQLAlchemy):
    """Flask-SQLAlchemy on the Runtime's own engine, so that both speak to the database in one way."""

    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Any) -> sa.Engine:
        return connect(sa.make_url(options["url"]).render_as_string(hide_password=False))


db = Database(metadata=Base.metadata)


CONNECTION = "connection"


def rows_of(read: Session, statement: Any, values: Values) -> list[Any]:
    """The rows of a statement that was made once, for pages that are asked for all day."""
    return fetch(_connection(read), statement, values)


def _connection(read: Session) -> sa.Connection:
    """The session's own, asked for once: a page has some fifteen statements."""
    known: sa.Connection | None = read.info.get(CONNECTION)
    if known is None or known.closed:
        known = read.info[CONNECTION] = read.connection()
    return known
