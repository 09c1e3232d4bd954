"""Fresh databases with the whole schema, for a few milliseconds each: copies of a template made once per session."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa

import migrations
from engine.database import connect
from tests.support.clock import BEGINS, PREPARED, set_clock
from tests.support.postgresql import COPY, PostgresqlServer, postgresql

Fill = Callable[[str], None]
"""Fills an empty database, given its address."""


class Databases(Protocol):
    """Makes databases of one kind."""

    def copy(self, template: str, fill: Fill) -> str:
        """The address of a fresh copy of a template, which `fill` makes when it is first asked for."""

    def drop(self, url: str) -> None:
        """Remove a copy."""


class SqliteDatabases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = itertools.count(1)

    def copy(self, template: str, fill: Fill) -> str:
        original = self._folder / f"{template}.sqlite3"
        if not original.exists():
            making = self._folder / f"{template}.making"
            making.touch()
            fill(f"sqlite:///{making}")
            making.rename(original)
        copy = self._folder / f"{template}-{next(self._number)}.sqlite3"
        shutil.copyfile(original, copy)
        return f"sqlite:///{copy}"

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()


class PostgresqlDatabases:
    def __init__(self, server: PostgresqlServer) -> None:
        self._server = server
        self._number = itertools.count(1)
        self._templates: set[str] = set()

    def copy(self, template: str, fill: Fill) -> str:
        if template not in self._templates:
            self._server.execute(f"CREATE DATABASE template_{template}")
            fill(self._server.url(f"template_{template}"))
            self._templates.add(template)
        name = f"{template}_{next(self._number)}"
        self._server.execute(COPY.format(name, f"template_{template}"))
        return self._server.url(name)

    def drop(self, url: str) -> None:
        name = sa.make_url(url).database
        self._server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def create_schema(url: str) -> None:
    """The schema as an installation gets it: by the migrations; what is put into it next was done before the test."""
    migrations.upgrade(url)
    set_clock(url, PREPARED)


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """Makes SQLite databases."""
    return SqliteDatabases(tmp_path_factory.mktemp("databases"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A PostgreSQL server, one per test process, started when the first test asks for it."""
    with postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: PostgresqlServer) -> PostgresqlDatabases:
    """Makes PostgreSQL databases."""
    return PostgresqlDatabases(postgresql_server)


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases) -> Iterator[str]:
    """The address of a fresh SQLite database with the schema."""
    yield from lend(sqlite_databases, "schema", create_schema)


@pytest.fixture
def postgresql_url(postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """The address of a fresh PostgreSQL database with the schema."""
    yield from lend(postgresql_databases, "schema", create_schema)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Makes databases of either kind: whoever uses this runs twice."""
    made: Databases = request.getfixturevalue(f"{request.param}_databases")
    return made


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a fresh database with the schema; the test runs on SQLite and on PostgreSQL."""
    yield from lend(databases, "schema", create_schema)


@pytest.fixture
def database(database_url: str) -> Iterator[sa.Engine]:
    """A fresh database, connected the way the Runtime wants it; on SQLite and on PostgreSQL."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


def lend(databases: Databases, template: str, fill: Fill) -> Iterator[str]:
    """A copy for the duration of a fixture."""
    url = databases.copy(template, fill)
    set_clock(url, BEGINS)
    yield url
    databases.drop(url)


@contextmanager
def on_connect(database: sa.Engine, do: Callable[[Any], Any]) -> Iterator[None]:
    """Meanwhile this is done to each of the driver's connections, all of them made anew."""

    def listen(connection: Any, _record: Any) -> None:
        do(connection)

    sa.event.listen(database, "connect", listen)
    database.dispose()
    try:
        yield
    finally:
        sa.event.remove(database, "connect", listen)
        database.dispose()


def full(database: sa.Engine) -> AbstractContextManager[None]:
    """As when the disk is full: an SQLite file that may not grow beyond what there is."""
    return on_connect(database, lambda connection: connection.execute("PRAGMA max_page_count = 1"))
