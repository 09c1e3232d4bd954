"""What people add to a case: a comment, a unit asked to contribute."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from webapp.cases.asking import AskContribution, RemindContribution
from webapp.cases.blueprint import bp
from webapp.cases.comments import AddComment
from webapp.cases.queries import find_case
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.security import runs


@bp.post("/ho-so/<uuid:instance_id>/trao-doi")
@runs(AddComment)
def comment(instance_id: UUID) -> ResponseReturnValue:
    """Say something, then go back to where it was said. Raises NotFound, PermissionDenied, Rejected."""
    find_case(db.session(), signed_in_person(), instance_id)
    text = request.form.get("text", "")
    if text.strip():
        execute(AddComment(instance_id=instance_id, text=text))
        flash("Đã gửi trao đổi.", "success")
    else:
        flash("Chưa nhập nội dung trao đổi.", "warning")
    step = request.args.get("viec", type=UUID)
    if step is not None:
        return redirect(url_for("inbox.show", user_task_id=step, _anchor="trao-doi"))
    return redirect(url_for("cases.show", instance_id=instance_id, _anchor="trao-doi"))


@bp.post("/ho-so/<uuid:instance_id>/hoi-phoi-hop")
@runs(AskContribution)
def ask_unit(instance_id: UUID) -> ResponseReturnValue:
    """Ask one more unit. Raises NotFound, PermissionDenied, Rejected."""
    find_case(db.session(), signed_in_person(), instance_id)
    unit_id = request.form.get("don_vi", type=UUID)
    if unit_id is None:
        flash("Chưa chọn đơn vị phối hợp.", "warning")
    else:
        execute(AskContribution(instance_id=instance_id, unit_id=unit_id))
        flash("Đã gửi yêu cầu phối hợp.", "success")
    return redirect(url_for("cases.show", instance_id=instance_id))


@bp.post("/phoi-hop/<uuid:contribution_id>/nhac")
@runs(RemindContribution)
def remind_contribution(contribution_id: UUID) -> ResponseReturnValue:
    """Remind a unit of what it owes. Raises NotFound, NotYourDesk, Rejected."""
    case_id: UUID = execute(RemindContribution(contribution_id=contribution_id))
    flash("Đã nhắc đơn vị phối hợp qua thông báo và thư điện tử.", "success")
    return redirect(url_for("cases.show", instance_id=case_id))
