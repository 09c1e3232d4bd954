"""Reports that come again within the year: by month, by quarter, and after nine months."""

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_planned_cycles import asked_by, at_work, plan
from tests.web.wards import Ward, text_of
from webapp.cycles.models import CycleKind, PlannedCycle, ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.cycles.periods import Period, period_of, period_on
from webapp.cycles.planning import Asked
from webapp.cycles.schedules import Planned, cycles_due, months_standing_for, standing_for_others
from webapp.plans.deadlines import contradicting
from webapp.plans.models import Plan

MONTH, QUARTER, HALF_YEAR = CycleKind.MONTH, CycleKind.QUARTER, CycleKind.HALF_YEAR
NINE_MONTHS, YEAR = CycleKind.NINE_MONTHS, CycleKind.YEAR
SOURCE = "Kế hoạch này, mục V"


# --- the parts of a year ---


@pytest.mark.parametrize(
    ("period", "name", "starts", "ends"),
    [
        (Period(MONTH, 2028, 2), "Tháng 2 năm 2028", date(2028, 2, 1), date(2028, 2, 29)),
        (Period(QUARTER, 2026, 4), "Quý IV năm 2026", date(2026, 10, 1), date(2026, 12, 31)),
        (Period(HALF_YEAR, 2026), "6 tháng đầu năm 2026", date(2026, 1, 1), date(2026, 6, 30)),
        (Period(NINE_MONTHS, 2026), "9 tháng đầu năm 2026", date(2026, 1, 1), date(2026, 9, 30)),
        (Period(YEAR, 2026), "Năm 2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_part_of_a_year_has_its_name_and_days(period: Period, name: str, starts: date, ends: date) -> None:
    assert (period.name, period.starts, period.ends) == (name, starts, ends)
    assert period_of(period.kind, name, period.year, None) == period


def test_a_name_says_which_part_it_is_about_else_the_last_day_does() -> None:
    assert period_of(QUARTER, "Báo cáo quý 3/2026", 2026, None) == Period(QUARTER, 2026, 3)
    assert period_of(QUARTER, "Báo cáo quý", 2026, date(2026, 9, 24)) == Period(QUARTER, 2026, 3)
    assert period_of(QUARTER, "Báo cáo quý", 2026, None) is None
    assert period_of(CycleKind.AD_HOC, "Quý II năm 2026", 2026, None) == Period(QUARTER, 2026, 2)
    assert period_of(CycleKind.AD_HOC, "Báo cáo nhanh năm 2026", 2026, date(2026, 9, 24)) is None


def test_a_day_early_in_a_quarter_or_month_is_about_the_one_before() -> None:
    assert period_on(QUARTER, date(2026, 9, 24)) == Period(QUARTER, 2026, 3)
    assert period_on(QUARTER, date(2027, 1, 4)) == Period(QUARTER, 2026, 4)
    assert period_on(MONTH, date(2026, 5, 24)) == Period(MONTH, 2026, 5)
    assert period_on(MONTH, date(2027, 1, 4)) == Period(MONTH, 2026, 12)


def due(kind: CycleKind, report_by: date) -> list[tuple[str, date]]:
    planned = Planned(plan_id=Plan().id, since=2026, kind=kind, report_by=report_by)
    return [(cycle.period.name, cycle.last_day) for cycle in cycles_due(planned, (2026, 2027), Calendar())]


def test_each_quarter_has_the_same_day_or_the_working_day_before_it() -> None:
    assert due(QUARTER, date(2026, 6, 21))[:3] == [  # A Sunday.
        ("Quý II năm 2026", date(2026, 6, 19)), ("Quý III năm 2026", date(2026, 9, 21)),
        ("Quý IV năm 2026", date(2026, 12, 21)),
    ]  # fmt: skip
    after = due(QUARTER, date(2026, 4, 4))
    assert after[0] == ("Quý I năm 2026", date(2026, 4, 3))
    assert after[3] == ("Quý IV năm 2026", date(2027, 1, 4))


def test_a_month_that_is_shorter_has_its_last_day() -> None:
    assert due(MONTH, date(2027, 1, 31))[:2] == [
        ("Tháng 1 năm 2027", date(2027, 1, 29)), ("Tháng 2 năm 2027", date(2027, 2, 26)),
    ]  # fmt: skip


def test_a_year_that_is_reported_by_the_end_of_a_month_stands_for_no_other_days_report() -> None:
    """November's is owed on the 25th, and the year does not end with November."""
    plan_id, days = Plan().id, {MONTH: date(2026, 11, 25), YEAR: date(2026, 11, 30)}
    planned = [Planned(plan_id=plan_id, since=2026, kind=kind, report_by=day) for kind, day in days.items()]
    due = [cycle for each in planned for cycle in cycles_due(each, (2026,), Calendar())]
    longest = standing_for_others(due)
    within = {cycle.period.name for cycle in due if months_standing_for(cycle, longest)}
    assert within == {"Tháng 12 năm 2026"}


# --- what a plan's words ask for ---


def days(today: date, *sentences: str) -> dict[CycleKind, list[date]]:
    """The days that are proposed for the units, by kind."""
    return {kind: [day.day for day in each.days.report_by] for kind, each in asked_by(*sentences, today=today).items()}


JANUARY, APRIL, NOVEMBER = date(2026, 1, 5), date(2026, 4, 6), date(2026, 11, 2)
BY_QUARTER = "Các đơn vị báo cáo hằng quý trước ngày 25 của tháng cuối quý."


def test_the_day_of_each_quarter_is_proposed_for_the_first_one_ahead_and_for_the_year() -> None:
    assert days(JANUARY, BY_QUARTER) == {YEAR: [date(2026, 12, 24)], QUARTER: [date(2026, 3, 24)]}
    assert days(APRIL, BY_QUARTER)[QUARTER] == [date(2026, 6, 24)]
    assert days(NOVEMBER, BY_QUARTER)[QUARTER] == [date(2027, 3, 24)]
    listed = "Các đơn vị báo cáo quý trước ngày 23/3, 23/6, 23/9, 23/12."
    found = days(JANUARY, listed)
    assert found == {YEAR: [date(2026, 12, 22)], QUARTER: [date(2026, 3, 22)]}, "A Sunday: in June it is a Monday."


def test_the_day_of_a_quarter_is_that_of_the_longer_report_that_ends_with_it() -> None:
    both = "Hằng quý, 6 tháng, 9 tháng và năm các đơn vị báo cáo trước ngày 20 của tháng cuối kỳ báo cáo."
    assert days(JANUARY, both) == {
        YEAR: [date(2026, 12, 18)], NINE_MONTHS: [date(2026, 9, 18)], HALF_YEAR: [date(2026, 6, 19)],
        QUARTER: [date(2026, 3, 19)],
    }  # fmt: skip


def test_a_longer_report_s_own_day_and_sentence_stand_alone() -> None:
    own, city = (
        "Các đơn vị báo cáo trước ngày 05/12.",
        "Hằng quý báo cáo Sở Khoa học và Công nghệ trước ngày 28 tháng cuối quý.",
    )
    found = asked_by(BY_QUARTER, own, city, today=JANUARY)[YEAR]
    assert [text for text, _ in found.sentences] == [own, city]
    assert ([day.day for day in found.days.report_by], [day.day for day in found.days.submit_by]) == (
        [date(2026, 12, 4)], [date(2026, 12, 25)],
    )  # fmt: skip


def test_the_month_after_is_still_about_the_one_before() -> None:
    found = days(
        APRIL, "Các đơn vị báo cáo tháng trước ngày 05 tháng sau.", "Báo cáo quý trước ngày 10 tháng đầu quý sau."
    )
    assert found[MONTH] == [date(2026, 5, 4)]
    assert found[QUARTER] == [date(2026, 4, 9)]


def test_quarters_that_differ_are_told_and_the_earlier_day_is_proposed() -> None:
    asked = asked_by("Các đơn vị báo cáo quý I trước ngày 15/3, quý III trước ngày 25/9.", today=JANUARY)[QUARTER]
    alike = contradicting(asked.days.report_by)
    assert [(each.day, each.words) for each in alike] == [
        (date(2026, 3, 14), "trước ngày 15/3"), (date(2026, 3, 24), "trước ngày 25/9"),
    ]  # fmt: skip


def test_the_wards_own_day_is_of_the_same_quarter() -> None:
    city = "Phường tổng hợp báo cáo Sở Khoa học và Công nghệ hằng quý trước ngày 01 của tháng đầu quý sau."
    found = asked_by(BY_QUARTER, city, today=date(2026, 3, 26))[QUARTER].days
    assert ([day.day for day in found.report_by], [day.day for day in found.submit_by]) == (
        [date(2026, 6, 24)], [date(2026, 6, 30)],
    )  # fmt: skip


# --- the calendar ---


def asked(made: CycleWard, kind: CycleKind, month: int, day: int) -> Asked:
    """Of the year after this one."""
    return Asked(kind=kind, report_by=date(made.year() + 1, month, day), report_by_source=SOURCE)


@pytest.mark.both_databases
def test_where_two_reports_end_together_the_longer_one_stands_for_both(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year = made.year() + 1
    kinds = [asked(made, QUARTER, 3, 19), asked(made, HALF_YEAR, 6, 14), asked(made, YEAR, 12, 4)]
    plan(made, *kinds)
    at_work(made, date(year, 1, 4))
    opened = {name for month in range(2, 13) for name in at_work(made, date(year, month, 25))}
    assert opened == {f"Quý I năm {year}", f"6 tháng đầu năm {year}", f"Quý III năm {year}", f"Năm {year}"}


def test_after_nine_months_no_third_quarter_is_asked_and_a_month_ends_in_neither(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year = made.year() + 1
    plan(made, asked(made, MONTH, 1, 20), asked(made, QUARTER, 3, 24), asked(made, NINE_MONTHS, 9, 14))
    at_work(made, date(year, 1, 20))
    opened = set(at_work(made, date(year, 12, 31)))
    months = {f"Tháng {month} năm {year}" for month in (1, 2, 4, 5, 7, 8, 10, 11)}
    assert opened == {*months, *(f"Quý {n} năm {year}" for n in ("I", "II", "IV")), f"9 tháng đầu năm {year}"}


def test_where_two_reports_are_owed_by_the_same_day_the_longer_one_stands_for_both(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year, calendar = made.year() + 1, Calendar()
    day = calendar.on_or_before(date(year, 12, 4))
    plan(made, asked(made, MONTH, 11, 4), Asked(kind=YEAR, report_by=day, report_by_source=SOURCE))
    at_work(made, date(year, 1, 4))
    opened = at_work(made, date(year, 12, 31))
    assert {f"Tháng 10 năm {year}", f"Năm {year}"} == set(opened)


def test_a_quarter_opens_20_working_days_before_its_day_and_a_month_10(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year, calendar = made.year() + 1, Calendar()
    plan(made, asked(made, QUARTER, 9, 24), asked(made, MONTH, 11, 19))
    at_work(made, date(year, 1, 4))
    for name, day, before in (("Quý III", date(year, 9, 24), 20), ("Tháng 11", date(year, 11, 19), 10)):
        opens = calendar.shift(calendar.on_or_before(day), -before)
        assert f"{name} năm {year}" not in at_work(made, calendar.shift(opens, -1))
        assert f"{name} năm {year}" in at_work(made, opens)


@pytest.mark.parametrize("has_day", [False, True])
def test_quarters_that_were_over_when_they_were_planned_are_not_asked(ward: Ward, has_day: bool) -> None:
    made = issue(ward, [Row("yte")])
    quarterly = asked(made, QUARTER, 3, 24) if has_day else Asked(kind=QUARTER)
    plan(made, quarterly)
    planned_on = date(made.year() + 1, 8, 3)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlannedCycle.__table__).values(planned_on=planned_on))
    plan(made, quarterly, Asked(kind=CycleKind.FINAL, year=2099))  # Stated anew, it was planned before.
    at_work(made, planned_on)
    year = planned_on.year
    assert at_work(made, date(year, 12, 30)) == [f"Quý III năm {year}", f"Quý IV năm {year}"]


def test_a_half_year_that_was_over_when_the_plan_was_issued_stands_for_no_quarter(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year, visitor = made.year() + 1, made.signed_in(FOCAL)
    plan(made, asked(made, QUARTER, 3, 28), asked(made, HALF_YEAR, 6, 9))
    at_work(made, date(year, 1, 4))
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(Plan.__table__).values(issued_at=datetime(year, 6, 14, 9, tzinfo=LOCAL)))
    assert f"“Quý II năm {year}”" in text_of(visitor.get(f"/ke-hoach/{made.plan_id}/lich-bao-cao"))
    assert at_work(made, date(year, 6, 28)) == [f"Quý II năm {year}"]


def test_a_quarter_that_was_opened_by_hand_is_not_opened_again(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year = made.year() + 1
    plan(made, asked(made, QUARTER, 3, 24), asked(made, MONTH, 3, 24))
    at_work(made, date(year, 1, 4))
    made.execute(StartCycle(plan_id=made.plan_id, name="Báo cáo quý 1", year=year), FOCAL)
    [row] = made.rows(sa.select(ReportingCycle.kind, ReportingCycle.report_by))
    assert row == (QUARTER, Calendar().on_or_before(date(year, 3, 24)))
    assert at_work(made, date(year, 3, 24)) == ["Báo cáo quý 1"]


# --- the page ---


def test_the_page_tells_the_next_quarter_and_which_lie_within_a_longer_report(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year, visitor = made.year() + 1, made.signed_in(FOCAL)
    address = f"/ke-hoach/{made.plan_id}/lich-bao-cao"
    days = {"quarter-report_by": f"22/03/{year}", "quarter-submit_by": f"30/03/{year}"}
    values = {
        "quarter-asked": "on", **days, **{f"{name}_source": SOURCE for name in days}, "half_year-asked": "on",
    }  # fmt: skip
    assert visitor.post(f"{address}/sua", values).status_code == 302
    page = text_of(visitor.get(address))
    last = Calendar().on_or_before(date(year, 3, 22))
    assert f"“Quý I năm {year}”, hạn {last:%d/%m/%Y}" in page
    assert "Báo cáo quý hằng quý Quý II lồng trong báo cáo 6 tháng." in page and "Quý IV lồng" not in page
    several = {"month-asked": "on", "quarter-asked": "on", "half_year-asked": "on", "year-asked": "on"}
    assert visitor.post(f"{address}/sua", several).status_code == 302
    page = text_of(visitor.get(address))
    assert "Tháng 3, tháng 9 lồng trong báo cáo quý. Tháng 6 lồng trong báo cáo 6 tháng." in page


def test_the_years_calendar_names_the_last_day_of_each_report(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year, calendar = made.year() + 1, Calendar()
    plan(made, asked(made, YEAR, 12, 4), asked(made, QUARTER, 3, 22), Asked(kind=HALF_YEAR))
    at_work(made, date(year, 1, 4))
    days = [calendar.on_or_before(date(year, month, 22)) for month in (3, 9)]
    quarters = "; ".join(f"Quý {n} năm {year} {day:%d/%m/%Y}" for n, day in zip(("I", "III"), days, strict=True))
    page = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}/lich?nam={year}"))
    assert f"Đơn vị báo cáo chậm nhất: {quarters}; Năm {year} 04/12/{year}." in page
