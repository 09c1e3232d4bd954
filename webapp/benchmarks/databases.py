"""Databases of one's own to measure on: nothing of the ward's data is read or written."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Protocol

import sqlalchemy as sa

import migrations
from engine.database import connect
from webapp.settings import Settings


class Server(Protocol):
    """Gives empty databases with the schema."""

    kind: str

    def database(self, folder: Path) -> AbstractContextManager[str]:
        """The address of one, gone afterwards."""


def servers() -> Iterator[Server]:
    """SQLite, and PostgreSQL where DATABASE_URL names a server."""
    yield SqliteFiles()
    configured = sa.make_url(Settings.from_environment().database_url)
    if configured.get_backend_name() == "postgresql":
        yield PostgresqlServer(configured)


class SqliteFiles:
    """Files in a folder."""

    kind = "sqlite"

    @contextmanager
    def database(self, folder: Path) -> Iterator[str]:
        """A file with the schema."""
        url = f"sqlite:///{folder / 'bench.sqlite3'}"
        migrations.upgrade(url)
        yield url


@dataclass
class PostgresqlServer:
    """The server of DATABASE_URL."""

    server: sa.URL
    kind: str = "postgresql"

    @contextmanager
    def database(self, folder: Path) -> Iterator[str]:
        """A database beside the configured one, with the schema."""
        name = f"quytrinh_bench_{token_hex(4)}"
        administrating = connect(self.server.render_as_string(hide_password=False), isolation_level="AUTOCOMMIT")
        with administrating.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = self.server.set(database=name).render_as_string(hide_password=False)
        try:
            migrations.upgrade(url)
            yield url
        finally:
            with administrating.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            administrating.dispose()
