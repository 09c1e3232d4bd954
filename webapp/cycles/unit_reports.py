"""Báo cáo của đơn vị: one page, one check, one send."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa
from flask import flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.command import EnginePermission
from engine.commands.user_tasks import AssignUserTask, CompleteUserTask
from engine.errors import NotFound
from forms.definition import FormRefused
from forms.fields import Attachment
from forms.formdata import FormData
from webapp.cases.access import seen_among, units_of
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.models import CycleEntry, ReportingCycle
from webapp.cycles.overtaken import Overtaken, overtaken
from webapp.cycles.sending import Behalf, Outcome, Sender, keep_drafts, said_of
from webapp.cycles.step_rows import StepRow, as_posted
from webapp.cycles.unit_pages import Mode, UnitReport, unit_cycles
from webapp.cycles.unit_pages import unit_report as read_unit_report
from webapp.database import db
from webapp.execution import execute
from webapp.forms_view import FormView
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.elsewhere import ReportedElsewhere, alike, reports_elsewhere
from webapp.inbox.entering import read_in_place, show_in_place
from webapp.inbox.reusing import with_report_of
from webapp.inbox.selections import done_meanwhile
from webapp.incoming import uuid_in
from webapp.organisation.models import UnitSuccession
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires

CHOSEN, LATER = "row", "later"


@bp.get("/bao-cao-don-vi")
@requires(EnginePermission.WORK)
def unit_reports() -> ResponseReturnValue:
    """The cycles that ask the person's units; straight in where only one is open."""
    cycles = unit_cycles(db.session(), signed_in_person())
    opened = [cycle for cycle in cycles if cycle.is_open]
    if len(opened) == 1 and "tat-ca" not in request.args:
        return redirect(url_for("cycles.unit_report", cycle_id=opened[0].cycle_id, unit_id=opened[0].unit_id))
    return render_template("cycles/units.html", open=opened, past=[one for one in cycles if not one.is_open])


@bp.get("/bao-cao-don-vi/<uuid:cycle_id>/<uuid:unit_id>")
@requires(EnginePermission.WORK, Permission.SEE_ALL_CASES)
def unit_report(cycle_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """All rows of a unit in a cycle."""
    return _page(read_report(cycle_id, unit_id), None, [], {})


@bp.post("/bao-cao-don-vi/<uuid:cycle_id>/<uuid:unit_id>")
@requires(CompleteUserTask.permission, EnginePermission.ENTER_FOR_OTHERS)
def send_unit_report(cycle_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Send what was filled in and what was chosen; or what another button of the page asks for."""
    report = read_report(cycle_id, unit_id)
    data = request.form.to_dict(flat=False)
    what, _, about = request.form.get("do", "send").partition(":")
    if what in ("take", "reuse", "use", "save"):
        keep_drafts(signed_in_person(), _typed(report, data), data)
        lost = _overtaken(report, data)
        return _page(report, data, [], {}, lost=lost, status=422) if lost else _helped(report, what, about, data)
    return _send(report, data)


@bp.post("/bao-cao-don-vi/<uuid:cycle_id>/<uuid:unit_id>/nhap")
@requires(CompleteUserTask.permission, EnginePermission.ENTER_FOR_OTHERS)
def save_unit_report(cycle_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Drafts of the rows in which somebody typed."""
    report = read_report(cycle_id, unit_id)
    data = request.form.to_dict(flat=False)
    keep_drafts(signed_in_person(), _typed(report, data), data)
    return jsonify(saved_at=now().isoformat())


@bp.get("/bao-cao-don-vi/<uuid:cycle_id>/<uuid:unit_id>/ket-qua-khac")
@requires(EnginePermission.WORK, Permission.SEE_ALL_CASES)
def reported_elsewhere(cycle_id: UUID, unit_id: UUID) -> ResponseReturnValue:
    """Lồng ghép: what may serve the rows that are to be filled in, once the page is there; all of it at once."""
    report, read = read_report(cycle_id, unit_id), db.session()
    tasks = {row.id: (row.step.case.plan_id, row.step.case.task) for row in report.of(Mode.FILL) if row.is_report}
    known = [(id, plan_id, task) for id, (plan_id, task) in tasks.items() if plan_id and task]
    found = dict[UUID, list[ReportedElsewhere]]()
    if known:
        years = {task.year for _, _, task in known}
        reports = reports_elsewhere(read, signed_in_person().tenant_id, known[0][1], unit_id, years)
        found = {id: alike(reports, task.year, task.content) for id, _, task in known}
    return render_template("cycles/_elsewhere.html", found={id: offers for id, offers in found.items() if offers})


def read_report(cycle_id: UUID, unit_id: UUID) -> UnitReport:
    """The rows of a unit, for its people and for those who may see the cycle. Raises NotFound, PermissionDenied."""
    read, person = db.session(), signed_in_person()
    cycle = read.get(ReportingCycle, cycle_id)
    if cycle is None or cycle.tenant_id != person.tenant_id:
        raise NotFound
    if str(unit_id) not in units_of(person):
        require_cycle(read, person, cycle_id)
    report = read_unit_report(read, person, cycle, unit_id)
    heir = None if report.rows else _heir(read, person, cycle_id, unit_id)
    return read_report(cycle_id, heir) if heir else report


def _heir(read: Session, person: CurrentPerson, cycle_id: UUID, unit_id: UUID) -> UUID | None:
    """Who has the rows of a unit that is no more since its page was opened or mailed; the person's own unit first."""
    after = sa.select(UnitSuccession.successor_id).where(UnitSuccession.predecessor_id == unit_id)
    asked = sa.select(CycleEntry.unit_id).where(CycleEntry.cycle_id == cycle_id, CycleEntry.unit_id.in_(after))
    return max(read.scalars(asked), key=lambda heir: str(heir) in units_of(person), default=None)


def _typed(report: UnitReport, data: FormData) -> list[StepRow]:
    """Rows in which something stands that is nowhere else; an untouched one gets no draft."""
    return [row for row in report.at_hand if row.is_touched(data) or (row.step.draft and row.part(data))]


# --- the page ---


def _page(
    report: UnitReport,
    data: FormData | None,
    outcomes: Sequence[Outcome],
    behalf_errors: Mapping[str, list[str]],
    *,
    notice: str = "",
    lost: Sequence[Overtaken] = (),
    status: int = 200,
) -> ResponseReturnValue:
    errors = {outcome.step_id: outcome.errors for outcome in outcomes}
    views = {row.id: row.view(data, errors.get(row.id)) for row in report.at_hand}
    page = render_template(
        "cycles/unit_report.html", report=report, views=views, outcomes=outcomes, notice=notice, Mode=Mode, lost=lost,
        behalf=_behalf_view(report, data, behalf_errors), chosen=(data or {}).get(CHOSEN, ()),
        later=(data or {}).get(LATER, ()), draft_key=_draft_key(report),
        entered_for=signed_in_person().enters_for.get(report.unit_id),
        seen=seen_among(db.session(), signed_in_person(), [one.occurrence_id for one in report.others]),
    )  # fmt: skip
    return page, status


def _draft_key(report: UnitReport) -> str:
    """Another page for the browser's own copy once rows have been sent: the rest is not what was kept before."""
    rows = "".join(row.id.hex[-4:] for row in report.at_hand)
    return f"{signed_in_person().id}:{report.cycle_id}:{report.unit_id}:{rows}"


def _files(report: UnitReport) -> dict[str, Attachment]:
    return {id_: file for row in report.at_hand for id_, file in row.context.attachments.items()}


def _behalf_view(report: UnitReport, data: FormData | None, errors: Mapping[str, list[str]]) -> FormView | None:
    if not report.in_place or not report.at_hand:
        return None
    upload_url = url_for("documents.upload", viec=report.at_hand[0].id)
    typed = data if data is not None else next((row.step.draft for row in report.at_hand if row.step.draft), None)
    return show_in_place(typed, errors, _files(report), upload_url, forced=True)


# --- sending ---


def _send(report: UnitReport, data: FormData) -> ResponseReturnValue:
    rows = _to_send(report, data)
    try:
        sender = Sender(signed_in_person(), _behalf(report, data), reviews_own=report.heads)
    except FormRefused as refused:
        return _page(report, data, [], refused.errors, status=422)
    before = " ".join(done_meanwhile(db.session(), sender.person, data.get(CHOSEN, ())))
    lost = _overtaken(report, data)
    if not rows and lost:
        return _page(report, data, [], {}, notice=before, lost=lost, status=422)
    if not rows:
        words = before or "Chưa có nội dung nào để gửi. Điền kết quả, hoặc chọn nội dung cần duyệt, rồi gửi."
        return _page(report, data, [], {}, notice=words, status=422)
    outcomes = sender.send(rows, data, {row.id: report.label_of(row.id) for row in rows})
    if lost or any(outcome.fault for outcome in outcomes):
        return _page(read_report(report.cycle_id, report.unit_id), data, outcomes, {}, lost=lost, status=422)
    flash(said_of(outcomes, "gửi"), "success")
    if before:
        flash(before, "info")
    return redirect(_address(report))


def _overtaken(report: UnitReport, data: FormData) -> list[Overtaken]:
    """What was typed in rows that somebody has sent meanwhile."""
    cases, at_hand = [row.occurrence_id for row in report.rows], [row.id for row in report.at_hand]
    return overtaken(db.session(), signed_in_person(), cases, at_hand, data)


def _to_send(report: UnitReport, data: FormData) -> list[StepRow]:
    """Reports that were filled in and are not left for later; reviews that were ticked, or decided otherwise."""
    later, chosen = data.get(LATER, ()), data.get(CHOSEN, ())
    typed = {row.id for row in _typed(report, data)}
    filled = [row for row in report.of(Mode.FILL) if row.id in typed and str(row.id) not in later]
    return [*filled, *(row for row in report.of(Mode.DECIDE) if str(row.id) in chosen or row.is_decided(data))]


def _behalf(report: UnitReport, data: FormData) -> Behalf | None:
    """For whom it is entered. Raises FormRefused."""
    if not report.in_place:
        return None
    files = {id_: file for row in report.at_hand for id_, file in row.files.items()}
    entered = read_in_place(data, _files(report), forced=True)
    return Behalf(entered.for_whom, tuple(files[id_] for id_ in entered.scan)) if entered else None


# --- other buttons ---


def _helped(report: UnitReport, what: str, about: str, data: FormData) -> ResponseReturnValue:
    about, _, source = about.partition(":")
    row = next((one.row for one in report.rows if one.row is not None and str(one.row.id) == about), None)
    if what == "save" or row is None:
        flash("Đã lưu nháp. Bạn có thể quay lại sửa tiếp.", "success")
        return redirect(_address(report))
    if what == "take":
        execute(AssignUserTask(user_task_id=row.id, assignee_id=signed_in_person().id))
    elif what == "use" and row in report.of(Mode.FILL):
        _use(row, uuid_in(source), data)
    elif row.last_year is not None:
        _reuse(row, row.last_year.raw)
    return redirect(f"{_address(report)}#viec-{row.id}")


def _reuse(row: StepRow, answers: Mapping[str, object]) -> None:
    """What was reported before becomes the draft, to be looked through; its files stay with that year."""
    keep_drafts(signed_in_person(), [row], as_posted(row, answers))


def _use(row: StepRow, source_id: UUID | None, data: FormData) -> None:
    """What was reported in another plan goes into the draft, with its origin."""
    if source_id is None:
        raise NotFound
    person = signed_in_person()
    draft = with_report_of(db.session(), person, row.step, row.form, source_id, row.part(data))
    posted = {row.prefix + name: values for name, values in draft.items()}
    keep_drafts(person, [row], {**data, **posted})
    flash("Đã đưa kết quả, tệp vào bản nháp, ghi rõ lấy từ đâu. Sửa cho đúng kế hoạch này rồi gửi.", "success")


def _address(report: UnitReport) -> str:
    return url_for("cycles.unit_report", cycle_id=report.cycle_id, unit_id=report.unit_id)
