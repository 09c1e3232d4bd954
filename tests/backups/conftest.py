"""What tests of backups may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups.places import Place, place
from tests.engine.drawings import WRITE_AND_CHECK
from tests.support.databases import Databases, create_schema
from tests.support.servers import environment_for
from webapp.backups.making import back_up
from webapp.settings import Settings


@pytest.fixture
def here(databases: Databases, tmp_path: Path) -> Iterator[Place]:
    url = databases.copy("schema", create_schema)
    made = place(url, tmp_path / "here")
    made.world.deploy(WRITE_AND_CHECK)
    made.work()
    yield made
    made.world.database.dispose()
    databases.drop(url)


@pytest.fixture
def elsewhere(databases: Databases, tmp_path: Path) -> Iterator[Settings]:
    """An empty database and folder."""
    url = databases.copy("schema", create_schema)
    yield Settings.from_environment(environment_for(url, tmp_path / "elsewhere"))
    databases.drop(url)


@pytest.fixture
def ward(postgresql_url: str, tmp_path: Path) -> Iterator[Place]:
    """One case, its backup in `backup.zip`, and another case since."""
    made = place(postgresql_url, tmp_path / "here")
    made.world.deploy(WRITE_AND_CHECK)
    made.work()
    back_up(made.settings, tmp_path / "backup.zip", made.world.now)
    made.work()
    yield made
    made.world.database.dispose()
