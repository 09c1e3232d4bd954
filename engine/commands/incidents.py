"""Incidents: raised where something cannot go on, retried or closed by a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from engine.advance import record_following
from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound, Rejected
from engine.facts import IncidentRaised, IncidentResolved, TimerCancelled
from engine.facts.incidents import AlikeResolved
from engine.ids import uuid7
from engine.models import Incident, IncidentState, Job, JobState, Timer, TimerKind, TimerState, UserTask
from engine.spiff import Waits
from engine.transaction import Transaction

GIVEN_UP_FOR = timedelta(days=1)
"""How long a timer of the drawing rests whose incident was closed: what it belongs to may be mended by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseIncident(Command):
    """Tell an administrator that something cannot go on; one open incident per job, timer or place."""

    permission = EnginePermission.SYSTEM

    instance_id: UUID | None
    element_id: str | None
    message: str
    detail: str
    job_id: UUID | None = None
    timer_id: UUID | None = None


@handles(RaiseIncident)
def raise_incident(command: RaiseIncident, tx: Transaction) -> None:
    """The same fault stays one incident."""
    _load_if_it_exists(tx, command.instance_id)
    if _is_known(tx, command):
        return
    tx.record(
        IncidentRaised(
            uuid7(), _instance_id(tx), command.job_id, command.timer_id, command.element_id, command.message,
            command.detail,
        )
    )  # fmt: skip


def _instance_id(tx: Transaction) -> UUID | None:
    return tx.instance.id if tx.instance else None


def _is_known(tx: Transaction, command: RaiseIncident) -> bool:
    if command.job_id is not None:
        same = [Incident.job_id == command.job_id]
    elif command.timer_id is not None:
        same = [Incident.timer_id == command.timer_id]
    else:
        same = [
            Incident.instance_id == _instance_id(tx),
            Incident.element_id == command.element_id,
            Incident.message == command.message,
        ]
    known = sa.select(Incident.id).where(
        Incident.tenant_id == tx.tenant_id, Incident.state == IncidentState.OPEN, *same
    )
    return tx.connection.scalar(known.limit(1)) is not None


def _load_if_it_exists(tx: Transaction, instance_id: UUID | None) -> None:
    """An instance whose start failed was never written: its incident goes to the tenant's stream."""
    if instance_id is None:
        return
    try:
        tx.load_instance(instance_id)
    except NotFound:
        tx.instance = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveIncident(Command):
    """Retry what failed, or close the incident with a reason."""

    permission = EnginePermission.OPERATE

    incident_id: UUID
    retry: bool
    reason: str


@handles(ResolveIncident)
def resolve_incident(command: ResolveIncident, tx: Transaction) -> None:
    """Raises NotFound; Rejected without a reason to close. Another person's click in the meantime is no error."""
    if not command.retry and not command.reason.strip():
        raise Rejected("Chưa nhập lý do đóng sự cố.")
    incident = tx.session.get(Incident, command.incident_id)
    if incident is None or incident.tenant_id != tx.tenant_id:
        raise NotFound
    _load_if_it_exists(tx, incident.instance_id)
    tx.session.refresh(incident, with_for_update=tx.locks)
    if incident.state is IncidentState.RESOLVED:
        return
    tx.record(IncidentResolved(incident.id, "thử lại" if command.retry else command.reason.strip()))
    if command.retry:
        _retry(tx, incident)
    elif incident.timer_id is not None:
        _give_up(tx, incident.timer_id)


def _retry(tx: Transaction, incident: Incident) -> None:
    again = {"attempts": 0}
    if incident.job_id is not None:
        retry = sa.update(Job).where(Job.id == incident.job_id, Job.state != JobState.DONE)
        tx.connection.execute(retry.values(state=JobState.READY, run_at=tx.now, lease_owner=None, **again))
    if incident.timer_id is not None:
        tx.connection.execute(sa.update(Timer).where(Timer.id == incident.timer_id).values(fire_at=tx.now, **again))


def _give_up(tx: Transaction, timer_id: UUID) -> None:
    """A reminder is not sent any more, the next one will be; a timer that moves the case waits a day to be mended."""
    columns = Timer.kind, Timer.state, Timer.element_id, Timer.user_task_id, Timer.ahead, UserTask.due_at
    of_step = sa.select(*columns).outerjoin(UserTask, UserTask.id == Timer.user_task_id)
    row = tx.connection.execute(of_step.where(Timer.id == timer_id)).one_or_none()
    if row is None or row.state is not TimerState.WAITING:
        return
    if row.kind is TimerKind.FLOW:
        rest = sa.update(Timer).where(Timer.id == timer_id)
        tx.connection.execute(rest.values(fire_at=tx.now + GIVEN_UP_FOR, attempts=0))
    else:
        tx.record(TimerCancelled(timer_id))
        record_following(tx, row.element_id, row.user_task_id, row.due_at, row.ahead)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveAlike(Command):
    """Retry, or close with a reason, all open incidents that say the same; a job settles them one by one."""

    permission = EnginePermission.OPERATE

    message: str
    retry: bool
    reason: str


@handles(ResolveAlike)
def resolve_alike(command: ResolveAlike, tx: Transaction) -> None:
    """Those that are raised later stay open. Raises NotFound where none says so; Rejected without a reason to close."""
    if not command.retry and not command.reason.strip():
        raise Rejected("Chưa nhập lý do đóng sự cố.")
    if not open_alike(tx.connection, tx.tenant_id, command.message, tx.now, most=1):
        raise NotFound("Không còn sự cố nào như vậy.")
    tx.record(AlikeResolved(command.message, command.retry, command.reason.strip()))
    tx.enqueue(
        "engine.resolve_alike",
        f"resolve_alike:{uuid7()}",
        {
            "message": command.message, "retry": command.retry, "reason": command.reason.strip(),
            "actor_id": tx.actor.id, "until": tx.now.isoformat(),
        },
    )  # fmt: skip


def open_alike(
    connection: sa.Connection, tenant_id: UUID, message: str, until: datetime, *, most: int
) -> Sequence[UUID]:
    """Open incidents that say the same and were there at that time, the oldest first."""
    alike = sa.select(Incident.id).where(
        Incident.tenant_id == tenant_id, Incident.state == IncidentState.OPEN, Incident.message == message,
        Incident.created_at <= until,
    )  # fmt: skip
    return connection.scalars(alike.order_by(Incident.created_at, Incident.id).limit(most)).all()


def close_left_behind(tx: Transaction, waits: Waits, again: Collection[str], resolution: str) -> None:
    """Close the instance's incidents of services, timers and reminders that it does not wait for any more.

    Also those that name nothing but an element on the way that is gone `again`: its step will be sent anew.
    """
    assert tx.instance is not None
    awaited = {waiting.task_id for waiting in (*waits.services, *waits.timers, *waits.user_tasks)}
    found = (
        sa.select(Incident.id, Incident.element_id, Incident.job_id, Job.key, Incident.timer_id, Timer.user_task_id)
        .outerjoin(Job, sa.and_(Job.id == Incident.job_id, Job.kind == "engine.service"))
        .outerjoin(Timer, Timer.id == Incident.timer_id)
        .where(
            Incident.tenant_id == tx.tenant_id, Incident.state == IncidentState.OPEN,
            Incident.instance_id == tx.instance.id,
        )
    )  # fmt: skip
    for row in tx.connection.execute(found):
        if row.job_id is None and row.timer_id is None:
            is_over = (row.element_id or "").partition(":")[0] in again
        else:
            of = UUID(row.key.removeprefix("service:")) if row.key else row.user_task_id or row.timer_id
            is_over = of is not None and of not in awaited
        if is_over:
            tx.record(IncidentResolved(row.id, resolution))
