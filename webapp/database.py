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
EACH_ALONE = {"isolation_level": "AUTOCOMMIT"}


def rows_of(read: Session, statement: Any, values: Values) -> list[Any]:
    """The rows of a statement that was made once, for pages that are asked for all day."""
    return fetch(connection_of(read), statement, values)


def connection_of(read: Session) -> sa.Connection:
    """The session's own connection, asked for once: a page has some fifteen statements.

    PostgreSQL shows each statement what is committed by then, in a transaction or not: a page that reads is spared it.
    """
    known: sa.Connection | None = read.info.get(CONNECTION)
    if known is None or known.closed:
        alone = _begins_alone(read)
        known = read.info[CONNECTION] = read.connection(execution_options=EACH_ALONE if alone else None)
    return known


def _begins_alone(read: Session) -> bool:
    bind = read.get_bind()
    return isinstance(bind, sa.Engine) and bind.dialect.name == "postgresql" and not read.in_transaction()
