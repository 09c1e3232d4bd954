"""The Runtime: the only place that begins, commits or rolls back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

import engine.commands  # noqa: F401  registers every handler
from engine import clock
from engine.command import HANDLERS, Actor, Command
from engine.commands.incidents import RaiseIncident
from engine.database import WriteQueue, begin_to_write
from engine.errors import JobDone, PermissionDenied, ProcessFault, StaleInstance, UserTaskNotOpen
from engine.events import Fact
from engine.held_rows import Seen
from engine.library import Library
from engine.postgresql import Committing
from engine.spiff import NotWaiting, WalkFailed
from engine.transaction import SUBSCRIBERS, Subscriber, Transaction

ATTEMPTS = 4
"""How often a command is computed when others keep getting in first; the last time inside the writers' lock."""
DEADLOCK = "40P01"
"""PostgreSQL ended this transaction so that another, which waited for it, could go on."""

SNAPSHOT: dict[str, dict[str, Any]] = {
    "sqlite": {},  # A reading transaction is one already.
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


class Stuck(Exception):  # noqa: N818
    """The process of a command's instance cannot go on; nothing was written."""

    def __init__(self, instance_id: UUID | None, fault: WalkFailed) -> None:
        super().__init__(str(fault))
        self.instance_id = instance_id
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Order:
    """What somebody wants done."""

    command: Command
    actor: Actor
    on_behalf_of: str | None = None
    job_id: UUID | None = None


class Unsure(Exception):  # noqa: N818
    """A command failed on what was read without a lock, statement by statement: half old, half new perhaps."""


class Runtime(Library):
    """Executes commands, each in one transaction.

    1. Check the command's permission.
    2. Let its handler read, drive the process to its next wait, and record facts; let subscribers hear of them. An
       optimistic command does so ahead of its transaction: outside SQLite's writers' lock, a lock-free one without
       PostgreSQL's row locks. If another was quicker, it is computed anew, the last time inside.
    3. Write: the instance by compare-and-swap, its event, the rows of the facts, what subscribers add, the jobs.
    4. Commit once, then wake the scheduler.
    """

    def __init__(
        self,
        database: sa.Engine,
        *,
        movable_clock: bool = False,
        subscribers: Mapping[type[Fact], Sequence[Subscriber]] = SUBSCRIBERS,
    ) -> None:
        """`subscribers` are those who hear of what happens; others than the product's for a rehearsal or a test."""
        super().__init__()
        self.database = database
        self.subscribers = subscribers
        self.movable_clock = movable_clock
        self.committing: Committing = contextlib.nullcontext  # Around the waiting for PostgreSQL, all being on its way.
        self.on_commit: Callable[[], None] = lambda: None
        self._queue = WriteQueue(database)
        self._snapshot = SNAPSHOT[database.dialect.name]

    def close(self) -> None:
        """Let go of the database, for tools and tests that outlive it."""
        self.database.dispose()

    def execute(
        self,
        command: Command,
        *,
        actor: Actor,
        on_behalf_of: str | None = None,
        job_id: UUID | None = None,
        seen: Seen | None = None,
    ) -> Any:
        """Carry a command out and return what its handler returns.

        `job_id` is the job that this is done for, and done with: whoever takes it over changes nothing any more.
        Should the process fail, retrying the incident retries the job.

        Raises Rejected (nothing has changed), or ProcessFault when the process cannot go on (an incident is open).
        """
        if not actor.may(command.permission):
            raise PermissionDenied
        try:
            return self._execute(_Order(command, actor, on_behalf_of, job_id), seen)
        except JobDone:
            return None
        except Stuck as stuck:
            self._raise_incident(command, actor, stuck, job_id)
            raise ProcessFault from stuck.fault
        except NotWaiting as stale:  # The tables were ahead of or behind the state: another command was quicker.
            raise UserTaskNotOpen from stale

    def _execute(self, order: _Order, seen: Seen | None = None) -> Any:
        is_lock_free = order.command.lock_free or self.database.dialect.name == "sqlite"
        optimistic = order.command.optimistic and is_lock_free
        for _ in range(ATTEMPTS - 1):
            try:
                return self._attempt_ahead(order, seen) if optimistic else self._attempt(order)
            except StaleInstance:
                seen = None  # Another command changed the instance while this one was computed.
            except Unsure:
                optimistic = False
            except sa.exc.OperationalError as error:
                if getattr(error.orig, "sqlstate", None) != DEADLOCK:
                    raise
        return self._attempt(order)

    def _attempt(self, order: _Order) -> Any:
        with self.writing() as connection:
            tx = self._begin(connection, order)
            result = _handle(order.command, tx)
            tx.flush(connection, order.job_id, self.committing)
        self._tell_of_jobs(tx)
        return result

    def _attempt_ahead(self, order: _Order, seen: Seen | None) -> Any:
        with contextlib.nullcontext(seen.connection) if seen else self.database.connect() as connection:
            with AHEAD[connection.dialect.name](connection):
                tx = self._begin(connection, order, ahead=True, seen=seen)
                result = _handle(order.command, tx)
                if tx.is_empty:
                    return result
                tx.prepare()
            with self._queue.turn(), begin_to_write(connection):
                tx.flush(connection, order.job_id, self.committing)
        self._tell_of_jobs(tx)
        return result

    def _begin(
        self, connection: sa.Connection, order: _Order, *, ahead: bool = False, seen: Seen | None = None
    ) -> Transaction:
        return Transaction(
            self, connection, order.actor, self.now(connection), order.on_behalf_of, ahead=ahead, seen=seen,
            subscribers=self.subscribers, movable_clock=self.movable_clock,
        )  # fmt: skip

    def _tell_of_jobs(self, tx: Transaction) -> None:
        if tx.has_jobs:
            self.on_commit()

    def _raise_incident(self, command: Command, actor: Actor, stuck: Stuck, job_id: UUID | None) -> None:
        """Tell an administrator, in a transaction of its own, once the failed one is gone."""
        incident = RaiseIncident(
            instance_id=stuck.instance_id,
            job_id=job_id,
            timer_id=getattr(command, "timer_id", None),
            element_id=stuck.fault.element,
            message=str(stuck.fault),
            detail=f"{type(command).__name__}: {stuck.fault.__cause__ or stuck.fault!r}",
        )
        self._execute(_Order(incident, Actor.system(actor.tenant_id)))

    # --- transactions ---

    @contextlib.contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A snapshot to read from; never written to."""
        with self.database.connect() as connection, _snapshot(connection.execution_options(**self._snapshot)):
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A write transaction, committed at the end; on SQLite in its turn of the writers' queue."""
        with self._queue.turn(), self.database.connect() as connection, begin_to_write(connection):
            yield connection

    def now(self, connection: sa.Connection) -> datetime:
        """Now, as this system counts time."""
        return clock.now(connection, movable=self.movable_clock)


@contextlib.contextmanager
def _snapshot(connection: sa.Connection) -> Iterator[None]:
    """A transaction in which nothing is written."""
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()


@contextlib.contextmanager
def _without_locks(connection: sa.Connection) -> Iterator[None]:
    """Each statement sees what is committed by then, in no transaction: what fails so may do so for that alone.

    What comes out needs no such doubt: had the instance changed in between, its event would be one too late.
    """
    try:
        yield
    except Exception as error:
        raise Unsure from error
    finally:
        connection.rollback()  # What was begun for a statement of SQLAlchemy's own.


AHEAD = {"sqlite": _snapshot, "postgresql": _without_locks}
"""How an optimistic command reads."""


def _handle(command: Command, tx: Transaction) -> Any:
    """Raises Stuck where the process fails, with the instance that the handler had in hand."""
    try:
        return HANDLERS[type(command)](command, tx)
    except WalkFailed as fault:
        raise Stuck(tx.instance.id if tx.instance else None, fault) from fault
