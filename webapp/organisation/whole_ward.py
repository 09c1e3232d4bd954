"""A ward that is there as a whole or not at all: laid out in a database of its own, then copied in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from flask import Flask

from engine.models import Base, Clock, Tenant
from engine.runtime import Runtime
from webapp.app import create_app
from webapp.organisation.models import Committee
from webapp.settings import Settings

THE_SERVER_S_OWN = {"clock", "leases"}
"""Tables that are not a ward's."""
_clock: Any = Clock.__table__


def load_whole(target: Runtime, settings: Settings, fill: Callable[[Runtime], None]) -> bool:
    """Fill an empty database; False if somebody else was quicker. Killed in the middle it is as empty as before.

    Files are kept where they belong at once; those that no row names go by themselves.
    """
    with _beside(settings) as scratch:
        with target.reading() as connection:
            ahead = connection.execute(sa.select(_clock)).mappings().all()
        with scratch.database.begin() as connection:
            Base.metadata.create_all(connection)
            if ahead:
                connection.execute(sa.insert(_clock), [dict(row) for row in ahead])
        fill(scratch)
        with scratch.reading() as read, target.writing() as write:
            return _copy(read, write)


@contextmanager
def _beside(settings: Settings) -> Iterator[Runtime]:
    """An application on a database of its own, gone afterwards; it sends no mail."""
    with TemporaryDirectory(prefix="quytrinh-ward-") as folder:
        url = f"sqlite:///{Path(folder) / 'ward.sqlite3'}"
        app: Flask = create_app(replace(settings, database_url=url, smtp_url=None))
        scratch: Runtime = app.extensions["quytrinh"]
        try:
            with app.app_context():
                yield scratch
        finally:
            scratch.close()


def _copy(read: sa.Connection, write: sa.Connection) -> bool:
    """All rows, unless somebody else was quicker; whether they were."""
    if write.dialect.name == "postgresql":
        write.execute(sa.text(f"LOCK TABLE {Tenant.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))
    if write.scalar(sa.select(Committee.tenant_id).limit(1)) is not None:
        return False
    for table in Base.metadata.sorted_tables:
        if table.name not in THE_SERVER_S_OWN:
            as_made = sa.select(table).order_by(sa.text("rowid"))  # A row before those that refer to it.
            rows = [dict(row) for row in read.execute(as_made).mappings()]
            if rows:
                write.execute(sa.insert(table), rows)
    return True
