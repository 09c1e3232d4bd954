"""Kèm phụ lục: an appendix that comes later, beside what the plan's body offered, merged as a person says."""

import hashlib
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Kind, Rejected
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.plans.appendices import DROP, KEEP, AttachAppendix, MergeAppendix
from webapp.plans.blueprint import bp
from webapp.plans.models import PlanState
from webapp.plans.queries.appendices import merging_of
from webapp.plans.reading import PlanUnreadable, read_plan_apart
from webapp.plans.views.importing import is_long, keep_upload, receive, received_file
from webapp.plans.views.plans import find_plan
from webapp.security import runs

PAGE = "/ke-hoach/<uuid:plan_id>/phu-luc"


@bp.get(PAGE)
@runs(AttachAppendix)
def appendix(plan_id: UUID) -> ResponseReturnValue:
    """Choose the file; where one is attached, say what becomes of each row of the body."""
    return _page(plan_id, "")


@bp.post(PAGE)
@runs(AttachAppendix)
def attach_appendix(plan_id: UUID) -> ResponseReturnValue:
    """Read the file and take its rows in; a long one is read while the page tells how far it has come."""
    find_plan(signed_in_person(), plan_id)
    try:
        name, content = received_file()
        if is_long(name, content):
            return redirect(url_for("plans.receiving", received_id=receive(name, content, attach_to=plan_id)))
        reading = read_plan_apart(name, content)
        file_id = keep_upload(reading, name, content)
        digest = hashlib.sha256(content).hexdigest()
        command = AttachAppendix(plan_id=plan_id, reading=reading, file_name=name, file_id=file_id, digest=digest)
        draft_id = execute(command)
    except PlanUnreadable as refusal:
        return _page(plan_id, refusal.message), HTTPStatus.UNPROCESSABLE_ENTITY
    except Rejected as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            raise
        return _page(plan_id, str(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(f"Đã kèm {len(reading.tasks)} dòng của {name}. Hãy chọn xem mỗi dòng cũ nối với dòng nào.", "success")
    return redirect(url_for("plans.appendix", plan_id=draft_id))


@bp.post(f"{PAGE}/gop")
@runs(MergeAppendix)
def merge_appendix(plan_id: UUID) -> ResponseReturnValue:
    """Do as was chosen, then go on in the preview."""
    find_plan(signed_in_person(), plan_id)
    chosen = {UUID(key.removeprefix("row-")): value for key, value in request.form.items() if _is_row(key)}
    try:
        execute(MergeAppendix(plan_id=plan_id, decisions=chosen))
    except Rejected as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            raise
        return _page(plan_id, str(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash("Đã gộp phụ lục. Kiểm tra các dòng rồi xác nhận kế hoạch.", "success")
    return redirect(url_for("plans.preview", plan_id=plan_id))


def _is_row(key: str) -> bool:
    try:
        return key.startswith("row-") and bool(UUID(key.removeprefix("row-")))
    except ValueError:
        return False


def _page(plan_id: UUID, error: str) -> str:
    plan = find_plan(signed_in_person(), plan_id)
    rest = DROP if request.args.get("con-lai") == DROP else KEEP
    merging = merging_of(db.session(), plan.id, rest) if plan.state is PlanState.DRAFT else None
    return render_template(
        "plans/appendix.html",
        plan=plan,
        merging=merging,
        error=error,
        typed=request.form,
        rest=rest,
        KEEP=KEEP,
        DROP=DROP,
    )
