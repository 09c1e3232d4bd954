"""What a cycle does not ask although it belongs to its year: what began too late for it, told with the reason."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import ProcessInstance
from webapp.cycles.models import CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.organisation.models import Unit
from webapp.plans.models import OccurrenceState, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name

MOST = 100
SHOWN_IN = (CycleState.COLLECTING, CycleState.CONSOLIDATING, CycleState.SIGNING)


@dataclass(frozen=True, slots=True)
class Unasked:
    """A case that the next cycle asks."""

    occurrence_id: UUID
    label: str
    content: str
    unit: str
    why: str


def unasked_of(read: Session, cycle: ReportingCycle) -> tuple[Unasked, ...]:
    """In the order of the appendix."""
    if cycle.state not in SHOWN_IN:
        return ()
    in_cycle = (CycleEntry.occurrence_id == TaskOccurrence.id) & (CycleEntry.cycle_id == cycle.id)
    rows = read.execute(
        sa.select(TaskOccurrence, PlanTask, TaskGroup.numeral, Unit.name, ProcessInstance.started_at, CycleEntry.state)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Unit, Unit.id == TaskOccurrence.lead_unit_id)
        .join(ProcessInstance, ProcessInstance.id == TaskOccurrence.id)
        .outerjoin(CycleEntry, in_cycle)
        .where(
            TaskOccurrence.plan_id == cycle.plan_id, TaskOccurrence.year == cycle.year,
            TaskOccurrence.ended_at.is_(None), TaskOccurrence.round == 1,
            TaskOccurrence.state != OccurrenceState.AWAITING_CONDITION,
            CycleEntry.id.is_(None) | (CycleEntry.state == EntryState.WAITING),
        )
        .order_by(TaskGroup.position, PlanTask.position)
        .limit(MOST)
    )  # fmt: skip
    return tuple(
        Unasked(case.id, place_name(numeral, task.ordinal), task.content, unit, _why(cycle, state, started_at))
        for case, task, numeral, unit, started_at, state in rows
    )


def _why(cycle: ReportingCycle, state: EntryState | None, started_at: datetime) -> str:
    """A document that was awaited came too late; else the case itself began too late."""
    closed = cycle.state is not CycleState.COLLECTING
    after = "sau khi kỳ đã chốt số liệu"
    if cycle.report_by is not None and (not closed or local_date(started_at) > cycle.report_by):
        after = f"sau hạn của các đơn vị ({cycle.report_by:%d/%m/%Y})"
    if state is EntryState.WAITING:
        return f"văn bản phải chờ đến {'sau khi kỳ đã chốt số liệu' if closed else after}"
    return f"bắt đầu ngày {local_date(started_at):%d/%m/%Y}, {after}"
