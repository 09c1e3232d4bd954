"""Service tasks: done by jobs, completed by this command."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from engine.advance import advance, restore
from engine.command import Command, EnginePermission, handles
from engine.facts import ServiceCompleted
from engine.models import InstanceState
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
    instance = tx.load_instance(command.instance_id)
    if instance.state in (InstanceState.COMPLETED, InstanceState.CANCELLED):
        return
    walk = restore(tx)
    before = walk.waits
    waiting = next((w for w in before.services if w.task_id == command.task_id), None)
    if waiting is None:
        return
    tx.record(ServiceCompleted(command.task_id, waiting.element_id, dict(command.result)))
    walk.complete_service(command.task_id, command.result)
    advance(tx, walk, before)
