"""Đổi tên, sáp nhập, chia tách đơn vị từ một ngày: entered, looked at, confirmed."""

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.queries.units import UnitRow, find_committee, find_unit_row, list_units
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs
from webapp.unit_changes import following, moving, telling  # noqa: F401  hear of moved cases, do the jobs, tell
from webapp.unit_changes.models import ChangeKind, ChangeState
from webapp.unit_changes.moved import moved_by
from webapp.unit_changes.planning import (
    CancelUnitChange,
    ChooseSuccessors,
    ConfirmUnitChange,
    PlanUnitChange,
)
from webapp.unit_changes.queries import changes_of, find_change, moves_of
from webapp.unit_changes.schemas import MOST_SUCCESSORS, NEW, read_change, read_choices

bp = Blueprint("unit_changes", __name__)

WAYS = {"doi-ten": ChangeKind.RENAME, "sap-nhap": ChangeKind.MERGE, "chia-tach": ChangeKind.SPLIT}
TITLES = {
    ChangeKind.RENAME: "Đổi tên đơn vị", ChangeKind.MERGE: "Sáp nhập đơn vị", ChangeKind.SPLIT: "Chia tách đơn vị",
}  # fmt: skip
STATES = {
    ChangeState.DRAFT: ("Chưa xác nhận", "warn"), ChangeState.PLANNED: ("Chờ đến ngày", "brand"),
    ChangeState.UNDER_WAY: ("Đang chuyển việc", "warn"), ChangeState.DONE: ("Đã xong", "good"),
    ChangeState.CANCELLED: ("Đã hủy", "calm"),
}  # fmt: skip


@bp.route("/don-vi/<uuid:unit_id>/thay-doi/<way>", methods=["GET", "POST"])
@runs(PlanUnitChange)
def plan(unit_id: UUID, way: str) -> ResponseReturnValue:
    """Say what becomes of a unit, and from when on."""
    if way not in WAYS:
        raise NotFound
    unit = find_unit_row(db.session(), signed_in_person().tenant_id, unit_id)
    if unit is None:
        raise NotFound
    if request.method != "POST":
        return _form(unit, way, {}, {})

    def work() -> ResponseReturnValue:
        values = read_change(WAYS[way], request.form)
        change_id = execute(PlanUnitChange(unit_id=unit_id, kind=WAYS[way], **values))
        return redirect(url_for("unit_changes.show", change_id=change_id))

    answer, errors = attempt(work)
    return answer or (_form(unit, way, request.form, errors), REFUSED)


@bp.get("/don-vi/thay-doi/<uuid:change_id>")
@requires(Permission.ADMINISTER)
def show(change_id: UUID) -> ResponseReturnValue:
    """What moves, or how far it has come."""
    return _page(change_id, {})


@bp.post("/don-vi/thay-doi/<uuid:change_id>/lua-chon")
@runs(ChooseSuccessors)
def choose(change_id: UUID) -> ResponseReturnValue:
    """Keep who takes what."""

    def work() -> ResponseReturnValue:
        execute(ChooseSuccessors(change_id=change_id, choices=read_choices(request.form)))
        flash("Đã lưu lựa chọn.", "success")
        return redirect(url_for("unit_changes.show", change_id=change_id))

    return _attempted(change_id, *attempt(work))


@bp.post("/don-vi/thay-doi/<uuid:change_id>/xac-nhan")
@runs(ConfirmUnitChange)
def confirm(change_id: UUID) -> ResponseReturnValue:
    """Let it come, with what was chosen."""

    def work() -> ResponseReturnValue:
        execute(ConfirmUnitChange(change_id=change_id, choices=read_choices(request.form)))
        change = find_change(db.session(), signed_in_person().tenant_id, change_id)
        begins = "Đến ngày có hiệu lực, phần mềm tự" if change.from_day > local_date(now()) else "Phần mềm đang"
        flash(f"Đã xác nhận. {begins} chuyển người và việc.", "success")
        return redirect(url_for("unit_changes.show", change_id=change_id))

    return _attempted(change_id, *attempt(work))


@bp.post("/don-vi/thay-doi/<uuid:change_id>/huy")
@runs(CancelUnitChange)
def cancel(change_id: UUID) -> ResponseReturnValue:
    """Take it back."""
    unit_id = find_change(db.session(), signed_in_person().tenant_id, change_id).unit_id

    def work() -> ResponseReturnValue:
        execute(CancelUnitChange(change_id=change_id, reason=request.form.get("reason", "")))
        flash("Đã hủy thay đổi. Đơn vị giữ nguyên như cũ.", "success")
        return redirect(url_for("organisation.unit", unit_id=unit_id))

    return _attempted(change_id, *attempt(work))


def _attempted(change_id: UUID, answer: ResponseReturnValue | None, errors: Errors) -> ResponseReturnValue:
    return answer or (_page(change_id, errors), REFUSED)


def _page(change_id: UUID, errors: Errors) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    change = find_change(read, tenant_id, change_id)
    moves = (
        moves_of(read, tenant_id, change_id) if change.state not in (ChangeState.DONE, ChangeState.CANCELLED) else None
    )
    return render_template(
        "unit_changes/show.html", change=change, moves=moves, errors=errors, title=TITLES[change.kind],
        state=STATES[change.state], moved=moved_by(read, change_id),
    )  # fmt: skip


def _form(unit: UnitRow, way: str, values: Mapping[str, str], errors: Errors) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    committee = find_committee(read, tenant_id)
    leaders = committee.committee_unit_id if committee else None
    others = [(one.id, one.name) for one in list_units(read, tenant_id, active_only=True) if one.id != leaders]
    return render_template(
        "unit_changes/plan.html", unit=unit, way=way, title=TITLES[WAYS[way]], values=values, errors=errors,
        others=[one for one in others if one[0] != unit.id], all_units=others, rows=MOST_SUCCESSORS, new=NEW,
        opened=next((one for one in changes_of(read, unit.id) if one.is_open), None),
    )  # fmt: skip
