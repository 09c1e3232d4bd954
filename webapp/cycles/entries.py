"""The cases asked in a cycle: follows what the engine does to them, and tells the cycle when all are in."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.commands.messages import Unawaited, send
from engine.facts import MessageDelivered, MessageSent, SubscriptionOpened, UserTaskCompleted, UserTaskCreated, WentBack
from engine.transaction import Transaction, subscribes
from webapp.cycles.drafting import current_report, draft_report
from webapp.cycles.models import CycleEntry, CycleState, EntryState, ReportingCycle, Statement
from webapp.plans.issuing import LIFECYCLE
from webapp.plans.models import Stage, TaskOccurrence
from webapp.plans.progress import occurrence_of, stage_of

OPEN_ENTRIES = (EntryState.ASKED, EntryState.SENT, EntryState.RETURNED)
"""What a cycle still waits for."""

MILESTONES = {
    "report.used": (CycleState.SIGNING, CycleState.SIGNED, CycleState.DISPATCHED, CycleState.SENT, CycleState.RECEIVED),
    "report.approved": (CycleState.SIGNED, CycleState.DISPATCHED, CycleState.SENT, CycleState.RECEIVED),
    "report.received": (CycleState.RECEIVED,),
}
"""A message to the cases, and the states of a cycle in which it has been sent."""


SENDING = (EntryState.RETURNED, EntryState.SENT, EntryState.ASKED)
TAKING = (EntryState.SENT, EntryState.TAKEN, EntryState.RETURNED, EntryState.ASKED)
"""For which entry of a case a report is, where several cycles ask: for the one that it was begun for."""


def _entries(tx: Transaction) -> list[tuple[CycleEntry, ReportingCycle]]:
    """The case's entries in the cycles that still take reports, or carry one on; the newest first."""
    occurrence = occurrence_of(tx)
    if occurrence is None:
        return []
    query = (
        sa.select(CycleEntry, ReportingCycle)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .where(
            CycleEntry.occurrence_id == occurrence.id,
            CycleEntry.state != EntryState.MISSING,
            ReportingCycle.state != CycleState.CLOSED,
        )
        .order_by(CycleEntry.id.desc())
    )
    return [(entry, cycle) for entry, cycle in tx.session.execute(query)]


def _reported_entry(tx: Transaction, *first: EntryState) -> CycleEntry | None:
    """The entry that a report is for: in the first of these states, of the cycle whose day comes first.

    What the city has received is what was told then: no later report changes it.
    """
    found = [(e, c) for e, c in _entries(tx) if e.state is not EntryState.TAKEN or c.state is not CycleState.RECEIVED]
    wanted = [(first.index(e.state), c.report_by or date.max, e.id, e) for e, c in found if e.state in first]
    if wanted:
        return min(wanted)[-1]
    return found[0][0] if found else None


def _carried_entry(tx: Transaction) -> CycleEntry | None:
    """The entry with which the case goes up: the newest whose report is in, else the newest."""
    entries = [entry for entry, _ in _entries(tx)]
    return next((one for one in entries if one.state is EntryState.TAKEN), next(iter(entries), None))


@subscribes(MessageSent)
def entry_sent(sent: MessageSent, tx: Transaction) -> None:
    """The unit has sent its report."""
    entry = _reported_entry(tx, *SENDING) if sent.message == "report.sent" else None
    if entry is not None:
        entry.state, entry.sent_at = EntryState.SENT, tx.now
        entry.first_sent_at = entry.first_sent_at or tx.now


@subscribes(SubscriptionOpened)
def entry_taken(opened: SubscriptionOpened, tx: Transaction) -> None:
    """The focal unit has taken the report: the case now waits for its cycle."""
    carried = _carried_entry(tx)
    if carried is None:
        return
    if stage_of(tx, opened.element_id) is Stage.CONSOLIDATION and (taken := _reported_entry(tx, *TAKING)) is not None:
        take_entry(tx, taken)
        carried = taken
    _catch_up(tx, carried, opened.message)


def take_entry(tx: Transaction, entry: CycleEntry) -> None:
    """A report is in; the one that makes all be in tells the cycle."""
    occurrence = tx.session.get_one(TaskOccurrence, entry.occurrence_id)
    was_open = entry.state in OPEN_ENTRIES
    entry.state, entry.taken_at = EntryState.TAKEN, tx.now
    entry.submission_id = occurrence.report_submission_id
    tx.session.flush()
    if was_open:
        change_pending(tx, entry.cycle_id, -1)
    cycle = tx.session.get_one(ReportingCycle, entry.cycle_id)
    if cycle.state is CycleState.CONSOLIDATING:
        draft_report(tx, cycle)  # It was returned out of a consolidation that went on.


def _catch_up(tx: Transaction, entry: CycleEntry, message: str) -> None:
    """A case that comes late to a wait whose message its cycle has sent already gets it now."""
    cycle = tx.session.get_one(ReportingCycle, entry.cycle_id)
    if cycle.state in MILESTONES.get(message, ()):
        send_milestone(tx, cycle, message, [entry.occurrence_id])


def send_milestone(tx: Transaction, cycle: ReportingCycle, message: str, cases: Iterable[UUID]) -> None:
    """Tell cases how far their cycle's report is; those that are not there yet are told when they come."""
    payload: dict[str, Any] = {"cycle": str(cycle.id), "last_of_year": cycle.is_last_of_year}
    for case_id in cases:
        key = f"{message}:{cycle.id}:{case_id}:{tx.now.isoformat()}"
        send(tx, case_id, message, payload, key=key, unawaited=Unawaited.IGNORE)


def change_pending(tx: Transaction, cycle_id: UUID, by: int) -> None:
    """Count what a cycle waits for; whoever brings it to 0 leaves the message that all reports are in.

    An UPDATE … RETURNING on one row: with `count` two last reports would each see the other still open.
    """
    table: Any = ReportingCycle.__table__
    pending = tx.session.scalar(
        sa.update(table).where(table.c.id == cycle_id).values(pending=table.c.pending + by).returning(table.c.pending)
    )
    if pending == 0 and tx.session.get_one(ReportingCycle, cycle_id).state is CycleState.COLLECTING:
        send(tx, cycle_id, "all_reports_in", {}, key=f"all_reports_in:{cycle_id}:{tx.now.isoformat()}")


@subscribes(UserTaskCreated)
def entry_returned(created: UserTaskCreated, tx: Transaction) -> None:
    """Back at the unit: not in any more."""
    if tx.instance is None or tx.instance.key != LIFECYCLE or stage_of(tx, created.element_id) is not Stage.EXECUTE:
        return
    entry = _reported_entry(tx, EntryState.SENT, EntryState.TAKEN)
    if entry is None or entry.state not in (EntryState.SENT, EntryState.TAKEN):
        return
    was_taken = entry.state is EntryState.TAKEN
    entry.unit_id = tx.session.get_one(TaskOccurrence, entry.occurrence_id).lead_unit_id  # Who has its place by now.
    entry.state, entry.returned_at, entry.return_reason = EntryState.RETURNED, tx.now, _reason(tx)
    tx.session.flush()
    if was_taken:
        change_pending(tx, entry.cycle_id, 1)
        _withdraw(tx, entry)


def _withdraw(tx: Transaction, entry: CycleEntry) -> None:
    """What a unit has to mend is no part of a draft; one that is being signed stays as it is."""
    report = current_report(tx, entry.cycle_id)
    cycle = tx.session.get_one(ReportingCycle, entry.cycle_id)
    if report is not None and cycle.state is CycleState.CONSOLIDATING:
        tx.session.execute(sa.delete(Statement).where(Statement.entry_id == entry.id, Statement.report_id == report.id))


def _reason(tx: Transaction) -> str | None:
    """Why it came back: the words of whoever returned it."""
    for fact in tx.facts:
        if isinstance(fact, UserTaskCompleted):
            return tx.answers(fact.submission_id).get("reason")
        if isinstance(fact, MessageDelivered):
            return fact.payload.get("reason")
        if isinstance(fact, WentBack):
            return fact.reason
    return None
