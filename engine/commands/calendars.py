"""Working days that change: what still waits for one of them moves along, what has happened stays."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import due_of, levels_of, next_timer, restore_by_hand
from engine.calendar import Calendar
from engine.command import Command, EnginePermission, handles
from engine.errors import InstanceNotActive
from engine.events import Fact, fact
from engine.facts import DueTimeChanged, TimerCancelled, TimerMoved, UserTaskRescheduled
from engine.history import entered, history
from engine.models import (
    OPEN_STEP,
    InstanceState,
    ProcessInstance,
    Timer,
    TimerKind,
    TimerState,
    UserTask,
)
from engine.reminders import Level, named_in
from engine.spiff import Walk, WalkFailed
from engine.transaction import Transaction

RUNNING = (InstanceState.ACTIVE, InstanceState.SUSPENDED)


@fact
@dataclass(frozen=True, slots=True)
class CalendarFollowed(Fact):
    """Due times and timers of the instance were computed anew, by other working days than before."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowCalendar(Command):
    """Move what the instance waits for, as far as it hangs on working days that have changed.

    `before` are the administrator's days as they were: only what they led to moves, so a due time that somebody set
    by hand stays, and of several changes each thing follows the one that it was computed before.
    """

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    before: Mapping[date, bool]  # True is worked, False is free
    reason: str


@handles(FollowCalendar)
def follow_calendar(command: FollowCalendar, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive."""
    if tx.load_instance(command.instance_id).state not in RUNNING:
        raise InstanceNotActive
    was, now = _Reckoning(tx, Calendar(overrides=command.before)), _Reckoning(tx, tx.calendar)
    timers = _waiting_timers(tx)
    of_steps, of_flow = [*_moves_of_steps(tx, timers, was, now)], [*_moves_of_flow(tx, timers, was, now)]
    if not of_steps and not of_flow:
        return
    for moved in (CalendarFollowed(command.reason), *of_steps, *of_flow):
        tx.record(moved)
    if of_flow:
        _put_off(tx, of_flow)


class _Reckoning:
    """What one calendar makes of the things that an instance waits for, each counted from when it was entered."""

    def __init__(self, tx: Transaction, calendar: Calendar) -> None:
        self._tx, self._calendar = tx, calendar

    def due(self, task: Any) -> datetime | None:
        """When a step is due."""
        walk = self._walk(task.created_at)
        return due_of(walk.definition.steps[task.element_id], walk, self._tx, task.id)

    def reminders(self, task: Any, due: datetime | None) -> tuple[Level, ...]:
        """The levels of a step's reminders."""
        definition = self._walk(task.created_at).definition
        return levels_of(self._tx, definition, definition.steps[task.element_id], due)

    def timer(self, timer_id: UUID, entered: datetime) -> datetime | None:
        """When a timer of the drawing is due; None for a duration, which counts hours."""
        return self._walk(entered).reckoned(timer_id)

    def _walk(self, entered: datetime) -> Walk:
        self._tx.reckon_by(self._calendar)
        return restore_by_hand(self._tx, as_of=entered)


def _moves_of_steps(tx: Transaction, timers: Sequence[Any], was: _Reckoning, now: _Reckoning) -> Iterator[Fact]:
    assert tx.instance is not None
    is_open = UserTask.instance_id == tx.instance.id, UserTask.state == OPEN_STEP
    for task in tx.connection.execute(sa.select(UserTask.__table__).where(*is_open)).all():
        with suppress(WalkFailed):  # What no calendar can tell stays as it is.
            yield from _moves_of_step(tx, task, [row for row in timers if row.user_task_id == task.id], was, now)


def _moves_of_step(
    tx: Transaction, task: Any, reminders: Sequence[Any], was: _Reckoning, now: _Reckoning
) -> Iterator[Fact]:
    """Its due time and its reminders; those of a due time that was set by hand count from that."""
    due, moved_due = was.due(task), now.due(task)
    if due != task.due_at or moved_due is None or (due != moved_due and task.id in _set_by_hand(tx)):
        due = moved_due = task.due_at
    before, after = was.reminders(task, due), now.reminders(task, moved_due)
    if moved_due is not None and moved_due != due:
        yield UserTaskRescheduled(task.id, moved_due)
    for row in reminders:
        yield from _moves_of_reminder(tx, row, before, after)


def _moves_of_reminder(tx: Transaction, row: Any, before: Sequence[Level], after: Sequence[Level]) -> Iterator[Fact]:
    """The next level; by the new days another of those to come may be the next."""
    level, *_ = to_come = named_in(row.ahead)
    if (row.due_at, level) not in {(was.moment, was.key) for was in before}:
        return
    following = next_timer(tx, row.element_id, row.user_task_id, [now for now in after if now.key in to_come])
    if following is None or (following.due_at, following.level) == (row.due_at, row.level):
        return
    if named_in(following.ahead)[0] == level:
        yield TimerMoved(row.id, following.due_at)
    else:
        yield TimerCancelled(row.id)
        yield following


def _moves_of_flow(tx: Transaction, timers: Sequence[Any], was: _Reckoning, now: _Reckoning) -> Iterator[TimerMoved]:
    """The timers of the drawing."""
    drawn = {row.id: row for row in timers if row.kind == TimerKind.FLOW}
    for timer_id, began in entered(tx, drawn.keys()):
        with suppress(WalkFailed):
            moved = now.timer(timer_id, began)
            if moved is None or moved == drawn[timer_id].due_at or timer_id in _set_by_hand(tx):
                continue
            if drawn[timer_id].due_at == was.timer(timer_id, began):
                yield TimerMoved(timer_id, moved)


def _set_by_hand(tx: Transaction) -> set[UUID]:
    """Steps and timers that somebody moved since they were last computed: the days may lead to the same moment."""
    found: set[UUID] = set()
    for _, facts in history(tx):
        moved = {entry.timer_id for entry in facts if isinstance(entry, TimerMoved)}
        moved |= {entry.user_task_id for entry in facts if isinstance(entry, UserTaskRescheduled | DueTimeChanged)}
        found = found | moved if isinstance(facts[0], DueTimeChanged) else found - moved
    return found


def _waiting_timers(tx: Transaction) -> Sequence[Any]:
    assert tx.instance is not None
    waiting = Timer.instance_id == tx.instance.id, Timer.state == TimerState.WAITING
    return tx.connection.execute(sa.select(Timer.__table__).where(*waiting)).all()


def _put_off(tx: Transaction, moves: Sequence[TimerMoved]) -> None:
    """The process has to know of its own timers."""
    walk = restore_by_hand(tx)
    for moved in moves:
        walk.put_off(moved.timer_id, moved.due_at)
    tx.saved_state = walk.save()


def follow_calendar_later(tx: Transaction, before: Mapping[date, bool], version: int, reason: str) -> None:
    """Leave one job for each instance; `version` is the calendar's, once changed.

    The caller has taken the turn of CALENDAR before it changed anything.
    """
    running = sa.select(ProcessInstance.id).where(
        ProcessInstance.tenant_id == tx.tenant_id, ProcessInstance.state.in_(RUNNING)
    )
    days = {day.isoformat(): working for day, working in before.items()}
    for instance_id in tx.connection.scalars(running).all():
        payload = {"instance_id": instance_id, "before": days, "reason": reason}
        tx.enqueue("engine.follow_calendar", f"calendar:{instance_id}:{version}", payload, instance_id=instance_id)
