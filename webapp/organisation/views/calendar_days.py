"""Lịch làm việc: the year's holidays, and what an administrator has changed."""

from collections.abc import Mapping
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.blueprint import bp
from webapp.organisation.commands.calendar_days import (
    FIRST_YEAR,
    LAST_YEAR,
    RemoveCalendarDay,
    ReviewCalendar,
    SetCalendarDay,
)
from webapp.organisation.queries.calendar_days import special_days
from webapp.organisation.queries.units import find_committee
from webapp.organisation.schemas import CalendarDayForm
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires, runs


@bp.get("/lich-lam-viec")
@requires(Permission.ADMINISTER)
def calendar() -> ResponseReturnValue:
    """The special days of a year."""
    return _page({}, {}, asked_year())


@bp.post("/lich-lam-viec")
@runs(SetCalendarDay)
def set_day() -> ResponseReturnValue:
    """Declare a day worked or free."""

    def work() -> ResponseReturnValue:
        values = CalendarDayForm().load(request.form)
        day, working = values["day"], values["working"] == "working"
        execute(SetCalendarDay(day=day, working=working, note=values["note"]))
        flash(f"Đã ghi {day:%d/%m/%Y} là ngày {'làm việc' if working else 'nghỉ'}.", "success")
        return redirect(url_for("organisation.calendar", nam=day.year))

    answer, errors = attempt(work)
    return answer or (_page(request.form, errors, request.form.get("year", _this_year(), type=int)), REFUSED)


@bp.post("/lich-lam-viec/<day>/bo")
@runs(RemoveCalendarDay)
def remove_day(day: str) -> ResponseReturnValue:
    """Let the shipped calendar count again."""
    try:
        removed = date.fromisoformat(day)
    except ValueError:
        abort(404)
    execute(RemoveCalendarDay(day=removed))
    flash(f"Đã bỏ thay đổi ngày {removed:%d/%m/%Y}; lịch có sẵn lại có hiệu lực.", "success")
    return redirect(url_for("organisation.calendar", nam=removed.year))


@bp.post("/lich-lam-viec/<int:year>/da-xem")
@runs(ReviewCalendar)
def review(year: int) -> ResponseReturnValue:
    """Say that the year has been looked at."""
    if year not in _years_to_review():
        abort(404)
    execute(ReviewCalendar(year=year))
    flash(f"Đã ghi nhận lịch năm {year}.", "success")
    return redirect(url_for("organisation.calendar", nam=year))


def asked_year() -> int:
    """The year of the address, else this one; 404 where no calendar is kept."""
    year = request.args.get("nam", default=_this_year(), type=int)
    _require_year(year)
    return year


def _page(values: Mapping[str, str], errors: Errors, year: int) -> str:
    _require_year(year)
    read, tenant_id = db.session(), signed_in_person().tenant_id
    committee = find_committee(read, tenant_id)
    return render_template(
        "organisation/calendar.html",
        year=year, days=special_days(read, tenant_id, year), values=values, errors=errors,
        to_review=year in _years_to_review(),
        reviewed=committee is not None and (committee.calendar_reviewed_year or 0) >= year,
    )  # fmt: skip


def _this_year() -> int:
    return local_date(now()).year


def _years_to_review() -> tuple[int, int]:
    """Those whose official notice can be there; who says so of a later one would never be asked again until then."""
    return _this_year(), _this_year() + 1


def _require_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        abort(404)
