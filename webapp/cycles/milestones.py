"""How far a cycle's report is, told to the cases that go up with it; and when a case goes on for another cycle."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.commands.messages import Unawaited, send
from engine.models import Submission
from engine.transaction import Transaction
from webapp.cycles.models import CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.plans.models import PlanTask, TaskOccurrence
from webapp.plans.progress import REPORT_ASKED
from webapp.plans.years import recurs_in

RECEIVED = "report.received"
MILESTONES = {
    "report.used": (CycleState.SIGNING, CycleState.SIGNED, CycleState.DISPATCHED, CycleState.SENT, CycleState.RECEIVED),
    "report.approved": (CycleState.SIGNED, CycleState.DISPATCHED, CycleState.SENT, CycleState.RECEIVED),
    RECEIVED: (CycleState.RECEIVED,),
}
"""A message to the cases, and the states of a cycle in which it has been sent."""


def carrying_cycle(tx: Transaction, case_id: UUID) -> ReportingCycle | None:
    """With which cycle a case goes up: of those that have its newest report the year's last, else the newest."""
    query = (
        sa.select(ReportingCycle)
        .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .where(
            CycleEntry.occurrence_id == case_id, CycleEntry.state == EntryState.TAKEN,
            CycleEntry.submission_id == TaskOccurrence.report_submission_id,
            ReportingCycle.state != CycleState.CLOSED,
        )
        .order_by(ReportingCycle.is_last_of_year.desc(), CycleEntry.id.desc())
        .limit(1)
    )  # fmt: skip
    return tx.session.scalar(query)


def send_milestone(tx: Transaction, cycle: ReportingCycle, message: str, cases: Iterable[UUID]) -> None:
    """Tell cases how far their cycle's report is; those that are not there yet are told when they come.

    A case whose report stands in another cycle too hears from the one that it goes up with only.
    """
    for case_id in cases:
        if carrying_cycle(tx, case_id) is cycle:
            payload: dict[str, Any] = {"cycle": str(cycle.id)}
            if message == RECEIVED:
                payload["last_of_year"] = _ends_with(tx, cycle, case_id)
            key = f"{message}:{cycle.id}:{case_id}:{tx.now.isoformat()}"
            send(tx, case_id, message, payload, key=key, unawaited=Unawaited.IGNORE)


def _ends_with(tx: Transaction, cycle: ReportingCycle, case_id: UUID) -> bool:
    """Whether a case ends with the year's last report though its work does not: the next year's case goes on with it.

    What has a day of its own, or comes again in no later year, goes on until it is done.
    """
    year = TaskOccurrence.year <= cycle.year if cycle.is_last_of_year else TaskOccurrence.year < cycle.year
    query = (
        sa.select(TaskOccurrence.id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .where(TaskOccurrence.id == case_id, year, TaskOccurrence.is_due_with_report)
        .where(*recurs_in(TaskOccurrence.year + 1))
    )
    return tx.session.scalar(query) is not None


def catch_up(tx: Transaction, case_id: UUID, message: str) -> None:
    """A case that comes late to a wait whose message its cycle has sent already gets it now."""
    cycle = carrying_cycle(tx, case_id)
    if cycle is not None and cycle.state in MILESTONES.get(message, ()):
        send_milestone(tx, cycle, message, [case_id])


def says_all(tx: Transaction, case: TaskOccurrence) -> bool:
    """Whether the report of a case says all that the year's reports will say of it.

    The work is done, or the year's last cycle has it. Else each cycle gets a report of its own.
    """
    data = tx.session.scalar(sa.select(Submission.data).where(Submission.id == case.report_submission_id))
    if data is None or orjson.loads(data).get("outcome") != "in_progress":
        return True
    cycle = carrying_cycle(tx, case.id)
    return cycle is not None and cycle.is_last_of_year


def ask_anew(tx: Transaction, case_id: UUID) -> None:
    """Have the work go on at once while what was reported goes up: another cycle waits for a report."""
    key = f"{REPORT_ASKED}:{case_id}:{tx.now.isoformat()}"
    send(tx, case_id, REPORT_ASKED, {}, key=key, unawaited=Unawaited.IGNORE)
