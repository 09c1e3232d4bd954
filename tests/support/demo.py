"""The demo ward, loaded once per session and copied for each test."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.databases import Databases, create_schema, lend
from tests.support.servers import LiveServer, StartServer, environment_for
from webapp import demo
from webapp.app import create_app
from webapp.settings import Settings


@dataclass(frozen=True)
class LoadedDemo:
    """Where the files of the loaded ward are kept."""

    folder: Path

    def lend(self, databases: Databases, data_dir: Path) -> Iterator[str]:
        """A copy of the ward's database, and of its files in `data_dir`."""
        files = self.folder / type(databases).__name__

        def load(url: str) -> None:
            create_schema(url)
            app = create_app(Settings.from_environment(environment_for(url, files)))
            demo.load(app)
            app.extensions["quytrinh"].close()

        for url in lend(databases, "demo", load):
            shutil.copytree(files, data_dir, dirs_exist_ok=True)
            yield url


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> LoadedDemo:
    """Lends copies of the demo ward, as `quytrinh demo load` makes it, to fixtures of any scope."""
    return LoadedDemo(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def demo_url(databases: Databases, loaded_demo: LoadedDemo, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the demo ward, its files in `tmp_path / "data"`; on SQLite and on PostgreSQL."""
    yield from loaded_demo.lend(databases, tmp_path / "data")


@pytest.fixture
def demo_server(start_server: StartServer, demo_url: str) -> LiveServer:
    """A server with its scheduler on the demo ward; on SQLite and on PostgreSQL."""
    return start_server(demo_url)
