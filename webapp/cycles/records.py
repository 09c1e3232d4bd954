"""What a cycle's steps record: the drawing's `records` property names it, the form's fields hold it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.commands.messages import Unawaited, send
from engine.errors import Kind, Rejected
from engine.facts import (
    InstanceEnded,
    MessageDelivered,
    MessageSent,
    SubscriptionOpened,
    TimerScheduled,
    UserTaskCompleted,
    UserTaskCreated,
)
from engine.ids import uuid7
from engine.models import TimerKind
from engine.transaction import Transaction, subscribes
from webapp.cycles.drafting import current_report, draft_report
from webapp.cycles.entries import WHY_MISSING, leave_out
from webapp.cycles.keeping import keep, keep_signer
from webapp.cycles.milestones import send_milestone
from webapp.cycles.models import (
    OPEN_ENTRIES,
    REPORT_CODE,
    CitySubmission,
    ConsolidatedReport,
    CycleEntry,
    CycleKind,
    CycleState,
    EntryState,
    Mark,
    MarkKind,
    ReportingCycle,
    Statement,
    StatementState,
    package_key,
)
from webapp.cycles.newcomers import ask_in_next
from webapp.cycles.opening import CYCLE
from webapp.cycles.report_data import consolidated_data, leader_signing, report_document, signer_as
from webapp.cycles.send_days import follow_send_day
from webapp.cycles.supplements import pass_on
from webapp.documents.numbering import take_number
from webapp.documents.rendering.content import content_hash
from webapp.organisation.models import Person, Role
from webapp.plans.progress import property_of

Answers = Mapping[str, Any]
Recorder = Callable[[Transaction, ReportingCycle, Answers, str], None]

RECORDERS: dict[str, Recorder] = {}


class ReportNotReady(Rejected):
    kind = Kind.CONFLICT


class ContentChanged(Rejected):
    kind = Kind.CONFLICT
    message = "Văn bản đã sửa sau khi ký nháy. Hãy tải lại trang để xem nội dung mới."


def records(name: str) -> Callable[[Recorder], Recorder]:
    """Register what a step or message event with `records` = name does to its cycle."""

    def register(function: Recorder) -> Recorder:
        RECORDERS[name] = function
        return function

    return register


def cycle_of(tx: Transaction) -> ReportingCycle | None:
    """The cycle of the command's instance, if it is one."""
    if tx.instance is None or tx.instance.key != CYCLE:
        return None
    return tx.session.get(ReportingCycle, tx.instance.id)


@subscribes(UserTaskCompleted)
def record_step(completed: UserTaskCompleted, tx: Transaction) -> None:
    """A step of a cycle was done."""
    _record(tx, completed.element_id, lambda: tx.answers(completed.submission_id))


@subscribes(MessageDelivered)
def record_message(delivered: MessageDelivered, tx: Transaction) -> None:
    """A message event of a cycle was sent by a person."""
    _record(tx, delivered.element_id, lambda: delivered.payload)


def _record(tx: Transaction, element_id: str, answers: Callable[[], Answers]) -> None:
    cycle = cycle_of(tx)
    name = property_of(tx, element_id, "records") if cycle else None
    if cycle is not None and name in RECORDERS:
        RECORDERS[name](tx, cycle, answers(), element_id)


@subscribes(UserTaskCreated, SubscriptionOpened, TimerScheduled)
def follow_cycle(reached: UserTaskCreated | SubscriptionOpened | TimerScheduled, tx: Transaction) -> None:
    """The drawing says what a cycle is at an element: its `stage`."""
    if isinstance(reached, TimerScheduled) and reached.kind is not TimerKind.FLOW:
        return
    cycle = cycle_of(tx)
    stage = property_of(tx, reached.element_id, "stage") if cycle else None
    if cycle is None or stage is None:
        return
    cycle.state = CycleState(stage)
    if cycle.state is CycleState.CONSOLIDATING:
        cycle.cut_off_at = cycle.cut_off_at or tx.now  # All reports are in.
        draft_report(tx, cycle)


@subscribes(InstanceEnded)
def close_cycle(ended: InstanceEnded, tx: Transaction) -> None:
    """The cycle's procedure has ended; one that was cancelled waits for nothing any more."""
    cycle = cycle_of(tx)
    if cycle is not None:
        cycle.state = CycleState.CLOSED
        follow_send_day(tx, cycle, _cases(tx, cycle, *OPEN_ENTRIES))


@subscribes(MessageSent)
def follow_cycle_message(sent: MessageSent, tx: Transaction) -> None:
    """What a cycle tells its cases."""
    cycle = cycle_of(tx)
    if cycle is None:
        return
    if sent.message == "cycle.cutoff":
        _cut_off(tx, cycle)
    elif sent.message in ("report.approved", "report.received"):
        cycle.state = CycleState.SIGNED if sent.message == "report.approved" else CycleState.RECEIVED
        send_milestone(tx, cycle, sent.message, _cases(tx, cycle, EntryState.TAKEN))


def _cases(tx: Transaction, cycle: ReportingCycle, *states: EntryState) -> list[UUID]:
    query = sa.select(CycleEntry.occurrence_id).where(CycleEntry.cycle_id == cycle.id, CycleEntry.state.in_(states))
    return list(tx.session.scalars(query))


def _cut_off(tx: Transaction, cycle: ReportingCycle) -> None:
    """The data is closed with what is there."""
    cycle.cut_off_at = tx.now
    _leave_out(tx, cycle)


def _leave_out(tx: Transaction, cycle: ReportingCycle) -> None:
    """Those still open do not report in this cycle; their cases go on, and what comes late is a supplement.

    When the report goes up for signing that is what was returned meanwhile and has not come back.
    """
    waiting = sa.select(CycleEntry).where(CycleEntry.cycle_id == cycle.id, CycleEntry.state.in_(OPEN_ENTRIES))
    left_out = tx.session.scalars(waiting).all()
    for entry in left_out:
        key = f"cycle.cutoff:{cycle.id}:{entry.occurrence_id}"
        send(tx, entry.occurrence_id, "cycle.cutoff", {"cycle": cycle.name}, key=key, unawaited=Unawaited.IGNORE)
    late = pass_on(tx, left_out)
    for entry in left_out:
        leave_out(tx, entry, entry.missing_reason or WHY_MISSING[entry.state])
    cycle.pending = 0
    tx.session.flush()
    follow_send_day(tx, cycle, [entry.occurrence_id for entry in left_out])
    if late:
        ask_in_next(tx, cycle, late)


# --- the steps ---


@records("cycle_opening")
def _opening(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    sources = {"report_by": answers.get("source"), "submit_by": answers.get("submit_source") or answers.get("source")}
    for name, source in sources.items():
        _date(cycle, name, answers, str(source or "").strip(), str(answers.get("later_reason") or "").strip())
    kind = str(answers.get("kind") or "")
    cycle.kind = CycleKind(kind) if kind in set(CycleKind) else CycleKind.YEAR
    cycle.outline = str(answers.get("outline") or "")
    cycle.recipient = str(answers.get("recipient") or "")
    cycle.signer = str(answers.get("signer") or "chair")
    vice_chair = answers.get("vice_chair")
    cycle.vice_chair_id = UUID(str(vice_chair)) if vice_chair else None
    cycle.is_last_of_year = bool(answers.get("last_of_year"))


def _date(cycle: ReportingCycle, name: str, answers: Answers, source: str, later_reason: str) -> None:
    """One of the cycle's days with the document that says so, and why it is later than the plan's where it is."""
    day, planned = _day(answers, name), getattr(cycle, name)
    is_later = day is not None and planned is not None and day > planned
    said = f"{source}. Muộn hơn kế hoạch vì: {later_reason}" if is_later and later_reason else source
    setattr(cycle, name, day)
    setattr(cycle, f"{name}_source", said)


def _day(answers: Answers, field: str) -> date | None:
    value = answers.get(field)
    return date.fromisoformat(value) if value else None


@records("deadline_change")
def _deadline_change(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    """A day that the letter leaves as it is keeps the document that it has."""
    for name in ("report_by", "submit_by"):
        if _day(answers, name) not in (None, getattr(cycle, name)):
            _date(cycle, name, answers, str(answers.get("source") or ""), "")


@records("cutoff")
def _cutoff_reasons(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    """Each missing unit with its reason."""
    for row in answers.get("missing") or ():
        if row.get("unit"):
            tx.session.execute(
                sa.update(CycleEntry)
                .where(
                    CycleEntry.cycle_id == cycle.id, CycleEntry.unit_id == UUID(str(row["unit"])),
                    CycleEntry.state.in_(OPEN_ENTRIES),
                )
                .values(missing_reason=row.get("reason"))
            )  # fmt: skip


@records("consolidation")
def _consolidation(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    """Every statement is used or set aside with a reason; what is signed from here on is this content."""
    report = _report(tx, cycle)
    _require_decided(tx, report)
    _leave_out(tx, cycle)
    today = local_date(tx.now)
    keep(report, consolidated_data(tx.session, report, today))
    report.content_hash = content_hash(report_document(tx.session, report.id, today))
    for mark in report.marks:
        if mark.content_hash != report.content_hash and mark.void_at is None:
            mark.void_at = tx.now
    cycle.state = CycleState.SIGNING
    send_milestone(tx, cycle, "report.used", _cases(tx, cycle, EntryState.TAKEN))


def _report(tx: Transaction, cycle: ReportingCycle) -> ConsolidatedReport:
    report = current_report(tx, cycle.id)
    if report is None:
        raise ReportNotReady("Chưa có dự thảo báo cáo tổng hợp.")
    return report


def _require_decided(tx: Transaction, report: ConsolidatedReport) -> None:
    statements = tx.session.scalars(sa.select(Statement).where(Statement.report_id == report.id)).all()
    undecided = sum(one.state is StatementState.PROPOSED for one in statements)
    if undecided:
        raise ReportNotReady(f"Còn {undecided} nội dung chưa chọn dùng hay không dùng. Hãy xem hết rồi trình ký.")
    empty = sum(one.state is StatementState.USED and not one.text.strip() for one in statements)
    if empty:
        raise ReportNotReady(f"Có {empty} nội dung chọn dùng nhưng đang để trống. Hãy nhập lại rồi trình ký.")


def _mark(kind: MarkKind) -> Recorder:
    def record(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
        report = _report(tx, cycle)
        seen = answers.get("content_hash")
        if seen and seen != report.content_hash:
            raise ContentChanged
        if answers.get("decision") != "approve":
            _void_above(tx, report, answers)
            return
        if kind is MarkKind.APPROVAL:
            _note_signer(tx, cycle, report)
        note = str(answers.get("opinion") or "")
        tx.session.add(
            Mark(
                id=uuid7(), report_id=report.id, kind=kind, person_id=tx.actor.id, element_id=element_id, note=note,
                content_hash=report.content_hash, made_at=tx.now,
            )
        )  # fmt: skip

    return record


def _note_signer(tx: Transaction, cycle: ReportingCycle, report: ConsolidatedReport) -> None:
    """The document names whoever signs it: a vice chair in the absent chair's place, too."""
    role = leader_signing(tx.session, tx.tenant_id, tx.actor.id)
    if role is not None:
        cycle.signer, cycle.vice_chair_id = str(role), tx.actor.id if role is Role.VICE_CHAIR else None
        keep_signer(report, signer_as(role, tx.session.get_one(Person, tx.actor.id).name))


def _void_above(tx: Transaction, report: ConsolidatedReport, answers: Answers) -> None:
    """A return to a desk undoes what was agreed from that desk on; changed content undoes the rest when sent."""
    back_to = str(answers.get("return_to") or "consolidate")
    kept = {"countersign_form": {MarkKind.CONTENT}}.get(back_to, set())
    for mark in report.marks:
        if mark.void_at is None and mark.kind not in kept:
            mark.void_at = tx.now


for _name, _kind in (
    ("mark_content", MarkKind.CONTENT),
    ("mark_form", MarkKind.FORM),
    ("mark_opinion", MarkKind.OPINION),
    ("approval", MarkKind.APPROVAL),
):
    RECORDERS[_name] = _mark(_kind)


@records("number")
def _number(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    """The number that the ward's document system gave, or the next of our register."""
    report = _report(tx, cycle)
    if answers.get("decision") == "return":
        return
    issued_on = _day(answers, "issued_on") or local_date(tx.now)
    given = str(answers.get("number") or "") if answers.get("source") == "given" else None
    document = report_document(tx.session, report.id, local_date(tx.now))
    written = str(answers.get("register_number") or "")
    taken = take_number(
        tx, type_code=REPORT_CODE, code=document.code, given=given, issued_on=issued_on,
        subject=f"Báo cáo: {document.subject}", written=written,
    )  # fmt: skip
    report.number, report.document_code, report.issued_on = taken.number, taken.document_code, issued_on
    files = answers.get("signed_file") or []
    report.signed_file_id = UUID(str(files[0])) if files else None
    cycle.state = CycleState.DISPATCHED


@records("dispatch")
def _dispatch(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    if answers.get("outcome") != "failed":
        _send_to_city(tx, cycle, str(answers.get("channel") or "other"))


@records("dispatch_by_hand")
def _dispatch_by_hand(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    _send_to_city(tx, cycle, "by_hand")


def _send_to_city(tx: Transaction, cycle: ReportingCycle, method: str) -> None:
    """Record the sending; its package is built by a job, and mailed where that is how it goes."""
    report = _report(tx, cycle)
    submission = CitySubmission(
        id=uuid7(), tenant_id=tx.tenant_id, report_id=report.id, recipient=cycle.recipient, method=method,
        sent_by=tx.actor.id, sent_at=tx.now,
    )  # fmt: skip
    tx.session.add(submission)
    tx.enqueue("cycles.package", package_key(submission.id), {"submission_id": submission.id})


def _city_submission(tx: Transaction, cycle: ReportingCycle) -> CitySubmission | None:
    query = (
        sa.select(CitySubmission)
        .join(ConsolidatedReport, ConsolidatedReport.id == CitySubmission.report_id)
        .where(ConsolidatedReport.cycle_id == cycle.id)
        .order_by(CitySubmission.sent_at.desc())
        .limit(1)
    )
    return tx.session.scalar(query)


def _on_its_day(tx: Transaction, answers: Answers, field: str) -> datetime:
    """What the city did is often recorded days after."""
    day = _day(answers, field)
    return min(tx.now, tx.calendar.at(day, 0, "23:59")) if day else tx.now


@records("receipt")
def _receipt(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    """When the city had the report; where it has none, it was sent again."""
    if answers.get("outcome") == "resent":
        _send_to_city(tx, cycle, str(answers.get("channel") or "other"))
        return
    submission = _city_submission(tx, cycle)
    if submission is not None:
        submission.received_at = _on_its_day(tx, answers, "received_on")
        submission.receipt_number = answers.get("number")


@records("correction")
def _correction(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    cycle.state = CycleState.RETURNED


@records("city_return")
def _city_return(tx: Transaction, cycle: ReportingCycle, answers: Answers, element_id: str) -> None:
    submission = _city_submission(tx, cycle)
    if submission is not None:
        submission.returned_at = _on_its_day(tx, answers, "returned_on")
        submission.return_reason = str(answers.get("reason") or "")
    cycle.state = CycleState.RETURNED
