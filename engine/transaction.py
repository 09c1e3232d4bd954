"""What a handler works with: the rows of one instance, the facts to record, the jobs to leave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import events, records
from engine.calendar import Calendar
from engine.command import Actor
from engine.domain_session import DomainSession
from engine.errors import InstanceNotActive, InstanceOnHold, JobDone, NotBegun, NotFound, StaleInstance
from engine.events import Envelope, Fact
from engine.facts import InstanceAdvanced
from engine.held_rows import M, Seen, read_row
from engine.ids import uuid7
from engine.library import Library
from engine.models import InstanceState, JobState
from engine.postgresql import Committing
from engine.spiff import Definition
from engine.statements import Writes, fetch, fetch_one
from forms.definition import FormDefinition


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


Subscriber = Callable[[Any, "Transaction"], None]
SUBSCRIBERS: dict[type[Fact], list[Subscriber]] = {}
S = TypeVar("S", bound=Subscriber)
T = TypeVar("T")


def subscribes(*fact_types: type[Fact]) -> Callable[[S], S]:
    """Have the domain hear of a fact, in the same transaction.

    A subscriber writes domain rows and jobs; it never changes an instance. By `tx.session` and `tx.connection` it finds
    the fact's rows written. One that is part of every step makes do with `tx.hold`, `tx.reading` and `tx.write`, which
    need not wait for the writers' lock.
    """

    def register(function: S) -> S:
        for fact_type in fact_types:
            SUBSCRIBERS.setdefault(fact_type, []).append(function)
        return function

    return register


class Transaction:
    """One command's work: read rows, record facts; `flush` writes everything at once.

    An optimistic command computes ahead: what it records, and what subscribers add, is made ready before it is its turn
    to write.
    """

    def __init__(
        self,
        library: Library,
        connection: sa.Connection,
        actor: Actor,
        now: datetime,
        on_behalf_of: str | None = None,
        *,
        ahead: bool = False,
        seen: Seen | None = None,
        subscribers: Mapping[type[Fact], Sequence[Subscriber]] = SUBSCRIBERS,
        movable_clock: bool = False,
    ) -> None:
        self.library = library
        self.movable_clock = movable_clock
        self._subscribers = subscribers
        self._connection = connection
        self._is_ahead = ahead
        self.seen: Any = seen.row if seen else None  # the step at hand as it was before
        self._is_written = self._is_heard = False
        self._writes = Writes(connection.dialect)
        self.actor = actor
        self.tenant_id = actor.tenant_id
        self.now = now
        self.on_behalf_of = on_behalf_of
        self.instance: Instance | None = None
        self.facts: list[Fact] = []
        self.saved_state: bytes | None = None
        self._jobs: list[dict[str, Any]] = []
        self._submissions: list[dict[str, Any]] = []
        self._answers: dict[UUID, Mapping[str, Any]] = {}
        self._kept: list[dict[str, Any]] = []
        self._later: list[tuple[Any, Any]] = []
        self._held: dict[tuple[type[Any], UUID], Any] = dict(seen.held) if seen else {}
        self._session: Session | None = None
        self._calendar: Calendar | None = None
        self._calendar_version: int | None = None
        self._tenant_head: bytes | None = None

    # --- reading ---

    @property
    def dialect(self) -> str:
        """What kind of database this is."""
        return self._connection.dialect.name

    @property
    def locks(self) -> bool:
        """Whether rows are to be locked as they are read: on PostgreSQL, where nothing is computed ahead."""
        return self.dialect == "postgresql" and not self._is_ahead

    @property
    def connection(self) -> sa.Connection:
        """To read and write by. What was recorded so far is written before a subscriber has it."""
        if self._is_heard:
            if self._is_ahead:
                raise NotBegun
            self._write_so_far()
        return self._connection

    @property
    def reading(self) -> sa.Connection:
        """To read by what no command writes that this one does: it need not wait for what was recorded."""
        return self._connection

    @property
    def session(self) -> Session:
        """An ORM session on this transaction, for domain rows."""
        if self._is_ahead and not self._is_heard:
            raise RuntimeError("an optimistic command computes before its transaction: it has no session")
        connection = self.connection
        if self._session is None:
            self._session = DomainSession(connection)
        self._write_so_far()
        return self._session

    @property
    def definition(self) -> Definition:
        """The procedure of the command's instance."""
        assert self.instance is not None
        return self.library.definition(self.instance.definition_id, self._connection)

    def form(self, form_id: str) -> FormDefinition:
        """A form of that procedure."""
        assert self.instance is not None
        return self.library.form(self.instance.definition_id, form_id, self._connection)

    def hold(self, model: type[M], id: UUID) -> M | None:
        """A domain row to read and set, the same one throughout the command, without a session."""
        if (model, id) not in self._held:
            self._held[model, id] = read_row(self._connection, model, id)
        held: M | None = self._held[model, id]
        return held

    @property
    def calendar(self) -> Calendar:
        """The tenant's working days."""
        if self._calendar is None:
            self._calendar = self.library.calendar(self.tenant_id, self._connection, version=self._calendar_version)
        return self._calendar

    def kept(self, key: Any, read: Callable[[], T]) -> T:
        """What is read of that which only ever changes together with a fact in the tenant's own stream."""
        return self.library.kept(self.tenant_id, self._tenant_head, key, read)

    def reckon_by(self, calendar: Calendar) -> None:
        """Count working days by another calendar from here on."""
        self._calendar = calendar

    def load_instance(self, instance_id: UUID) -> Instance:
        """Read (and on PostgreSQL lock) the one instance of this command. Raises NotFound."""
        query = records.FIND_AND_LOCK_INSTANCE if self.locks else records.FIND_INSTANCE
        row = fetch_one(self._connection, query, {"instance": instance_id, "tenant": self.tenant_id})
        if row is None:
            raise NotFound
        return self.adopt(row)

    def take_turns(self, name: str, *, together: bool = False) -> None:
        """Let commands of one name wait for each other, unless both go `together`; SQLite's lock does so anyway."""
        if self.locks:
            self._connection.execute(records.TAKE_TURNS[together], {"name": f"{self.tenant_id}:{name}"})

    def adopt(self, row: Any) -> Instance:
        """Take a row of INSTANCE_COLUMNS, read by a joined select, as this command's instance."""
        self._calendar_version, self._tenant_head = row.calendar_version, row.tenant_head
        self.instance = Instance(
            row.id, row.tenant_id, row.definition_id, row.key, row.business_key, row.title, row.state, row.sequence,
            row.head, orjson.loads(row.parties), records.dates_from_json(row.dates), row.saved_state,
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
        submission_id, text = uuid7(), orjson.dumps(data)
        self._answers[submission_id], digest = orjson.loads(text), hashlib.sha256(text).hexdigest()
        self._submissions.append(
            {
                "id": submission_id, "tenant_id": self.tenant_id, "instance_id": self.instance.id,
                "user_task_id": user_task_id, "element_id": element_id, "definition_id": self.instance.definition_id,
                "form_id": form_id, "actor_id": self.actor.id, "on_behalf_of": self.on_behalf_of,
                "submitted_at": self.now, "data": text.decode(), "data_hash": digest,
            }
        )  # fmt: skip
        return submission_id, digest

    def answers(self, submission_id: UUID) -> Mapping[str, Any]:
        """What was entered in a submission of this command, for subscribers, all of whom read the same."""
        return self._answers[submission_id]

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

    def prepare(self) -> None:
        """Ahead of the writers' lock, make ready what it can: mostly everything.

        A subscriber that wants the transaction itself is heard in it; and all others then, since one builds on another.
        """
        self._record_event()
        jobs, later = len(self._jobs), len(self._later)
        try:
            self._hear()
        except NotBegun:
            self._is_heard = False
            self._held.clear()
            del self._jobs[jobs:], self._later[later:]

    def flush(self, connection: sa.Connection, job_id: UUID | None, committing: Committing) -> None:
        """Write what was recorded, and that the job that it was for is done.

        `committing` makes what surrounds the waiting for the database, once all is on its way.

        Raises StaleInstance when another command changed the instance meanwhile, JobDone when the job was done before.
        """
        self._connection, self._is_ahead = connection, False
        if not self._is_written:
            if self._session is not None:
                self._session.flush()  # Before the tenant's row is locked for its event.
            self._record_event()
        if not self._is_heard:
            self._hear()
        if self._session is not None:
            self._write_so_far()
            self._session.flush()
        self._write_rest(job_id)
        self._send(committing if job_id is None else None)

    def _send(self, committing: Committing | None = None) -> None:
        try:
            self._writes.send(self._connection, committing)
        except sa.exc.IntegrityError as error:
            if records.is_overtaken(error):
                raise StaleInstance from error
            raise

    def _hear(self) -> None:
        self._is_heard = True
        for fact in self.facts:
            for subscriber in self._subscribers.get(type(fact), ()):
                subscriber(fact, self)

    def _record_event(self) -> None:
        """From here on no fact is added: its event is made."""
        self._is_written = True
        if self.saved_state is not None:
            self.facts.append(InstanceAdvanced(state_hash=hashlib.sha256(self.saved_state).hexdigest()))
        if self.facts:
            self._write_event()
        if self._submissions:
            self._writes.add(records.INSERT_SUBMISSION, self._submissions)
        if self._kept:
            self._writes.add(records.INSERT_KEPT, self._kept)

    def _write_so_far(self) -> None:
        """What is read from here on must be what holds."""
        self._write_held()
        self._send()

    def _write_held(self) -> None:
        for row in filter(None, self._held.values()):
            if change := row.take_change():
                self._writes.add(*change)

    def _write_rest(self, job_id: UUID | None) -> None:
        self._write_held()
        for statement, rows in self._later:
            self._writes.add(statement, rows)
        if self._jobs:
            self._writes.add(records.INSERT_JOBS[self.dialect], self._jobs)
        if job_id is not None:
            self._writes.add(records.FINISH_JOB, {"row_id": job_id, "at": self.now}, or_raise=JobDone)

    def _write_event(self) -> None:
        instance = self.instance
        if instance is None:
            ((sequence, head),) = fetch(self._connection, records.NEXT_OF_TENANT, {"row_id": self.tenant_id})
        else:
            sequence, head = instance.sequence + 1, instance.head
        envelope = Envelope(
            stream=instance.id if instance else self.tenant_id, sequence=sequence, tenant_id=self.tenant_id,
            actor_id=self.actor.id, on_behalf_of=self.on_behalf_of, at=self.now,
        )  # fmt: skip
        type_, data = self.facts[0].name, events.encode(self.facts)
        link = events.chain(head, envelope, type_, data)
        if instance is None:
            self._writes.add(records.SET_TENANT_HEAD, {"row_id": self.tenant_id, "link": link})
        elif not instance.is_new:
            self._save_instance(instance, link)
        self._writes.add(records.INSERT_EVENT, records.event_row(envelope, type_, data, link))
        events.apply(self._writes, envelope, self.facts)
        if instance is not None and instance.is_new:
            self._save_instance(instance, link)  # Its first fact has made the row.

    def _save_instance(self, instance: Instance, link: bytes) -> None:
        state = self.saved_state if self.saved_state is not None else instance.saved_state
        save = records.saving(instance.id, instance.sequence, link, state, self._calendar_version)
        # Where rows are locked as they are read no other command can have been quicker.
        self._writes.add(*save, or_raise=None if self.locks else StaleInstance)
