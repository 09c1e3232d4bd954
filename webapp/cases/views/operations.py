"""What whoever keeps the system running does to a case, each with a reason: stop it, let it go on, end it."""

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import Command
from engine.commands.instances import CancelInstance, ResumeInstance, SuspendInstance
from engine.errors import Rejected
from webapp.cases.blueprint import bp
from webapp.execution import execute
from webapp.security import runs

LONGEST_REASON = 1000


@bp.post("/ho-so/<uuid:instance_id>/tam-dung")
@runs(SuspendInstance)
def suspend(instance_id: UUID) -> ResponseReturnValue:
    """Stop the case where it stands."""
    return _do(instance_id, SuspendInstance(instance_id=instance_id, reason=_reason()), "Đã tạm dừng hồ sơ.")


@bp.post("/ho-so/<uuid:instance_id>/chay-tiep")
@runs(ResumeInstance)
def resume(instance_id: UUID) -> ResponseReturnValue:
    """Let a stopped case go on."""
    return _do(instance_id, ResumeInstance(instance_id=instance_id, reason=_reason()), "Hồ sơ đã chạy tiếp.")


@bp.post("/ho-so/<uuid:instance_id>/huy")
@runs(CancelInstance)
def cancel(instance_id: UUID) -> ResponseReturnValue:
    """End the case before its time."""
    return _do(instance_id, CancelInstance(instance_id=instance_id, reason=_reason()), "Đã hủy hồ sơ.")


def _reason() -> str:
    """Raises Rejected."""
    reason = request.form.get("ly_do", "").strip()
    if not reason:
        raise Rejected("Chưa nhập lý do.")
    if len(reason) > LONGEST_REASON:
        raise Rejected(f"Lý do dài quá {LONGEST_REASON} ký tự.")
    return reason


def _do(instance_id: UUID, command: Command, done: str) -> ResponseReturnValue:
    """Raises NotFound, InstanceNotActive."""
    execute(command)
    flash(done, "success")
    return redirect(url_for("cases.show", instance_id=instance_id))
