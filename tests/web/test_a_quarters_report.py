"""A quarter's report from the plan's words to the city: the work goes on past it, and the year's report closes it."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar
from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.plan_wards import HEAD, confirm, plan_file, plan_id_of, upload
from tests.web.test_documents import send
from tests.web.test_indicators import written
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import ReportingCycle
from webapp.cycles.report_data import report_document
from webapp.plans.models import OccurrenceState, TaskOccurrence
from webapp.procedures.bundles import deploy_shipped

BY_QUARTER = "Các đơn vị báo cáo hằng quý trước ngày 25 của tháng cuối quý."
ROWS = (("1", "Số hóa hồ sơ đất đai", "Trạm Y tế phường", "", "Thường xuyên", "Báo cáo"),)


def come(ward: Ward, day: date) -> list[str]:
    """The calendar's work of a morning; the names of all cycles after it."""
    ward.move_clock(datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL).astimezone(UTC))
    with ward.app.app_context():
        do_calendar_work(ward.runtime, ward.now())
        settle(ward.runtime)
    return [name for (name,) in ward.rows(sa.select(ReportingCycle.name).order_by(ReportingCycle.id))]


def issued(ward: Ward, year: int) -> CycleWard:
    """A plan that asks for reports by quarter and year: previewed, confirmed, both planned as proposed, issued."""
    visitor, calendar = ward.signed_in(FOCAL), Calendar()
    head = HEAD.replace("PHỤ LỤC", f"{BY_QUARTER}\n\nPHỤ LỤC")
    address = upload(visitor, plan_file(ROWS, head)).location.removesuffix("/xem-truoc")
    page = text_of(visitor.get(f"{address}/xem-truoc"))
    assert f"Báo cáo quý: đơn vị gửi chậm nhất 24/03/{year} (“trước ngày 25 của tháng cuối quý”" in page
    made = CycleWard(
        ward, plan_id_of(address), calendar.last_working_day_before(date(year, 12, 5)), date(year, 12, 14)
    )  # fmt: skip
    confirm(
        ward, visitor, address, issued_on=f"05/01/{year}", report_by=f"{made.report_by:%d/%m/%Y}",
        report_by_source="Kế hoạch này", accepted="on",
    )  # fmt: skip
    assert "Kế hoạch nêu báo cáo quý nhưng chưa đặt lịch" in text_of(visitor.get(f"{address}/giao-viec"))
    form = visitor.get(f"{address}/lich-bao-cao/sua").get_data(as_text=True)
    assert f'name="quarter-report_by" value="24/03/{year}"' in form
    values = {
        "year-asked": "on", "year-report_by": f"{made.report_by:%d/%m/%Y}", "year-report_by_source": "Kế hoạch này",
        "quarter-asked": "on", "quarter-report_by": f"24/03/{year}", "quarter-report_by_source": BY_QUARTER,
    }  # fmt: skip
    assert visitor.post(f"{address}/lich-bao-cao/sua", values).status_code == 302
    assert visitor.post(f"{address}/giao-viec").status_code == 302
    made.settle()
    made.do("accept", "yte.truong", made.case("1"), decision="accept", officer=str(ward.person("yte.cv1")))
    return made


def open_newest(made: CycleWard, kind: str, report_by: date) -> None:
    """The step "Mở kỳ", which shows the plan's day; the city's is stated."""
    [(made.cycle_id,)] = made.rows(sa.select(ReportingCycle.id).order_by(ReportingCycle.id.desc()).limit(1))
    form = made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}/mo-ky").get_data(as_text=True)
    assert f'<option value="{kind}" selected>' in form and f"{report_by:%d/%m/%Y}" in form
    submit_by = Calendar().shift(report_by, 6)
    made.do(
        "open_cycle", FOCAL, made.cycle_id, kind=kind, last_of_year=kind == "year", report_by=report_by.isoformat(),
        submit_by=submit_by.isoformat(), source="Kế hoạch", recipient="Sở Khoa học và Công nghệ", signer="chair",
        vice_chair=None,
    )  # fmt: skip
    assert made.entries() == {"1": "asked"}


def goes_up(made: CycleWard) -> None:
    """The unit reports that it goes on; taken, consolidated, signed, sent and received."""
    made.send("1", "yte", outcome="in_progress", result="Đã số hóa một phần")
    made.take("1")
    made.consolidate(text=None)
    made.approve()
    send(made)
    made.send_message("city_received", "vanthu", made.cycle_id, received_on=made.today().isoformat(), number="118")
    assert made.failed_jobs() == []


def subject(made: CycleWard) -> str:
    with made.ward.runtime.reading() as connection, sa.orm.Session(connection) as read:
        return report_document(read, made.report_id(), made.today()).subject


@pytest.mark.both_databases
def test_a_quarters_report_goes_up_the_work_goes_on_and_the_years_closes_it(ward: Ward) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    year, calendar = ward.now().year + 1, Calendar()
    come(ward, date(year, 1, 5))
    made = issued(ward, year)
    last = calendar.on_or_before(date(year, 3, 24))
    assert come(ward, calendar.shift(last, -21)) == []
    assert come(ward, calendar.shift(last, -20)) == [f"Quý I năm {year}"]
    open_newest(made, "quarter", last)
    goes_up(made)
    assert f"Kết quả quý I năm {year} thực hiện Kế hoạch số 45/KH-UBND" in subject(made)
    assert f"báo cáo kết quả thực hiện quý I năm {year} như sau" in written(made)
    assert made.open_steps(made.case("1")) == ["execute"], "The work goes on."

    for month in (6, 9):
        come(ward, date(year, month, 15))
    assert come(ward, date(year, 11, 20))[1:] == [f"Quý II năm {year}", f"Quý III năm {year}", f"Năm {year}"]
    open_newest(made, "year", made.report_by)
    goes_up(made)
    assert come(ward, date(year, 12, 31))[-1] == f"Năm {year}", "It stands for the fourth quarter's."
    [(state, ended)] = made.rows(sa.select(TaskOccurrence.state, TaskOccurrence.ended_at))
    assert state is not OccurrenceState.IN_PROGRESS and ended is not None
