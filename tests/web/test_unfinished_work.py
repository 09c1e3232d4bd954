"""What is not finished when the year's last report goes up: it goes on, and the next year's cycles ask for it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.plan_wards import confirm, plan_file, plan_id_of, upload
from tests.web.remembering import remembered
from tests.web.test_a_quarters_report import come
from tests.web.test_cycle_kinds import opened
from tests.web.test_issued_reports import HALF
from tests.web.test_linked_cases import send_up
from tests.web.test_settled_reports import shown
from tests.web.wards import Ward
from webapp.cycles.models import ReportingCycle
from webapp.plans.models import OccurrenceState, TaskOccurrence
from webapp.plans.years import BeginYear
from webapp.procedures.bundles import deploy_shipped

pytestmark = pytest.mark.both_databases

YEARLY, QUARTER, OF_YEAR, TIMELESS, AWAITING = "1", "2", "3", "4", "5"


def issued(ward: Ward, *ordinals: str) -> CycleWard:
    """A plan of next year with some of the tasks, each of a timing of its own; the calendar opens its yearly cycle."""
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    year = ward.now().year + 1
    come(ward, date(year, 1, 5))
    timings = {
        YEARLY: ("Duy trì tổ công nghệ số", "Thường xuyên"), QUARTER: ("Mở lớp kỹ năng số", f"Quý IV/{year}"),
        OF_YEAR: ("Số hóa hồ sơ đất đai", f"Năm {year}"), TIMELESS: ("Lập kho dữ liệu", ""),
        AWAITING: ("Sửa nhà văn hóa", "Sau khi có hướng dẫn của thành phố"),
    }  # fmt: skip
    rows = [(one, timings[one][0], "Trạm Y tế phường", "", timings[one][1], "Báo cáo") for one in ordinals]
    visitor = ward.signed_in(FOCAL)
    address = upload(visitor, plan_file(rows)).location.removesuffix("/xem-truoc")
    made = CycleWard(
        ward, plan_id_of(address), Calendar().last_working_day_before(date(year, 12, 5)), date(year, 12, 14)
    )  # fmt: skip
    days = {"report_by": f"{made.report_by:%d/%m/%Y}", "submit_by": f"{made.submit_by:%d/%m/%Y}"}
    sources = {"report_by_source": "Kế hoạch này", "submit_by_source": "Kế hoạch này"}
    confirm(ward, visitor, address, issued_on=f"05/01/{year}", **days, **sources)
    planned = {"year-asked": "on", "year-report_by": days["report_by"], "year-report_by_source": "Kế hoạch này"}
    visitor.post(f"{address}/lich-bao-cao/sua", planned)
    assert visitor.post(f"{address}/giao-viec").status_code == 302
    made.settle()
    for one in set(ordinals) - {AWAITING}:
        made.do("accept", "yte.truong", made.case(one), decision="accept", officer=str(ward.person("yte.cv1")))
    assert come(ward, date(year, 11, 20)) == [f"Năm {year}"]
    made.cycle_id = newest_cycle(made)
    made.do(
        "open_cycle", FOCAL, made.cycle_id, kind="year", last_of_year=True, report_by=made.report_by.isoformat(),
        submit_by=made.submit_by.isoformat(), source="Kế hoạch", recipient="Sở Khoa học và Công nghệ", signer="chair",
        vice_chair=None,
    )  # fmt: skip
    return made


@remembered
def reported(ward: Ward) -> CycleWard:
    """The city has the year's report, which says of every task that it is half done."""
    ordinals = YEARLY, QUARTER, OF_YEAR, TIMELESS
    made = issued(ward, *ordinals)
    for one in ordinals:
        made.send(one, "yte", **HALF)
    made.take(*ordinals)
    send_up(made)
    assert made.failed_jobs() == []
    return made


def newest_cycle(made: CycleWard) -> UUID:
    return made.rows(sa.select(ReportingCycle.id).order_by(ReportingCycle.id.desc()).limit(1))[0][0]


def cases(made: CycleWard) -> dict[str, OccurrenceState]:
    """The state of each task's newest case."""
    of_plan = TaskOccurrence.plan_id == made.plan_id
    query = sa.select(TaskOccurrence.id, TaskOccurrence.state).where(of_plan)
    states = dict(tuple(row) for row in made.rows(query))
    return {one: states[made.case(one)] for one in (YEARLY, QUARTER, OF_YEAR, TIMELESS)}


def due(made: CycleWard, ordinal: str) -> date:
    return made.rows(sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == made.case(ordinal)))[0][0]


def test_the_years_report_ends_only_what_the_next_years_case_goes_on_with(ward: Ward) -> None:
    made, going_on = reported(ward), OccurrenceState.IN_PROGRESS
    year, first = made.year(), made.case(YEARLY)
    assert cases(made) == {
        YEARLY: OccurrenceState.CARRIED_OVER, QUARTER: going_on, OF_YEAR: going_on, TIMELESS: going_on,
    }  # fmt: skip
    assert "Chuyển năm sau" in shown(made, f"/ke-hoach/{made.plan_id}", FOCAL)
    assert {one: due(made, one) for one in (QUARTER, OF_YEAR)} == dict.fromkeys((QUARTER, OF_YEAR), date(year, 12, 31))
    assert due(made, TIMELESS) == Calendar().on_or_before(made.report_by.replace(year=year + 1))
    come(ward, date(year + 1, 1, 4))
    assert made.case(YEARLY) != first and cases(made)[YEARLY] is going_on


def test_what_is_finished_by_its_own_day_is_told_by_the_next_years_first_cycle(ward: Ward) -> None:
    made = reported(ward)
    year = made.year()
    ward.move_clock(datetime(year, 12, 28, 9, tzinfo=LOCAL).astimezone(UTC))
    made.send(QUARTER, "yte", result="Đã mở đủ các lớp")
    made.take(QUARTER)
    come(ward, date(year + 1, 1, 4))
    made.report_by, made.submit_by = date(year + 1, 1, 20), date(year + 1, 1, 29)
    opened(made, "Tháng 1", "ad_hoc")
    assert made.entries() == {YEARLY: "asked", QUARTER: "taken", OF_YEAR: "asked", TIMELESS: "asked"}
    made.cut_off(yte="Chưa có số liệu")
    send_up(made)
    assert cases(made)[QUARTER] is OccurrenceState.DONE
    for one in (year, year + 1):
        page = shown(made, f"/ke-hoach/{made.plan_id}?nam={one}", FOCAL)
        assert "Mở lớp kỹ năng số" in page and "Đã hoàn thành" in page
        assert ("Việc năm" in page) == (one != year)
    made.open_cycle(f"Năm {year + 1}")
    assert made.entries()[QUARTER] == "taken", "The year's later reports state it too."


def test_what_is_not_finished_by_the_end_of_its_year_is_overdue_in_the_next(ward: Ward) -> None:
    made = reported(ward)
    year = made.year()
    plan = f"/ke-hoach/{made.plan_id}"
    assert f"Năm {year}" in shown(made, plan, FOCAL) and "Việc năm" not in shown(made, plan, FOCAL)
    come(ward, date(year + 1, 1, 4))
    page = shown(made, plan, FOCAL)
    assert page.count(f"Việc năm {year}") == 3 and page.count("Quá hạn") >= 2
    overdue = shown(made, f"{plan}?trang-thai=overdue", FOCAL)
    assert "Mở lớp kỹ năng số" in overdue and "Số hóa hồ sơ đất đai" in overdue and "Lập kho dữ liệu" not in overdue
    assert f'name="year" value="{year + 1}"' in made.signed_in(FOCAL).get("/ky-bao-cao/mo").get_data(as_text=True)
    opened(made, "Tháng 1", "ad_hoc")
    assert "4 nhiệm vụ được hỏi" in shown(made, f"/ky-bao-cao/{made.cycle_id}", FOCAL)


def test_the_calendar_asks_for_what_goes_on_where_nothing_else_is_left(ward: Ward) -> None:
    made = issued(ward, OF_YEAR)
    year = made.year()
    made.send(OF_YEAR, "yte", **HALF)
    made.take(OF_YEAR)
    send_up(made)
    assert come(ward, date(year + 1, 11, 20)) == [f"Năm {year}", f"Năm {year + 1}"]


def test_the_calendar_asks_again_for_what_the_years_last_cycle_went_without(ward: Ward) -> None:
    made = issued(ward, OF_YEAR)
    year = made.year()
    made.cut_off(yte="Chưa có số liệu")
    assert come(ward, date(year + 1, 11, 20)) == [f"Năm {year}", f"Năm {year + 1}"]
    assert due(made, OF_YEAR) == made.report_by, "It stays overdue."


def test_what_still_waits_for_its_document_is_told_by_the_next_years_reports_too(ward: Ward) -> None:
    made = issued(ward, QUARTER, AWAITING)
    year = made.year()
    made.send(QUARTER, "yte", **HALF)
    made.take(QUARTER)
    send_up(made)
    come(ward, date(year + 1, 1, 4))
    opened(made, "Tháng 1", "ad_hoc")
    assert made.entries() == {QUARTER: "asked", AWAITING: "waiting"}
    assert "Sửa nhà văn hóa" in shown(made, f"/ke-hoach/{made.plan_id}", FOCAL)


def test_a_cycle_of_the_next_year_that_collects_asks_at_once_for_what_goes_on(ward: Ward) -> None:
    made = issued(ward, YEARLY, QUARTER)
    last = made.cycle_id
    for one in (YEARLY, QUARTER):
        made.send(one, "yte", **HALF)
        made.take(one)
    ward.execute(BeginYear(plan_id=made.plan_id, year=made.year() + 1))
    opened(made, "Tháng 1", "ad_hoc")
    assert made.entries() == {YEARLY: "asked"}
    early, made.cycle_id = made.cycle_id, last
    send_up(made)
    made.cycle_id = early
    assert made.entries() == {YEARLY: "asked", QUARTER: "asked"}
