"""A cycle that an administrator sets back: what was agreed from that step on is agreed no more."""

from datetime import datetime

import sqlalchemy as sa

from engine.facts import WentBack
from engine.models import UserTask, UserTaskState
from engine.transaction import Transaction, subscribes
from webapp.cycles.drafting import current_report
from webapp.cycles.records import cycle_of


@subscribes(WentBack)
def void_marks(back: WentBack, tx: Transaction) -> None:
    """Marks made after the step was last reached are void; those before it hold, as long as the content does."""
    cycle = cycle_of(tx)
    report = current_report(tx, cycle.id) if cycle is not None else None
    reached = _reached(tx, back.element_id) if report is not None else None
    if report is None or reached is None:
        return
    for mark in report.marks:
        if mark.void_at is None and mark.made_at > reached:
            mark.void_at = tx.now


def _reached(tx: Transaction, element_id: str) -> datetime | None:
    """When the step was begun that is done again."""
    assert tx.instance is not None
    ended = (UserTaskState.COMPLETED, UserTaskState.SKIPPED)
    return tx.session.scalar(
        sa.select(UserTask.created_at)
        .where(UserTask.instance_id == tx.instance.id, UserTask.element_id == element_id, UserTask.state.in_(ended))
        .order_by(UserTask.created_at.desc())
        .limit(1)
    )
