"""A tenant with one procedure in force and a few people, driven through the Runtime's public door only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import events
from engine.audit import differences, verify
from engine.calendar import LOCAL
from engine.command import Actor, Command
from engine.commands.clock import MoveClock
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.commands.user_tasks import CompleteUserTask
from engine.events import Fact
from engine.ids import uuid7
from engine.models import Event, Incident, Job, ProcessInstance, Tenant, Timer, UserTask, UserTaskState
from engine.read_only import ReadOnlyTransaction
from engine.runtime import Runtime
from engine.scheduler import settle
from engine.upcoming import Upcoming, upcoming
from tests.engine.drawings import FORM

DEADLINE = date(2040, 6, 15)  # a Friday, far ahead of any clock that runs these tests
PERMISSIONS = frozenset({"work"})


@dataclass
class World:
    """What tests act on. Nothing lives in memory between two acts but what a process caches."""

    database: sa.Engine
    tenant_id: UUID = field(default_factory=uuid7)
    unit: UUID = field(default_factory=uuid7)
    focal: UUID = field(default_factory=uuid7)

    def __post_init__(self) -> None:
        self.runtime = Runtime(self.database, movable_clock=True)
        self.system = Actor.system(self.tenant_id)
        self.officer, self.colleague = self.person("staff"), self.person("staff")
        self.head, self.administrator = self.person("head"), self.person("admin", "operate", "move_clock", "deploy")
        with self.database.begin() as connection:
            connection.execute(
                sa.insert(Tenant).values(id=self.tenant_id, sequence=0, head=bytes(32), calendar_version=0)
            )

    # ── people ──

    def person(self, role: str, *permissions: str, unit: UUID | None = None, stands_for: Sequence[Actor] = ()) -> Actor:
        """Somebody with one desk."""
        return Actor(
            id=uuid7(), tenant_id=self.tenant_id, permissions=PERMISSIONS | set(permissions),
            desks=frozenset({f"{role}@{unit or self.unit}"}), stands_for=frozenset(p.id for p in stands_for if p.id),
        )  # fmt: skip

    # ── acting ──

    def execute(self, command: Command, actor: Actor | None = None, **options: Any) -> Any:
        return self.runtime.execute(command, actor=actor or self.system, **options)

    def deploy(self, source: bytes, forms: Mapping[str, bytes] | None = None) -> UUID | None:
        command = DeployDefinition(source=source, forms=forms or {"note": FORM}, reason="thử")
        deployed: UUID | None = self.execute(command)
        return deployed

    def start(self, key: str, business_key: str | None = None, **options: Any) -> UUID:
        """Start a case; by default with a far deadline and both parties."""
        parties = {"lead": str(self.unit), "focal": str(self.focal)}
        defaults: dict[str, Any] = {"parties": parties, "dates": {"deadline": DEADLINE}, "title": "Một việc"}
        command = StartInstance(key=key, business_key=business_key or str(uuid7()), **(defaults | options))
        instance_id: UUID = self.execute(command)
        return instance_id

    def complete(
        self, element: str, actor: Actor | None = None, instance_id: UUID | None = None, **answers: Any
    ) -> UUID:
        command = CompleteUserTask(user_task_id=self.task(element, instance_id).id, answers=answers)
        submission_id: UUID = self.execute(command, actor)
        return submission_id

    def settle(self) -> None:
        settle(self.runtime)

    def restart(self) -> None:
        """As another process would find it: nothing cached."""
        self.runtime = Runtime(self.database, movable_clock=True)

    # ── time ──

    def travel(self, to: datetime | timedelta) -> None:
        """Move the clock ahead, to an instant or by a span."""
        self.execute(MoveClock(to=self.now + to if isinstance(to, timedelta) else to))

    @property
    def now(self) -> datetime:
        with self.runtime.reading() as connection:
            return self.runtime.now(connection)

    # ── looking ──

    @property
    def url(self) -> str:
        """The database's address, for other processes and other connections."""
        return self.database.url.render_as_string(hide_password=False)

    def rows(self, query: sa.Select[Any]) -> Sequence[sa.Row[Any]]:
        with self.runtime.reading() as connection:
            return connection.execute(query).all()

    def all(self, model: Any, *conditions: Any) -> Sequence[Any]:
        """The rows of a table, by id: in the order in which they were made, to the millisecond."""
        return self.rows(sa.select(model.__table__).where(*conditions).order_by(model.id))

    def one(self, model: Any, *conditions: Any) -> Any:
        (row,) = self.all(model, *conditions)
        return row

    def instance(self, instance_id: UUID) -> Any:
        return self.one(ProcessInstance, ProcessInstance.id == instance_id)

    def tasks(self, instance_id: UUID | None = None) -> set[str]:
        """The steps that wait for people."""
        return {row.element_id for row in self._open(instance_id)}

    def task(self, element: str, instance_id: UUID | None = None) -> Any:
        """The open step of an element."""
        (row,) = [row for row in self._open(instance_id) if row.element_id == element]
        return row

    def _open(self, instance_id: UUID | None) -> Sequence[Any]:
        of_instance = [UserTask.instance_id == instance_id] if instance_id else []
        return self.all(UserTask, UserTask.state == UserTaskState.OPEN, *of_instance)

    def timers(self, state: str = "waiting") -> list[str]:
        """The timers in a state, by level, or by element for those of the drawing; in the order of their moments.

        Of those that wait also the levels that come after them.
        """
        if state == "waiting":
            return [one.level or one.element_id for one in self.upcoming()]
        rows = sorted(self.all(Timer, Timer.state == state), key=lambda row: (row.due_at, row.id))
        return [row.level or row.element_id for row in rows]

    def upcoming(self) -> list[Upcoming]:
        """What the timers of all cases will do, in the order of their moments."""
        with self.runtime.reading() as connection:
            tx = ReadOnlyTransaction(self.runtime, connection, self.system, self.runtime.now(connection))
            cases = connection.scalars(sa.select(ProcessInstance.id)).all()
            return sorted(one for case in cases for one in upcoming(tx, case))

    def incidents(self) -> Sequence[Any]:
        return self.all(Incident, Incident.state == "open")

    def jobs(self, kind: str) -> Sequence[Any]:
        return self.all(Job, Job.kind == kind)

    def facts(self, stream: UUID | None = None) -> list[list[Fact]]:
        """What each event of a stream says."""
        query = sa.select(Event.data).where(Event.stream == (stream or self.tenant_id)).order_by(Event.sequence)
        return [events.decode(row.data) for row in self.rows(query)]

    def types(self, stream: UUID) -> list[str]:
        """What each event of a stream is called."""
        query = sa.select(Event.type).where(Event.stream == stream).order_by(Event.sequence)
        return [row.type for row in self.rows(query)]

    def check(self) -> None:
        """The chains hold, and the tables are what the events rebuild."""
        with self.runtime.reading() as connection:
            assert verify(connection) == []
            assert differences(connection) == []


def local(day: date, clock: str = "00:00") -> datetime:
    """An instant in Việt Nam."""
    return datetime.combine(day, time.fromisoformat(clock), LOCAL)
