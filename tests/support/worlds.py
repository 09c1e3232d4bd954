"""A world for each test of the engine, on SQLite and on PostgreSQL; after each, the log is replayed and compared."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

import engine.models
from engine.clock import CLOCK_ROW
from engine.database import connect
from engine.models import Base, Clock
from engine.transaction import SUBSCRIBERS
from tests.engine.worlds import World
from tests.support.clock import BEGINS, ahead_of
from tests.support.databases import PostgresqlDatabases, create_schema, lend

TABLES = {mapper.local_table for mapper in Base.registry.mappers if mapper.class_.__module__ == engine.models.__name__}


@pytest.fixture(scope="session")
def emptied_postgresql(postgresql_databases: PostgresqlDatabases) -> Iterator[sa.Engine]:
    """One PostgreSQL database for all worlds, emptied after each: copying a template takes ten times as long."""
    for url in lend(postgresql_databases, "schema", create_schema):
        database = connect(url)
        empty(database)
        yield database
        database.dispose()


def empty(database: sa.Engine) -> None:
    """Leave nothing of the engine's."""
    with database.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table in TABLES:
                connection.execute(sa.delete(table))


@pytest.fixture(params=["sqlite", "postgresql"])
def world_database(request: pytest.FixtureRequest) -> Iterator[sa.Engine]:
    """An empty database with the schema."""
    if request.param == "postgresql":
        database: sa.Engine = request.getfixturevalue("emptied_postgresql")
        with database.begin() as connection:
            connection.execute(sa.insert(Clock).values(id=CLOCK_ROW, ahead_seconds=ahead_of(BEGINS)))
        yield database
        empty(database)
        return
    database = connect(request.getfixturevalue("sqlite_url"))
    yield database
    database.dispose()


@pytest.fixture
def engine_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the domain, which other tests of this process may have brought in: a world has none of its rows."""
    for fact, subscribers in list(SUBSCRIBERS.items()):
        own = [one for one in subscribers if one.__module__.startswith("engine.")]
        monkeypatch.setitem(SUBSCRIBERS, fact, own)


@pytest.fixture
def world(world_database: sa.Engine, engine_alone: None, request: pytest.FixtureRequest) -> Iterator[World]:
    """An empty world; a test that is marked `tampers` is not checked afterwards."""
    made = World(world_database)
    yield made
    if "tampers" not in request.keywords:
        made.check()
