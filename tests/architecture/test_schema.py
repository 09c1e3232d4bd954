"""The schema by migrations is the schema of the models, on both databases."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

import migrations
from engine.database import connect
from engine.errors import InvalidConfiguration
from tests.architecture.sources import ROOT
from tests.support.databases import Databases
from tests.support.nursery import Nursery
from tests.support.servers import environment_for
from webapp.models import Base


@pytest.fixture
def empty_url(databases: Databases):
    url = databases.copy("empty", lambda url: None)
    yield url
    databases.drop(url)


def test_migrations_make_what_the_models_say(database_url) -> None:
    assert migrations.differences(database_url) == []


def test_postgresql_leaves_the_room_that_the_models_ask_for(postgresql_url) -> None:
    asked = {
        name: [f"fillfactor={room['fillfactor']}"]
        for name, table in Base.metadata.tables.items()
        if (room := table.dialect_options["postgresql"]["with"])
    }
    kept = "SELECT relname, reloptions FROM pg_class WHERE relkind = 'r' AND reloptions IS NOT NULL"
    engine = connect(postgresql_url)
    with engine.connect() as connection:
        assert dict(tuple(row) for row in connection.execute(sa.text(kept))) == asked != {}
    engine.dispose()


def test_an_empty_database_has_no_revision(empty_url) -> None:
    assert migrations.current(empty_url) is None


def test_several_processes_may_upgrade_at_once(empty_url, nursery: Nursery, tmp_path: Path) -> None:
    environment = environment_for(empty_url, tmp_path)
    upgrades = [nursery.start(["db", "upgrade"], tmp_path / "log", environment) for _ in range(3)]
    assert [upgrade.wait() for upgrade in upgrades] == [0, 0, 0]
    assert migrations.differences(empty_url) == []


IMPATIENT = """
import sys, engine.database, migrations
from multiprocessing import get_context
engine.database.BUSY_TIMEOUT_MS = 20
upgrades = [get_context("fork").Process(target=migrations.upgrade, args=sys.argv[1:]) for _ in range(3)]
for upgrade in upgrades: upgrade.start()
for upgrade in upgrades: upgrade.join()
print(*(upgrade.exitcode for upgrade in upgrades))
"""


def test_an_upgrade_is_waited_for_longer_than_a_step(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/q.sqlite3"
    with connect(url).connect():
        assert subprocess.check_output([sys.executable, "-c", IMPATIENT, url], cwd=ROOT, text=True) == "0 0 0\n"
    assert migrations.differences(url) == []


def test_an_upgrade_again_loses_nothing(database_url) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE clock SET ahead_seconds = 42"))
    migrations.upgrade(database_url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT ahead_seconds FROM clock")) == 42
    engine.dispose()


def test_a_database_of_a_later_version_is_refused(database_url) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'later'"))
    engine.dispose()
    with pytest.raises(InvalidConfiguration):
        migrations.upgrade(database_url)
