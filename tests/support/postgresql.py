"""A PostgreSQL server of one's own, from Debian's package: on a socket in a temporary folder, no port, no settings."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.processes import SETPRIV, start, stop, wait_until

USER = "postgres"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # Nothing here outlives the tests.
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "autovacuum": "off",
}
COPY = "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy"
"""Files as they are: by default each of their pages goes through the log, which takes half as long again."""


@dataclass(frozen=True)
class PostgresqlServer:
    """A running server that trusts whoever reaches its socket."""

    folder: Path

    def url(self, database: str) -> str:
        """The address of a database, as DATABASE_URL takes it."""
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement outside of any transaction, as CREATE DATABASE asks."""
        with psycopg.connect(self.url(USER), autocommit=True) as connection:
            connection.execute(statement.encode())

    def answers(self) -> bool:
        """Whether the server takes connections."""
        try:
            psycopg.connect(self.url(USER)).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def postgresql() -> Iterator[PostgresqlServer]:
    """Run a server (about 1.5 s to start)."""
    folder = Path(tempfile.mkdtemp(prefix="quytrinh-"))
    try:
        with running(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(folder: Path) -> Iterator[PostgresqlServer]:
    """Initialise a cluster in `folder` and run it."""
    initialise(folder)
    with serving(folder) as server:
        yield server


def initialise(folder: Path) -> None:
    """Make a cluster in `folder`. PostgreSQL refuses to run as root, so root becomes `postgres`."""
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    command = ["initdb", "-D", str(folder / "cluster"), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    program, *options = [*command, "--locale=C.UTF-8"]
    become = [SETPRIV, f"--reuid={USER}", f"--regid={USER}", "--init-groups"] if os.geteuid() == 0 else []
    whole = [*become, str(newest_programs() / program), *options]
    subprocess.run(whole, check=True, capture_output=True, cwd=folder)


@contextmanager
def serving(folder: Path) -> Iterator[PostgresqlServer]:
    """Run the server of a cluster; once more after it was stopped, with what it holds."""
    settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
    command = [str(newest_programs() / "postgres"), "-D", str(folder / "cluster"), "-k", str(folder), *settings]
    log, server = folder / "log", PostgresqlServer(folder)
    process = start(command, log, user=USER if os.geteuid() == 0 else None)
    try:
        wait_until(server.answers, process, log)
        yield server
    finally:
        stop(process, signal.SIGINT)  # PostgreSQL's fast shutdown: it waits for nobody.


def newest_programs() -> Path:
    """Where Debian keeps the server's programs; they are not on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "PostgreSQL is not installed: `make test` does it, or apt-get install postgresql."
    return found[-1]
