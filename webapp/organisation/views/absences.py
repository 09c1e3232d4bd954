"""Vắng mặt: who is away, who stands in."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound, PermissionDenied
from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import CurrentPerson, signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.absences import EndAbsence, EnterAbsence
from webapp.organisation.queries.absences import (
    AbsenceRow,
    absences_in_charge,
    absences_of,
    find_absence,
    headed_units,
    stood_in_by,
)
from webapp.organisation.queries.people import PersonRow, active_people, find_person_row, possible_proxies
from webapp.organisation.schemas import AbsenceForm
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs


@bp.get("/vang-mat")
@requires(Permission.SIGNED_IN)
def absences() -> ResponseReturnValue:
    """One's own absences, where one stands in, and those of one's people."""
    person, read, today = signed_in_person(), db.session(), local_date(now())
    return render_template(
        "organisation/absences.html",
        mine=absences_of(read, person.id, today), stood_in=stood_in_by(read, person.id, today),
        others=absences_in_charge(read, person, today), people=_people_in_charge(person), today=today,
    )  # fmt: skip


@bp.get("/vang-mat.xlsx")
@requires(Permission.SIGNED_IN)
def absences_sheet() -> ResponseReturnValue:
    """All absences that the page shows, as a spreadsheet."""
    person, read, today = signed_in_person(), db.session(), local_date(now())
    parts = (
        ("Tôi vắng mặt", absences_of(read, person.id, today)), ("Tôi làm thay", stood_in_by(read, person.id, today)),
        ("Người của tôi", absences_in_charge(read, person, today)),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for title, found in parts:
        rows += [(title,), *(_cells(one, today) for one in found)] if found else []
    return send_list("Danh sách vắng mặt", COLUMNS, rows)


COLUMNS = (("Người vắng", 26), ("Từ ngày", 12), ("Đến ngày", 12), ("Làm thay", 26), ("Lý do", 40), ("Tình trạng", 14))


def _cells(one: AbsenceRow, today: date) -> tuple[Cell, ...]:
    state = "Đã kết thúc" if one.is_over(today) else "Đang vắng" if one.is_current(today) else "Sắp tới"
    return one.person_name, one.from_day, one.to_day, one.proxy_name, one.reason, state


@bp.route("/vang-mat/moi", methods=["GET", "POST"])
@runs(EnterAbsence)
def enter_absence() -> ResponseReturnValue:
    """Enter an absence: one's own, or with ?nguoi= that of somebody one speaks for."""
    absent = _absent()
    if request.method != "POST":
        return _form(absent, {"from_day": f"{local_date(now()):%d/%m/%Y}"}, {})

    def work() -> ResponseReturnValue:
        values = AbsenceForm().load({**request.form.to_dict(), "person_id": str(absent.id)})
        execute(EnterAbsence(**values))
        flash("Đã ghi vắng mặt. Người làm thay thấy việc ngay từ ngày đầu.", "success")
        _warn_of_duties(absent.id, values["from_day"], values["to_day"])
        return redirect(url_for("organisation.absences"))

    answer, errors = attempt(work)
    return answer or (_form(absent, request.form, errors), REFUSED)


@bp.post("/vang-mat/<uuid:absence_id>/ket-thuc")
@runs(EndAbsence)
def end_absence(absence_id: UUID) -> ResponseReturnValue:
    """End an absence before its time."""
    absence = find_absence(db.session(), signed_in_person().tenant_id, absence_id)
    if absence is None:
        raise NotFound
    execute(EndAbsence(absence_id=absence_id))
    flash(f"Đã kết thúc. {absence.proxy_name} không còn làm thay {absence.person_name}.", "success")
    return redirect(url_for("organisation.absences"))


def _absent() -> PersonRow:
    """Whose absence it is; the command decides whether one may enter it."""
    me = signed_in_person()
    person_id = request.values.get("nguoi", type=UUID) or me.id
    absent = find_person_row(db.session(), me.tenant_id, person_id)
    if absent is None or not absent.is_active:
        raise NotFound
    if absent.id != me.id and absent.id not in {person.id for person in _people_in_charge(me)}:
        raise PermissionDenied
    return absent


def _people_in_charge(me: CurrentPerson) -> list[PersonRow]:
    """Those for whom one may enter absences."""
    read, units = db.session(), headed_units(me)
    if me.may(Permission.ADMINISTER):
        found = active_people(read, me.tenant_id)
    else:
        found = active_people(read, me.tenant_id, units) if units else []
    return [person for person in found if person.id != me.id]


def _warn_of_duties(person_id: UUID, from_day: object, to_day: object) -> None:
    """Who stands in for somebody passes that on to nobody."""
    for duty in stood_in_by(db.session(), person_id, local_date(now())):
        if duty.from_day <= to_day and duty.to_day >= from_day:  # type: ignore[operator]  # both are dates
            flash(
                f"Trong thời gian này người vắng đang được cử làm thay {duty.person_name}. "
                "Hãy chọn người khác làm thay, vì việc làm thay không chuyển tiếp được.",
                "warning",
            )


def _form(absent: PersonRow, values: Mapping[str, str], errors: Errors) -> str:
    me = signed_in_person()
    proxies = possible_proxies(db.session(), me.tenant_id, absent)
    return render_template(
        "organisation/absence.html",
        absent=absent, values=values, errors=errors, is_me=absent.id == me.id,
        proxy_options=[(proxy.id, f"{proxy.name} ({proxy.desks[0].label})") for proxy in proxies if proxy.desks],
    )  # fmt: skip
