"""A ward that is there as a whole or not at all: laid out in a database of its own, then copied in one transaction."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from flask import Flask

from engine.errors import Kind, Rejected
from engine.models import Base, Clock, Tenant
from engine.runtime import Runtime
from webapp.app import create_app
from webapp.organisation.models import Committee
from webapp.settings import Settings

THE_SERVER_S_OWN = {"clock", "leases"}
"""Tables that are not a ward's."""
_clock: Any = Clock.__table__


class WardExists(Rejected):
    kind = Kind.CONFLICT
    message = "Cơ sở dữ liệu này đã có phường. Thêm một phường nữa vào đây thì chạy lại với --another."


def require_no_ward(connection: sa.Connection) -> None:
    """Raises WardExists."""
    if connection.scalar(sa.select(Committee.tenant_id).limit(1)) is not None:
        raise WardExists


def load_whole(
    target: Runtime,
    settings: Settings,
    fill: Callable[[Runtime], None],
    require_place: Callable[[sa.Connection], None] = require_no_ward,
) -> None:
    """Lay a ward out and bring it in. Killed in the middle the database is as it was before.

    Raises what `require_place` does, by which somebody else may have been quicker. Files are kept where they belong at
    once; those that no row names go by themselves.
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
            _wait_for_others(write)
            require_place(write)
            _copy(read, write)


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


def _wait_for_others(write: sa.Connection) -> None:
    if write.dialect.name == "postgresql":
        write.execute(sa.text(f"LOCK TABLE {Tenant.__tablename__} IN SHARE ROW EXCLUSIVE MODE"))


def _copy(read: sa.Connection, write: sa.Connection) -> None:
    for table in Base.metadata.sorted_tables:
        if table.name not in THE_SERVER_S_OWN:
            as_made = sa.select(table).order_by(sa.text("rowid"))  # A row before those that refer to it.
            rows = [dict(row) for row in read.execute(as_made).mappings()]
            if rows:
                write.execute(sa.insert(table), rows)
