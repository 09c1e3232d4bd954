"""Which cycles wait for a case's report: told where the report is written."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.cycles.last_days import LAST_DAY
from webapp.cycles.models import CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.database import rows_of
from webapp.plans.models import TaskOccurrence

AWAITED = (EntryState.ASKED, EntryState.RETURNED)
"""A report that the cycle still waits for."""


@dataclass(frozen=True, slots=True)
class AskingCycle:
    """A cycle that waits for a case."""

    name: str
    report_by: date | None
    outline: str
    reason: str | None  # why it gave the report back


@dataclass(frozen=True, slots=True)
class InCycle:
    """How a case stands in one of the cycles that ask for it."""

    name: str
    state: EntryState
    cycle_state: CycleState
    report_by: date | None


def cycles_of_case(read: Session, case_id: UUID) -> tuple[InCycle, ...]:
    """All that have asked for it, the newest first."""
    query = (
        sa.select(ReportingCycle.name, CycleEntry.state, ReportingCycle.state, ReportingCycle.report_by)
        .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
        .where(CycleEntry.occurrence_id == case_id)
        .order_by(ReportingCycle.id.desc())
    )
    return tuple(InCycle(*row) for row in read.execute(query))


def cycles_asking(read: Session, case_id: UUID) -> tuple[AskingCycle, ...]:
    """Those that wait for a case's report, the one whose day comes first at the front."""
    found = [AskingCycle(*row) for row in rows_of(read, ASKING_CASE, {"case_id": case_id})]
    return tuple(sorted(found, key=lambda one: (one.report_by or date.max, one.name)))


def asking_query(day: Any = ReportingCycle.report_by) -> sa.Select[str, date | None, str, str | None]:
    """What the cycles that wait for a report are to those who owe it, until the `day`."""
    return (
        sa.select(ReportingCycle.name, day, ReportingCycle.outline, CycleEntry.return_reason)
        .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
        .where(
            sa.or_(*(CycleEntry.state == state for state in AWAITED)),
            sa.or_(*(ReportingCycle.state == state for state in (CycleState.COLLECTING, CycleState.CONSOLIDATING))),
        )
    )


ASKING_CASE = (
    asking_query(LAST_DAY)
    .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
    .where(CycleEntry.occurrence_id == sa.bindparam("case_id"))
)
