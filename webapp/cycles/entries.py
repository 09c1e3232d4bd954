"""The cases asked in a cycle: follows what the engine does to them, and tells the cycle when all are in."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.commands.messages import Unawaited, send
from engine.facts import MessageDelivered, MessageSent, SubscriptionOpened, UserTaskCompleted, UserTaskCreated, WentBack
from engine.text import sentence
from engine.transaction import Transaction, subscribes
from webapp.cycles.asking import AWAITED
from webapp.cycles.drafting import current_report, draft_report
from webapp.cycles.milestones import ask_anew, catch_up, says_all
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, CycleState, EntryState, ReportingCycle, Statement
from webapp.cycles.send_days import follow_case, follow_send_day
from webapp.cycles.supplements import outlast
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.plans.linking import link_case
from webapp.plans.models import OccurrenceState, PlanTask, Stage, TaskOccurrence
from webapp.plans.progress import goes_on, occurrence_of, stage_of

WHY_MISSING = {
    EntryState.ASKED: "Chưa gửi báo cáo", EntryState.SENT: "Đã gửi, chưa kiểm tra xong",
    EntryState.RETURNED: "Đã trả lại để bổ sung, chưa gửi lại",
}  # fmt: skip
"""The reason where nobody named one."""

CHANGING = (CycleState.COLLECTING, CycleState.CONSOLIDATING, CycleState.RETURNED)
"""In these a cycle's report may still say something else; in others it stays as it goes up."""

GOING_UP = (OccurrenceState.AWAITING_CONSOLIDATION, OccurrenceState.AWAITING_SIGNATURE, OccurrenceState.SIGNED)
"""A case that waits for its cycle."""

DAYS_TO_MEND = 2
"""Working days for it, where nobody named a day."""

Entries = list[tuple[CycleEntry, ReportingCycle]]


def _entries(tx: Transaction, occurrence: TaskOccurrence | None) -> Entries:
    """The case's entries in the cycles that still take reports, or carry one on; the one due first in front."""
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
    )
    found = [(entry, cycle) for entry, cycle in tx.session.execute(query)]
    return sorted(found, key=lambda one: (one[1].report_by or date.max, one[0].id))


def _in(found: Entries, *states: EntryState) -> list[CycleEntry]:
    return [entry for entry, _ in found if entry.state in states]


@subscribes(MessageSent)
def entry_sent(sent: MessageSent, tx: Transaction) -> None:
    """The unit has sent its report: for each cycle that gave it back, else for the one whose day comes first.

    One that says all is for all that ask.
    """
    case = occurrence_of(tx) if sent.message == "report.sent" else None
    if case is None:
        return
    found = _entries(tx, case)
    again, asked = _in(found, EntryState.RETURNED, EntryState.SENT), _in(found, EntryState.ASKED)
    first = asked[: not again]
    for entry in [*again, *(asked if len(asked) > len(first) and says_all(tx, case) else first)]:
        entry.state, entry.sent_at = EntryState.SENT, tx.now
        entry.first_sent_at = entry.first_sent_at or tx.now


@subscribes(SubscriptionOpened)
def entry_taken(opened: SubscriptionOpened, tx: Transaction) -> None:
    """The focal unit has taken the report: the case now waits for its cycle, or goes on for another one."""
    occurrence = occurrence_of(tx)
    if occurrence is None:
        return
    if stage_of(tx, opened.element_id) is Stage.CONSOLIDATION:
        found = _entries(tx, occurrence)
        for entry in _arrived(found, occurrence):
            take_entry(tx, entry)
        _serve_others(tx, found, occurrence)
    catch_up(tx, occurrence.id, opened.message)


def _arrived(found: Entries, occurrence: TaskOccurrence) -> list[CycleEntry]:
    """For which cycles a report is that has come in; for none where it was in before."""
    sent = _in(found, EntryState.SENT)
    if sent or any(one.submission_id == occurrence.report_submission_id for one in _in(found, EntryState.TAKEN)):
        return sent
    return _in(found, EntryState.RETURNED) or _in(found, EntryState.ASKED)[:1]


def _serve_others(tx: Transaction, found: Entries, occurrence: TaskOccurrence) -> None:
    """Other cycles that ask get a report that says all; else the case goes on at once, for theirs."""
    awaited = [(entry, cycle) for entry, cycle in found if entry.state in AWAITED and cycle.state in CHANGING]
    if awaited and says_all(tx, occurrence):
        for entry in _in(awaited, EntryState.ASKED):
            take_entry(tx, entry)
    if _in(awaited, *AWAITED):
        ask_anew(tx, occurrence.id)


def take_entry(tx: Transaction, entry: CycleEntry) -> None:
    """A report is in; the one that makes all be in tells the cycle."""
    occurrence = tx.session.get_one(TaskOccurrence, entry.occurrence_id)
    was_open = entry.state in OPEN_ENTRIES
    entry.state, entry.taken_at = EntryState.TAKEN, tx.now
    entry.first_sent_at = entry.first_sent_at or occurrence.first_reported_at
    entry.sent_at = entry.sent_at or occurrence.first_reported_at
    entry.submission_id, entry.officer_id = occurrence.report_submission_id, occurrence.officer_id
    tx.session.flush()
    if was_open:
        change_pending(tx, entry.cycle_id, -1)
    cycle = tx.session.get_one(ReportingCycle, entry.cycle_id)
    follow_send_day(tx, cycle, [occurrence.id])
    if cycle.state is CycleState.CONSOLIDATING:
        draft_report(tx, cycle)  # It was returned out of a consolidation that went on.


def leave_out(tx: Transaction, entry: CycleEntry, why: str) -> None:
    """The cycle goes on without a report."""
    entry.state, entry.missing_reason, entry.left_out_at = EntryState.MISSING, why, tx.now
    case = tx.session.get_one(TaskOccurrence, entry.occurrence_id)
    entry.officer_id = case.officer_id
    outlast(case, entry.cycle)


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
    """Back at the unit: not in any more, in none of the cycles that had this report."""
    occurrence = occurrence_of(tx)
    if occurrence is None or stage_of(tx, created.element_id) is not Stage.EXECUTE or goes_on(tx):
        return
    found = _entries(tx, occurrence)
    had = [
        (e, c) for e, c in found if e.state is EntryState.TAKEN and e.submission_id == occurrence.report_submission_id
    ]
    may_change = [entry for entry, cycle in had if cycle.state in CHANGING]
    going_up = [entry for entry, cycle in had if cycle.state is not CycleState.RECEIVED]
    for entry in [*_in(found, EntryState.SENT), *(may_change or going_up[:1])]:
        hand_back(tx, entry, *_said(tx))
    follow_case(tx, occurrence)


def hand_back(tx: Transaction, entry: CycleEntry, reason: str | None, answer_by: date | None) -> None:
    """The cycle waits for the report again."""
    was_open, was_taken = entry.state in OPEN_ENTRIES, entry.state is EntryState.TAKEN
    case = tx.session.get_one(TaskOccurrence, entry.occurrence_id)
    entry.unit_id, entry.officer_id = case.lead_unit_id, None  # Who has its place by now.
    entry.state, entry.returned_at, entry.return_reason = EntryState.RETURNED, tx.now, reason
    entry.answer_by, entry.day_told_at = answer_by or _more_time(entry), tx.now
    tx.session.flush()
    if not was_open:
        change_pending(tx, entry.cycle_id, 1)
    if was_taken:
        _withdraw(tx, entry)


def _more_time(entry: CycleEntry) -> date | None:
    """What an extension gave holds when no other day is named."""
    day = entry.cycle.report_by
    return entry.answer_by if entry.answer_by and day and entry.answer_by > day else None


def ask_rework(
    tx: Transaction, entry: CycleEntry, item: str, reason: str, key: str, answer_by: date | None = None
) -> None:
    """Have a report mended by a day: a case that goes up comes back; one that has gone on mends it with its next
    report, which is due by then; for one that was closed a linked case does. What the cycle went without, and has come
    since, it takes as it is.
    """
    case = tx.session.get_one(TaskOccurrence, entry.occurrence_id)
    if case.state is OccurrenceState.CANCELLED or _has_come_late(tx, entry, case):
        return
    answer_by = answer_by or tx.calendar.shift(local_date(tx.now), DAYS_TO_MEND)
    if case.state in GOING_UP:
        payload = {"item": item, "reason": reason, "resubmit_by": answer_by, "cycle": str(entry.cycle_id)}
        send(tx, case.id, "rework.requested", payload, key=key, unawaited=Unawaited.IGNORE)
    elif case.ended_at is not None:
        had = _had_by(tx, case.id, entry)
        case = link_case(tx, case, answer_by)
        for one in had:
            one.occurrence_id = case.id
            hand_back(tx, one, reason, answer_by)
    else:
        hand_back(tx, entry, reason, answer_by)
        follow_case(tx, case)
    task = tx.session.get_one(PlanTask, case.plan_task_id).content
    until = f"Gửi lại chậm nhất hết ngày {answer_by:%d/%m/%Y}."
    _tell_unit(tx, entry, case.officer_id, f"{sentence(task)} {item}: {sentence(reason)} {until}", key)


def _has_come_late(tx: Transaction, entry: CycleEntry, case: TaskOccurrence) -> bool:
    """Take what came after the cycle had gone on without it; what is still being checked is on its way in."""
    if entry.state is not EntryState.MISSING:
        return False
    if case.state is OccurrenceState.AWAITING_CHECK:
        entry.state, entry.first_sent_at, entry.sent_at = EntryState.SENT, case.first_reported_at, tx.now
        entry.officer_id = None
        change_pending(tx, entry.cycle_id, 1)
    elif case.state in GOING_UP or case.ended_at is not None:
        take_entry(tx, entry)
    else:
        return False
    return True


def _had_by(tx: Transaction, case_id: UUID, entry: CycleEntry) -> list[CycleEntry]:
    """The entry, and those of other cycles that have the same closed case and may still change."""
    others = (
        sa.select(CycleEntry)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .where(
            CycleEntry.occurrence_id == case_id, CycleEntry.id != entry.id, CycleEntry.state == EntryState.TAKEN,
            ReportingCycle.state.in_(CHANGING),
        )
    )  # fmt: skip
    return [entry, *tx.session.scalars(others)]


def _tell_unit(tx: Transaction, entry: CycleEntry, officer_id: UUID | None, body: str, key: str) -> None:
    people = [*people_at(tx.session, f"head@{entry.unit_id}"), *filter(None, [officer_id])]
    notice = Notice(
        kind="returned", about=key, title=f"Cần bổ sung báo cáo kỳ {entry.cycle.name}", body=body,
        path=f"/bao-cao-don-vi/{entry.cycle_id}/{entry.unit_id}", instance_id=entry.occurrence_id,
    )  # fmt: skip
    tell(tx, dict.fromkeys(people), notice)


def _withdraw(tx: Transaction, entry: CycleEntry) -> None:
    """What a unit has to mend is no part of a draft; one that is being signed, or was sent, stays as it is."""
    report = current_report(tx, entry.cycle_id)
    cycle = tx.session.get_one(ReportingCycle, entry.cycle_id)
    drafting = cycle.state in (CycleState.CONSOLIDATING, CycleState.RETURNED)
    if report is not None and drafting and report.number is None:
        tx.session.execute(sa.delete(Statement).where(Statement.entry_id == entry.id, Statement.report_id == report.id))


def _said(tx: Transaction) -> tuple[str | None, date | None]:
    """Why it came back, and until when it is to be there again: the words of whoever returned it."""
    for fact in tx.facts:
        if isinstance(fact, WentBack):
            return fact.reason, None
        if isinstance(fact, UserTaskCompleted | MessageDelivered):
            said = fact.payload if isinstance(fact, MessageDelivered) else tx.answers(fact.submission_id)
            day = said.get("resubmit_by")
            return said.get("reason"), date.fromisoformat(day) if day else None
    return None, None
