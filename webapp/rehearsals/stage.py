"""A procedure on the real engine, in a database of its own that lives only while it is played.

Nothing of it can leave: its jobs (mails, services, messages to other cases) are written and never run, and the
database is a file in a temporary folder. It is played from the start for every look, a few milliseconds an act: so
going back is leaving acts out, and a kept rehearsal runs on any other version.
"""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor, Command
from engine.commands.deployments import DeployDefinition, versions_called
from engine.commands.instances import StartInstance
from engine.commands.messages import DeliverMessage, SubmitMessage
from engine.commands.services import CompleteServiceTask
from engine.commands.user_tasks import CompleteUserTask
from engine.database import connect
from engine.errors import NotFound, ProcessFault, Rejected
from engine.facts import MessageSent, TimerFired, UserTaskAssigned, UserTaskCreated
from engine.models import (
    OPEN_STEP,
    Base,
    CalendarDay,
    Incident,
    InstanceState,
    MessageSubscription,
    ProcessInstance,
    Tenant,
    Timer,
    TimerState,
    UserTask,
    UserTaskState,
)
from engine.read_only import ReadOnlyTransaction
from engine.records import dates_from_json
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers
from engine.spiff import Context, Definition, Waits, Walk
from engine.transaction import Transaction
from engine.upcoming import Upcoming, upcoming
from webapp.notifications.models import Notification
from webapp.notifications.telling import tell_of_assignment, tell_of_step, tell_of_timer
from webapp.organisation.models import Absence, Membership, Person, Unit
from webapp.rehearsals.acts import Act, ActKind, Bundle, Setting

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
PERMISSIONS = frozenset({"work"})
MOST_TIMERS = 500
"""How many timers may fire within one wait: a drawing whose timer renews itself must not keep the page for ever."""


@dataclass(frozen=True, slots=True)
class Told:
    """Who heard of what."""

    at: datetime
    recipient: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Step:
    """A step that waits for a person."""

    element_id: str
    name: str
    form_id: str
    desk: str
    assignee_id: UUID | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a rehearsal stands after its acts."""

    definition: Definition
    instance_id: UUID | None
    state: InstanceState | None
    now: datetime
    data: Mapping[str, Any]
    steps: tuple[Step, ...]
    messages: tuple[str, ...]  # element ids of the events that wait for one
    services: tuple[str, ...]
    timers: tuple[Upcoming, ...]
    told: tuple[Told, ...]
    sent: tuple[tuple[datetime, str], ...]  # messages to other cases: when, which
    visited: frozenset[str]
    trail: tuple[tuple[str, ...], ...]  # what waited after the start and after each act that could be done
    fault: str | None  # why the last act tried could not be done

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state is not None and self.state is not InstanceState.ACTIVE


class StageRuntime(Runtime):
    """A Runtime whose time is the rehearsal's."""

    moment: datetime

    def now(self, connection: sa.Connection) -> datetime:
        """The rehearsal's own time."""
        return self.moment

    def know(self, definitions: Mapping[UUID, Definition]) -> None:
        """Take over what another has restored already: a version never changes."""
        self._definitions.update(definitions)


@dataclass(slots=True)
class _Stage:
    runtime: StageRuntime
    tenant_id: UUID
    instance_id: UUID | None = None
    sent: list[tuple[datetime, str]] = field(default_factory=list)
    trail: list[tuple[str, ...]] = field(default_factory=list)


class Theatre:
    """A bundle with the ward's people, ready for any number of plays: each begins as if it were the first."""

    def __init__(self, folder: Path, ward: sa.Connection, tenant_id: UUID, bundle: Bundle) -> None:
        """Raises DefinitionRefused."""
        self._folder, self._tenant_id = folder, tenant_id
        (folder / "empty").write_bytes(_tables())
        with self._stage("empty") as stage:
            with stage.runtime.database.begin() as empty:
                _bring_people(ward, empty, tenant_id)
            called = versions_called(ward, tenant_id, bundle.source)
            deploy = DeployDefinition(source=bundle.source, forms=bundle.forms, reason="Diễn tập", called=called)
            stage.runtime.moment = EPOCH
            definition_id = stage.runtime.execute(deploy, actor=Actor.system(tenant_id))
            with stage.runtime.reading() as connection:
                self._definition = stage.runtime.definition(definition_id, connection)
        self._definitions = {definition_id: self._definition}

    def play(self, setting: Setting, acts: list[Act]) -> Played:
        """Play a rehearsal as far as it goes."""
        shutil.copyfile(self._folder / "empty", self._folder / "playing")
        with self._stage("playing") as stage:
            stage.runtime.know(self._definitions)
            stage.runtime.moment = setting.began_at
            fault = _tried(lambda: _act_out(stage, self._definition, setting, acts))
            return _look(stage, self._definition, fault)

    @contextmanager
    def _stage(self, name: str) -> Iterator[_Stage]:
        database = connect(f"sqlite:///{self._folder / name}")
        sa.event.listen(database, "connect", _never_wait_for_the_disk)
        stage = _Stage(StageRuntime(database), self._tenant_id)
        stage.runtime.subscribers = {
            UserTaskCreated: [tell_of_step],
            UserTaskAssigned: [tell_of_assignment],
            TimerFired: [tell_of_timer],
            MessageSent: [lambda sent, tx: _note_sent(stage, sent, tx)],
        }
        try:
            yield stage
        finally:
            database.dispose()  # The last connection to close leaves one file, without a journal.


@contextmanager
def theatre(ward: sa.Connection, tenant_id: UUID, bundle: Bundle) -> Iterator[Theatre]:
    """A theatre for as long as it is needed. Raises DefinitionRefused."""
    with tempfile.TemporaryDirectory(prefix="quytrinh-") as folder:
        yield Theatre(Path(folder), ward, tenant_id, bundle)


def play(ward: sa.Connection, tenant_id: UUID, bundle: Bundle, setting: Setting, acts: list[Act]) -> Played:
    """Play one rehearsal. Raises DefinitionRefused."""
    with theatre(ward, tenant_id, bundle) as stage:
        return stage.play(setting, acts)


def _act_out(stage: _Stage, definition: Definition, setting: Setting, acts: list[Act]) -> None:
    _begin(stage, definition, setting)
    stage.trail.append(_waiting(stage))
    for act in acts:
        _let_time_pass(stage, act.at)
        _do(stage, definition, act)
        stage.trail.append(_waiting(stage))


def _tried(work: Any) -> str | None:
    """Why it could not be done, if it could not."""
    try:
        work()
    except ProcessFault as fault:
        return str(fault.__cause__ or fault)
    except Rejected as refusal:
        return str(refusal)
    return None


# --- the stage ---


@cache
def _tables() -> bytes:
    """A database without rows: it is copied in no time, and takes a tenth of a second to make."""
    with tempfile.TemporaryDirectory(prefix="quytrinh-") as folder:
        file = Path(folder) / "tables"
        database = connect(f"sqlite:///{file}")
        Base.metadata.create_all(database)
        database.dispose()
        return file.read_bytes()


def _never_wait_for_the_disk(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")  # Nothing here outlives the page.


def _note_sent(stage: _Stage, sent: MessageSent, tx: Transaction) -> None:
    stage.sent.append((tx.now, sent.message))


def _bring_people(ward: sa.Connection, empty: sa.Connection, tenant_id: UUID) -> None:
    """The ward's units, desks and working days; no secrets."""
    empty.execute(sa.insert(Tenant).values(id=tenant_id, sequence=0, head=bytes(32), calendar_version=0))
    people = sa.select(Person.id).where(Person.tenant_id == tenant_id)
    for model, mine in (
        (CalendarDay, CalendarDay.tenant_id == tenant_id),
        (Unit, Unit.tenant_id == tenant_id),
        (Person, Person.tenant_id == tenant_id),
        (Membership, Membership.person_id.in_(people)),
        (Absence, Absence.person_id.in_(people)),
    ):
        table: Any = model.__table__
        rows = [dict(row) for row in ward.execute(sa.select(table).where(mine)).mappings()]
        for row in rows:
            row.update({"password_hash": ""} if model is Person else {})
        if rows:
            empty.execute(sa.insert(table), rows)


# --- acting ---


def _begin(stage: _Stage, definition: Definition, setting: Setting) -> None:
    start = next((s for s in definition.starts if s.element_id == setting.start_event), definition.starts[0])
    stage.instance_id = _execute(
        stage,
        StartInstance(
            key=definition.process_id, business_key="rehearsal", title=definition.name, data=setting.data,
            parties=setting.parties, dates=setting.dates, message=start.message, start_event=start.element_id,
        ),
    )  # fmt: skip


def _execute(stage: _Stage, command: Command, actor: Actor | None = None) -> Any:
    return stage.runtime.execute(command, actor=actor or Actor.system(stage.tenant_id))


def _let_time_pass(stage: _Stage, until: datetime) -> None:
    """Fire each timer at its own time: a reminder of Monday is told on Monday."""
    waiting = sa.select(sa.func.min(Timer.fire_at)).where(Timer.state == TimerState.WAITING, Timer.fire_at <= until)
    for _ in range(MOST_TIMERS):
        with stage.runtime.reading() as connection:
            due = connection.scalar(waiting)
        if due is None:
            break
        stage.runtime.moment = max(stage.runtime.moment, due)
        if not fire_due_timers(stage.runtime):
            break
    stage.runtime.moment = max(stage.runtime.moment, until)


def _do(stage: _Stage, definition: Definition, act: Act) -> None:
    """Raises Rejected, ProcessFault."""
    assert stage.instance_id is not None
    if act.kind is ActKind.COMPLETE:
        _complete(stage, act)
    elif act.kind is ActKind.SERVICE:
        waiting = next((s for s in _walk(stage).waits.services if s.element_id == act.element_id), None)
        if waiting is None:
            raise NotFound
        done = CompleteServiceTask(instance_id=stage.instance_id, task_id=waiting.task_id, result=act.answers)
        _execute(stage, done)
    elif act.kind is ActKind.MESSAGE:
        _execute(stage, _message(stage.instance_id, definition, act))


def _message(instance_id: UUID, definition: Definition, act: Act) -> Command:
    element = definition.elements.get(act.element_id)
    if element is None:
        raise NotFound
    if "form" in element.properties:
        return SubmitMessage(instance_id=instance_id, element_id=act.element_id, answers=act.answers)
    return DeliverMessage(instance_id=instance_id, message=element.message or "", payload=act.answers)


def _complete(stage: _Stage, act: Act) -> None:
    with stage.runtime.reading() as connection:
        task = connection.execute(
            sa.select(UserTask.id, UserTask.desk, UserTask.assignee_id)
            .where(UserTask.element_id == act.element_id, UserTask.state == OPEN_STEP)
            .order_by(UserTask.created_at, UserTask.id)
            .limit(1)
        ).one_or_none()
    if task is None:
        raise NotFound(f"Bước “{act.element_id}” không chờ ai làm ở thời điểm này.")
    person_id = task.assignee_id or act.actor_id
    actor = Actor(
        id=person_id, tenant_id=stage.tenant_id, permissions=PERMISSIONS, desks=frozenset({task.desk}),
        is_system=person_id is None,
    )  # fmt: skip
    _execute(stage, CompleteUserTask(user_task_id=task.id, answers=act.answers), actor)


# --- looking ---


def _walk(stage: _Stage) -> Walk:
    with stage.runtime.reading() as connection:
        row = connection.execute(
            sa.select(ProcessInstance.definition_id, ProcessInstance.saved_state, ProcessInstance.dates)
        ).one()
        definition = stage.runtime.definition(row.definition_id, connection)
        calendar = stage.runtime.calendar(stage.tenant_id, connection)
    now = stage.runtime.moment
    context = Context(now, dates_from_json(row.dates), calendar.functions(now))
    return Walk.restore(definition, row.saved_state, context)


def _waiting(stage: _Stage) -> tuple[str, ...]:
    with stage.runtime.reading() as connection:
        state = connection.scalar(sa.select(ProcessInstance.state))
    return ("end",) if state is not InstanceState.ACTIVE else _names(_walk(stage).waits)


def _names(waits: Waits) -> tuple[str, ...]:
    events = [waiting.element_id for waiting in waits.subscriptions]
    return tuple(sorted([*events, *(waiting.element_id for waiting in waits.user_tasks | waits.services)]))


def _look(stage: _Stage, definition: Definition, fault: str | None) -> Played:
    with stage.runtime.reading() as connection:
        state = connection.scalar(sa.select(ProcessInstance.state))
        runs = state is InstanceState.ACTIVE
        visited = connection.scalars(sa.select(UserTask.element_id).where(UserTask.state == UserTaskState.COMPLETED))
        incident = connection.scalar(sa.select(Incident.message).order_by(Incident.id.desc()).limit(1))
        seen = frozenset(visited)
        told, steps, timers = _told(connection), _steps(connection), _timers(stage, connection)
        messages = tuple(sorted(connection.scalars(sa.select(MessageSubscription.element_id))))
    walk = _walk(stage) if runs else None
    return Played(
        definition=definition, instance_id=stage.instance_id, state=state, now=stage.runtime.moment,
        data=walk.data if walk else {}, steps=steps, messages=messages, timers=timers, told=told,
        services=tuple(sorted(s.element_id for s in walk.waits.services)) if walk else (),
        sent=tuple(stage.sent), visited=seen, trail=tuple(stage.trail), fault=fault or incident,
    )  # fmt: skip


def _told(connection: sa.Connection) -> tuple[Told, ...]:
    rows = connection.execute(
        sa.select(Notification.created_at, Person.name, Notification.kind, Notification.title)
        .join(Person, Person.id == Notification.recipient_id)
        .order_by(Notification.created_at, Notification.id)
    )
    return tuple(Told(*row) for row in rows)


def _steps(connection: sa.Connection) -> tuple[Step, ...]:
    rows = connection.execute(
        sa.select(
            UserTask.element_id, UserTask.name, UserTask.form_id, UserTask.desk, UserTask.assignee_id, UserTask.due_at
        )
        .where(UserTask.state == OPEN_STEP)
        .order_by(UserTask.created_at, UserTask.id)
    )
    return tuple(Step(*row) for row in rows)


def _timers(stage: _Stage, connection: sa.Connection) -> tuple[Upcoming, ...]:
    if stage.instance_id is None:
        return ()
    tx = ReadOnlyTransaction(stage.runtime, connection, Actor.system(stage.tenant_id), stage.runtime.moment)
    return tuple(upcoming(tx, stage.instance_id))
