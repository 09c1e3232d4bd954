"""Driving an instance: restore its walk, and record what a step of it changed."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.calendar import CalendarError, as_date
from engine.desks import resolve_desk, works_at
from engine.facts import (
    InstanceEnded,
    MessageSent,
    ServiceRequested,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCancelled,
    TimerFired,
    TimerScheduled,
    UserTaskCancelled,
    UserTaskCreated,
    UserTaskTimersCancelled,
    VariablesAssigned,
)
from engine.ids import uuid7
from engine.models import InstanceState, TimerKind
from engine.reminders import OF_CASE, Level, Reminder, levels_in, named_in, names_of
from engine.separation import last_doer
from engine.spiff import LAST_DOER, SIGNAL, Context, Definition, SentMessage, Step, Waits, Walk, WalkFailed, to_text
from engine.transaction import Transaction

CASE_CLOCK = "case"
"""A step with `clock=case` runs against the case's own deadline and its reminders."""


def context(tx: Transaction, as_of: datetime | None = None) -> Context:
    """What expressions of the instance may use beside its data; `as_of` an earlier moment, else now."""
    assert tx.instance is not None
    now = as_of or tx.now
    return Context(now=now, dates=tx.instance.dates, functions=tx.calendar.functions(now))


def restore(tx: Transaction) -> Walk:
    """The walk of the command's instance, as it was saved. Raises InstanceNotActive."""
    assert tx.instance is not None
    tx.instance.require_active()
    return restore_by_hand(tx)


def restore_by_hand(tx: Transaction, as_of: datetime | None = None) -> Walk:
    """The walk of an instance that may be suspended, for whoever mends it or looks at it as of an earlier moment."""
    instance = tx.instance
    assert instance is not None
    assert instance.saved_state is not None, "an instance is saved when it is started"
    return Walk.restore(tx.definition, instance.saved_state, context(tx, as_of))


def advance(tx: Transaction, walk: Walk, before: Waits, *, completed: UUID | None = None) -> None:
    """Run to the next wait and record every difference to `before`. Raises WalkFailed; nothing has changed then.

    `completed` is the user task whose completion is recorded by the caller.
    """
    walk.run()
    after = walk.waits
    for element_id, values in walk.assigned:
        tx.record(VariablesAssigned(element_id, to_text(values)))
    _record_ended_tasks(tx, before, after, completed)
    _record_timers(tx, before, after)
    _record_subscriptions(tx, before, after)
    for place, sent in enumerate(walk.outbox):
        tx.record(MessageSent(sent.element_id, sent.message, dict(sent.payload)))
        if sent.message.startswith(SIGNAL):
            _signal_others(tx, sent, place)
    for waiting in sorted(after.user_tasks - before.user_tasks, key=lambda w: w.element_id):
        _record_user_task(tx, walk, waiting.task_id, waiting.element_id)
    for waiting in sorted(after.services - before.services, key=lambda w: w.element_id):
        _request_service(tx, walk, waiting.task_id, waiting.element_id)
    if after.completed:
        tx.record(InstanceEnded(InstanceState.COMPLETED))
    tx.saved_state = walk.save()


def _record_ended_tasks(tx: Transaction, before: Waits, after: Waits, completed: UUID | None) -> None:
    for waiting in before.user_tasks - after.user_tasks:
        task_id = waiting.task_id
        if task_id != completed:
            tx.record(UserTaskCancelled(task_id))
        tx.record(UserTaskTimersCancelled(task_id))


def _record_timers(tx: Transaction, before: Waits, after: Waits) -> None:
    waiting = {timer.id for timer in after.timers}
    gone = {timer.task_id for timer in before.timers if timer.id not in waiting}
    fired = {fact.timer_id for fact in tx.facts if isinstance(fact, TimerFired)}
    for task_id in gone - fired:
        tx.record(TimerCancelled(task_id))
    known = {timer.id for timer in before.timers}
    for timer in sorted(after.timers, key=lambda t: t.due_at):
        if timer.id not in known:
            tx.record(TimerScheduled(timer.task_id, None, timer.element_id, TimerKind.FLOW, "", "", timer.due_at))


def _record_subscriptions(tx: Transaction, before: Waits, after: Waits) -> None:
    for gone in before.subscriptions - after.subscriptions:
        tx.record(SubscriptionClosed(gone.task_id))
    for new in sorted(after.subscriptions - before.subscriptions, key=lambda s: s.element_id):
        tx.record(SubscriptionOpened(new.task_id, new.element_id, new.message))


def _signal_others(tx: Transaction, sent: SentMessage, place: int) -> None:
    """This instance has heard its own signal; a job tells the others of the tenant that wait for it."""
    assert tx.instance is not None
    key = f"signal:{tx.instance.id}:{tx.instance.sequence + 1}:{place}"
    tx.enqueue("engine.signal", key, {"signal": sent.message.removeprefix(SIGNAL), "payload": dict(sent.payload)})


def _request_service(tx: Transaction, walk: Walk, task_id: UUID, element_id: str) -> None:
    assert tx.instance is not None
    service = walk.definition.services[element_id].service
    tx.record(ServiceRequested(task_id, element_id, service))
    tx.enqueue(
        "engine.service",
        f"service:{task_id}",
        {"instance_id": tx.instance.id, "task_id": task_id, "element_id": element_id, "service": service},
    )


def _record_user_task(tx: Transaction, walk: Walk, task_id: UUID, element_id: str) -> None:
    step = walk.definition.steps[element_id]
    desk = resolve_desk(tx, step.assignee, tx.instance.parties if tx.instance else {}, element_id)
    due_at = due_of(step, walk, tx, task_id)
    person, within = person_of(step, walk, tx, task_id, desk), walk.turns_around(task_id)
    tx.record(UserTaskCreated(task_id, element_id, step.name, step.form, desk, person, due_at, within))
    record_reminders(tx, walk.definition, step, task_id, due_at)


def person_of(step: Step, walk: Walk, tx: Transaction, task_id: UUID, desk: str) -> UUID | None:
    """The person a step goes to at once: whom its expression names, if they work where its desk is.

    A step of somebody who has left would wait unseen: it waits at its desk.
    """
    if not step.person:
        return None
    local = {}
    if LAST_DOER in step.person:
        doer = last_doer(tx, step, walk.turns_around(task_id))
        local[LAST_DOER] = str(doer) if doer and works_at(tx.reading, doer, desk) else None
    value = walk.evaluate(step.person, task_id, local)
    if not value:
        return None
    try:
        person = UUID(str(value))
    except ValueError as error:
        raise WalkFailed(step.element_id, f"Thuộc tính person của bước không cho ra một người: {value!r}.") from error
    return person if works_at(tx.reading, person, desk) else None


def due_of(step: Step, walk: Walk, tx: Transaction, task_id: UUID) -> datetime | None:
    """When the step is due: its own expression, else the case's deadline for a step on the case's clock."""
    assert tx.instance is not None
    expression = step.due or ("deadline" if step.clock == CASE_CLOCK else "")
    if not expression:
        return None
    value: Any = walk.evaluate(expression, task_id)
    if value is None or isinstance(value, datetime):
        return value
    try:
        return tx.calendar.end_of(as_date(value))  # A bare date is the last day in time.
    except CalendarError as error:
        raise WalkFailed(step.element_id, f"Không tính được hạn của bước: {error}") from error


def record_reminders(
    tx: Transaction, definition: Definition, step: Step, task_id: UUID, due_at: datetime | None
) -> None:
    """Schedule the first of the step's reminders that are still ahead, its own and those of the case.

    Levels already past are skipped: one return after the deadline must not mail the vice chair again.

    Raises WalkFailed.
    """
    ahead = [level for level in levels_of(tx, definition, step, due_at) if level.moment > tx.now]
    record_next(tx, step.element_id, task_id, ahead)


def levels_of(tx: Transaction, definition: Definition, step: Step, due_at: datetime | None) -> tuple[Level, ...]:
    """All levels of a step's reminders: its own, and on the case's clock those of the case. Raises WalkFailed."""
    assert tx.instance is not None
    deadline = tx.instance.dates.get("deadline") if step.clock == CASE_CLOCK else None
    try:
        own = levels_in(step.reminders, due_at, tx.calendar)
        return own + levels_in(definition.properties.get("reminders", ""), deadline, tx.calendar, OF_CASE)
    except CalendarError as error:
        raise WalkFailed(step.element_id, f"Không tính được lịch nhắc của bước: {error}") from error


def record_next(tx: Transaction, element_id: str, task_id: UUID, ahead: Iterable[Level]) -> TimerScheduled | None:
    """Schedule the earliest of the levels that are still to come, if any; its row keeps the others in mind."""
    timer = next_timer(tx, element_id, task_id, ahead)
    if timer is not None:
        tx.record(timer)
    return timer


def next_timer(tx: Transaction, element_id: str, task_id: UUID, ahead: Iterable[Level]) -> TimerScheduled | None:
    """The timer of the earliest of the levels that are still to come. Raises WalkFailed."""
    levels = sorted(ahead)
    if not levels:
        return None
    reminder = levels[0].reminder
    return TimerScheduled(
        uuid7(), task_id, element_id, reminder.kind, reminder.level, recipients_of(tx, reminder, element_id),
        levels[0].moment, names_of(levels),
    )  # fmt: skip


def record_following(
    tx: Transaction, element_id: str, task_id: UUID, step_due: datetime | None, ahead: str
) -> TimerScheduled | None:
    """The first of these levels is over: schedule the one after it, even if that was missed too. Raises WalkFailed."""
    return record_next(tx, element_id, task_id, levels_after(tx, element_id, step_due, ahead))


def levels_after(tx: Transaction, element_id: str, step_due: datetime | None, ahead: str) -> list[Level]:
    """The levels that a row names after its own, with the moments that hold now. Raises WalkFailed."""
    keys = named_in(ahead)[1:]
    if not keys:
        return []
    assert tx.instance is not None
    definition = tx.definition
    levels = levels_of(tx, definition, definition.steps[element_id], step_due)
    return [level for level in levels if level.key in keys]


def recipients_of(tx: Transaction, reminder: Reminder, element_id: str) -> str:
    """Whom a reminder goes to: desks with the units put in. Raises WalkFailed where the case has no such party."""
    return " ".join(_resolve_recipient(tx, recipient, element_id) for recipient in reminder.recipients)


def _resolve_recipient(tx: Transaction, recipient: str, element_id: str) -> str:
    assert tx.instance is not None
    return resolve_desk(tx, recipient, tx.instance.parties, element_id) if "@" in recipient else recipient
