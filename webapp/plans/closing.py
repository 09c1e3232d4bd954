"""Closing a plan: nothing of it begins any more."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.events import Fact, fact
from engine.transaction import Transaction
from webapp.cycles.models import CycleState, ReportingCycle
from webapp.permissions import Permission
from webapp.plans.changing import IN_SIGNING, ReasonMissing, cancel_cases_later
from webapp.plans.issuing import find_plan
from webapp.plans.models import PlanState, TaskOccurrence


@fact
@dataclass(frozen=True, slots=True)
class PlanClosed(Fact):
    plan_id: UUID
    reason: str
    cancelled: int  # cases that still ran


_IS_OPEN = ReportingCycle.state.not_in((CycleState.RECEIVED, CycleState.CLOSED))


class StillReported(Rejected):
    kind = Kind.CONFLICT
    message = "Còn kỳ báo cáo mà thành phố chưa nhận báo cáo. Hãy hoàn thành kỳ báo cáo rồi đóng kế hoạch."


class StillRunning(Rejected):
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosePlan(Command):
    """Close a plan that has run its time, or was replaced."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    reason: str
    cancel_running: bool = False  # end what still runs


@handles(ClosePlan)
def close_plan(command: ClosePlan, tx: Transaction) -> None:
    """Raises NotFound, StillReported, StillRunning, ReasonMissing, Rejected."""
    plan = find_plan(tx, command.plan_id)
    if plan.state is not PlanState.ISSUED:
        raise Rejected("Chỉ đóng được kế hoạch đang thực hiện.")
    if not command.reason.strip():
        raise ReasonMissing
    if open_cycles(tx.session, plan.id):
        raise StillReported
    running = running_in(tx.session, plan.id)
    if running and not command.cancel_running:
        raise StillRunning(f"Còn {len(running)} việc đang chạy. Chọn “Hủy các việc đang chạy” nếu vẫn đóng kế hoạch.")
    cancel_cases_later(tx, running, f"Đóng kế hoạch: {command.reason.strip()}")
    plan.state, plan.closed_at, plan.closed_reason = PlanState.CLOSED, tx.now, command.reason.strip()
    tx.record(PlanClosed(plan.id, plan.closed_reason, len(running)))


def open_cycles(read: Session, plan_id: UUID) -> list[tuple[UUID, str]]:
    """The cycles whose report is not with the city: until then a plan is not closed.

    One that the city returns later goes on by itself, whatever has become of its plan.
    """
    return _cycles(read, plan_id, _IS_OPEN)


def cycles_before_replacing(read: Session, plan_id: UUID) -> list[tuple[UUID, str]]:
    """Those that come before another plan takes the place: not asked yet, being signed, or the year's last.

    That one closes its cases. Others go on as cycles of the old plan; what is new is asked in the next one.
    """
    first = ReportingCycle.state.in_((CycleState.OPENING, *IN_SIGNING)) | ReportingCycle.is_last_of_year
    return _cycles(read, plan_id, _IS_OPEN & first)


def _cycles(read: Session, plan_id: UUID, which: sa.ColumnElement[bool]) -> list[tuple[UUID, str]]:
    query = sa.select(ReportingCycle.id, ReportingCycle.name).where(ReportingCycle.plan_id == plan_id, which)
    return [(row.id, row.name) for row in read.execute(query.order_by(ReportingCycle.id))]


def running_in(read: Session, plan_id: UUID) -> list[UUID]:
    """The cases of a plan that have not ended."""
    query = sa.select(TaskOccurrence.id).where(TaskOccurrence.plan_id == plan_id, TaskOccurrence.ended_at.is_(None))
    return list(read.scalars(query))
