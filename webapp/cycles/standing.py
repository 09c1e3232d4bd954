"""Where the cases of a cycle stand in its report: by what it was told, on the day on which its data was closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.calendar import local_date
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.documents.rendering.consolidated import Status
from webapp.plans.buckets import status_of
from webapp.plans.models import OccurrenceState, TaskOccurrence

BESIDE = (OccurrenceState.AWAITING_CONDITION, OccurrenceState.CANCELLED)
"""What a case is without a report."""


@dataclass(frozen=True, slots=True)
class _Told:
    """A case as its cycle knows it, whatever was typed at the unit, or reported to another cycle since."""

    state: OccurrenceState
    due_on: date | None
    is_due_with_report: bool = False
    nothing_arose: bool = False
    completed_on: date | None = None
    first_reported_at: datetime | None = None
    ended_on: date | None = None


def standing_of(entry: CycleEntry, case: TaskOccurrence, answers: Mapping[str, Any], day: date) -> Status:
    """In which bucket a case is in its cycle's report, or beside them; `answers`: what its unit reported in the cycle.

    Also one whose document came too late for the cycle is beside them.
    """
    state = _state(entry.cycle, case)
    if entry.state is EntryState.WAITING and state is not OccurrenceState.CANCELLED:
        return Status.WAITING
    if entry.state is not EntryState.TAKEN:
        return status_of(_Told(state, case.due_on), day)
    told = _Told(
        state, case.due_on, case.is_due_with_report, bool(answers.get("nothing_arose")), completed_on(entry, answers),
        entry.taken_at,
    )  # fmt: skip
    return status_of(told, day)


def _state(cycle: ReportingCycle, case: TaskOccurrence) -> OccurrenceState:
    """What was cancelled after the cut-off was still to be done then."""
    went_on = case.ended_at is not None and cycle.cut_off_at is not None and case.ended_at > cycle.cut_off_at
    is_beside = case.state in BESIDE and not (went_on and case.state is OccurrenceState.CANCELLED)
    return case.state if is_beside else OccurrenceState.IN_PROGRESS


def completed_on(entry: CycleEntry, answers: Mapping[str, Any]) -> date | None:
    """The day on which the work was completed, by what was taken from its unit."""
    day = answers.get("completed_on") if entry.state is EntryState.TAKEN else None
    return date.fromisoformat(day) if day else None


def counted_on(cycle: ReportingCycle, today: date) -> date:
    """The day on which the report's figures stand: that of the cut-off."""
    return local_date(cycle.cut_off_at) if cycle.cut_off_at else today
