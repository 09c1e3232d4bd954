"""Timers: fire what is due, exactly once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import advance, record_following, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.incidents import RaiseIncident, raise_incident
from engine.facts import TimerCancelled, TimerFired, TimerScheduled
from engine.models import InstanceState, ProcessInstance, Timer, TimerKind, TimerState, UserTask, UserTaskState
from engine.records import INSTANCE_COLUMNS, INSTANCES, locking
from engine.spiff import Walk
from engine.statements import fetch, fetch_one
from engine.transaction import Transaction

LATE_AFTER = timedelta(minutes=15)
"""A timer fired later than this after its moment is marked late."""
RETRY_AFTER = timedelta(minutes=5)
MOST_ATTEMPTS = 5

_timers: Any = Timer.__table__
_instances: Any = ProcessInstance.__table__
_user_tasks: Any = UserTask.__table__
HAS_FIRED = (
    sa.select(_timers.c.id)
    .where(
        _timers.c.instance_id == sa.bindparam("instance"), _timers.c.state == TimerState.FIRED,
        _timers.c.element_id == sa.bindparam("element"), _timers.c.level == sa.bindparam("level"),
        _timers.c.due_at == sa.bindparam("due_at"),
        (_timers.c.user_task_id == sa.bindparam("task"))
        | ~sa.exists().where(_user_tasks.c.id == _timers.c.user_task_id, _user_tasks.c.state == UserTaskState.OPEN),
    )
    .limit(1)
)  # fmt: skip
"""The same level has fired for the same moment: the clock was put back, and the step was entered anew.

That of another who does the step at the same time, as one of several, is not the same.
"""
TIMER_COLUMNS = [
    *(
        _timers.c[n].label(f"timer_{n}")
        for n in ("id", "user_task_id", "element_id", "kind", "level", "recipients", "due_at", "ahead", "state")
    ),
    sa.select(_user_tasks.c.due_at)
    .where(_user_tasks.c.id == _timers.c.user_task_id)
    .scalar_subquery()
    .label("step_due"),
]

FIND_TIMER = (
    sa.select(*INSTANCE_COLUMNS, *TIMER_COLUMNS)
    .join_from(_timers, INSTANCES, _instances.c.id == _timers.c.instance_id)
    .where(_timers.c.id == sa.bindparam("timer_id"))
)
FIND_AND_LOCK_TIMER = locking(FIND_TIMER, _instances, _timers, skip_locked=True)


def is_due(now: Any) -> tuple[Any, ...]:
    """The conditions under which a timer fires: at its moment, and where it failed then, at its next try."""
    return _timers.c.state == TimerState.WAITING, _timers.c.fire_at <= now, _timers.c.due_at <= now


_is_overdue = is_due(sa.bindparam("now"))
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


@dataclass(frozen=True, slots=True)
class Fired:
    """A timer has fired; of a reminder with the level that comes next."""

    following: TimerScheduled | None


@handles(FireTimer)
def fire_timer(command: FireTimer, tx: Transaction) -> Fired | None:
    """None where it did not fire: another scheduler has or had it, or it was cancelled or moved.

    Raises WalkFailed.
    """
    query = FIND_AND_LOCK_TIMER if tx.locks else FIND_TIMER
    row = fetch_one(tx.connection, query, {"timer_id": command.timer_id})
    if row is None or row.timer_state != TimerState.WAITING or row.timer_due_at > tx.now:
        return None
    if tx.adopt(row).state is not InstanceState.ACTIVE:
        return None
    timer = _timer(row)
    fired = Fired(_record_fired(tx, timer, row.step_due))
    if timer.kind is TimerKind.FLOW:
        walk = restore(tx)
        before = walk.waits
        walk.fire(timer.timer_id)
        advance(tx, walk, before)
    return fired


def _timer(row: Any) -> TimerScheduled:
    """The timer of a row of TIMER_COLUMNS, as it would be scheduled now."""
    return TimerScheduled(
        row.timer_id, row.timer_user_task_id, row.timer_element_id, TimerKind(row.timer_kind), row.timer_level,
        row.timer_recipients, row.timer_due_at, row.timer_ahead,
    )  # fmt: skip


def _record_fired(tx: Transaction, timer: TimerScheduled, step_due: datetime | None) -> TimerScheduled | None:
    """Return the level that comes after it, for a reminder."""
    if timer.user_task_id is not None and _has_fired(tx, timer):
        tx.record(TimerCancelled(timer.timer_id))
    else:
        tx.record(
            TimerFired(
                timer.timer_id, timer.element_id, timer.user_task_id, timer.kind, timer.level, timer.recipients,
                timer.due_at, tx.now - timer.due_at > LATE_AFTER,
            )
        )  # fmt: skip
    if timer.user_task_id is None:
        return None
    return record_following(tx, timer.element_id, timer.user_task_id, step_due, timer.ahead)


def _has_fired(tx: Transaction, timer: TimerScheduled) -> bool:
    assert tx.instance is not None
    values = {
        "element": timer.element_id, "level": timer.level, "due_at": timer.due_at, "task": timer.user_task_id,
    }  # fmt: skip
    return bool(fetch(tx.connection, HAS_FIRED, {"instance": tx.instance.id, **values}))


def fire_overdue(tx: Transaction, walk: Walk) -> None:
    """Fire the due, unfired timers of the command's instance, oldest first, before something else ends them.

    One of them may end what later ones belong to: those do not fire any more. One that failed waits for its next try,
    and keeps nobody from their steps meanwhile.
    """
    assert tx.instance is not None
    rows = tx.connection.execute(FIND_OVERDUE, {"instance": tx.instance.id, "now": tx.now}).all()
    overdue = [(row.timer_due_at, row.timer_id, _timer(row), row.step_due) for row in rows]
    while overdue:
        *_, timer, step_due = heappop(overdue)
        if not _still_waits(walk, timer):
            continue
        following = _record_fired(tx, timer, step_due)
        if following is not None and following.due_at <= tx.now:
            heappush(overdue, (following.due_at, following.timer_id, following, step_due))
        if timer.kind is TimerKind.FLOW:
            walk.fire(timer.timer_id)
            walk.run()


def _still_waits(walk: Walk, timer: TimerScheduled) -> bool:
    if timer.kind is TimerKind.FLOW:
        return any(waiting.task_id == timer.timer_id for waiting in walk.waits.timers)
    return any(task.task_id == timer.user_task_id for task in walk.waits.user_tasks)


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
