"""Đơn vị, and the committee itself."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.committees import ChangeCommittee
from webapp.organisation.commands.units import AddUnit, ChangeUnit, DeactivateUnit, ReactivateUnit
from webapp.organisation.labels import COMMITTEE_FIELDS, UNIT_FIELDS, UNIT_KINDS
from webapp.organisation.meanwhile import as_typed, opened_with, require_unchanged
from webapp.organisation.queries.units import (
    UnitRow,
    find_committee,
    find_unit_row,
    list_units,
    next_position,
    parts_of,
)
from webapp.organisation.schemas import CommitteeForm, UnitForm
from webapp.permissions import Permission
from webapp.security import requires, runs
from webapp.unit_changes.queries import changes_of, open_changes, successors_of


@bp.get("/don-vi")
@requires(Permission.ADMINISTER)
def units() -> ResponseReturnValue:
    """The ward's units in their order."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    return render_template(
        "organisation/units.html",
        units=list_units(read, tenant_id), committee=find_committee(read, tenant_id), kinds=UNIT_KINDS,
        changing=open_changes(read, tenant_id), successors=successors_of(read, tenant_id), parts_of=parts_of,
    )  # fmt: skip


@bp.route("/don-vi/moi", methods=["GET", "POST"])
@runs(AddUnit)
def add_unit() -> ResponseReturnValue:
    """Add a unit."""
    if request.method != "POST":
        return _form({"position": str(next_position(db.session(), signed_in_person().tenant_id))}, {}, None)

    def work() -> ResponseReturnValue:
        values = UnitForm().load(request.form)
        execute(AddUnit(**values))
        flash(f"Đã thêm {values['name']}.", "success")
        return redirect(url_for("organisation.units"))

    answer, errors = attempt(work)
    return answer or (_form(request.form, errors, None), REFUSED)


@bp.route("/don-vi/<uuid:unit_id>", methods=["GET", "POST"])
@runs(ChangeUnit)
def unit(unit_id: UUID) -> ResponseReturnValue:
    """Change a unit."""
    found = _find(unit_id)
    now = _values(found)
    if request.method != "POST":
        return _form(opened_with(now), {}, found)

    def work() -> ResponseReturnValue:
        require_unchanged(now, UNIT_FIELDS)
        values = UnitForm().load(request.form)
        execute(ChangeUnit(unit_id=unit_id, **values))
        renamed = (values["name"], values["short_name"]) != (found.name, found.short_name)
        kept = " Tên cũ được giữ làm tên gọi khác, nên kế hoạch và quy trình cũ vẫn nhận ra." if renamed else ""
        flash(f"Đã lưu {values['name']}.{kept}", "success")
        return redirect(url_for("organisation.units"))

    answer, errors = attempt(work)
    return answer or (_form(as_typed(now), errors, found), REFUSED)


@bp.post("/don-vi/<uuid:unit_id>/ngung")
@runs(DeactivateUnit)
def deactivate_unit(unit_id: UUID) -> ResponseReturnValue:
    """Put a unit out of use."""
    found = _find(unit_id)

    def work() -> ResponseReturnValue:
        execute(DeactivateUnit(unit_id=unit_id))
        flash(f"Đã ngừng sử dụng {found.name}.", "success")
        return redirect(url_for("organisation.units"))

    answer, errors = attempt(work)
    return answer or (_form(opened_with(_values(found)), errors, found), REFUSED)


@bp.post("/don-vi/<uuid:unit_id>/dung-lai")
@runs(ReactivateUnit)
def reactivate_unit(unit_id: UUID) -> ResponseReturnValue:
    """Take a unit into use again."""
    execute(ReactivateUnit(unit_id=unit_id))
    flash("Đơn vị dùng lại được.", "success")
    return redirect(url_for("organisation.unit", unit_id=unit_id))


@bp.route("/thiet-lap/ubnd", methods=["GET", "POST"])
@runs(ChangeCommittee)
def committee() -> ResponseReturnValue:
    """How the committee's documents name it, and which units have which part."""
    read, tenant_id = db.session(), signed_in_person().tenant_id
    found = find_committee(read, tenant_id)
    if found is None:
        raise NotFound
    now = {name: str(getattr(found, name) or "") for name in CommitteeForm().fields}
    if request.method != "POST":
        return _committee_form(opened_with(now), {})

    def work() -> ResponseReturnValue:
        require_unchanged(now, COMMITTEE_FIELDS)
        execute(ChangeCommittee(**CommitteeForm().load(request.form)))
        flash("Đã lưu thông tin UBND.", "success")
        return redirect(url_for("organisation.setup"))

    answer, errors = attempt(work)
    return answer or (_committee_form(as_typed(now), errors), REFUSED)


def _committee_form(values: Mapping[str, str], errors: Errors) -> str:
    units = list_units(db.session(), signed_in_person().tenant_id, active_only=True)
    options = [(unit.id, unit.name) for unit in units]
    return render_template("organisation/committee.html", values=values, errors=errors, unit_options=options)


def _find(unit_id: UUID) -> UnitRow:
    found = find_unit_row(db.session(), signed_in_person().tenant_id, unit_id)
    if found is None:
        raise NotFound
    return found


def _values(found: UnitRow) -> dict[str, str]:
    return {
        "name": found.name, "short_name": found.short_name, "kind": str(found.kind),
        "aliases": "\n".join(found.aliases), "is_requested": "on" if found.is_requested else "",
        "position": str(found.position),
    }  # fmt: skip


def _form(values: Mapping[str, str], errors: Errors, found: UnitRow | None) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    return render_template(
        "organisation/unit.html",
        values=values, errors=errors, found=found, kinds=UNIT_KINDS,
        changes=changes_of(read, found.id) if found else (),
        successor=successors_of(read, tenant_id).get(found.id) if found else None,
    )  # fmt: skip
