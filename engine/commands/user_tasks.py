"""User tasks: claim, release, hand over, complete."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.timers import HAS_OVERDUE, fire_overdue
from engine.errors import (
    NotFound,
    NotYourDesk,
    PermissionDenied,
    Rejected,
    SeparationOfDuties,
    UserTaskAlreadyClaimed,
    UserTaskLapsed,
    UserTaskNotOpen,
)
from engine.facts import UserTaskAssigned, UserTaskClaimed, UserTaskCompleted, UserTaskReleased
from engine.models import ProcessInstance, UserTask, UserTaskState
from engine.records import INSTANCE_COLUMNS, INSTANCES, locking
from engine.separation import last_doers
from engine.spiff import Step
from engine.statements import fetch_one
from engine.transaction import Transaction

_user_tasks: Any = UserTask.__table__
_instances: Any = ProcessInstance.__table__


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open user task as a command sees it."""

    id: UUID
    element_id: str
    form_id: str
    desk: str
    assignee_id: UUID | None
    due_at: datetime | None
    has_overdue: bool  # timers of the case that should have fired


TASK_COLUMNS = [
    _user_tasks.c[name].label(f"task_{name}")
    for name in ("id", "element_id", "form_id", "desk", "assignee_id", "due_at", "state")
]
FIND_TASK = (
    sa.select(*INSTANCE_COLUMNS, *TASK_COLUMNS, HAS_OVERDUE)
    .join_from(_user_tasks, INSTANCES, _instances.c.id == _user_tasks.c.instance_id)
    .where(_user_tasks.c.id == sa.bindparam("task_id"), _user_tasks.c.tenant_id == sa.bindparam("tenant"))
)
FIND_AND_LOCK_TASK = locking(FIND_TASK, _instances, _user_tasks)
"""Both rows: with the instance alone locked, a second completer still reads the task as open."""


def load_open_task(tx: Transaction, user_task_id: UUID) -> OpenTask:
    """The task with its instance, in one statement, or as the caller has just seen it by FIND_TASK's columns.

    Raises NotFound, UserTaskNotOpen, InstanceNotActive.
    """
    row = tx.seen
    if row is None or row.task_id != user_task_id:
        query = FIND_AND_LOCK_TASK if tx.locks else FIND_TASK
        row = tx.seen = fetch_one(
            tx.connection, query, {"task_id": user_task_id, "tenant": tx.tenant_id, "now": tx.now}
        )
    if row is None:
        raise NotFound
    if row.task_state != UserTaskState.OPEN:
        raise UserTaskNotOpen
    tx.adopt(row).require_active()
    return OpenTask(
        user_task_id, row.task_element_id, row.task_form_id, row.task_desk, row.task_assignee_id, row.task_due_at,
        row.has_overdue,
    )  # fmt: skip


def require_desk(tx: Transaction, task: OpenTask) -> None:
    """Raises NotYourDesk unless the actor (or somebody the actor stands in for) may do the task."""
    actor = tx.actor
    if actor.is_system or task.assignee_id == actor.id or task.assignee_id in actor.stands_for:
        return
    if task.desk not in actor.desks:
        raise NotYourDesk
    if task.assignee_id is not None:
        raise UserTaskAlreadyClaimed


def _may_hand_on(tx: Transaction, task: OpenTask) -> bool:
    """Its holder, or one who stands in for them; anybody at the desk while nobody holds it; the unit's head."""
    actor = tx.actor
    if task.assignee_id is None:
        holds = task.desk in actor.desks
    else:
        holds = task.assignee_id == actor.id or task.assignee_id in actor.stands_for
    unit = task.desk.partition("@")[2]
    return holds or f"head@{unit}" in actor.desks or actor.may(EnginePermission.OPERATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimUserTask(Command):
    """Make the actor the one person who may complete the task."""

    permission = EnginePermission.WORK
    optimistic = True
    lock_free = True

    user_task_id: UUID


@handles(ClaimUserTask)
def claim_user_task(command: ClaimUserTask, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, NotYourDesk, UserTaskAlreadyClaimed."""
    task = load_open_task(tx, command.user_task_id)
    if task.assignee_id == tx.actor.id:
        return  # A double click is not an error.
    require_desk(tx, task)
    assert tx.actor.id is not None
    tx.record(UserTaskClaimed(task.id, tx.actor.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseUserTask(Command):
    """Give a claimed task back to its desk."""

    permission = EnginePermission.WORK
    optimistic = True
    lock_free = True

    user_task_id: UUID


@handles(ReleaseUserTask)
def release_user_task(command: ReleaseUserTask, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, NotYourDesk."""
    task = load_open_task(tx, command.user_task_id)
    if task.assignee_id is None:
        return
    if not _may_hand_on(tx, task):
        raise NotYourDesk
    tx.record(UserTaskReleased(task.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignUserTask(Command):
    """Hand a task to a colleague; who gets it must be one of those at its desk or in its unit (the caller checks)."""

    permission = EnginePermission.WORK
    optimistic = True
    lock_free = True

    user_task_id: UUID
    assignee_id: UUID
    reason: str | None = None


@handles(AssignUserTask)
def assign_user_task(command: AssignUserTask, tx: Transaction) -> None:
    """Raises NotFound, UserTaskNotOpen, NotYourDesk."""
    task = load_open_task(tx, command.user_task_id)
    if not _may_hand_on(tx, task):
        raise NotYourDesk
    if task.assignee_id == command.assignee_id:
        return
    tx.record(UserTaskAssigned(task.id, command.assignee_id, command.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteUserTask(Command):
    """Send a step's form and carry the case on to its next wait.

    `answers` have passed the form's schema. `in_place` lets one with that permission do the step of another desk;
    the transaction's `on_behalf_of` then says for whom.
    """

    permission = EnginePermission.WORK
    optimistic = True
    lock_free = True

    user_task_id: UUID
    answers: Mapping[str, Any] = field(default_factory=dict)
    in_place: bool = False


@handles(CompleteUserTask)
def complete_user_task(command: CompleteUserTask, tx: Transaction) -> UUID:
    """Return the submission's id.

    Raises NotFound, UserTaskNotOpen, UserTaskLapsed, InstanceNotActive, NotYourDesk, SeparationOfDuties, WalkFailed.

    1. Read task and instance (PostgreSQL locks both).
    2. Fire the instance's overdue timers first, marked late: completing would cancel them.
    3. Complete, run to the next wait, record the differences.
    """
    task = load_open_task(tx, command.user_task_id)
    _require_may_complete(tx, task, command)
    walk = restore(tx)
    step = walk.definition.steps[task.element_id]
    _require_separation(tx, task, step)
    before = walk.waits
    if task.has_overdue:
        fire_overdue(tx, walk)
        if all(waiting.task_id != task.id for waiting in walk.waits.user_tasks):
            raise UserTaskLapsed
    assert tx.instance is not None
    submission_id, digest = tx.submit(
        user_task_id=task.id, element_id=task.element_id, form_id=task.form_id, data=command.answers
    )
    # The completion names the event, ahead of the late timers.
    tx.facts.insert(0, UserTaskCompleted(task.id, task.element_id, submission_id, digest))
    form = tx.form(task.form_id)
    variables = {key: command.answers[key] for key in form.process_variables if key in command.answers}
    walk.complete(task.id, variables)
    advance(tx, walk, before, completed=task.id)
    return submission_id


def _require_may_complete(tx: Transaction, task: OpenTask, command: CompleteUserTask) -> None:
    if not command.in_place:
        require_desk(tx, task)
    elif not tx.actor.may(EnginePermission.ENTER_FOR_OTHERS):
        raise PermissionDenied
    elif not tx.on_behalf_of:
        raise Rejected("Chưa ghi nhập thay cho ai.")


def _require_separation(tx: Transaction, task: OpenTask, step: Step) -> None:
    """Raises SeparationOfDuties where the actor last did one of the steps that this one must be separate from."""
    if tx.actor.is_system or not step.separate_from:
        return
    if tx.actor.id in last_doers(tx.connection, {task.id: step.separate_from})[task.id]:
        raise SeparationOfDuties
