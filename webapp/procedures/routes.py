"""Procedures and incidents."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.incidents import ResolveIncident
from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.procedures import clock
from webapp.procedures.blueprint import bp
from webapp.procedures.queries import drawing, open_incidents, versions
from webapp.security import requires, runs

__all__ = ["bp", "clock"]


@bp.get("/quy-trinh")
@requires(Permission.SEE_ALL_CASES)
def index() -> ResponseReturnValue:
    """The procedures in force, with their versions."""
    procedures: dict[str, list[object]] = {}
    for version in versions(db.session(), signed_in_person().tenant_id):
        procedures.setdefault(version.key, []).append(version)
    return render_template("procedures/index.html", procedures=procedures)


@bp.get("/quy-trinh/<uuid:definition_id>/so-do.xml")
@requires(Permission.SEE_CASES)
def source(definition_id: UUID) -> ResponseReturnValue:
    """A version's diagram. It never changes, so a browser keeps it."""
    xml = drawing(db.session(), signed_in_person().tenant_id, definition_id)
    if xml is None:
        raise NotFound
    response = Response(xml, mimetype="application/xml")
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


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
