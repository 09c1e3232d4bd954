"""Cases that were moved to another version: what the new drawing says of the steps at which they wait."""

from engine.facts import SubscriptionCarried, UserTaskCarried
from engine.transaction import Transaction, subscribes
from webapp.plans.progress import STEP_STATES, WAITING_STATES, occurrence_of, stage_of


@subscribes(UserTaskCarried)
def follow_carried_step(carried: UserTaskCarried, tx: Transaction) -> None:
    """The step is in another stage there: the case is, too. Nothing was done, returned or reported by that."""
    occurrence = occurrence_of(tx)
    stage = stage_of(tx, carried.element_id) if occurrence else None
    if occurrence is not None and stage is not None and stage is not occurrence.stage:
        occurrence.stage, occurrence.state = stage, STEP_STATES[stage]


@subscribes(SubscriptionCarried)
def follow_carried_wait(carried: SubscriptionCarried, tx: Transaction) -> None:
    """The same of a message that the case waits for."""
    occurrence = occurrence_of(tx)
    stage = stage_of(tx, carried.element_id) if occurrence else None
    if occurrence is not None and stage is not None and stage is not occurrence.stage:
        occurrence.stage, occurrence.state = stage, WAITING_STATES[stage]
