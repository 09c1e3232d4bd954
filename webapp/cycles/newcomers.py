"""Cases that begin, or whose awaited document comes, while a cycle collects: it asks them too, while there is time."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from engine.calendar import local_date
from engine.facts import InstanceStarted, MessageDelivered
from engine.transaction import Transaction, subscribes
from webapp.cycles.announcing import announce
from webapp.cycles.entries import change_pending
from webapp.cycles.models import CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.cycles.opening import admit
from webapp.cycles.send_days import follow_send_day
from webapp.plans.models import TaskOccurrence
from webapp.plans.progress import occurrence_of

DOCUMENT_CAME = "condition.met"


@subscribes(InstanceStarted)
def ask_what_begins(started: InstanceStarted, tx: Transaction) -> None:
    """A task given, parted or moved to another unit; a linked case has the rows of the closed one."""
    case = occurrence_of(tx)
    if case is None or case.round > 1:
        return
    ask_in_time(tx, case)


def ask_in_time(tx: Transaction, case: TaskOccurrence) -> None:
    """Of the cycles that collect, those that have not asked for the case do so."""
    asked = set(tx.session.scalars(sa.select(CycleEntry.cycle_id).where(CycleEntry.occurrence_id == case.id)))
    for cycle in _in_time(tx, case):
        if cycle.id not in asked:
            admit(tx, cycle, [case])


@subscribes(MessageDelivered)
def ask_what_waited(delivered: MessageDelivered, tx: Transaction) -> None:
    """The document has come that the task waited for."""
    case = occurrence_of(tx) if delivered.message == DOCUMENT_CAME else None
    if case is None:
        return
    cycles = {cycle.id: cycle for cycle in _in_time(tx, case)}
    waiting = sa.select(CycleEntry).where(
        CycleEntry.occurrence_id == case.id, CycleEntry.state == EntryState.WAITING, CycleEntry.cycle_id.in_(cycles)
    )
    for entry in tx.session.scalars(waiting).all():
        entry.state, entry.asked_at = EntryState.ASKED, tx.now
        tx.session.flush()
        change_pending(tx, entry.cycle_id, 1)
        follow_send_day(tx, cycles[entry.cycle_id], [case.id])
        announce(tx, cycles[entry.cycle_id], [entry])


def ask_in_next(tx: Transaction, cycle: ReportingCycle, left_out: Iterable[CycleEntry]) -> None:
    """What a cycle went without is a supplement of another one that collects already, if none asked for it so far."""
    others = sa.select(ReportingCycle).where(
        ReportingCycle.plan_id == cycle.plan_id, ReportingCycle.id != cycle.id, ReportingCycle.year >= cycle.year,
        ReportingCycle.state == CycleState.COLLECTING,
    )  # fmt: skip
    following = min(tx.session.scalars(others), key=lambda one: (one.report_by or date.max, one.id), default=None)
    if following is None:
        return
    known = sa.select(CycleEntry.occurrence_id).where(CycleEntry.cycle_id == following.id)
    late = sa.select(TaskOccurrence).where(
        TaskOccurrence.id.in_([entry.occurrence_id for entry in left_out]), TaskOccurrence.id.not_in(known)
    )
    admit(tx, following, tx.session.scalars(late).all())


def _in_time(tx: Transaction, case: TaskOccurrence) -> Iterable[ReportingCycle]:
    """The cycles of the case's plan and years that collect, and whose last day has not passed."""
    day = ReportingCycle.report_by
    query = sa.select(ReportingCycle).where(
        ReportingCycle.plan_id == case.plan_id, ReportingCycle.year.between(case.year, case.last_year),
        ReportingCycle.state == CycleState.COLLECTING, day.is_(None) | (day >= local_date(tx.now)),
    )  # fmt: skip
    return tx.session.scalars(query).all()
