"""Sự cố: read, tried again or closed with a reason; alone, several at once, or all that say the same."""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.command import Command
from engine.commands.incidents import ResolveAlike, ResolveIncident
from engine.models import IncidentState, ProcessInstance
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.incoming import chosen_ids
from webapp.procedures import incident_queries as queries
from webapp.procedures.blueprint import bp
from webapp.runtime import runtime
from webapp.security import runs

NO_REASON = "Chưa nhập lý do đóng sự cố."
MOST = 100
"""Incidents that are settled in one request; all that say the same are settled by a job."""


@bp.get("/su-co")
@runs(ResolveIncident)
def incidents() -> ResponseReturnValue:
    """What cannot go on by itself; with `xong`, what was settled."""
    return _list(None)


def _list(refused: str | None, chosen: tuple[str, ...] = ()) -> str:
    """`refused` says why a form was sent back, with what was ticked in it."""
    tenant_id, read = signed_in_person().tenant_id, db.session()
    settled = request.args.get("xong") == "1"
    state = IncidentState.RESOLVED if settled else IncidentState.OPEN
    return render_template(
        "procedures/incidents.html",
        faults=queries.incidents(read, tenant_id, state, request.args.get("sau", type=UUID)),
        alike=[] if settled else queries.alike(read, tenant_id), settled=settled, refused=refused, chosen=chosen,
        reason=request.form.get("reason", ""), is_first="sau" not in request.args,
    )  # fmt: skip


@bp.get("/su-co.xlsx")
@runs(ResolveIncident)
def incidents_sheet() -> ResponseReturnValue:
    """The same list as a spreadsheet."""
    tenant_id, read, settled = signed_in_person().tenant_id, db.session(), request.args.get("xong") == "1"
    state = IncidentState.RESOLVED if settled else IncidentState.OPEN

    def page(after: UUID | None) -> tuple[Iterable[queries.Fault], UUID | None]:
        found = queries.incidents(read, tenant_id, state, after)
        return found.rows, found.after

    about = "đã xử lý" if settled else "chưa xử lý"
    return send_list("Danh sách sự cố", COLUMNS, map(_cells, of_all_pages(page)), about=about)


COLUMNS = (
    ("Hồ sơ, người nhận thư", 44), ("Lỗi", 60), ("Ngày xảy ra", 12), ("Cách xử lý", 40), ("Ngày xử lý", 12),
    ("Người xử lý", 22),
)  # fmt: skip


def _cells(fault: queries.Fault) -> tuple[Cell, ...]:
    settled = local_date(fault.resolved_at) if fault.resolved_at else None
    by = fault.resolved_by if settled else ""
    return fault.subject or fault.recipient, fault.message, local_date(fault.at), fault.resolution or "", settled, by


@bp.get("/su-co/<uuid:incident_id>")
@runs(ResolveIncident)
def incident(incident_id: UUID) -> ResponseReturnValue:
    """One of them, with the error. Raises NotFound."""
    return _one(incident_id, None)


def _one(incident_id: UUID, refused: str | None) -> str:
    detail = queries.incident(db.session(), signed_in_person().tenant_id, incident_id)
    return render_template(
        "procedures/incident.html", one=detail, place=_place(detail), refused=refused,
        reason=request.form.get("reason", ""),
    )  # fmt: skip


def _place(detail: queries.FaultDetail) -> str:
    """What the drawing calls the element; its id where it is no more."""
    read, id = db.session(), detail.element_id or ""
    case = read.get(ProcessInstance, detail.fault.instance_id) if id and detail.fault.instance_id else None
    if case is None:
        return id
    return runtime().definition(case.definition_id, read.connection()).title_of(id)


@bp.post("/su-co/<uuid:incident_id>")
@runs(ResolveIncident)
def resolve(incident_id: UUID) -> ResponseReturnValue:
    """Try again, or close with a reason."""
    retry, reason = _asked()
    if not retry and not reason:
        return _one(incident_id, NO_REASON), HTTPStatus.UNPROCESSABLE_ENTITY
    execute(ResolveIncident(incident_id=incident_id, retry=retry, reason=reason))
    flash("Đang thử lại." if retry else "Đã đóng sự cố.", "success")
    return redirect(url_for("procedures.incidents"))


@bp.post("/su-co/nhieu")
@runs(ResolveIncident)
def resolve_several() -> ResponseReturnValue:
    """The ticked ones, each by a command of its own."""
    retry, reason = _asked()
    ids = chosen_ids(request.form.getlist("id"))[:MOST]
    if not ids or not (retry or reason):
        refused = NO_REASON if ids else "Chưa chọn sự cố nào."
        return _list(refused, tuple(str(id) for id in ids)), HTTPStatus.UNPROCESSABLE_ENTITY
    able = ids
    if retry:
        can = queries.that_can_retry(db.session(), signed_in_person().tenant_id, ids)
        able = [one for one in ids if one in can]
    for incident_id in able:
        execute(ResolveIncident(incident_id=incident_id, retry=retry, reason=reason))
    if able:
        flash(f"Đang thử lại {len(able)} sự cố." if retry else f"Đã đóng {len(able)} sự cố.", "success")
    if kept := len(ids) - len(able):
        flash(f"{kept} sự cố không có gì để thử lại nên vẫn chờ: mở ra xem cách xử lý, xong thì đóng.", "warning")
    return redirect(url_for("procedures.incidents"))


@bp.post("/su-co/cung-loi")
@runs(ResolveAlike)
def resolve_alike() -> ResponseReturnValue:
    """All open ones that say the same, in the background. Raises NotFound."""
    retry, reason = _asked()
    if not retry and not reason:
        return _list(NO_REASON), HTTPStatus.UNPROCESSABLE_ENTITY
    command: Command = ResolveAlike(message=request.form.get("message", ""), retry=retry, reason=reason)
    execute(command)
    flash("Đang thử lại tất cả sự cố cùng lỗi." if retry else "Đang đóng tất cả sự cố cùng lỗi.", "success")
    return redirect(url_for("procedures.incidents"))


def _asked() -> tuple[bool, str]:
    """Whether to try again, and the reason to close."""
    return request.form.get("do") == "retry", request.form.get("reason", "").strip()[:1000]
