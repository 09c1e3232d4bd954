"""What of a case belongs to a cycle that has its report, or went without: the case itself goes on for others."""

from uuid import UUID

import sqlalchemy as sa

from engine.models import Timer
from webapp.cycles.models import CycleEntry, EntryState
from webapp.plans.models import TaskOccurrence

OFFICER: sa.ColumnElement[UUID | None] = sa.func.coalesce(CycleEntry.officer_id, TaskOccurrence.officer_id)
"""Whose work it is, or was."""

_SETTLED_AT = sa.case(
    (CycleEntry.state == EntryState.TAKEN, CycleEntry.taken_at),
    (CycleEntry.state == EntryState.MISSING, CycleEntry.left_out_at),
)
WHILE_AWAITED: sa.ColumnElement[bool] = (Timer.fired_at >= CycleEntry.asked_at) & (
    _SETTLED_AT.is_(None) | (Timer.fired_at <= _SETTLED_AT)
)
"""Timers of a case that reminded of its report to the cycle, not of the next one's."""


def has_gone_on(entry: CycleEntry, case: TaskOccurrence) -> bool:
    """Whether the work goes on after the report that the cycle has."""
    return entry.state is EntryState.TAKEN and entry.submission_id != case.report_submission_id


def report_to(entry: CycleEntry, case: TaskOccurrence) -> UUID | None:
    """The submission that is the report to the cycle: what it has, or what was sent to it and waits, or came back."""
    if entry.state is EntryState.TAKEN:
        return entry.submission_id
    return case.report_submission_id if entry.state in (EntryState.SENT, EntryState.RETURNED) else None
