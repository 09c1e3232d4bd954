"""The clock of rehearsals: put ahead by hand, so that what is due later happens now."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError, fields

from engine.calendar import LOCAL, CalendarError, local_date, parse_time
from engine.commands.clock import MoveClock
from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.organisation.fields import Day, Form
from webapp.presentation import moment
from webapp.procedures.blueprint import bp
from webapp.runtime import now, runtime
from webapp.security import runs
from webapp.settings import Settings

MORNING = "08:00"


class _Time(fields.Field[time]):
    """A time of day, typed as HH:MM."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> time:
        try:
            return parse_time(str(value or "").strip())
        except CalendarError:
            raise ValidationError("Nhập giờ dạng giờ:phút, ví dụ 08:00.") from None


class ClockForm(Form):
    """An instant in Việt Nam."""

    day = Day("Chưa nhập ngày.")
    time = _Time()


@bp.get("/dong-ho")
@runs(MoveClock)
def clock() -> ResponseReturnValue:
    """Where the clock stands; the form proposes the next working morning."""
    person, today = signed_in_person(), local_date(now())
    _require_movable()
    morning = runtime().calendar(person.tenant_id, db.session().connection()).shift(today, 1)
    return _page({"day": f"{morning:%d/%m/%Y}", "time": MORNING}, {})


@bp.post("/dong-ho")
@runs(MoveClock)
def move_clock() -> ResponseReturnValue:
    """Put the clock ahead."""

    def work() -> ResponseReturnValue:
        values = ClockForm().load(request.form)
        to = _instant(values["day"], values["time"])
        execute(MoveClock(to=to))
        flash(f"Đồng hồ diễn tập đã chỉnh tới {moment(to)}.", "success")
        return redirect(url_for("procedures.clock"))

    _require_movable()
    answer, errors = attempt(work)
    return answer or (_page(request.form, errors), REFUSED)


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, LOCAL).astimezone(UTC)


def _page(values: Mapping[str, str], errors: Errors) -> str:
    return render_template("procedures/clock.html", values=values, errors=errors)


def _require_movable() -> None:
    """A real ward has no such page."""
    settings: Settings = current_app.config["SETTINGS"]
    if not settings.movable_clock:
        raise NotFound
