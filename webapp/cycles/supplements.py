"""Late reports: what one cycle went without is a supplement of the next, whichever of them was opened first.

Unless the city returns the cycle's report for want of it: then the cycle asks for it again.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
import sqlalchemy.orm

from engine.transaction import Transaction
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.plans.lineage import LINEAGE
from webapp.plans.models import OccurrenceState, TaskOccurrence


def missed_cycle(tx: Transaction, case: TaskOccurrence) -> UUID | None:
    """The last cycle that went without a case's report, as long as no other takes the late one."""
    entries = tx.session.execute(
        sa.select(CycleEntry.cycle_id, CycleEntry.state, CycleEntry.supplements_id)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .where(CycleEntry.occurrence_id == case.id)
        .order_by(sa.func.coalesce(ReportingCycle.cut_off_at, ReportingCycle.opened_at), CycleEntry.id)
    ).all()
    missed: list[UUID] = [entry.cycle_id for entry in entries if entry.state is EntryState.MISSING]
    return missed[-1] if missed and missed[-1] not in {entry.supplements_id for entry in entries} else None


def outlast(case: TaskOccurrence, cycle: ReportingCycle) -> None:
    """A case that is not over with the year's last cycle is one of the next year's too."""
    if cycle.is_last_of_year and case.ended_at is None:
        case.last_year = max(case.last_year, cycle.year + 1)


def still_owed() -> sa.ColumnElement[bool]:
    """Whether cycles of later years ask for a case that has not ended.

    A cycle went without its report; or it goes on unfinished, or one of a later year has asked for it before; or it
    began, or its document came, when its year's last cycle had its data, so that none of its year asked.
    """
    came_too_late = (TaskOccurrence.state != OccurrenceState.AWAITING_CONDITION) & _YEAR_IS_OVER & ~_ASKED_IN_ITS_YEAR
    goes_on = TaskOccurrence.last_year > TaskOccurrence.year
    return TaskOccurrence.id.in_(_missed()) | goes_on | came_too_late


_entry_of_case = sa.exists().where(
    CycleEntry.occurrence_id == TaskOccurrence.id, ReportingCycle.id == CycleEntry.cycle_id
)
_ASKED_IN_ITS_YEAR = _entry_of_case.where(
    ReportingCycle.year <= TaskOccurrence.year, CycleEntry.state != EntryState.WAITING
)
_YEAR_IS_OVER = sa.exists().where(
    LINEAGE.c.plan_id == TaskOccurrence.plan_id, ReportingCycle.plan_id == LINEAGE.c.before_id,
    ReportingCycle.year == TaskOccurrence.year, ReportingCycle.is_last_of_year, ReportingCycle.cut_off_at.is_not(None),
)  # fmt: skip


def _missed() -> sa.Select[UUID]:
    """Cases that a cycle went without, and whose late report no other takes."""
    other = sa.orm.aliased(CycleEntry)
    is_taken = sa.exists().where(
        other.occurrence_id == CycleEntry.occurrence_id, other.supplements_id == CycleEntry.cycle_id
    )
    return sa.select(CycleEntry.occurrence_id).where(CycleEntry.state == EntryState.MISSING, ~is_taken)


def pass_on(tx: Transaction, left_out: Sequence[CycleEntry]) -> list[CycleEntry]:
    """Of the other cycles that ask for a case too, the one whose day comes first takes its late report.

    One that was sent already, and is being checked, is on its way there. Return those that none takes.
    """
    takers = _takers(tx, left_out)
    for entry in left_out:
        taker = takers.get(entry.occurrence_id)
        if taker is None:
            continue
        taker.supplements_id = entry.cycle_id
        if entry.state is EntryState.SENT and taker.state is EntryState.ASKED:
            taker.state, taker.first_sent_at, taker.sent_at = EntryState.SENT, entry.first_sent_at, entry.sent_at
    return [entry for entry in left_out if entry.occurrence_id not in takers]


def take_back(tx: Transaction, entry: CycleEntry) -> None:
    """Its own cycle asks for the late report again: what another one still waits for is that one's only."""
    tx.session.execute(
        sa.update(CycleEntry)
        .where(
            CycleEntry.occurrence_id == entry.occurrence_id, CycleEntry.supplements_id == entry.cycle_id,
            CycleEntry.state.in_(OPEN_ENTRIES),
        )
        .values(supplements_id=None)
    )  # fmt: skip


def _takers(tx: Transaction, left_out: Sequence[CycleEntry]) -> dict[UUID, CycleEntry]:
    """By case."""
    asking = tx.session.execute(
        sa.select(CycleEntry, ReportingCycle.report_by)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .where(
            CycleEntry.occurrence_id.in_([entry.occurrence_id for entry in left_out]),
            CycleEntry.id.not_in([entry.id for entry in left_out]), CycleEntry.state.in_(OPEN_ENTRIES),
            ReportingCycle.state.in_((CycleState.COLLECTING, CycleState.CONSOLIDATING)),
        )
    )  # fmt: skip
    last_first = sorted(asking, key=lambda row: (row.report_by or date.max, row.CycleEntry.id), reverse=True)
    return {row.CycleEntry.occurrence_id: row.CycleEntry for row in last_first}
