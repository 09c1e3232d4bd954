"""The real server in a process of its own, with what `make run` gives it."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.support.nursery import Nursery
from tests.support.processes import Process, start, stop, wait_until
from webapp.settings import Settings

QUYTRINH = Path(sys.executable).parent / "quytrinh"
PORTS = count(os.getpid() * 97)
"""Each process of the tests begins elsewhere."""
OURS = {"MAX_UPLOAD_MB", *(name.upper() for name in Settings.__slots__)}


@dataclass(frozen=True)
class LiveServer:
    """A running `quytrinh serve`."""

    url: str
    data_dir: Path
    log: Path
    environment: dict[str, str]
    process: Process

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def run(self, *arguments: str) -> str:
        """Run `quytrinh …` against the same database and folder; return what it prints."""
        return run_quytrinh(self.environment, *arguments)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it before its time; SIGKILL for a crash."""
        return stop(self.process, how)


StartServer = Callable[..., LiveServer]
"""`start_server(database_url, *options, port=None, from_nothing=False, **environment)`."""


def environment_for(database_url: str, data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a quytrinh of one's own: nothing of the developer's, a movable clock."""
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    own = {"DATABASE_URL": database_url, "DATA_DIR": str(data_dir), "SECRET_KEY": "0" * 64, "MOVABLE_CLOCK": "1"}
    return inherited | own | more


def run_quytrinh(environment: dict[str, str], *arguments: str) -> str:
    """Run `quytrinh …` to its end; return what it prints, fail with what it complains of."""
    done = subprocess.run([QUYTRINH, *arguments], env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"quytrinh {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    """A port that nobody listens on, below those that the system may give to anybody before the server has it."""
    while True:
        port = 11_000 + next(PORTS) % 20_000
        with closing(socket.socket()) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def answers(port: int) -> bool:
    """Whether the server answers a request, whatever it says."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        return True


@contextmanager
def serving(nursery: Nursery, folder: Path) -> Iterator[StartServer]:
    """Starts servers: `start_server(database_url, "--no-scheduler", SMTP_URL=…, DATA_DIR=…)`. Ready when it returns.

    `port` puts one where another has stopped. Each has one web process, unless `--workers` asks for more. With
    `from_nothing` it loads the application itself, and is as an operator gets it.
    """
    servers: list[LiveServer] = []

    def start_one(
        database_url: str, *options: str, port: int | None = None, from_nothing: bool = False, **more: str
    ) -> LiveServer:
        port, number = port or free_port(), len(servers) + 1
        url, data_dir = f"http://127.0.0.1:{port}", Path(more.get("DATA_DIR", folder / "data"))
        environment = environment_for(database_url, data_dir, **({"BASE_URL": url} | more))
        log = folder / f"server-{number}.log"
        serve = ["serve", "--port", str(port)]
        if from_nothing:
            process: Process = start([str(QUYTRINH), *serve, *options], log, env=environment)
        else:
            process = nursery.start([*serve, "--workers", "1", *options], log, environment)
        servers.append(LiveServer(url, data_dir, log, environment, process))
        wait_until(lambda: answers(port), process, log)
        return servers[-1]

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture
def start_server(nursery: Nursery, tmp_path: Path) -> Iterator[StartServer]:
    """See `serving`; for one test."""
    with serving(nursery, tmp_path) as start_one:
        yield start_one


@pytest.fixture
def live_server(start_server: StartServer, database_url: str) -> LiveServer:
    """A server with its scheduler on a fresh database (without the demo ward); on SQLite and on PostgreSQL."""
    return start_server(database_url)
