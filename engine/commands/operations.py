"""Operations on a running case by whoever keeps the system running, each with a reason that stays in its history.

They also work on a suspended case: stop it, mend it, let it go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import advance, levels_of, record_next, restore_by_hand
from engine.calendar import LOCAL, CalendarError, due_day, local_date
from engine.command import Command, EnginePermission, handles
from engine.commands.incidents import close_left_behind
from engine.commands.instances import move_flow_timers, move_user_tasks, require_running, required
from engine.commands.timers import fire_overdue
from engine.commands.user_tasks import FIND_AND_LOCK_TASK, FIND_TASK, OpenTask
from engine.errors import Kind, NotFound, Rejected, SeparationOfDuties, UserTaskLapsed, UserTaskNotOpen
from engine.facts import (
    DueTimeChanged,
    TimerMoved,
    UserTaskAssigned,
    UserTaskFreed,
    UserTaskSkipped,
    UserTaskTimersCancelled,
    VariableCorrected,
    VariablesRestored,
    WentBack,
)
from engine.models import InstanceState, ProcessDefinition, Timer, TimerState, UserTaskState
from engine.reminders import named_in
from engine.rewinding import Passed, before_step, last_passed
from engine.separation import last_doers
from engine.spiff import CannotGoBack, Walk, WalkFailed, hangs_on, is_in, to_text, value_at
from engine.transaction import Transaction


class CannotOperate(Rejected):
    """The process would not get on from there; the case is as it was."""

    kind = Kind.CONFLICT


class NoSuchVariable(Rejected):
    kind = Kind.NOT_FOUND
    message = "Hồ sơ không có dữ liệu này."


def load_step(tx: Transaction, user_task_id: UUID) -> OpenTask:
    """An open step, of a suspended case too. Raises NotFound, UserTaskNotOpen, InstanceNotActive."""
    query = FIND_AND_LOCK_TASK if tx.locks else FIND_TASK
    values = {"task_id": user_task_id, "tenant": tx.tenant_id, "now": tx.now}
    row = tx.seen = tx.connection.execute(query, values).one_or_none()
    if row is None:
        raise NotFound
    require_running(tx.adopt(row))
    if row.task_state != UserTaskState.OPEN:
        raise UserTaskNotOpen
    return OpenTask(
        user_task_id, row.task_element_id, row.task_form_id, row.task_desk, row.task_assignee_id, row.task_due_at,
        row.has_overdue,
    )  # fmt: skip


# --- who does a step ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ReassignUserTask(Command):
    """Give an open step to somebody else, or back to its desk (no assignee). The caller checks that they belong."""

    permission = EnginePermission.OPERATE

    user_task_id: UUID
    assignee_id: UUID | None
    reason: str


@handles(ReassignUserTask)
def reassign_user_task(command: ReassignUserTask, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, InstanceNotActive, SeparationOfDuties."""
    reason = required(command.reason)
    task = load_step(tx, command.user_task_id)
    if task.assignee_id == command.assignee_id:
        return
    if command.assignee_id is None:
        tx.record(UserTaskFreed(task.id, reason))
        return
    _require_separate(tx, task, command.assignee_id)
    tx.record(UserTaskAssigned(task.id, command.assignee_id, reason))


def _require_separate(tx: Transaction, task: OpenTask, person_id: UUID | None, *, skipped: bool = True) -> None:
    """Raises SeparationOfDuties where the person last brought about a step that this one must be separate from."""
    separate = {task.id: tx.definition.steps[task.element_id].separate_from}
    if person_id is not None and person_id in last_doers(tx.connection, separate, skipped=skipped)[task.id]:
        raise SeparationOfDuties(
            "Người này đã làm bước trước của việc ấy nên không được kiểm tra, hay bỏ qua việc kiểm tra, của chính mình."
        )


# --- when it is due ---


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDueTime(Command):
    """Move the due time of one open step: its reminders and the timers that wait for it to be late move along."""

    permission = EnginePermission.OPERATE

    user_task_id: UUID
    due_at: datetime
    reason: str


@handles(ChangeDueTime)
def change_due_time(command: ChangeDueTime, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, InstanceNotActive; Rejected for a moment that is past."""
    reason = required(command.reason)
    task = load_step(tx, command.user_task_id)
    if command.due_at <= tx.now:
        raise Rejected("Hạn mới phải ở sau thời điểm này.")
    if command.due_at == task.due_at:
        return
    tx.record(DueTimeChanged(task.id, task.element_id, command.due_at, task.due_at, reason))
    walk = restore_by_hand(tx)
    try:
        _move_reminders(tx, walk, task, command.due_at)
        _move_border_timers(tx, walk, task, command.due_at)
    except (CalendarError, WalkFailed) as fault:
        raise CannotOperate(f"Không đổi được hạn: {fault}") from fault


def _move_reminders(tx: Transaction, walk: Walk, task: OpenTask, due_at: datetime) -> None:
    """Those on the step's own due day; of those on the case's deadline the same are still to come."""
    assert tx.instance is not None
    waiting = sa.select(Timer.ahead).where(
        Timer.instance_id == tx.instance.id, Timer.state == TimerState.WAITING, Timer.user_task_id == task.id
    )
    to_come = named_in(tx.connection.scalar(waiting) or "")
    levels = levels_of(tx, walk.definition, walk.definition.steps[task.element_id], due_at)
    ahead = [level for level in levels if (level.key in to_come if level.of_case else level.moment > tx.now)]
    tx.record(UserTaskTimersCancelled(task.id))
    record_next(tx, task.element_id, task.id, ahead)


def _move_border_timers(tx: Transaction, walk: Walk, task: OpenTask, due_at: datetime) -> None:
    """Those that wait until the step is due, or longer, keep their distance in working days.

    Those that several share are not brought forward: the others have until then.
    """
    if task.due_at is None or (due_at < task.due_at and walk.is_repeated(task.id)):
        return
    for timer in walk.timers_beside(task.id):
        if timer.due_at >= task.due_at:
            moved = _as_far_behind(tx, task.due_at, timer.due_at, due_at)
            walk.put_off(timer.task_id, moved)
            tx.record(TimerMoved(timer.task_id, moved))
            tx.saved_state = walk.save()


def _as_far_behind(tx: Transaction, due: datetime, timer: datetime, new_due: datetime) -> datetime:
    if timer == due:
        return new_due
    days = tx.calendar.working_days_between(due_day(due), due_day(timer))
    day = tx.calendar.shift(due_day(new_due), days)
    ends_the_day = due_day(timer) != local_date(timer)
    return tx.calendar.end_of(day) if ends_the_day else tx.calendar.at(day, 0, timer.astimezone(LOCAL).time())


# --- where the case is ---


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipUserTask(Command):
    """Let the case go on without the step: with values that are stated for it, or with none."""

    permission = EnginePermission.OPERATE

    user_task_id: UUID
    values: Mapping[str, Any] = field(default_factory=dict)  # of the form's process variables
    reason: str


@handles(SkipUserTask)
def skip_user_task(command: SkipUserTask, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, UserTaskLapsed, InstanceNotActive, SeparationOfDuties, CannotOperate."""
    reason = required(command.reason)
    task = load_step(tx, command.user_task_id)
    assert tx.instance is not None
    form = tx.form(task.form_id)
    if unknown := command.values.keys() - set(form.process_variables):
        raise Rejected(f"Bước này không cho dữ liệu: {', '.join(sorted(unknown))}.")
    walk = restore_by_hand(tx)
    _require_separate(tx, task, tx.actor.id, skipped=False)
    before = walk.waits
    try:
        _fire_first(tx, walk, task)
        tx.facts.insert(0, UserTaskSkipped(task.id, task.element_id, dict(command.values), reason))
        walk.complete(task.id, command.values)
        advance(tx, walk, before, completed=task.id)
    except WalkFailed as fault:
        raise CannotOperate(f"Bỏ qua như vậy thì hồ sơ không đi tiếp được: {fault}") from fault


def _fire_first(tx: Transaction, walk: Walk, task: OpenTask) -> None:
    """As with a completion: what is overdue comes first. Raises UserTaskLapsed."""
    assert tx.instance is not None
    if task.has_overdue and tx.instance.state is InstanceState.ACTIVE:
        fire_overdue(tx, walk)
        if all(waiting.task_id != task.id for waiting in walk.waits.user_tasks):
            raise UserTaskLapsed


@dataclass(frozen=True, slots=True, kw_only=True)
class GoBack(Command):
    """Set a case back to a step that it has passed, with its data as it stood before that step.

    What is open on the way ahead of it ends; parallel branches, and what may happen at any time, stay.
    """

    permission = EnginePermission.OPERATE

    instance_id: UUID
    element_id: str
    reason: str


@handles(GoBack)
def go_back(command: GoBack, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive, CannotOperate."""
    reason = required(command.reason)
    instance = tx.load_instance(command.instance_id)
    require_running(instance)
    step = last_passed(tx, command.element_id)
    if step is None:
        raise CannotOperate("Hồ sơ chưa qua bước này nên không quay lại được.")
    drawing = sa.select(ProcessDefinition.source).where(ProcessDefinition.id == instance.definition_id)
    source = tx.connection.execute(drawing).scalar_one()
    where = step.element_id, source, [turn.id for turn in step.turns]
    walk = restore_by_hand(tx)
    before = walk.waits
    tx.record(WentBack(step.element_id, reason))
    try:
        again = restore_by_hand(tx).go_back(*where)
        _rewind(tx, walk, step, again)  # First: timers, lists and loops look at the data as the step is entered.
        walk.go_back(*where)
        advance(tx, walk, before)
        close_left_behind(tx, walk.waits, again, f"Hồ sơ đã quay lại bước trước: {reason}")
    except CannotGoBack as fault:
        raise CannotOperate(str(fault)) from fault
    except WalkFailed as fault:
        raise CannotOperate(f"Quay lại bước này thì hồ sơ không đi tiếp được: {fault}") from fault


def _rewind(tx: Transaction, walk: Walk, step: Passed, again: frozenset[str]) -> None:
    before = before_step(tx, step, again)
    if before.restored or before.removed:
        tx.record(VariablesRestored(to_text(before.restored), list(before.removed)))
    walk.rewind(before.restored, before.removed, [turn.id for turn in step.turns])


# --- what it knows ---


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectVariable(Command):
    """Put right one value of a case's data; due times and timers that hang on it are computed anew."""

    permission = EnginePermission.OPERATE

    instance_id: UUID
    variable: str  # dotted, as expressions name it: execute.nothing_arose
    value: Any
    reason: str


@handles(CorrectVariable)
def correct_variable(command: CorrectVariable, tx: Transaction) -> None:
    """Raises NotFound, NoSuchVariable, InstanceNotActive, CannotOperate."""
    reason = required(command.reason)
    require_running(tx.load_instance(command.instance_id))
    walk = restore_by_hand(tx)
    old = _value(walk.data, command.variable)
    if old == command.value and type(old) is type(command.value):
        return
    tx.record(VariableCorrected(command.variable, to_text(old), to_text(command.value), reason))
    walk.correct(command.variable, old, command.value)
    try:
        names = [command.variable]
        move_user_tasks(tx, walk, lambda step: bool(step.due) and hangs_on(step.due or "", names), case_clock=False)
        move_flow_timers(tx, walk, names)
    except WalkFailed as fault:
        raise CannotOperate(f"Với giá trị này hồ sơ không tính được hạn: {fault}") from fault


def _value(data: Mapping[str, Any], variable: str) -> Any:
    """Raises NoSuchVariable."""
    if not is_in(data, variable):
        raise NoSuchVariable
    return value_at(data, variable)
