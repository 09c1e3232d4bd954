"""Around New Year: a plan of the next year is issued in December, and in January the old year is reported."""

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from engine.calendar import LOCAL
from tests.web.cycle_wards import FOCAL, Row, issue
from tests.web.plan_wards import HEAD, confirm, plan_file, plan_id_of, upload
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.organisation.models import Unit
from webapp.plans.issuing import first_year
from webapp.plans.models import Plan, PlanTask, PlanTaskState, PlanTaskUnit, TaskOccurrence, UnitPart
from webapp.plans.years import BeginYear


@pytest.mark.parametrize(
    ("issued", "report_by", "title", "year"),
    [
        (date(2026, 5, 12), None, "Kế hoạch năm 2026", 2026),
        (date(2026, 12, 28), date(2027, 12, 3), "Kế hoạch chuyển đổi số", 2027),
        (date(2026, 12, 28), None, "Kế hoạch chuyển đổi số năm 2027", 2027),
        (date(2026, 12, 28), None, "Kế hoạch giai đoạn 2026-2030, trọng tâm năm 2027", 2026),
        (date(2026, 11, 2), date(2026, 12, 4), "Kế hoạch năm 2027", 2026),
        (date(2026, 11, 2), date(2027, 1, 15), "Kế hoạch năm 2026", 2026),  # January's report is about the old year.
        (date(2026, 5, 12), date(2027, 12, 3), "Kế hoạch", 2026),
    ],
)
def test_a_plan_issued_late_in_a_year_begins_with_the_year_that_it_is_about(issued, report_by, title, year) -> None:
    assert first_year(Plan(issued_on=issued, report_by=report_by, title=title), issued) == year


def test_times_without_a_year_in_a_plan_of_the_next_year_are_of_that_year(ward: Ward) -> None:
    year = ward.now().year + 1
    ward.move_clock(datetime(year, 11, 24, 9, tzinfo=LOCAL).astimezone(UTC))
    visitor, rows = ward.signed_in(FOCAL), (("1", "Ngày hội", "Trạm Y tế phường", "", "Tháng 10 hằng năm", "Kế hoạch"),)
    head = HEAD.replace("phục vụ người dân", f"phục vụ người dân năm {year + 1}")
    preview = upload(visitor, plan_file(rows, head)).location
    page = text_of(visitor.get(preview))
    assert f"31/10/{year + 1}" in page and "Hạn đã qua" not in page
    confirm = text_of(visitor.get(preview.replace("xem-truoc", "xac-nhan")))
    assert confirm.count(f"/12/{year + 1} ") == 2 and f"/12/{year} " not in confirm


def test_in_january_the_old_year_is_proposed_and_a_year_without_cases_is_refused(ward: Ward) -> None:
    made = issue(ward, [Row("yte")], accepted=False)
    year = made.year()
    ward.move_clock(datetime(year + 1, 1, 4, 9, tzinfo=LOCAL).astimezone(UTC))
    visitor = made.signed_in(FOCAL)
    page = visitor.get(f"/ky-bao-cao/mo?ke_hoach={made.plan_id}").get_data(as_text=True)
    assert f'name="year" value="{year}"' in page
    typed = {"plan_id": str(made.plan_id), "name": "Năm mới", "year": str(year + 3)}
    refused = visitor.post("/ky-bao-cao/mo", typed)
    assert refused.status_code == 409
    assert f"không có nhiệm vụ của năm {year + 3}, chỉ có của năm {year}" in text_of(refused)
    assert visitor.post("/ky-bao-cao/mo", typed | {"year": str(year)}).status_code == 302


def test_once_all_of_the_old_year_has_ended_the_new_one_is_proposed(ward: Ward) -> None:
    made = issue(ward, [Row("yte")], accepted=False)
    year = made.year()
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).values(ended_at=ward.now()))
    ward.move_clock(datetime(year + 1, 1, 4, 9, tzinfo=LOCAL).astimezone(UTC))
    assert f'name="year" value="{year + 1}"' in made.signed_in(FOCAL).get("/ky-bao-cao/mo").get_data(as_text=True)


def test_a_task_of_the_old_year_only_is_not_said_to_wait_for_being_given(ward: Ward) -> None:
    made = issue(ward, [Row("yte", "Việc hằng năm"), Row("khdt", "Việc một lần")])
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=PlanTask.__table__.c.ordinal == "1"))
    ward.execute(BeginYear(plan_id=made.plan_id, year=made.year() + 1))
    page = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}?nam={made.year()}"))
    assert f"Không có việc năm {made.year()}" in page and "Chưa giao " not in page.replace("Chưa giao người", "")


def test_tasks_that_go_on_under_a_plan_issued_for_the_next_year_begin_anew_with_it(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe")])
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=True))
    year = made.year()
    ward.move_clock(datetime(year, 12, 28, 9, tzinfo=LOCAL).astimezone(UTC))
    visitor = made.signed_in(FOCAL)
    rows = (
        ("1", "Số hóa hồ sơ đất đai", "Phòng Kinh tế, Hạ tầng và Đô thị", "", "Hằng năm", "Báo cáo"),
        ("2", "Mở lớp dạy bơi", "Đoàn Thanh niên phường", "", "Hằng năm", "Báo cáo"),
    )
    new = upload(visitor, plan_file(rows)).location.removesuffix("/xem-truoc")
    with ward.runtime.writing() as connection:
        task = sa.select(PlanTask.id).where(PlanTask.plan_id == plan_id_of(new), PlanTask.content.startswith("Số"))
        beside = {"plan_task_id": connection.scalar(task), "unit_id": ward.unit("ca"), "part": UnitPart.LEAD}
        connection.execute(sa.insert(PlanTaskUnit.__table__), {**beside, "position": 1})
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    days = {"report_by": f"01/12/{year + 1}", "submit_by": f"14/12/{year + 1}"}
    sources = {"report_by_source": "Kế hoạch", "submit_by_source": "Kế hoạch"}
    said = confirm(ward, visitor, new, number="50/KH-UBND", issued_on=f"28/12/{year}", **days, **sources)
    assert said.status_code == 302
    visitor.post(f"{new}/giao-viec")
    made.settle()

    def cases() -> list[tuple[str, int]]:
        query = sa.select(PlanTask.content, TaskOccurrence.year).join(PlanTask)
        return sorted(tuple(row) for row in ward.rows(query.where(TaskOccurrence.plan_id == plan_id_of(new))))

    begun = [("Mở lớp dạy bơi", year + 1), ("Số hóa hồ sơ đất đai", year), ("Số hóa hồ sơ đất đai", year + 1)]
    assert cases() == begun, "The unit that leads beside the first has its case already."
    ward.move_clock(datetime(year + 1, 1, 4, 9, tzinfo=LOCAL).astimezone(UTC))
    with ward.app.app_context():
        for _ in range(2):
            do_calendar_work(ward.runtime, ward.now())
    assert cases() == [*begun, ("Số hóa hồ sơ đất đai", year + 1)]


def leads_in(ward: Ward, year: int) -> list[str]:
    query = sa.select(Unit.short_name).join(TaskOccurrence, TaskOccurrence.lead_unit_id == Unit.id)
    return [name for (name,) in ward.rows(query.where(TaskOccurrence.year == year).order_by(TaskOccurrence.id))]


def test_what_a_leader_decided_on_a_task_that_was_handed_back_holds_next_year(ward: Ward) -> None:
    rows = [Row("khdt", "Kho dữ liệu", coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe"), Row("ca", "Định danh")]
    made = issue(ward, rows, accepted=False)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=True))
    decided = (
        ("1", "khdt", {"decision": "other_unit", "unit": str(ward.unit("hcc"))}),
        ("2", "yte", {"decision": "cancel"}),
    )
    for ordinal, unit, decision in decided:
        case = made.case(ordinal)
        made.do("accept", f"{unit}.truong", case, decision="hand_back", reason="Không thuộc nhiệm vụ")
        made.do("assign_decision", "pct.vhxh", case, ground="Thông báo 12/TB-UBND", **decision)
    assert leads_in(ward, made.year()) == ["Phòng KT-HT-ĐT", "Trạm Y tế", "Công an", "TT PVHCC"]
    ward.execute(BeginYear(plan_id=made.plan_id, year=made.year() + 1))
    assert sorted(leads_in(ward, made.year())) == ["Công an", "TT PVHCC"]
    plan = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}?nam={made.year() - 1}"))
    assert "Trạm Y tế" in plan and "Kho dữ liệu" in plan


def test_of_several_leads_the_one_whose_case_a_leader_cancelled_leads_the_task_no_more(ward: Ward) -> None:
    made = issue(ward, [Row("doan", "Sáng kiến")], accepted=False)
    of_task = sa.select(Unit.short_name, PlanTask.state).join_from(PlanTaskUnit, Unit).join(PlanTask)
    with ward.runtime.writing() as connection:
        beside = {"plan_task_id": connection.scalar(sa.select(PlanTask.id)), "unit_id": ward.unit("mttq")}
        connection.execute(sa.insert(PlanTaskUnit.__table__), {**beside, "part": UnitPart.LEAD, "position": 1})
    made.do("accept", "doan.truong", made.case("1"), decision="hand_back", reason="Không thuộc nhiệm vụ")
    made.do("assign_decision", "pct.vhxh", made.case("1"), decision="cancel", ground="Thông báo 12/TB-UBND")
    assert ward.rows(of_task) == [("MTTQ", PlanTaskState.ISSUED)]
