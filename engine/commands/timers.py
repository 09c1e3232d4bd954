"""Timers: fire what is due, exactly once."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.incidents import RaiseIncident, raise_incident
from engine.facts import TimerCancelled, TimerFired
from engine.models import InstanceState, ProcessInstance, Timer, TimerKind, TimerState
from engine.spiff import Walk
from engine.transaction import INSTANCE_COLUMNS, Transaction, locking

LATE_AFTER = timedelta(minutes=15)
"""A timer fired later than this after its moment is marked late."""
RETRY_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 5

_timers: Any = Timer.__table__
_instances: Any = ProcessInstance.__table__
_twins: Any = _timers.alias()
HAS_FIRED = sa.exists().where(
    _twins.c.instance_id == _timers.c.instance_id, _twins.c.element_id == _timers.c.element_id,
    _twins.c.level == _timers.c.level, _twins.c.due_at == _timers.c.due_at, _twins.c.state == TimerState.FIRED,
    _timers.c.kind != TimerKind.FLOW,
)  # fmt: skip
"""The same level has fired for the same moment: the clock was put back, and the step was entered anew."""
TIMER_COLUMNS = [
    *(
        _timers.c[n].label(f"timer_{n}")
        for n in ("id", "user_task_id", "element_id", "kind", "level", "recipients", "due_at", "state", "attempts")
    ),
    HAS_FIRED.label("timer_has_fired"),
]

FIND_TIMER = (
    sa.select(*INSTANCE_COLUMNS, *TIMER_COLUMNS)
    .join_from(_timers, _instances, _instances.c.id == _timers.c.instance_id)
    .where(_timers.c.id == sa.bindparam("timer_id"))
)
FIND_AND_LOCK_TIMER = locking(FIND_TIMER, _instances, _timers, skip_locked=True)
_is_overdue = _timers.c.state == TimerState.WAITING, _timers.c.due_at <= sa.bindparam("now")
FIND_OVERDUE = (
    sa.select(*TIMER_COLUMNS)
    .where(_timers.c.instance_id == sa.bindparam("instance"), *_is_overdue)
    .order_by(_timers.c.due_at, _timers.c.id)
)
HAS_OVERDUE = sa.exists().where(_timers.c.instance_id == _instances.c.id, *_is_overdue).label("has_overdue")
"""For whoever reads an instance anyway: mostly there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTimer(Command):
    """Fire one timer if it is still due; a stale trigger changes nothing."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    timer_id: UUID


@handles(FireTimer)
def fire_timer(command: FireTimer, tx: Transaction) -> bool:
    """Return whether it fired: not if another scheduler has or had it, or it was cancelled or moved.

    Raises WalkFailed.
    """
    query = FIND_AND_LOCK_TIMER if tx.locks else FIND_TIMER
    row = tx.connection.execute(query, {"timer_id": command.timer_id}).one_or_none()
    if row is None or row.timer_state != TimerState.WAITING or row.timer_due_at > tx.now:
        return False
    if tx.adopt(row).state is not InstanceState.ACTIVE:
        return False
    _record_fired(tx, row)
    if row.timer_kind == TimerKind.FLOW:
        walk = restore(tx)
        before = walk.waits
        walk.fire(row.timer_id)
        advance(tx, walk, before)
    return True


def _record_fired(tx: Transaction, row: Any) -> None:
    if row.timer_has_fired:
        tx.record(TimerCancelled(row.timer_id))
        return
    late = tx.now - row.timer_due_at > LATE_AFTER
    tx.record(
        TimerFired(
            row.timer_id, row.timer_element_id, row.timer_user_task_id, TimerKind(row.timer_kind), row.timer_level,
            row.timer_recipients, row.timer_due_at, late,
        )
    )  # fmt: skip


def fire_overdue(tx: Transaction, walk: Walk) -> None:
    """Fire the due, unfired timers of the command's instance, oldest first, before something else ends them.

    One of them may end what later ones belong to: those do not fire any more.
    """
    assert tx.instance is not None
    for row in tx.connection.execute(FIND_OVERDUE, {"instance": tx.instance.id, "now": tx.now}).all():
        if not _still_waits(walk, row):
            continue
        _record_fired(tx, row)
        if row.timer_kind == TimerKind.FLOW:
            walk.fire(row.timer_id)
            walk.run()


def _still_waits(walk: Walk, row: Any) -> bool:
    if row.timer_kind == TimerKind.FLOW:
        return any(timer.task_id == row.timer_id for timer in walk.waits.timers)
    return any(task.task_id == row.timer_user_task_id for task in walk.waits.user_tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class PutTimerOff(Command):
    """A timer failed to fire: try again later, so that it never blocks the others; the fifth failure is an incident."""

    permission = EnginePermission.SYSTEM

    timer_id: UUID
    instance_id: UUID
    error: str


@handles(PutTimerOff)
def put_timer_off(command: PutTimerOff, tx: Transaction) -> None:
    """Attempts and the next try need no event; the incident has one."""
    tx.load_instance(command.instance_id)
    put_off = (
        sa.update(_timers)
        .where(_timers.c.id == command.timer_id, _timers.c.state == TimerState.WAITING)
        .values(attempts=_timers.c.attempts + 1, fire_at=tx.now + RETRY_AFTER)
        .returning(_timers.c.attempts, _timers.c.element_id)
    )
    row = tx.connection.execute(put_off).one_or_none()
    if row is None or row.attempts < MOST_ATTEMPTS:
        return
    incident = RaiseIncident(
        instance_id=command.instance_id, element_id=row.element_id, timer_id=command.timer_id,
        message="Bộ hẹn giờ không chạy được sau nhiều lần thử.", detail=command.error,
    )  # fmt: skip
    raise_incident(incident, tx)
