"""The demo ward, loaded once per session and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases, lend
from tests.support.servers import LiveServer, StartServer, environment_for, run_quytrinh


@pytest.fixture
def demo_url(databases: Databases, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the demo ward, its files in `tmp_path / "data"`; on SQLite and on PostgreSQL."""
    files = tmp_path_factory.getbasetemp() / f"demo-{type(databases).__name__}"
    files.mkdir(exist_ok=True)

    def load(url: str) -> None:
        environment = environment_for(url, files)
        run_quytrinh(environment, "db", "upgrade")
        run_quytrinh(environment, "demo", "load")

    for url in lend(databases, "demo", load):
        shutil.copytree(files, tmp_path / "data")
        yield url


@pytest.fixture
def demo_server(start_server: StartServer, demo_url: str) -> LiveServer:
    """A server with its scheduler on the demo ward; on SQLite and on PostgreSQL."""
    return start_server(demo_url)
