"""The engine's tables.

`process_instances` (but for the state bytes), `user_tasks`, `timers`, `message_subscriptions` and `incidents` are
written by the appliers of `engine.events` only, and can be rebuilt from `events`.
"""

from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from engine.ids import uuid7

NO_DUE = datetime(9999, 1, 1, tzinfo=UTC)
"""Sorts what has no due time behind everything that has one."""


@lru_cache(maxsize=256)  # A command writes its moment a dozen times.
def _as_text(instant: datetime) -> str:
    return f"{instant.astimezone(UTC).isoformat(timespec='microseconds')[:26]}Z"


class Instant(sa.types.TypeDecorator[datetime]):
    """An instant: timestamptz on PostgreSQL, fixed-width UTC text on SQLite so that text order is time order."""

    impl = sa.String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.DateTime(timezone=True))
        return dialect.type_descriptor(sa.String(27))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return _as_text(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


uuid_pk = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
utc = Annotated[datetime, mapped_column(Instant())]


class Base(DeclarativeBase):
    """The declarative base of every table of the product."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        StrEnum: sa.Enum(StrEnum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e]),
        datetime: Instant(),
        bytes: sa.LargeBinary(),
        str: sa.Text(),
    }


class InstanceState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class UserTaskState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    SKIPPED = "skipped"  # by an administrator, without having been done
    CANCELLED = "cancelled"


class TimerKind(StrEnum):
    FLOW = "flow"
    REMINDER = "reminder"
    ESCALATION = "escalation"


class TimerState(StrEnum):
    WAITING = "waiting"
    FIRED = "fired"


class JobState(StrEnum):
    READY = "ready"
    DONE = "done"
    FAILED = "failed"


class IncidentState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"


class Tenant(Base):
    """One People's Committee, as the engine sees it: the stream of its domain events."""

    __tablename__ = "tenants"

    id: Mapped[uuid_pk]
    sequence: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes] = mapped_column(default=bytes(32))
    calendar_version: Mapped[int] = mapped_column(default=0)


class CalendarDay(Base):
    """A day that an administrator declared working or free, against the shipped calendar."""

    __tablename__ = "calendar_days"

    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    working: Mapped[bool]
    note: Mapped[str]


class ProcessDefinition(Base):
    """One deployed, immutable version of a procedure."""

    __tablename__ = "process_definitions"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "key", "version"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    key: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    source: Mapped[bytes]
    compiled: Mapped[bytes]
    content_hash: Mapped[str]
    reason: Mapped[str]
    deployed_at: Mapped[utc]
    deployed_by: Mapped[UUID | None]


class DeployedForm(Base):
    """A form of a deployed version; one bundle with its diagram."""

    __tablename__ = "deployed_forms"

    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definitions.id"), primary_key=True)
    form_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[bytes]


class ProcessInstance(Base):
    """A running or ended case of a definition; `sequence` is also the version for compare-and-swap."""

    __tablename__ = "process_instances"
    __table_args__ = (
        sa.Index("ix_process_instances_definition", "definition_id", "state"),
        sa.UniqueConstraint("tenant_id", "business_key"),
        {"postgresql_with": {"fillfactor": 75}},  # Each step's new row finds room beside the old: no index is touched.
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    definition_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definitions.id"))
    key: Mapped[str]
    business_key: Mapped[str]
    title: Mapped[str]
    search_text: Mapped[str]  # the title, folded
    state: Mapped[InstanceState] = mapped_column(default=InstanceState.ACTIVE)
    sequence: Mapped[int] = mapped_column(default=0)
    head: Mapped[bytes] = mapped_column(default=bytes(32))
    parties: Mapped[str]
    dates: Mapped[str]
    initiator_id: Mapped[UUID | None]
    started_at: Mapped[utc]
    ended_at: Mapped[datetime | None]
    saved_state: Mapped[bytes | None]


OPEN_STEP: sa.ColumnElement[Any] = sa.literal_column(f"'{UserTaskState.OPEN}'")
"""For conditions on the state of steps: written out, since the indexes that find them hold the open ones only."""


def _of_open_steps(name: str, *columns: str) -> sa.Index:
    """Those that are done, nearly all after a year, are found by their case."""
    is_open = sa.text(f"state = '{UserTaskState.OPEN}'")
    return sa.Index(name, *columns, sqlite_where=is_open, postgresql_where=is_open)


class UserTask(Base):
    """A step that waits for a person; its id is the SpiffWorkflow task's."""

    __tablename__ = "user_tasks"
    __table_args__ = (
        _of_open_steps("ix_user_tasks_desk", "tenant_id", "desk", "assignee_id", "order_at", "id"),
        _of_open_steps("ix_user_tasks_assignee", "tenant_id", "assignee_id", "order_at", "id"),
        sa.Index("ix_user_tasks_instance", "instance_id", "created_at"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    element_id: Mapped[str]
    name: Mapped[str]
    form_id: Mapped[str]
    desk: Mapped[str]
    within: Mapped[str | None]  # the turns of repeated elements that it lies in (`Walk.turns_around`)
    assignee_id: Mapped[UUID | None]
    state: Mapped[UserTaskState] = mapped_column(default=UserTaskState.OPEN)
    created_at: Mapped[utc]
    due_at: Mapped[datetime | None]
    order_at: Mapped[utc]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[UUID | None]
    on_behalf_of: Mapped[str | None]


class Timer(Base):
    """One moment at which something happens by itself: a timer of the drawing, or a level of a reminder table.

    A cancelled one is gone; its event tells of it. `due_at` is the moment; `fire_at` the next try, later than `due_at`
    only after a failed one. Of a step's reminders only the next level is a row; `ahead` names the levels that are still
    to come, this one first (`engine.reminders.Level.key`), and firing it schedules the one after it.
    """

    __tablename__ = "timers"
    __table_args__ = (
        sa.Index("ix_timers_due", "state", "fire_at"),
        sa.Index("ix_timers_instance", "instance_id", "state"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    user_task_id: Mapped[UUID | None]
    element_id: Mapped[str]
    kind: Mapped[TimerKind]
    level: Mapped[str]
    ahead: Mapped[str]
    recipients: Mapped[str]
    due_at: Mapped[utc]
    fire_at: Mapped[utc]
    state: Mapped[TimerState] = mapped_column(default=TimerState.WAITING)
    fired_at: Mapped[datetime | None]
    late: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)


class MessageSubscription(Base):
    """A catch event that waits for a message; its id is the SpiffWorkflow task's."""

    __tablename__ = "message_subscriptions"
    __table_args__ = (
        sa.Index("ix_message_subscriptions_instance", "instance_id", "message"),
        sa.Index("ix_message_subscriptions_message", "tenant_id", "message", "id"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    element_id: Mapped[str]
    message: Mapped[str]


class KeptMessage(Base):
    """A message that came before anybody waited for it; delivered once somebody does, gone after `expires_at`."""

    __tablename__ = "kept_messages"
    __table_args__ = (
        sa.Index("ix_kept_messages_instance", "instance_id", "message"),
        sa.Index("ix_kept_messages_expiry", "expires_at"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    message: Mapped[str]
    payload: Mapped[str]
    expires_at: Mapped[utc]


class Submission(Base):
    """What a person entered in a step, as entered; never changed."""

    __tablename__ = "submissions"
    __table_args__ = (
        sa.Index("ix_submissions_instance", "instance_id", "submitted_at"),
        sa.Index("ix_submissions_step", "definition_id", "element_id", "submitted_at"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    user_task_id: Mapped[UUID]
    element_id: Mapped[str]
    definition_id: Mapped[UUID]
    form_id: Mapped[str]
    actor_id: Mapped[UUID | None]
    on_behalf_of: Mapped[str | None]
    submitted_at: Mapped[utc]
    data: Mapped[str]
    data_hash: Mapped[str]


class Draft(Base):
    """What somebody typed and has not sent; belongs to (user task, person)."""

    __tablename__ = "drafts"

    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_tasks.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    data: Mapped[str]
    updated_at: Mapped[utc]


class Incident(Base):
    """A fault that waits for a person."""

    __tablename__ = "incidents"
    __table_args__ = (sa.Index("ix_incidents_state", "tenant_id", "state", "created_at"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    timer_id: Mapped[UUID | None]
    element_id: Mapped[str | None]
    message: Mapped[str]
    detail: Mapped[str]
    state: Mapped[IncidentState] = mapped_column(default=IncidentState.OPEN)
    created_at: Mapped[utc]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    resolution: Mapped[str | None]


class Job(Base):
    """An effect outside the transaction (mail, a document, a message to another instance): at least once, by key."""

    __tablename__ = "jobs"
    __table_args__ = (sa.Index("ix_jobs_ready", "state", "run_at"), sa.UniqueConstraint("key"))

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID | None]
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[str]
    state: Mapped[JobState] = mapped_column(default=JobState.READY)
    run_at: Mapped[utc]
    lease_owner: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    created_at: Mapped[utc]
    done_at: Mapped[datetime | None]


class Event(Base):
    """One command's facts. Append-only; `hash` covers the previous hash and everything in this row."""

    __tablename__ = "events"
    __table_args__ = (sa.Index("ix_events_tenant", "tenant_id", "at"),)

    stream: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    type: Mapped[str]
    actor_id: Mapped[UUID | None]
    on_behalf_of: Mapped[str | None]
    at: Mapped[utc]
    data: Mapped[str]
    hash: Mapped[bytes]


class Clock(Base):
    """How far the movable clock of a rehearsal, a demo or a test is ahead, in seconds."""

    __tablename__ = "clock"

    id: Mapped[int] = mapped_column(primary_key=True)
    ahead_seconds: Mapped[int] = mapped_column(default=0)


class Lease(Base):
    """Who does a piece of singleton work until when; `token` fences off an owner whose lease has ended."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str]
    until: Mapped[utc]
    token: Mapped[int] = mapped_column(default=0)
