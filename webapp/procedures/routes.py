"""Procedures and incidents."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.incidents import ResolveIncident
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.procedures import catalogue, clock, deployment_pages, editor, heat_pages, imports, migration_pages
from webapp.procedures.blueprint import bp
from webapp.procedures.queries import open_incidents
from webapp.security import requires, runs

__all__ = ["bp", "catalogue", "clock", "deployment_pages", "editor", "heat_pages", "imports", "migration_pages"]


@bp.get("/su-co")
@requires(ResolveIncident.permission)
def incidents() -> ResponseReturnValue:
    """What cannot go on by itself."""
    return _incidents(None)


def _incidents(refused: tuple[UUID, str] | None) -> str:
    """`refused` is the incident whose form was sent back, and why."""
    faults = open_incidents(db.session(), signed_in_person().tenant_id)
    return render_template("procedures/incidents.html", faults=faults, refused=refused)


@bp.post("/su-co/<uuid:incident_id>")
@runs(ResolveIncident)
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Try again, or close with a reason."""
    retry, reason = request.form.get("do") == "retry", request.form.get("reason", "").strip()
    if not retry and not reason:
        return _incidents((incident_id, "Chưa nhập lý do đóng sự cố.")), HTTPStatus.UNPROCESSABLE_ENTITY
    execute(ResolveIncident(incident_id=incident_id, retry=retry, reason=reason))
    flash("Đang thử lại." if retry else "Đã đóng sự cố.", "success")
    return redirect(url_for("procedures.incidents"))
