"""A cycle that was moved to another version is where the new drawing says it stands."""

from engine.facts import InstanceMigrated
from engine.transaction import Transaction, subscribes
from webapp.cycles.drafting import draft_report
from webapp.cycles.models import CycleState
from webapp.cycles.records import cycle_of
from webapp.plans.carried import other_stage


@subscribes(InstanceMigrated)
def follow_carried_cycle(migrated: InstanceMigrated, tx: Transaction) -> None:
    """Where it waits belongs to another stage there: the cycle is in that, with a draft where it consolidates."""
    cycle = cycle_of(tx)
    moved = other_stage(tx, migrated) if cycle is not None else None
    if cycle is not None and moved is not None:
        cycle.state = CycleState(moved[0])
        if cycle.state is CycleState.CONSOLIDATING:
            draft_report(tx, cycle)
