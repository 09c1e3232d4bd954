"""A process that does one act and is killed at a chosen point of it.

The points lie between every two effects: before each statement that writes, before and after each commit, before each
file that is made, renamed or removed, and before each thing said to a mail server. Python's audit events and the
database driver's calls tell them, so that the product needs no code for it.
"""

import os
import re
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import psycopg
import sqlalchemy as sa
from psycopg.pq import TransactionStatus
from sqlalchemy.engine.default import DefaultDialect

from engine.postgresql import Client
from tests.support.obedient import Obedient

NEVER = 0
WRITING = os.O_WRONLY | os.O_RDWR
CHANGE = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM)\s+(\w+)")
ON_DISK = {"os.rename", "os.remove", "os.mkdir"}


@dataclass(frozen=True)
class Order:
    act: Callable[[], object]
    deadly: int = NEVER
    """Which point kills, counted from 1."""
    folder: str = "?"
    """Where files count as effects."""


@dataclass(frozen=True)
class Life:
    points: list[str]
    """What the process came by, by name."""
    was_killed: bool


class Points:
    """Says on a pipe which points were reached, and dies at one."""

    def __init__(self, order: Order, pipe: int) -> None:
        self._deadly, self._folder, self._pipe, self._reached = order.deadly, order.folder, pipe, 0

    def reach(self, name: str) -> None:
        """Here the process may die."""
        os.write(self._pipe, f"{name}\n".encode())
        self._reached += 1
        if self._reached == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        """Hear of every effect of this process from now on: SQLite tells of statements itself, psycopg is asked."""
        sa.event.listen(sa.Engine, "connect", self._listen)
        psycopg.Cursor.execute = self._before(psycopg.Cursor.execute)  # type: ignore[method-assign]
        psycopg.Cursor.executemany = self._before(psycopg.Cursor.executemany)  # type: ignore[method-assign]
        begin = Client.__init__

        def watched_client(client: Client, connection: Any) -> None:
            begin(client, connection)
            client._pg = cast("Any", WatchedServer(client, self))

        Client.__init__ = watched_client  # type: ignore[method-assign]
        commit = DefaultDialect.do_commit

        def watched(dialect: Any, connection: Any) -> None:
            self.reach("before COMMIT")
            commit(dialect, connection)
            self.reach("after COMMIT")

        DefaultDialect.do_commit = watched  # type: ignore[method-assign]
        sys.addaudithook(self._audit)

    def _listen(self, connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.set_trace_callback(self.come_by)

    def _before(self, execute: Callable[..., Any]) -> Any:
        def watched(cursor: Any, statement: Any, *values: Any, **options: Any) -> Any:
            self.come_by(str(statement))
            return execute(cursor, statement, *values, **options)

        return watched

    def come_by(self, statement: str) -> None:
        """A statement that is about to be sent, if it writes."""
        if change := CHANGE.match(statement):
            self.reach(f"before {change[1]} {change[2]}")

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "smtplib.send":
            self.reach(f"before mail {bytes(arguments[1])[:4].decode(errors='replace').strip()}")
        elif event in ON_DISK and str(arguments[0]).startswith(self._folder):
            self.reach(f"before {event}")
        elif event == "open" and arguments[2] & WRITING and str(arguments[0]).startswith(self._folder):
            self.reach("before open")


class WatchedServer:
    """libpq of the hot path: what was sent before a point, the server has; a commit may be sent and never answered.

    A trip is a transaction of its own, which its end commits, unless one was begun, or is ended in it.
    """

    def __init__(self, client: Client, points: Points) -> None:
        self._client, self._points, self._pg = client, points, client._pg
        self._commits = self._has_committed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pg, name)

    def enter_pipeline_mode(self) -> None:
        self._commits, self._has_committed = self._pg.transaction_status == TransactionStatus.IDLE, False
        self._pg.enter_pipeline_mode()

    def exec_prepared(self, name: bytes, *rest: Any) -> Any:
        self._points.come_by(self._text(name))
        return self._pg.exec_prepared(name, *rest)

    def send_query_prepared(self, name: bytes, *rest: Any) -> None:
        self._hand_over()
        self._points.come_by(self._text(name))
        self._pg.send_query_prepared(name, *rest)

    def send_query_params(self, command: bytes, *rest: Any) -> None:
        self._commits = False
        if command == b"COMMIT":
            self._pipe_commits()
        self._pg.send_query_params(command, *rest)

    def pipeline_sync(self) -> None:
        if self._commits:
            self._pipe_commits()
        self._pg.pipeline_sync()
        if self._has_committed:
            self._pg.flush()
            self._points.reach("before COMMIT is answered")

    def _pipe_commits(self) -> None:
        self._hand_over()
        self._points.reach("before COMMIT")
        self._has_committed = True

    def _hand_over(self) -> None:
        self._pg.send_flush_request()
        self._pg.flush()

    def _text(self, name: bytes) -> str:
        return next(text for (text, _), known in self._client._names.items() if known == name)


class Hangman:
    """Starts the process that forks, and asks it for lives."""

    def __init__(self) -> None:
        self._process = Obedient("tests.crash.dying:live_and_die")

    def live(self, act: Callable[[], object], deadly: int = NEVER, folder: str = "?") -> Life:
        """Do an act in a process of its own, up to its deadly point."""
        life: Life = self._process.ask(Order(act, deadly, folder))
        assert life.was_killed == (deadly != NEVER), life
        return life

    def close(self) -> None:
        """End the process."""
        self._process.close()


def live_and_die(order: Order) -> Life:
    """Fork; what the child came by until it ended. Raises RuntimeError where it failed rather than died."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os._exit(_act(order, writer))
    os.close(writer)
    with os.fdopen(reader, "rb") as reached:
        points = reached.read().decode().splitlines()
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"{order.act} failed after {points}")
    return Life(points, os.WIFSIGNALED(status))


def _act(order: Order, pipe: int) -> int:
    points = Points(order, pipe)
    points.watch()
    try:
        order.act()
        points.reach("at the end")
    except Exception:
        traceback.print_exc()
        return 1
    return 0
