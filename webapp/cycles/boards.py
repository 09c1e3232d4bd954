"""Kỳ báo cáo: the list of cycles, opening one, and one at a glance."""

from collections.abc import Callable, Set
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.errors import PermissionDenied, Rejected
from webapp.cases.access import is_of_focal_unit, sees_all, units_of
from webapp.cases.actions import may_send
from webapp.cases.queries import find_case
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.coming import coming_of_cycle, sent_of_cycle
from webapp.cycles.commands import RemindUnit
from webapp.cycles.consolidations import sent_back
from webapp.cycles.models import CycleState, EntryState
from webapp.cycles.opening import CycleRefused, StartCycle
from webapp.cycles.preparing import MOST_LOOKS, prepared_now
from webapp.cycles.queries import Cell, board, cycles_of, openable_plans, reported_year
from webapp.cycles.urging import urging_text
from webapp.database import db
from webapp.execution import execute
from webapp.identity import CurrentPerson, signed_in_person
from webapp.inbox.queries import due_words
from webapp.incoming import chosen_ids
from webapp.indicators.owners import unanswered_of, unasked_in
from webapp.organisation.models import Committee
from webapp.permissions import Permission
from webapp.runtime import now, runtime
from webapp.security import requires, runs


class StartCycleSchema(Schema):
    plan_id = fields.UUID(
        required=True, error_messages={"invalid_uuid": "Chưa chọn kế hoạch.", "required": "Chưa chọn kế hoạch."}
    )
    name = fields.String(required=True, validate=validate.Length(1, 120, error="Chưa nhập tên kỳ (tối đa 120 ký tự)."))
    year = fields.Integer(
        required=True,
        validate=validate.Range(2020, 2100, error="Năm không hợp lệ."),
        error_messages={"invalid": "Năm phải là số."},
    )


@bp.get("/ky-bao-cao")
@requires(Permission.SEE_CASES)
def index() -> ResponseReturnValue:
    """All cycles, newest first; those of other focal units only for whoever sees everything.

    Raises PermissionDenied.
    """
    cycles = cycles_of(db.session(), signed_in_person().tenant_id, focal_units=focal_units())
    return render_template("cycles/index.html", cycles=cycles)


def focal_units() -> frozenset[str] | None:
    """Those whose cycles the person sees; None: everybody's. Raises PermissionDenied."""
    person = signed_in_person()
    if sees_all(person):
        return None
    if not is_of_focal_unit(db.session(), person):
        raise PermissionDenied("Kỳ báo cáo do đơn vị đầu mối theo dõi.")
    return frozenset(units_of(person))


@bp.get("/ky-bao-cao/mo")
@runs(StartCycle)
def new() -> ResponseReturnValue:
    """Choose the plan and name the cycle."""
    year = reported_year(db.session(), signed_in_person().tenant_id, local_date(now()))
    return _form({"plan_id": request.args.get("ke_hoach", ""), "name": f"Năm {year}", "year": str(year)}, {})


def _form(form: dict[str, str], errors: dict[str, list[str]], status: int = 200) -> ResponseReturnValue:
    plans = openable_plans(db.session(), signed_in_person().tenant_id)
    return render_template("cycles/new.html", plans=plans, form=form, errors=errors), status


@bp.post("/ky-bao-cao/mo")
@runs(StartCycle)
def start() -> ResponseReturnValue:
    """Start the cycle, then state its dates in its first step."""
    form = {key: request.form.get(key, "").strip() for key in ("plan_id", "name", "year")}
    try:
        values = StartCycleSchema().load(form)
    except ValidationError as error:
        faults: dict[str, list[str]] = error.normalized_messages()  # type: ignore[no-untyped-call]
        return _form(form, faults, 422)
    try:
        cycle_id = execute(StartCycle(**values))
    except CycleRefused as refusal:
        return _form(form, {"name": [str(refusal)]}, 409)
    flash("Đã mở kỳ. Bước tiếp theo: nhập thời hạn và người ký ở việc “Mở kỳ”.", "success")
    return redirect(url_for("cycles.show", cycle_id=cycle_id))


@bp.get("/ky-bao-cao/<uuid:cycle_id>")
@requires(Permission.SEE_CASES)
def show(cycle_id: UUID) -> ResponseReturnValue:
    """Units × tasks: who has sent, who is late, who was returned."""
    person = signed_in_person()
    read = db.session()
    cycle = require_cycle(read, person, cycle_id)
    found = board(read, person, cycle, due_words(read, person.tenant_id))
    ward = read.get_one(Committee, person.tenant_id).name
    texts = {unit.id: urging_text(found, unit, ward) for unit in found.units if unit.awaited}
    seen = request.args.get("xem", "")
    owing = tuple(unit for unit in found.units if unit.awaited)
    return render_template(
        "cycles/show.html",
        board=found, texts=texts, owing=owing, units=owing if seen == OWING else found.units, only_owing=seen == OWING,
        unanswered=unanswered_of(read, cycle.plan_id), unasked=unasked_in(read, cycle.plan_id),
        sent=sent_of_cycle(read, cycle.id), coming=coming_of_cycle(read, cycle),
        runs_cycles=person.may(Permission.RUN_CYCLES), tells=_told_by(read, person, cycle.id, found.events),
        seen=seen if seen in VIEWS else "",
        groups=found.by(VIEWS[seen]) if seen in VIEWS else (),
        sent_back=tuple(sent_back(read, cycle)) if cycle.state in TOLD_BACK else (),
        what=prepared_now(read, cycle), looks=1, most_looks=MOST_LOOKS,
    )  # fmt: skip


def _told_by(read: Session, person: CurrentPerson, cycle_id: UUID, events: Set[str]) -> Set[str]:
    """The messages that the cycle waits for and that the person may send."""
    if not events:
        return frozenset()
    case = find_case(read, person, cycle_id)
    elements = runtime().definition(case.definition_id, read.connection()).elements
    return {event for event in events if may_send(read, person, elements[event], case.parties)}


ENTRY_NAMES = {
    EntryState.ASKED: "Chưa gửi", EntryState.SENT: "Chờ kiểm tra", EntryState.RETURNED: "Cần bổ sung",
    EntryState.TAKEN: "Đã nhận", EntryState.MISSING: "Không báo cáo trong kỳ", EntryState.WAITING: "Chờ điều kiện",
}  # fmt: skip
VIEWS: dict[str, Callable[[Cell], str]] = {
    "nguoi": lambda cell: f"{cell.officer or 'Chưa giao người'} · {cell.unit}",
    "nhom": lambda cell: cell.group,
    "trang-thai": lambda cell: "Quá hạn" if cell.is_late else ENTRY_NAMES[cell.state],
}
"""How else than by unit a board may be put together."""
TOLD_BACK = (CycleState.RETURNED, CycleState.CONSOLIDATING)
"""In these the board says why the report came back."""
OWING = "con-phai-gui"
"""By unit, without those of which nothing is awaited."""


@bp.post("/ky-bao-cao/<uuid:cycle_id>/don-doc")
@runs(RemindUnit)
def remind(cycle_id: UUID) -> ResponseReturnValue:
    """Đôn đốc one unit (its own button), or those that were chosen."""
    pressed = request.form.getlist("only") or request.form.getlist("unit")
    outcomes = [_remind(cycle_id, unit_id) for unit_id in chosen_ids(pressed)]
    reminded = outcomes.count(None)
    if reminded:
        flash(f"Đã đôn đốc {reminded} đơn vị qua thông báo và thư điện tử.", "success")
    for refusal in [one for one in outcomes if one] or ([] if pressed else ["Chưa chọn đơn vị nào để đôn đốc."]):
        flash(refusal, "warning")
    seen = OWING if request.form.get("xem") == OWING else None
    return redirect(url_for("cycles.show", cycle_id=cycle_id, xem=seen))


def _remind(cycle_id: UUID, unit_id: UUID) -> str | None:
    """Why one unit could not be reminded, if so; the others are."""
    try:
        execute(RemindUnit(cycle_id=cycle_id, unit_id=unit_id))
    except Rejected as refused:
        return str(refused)
    return None
