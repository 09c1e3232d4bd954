"""Service tasks: done by jobs, completed by this command.

What was due before happens before, however late the scheduler is: it may end what waits for the service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.timers import fire_overdue
from engine.facts import ServiceCompleted, ServiceErred
from engine.models import InstanceState
from engine.spiff import Walk
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteServiceTask(Command):
    """A service has done its work: carry the case on."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    task_id: UUID
    result: Mapping[str, Any] = field(default_factory=dict)


@handles(CompleteServiceTask)
def complete_service_task(command: CompleteServiceTask, tx: Transaction) -> None:
    """A service that nobody waits for any more (the job ran twice, the case was cancelled) changes nothing.

    Raises NotFound, InstanceOnHold, WalkFailed.
    """
    if (walk := awaiting(command.instance_id, command.task_id, tx)) is None:
        return
    before = walk.waits
    fire_overdue(tx, walk)
    if (element := _element(walk, command.task_id)) is not None:
        tx.facts.insert(0, ServiceCompleted(command.task_id, element, dict(command.result)))
        walk.complete_service(command.task_id, command.result)
    advance(tx, walk, before)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailServiceTask(Command):
    """A service reports an error that the drawing has a way for."""

    permission = EnginePermission.SYSTEM
    optimistic = True

    instance_id: UUID
    task_id: UUID
    code: str
    payload: Mapping[str, Any] = field(default_factory=dict)


@handles(FailServiceTask)
def fail_service_task(command: FailServiceTask, tx: Transaction) -> None:
    """Raises NotFound, InstanceOnHold, WalkFailed (where the drawing has no event for this error)."""
    if (walk := awaiting(command.instance_id, command.task_id, tx)) is None:
        return
    before = walk.waits
    fire_overdue(tx, walk)
    if (element := _element(walk, command.task_id)) is not None:
        tx.facts.insert(0, ServiceErred(command.task_id, element, command.code, dict(command.payload)))
        walk.fail_service(command.task_id, command.code, command.payload)
    advance(tx, walk, before)


def awaiting(instance_id: UUID, task_id: UUID, tx: Transaction) -> Walk | None:
    """The instance, if it still waits for the service. Raises NotFound, InstanceOnHold."""
    if tx.load_instance(instance_id).state in (InstanceState.COMPLETED, InstanceState.CANCELLED):
        return None
    walk = restore(tx)
    return walk if _element(walk, task_id) is not None else None


def _element(walk: Walk, task_id: UUID) -> str | None:
    """Which element waits for the service; None where it does not wait any more."""
    return next((waiting.element_id for waiting in walk.waits.services if waiting.task_id == task_id), None)
