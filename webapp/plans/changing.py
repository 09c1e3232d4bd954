"""Tasks after they were issued: moved to another group, parted, cancelled; those that wait for a document begin."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.instances import CancelInstance
from engine.commands.messages import send
from engine.errors import InstanceNotActive, Kind, NotFound, Rejected
from engine.events import Fact, fact
from engine.facts import InstanceEnded
from engine.ids import uuid7
from engine.models import ProcessInstance
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction, subscribes
from webapp.cycles.models import CycleState, ReportingCycle
from webapp.organisation.refusals import FieldRefused
from webapp.permissions import Permission
from webapp.plans.adding import make_room
from webapp.plans.assigning import put_units
from webapp.plans.drafts import require_units
from webapp.plans.issuing import LIFECYCLE, earliest_day, find_plan, start_occurrence
from webapp.plans.models import (
    Contribution,
    OccurrenceState,
    Plan,
    PlanState,
    PlanTask,
    PlanTaskState,
    TaskGroup,
    TaskOccurrence,
    UnitPart,
)
from webapp.plans.places import place_name
from webapp.plans.telling import name_of_actor, tell_of_change

IN_SIGNING = (CycleState.SIGNING, CycleState.SIGNED, CycleState.DISPATCHED)
"""While its report is on its way, what a plan says stays as it is."""


@fact
@dataclass(frozen=True, slots=True)
class PlanTaskMoved(Fact):
    plan_task_id: UUID
    before: str
    after: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class PlanTaskParted(Fact):
    plan_task_id: UUID
    new_task_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class PlanTaskCancelled(Fact):
    plan_task_id: UUID
    cases: int
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class AwaitedDocumentRecorded(Fact):
    plan_id: UUID
    awaited: str
    number: str
    issued_on: str
    cases: int


class ReportOnItsWay(Rejected):
    kind = Kind.CONFLICT
    message = "Báo cáo của kế hoạch đang trình ký. Hãy chờ phát hành xong rồi điều chỉnh."


class NotIssued(Rejected):
    kind = Kind.CONFLICT
    message = "Chỉ điều chỉnh được nhiệm vụ đã giao của kế hoạch đang thực hiện."


class ReasonMissing(FieldRefused):
    field = "reason"
    message = "Nhập lý do điều chỉnh, căn cứ văn bản nào."


class DocumentNotYetIssued(Rejected):
    message = "Ngày văn bản không thể sau hôm nay."


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTask(Command):
    """Put a task at the end of another group; its cases go on."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    group_id: UUID
    ordinal: str
    reason: str


@handles(MoveTask)
def move_task(command: MoveTask, tx: Transaction) -> None:
    """Raises NotFound, NotIssued, ReportOnItsWay, ReasonMissing."""
    task, plan, reason = _issued(tx, command.plan_task_id, command.reason)
    target = next((group for group in plan.groups if group.id == command.group_id), None)
    if target is None:
        raise NotFound
    before = place_name(task.group.numeral, task.ordinal)
    task.position = make_room(tx, plan, _last_before(plan, target, task))
    task.group, task.ordinal = target, command.ordinal.strip() or _free_ordinal(target)
    after = place_name(target.numeral, task.ordinal)
    tx.record(PlanTaskMoved(task.id, before, after, reason))
    moved = f"{task.content}: mục {before} nay là mục {after}. {name_of_actor(tx)} điều chỉnh, lý do: {reason}."
    tell_of_change(tx, task, "Nhiệm vụ chuyển sang nhóm khác", f"{moved} Việc, hạn và nội dung đã nhập giữ nguyên.")


def _last_before(plan: Plan, target: TaskGroup, moved: PlanTask) -> PlanTask | None:
    """The row behind which a new one of the group comes."""
    ahead = [group for group in plan.groups if group.position <= target.position]
    rows = [task for group in ahead for task in group.tasks if task is not moved]
    return max(rows, key=lambda task: task.position, default=None)


def _free_ordinal(group: TaskGroup) -> str:
    """The number of one more row, which no other has."""
    taken = {task.ordinal for task in group.tasks}
    return next(ordinal for ordinal in map(str, count(len(group.tasks) + 1)) if ordinal not in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTask(Command):
    """Part a task: what remains keeps its cases, the new part is issued to its own leads."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    remaining: str
    content: str
    ordinal: str
    leads: tuple[UUID, ...]
    due_on: date | None = None
    reason: str


@handles(PartTask)
def part_task(command: PartTask, tx: Transaction) -> UUID:
    """Return the new task's id. Raises NotFound, NotIssued, ReportOnItsWay, ReasonMissing, UnknownUnits, Rejected."""
    task, plan, reason = _issued(tx, command.plan_task_id, command.reason)
    if not command.leads:
        raise Rejected("Chọn đơn vị chủ trì của phần mới.")
    require_units(tx, command.leads)
    part = PlanTask(
        id=uuid7(), tenant_id=tx.tenant_id, plan_id=plan.id, position=make_room(tx, plan, task),
        state=PlanTaskState.ISSUED, ordinal=command.ordinal, content=command.content, timing_text=task.timing_text,
        product_text=task.product_text, due_on=command.due_on or task.due_on, is_recurring=task.is_recurring,
        until_year=task.until_year, is_conditional=task.is_conditional, blocked_until=task.blocked_until,
        source=task.source,
    )  # fmt: skip
    put_units(part, [(UnitPart.LEAD, unit_id) for unit_id in command.leads])
    task.group.tasks.append(part)
    whole, task.content = task.content, command.remaining
    tx.session.flush()
    year = earliest_day(plan, local_date(tx.now)).year
    for unit_id in dict.fromkeys(command.leads):
        start_occurrence(tx, plan, part, year, unit_id)
    tx.record(PlanTaskParted(task.id, part.id, reason))
    tell_of_change(tx, task, "Nhiệm vụ đã tách", _parted(tx, whole, task, part, reason))
    return part.id


def _parted(tx: Transaction, whole: str, task: PlanTask, part: PlanTask, reason: str) -> str:
    """What those who have the task at hand are told."""
    leads = ", ".join(row.unit.short_name for row in part.units)
    return (
        f"“{whole}” được tách: việc này còn “{task.content}”; “{part.content}” giao cho {leads}. "
        f"{name_of_actor(tx)} điều chỉnh, lý do: {reason}. Nội dung đã nhập giữ nguyên ở việc này."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelTask(Command):
    """Cancel a task, and the cases of it that still run."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    reason: str


@handles(CancelTask)
def cancel_task(command: CancelTask, tx: Transaction) -> int:
    """Return how many cases end. Raises NotFound, NotIssued, ReportOnItsWay, ReasonMissing."""
    task, _, reason = _issued(tx, command.plan_task_id, command.reason)
    running = tx.session.scalars(
        sa.select(TaskOccurrence.id).where(TaskOccurrence.plan_task_id == task.id, TaskOccurrence.ended_at.is_(None))
    ).all()
    task.state, task.state_note = PlanTaskState.CANCELLED, reason
    cancel_cases_later(tx, running, reason)
    tx.record(PlanTaskCancelled(task.id, len(running), reason))
    return len(running)


def cancel_cases_later(tx: Transaction, instance_ids: Iterable[UUID], reason: str) -> None:
    """Leave a job for each case: one command, one instance."""
    by = str(tx.actor.id) if tx.actor.id else None
    for instance_id in instance_ids:
        payload = {"instance_id": str(instance_id), "reason": reason, "by": by}
        tx.enqueue(CANCEL, f"cancel:{instance_id}", payload)


@subscribes(InstanceEnded)
def end_contributions(ended: InstanceEnded, tx: Transaction) -> None:
    """With a case that is over nobody coordinates, whoever ended it; also who has answered is told."""
    if tx.instance is None or tx.instance.key != LIFECYCLE:
        return
    asked = (
        sa.select(Contribution.id)
        .outerjoin(ProcessInstance, ProcessInstance.id == Contribution.id)
        .where(Contribution.occurrence_id == tx.instance.id, ProcessInstance.ended_at.is_(None))
    )
    reason = ended.reason or "Nhiệm vụ đã giao đơn vị khác hoặc hủy"
    cancel_cases_later(tx, tx.session.scalars(asked).all(), reason)


CANCEL = "plans.cancel_case"


@performs(CANCEL, "hủy hồ sơ của nhiệm vụ")
def cancel_case(job: JobCall, runtime: Runtime) -> None:
    """End a case in the name of whoever cancelled its task; one that has ended meanwhile stays as it is."""
    command = CancelInstance(instance_id=UUID(job.payload["instance_id"]), reason=job.payload["reason"])
    by = UUID(job.payload["by"]) if job.payload["by"] else None
    actor = Actor(id=by, tenant_id=job.tenant_id, permissions=frozenset({EnginePermission.OPERATE}))
    try:
        runtime.execute(command, actor=actor, job_id=job.id)
    except InstanceNotActive:
        return


def _issued(tx: Transaction, plan_task_id: UUID, reason: str) -> tuple[PlanTask, Plan, str]:
    """An issued task of a plan in force, and why it changes."""
    task = tx.session.get(PlanTask, plan_task_id)
    if task is None or task.tenant_id != tx.tenant_id:
        raise NotFound
    plan = tx.session.get_one(Plan, task.plan_id)
    if plan.state is not PlanState.ISSUED or task.state is not PlanTaskState.ISSUED:
        raise NotIssued
    require_no_report_on_its_way(tx, plan.id)
    if not reason.strip():
        raise ReasonMissing
    return task, plan, reason.strip()


def require_no_report_on_its_way(tx: Transaction, plan_id: UUID) -> None:
    """Raises ReportOnItsWay."""
    query = sa.select(ReportingCycle.id).where(ReportingCycle.plan_id == plan_id, ReportingCycle.state.in_(IN_SIGNING))
    if tx.session.scalar(query.limit(1)) is not None:
        raise ReportOnItsWay


# --- waiting for a document ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAwaitedDocument(Command):
    """A document that tasks of a plan wait for has come: their cases begin, their clock starts."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    awaited: str  # as the tasks word it
    number: str
    issued_on: date


@handles(RecordAwaitedDocument)
def record_document(command: RecordAwaitedDocument, tx: Transaction) -> int:
    """Return how many cases begin. Raises NotFound, Rejected."""
    plan = find_plan(tx, command.plan_id)
    if command.issued_on > local_date(tx.now):
        raise DocumentNotYetIssued
    if not command.number.strip():
        raise Rejected("Nhập số, ký hiệu của văn bản.")
    waiting = tx.session.scalars(
        sa.select(TaskOccurrence.id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .where(
            TaskOccurrence.plan_id == plan.id, TaskOccurrence.state == OccurrenceState.AWAITING_CONDITION,
            PlanTask.blocked_until == command.awaited,
        )
    ).all()  # fmt: skip
    if not waiting:
        raise Rejected("Không còn nhiệm vụ nào chờ văn bản này.")
    payload: dict[str, Any] = {"number": command.number.strip(), "issued_on": command.issued_on.isoformat()}
    for case_id in waiting:
        send(tx, case_id, "condition.met", payload, key=f"condition.met:{case_id}")
    tx.record(AwaitedDocumentRecorded(plan.id, command.awaited, payload["number"], payload["issued_on"], len(waiting)))
    return len(waiting)
