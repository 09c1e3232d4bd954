"""Tổng hợp: what each unit said is used or set aside, and the report goes up for signing."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, has_request_context, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.commands.user_tasks import CompleteUserTask
from engine.errors import Kind, Rejected
from forms.definition import FormRefused
from forms.formdata import FormData
from webapp.cycles import consolidations
from webapp.cycles.access import may_draft, require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.commands import DecideStatement, EditReport, EditStatement, ReturnRow
from webapp.cycles.consolidations import Consolidation
from webapp.cycles.drafting import OWN_WORDS
from webapp.cycles.leaving_out import LeaveDifficultyOut
from webapp.cycles.models import ConsolidatedReport
from webapp.cycles.queries import CycleRow, cycle_row
from webapp.cycles.report_data import report_document, sections_of
from webapp.cycles.steps import StepElsewhere, onwards, open_step, require_step
from webapp.database import db
from webapp.errors import wants_json
from webapp.execution import execute
from webapp.forms_view import Errors
from webapp.identity import signed_in_person
from webapp.inbox.pages import STEP_PAGES
from webapp.inbox.views.bulk import LIST
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs

CONSOLIDATION = "consolidation"
UNDECIDED = "chua-xet"

STEP_PAGES[CONSOLIDATION] = lambda _task, cycle: url_for("cycles.consolidation", cycle_id=cycle)
OF_THE_STEP = {
    f"{bp.name}.{view}"
    for view in (
        "consolidation", "decide", "use_all", "return_row", "leave_difficulty_out", "save_words", "submission",
        "submit",
    )
}  # fmt: skip


@bp.url_defaults
def keep_list(endpoint: str, values: dict[str, Any]) -> None:
    """The step's pages lead to each other with word of the list from which it was opened."""
    if has_request_context() and {endpoint, request.endpoint} <= OF_THE_STEP and LIST in request.args:
        values.setdefault(LIST, request.args[LIST])


@bp.get("/tong-hop/<uuid:cycle_id>")
@requires(Permission.SEE_CASES)
def consolidation(cycle_id: UUID) -> ResponseReturnValue:
    """What the units said, in the order of the appendix, each to be decided on."""
    cycle, found = _read(cycle_id)
    return render_template(
        "cycles/consolidation.html", cycle=cycle, report=found, only_undecided=request.args.get("xem") == UNDECIDED,
        edits=found.is_draft and may_draft(db.session(), signed_in_person().actor(), cycle_id),
        next_undecided=_next_undecided(found),
    )  # fmt: skip


def _read(cycle_id: UUID) -> tuple[CycleRow, Consolidation]:
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, cycle_id)
    report = _newest(cycle_id)
    return cycle_row(read, cycle.id), consolidations.consolidation(read, report, local_date(now()))


def _newest(cycle_id: UUID) -> ConsolidatedReport:
    report = consolidations.newest_report(db.session(), cycle_id)
    if report is None:
        raise StepElsewhere(cycle_id, CONSOLIDATION)
    return report


def _next_undecided(found: Consolidation, after: UUID | None = None) -> UUID | None:
    """The next one down the page from a statement; from its end on, the first."""
    order = [item.statement_id for item in found.items]
    begin = order.index(after) + 1 if after is not None and after in order else 0
    turned = found.items[begin:] + found.items[:begin]
    return next((item.statement_id for item in turned if item.is_undecided), None)


# --- statements ---


@bp.post("/tong-hop/noi-dung/<uuid:statement_id>/luu")
@runs(EditStatement)
def save_statement(statement_id: UUID) -> ResponseReturnValue:
    """What is being typed, saved by the page itself."""
    execute(EditStatement(statement_id=statement_id, text=request.form.get("text", "")))
    return jsonify(saved_at=now().isoformat())


@bp.post("/tong-hop/<uuid:cycle_id>/noi-dung/<uuid:statement_id>")
@runs(DecideStatement)
def decide(cycle_id: UUID, statement_id: UUID) -> ResponseReturnValue:
    """Dùng or Không dùng; then on to the next one that is undecided, but one that was decided before stays in sight."""
    _, before = _read(cycle_id)
    first_time = any(item.statement_id == statement_id for item in before.undecided)
    use, text = request.form.get("do") == "use", request.form.get("text", "")
    command = DecideStatement(statement_id=statement_id, use=use, text=text, reason=request.form.get("reason", ""))
    if _refused(lambda: execute(command)):
        return redirect(_at(cycle_id, statement_id))
    following = _next_undecided(_read(cycle_id)[1], after=statement_id) if first_time else None
    return redirect(_at(cycle_id, following or statement_id))


def _refused(work: Callable[[], object]) -> bool:
    """Whether something was refused for what it lacks; the page says why."""
    try:
        work()
    except Rejected as refusal:
        if refusal.kind is not Kind.INVALID:
            raise
        flash(str(refusal), "warning")
        return True
    return False


def _at(cycle_id: UUID, statement_id: UUID) -> str:
    """The page at one statement, looking at what it looked at."""
    address = url_for("cycles.consolidation", cycle_id=cycle_id, xem=request.form.get("xem") or None)
    return f"{address}#noi-dung-{statement_id}"


@bp.post("/tong-hop/<uuid:cycle_id>/dung-tat-ca")
@runs(DecideStatement)
def use_all(cycle_id: UUID) -> ResponseReturnValue:
    """Use everything that is undecided as it stands, each with a record of its own."""
    undecided = [item for item in _read(cycle_id)[1].undecided if item.text.strip() and item.statement_id]
    for item in undecided:
        assert item.statement_id is not None
        execute(DecideStatement(statement_id=item.statement_id, use=True, text=item.text))
    flash(f"Đã đưa {len(undecided)} nội dung vào báo cáo.", "success")
    return redirect(url_for("cycles.consolidation", cycle_id=cycle_id))


@bp.post("/tong-hop/<uuid:cycle_id>/tra-lai/<uuid:entry_id>")
@runs(ReturnRow)
def return_row(cycle_id: UUID, entry_id: UUID) -> ResponseReturnValue:
    """Send one row back to its unit while the rest goes on."""
    item, reason = request.form.get("item", ""), request.form.get("reason", "")
    if not _refused(lambda: execute(ReturnRow(entry_id=entry_id, item=item, reason=reason))):
        flash("Đã trả lại nội dung này cho đơn vị.", "success")
    found = next((one for one in _read(cycle_id)[1].items if one.entry_id == entry_id), None)
    return redirect(_at(cycle_id, (found and found.statement_id) or entry_id))


@bp.post("/tong-hop/<uuid:cycle_id>/kho-khan/<uuid:report_id>/<uuid:about_id>")
@runs(LeaveDifficultyOut)
def leave_difficulty_out(cycle_id: UUID, report_id: UUID, about_id: UUID) -> ResponseReturnValue:
    """Leave one of the units' difficulties out, or take it back in."""
    out, reason = request.form.get("do") == "out", request.form.get("reason", "")
    _refused(lambda: execute(LeaveDifficultyOut(report_id=report_id, about_id=about_id, out=out, reason=reason)))
    return redirect(url_for("cycles.consolidation", cycle_id=cycle_id, _anchor="kho-khan"))


# --- the drafter's own words ---


@bp.post("/tong-hop/<uuid:cycle_id>/loi-van/<uuid:report_id>")
@runs(EditReport)
def save_words(cycle_id: UUID, report_id: UUID) -> ResponseReturnValue:
    """Subject, opening, assessment and so on; by the page itself, or by its button."""
    cycle = require_cycle(db.session(), signed_in_person(), cycle_id)
    headings = [heading for heading, _ in sections_of(cycle, _newest(cycle_id))]
    sections = {heading: request.form.get(f"muc-{number}", "") for number, heading in enumerate(headings, 1)}
    words = {name: request.form.get(name, "") for name in OWN_WORDS}
    execute(EditReport(report_id=report_id, sections=sections, **words))
    if wants_json():
        return jsonify(saved_at=now().isoformat())
    flash("Đã lưu lời văn của báo cáo.", "success")
    return redirect(url_for("cycles.consolidation", cycle_id=cycle_id, _anchor="loi-van"))


# --- up for signing ---


@bp.get("/tong-hop/<uuid:cycle_id>/trinh-ky")
@requires(Permission.SEE_CASES)
def submission(cycle_id: UUID) -> ResponseReturnValue:
    """The report as it will print, and the form that sends it up."""
    return _submission_page(cycle_id, None, {})


def _submission_page(
    cycle_id: UUID, data: FormData | None, errors: Errors, refusal: str = "", status: int = 200
) -> ResponseReturnValue:
    cycle, found = _read(cycle_id)
    step = open_step(db.session(), signed_in_person(), cycle_id, CONSOLIDATION)
    page = render_template(
        "cycles/submission.html", cycle=cycle, report=found, step=step, refusal=refusal,
        form=step.view(data, errors) if step is not None and step.is_mine else None,
        document=report_document(db.session(), found.report_id, local_date(now())),
    )  # fmt: skip
    return page, status


@bp.post("/tong-hop/<uuid:cycle_id>/trinh-ky")
@requires(CompleteUserTask.permission)
def submit(cycle_id: UUID) -> ResponseReturnValue:
    """Trình ký. What was typed is on every page that says why it could not be taken."""
    require_cycle(db.session(), signed_in_person(), cycle_id)
    step = require_step(db.session(), signed_in_person(), cycle_id, CONSOLIDATION)
    data = request.form.to_dict(flat=False)
    try:
        step.complete(step.load(data))
    except FormRefused as refused:
        return _submission_page(cycle_id, data, refused.errors, status=422)
    except Rejected as refusal:
        return _submission_page(cycle_id, data, {}, str(refusal), 409)
    flash("Đã trình ký báo cáo tổng hợp.", "success")
    return redirect(onwards(cycle_id))
