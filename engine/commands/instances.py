"""Process instances: start, cancel, move their dates, suspend and resume."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import CASE_CLOCK, advance, context, due_of, record_reminders, restore
from engine.command import Command, EnginePermission, handles
from engine.errors import InstanceNotActive, NotFound, Rejected
from engine.facts import (
    DatesChanged,
    IncidentResolved,
    InstanceEnded,
    InstanceResumed,
    InstanceStarted,
    InstanceSuspended,
    SubscriptionClosed,
    TimerCancelled,
    TimerMoved,
    UserTaskCancelled,
    UserTaskRescheduled,
    UserTaskTimersCancelled,
    VariablesAssigned,
)
from engine.history import entered
from engine.ids import uuid7
from engine.models import (
    OPEN_STEP,
    Incident,
    IncidentState,
    InstanceState,
    Job,
    JobState,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    Timer,
    TimerState,
    UserTask,
)
from engine.records import dates_to_json
from engine.spiff import Step, Waits, Walk, hangs_on, to_text
from engine.transaction import Instance, Transaction

CALENDAR = "working days"
"""Whose turn cases take together to start, and a change of the days alone: it knows all that began by the old ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StartInstance(Command):
    """Start a case of the version in force; one business key is one instance, however often the start is tried."""

    permission = EnginePermission.SYSTEM

    key: str  # of the procedure
    business_key: str
    title: str
    data: Mapping[str, Any] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)  # party → unit id
    dates: Mapping[str, date] = field(default_factory=dict)
    message: str | None = None  # the message that starts it; None: by hand
    start_event: str | None = None  # a start event by its id, where there are several
    instance_id: UUID | None = None  # chosen by the caller, who has rows that point to it


@handles(StartInstance)
def start_instance(command: StartInstance, tx: Transaction) -> UUID:
    """Return the instance's id. Raises NotFound where no such procedure is in force, WalkFailed."""
    tx.take_turns(command.business_key)
    tx.take_turns(CALENDAR, together=True)
    existing: UUID | None = tx.connection.scalar(
        sa.select(ProcessInstance.id).where(
            ProcessInstance.tenant_id == tx.tenant_id, ProcessInstance.business_key == command.business_key
        )
    )
    if existing is not None:
        return existing
    definition_id = in_force(tx, command.key)
    instance = _new_instance(command, tx, definition_id)
    tx.begin_instance(instance)
    tx.record(
        InstanceStarted(
            instance.id, definition_id, command.key, command.business_key, command.title,
            orjson.dumps(dict(command.parties)).decode(), dates_to_json(command.dates),
        )
    )  # fmt: skip
    if command.data:
        tx.record(VariablesAssigned("", to_text(dict(command.data))))
    definition = tx.library.definition(definition_id, tx.connection)
    walk = Walk.start(
        definition, dict(command.data), context(tx), message=command.message, start_event=command.start_event
    )
    advance(tx, walk, Waits.nothing())
    return instance.id


def _new_instance(command: StartInstance, tx: Transaction, definition_id: UUID) -> Instance:
    return Instance(
        id=command.instance_id or uuid7(), tenant_id=tx.tenant_id, definition_id=definition_id, key=command.key,
        business_key=command.business_key, title=command.title, state=InstanceState.ACTIVE, sequence=0,
        head=bytes(32), parties=dict(command.parties), dates=dict(command.dates), saved_state=None, is_new=True,
    )  # fmt: skip


def in_force(tx: Transaction, key: str) -> UUID:
    """The newest deployed version of a procedure. Raises NotFound."""
    definition_id: UUID | None = tx.connection.scalar(
        sa.select(ProcessDefinition.id)
        .where(ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.key == key)
        .order_by(ProcessDefinition.version.desc())
        .limit(1)
    )
    if definition_id is None:
        raise NotFound(f"Chưa triển khai quy trình “{key}”.")
    return definition_id


LONGEST_REASON = 1000


def required(reason: str) -> str:
    """The reason that goes into the history. Raises Rejected where there is none, or a whole essay."""
    reason = reason.strip()
    if not reason:
        raise Rejected("Chưa nhập lý do.")
    if len(reason) > LONGEST_REASON:
        raise Rejected(f"Lý do dài quá {LONGEST_REASON} ký tự.")
    return reason


def require_running(instance: Instance) -> None:
    """Raises InstanceNotActive for a case that has ended; a suspended one can be mended."""
    if instance.state not in (InstanceState.ACTIVE, InstanceState.SUSPENDED):
        raise InstanceNotActive


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelInstance(Command):
    """End a case before its time."""

    permission = EnginePermission.OPERATE
    optimistic = True

    instance_id: UUID
    reason: str


@handles(CancelInstance)
def cancel_instance(command: CancelInstance, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive."""
    instance = tx.load_instance(command.instance_id)
    require_running(instance)
    reason = required(command.reason)
    tx.record(InstanceEnded(InstanceState.CANCELLED, reason))
    _record_all_ended(tx, instance.id)
    _resolve_incidents(tx, instance.id, f"Đã hủy hồ sơ: {reason}")


def _record_all_ended(tx: Transaction, instance_id: UUID) -> None:
    """As the tables tell it: an instance whose state can no longer be read can still be cancelled."""
    open_tasks = sa.select(UserTask.id).where(UserTask.instance_id == instance_id, UserTask.state == OPEN_STEP)
    waiting = sa.select(Timer.id).where(Timer.instance_id == instance_id, Timer.state == TimerState.WAITING)
    subscriptions = sa.select(MessageSubscription.id).where(MessageSubscription.instance_id == instance_id)
    for task_id in tx.connection.scalars(open_tasks):
        tx.record(UserTaskCancelled(task_id))
    for timer_id in tx.connection.scalars(waiting):
        tx.record(TimerCancelled(timer_id))
    for subscription_id in tx.connection.scalars(subscriptions):
        tx.record(SubscriptionClosed(subscription_id))


def _resolve_incidents(tx: Transaction, instance_id: UUID, resolution: str) -> None:
    """What could not go on need not go on any more."""
    is_open = Incident.tenant_id == tx.tenant_id, Incident.state == IncidentState.OPEN
    of_instance = sa.select(Incident.id).where(*is_open, Incident.instance_id == instance_id)
    for incident_id in tx.connection.scalars(of_instance):
        tx.record(IncidentResolved(incident_id, resolution))


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendInstance(Command):
    """Stop a case where it stands; its timers do not fire and its steps can't be completed."""

    permission = EnginePermission.OPERATE
    optimistic = True

    instance_id: UUID
    reason: str


@handles(SuspendInstance)
def suspend_instance(command: SuspendInstance, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive."""
    tx.load_instance(command.instance_id).require_active()
    tx.record(InstanceSuspended(required(command.reason)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeInstance(Command):
    """Let a suspended case go on: timers that came due fire late, jobs that waited run at once."""

    permission = EnginePermission.OPERATE

    instance_id: UUID
    reason: str


@handles(ResumeInstance)
def resume_instance(command: ResumeInstance, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive."""
    if tx.load_instance(command.instance_id).state is not InstanceState.SUSPENDED:
        raise InstanceNotActive
    tx.record(InstanceResumed(required(command.reason)))
    held = sa.update(Job).where(Job.instance_id == command.instance_id, Job.state == JobState.READY)
    tx.session.execute(held.where(Job.run_at > tx.now, Job.lease_owner.is_(None)).values(run_at=tx.now))


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDates(Command):
    """Move an instance's dates (a deadline extended, a letter that says so), with all that hangs on them."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    dates: Mapping[str, date | None]  # None: it has no such date any more
    reason: str


@handles(MoveDates)
def move_dates(command: MoveDates, tx: Transaction) -> None:
    """Recompute due times of open steps, their reminders and waiting timers. Raises NotFound, InstanceNotActive."""
    previous = tx.load_instance(command.instance_id)
    dates = {name: day for name, day in {**previous.dates, **command.dates}.items() if day is not None}
    if dates == previous.dates:
        return
    tx.record(DatesChanged(dates_to_json(dates), dates_to_json(previous.dates), command.reason))
    tx.begin_instance(_with_dates(previous, dates))
    walk = restore(tx)
    names = previous.dates.keys() | dates.keys()
    move_user_tasks(
        tx, walk, lambda step: hangs_on(step.due, names) if step.due else step.clock == CASE_CLOCK, case_clock=True
    )
    move_flow_timers(tx, walk, names)


def _with_dates(instance: Instance, dates: Mapping[str, date]) -> Instance:
    return replace(instance, dates=dates)


def move_user_tasks(tx: Transaction, walk: Walk, moves: Callable[[Step], bool], *, case_clock: bool) -> None:
    """Compute anew when open steps are due, counted from when each was entered, of those that hang on what has changed.

    `case_clock`: the case's deadline has moved, and with it its reminders. Raises WalkFailed.
    """
    assert tx.instance is not None
    rows = tx.connection.execute(
        sa.select(UserTask.id, UserTask.element_id, UserTask.due_at, UserTask.created_at).where(
            UserTask.instance_id == tx.instance.id, UserTask.state == OPEN_STEP
        )
    )
    for task_id, element_id, due_at, created_at in rows.all():
        step, due = walk.definition.steps[element_id], due_at
        if moves(step):
            with walk.as_of(context(tx, created_at)):
                due = due_of(step, walk, tx, task_id)
        if due != due_at:
            tx.record(UserTaskRescheduled(task_id, due))
        if due != due_at or (case_clock and step.clock == CASE_CLOCK):
            tx.record(UserTaskTimersCancelled(task_id))
            record_reminders(tx, walk.definition, step, task_id, due)


def move_flow_timers(tx: Transaction, walk: Walk, names: Collection[str]) -> None:
    """Compute anew, as of when they were entered, those timers of the drawing that hang on these names; and save.

    Raises WalkFailed.
    """
    waiting = {timer.task_id: timer.due_at for timer in walk.timers_on(names)}
    for timer_id, began in entered(tx, waiting.keys()):
        with walk.as_of(context(tx, began)):
            due = walk.reckoned(timer_id)
        if due is not None and due != waiting[timer_id]:
            walk.put_off(timer_id, due)
            tx.record(TimerMoved(timer_id, due))
    tx.saved_state = walk.save()
