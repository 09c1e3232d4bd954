"""The domain's rows follow their case to its new units."""

from collections.abc import Sequence
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.facts import PartiesChanged
from engine.transaction import Transaction, subscribes
from webapp.cycles.models import CycleEntry, CycleState, ReportingCycle
from webapp.difficulties.models import Difficulty
from webapp.plans.models import Contribution, TaskOccurrence

BEING_MADE = (CycleState.OPENING, CycleState.COLLECTING, CycleState.CONSOLIDATING)
"""States of a cycle whose report names units as they are; later it is a paper, and keeps their names."""


@subscribes(PartiesChanged)
def follow_parties(changed: PartiesChanged, tx: Transaction) -> None:
    """A task's case and its rows in cycles, a contribution, a difficulty."""
    assert tx.instance is not None
    before, after = orjson.loads(changed.previous), orjson.loads(changed.parties)
    moved = {party: UUID(unit) for party, unit in after.items() if before.get(party) not in (None, unit)}
    lead = moved.get("lead")
    if (case := tx.session.get(TaskOccurrence, tx.instance.id)) is not None:
        case.second_lead_unit_id = moved.get("second_lead", case.second_lead_unit_id)
        if lead is not None:
            case.lead_unit_id = lead
            for entry in entries_with(tx, case.id):
                entry.unit_id = lead
    contribution = tx.session.get(Contribution, tx.instance.id) if "coordinator" in moved else None
    if contribution is not None and contribution.answered_at is None:
        contribution.unit_id = moved["coordinator"]
    if lead is not None and (difficulty := tx.session.get(Difficulty, tx.instance.id)) is not None:
        difficulty.unit_id = lead


def entries_with(tx: Transaction, occurrence_id: UUID) -> Sequence[CycleEntry]:
    """The case's rows in cycles that go where it goes."""
    cycles = sa.select(ReportingCycle.id).where(ReportingCycle.state.in_(BEING_MADE))
    entries = sa.select(CycleEntry).where(CycleEntry.occurrence_id == occurrence_id, CycleEntry.cycle_id.in_(cycles))
    return tx.session.scalars(entries.order_by(CycleEntry.id)).all()
