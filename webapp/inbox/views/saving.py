"""Drafts save themselves; without a script a button does it."""

from uuid import UUID

from flask import flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from engine.errors import NotYourDesk, UserTaskNotOpen
from webapp.database import db
from webapp.errors import wants_json
from webapp.identity import signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.drafts import save_draft
from webapp.inbox.steps import definition_of, find_step_to_do, with_step_to_do
from webapp.inbox.views.bulk import LIST
from webapp.security import requires


@bp.route("/viec/<uuid:user_task_id>/nhap", methods=["POST", "PUT"])
@with_step_to_do
@requires(EnginePermission.WORK)
def save(user_task_id: UUID) -> ResponseReturnValue:
    """Keep what is in the form. Raises NotFound, UserTaskNotOpen, NotYourDesk, DraftTooLarge."""
    person, read = signed_in_person(), db.session()
    step = find_step_to_do(read, person, user_task_id)
    if not step.is_open:
        raise UserTaskNotOpen
    if not step.is_of(person) and not step.may_be_entered_by(person, definition_of(read, step)):
        raise NotYourDesk
    db.session.remove()
    at = save_draft(step.id, person.id, request.form.to_dict(flat=False))
    if wants_json():
        return jsonify(saved_at=at.isoformat())
    flash("Đã lưu nháp. Bạn có thể quay lại sửa tiếp.", "success")
    return redirect(url_for("inbox.show", user_task_id=step.id, loc=request.args.get(LIST)))
