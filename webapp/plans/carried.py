"""Cases and cycles that were moved to another version: where the new drawing says they stand."""

from uuid import UUID

import sqlalchemy as sa

from engine.facts import InstanceMigrated
from engine.models import OPEN_STEP, MessageSubscription, UserTask
from engine.spiff import Definition
from engine.transaction import Transaction, subscribes
from webapp.plans.models import Stage
from webapp.plans.progress import STEP_STATES, WAITING_STATES, occurrence_of


@subscribes(InstanceMigrated)
def follow_carried_case(migrated: InstanceMigrated, tx: Transaction) -> None:
    """It waits in another stage there: the case is in that, too. Nothing was done, returned or reported by that."""
    occurrence = occurrence_of(tx)
    moved = other_stage(tx, migrated) if occurrence is not None else None
    if occurrence is not None and moved is not None:
        name, is_step = moved
        occurrence.stage = stage = Stage(name)
        occurrence.state = STEP_STATES[stage] if is_step else WAITING_STATES[stage]


def other_stage(tx: Transaction, migrated: InstanceMigrated) -> tuple[str, bool] | None:
    """The stage that only the new version gives a place where the instance waits, and whether that is a step.

    A place of which both say the same changes nothing: messages may have brought the instance further than its place.
    """
    assert tx.instance is not None
    old, new = (tx.library.definition(id, tx.connection) for id in (migrated.previous_id, migrated.definition_id))
    was = {after: before for before, after in migrated.renamed.items()}
    for element_id, is_step in _places(tx, tx.instance.id):
        stage = _stage(new, element_id)
        if stage and stage != _stage(old, was.get(element_id, element_id)):
            return stage, is_step
    return None


def _places(tx: Transaction, instance_id: UUID) -> list[tuple[str, bool]]:
    """Where it waits, steps of people first."""
    steps = sa.select(UserTask.element_id).where(UserTask.instance_id == instance_id, UserTask.state == OPEN_STEP)
    waits = sa.select(MessageSubscription.element_id).where(MessageSubscription.instance_id == instance_id)
    found = [(element_id, True) for element_id in sorted(tx.session.scalars(steps))]
    return found + [(element_id, False) for element_id in sorted(tx.session.scalars(waits))]


def _stage(definition: Definition, element_id: str) -> str | None:
    element = definition.elements.get(element_id)
    return element.properties.get("stage") if element is not None else None
