"""A cycle whose day comes before a case's own: while it waits for the report, the unit's steps are due by its day."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.instances import MoveDates, move_dates
from engine.errors import InstanceNotActive, InstanceOnHold
from engine.facts import DatesChanged
from engine.records import dates_from_json
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction, subscribes
from webapp.cycles.last_days import AWAITED_UNTIL, COMES_FIRST, comes_first
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, CycleState, ReportingCycle
from webapp.plans.models import TaskOccurrence
from webapp.plans.progress import SEND_BY, occurrence_of

FOLLOW = "cycles.follow_send_day"
FIRST_DAY = (
    sa.select(ReportingCycle.name, AWAITED_UNTIL.label("day"))
    .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
    .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
    .where(
        TaskOccurrence.id == sa.bindparam("case_id"), CycleEntry.state.in_(OPEN_ENTRIES),
        ReportingCycle.state != CycleState.CLOSED, COMES_FIRST,
    )
    .order_by(sa.text("day"))
    .limit(1)
)  # fmt: skip
"""Of the cycles that wait for a case's report before its own day, the one whose day comes first."""


def follow_send_day(tx: Transaction, cycle: ReportingCycle, case_ids: Iterable[UUID]) -> None:
    """Leave a job for each case whose own day is not this cycle's: it began or ceased to wait, or its day moved."""
    cases = sa.select(TaskOccurrence).where(TaskOccurrence.id.in_(list(case_ids)), TaskOccurrence.ended_at.is_(None))
    for case in tx.session.scalars(cases):
        if case.send_by is not None or comes_first(cycle, case):
            tx.enqueue(FOLLOW, f"send_by:{case.id}:{cycle.id}:{tx.now.isoformat()}", {}, instance_id=case.id)


def follow_case(tx: Transaction, case: TaskOccurrence) -> None:
    """The same for one case, where its day is another by now."""
    first = tx.session.execute(FIRST_DAY, {"case_id": case.id}).one_or_none()
    if case.ended_at is None and case.send_by != (first.day if first else None):
        tx.enqueue(FOLLOW, f"send_by:{case.id}:{tx.now.isoformat()}", {}, instance_id=case.id)


@subscribes(DatesChanged)
def follow_own_day(changed: DatesChanged, tx: Transaction) -> None:
    """The task's own day has moved: a cycle's comes before it now, or does no longer."""
    before, dates = dates_from_json(changed.previous), dates_from_json(changed.dates)
    case = occurrence_of(tx) if before.get("deadline") != dates.get("deadline") else None
    if case is not None:
        follow_case(tx, case)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowSendDay(Command):
    """Bring a case's `send_by` to what its cycles say by now."""

    permission = EnginePermission.SYSTEM

    case_id: UUID


@handles(FollowSendDay)
def bring_send_day(command: FollowSendDay, tx: Transaction) -> None:
    """The case is locked first: of two workers the later one sees what has changed. Raises InstanceNotActive."""
    tx.load_instance(command.case_id)
    first = tx.session.execute(FIRST_DAY, {"case_id": command.case_id}).one_or_none()
    reason = f"Kỳ “{first.name}” chờ báo cáo" if first else "Không còn kỳ nào chờ báo cáo trước hạn của nhiệm vụ"
    move_dates(MoveDates(instance_id=command.case_id, dates={SEND_BY: first.day if first else None}, reason=reason), tx)


@performs(FOLLOW, "đưa hạn của kỳ báo cáo vào việc của đơn vị")
def do_follow_send_day(job: JobCall, runtime: Runtime) -> None:
    """As it stands now. Raises InstanceOnHold."""
    assert job.instance_id is not None
    try:
        command = FollowSendDay(case_id=job.instance_id)
        runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)
    except InstanceOnHold:
        raise
    except InstanceNotActive:
        return
