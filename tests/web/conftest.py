"""What tests over HTTP ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.database import connect
from engine.runtime import Runtime
from tests.support.databases import Databases, create_schema, lend
from tests.support.demo import LoadedDemo
from tests.support.servers import environment_for
from tests.web.demo_wards import WorkingWard, working_ward
from tests.web.wards import Ward
from webapp.app import create_app
from webapp.demo.organisation import DemoWard, load_organisation
from webapp.settings import Settings

_loaded: dict[str, DemoWard] = {}


@pytest.fixture
def ward(databases: Databases, tmp_path: Path) -> Iterator[Ward]:
    """The application on the demo ward's organisation, without plans; on SQLite and on PostgreSQL."""
    kind = type(databases).__name__

    def load(url: str) -> None:
        create_schema(url)
        engine = connect(url)
        runtime = Runtime(engine, movable_clock=True)
        with runtime.reading() as connection:
            now = runtime.now(connection)
        _loaded[kind] = load_organisation(runtime, now)
        runtime.close()

    for url in lend(databases, "organisation", load):
        app = create_app(Settings.from_environment(environment_for(url, tmp_path / "data")))
        yield Ward(app, _loaded[kind])
        app.extensions["quytrinh"].close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def at_work(
    request: pytest.FixtureRequest, loaded_demo: LoadedDemo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkingWard]:
    """The whole demo ward, one for all tests of a module; on SQLite and on PostgreSQL."""
    databases = request.getfixturevalue(f"{request.param}_databases")
    with working_ward(loaded_demo, databases, tmp_path_factory.mktemp("data")) as ward:
        yield ward
