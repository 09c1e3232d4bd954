"""Working days that are changed while cases and cycles wait for one of them: what is begun is not torn apart."""

from datetime import date

import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_calendar_work import morning
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import ReportingCycle
from webapp.organisation.commands.calendar_days import SetCalendarDay
from webapp.plans.models import TaskOccurrence


def work(made: CycleWard, day: date) -> None:
    """Go on to the morning of a day, and do what the calendar asks for."""
    made.ward.move_clock(morning(day))
    with made.ward.app.app_context():
        for _ in range(2):
            do_calendar_work(made.ward.runtime, morning(day))
    made.settle()


def close(ward: Ward, day: date) -> None:
    """Storm, or a holiday that is announced late."""
    ward.execute(SetCalendarDay(day=day, working=False, note="Công điện số 5/CĐ-UBND"))


def test_a_cycle_whose_day_is_closed_takes_its_cases_along(ward: Ward) -> None:
    made = issue(ward, [Row("yte", "Hồ sơ sức khỏe")])
    last = made.report_by.replace(year=made.report_by.year + 1)
    work(made, date(last.year, 1, 4))
    close(ward, last)
    work(made, date(last.year, last.month, 1))
    [(cycle_id, day)] = made.rows(
        sa.select(ReportingCycle.id, ReportingCycle.report_by).where(ReportingCycle.year == last.year)
    )
    assert day < last
    made.cycle_id = cycle_id
    made.do(
        "open_cycle", FOCAL, cycle_id, kind="year", last_of_year=True, report_by=day.isoformat(),
        submit_by=made.submit_by.replace(year=last.year).isoformat(), source="Kế hoạch", recipient="Sở",
        signer="chair", vice_chair=None,
    )  # fmt: skip
    due = sa.select(TaskOccurrence.due_on).where(TaskOccurrence.year == last.year)
    assert made.rows(due) == [(day,)]


def test_the_years_calendar_keeps_the_day_that_a_cycle_was_opened_with(ward: Ward) -> None:
    made = issue(ward, [Row("yte", "Hồ sơ sức khỏe")])
    plan = f"/ke-hoach/{made.plan_id}/lich"
    planned = f"Năm {made.year()} {made.report_by:%d/%m/%Y}"
    assert planned in text_of(made.signed_in(FOCAL).get(plan))
    made.report_by = date(made.year(), 6, 25)
    made.open_cycle()
    page = text_of(made.signed_in(FOCAL).get(plan))
    assert f"Năm {made.year()} 25/06/{made.year()}" in page
    assert planned not in page


def test_who_declares_a_change_back_is_told_how_to_take_it_back(ward: Ward) -> None:
    admin, form = ward.signed_in("quantri"), {"day": "01/03/2027", "note": "Thông báo số 1"}
    assert admin.post("/lich-lam-viec", {**form, "working": "free"}).status_code == 302
    refused = admin.post("/lich-lam-viec", {**form, "working": "working"})
    assert refused.status_code == 422
    assert "phường đang khai khác. Bấm “Bỏ” ở dòng của ngày ấy." in text_of(refused)
