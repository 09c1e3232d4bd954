"""Databases of one's own to measure on: nothing of the ward's data is read or written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import sqlalchemy as sa

import migrations
from engine.database import connect
from webapp.settings import Settings


def temporary_databases(folder: Path) -> Iterator[str]:
    """The addresses of empty databases with the schema: SQLite, and PostgreSQL where DATABASE_URL names a server."""
    sqlite = f"sqlite:///{folder / 'bench.sqlite3'}"
    migrations.upgrade(sqlite)
    yield sqlite
    configured = sa.make_url(Settings.from_environment().database_url)
    if configured.get_backend_name() == "postgresql":
        with _postgresql(configured) as url:
            migrations.upgrade(url)
            yield url


@contextmanager
def _postgresql(server: sa.URL) -> Iterator[str]:
    name = f"quytrinh_bench_{token_hex(4)}"
    administrating = connect(server.render_as_string(hide_password=False), isolation_level="AUTOCOMMIT")
    with administrating.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with administrating.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        administrating.dispose()
