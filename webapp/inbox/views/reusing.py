"""Lồng ghép: what was reported in other plans, offered beside a step's form and taken into it."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.errors import NotYourDesk
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.drafts import save_draft
from webapp.inbox.elsewhere import alike, reports_elsewhere
from webapp.inbox.reusing import ReuseReport, with_report_of
from webapp.inbox.steps import StepOfCase, definition_of, find_step, form_of
from webapp.inbox.surroundings import reports_on_task
from webapp.security import requires, runs


@bp.post("/viec/<uuid:user_task_id>/ket-qua-khac")
@requires(EnginePermission.WORK)
def reported_elsewhere(user_task_id: UUID) -> ResponseReturnValue:
    """What was reported in other plans and is like the task, or what is being typed. Raises NotFound, NotYourDesk."""
    step, read = _step_to_fill_in(user_task_id), db.session()
    task, plan_id = step.case.task, step.case.plan_id
    if task is None or plan_id is None or not reports_on_task(read, step):
        return ""
    typed = next((text for name, text in request.form.items() if name.endswith("result")), "")
    reports = reports_elsewhere(read, signed_in_person().tenant_id, plan_id, task.lead_unit_id, [task.year])
    found = alike(reports, task.year, task.content, typed)
    return render_template(
        "inbox/_elsewhere.html", elsewhere=found, step_id=step.id, in_report="bao-cao" in request.args
    )


@bp.post("/viec/<uuid:user_task_id>/dung-ket-qua/<uuid:source_id>")
@runs(ReuseReport)
def reuse_report(user_task_id: UUID, source_id: UUID) -> ResponseReturnValue:
    """Take one of them into the draft, with what was typed so far. Raises NotFound, NotYourDesk, UserTaskNotOpen."""
    step, read, person = _step_to_fill_in(user_task_id), db.session(), signed_in_person()
    typed = request.form.to_dict(flat=False)
    draft = with_report_of(read, person, step, form_of(read, step), source_id, typed)
    save_draft(step.id, person.id, draft)
    flash("Đã đưa kết quả, tệp vào bản nháp, ghi rõ lấy từ đâu. Sửa cho đúng kế hoạch này rồi gửi.", "success")
    return redirect(url_for("inbox.show", user_task_id=step.id))


def _step_to_fill_in(step_id: UUID) -> StepOfCase:
    person, read = signed_in_person(), db.session()
    step = find_step(read, person, step_id)
    if not step.is_of(person) and not step.may_be_entered_by(person, definition_of(read, step)):
        raise NotYourDesk
    return step
