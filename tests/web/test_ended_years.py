"""A year that is over keeps its results: what ended stands as it did then, whatever day comes after."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL
from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.commands.instances import MoveDates
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue, issue_anew
from tests.web.test_exports import sheet
from tests.web.test_indicators import added, task
from tests.web.test_issued_reports import HALF
from tests.web.test_linked_cases import classify, received, send_up
from tests.web.test_settled_reports import shown
from tests.web.wards import Ward
from webapp.plans.models import TaskOccurrence
from webapp.procedures.bundles import shipped_diagram, shipped_forms

pytestmark = pytest.mark.both_databases


def in_time_until(made: CycleWard, days: int) -> None:
    """The task names a day of its own, so long after the ward's report is due."""
    case, due = made.case("1"), made.submit_by + timedelta(days=days)
    made.ward.runtime.execute(
        MoveDates(instance_id=case, dates={"deadline": due}, reason="Trong quý này"),
        actor=Actor.system(made.ward.demo.tenant_id),
    )
    with made.ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).values(is_due_with_report=False))


def ends_with_the_years_report(ward: Ward) -> None:
    """The ward's own drawing, by which nothing goes on after a report."""
    drawing = shipped_diagram("task_lifecycle").replace(b"and not submitted.last_of_year", b"and not submitted.cycle")
    ward.execute(DeployDefinition(source=drawing, forms=shipped_forms(), reason="Không làm tiếp"))


def test_what_ended_in_time_does_not_become_overdue_when_its_day_passes(ward: Ward) -> None:
    ends_with_the_years_report(ward)
    made = issue_anew(ward, (Row("khdt", "Trình đề án trong quý"),))
    in_time_until(made, 20)
    made.open_cycle()
    made.send("1", "khdt", **HALF)
    made.take("1")
    send_up(made)
    year = made.year()
    pages = f"/ket-qua?nam={year}", f"/ke-hoach/{made.plan_id}/lich?nam={year}", f"/ke-hoach/{made.plan_id}?nam={year}"
    first = [shown(made, page, FOCAL).partition(" Kế hoạch ")[2] for page in pages]
    assert "Phòng Kinh tế, Hạ tầng và Đô thị 1 0 0 1 0" in first[0] and "Chưa hoàn thành, còn trong hạn" in first[1]
    ward.move_clock(ward.now() + timedelta(days=300))
    made.settle()
    assert [shown(made, page, FOCAL).partition(" Kế hoạch ")[2] for page in pages] == first
    overdue = shown(made, f"/ke-hoach/{made.plan_id}?trang-thai=overdue", FOCAL)
    assert "Trình đề án trong quý" not in overdue


def test_an_indicator_that_is_given_up_keeps_its_figures_in_the_years_before(ward: Ward) -> None:
    made = issue(ward, (Row("khdt"), Row("yte")))
    focal, year = made.signed_in(FOCAL), made.year()
    wanted = {"operator": "at_least", "target": "2", "unit": "buổi", "plan_task_id": task(made, "1")}
    held, never = added(made, focal, "Buổi tập huấn", **wanted), added(made, focal, "Ghi nhầm", **wanted)
    made.report("1", "khdt.cv1", indicators=[{"indicator": str(held), "value": 3, "note": None}])
    ward.move_clock(datetime(year + 1, 1, 4, 9, tzinfo=LOCAL).astimezone(UTC))
    for one in (held, never):
        assert focal.post(f"/chi-tieu/{one}/bo", {"ly_do": "Không còn trong kế hoạch năm nay"}).status_code == 302
    pages = {one: shown(made, f"/ke-hoach/{made.plan_id}/chi-tieu?nam={one}", FOCAL) for one in (year, year + 1)}
    assert f"Buổi tập huấn Đã bỏ ngày 04/01/{year + 1}" in pages[year] and "≥ 2 buổi mỗi năm 3 buổi" in pages[year]
    assert "Ghi nhầm" not in pages[year] and "Buổi tập huấn" not in pages[year + 1]
    rows = sheet(made, f"/ke-hoach/{made.plan_id}/chi-tieu.xlsx?nam={year}")
    assert [row[1] for row in rows if row[:1] == (1,)] == [f"Buổi tập huấn (đã bỏ ngày 04/01/{year + 1})"]


def test_a_target_that_is_changed_after_the_years_report_went_up_counts_from_then_on(ward: Ward) -> None:
    made = received(ward)
    focal, year = made.signed_in(FOCAL), made.year()
    wanted = {"name": "Buổi tập huấn", "operator": "at_least", "unit": "buổi", "period": "yearly"}
    one = added(made, focal, **wanted, target="2")
    value = {"value": "3", "as_of": f"{made.today():%d/%m/%Y}"}
    assert focal.post(f"/chi-tieu/{one}/so-lieu", value).status_code == 302
    ward.move_clock(ward.now() + timedelta(days=2))
    assert focal.post(f"/chi-tieu/{one}/sua", {**wanted, "target": "5"}).status_code == 302

    def told(asked: int) -> str:
        return shown(made, f"/ke-hoach/{made.plan_id}/chi-tieu?nam={asked}", FOCAL)

    assert "≥ 2 buổi (nay ≥ 5 buổi) mỗi năm 3 buổi 100% Đạt" in told(year)
    assert "≥ 5 buổi mỗi năm" in told(year + 1)
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Chưa khớp")
    assert "≥ 5 buổi mỗi năm 3 buổi 60% Chưa đạt" in told(year), "The next version is to say so."


def test_the_sheet_of_a_year_has_what_was_done_in_it_and_nothing_of_others(ward: Ward) -> None:
    made = issue(ward, (Row("khdt", "Việc năm nay"), Row("yte", "Việc năm sau")))
    year, later = made.year(), TaskOccurrence.__table__.c.id == made.case("2")
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).where(later).values(year=year + 1, last_year=year + 1))
    for one, there, elsewhere in ((year, "Việc năm nay", "Việc năm sau"), (year + 1, "Việc năm sau", "Việc năm nay")):
        for words in (
            shown(made, f"/ke-hoach/{made.plan_id}/lich?nam={one}", FOCAL),
            str(sheet(made, f"/ke-hoach/{made.plan_id}/lich.xlsx?nam={one}")),
        ):
            assert there in words and elsewhere not in words


def test_a_closed_case_keeps_what_was_contributed_when_another_goes_on_from_it(ward: Ward) -> None:
    made = received(ward)
    case = f"/ho-so/{made.case('1')}"
    said = "Trạm Y tế Vắng: chủ trì đã báo cáo trước"
    assert said in shown(made, case, "khdt.truong")
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu kho dữ liệu chưa khớp")
    classify(made)
    closed, linked = shown(made, case, "khdt.truong"), shown(made, f"/ho-so/{made.case('1')}", "khdt.truong")
    assert "đơn vị báo cáo lại ở hồ sơ mở tiếp" in closed
    assert said in closed and said in linked
