"""`quytrinh` in a process of its own, forked from one that has loaded it: loading takes five times as long as the rest.

From there on it is what an operator starts: its own environment, log, signals and end.
"""

import ctypes
import gc
import os
import select
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.obedient import Obedient

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Birth:
    """What to run, and where it says what it has to say."""

    arguments: list[str]
    environment: dict[str, str]
    log: Path


@dataclass(frozen=True)
class Death:
    """Whose end is asked about."""

    pid: int


class Forked:
    """A process of the nursery, to be handled like a `subprocess.Popen`."""

    def __init__(self, nursery: "Nursery", arguments: list[str], pid: int) -> None:
        self.args, self.pid = arguments, pid
        self._nursery = nursery
        self._end = os.pidfd_open(pid)
        self._code: int | None = None

    def send_signal(self, how: int) -> None:
        """Does nothing to one that has ended."""
        if self.poll() is None:
            os.kill(self.pid, how)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit code. Raises TimeoutExpired."""
        if self._code is None:
            if timeout is not None and not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout)
            self._code = self._nursery.death_of(self.pid)
            os.close(self._end)
        return self._code


class Nursery:
    """Starts the process that loads and forks."""

    def __init__(self) -> None:
        self._process = Obedient("tests.support.nursery:carry_out")

    def start(self, arguments: list[str], log: Path, environment: dict[str, str]) -> Forked:
        """Run `quytrinh` with these arguments; it dies with the tests, even when they are killed."""
        return Forked(self, arguments, self._process.ask(Birth(arguments, environment, log)))

    def death_of(self, pid: int) -> int:
        """Wait for the end of a process; its exit code."""
        code: int = self._process.ask(Death(pid))
        return code

    def close(self) -> None:
        """End the process."""
        self._process.close()


def carry_out(order: Birth | Death) -> int:
    """The other side."""
    if isinstance(order, Death):
        return os.waitstatus_to_exitcode(os.waitpid(order.pid, 0)[1])
    _load()
    child = os.fork()
    if not child:
        _live(order)
    return child


def _load() -> None:
    """Once, like the master of gunicorn for its workers."""
    import migrations  # noqa: F401
    import webapp.serving  # noqa: F401
    from webapp.app import load_capabilities

    load_capabilities()
    gc.freeze()


def _live(order: Birth) -> None:
    """Leaves by SystemExit, as the program does: what asks for orders must not take it for its own."""
    from webapp.cli import main

    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)
    nothing, log = os.open(os.devnull, os.O_RDONLY), os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for given, taken in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(given, taken)
    os.environ.clear()
    os.environ.update(order.environment)
    try:
        main(order.arguments, prog_name="quytrinh")
    except Exception:
        traceback.print_exc()
        sys.exit(1)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where servers are born; it loads the application when the first is asked for."""
    made = Nursery()
    yield made
    made.close()
