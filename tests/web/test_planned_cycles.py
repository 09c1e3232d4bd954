"""Which reports a plan asks for: read, stated by a person, opened by the calendar each once."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar, local_date
from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import EASY, HEAD, confirm, imported, plan_file, plan_id_of, upload
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import CycleKind, PlannedCycle, ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.cycles.periods import kind_of
from webapp.cycles.planning import Asked, PlanCycles
from webapp.cycles.schedules import Planned, cycles_due
from webapp.plans.deadlines import ProposedCycle, contradicting, proposed_cycles
from webapp.plans.models import Plan, TaskOccurrence
from webapp.plans.reading import read_plan
from webapp.procedures.bundles import deploy_shipped


def asked_by(*sentences: str, today: date = date(2026, 3, 2)) -> dict[CycleKind, ProposedCycle]:
    rows = "STT\tNội dung\tĐơn vị chủ trì\n1\tHọp\tTrạm Y tế"
    body = "\n\n".join(sentences)
    reading = read_plan("k.txt", f"KẾ HOẠCH\n\nThử\n\n{body}\n\nPHỤ LỤC\n\n{rows}".encode())
    duties = [duty.to_json() for duty in reading.head.reporting_duties]
    return proposed_cycles(duties, Calendar(), today)


# --- what a plan's words ask for ---


def test_each_kind_of_report_is_told_from_the_words() -> None:
    found = asked_by(
        "Các đơn vị báo cáo Ủy ban nhân dân phường 6 tháng trước ngày 15/6, báo cáo năm trước ngày 05/12.",
        "Tổ chức sơ kết (giai đoạn 2026-2028).", "Tổng kết việc thực hiện Kế hoạch trong năm 2030.",
    )  # fmt: skip
    days = {kind: [day.day for day in each.days.report_by] for kind, each in found.items()}
    assert days == {
        CycleKind.YEAR: [date(2026, 12, 4)], CycleKind.HALF_YEAR: [date(2026, 6, 12)], CycleKind.MIDTERM: [],
        CycleKind.FINAL: [],
    }  # fmt: skip
    assert (found[CycleKind.MIDTERM].year, found[CycleKind.FINAL].year) == (2028, 2030)


def test_of_two_days_a_year_the_one_in_its_middle_is_of_the_first_half() -> None:
    found = asked_by(
        "Các đơn vị định kỳ 6 tháng (trước ngày 05/6) và hằng năm (trước ngày 05/12) gửi báo cáo.",
        "Phường báo cáo Sở Khoa học và Công nghệ trước ngày 15/6 và trước ngày 15/12 hằng năm.",
    )
    days = {kind: [day.day for day in each.days.submit_by] for kind, each in found.items()}
    assert days == {CycleKind.YEAR: [date(2026, 12, 14)], CycleKind.HALF_YEAR: [date(2026, 6, 12)]}


def test_days_within_the_year_are_not_the_years() -> None:
    found = asked_by("Định kỳ hằng quý (trước ngày 20/3, 20/6, 20/9), các đơn vị báo cáo Phòng Văn hóa - Xã hội.")
    assert list(found) == [CycleKind.QUARTER]
    found = asked_by("Các đơn vị báo cáo quý I trước ngày 20/3, quý II trước ngày 20/6, báo cáo năm trước ngày 05/12.")
    assert [day.day for day in found[CycleKind.YEAR].days.report_by] == [date(2026, 12, 4)]


def test_the_page_says_that_no_calendar_opens_what_is_asked_every_week(ward: Ward) -> None:
    sentence = "Hằng tuần các đơn vị gửi báo cáo, định kỳ về Phòng Văn hóa - Xã hội."
    visitor = ward.signed_in(FOCAL)
    said = HEAD.replace("PHỤ LỤC", f"{sentence}\n\nPHỤ LỤC")
    address = upload(visitor, plan_file(EASY, said)).location.removesuffix("/xem-truoc")
    confirm(ward, visitor, address)
    page = text_of(visitor.get(f"{address}/lich-bao-cao"))
    assert "Kế hoạch có nêu báo cáo hằng tuần: các kỳ này không tự mở" in page
    assert sentence.rstrip(".") in page


def test_periods_without_days_are_asked_too() -> None:
    found = asked_by("Chủ trì tham mưu xây dựng các báo cáo định kỳ (6 tháng, năm), báo cáo sơ kết, tổng kết.")
    assert list(found) == [CycleKind.YEAR, CycleKind.HALF_YEAR, CycleKind.MIDTERM, CycleKind.FINAL]
    assert asked_by("Báo cáo đột xuất khi có yêu cầu.") == {}


def test_of_two_days_for_one_report_the_earlier_stands_first_and_both_are_told() -> None:
    found = asked_by(
        "Các đơn vị báo cáo Ủy ban nhân dân phường trước ngày 10/12 hằng năm.",
        "Hằng năm các phòng gửi báo cáo trước ngày 05/12.",
    )
    days = contradicting(found[CycleKind.YEAR].days.report_by)
    assert [day.words for day in days] == ["trước ngày 05/12", "trước ngày 10/12"]


def test_days_that_contradict_are_told_in_the_preview(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    said = HEAD.replace("PHỤ LỤC", "Các phòng gửi báo cáo trước ngày 20/12 hằng năm.\n\nPHỤ LỤC")
    address = upload(visitor, plan_file(EASY, said)).location
    page = text_of(visitor.get(address))
    assert "Hạn đơn vị báo cáo ghi “trước ngày 05/12”" in page
    assert "“trước ngày 20/12”" in page and "áp dụng hạn sớm hơn" in page
    reversed_days = said.replace("trước ngày 05/12", "trước ngày 22/12")
    address = upload(visitor, plan_file(EASY, reversed_days)).location
    assert "hạn của đơn vị phải sớm hơn để kịp tổng hợp" in text_of(visitor.get(address))
    assert "mâu thuẫn" not in text_of(visitor.get(imported(ward)[1] + "/xem-truoc"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Năm 2026", CycleKind.YEAR), ("6 tháng đầu năm 2027", CycleKind.HALF_YEAR), ("Sơ kết năm 2028", "midterm"),
        ("Tổng kết năm 2030", CycleKind.FINAL), ("Theo Công văn số 15", CycleKind.AD_HOC),
        ("Quý I năm 2027", "quarter"), ("9 tháng đầu năm 2027", "nine_months"), ("Tháng 5 năm 2027", "month"),
        ("3 tháng đầu năm 2027", CycleKind.AD_HOC), ("Theo Công văn ngày 12 tháng 5", CycleKind.AD_HOC),
    ],
)  # fmt: skip
def test_a_cycles_name_says_its_kind(name: str, kind: CycleKind) -> None:
    assert kind_of(name) is CycleKind(kind)


def test_a_report_without_a_day_is_due_at_the_end_of_each_year_from_the_plans_first() -> None:
    planned = Planned(plan_id=Plan().id, since=2026, kind=CycleKind.YEAR)
    due = cycles_due(planned, (2025, 2026, 2027), Calendar())
    assert [cycle.last_day for cycle in due] == [date(2026, 12, 31), date(2027, 12, 31)]


def test_a_day_early_in_the_year_is_about_the_year_before() -> None:
    planned = Planned(plan_id=Plan().id, since=2026, kind=CycleKind.YEAR, report_by=date(2027, 1, 14))
    due = cycles_due(planned, (2025, 2026, 2027), Calendar())
    assert [(cycle.period.name, cycle.last_day) for cycle in due] == [
        ("Năm 2026", date(2027, 1, 14)), ("Năm 2027", date(2028, 1, 14)),
    ]  # fmt: skip


# --- the calendar ---


def at_work(made: CycleWard, day: date) -> list[str]:
    """The names of all cycles after the calendar's work of a morning."""
    with made.ward.app.app_context():
        morning = datetime(day.year, day.month, day.day, 8, tzinfo=LOCAL).astimezone(UTC)
        do_calendar_work(made.ward.runtime, morning)
        settle(made.ward.runtime)
    return [name for (name,) in made.rows(sa.select(ReportingCycle.name).order_by(ReportingCycle.id))]


def half_year(made: CycleWard) -> Asked:
    """A half-yearly report in June of the year after this."""
    day = date(made.year() + 1, 6, 14)
    return Asked(kind=CycleKind.HALF_YEAR, report_by=day, report_by_source="Kế hoạch này, mục V")


def plan(made: CycleWard, *asked: Asked) -> None:
    made.execute(PlanCycles(plan_id=made.plan_id, cycles=asked), FOCAL)


@pytest.mark.both_databases
def test_half_yearly_and_final_cycles_open_by_themselves_each_once(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    year = made.year() + 1
    plan(made, half_year(made), Asked(kind=CycleKind.FINAL, year=year))
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    opens = calendar.shift(date(year, 6, 14), -20)
    assert at_work(made, date(year, 1, 4)) == []
    assert at_work(made, calendar.shift(opens, -1)) == []
    names = [f"6 tháng đầu năm {year}"]
    assert at_work(made, opens) == at_work(made, opens) == at_work(made, opens + timedelta(days=9)) == names
    query: sa.Select[Any] = sa.select(ReportingCycle.kind, ReportingCycle.report_by, ReportingCycle.report_by_source)
    row = made.rows(query)[0]
    assert row == (CycleKind.HALF_YEAR, date(year, 6, 14), "Kế hoạch số 45/KH-UBND, mục V")
    assert at_work(made, date(year, 12, 30)) == [*names, f"Tổng kết năm {year}"]
    assert at_work(made, opens) == [*names, f"Tổng kết năm {year}"]  # The clock was put back.


def test_a_cycle_missed_in_an_outage_is_opened_late_once(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    after, name = made.report_by + timedelta(days=40), f"Năm {made.year()}"
    assert at_work(made, after) == at_work(made, after + timedelta(days=1)) == [name]


def test_one_that_was_opened_by_hand_is_not_opened_again(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    made.execute(StartCycle(plan_id=made.plan_id, name="Báo cáo cả năm", year=made.year()), FOCAL)
    assert at_work(made, made.report_by) == ["Báo cáo cả năm"]


def test_what_is_no_longer_asked_does_not_open(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    plan(made)
    assert at_work(made, made.report_by) == []


# --- the page ---


def test_the_page_proposes_what_the_plan_says_and_keeps_what_is_stated(ward: Ward) -> None:
    visitor, address = imported(ward)
    confirm(ward, visitor, address)
    page = text_of(visitor.get(f"{address}/lich-bao-cao"))
    assert "Kế hoạch có nêu báo cáo năm nhưng chưa đặt lịch" in page
    form = visitor.get(f"{address}/lich-bao-cao/sua").get_data(as_text=True)
    assert "trước ngày 05/12" in form and 'name="year-asked" value="on">' in form
    values = {
        "year-asked": "on", "year-report_by": "04/12/2026", "year-report_by_source": "Kế hoạch này",
        "midterm-asked": "on", "midterm-year": "2028", "half_year-report_by": "14/06/2027",
    }  # fmt: skip
    assert visitor.post(f"{address}/lich-bao-cao/sua", values).status_code == 302
    assert made_of(ward) == [("midterm", 2028), ("year", None)]
    page = text_of(visitor.get(f"{address}/lich-bao-cao"))
    assert "“Sơ kết năm 2028”" in page and "04/12/2026 Kế hoạch này" in page


def made_of(ward: Ward) -> list[tuple[str, int | None]]:
    query: sa.Select[Any] = sa.select(PlannedCycle.kind, PlannedCycle.year)
    rows = ward.rows(query)
    return sorted((kind.value, year) for kind, year in rows)


def test_what_is_wrong_is_said_at_its_field(ward: Ward) -> None:
    visitor, address = imported(ward)
    confirm(ward, visitor, address)
    values = {
        "final-asked": "on", "final-report_by": "10/10/2030", "final-submit_by": "09/10/2030",
        "final-submit_by_source": "CV 8", "half_year-asked": "on", "half_year-report_by": "31/06/2027",
    }  # fmt: skip
    answer = visitor.post(f"{address}/lich-bao-cao/sua", values)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    faulty = ("final-year", "final-report_by_source", "final-submit_by", "half_year-report_by")
    assert all(f'href="#f-{name}"' in page for name in faulty)
    assert 'value="31/06/2027"' in page and made_of(ward) == []


def test_a_new_yearly_day_moves_the_cases_that_hang_on_it(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    day = made.report_by + timedelta(days=3)
    plan(made, Asked(kind=CycleKind.YEAR, report_by=day, report_by_source="Công văn số 9"))
    due = made.rows(sa.select(TaskOccurrence.due_on))
    assert due == [(day,)]
    made.open_cycle()
    answer = made.signed_in(FOCAL).post(f"/ke-hoach/{made.plan_id}/lich-bao-cao/sua", {"year-asked": "on"})
    assert "Đổi hạn theo văn bản" in text_of(answer) and made.failed_jobs() == []


def test_a_plan_without_a_day_gets_its_cases_due_when_the_years_cycle_opens(ward: Ward) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    visitor, address = imported(ward)
    today = local_date(ward.now())
    confirm(ward, visitor, address, issued_on=f"{today:%d/%m/%Y}")
    assert visitor.post(f"{address}/giao-viec").status_code == 302
    made = CycleWard(ward, plan_id_of(address), today + timedelta(days=20), today + timedelta(days=30))
    made.settle()
    dues = sa.select(TaskOccurrence.due_on).distinct()
    assert made.rows(dues) == [(None,)]
    made.open_cycle()
    assert made.rows(dues) == [(made.report_by,)]


def test_late_in_a_half_year_is_who_missed_its_own_day(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    name, yesterday = "6 tháng", local_date(ward.now()) - timedelta(days=1)
    made.cycle_id = made.execute(StartCycle(plan_id=made.plan_id, name=name, year=made.year()), FOCAL)
    made.do(
        "open_cycle", FOCAL, made.cycle_id, kind="half_year", last_of_year=False,
        report_by=yesterday.isoformat(), submit_by=made.submit_by.isoformat(), source="CV", recipient="Sở",
        signer="chair", vice_chair=None,
    )  # fmt: skip
    assert "Quá hạn" in text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))


def test_a_replacing_plan_is_asked_for_the_same_reports(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    plan(made, half_year(made), Asked(kind=CycleKind.MIDTERM, year=2035))
    visitor, address = imported(ward)
    assert visitor.post(f"{address}/thay-the", {"ke_hoach": str(made.plan_id)}).status_code == 302
    today = local_date(ward.now())
    confirm(ward, visitor, address, number="50/KH-UBND", issued_on=f"{today:%d/%m/%Y}")
    new = plan_id_of(address)
    made.execute(PlanCycles(plan_id=new, cycles=(Asked(kind=CycleKind.MIDTERM, year=2028),)), FOCAL)
    assert visitor.post(f"{address}/giao-viec").status_code == 302
    query: sa.Select[Any] = sa.select(PlannedCycle.kind, PlannedCycle.year).where(PlannedCycle.plan_id == new)
    assert sorted(ward.rows(query)) == [(CycleKind.HALF_YEAR, None), (CycleKind.MIDTERM, 2028)]
