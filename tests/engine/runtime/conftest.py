"""A world for each test, on SQLite and on PostgreSQL; after each, the log is replayed and compared."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.engine.worlds import World


@pytest.fixture
def world(database: sa.Engine, request: pytest.FixtureRequest) -> Iterator[World]:
    made = World(database)
    yield made
    if "tampers" not in request.keywords:
        made.check()
