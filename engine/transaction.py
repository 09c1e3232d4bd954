"""What a handler works with: the rows of one instance, the facts to record, the jobs to leave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import events
from engine.calendar import Calendar
from engine.command import Actor
from engine.database import insert_if_new
from engine.domain_session import DomainSession
from engine.errors import InstanceNotActive, InstanceOnHold, JobDone, NotFound, StaleInstance
from engine.events import Envelope, Fact
from engine.facts import InstanceAdvanced, InstanceStarted
from engine.held_rows import M, read_row
from engine.ids import uuid7
from engine.models import Event, InstanceState, Job, JobState, KeptMessage, ProcessInstance, Submission, Tenant
from engine.statements import fetch, fetch_one, pipelined, send

if TYPE_CHECKING:
    from engine.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Instance:
    """The row of a process instance as it was read."""

    id: UUID
    tenant_id: UUID
    definition_id: UUID
    key: str
    business_key: str
    title: str
    state: InstanceState
    sequence: int
    head: bytes
    parties: Mapping[str, str]  # party → unit id
    dates: Mapping[str, date]
    saved_state: bytes | None
    is_new: bool = False

    def require_active(self) -> None:
        """Raises InstanceOnHold, InstanceNotActive."""
        if self.state is InstanceState.SUSPENDED:
            raise InstanceOnHold
        if self.state is not InstanceState.ACTIVE:
            raise InstanceNotActive


_instances: Any = ProcessInstance.__table__
_tenants: Any = Tenant.__table__
_jobs: Any = Job.__table__
CALENDAR_VERSION = (
    sa.select(_tenants.c.calendar_version).where(_tenants.c.id == _instances.c.tenant_id).scalar_subquery()
).label("calendar_version")
INSTANCE_COLUMNS = [
    *(
        _instances.c[name]
        for name in (
            "id", "tenant_id", "definition_id", "key", "business_key", "title", "state", "sequence", "head", "parties",
            "dates", "saved_state",
        )
    ),
    CALENDAR_VERSION,
]  # fmt: skip
"""What a command reads of its instance; the calendar's version spares it a question of its own."""

SAVE_INSTANCE = (
    sa.update(_instances)
    .where(_instances.c.id == sa.bindparam("row_id"), _instances.c.sequence == sa.bindparam("expected"))
    .values(sequence=sa.bindparam("expected") + 1, head=sa.bindparam("link"), saved_state=sa.bindparam("bytes"))
)
NEXT_OF_TENANT = (
    sa.update(_tenants)
    .where(_tenants.c.id == sa.bindparam("row_id"))
    .values(sequence=_tenants.c.sequence + 1)
    .returning(_tenants.c.sequence, _tenants.c.head)
)
TAKE_TURNS = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))
SET_TENANT_HEAD = sa.update(_tenants).where(_tenants.c.id == sa.bindparam("row_id")).values(head=sa.bindparam("link"))
INSERT_EVENT = sa.insert(Event.__table__)  # type: ignore[arg-type]
INSERT_SUBMISSION = sa.insert(Submission.__table__)  # type: ignore[arg-type]
INSERT_JOBS = {dialect: insert_if_new(dialect, Job.__table__, "key") for dialect in ("sqlite", "postgresql")}
FINISH_JOB = (
    sa.update(_jobs)
    .where(_jobs.c.id == sa.bindparam("row_id"), _jobs.c.state == JobState.READY)
    .values(state=JobState.DONE, done_at=sa.bindparam("at"), last_error=None)
)
"""With the effects of a job that is one command: a worker that dies before it says so has done it once."""
INSERT_KEPT = sa.insert(KeptMessage.__table__)  # type: ignore[arg-type]


def locking(query: sa.Select[Any], *tables: Any, skip_locked: bool = False) -> sa.Select[Any]:
    """The query, locking its rows on PostgreSQL, table by table in the order given: the instance comes first.

    Keys never change, so whoever refers to a locked row need not wait (`FOR NO KEY UPDATE`).
    """
    return query.with_for_update(of=tables, key_share=True, skip_locked=skip_locked)


FIND_INSTANCE = sa.select(*INSTANCE_COLUMNS).where(
    _instances.c.id == sa.bindparam("instance"), _instances.c.tenant_id == sa.bindparam("tenant")
)
FIND_AND_LOCK_INSTANCE = locking(FIND_INSTANCE, _instances)

Subscriber = Callable[[Any, "Transaction"], None]
SUBSCRIBERS: dict[type[Fact], list[Subscriber]] = {}
S = TypeVar("S", bound=Subscriber)


def subscribes(*fact_types: type[Fact]) -> Callable[[S], S]:
    """Have the domain hear of a fact, in the same transaction, after its rows were written.

    A subscriber writes domain rows through `tx.session` and jobs; it never changes an instance.
    """

    def register(function: S) -> S:
        for fact_type in fact_types:
            SUBSCRIBERS.setdefault(fact_type, []).append(function)
        return function

    return register


class Transaction:
    """One command's work: read rows, record facts; `flush` writes everything at once.

    A handler that computes ahead (an optimistic command on SQLite) sees a connection that is only read from; what it
    recorded is flushed to another, which holds the writers' lock.
    """

    def __init__(
        self,
        runtime: Runtime,
        connection: sa.Connection,
        actor: Actor,
        now: datetime,
        on_behalf_of: str | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        self.runtime = runtime
        self.connection = connection
        self._ahead = ahead
        self._is_written = False
        self.actor = actor
        self.tenant_id = actor.tenant_id
        self.now = now
        self.on_behalf_of = on_behalf_of
        self.instance: Instance | None = None
        self.facts: list[Fact] = []
        self.saved_state: bytes | None = None
        self._jobs: list[dict[str, Any]] = []
        self._submissions: list[dict[str, Any]] = []
        self._kept: list[dict[str, Any]] = []
        self._later: list[tuple[Any, Any]] = []
        self._held: dict[tuple[type[Any], UUID], Any] = {}
        self._stale: Callable[[], bool] = lambda: False
        self._session: Session | None = None
        self._calendar: Calendar | None = None
        self._calendar_version: int | None = None

    # --- reading ---

    @property
    def locks(self) -> bool:
        """Whether rows are locked as they are read (PostgreSQL); SQLite compares and swaps instead."""
        return self.connection.dialect.name == "postgresql"

    @property
    def session(self) -> Session:
        """An ORM session on this transaction, for domain rows."""
        if self._ahead:
            raise RuntimeError("an optimistic command computes before its transaction: it has no session")
        if self._session is None:
            self._session = DomainSession(self.connection)
        self._write_held()  # What it reads must be what holds.
        return self._session

    def hold(self, model: type[M], id: UUID) -> M | None:
        """A domain row to read and set, the same one throughout the command, without a session."""
        if (model, id) not in self._held:
            self._held[model, id] = read_row(self.connection, model, id)
        held: M | None = self._held[model, id]
        return held

    @property
    def calendar(self) -> Calendar:
        """The tenant's working days."""
        if self._calendar is None:
            self._calendar = self.runtime.calendar(self.tenant_id, self.connection, version=self._calendar_version)
        return self._calendar

    def reckon_by(self, calendar: Calendar) -> None:
        """Count working days by another calendar from here on."""
        self._calendar = calendar

    def load_instance(self, instance_id: UUID) -> Instance:
        """Read (and on PostgreSQL lock) the one instance of this command. Raises NotFound."""
        query = FIND_AND_LOCK_INSTANCE if self.locks else FIND_INSTANCE
        row = fetch_one(self.connection, query, {"instance": instance_id, "tenant": self.tenant_id})
        if row is None:
            raise NotFound
        return self.adopt(row)

    def take_turns(self, name: str) -> None:
        """Let commands of one name run one after another until they commit, where SQLite's lock does not see to it."""
        if self.locks:
            self.connection.execute(TAKE_TURNS, {"name": f"{self.tenant_id}:{name}"})

    def adopt(self, row: Any) -> Instance:
        """Take a row of INSTANCE_COLUMNS, read by a joined select, as this command's instance."""
        self._calendar_version = row.calendar_version
        self.instance = Instance(
            row.id, row.tenant_id, row.definition_id, row.key, row.business_key, row.title, row.state, row.sequence,
            row.head, orjson.loads(row.parties), dates_from_json(row.dates), row.saved_state,
        )  # fmt: skip
        return self.instance

    def begin_instance(self, instance: Instance) -> None:
        """Make a new instance this command's."""
        self.instance = instance

    # --- recording ---

    def record(self, fact: Fact) -> None:
        """Add a fact to this command's event. A subscriber is too late for that: it hears of what was written."""
        if self._is_written:
            raise RuntimeError(f"{fact.name} comes after its event was written")
        self.facts.append(fact)

    def enqueue(
        self,
        kind: str,
        key: str,
        payload: Mapping[str, Any],
        *,
        run_at: datetime | None = None,
        instance_id: UUID | None = None,
    ) -> None:
        """Leave a job; one key is one job, however often it is enqueued."""
        self._jobs.append(
            {
                "id": uuid7(), "tenant_id": self.tenant_id, "kind": kind, "key": key,
                "instance_id": instance_id or (self.instance.id if self.instance else None),
                "payload": orjson.dumps(payload).decode(), "state": JobState.READY, "attempts": 0,
                "run_at": run_at or self.now, "created_at": self.now,
            }
        )  # fmt: skip

    def submit(self, *, user_task_id: UUID, element_id: str, form_id: str, data: Mapping[str, Any]) -> tuple[UUID, str]:
        """Keep what a person entered, as entered; return the submission's id and the hash of its text."""
        assert self.instance is not None
        text = orjson.dumps(data).decode()
        submission_id, digest = uuid7(), hashlib.sha256(text.encode()).hexdigest()
        self._submissions.append(
            {
                "id": submission_id, "tenant_id": self.tenant_id, "instance_id": self.instance.id,
                "user_task_id": user_task_id, "element_id": element_id, "definition_id": self.instance.definition_id,
                "form_id": form_id, "actor_id": self.actor.id, "on_behalf_of": self.on_behalf_of,
                "submitted_at": self.now, "data": text, "data_hash": digest,
            }
        )  # fmt: skip
        return submission_id, digest

    def answers(self, submission_id: UUID) -> dict[str, Any]:
        """What was entered in a submission of this command, for subscribers."""
        text = next(row["data"] for row in self._submissions if row["id"] == submission_id)
        return dict(orjson.loads(text))

    def keep_message(self, message: str, payload: Mapping[str, Any], expires_at: datetime) -> None:
        """Keep a message for when somebody waits for it."""
        assert self.instance is not None
        self._kept.append(
            {
                "id": uuid7(), "tenant_id": self.tenant_id, "instance_id": self.instance.id, "message": message,
                "payload": orjson.dumps(payload).decode(), "expires_at": expires_at,
            }
        )  # fmt: skip

    def write(self, statement: Any, rows: Any) -> None:
        """Have a subscriber's rows written at the end, with everybody else's."""
        self._later.append((statement, rows))

    @property
    def has_jobs(self) -> bool:
        """Whether this command left work for the scheduler."""
        return bool(self._jobs)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be written: a double click, a stale trigger."""
        return not (self.facts or self._jobs or self._session)

    # --- writing, in the order in which rows are locked: instance, domain rows, tenant ---

    def flush(self, connection: sa.Connection, job_id: UUID | None = None) -> None:
        """Write what was recorded, and that the job that it was for is done.

        Raises StaleInstance when another command changed the instance meanwhile, JobDone when the job was done before.
        """
        self.connection, self._ahead = connection, False
        if self.saved_state is not None:
            self.record(InstanceAdvanced(state_hash=hashlib.sha256(self.saved_state).hexdigest()))
        if self._session is not None:
            self._session.flush()  # Before the tenant's row is locked for its event.
        with pipelined(connection):
            self._write_facts()
        if self._stale():
            raise StaleInstance
        self._is_written = True
        for fact in self.facts:
            for subscriber in self.runtime.subscribers.get(type(fact), ()):
                subscriber(fact, self)
        if self._session is not None:
            self._session.flush()
        with pipelined(connection):
            self._write_held()
            self._write_rest()
        if job_id is not None and not send(connection, FINISH_JOB, {"row_id": job_id, "at": self.now})():
            raise JobDone

    def _write_facts(self) -> None:
        if self.facts:
            self._write_event()
        if self._submissions:
            send(self.connection, INSERT_SUBMISSION, self._submissions)
        if self._kept:
            send(self.connection, INSERT_KEPT, self._kept)

    def _write_held(self) -> None:
        for row in filter(None, self._held.values()):
            if change := row.take_change():
                send(self.connection, *change)

    def _write_rest(self) -> None:
        for statement, rows in self._later:
            send(self.connection, statement, rows)
        if self._jobs:
            send(self.connection, INSERT_JOBS[self.connection.dialect.name], self._jobs)

    def _write_event(self) -> None:
        instance = self.instance
        if instance is None:
            ((sequence, head),) = fetch(self.connection, NEXT_OF_TENANT, {"row_id": self.tenant_id})
        else:
            sequence, head = instance.sequence + 1, instance.head
        envelope = Envelope(
            stream=instance.id if instance else self.tenant_id, sequence=sequence, tenant_id=self.tenant_id,
            actor_id=self.actor.id, on_behalf_of=self.on_behalf_of, at=self.now,
        )  # fmt: skip
        type_, data = self.facts[0].name, events.encode(self.facts)
        link = events.chain(head, envelope, type_, data)
        if instance is None:
            send(self.connection, SET_TENANT_HEAD, {"row_id": self.tenant_id, "link": link})
            events.apply(self.connection, envelope, self.facts)
        elif instance.is_new:
            assert isinstance(self.facts[0], InstanceStarted)
            events.apply(self.connection, envelope, self.facts)
            self._save_instance(instance, link)
        else:
            self._save_instance(instance, link)
            events.apply(self.connection, envelope, self.facts)
        send(self.connection, INSERT_EVENT, _event_row(envelope, type_, data, link))

    def _save_instance(self, instance: Instance, link: bytes) -> None:
        state = self.saved_state if self.saved_state is not None else instance.saved_state
        values = {"row_id": instance.id, "expected": instance.sequence, "link": link, "bytes": state}
        touched = send(self.connection, SAVE_INSTANCE, values)
        self._stale = lambda: touched() != 1
        if not self.locks and self._stale():  # PostgreSQL has locked the row since it was read, and says so later.
            raise StaleInstance


def _event_row(envelope: Envelope, type_: str, data: str, link: bytes) -> dict[str, Any]:
    return {
        "stream": envelope.stream, "sequence": envelope.sequence, "tenant_id": envelope.tenant_id, "type": type_,
        "actor_id": envelope.actor_id, "on_behalf_of": envelope.on_behalf_of, "at": envelope.at, "data": data,
        "hash": link,
    }  # fmt: skip


def dates_to_json(dates: Mapping[str, date]) -> str:
    """The stored text of an instance's dates."""
    return orjson.dumps({name: day.isoformat() for name, day in sorted(dates.items())}).decode()


def dates_from_json(text: str) -> dict[str, date]:
    """An instance's dates from their stored text."""
    return {name: date.fromisoformat(day) for name, day in orjson.loads(text).items()}
