"""Cases that are cancelled while a cycle asks for their report: it waits for them no longer."""

import sqlalchemy as sa

from engine.facts import InstanceEnded
from engine.models import InstanceState
from engine.transaction import Transaction, subscribes
from webapp.cycles.entries import change_pending, leave_out
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry
from webapp.plans.models import OccurrenceState
from webapp.plans.progress import occurrence_of


@subscribes(InstanceEnded)
def leave_cancelled_out(ended: InstanceEnded, tx: Transaction) -> None:
    """The report states why there is none; a report that was in stays."""
    case = occurrence_of(tx)
    if case is None or (ended.outcome != InstanceState.CANCELLED and case.state is not OccurrenceState.CANCELLED):
        return
    why = f"Nhiệm vụ đã hủy: {ended.reason}" if ended.reason else "Nhiệm vụ đã giao đơn vị khác hoặc hủy"
    waiting = sa.select(CycleEntry).where(CycleEntry.occurrence_id == case.id, CycleEntry.state.in_(OPEN_ENTRIES))
    for entry in tx.session.scalars(waiting).all():
        leave_out(tx, entry, why)
        tx.session.flush()
        change_pending(tx, entry.cycle_id, -1)
