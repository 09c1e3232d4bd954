"""Confirming a draft: number and date, focal unit, both deadlines with their sources, the signed file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.transaction import Transaction
from webapp.cycles.planning import plan_yearly
from webapp.documents.attachments import keep_file
from webapp.documents.models import Attachment
from webapp.organisation.refusals import FieldRefused
from webapp.permissions import Permission
from webapp.plans.deadlines import doubts_about, duties_in, later_than_said, proposed_days
from webapp.plans.drafts import draft_plan, require_units
from webapp.plans.facts import PlanConfirmed, PlanReopened
from webapp.plans.issuing import PlanNotReady, earliest_day, find_plan, leads_of
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState
from webapp.plans.places import place_of
from webapp.plans.undoing import forget_changes


class NumberTaken(FieldRefused):
    kind = Kind.CONFLICT
    field = "number"


class NotYetIssued(FieldRefused):
    field = "issued_on"
    message = "Ngày ban hành không thể sau hôm nay."


class SignedFileMissing(FieldRefused):
    field = "signed_file"
    message = "Chọn tệp kế hoạch đã ký (PDF, Word hoặc ảnh chụp)."


class ReportSourceMissing(FieldRefused):
    field = "report_by_source"
    message = "Nhập căn cứ của hạn này: văn bản, mục nào quy định."


class SubmitSourceMissing(ReportSourceMissing):
    field = "submit_by_source"


class DaysReversed(FieldRefused):
    field = "submit_by"
    message = "Hạn gửi thành phố phải sau hạn báo cáo của đơn vị."


class DaysDoubtful(FieldRefused):
    field = "accepted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPlan(Command):
    """State what makes a draft a plan in force. Deadlines may be left to the letter that opens a cycle."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    title: str
    number: str
    issued_on: date
    issuer: str
    focal_unit_id: UUID
    report_by: date | None = None  # last day in time
    report_by_source: str = ""
    submit_by: date | None = None
    submit_by_source: str = ""
    signed_file_id: UUID | None = None  # attachment; None: the one from before the plan was reopened
    accepted: bool = False  # the days are unusual, and meant


@handles(ConfirmPlan)
def confirm_plan(command: ConfirmPlan, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted, PlanNotReady, FieldRefused."""
    plan = draft_plan(tx, command.plan_id)
    require_complete(task for group in plan.groups for task in group.tasks)
    require_units(tx, [command.focal_unit_id])
    _require_number(tx, command)
    _require_days(tx, plan, command)
    plan.signed_file_id = _signed_file(tx, plan, command.signed_file_id)
    for name in STATED:
        setattr(plan, name, getattr(command, name))
    plan.state, plan.confirmed_at = PlanState.CONFIRMED, tx.now
    forget_changes(tx, plan.id)
    plan_yearly(tx, plan)
    tx.record(
        PlanConfirmed(plan.id, command.number, f"{command.issued_on}", _iso(plan.report_by), _iso(plan.submit_by))
    )


SIGNED_TYPES = (
    "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "image/jpeg",
    "image/png",
)  # fmt: skip


def _signed_file(tx: Transaction, plan: Plan, file_id: UUID | None) -> UUID:
    """The actor's own upload, or the file that the plan has from before it was reopened."""
    file_id = file_id or plan.signed_file_id
    file = tx.session.get(Attachment, file_id) if file_id else None
    if file is None or file.tenant_id != tx.tenant_id:
        raise SignedFileMissing
    if file.id != plan.signed_file_id and file.uploaded_by != tx.actor.id:
        raise SignedFileMissing
    if file.media_type not in SIGNED_TYPES:
        raise SignedFileMissing("Tệp đã ký phải là PDF, Word (.docx) hoặc ảnh chụp (JPG, PNG). Hãy chọn lại tệp.")
    if file.id != plan.signed_file_id:
        keep_file(tx, file.id)
    return file.id


STATED = (
    "title", "number", "issued_on", "issuer", "focal_unit_id", "report_by", "report_by_source", "submit_by",
    "submit_by_source",
)  # fmt: skip


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def require_complete(tasks: Iterable[PlanTask]) -> None:
    """Raises PlanNotReady, naming the rows that nobody could carry out."""
    rows = [task for task in tasks if task.state is PlanTaskState.DRAFT]
    if not rows:
        raise PlanNotReady("Kế hoạch chưa có nhiệm vụ nào để giao. Hãy thêm nhiệm vụ rồi xác nhận.")
    for faulty, words in (
        ([task for task in rows if not leads_of(task)], "Chưa chọn đơn vị chủ trì cho nhiệm vụ"),
        ([task for task in rows if not task.content.strip()], "Chưa có nội dung ở nhiệm vụ"),
    ):
        if faulty:
            raise PlanNotReady(f"{words} {', '.join(map(place_of, faulty))}. Hãy bổ sung, hoặc bỏ dòng đó.")


def _require_number(tx: Transaction, command: ConfirmPlan) -> None:
    if command.issued_on > local_date(tx.now):
        raise NotYetIssued
    first, last = date(command.issued_on.year, 1, 1), date(command.issued_on.year, 12, 31)
    same = sa.select(Plan.id).where(
        Plan.tenant_id == tx.tenant_id, Plan.number == command.number, Plan.id != command.plan_id,
        Plan.issued_on.between(first, last), Plan.state != PlanState.DRAFT,
    )  # fmt: skip
    if tx.session.scalar(same.limit(1)) is not None:
        raise NumberTaken(f"Năm {first.year} đã có kế hoạch số {command.number}. Hãy kiểm tra lại số.")


def _require_days(tx: Transaction, plan: Plan, command: ConfirmPlan) -> None:
    if command.report_by and not command.report_by_source:
        raise ReportSourceMissing
    if command.submit_by and not command.submit_by_source:
        raise SubmitSourceMissing
    if command.report_by and command.submit_by and command.submit_by <= command.report_by:
        raise DaysReversed
    days, today = (command.report_by, command.submit_by), local_date(tx.now)
    said = proposed_days(duties_in(plan.reading), tx.calendar, earliest_day(plan, today))
    doubts = [*later_than_said(*days, said), *doubts_about(*days, tx.calendar, today)]
    if doubts and not command.accepted:
        raise DaysDoubtful(f"{' '.join(doubts)} Nếu đúng như văn bản, hãy đánh dấu “Đúng như văn bản, vẫn xác nhận”.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenPlan(Command):
    """Make a confirmed plan a draft again, as long as nothing of it was issued."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID


@handles(ReopenPlan)
def reopen_plan(command: ReopenPlan, tx: Transaction) -> None:
    """Raises NotFound, Rejected."""
    plan = find_plan(tx, command.plan_id)
    if plan.state is PlanState.DRAFT:
        return
    if plan.state is not PlanState.CONFIRMED:
        raise AlreadyIssued
    plan.state, plan.confirmed_at = PlanState.DRAFT, None
    tx.record(PlanReopened(plan.id))


class AlreadyIssued(Rejected):
    kind = Kind.CONFLICT
    message = "Kế hoạch đã giao việc nên không mở lại bản nháp được."
