"""Where the cases of a cycle stand in its report: only what was taken counts as reported."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.documents.rendering.consolidated import BUCKETS, Status, status_together
from webapp.plans.buckets import status_of
from webapp.plans.models import OccurrenceState, TaskOccurrence


@dataclass(frozen=True, slots=True)
class _Unreported:
    """A case as the cycle sees it while its unit still owes the report, whatever was typed at the unit."""

    state: OccurrenceState
    due_on: date | None
    is_due_with_report: bool = False
    nothing_arose: bool = False
    completed_on: date | None = None
    first_reported_at: datetime | None = None


def standing_of(entry: CycleEntry, case: TaskOccurrence, day: date) -> Status:
    """In which bucket a case is in its cycle's report, or beside them: also one whose document came too late for it."""
    if entry.state is EntryState.WAITING and case.state is not OccurrenceState.CANCELLED:
        return Status.WAITING
    return status_of(case if entry.state is EntryState.TAKEN else _Unreported(case.state, case.due_on), day)


def counted_on(cycle: ReportingCycle, today: date) -> date:
    """The day on which the report's figures stand: that of the cut-off."""
    return local_date(cycle.cut_off_at) if cycle.cut_off_at else today


def cycle_buckets(read: Session, cycle: ReportingCycle, today: date) -> dict[Status, int]:
    """How many tasks are in each of the four buckets, as the cycle's report counts them."""
    rows = read.execute(
        sa.select(CycleEntry, TaskOccurrence)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .where(CycleEntry.cycle_id == cycle.id)
    )
    standings: dict[UUID, list[Status]] = defaultdict(list)
    for entry, case in rows:
        standings[case.plan_task_id].append(standing_of(entry, case, counted_on(cycle, today)))
    counts = Counter(map(status_together, standings.values()))
    return {bucket: counts[bucket] for bucket in BUCKETS}
