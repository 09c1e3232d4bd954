"""A report that went up says what it said, whatever becomes of its cases, days, leaders and plan; its plan is free."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import confirm, plan_file, plan_id_of, plan_row, upload
from tests.web.remembering import remembered
from tests.web.test_cycle_kinds import answered, opened
from tests.web.test_days_of_cycles import letter
from tests.web.test_documents import FROM_REGISTER, issue_number
from tests.web.test_indicators import added, task
from tests.web.test_linked_cases import send_up
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.commands import DecideStatement
from webapp.cycles.models import ConsolidatedReport, ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.cycles.report_data import consolidated_data, report_document
from webapp.documents.rendering.content import content_hash
from webapp.documents.rendering.report import consolidated_report
from webapp.documents.rendering.submission import submission_of, to_json
from webapp.indicators.models import Indicator
from webapp.organisation.models import Person
from webapp.plans.models import PlanState

pytestmark = pytest.mark.both_databases

HALF = {"outcome": "in_progress", "result": "Đã làm được một nửa", "completed_on": None}
CORRECTED = (
    ("I", "Việc đã sửa tên", "", "", "", ""),
    ("1", "Mở lớp dạy bơi", "Đoàn Thanh niên phường", "", "Hằng năm", "Báo cáo"),
    ("2", "Số hóa hồ sơ đất đai của phường", "Phòng Kinh tế, Hạ tầng và Đô thị", "", "Hằng năm", "Báo cáo"),
)
"""Of two tasks the first goes on under another number and other words, the second is gone."""


@remembered
def received(ward: Ward) -> CycleWard:
    """The city has the half-year's report of two tasks that go on."""
    made = issue(ward, (Row("khdt", "Số hóa hồ sơ đất đai", coordinator="yte"), Row("yte", "Hồ sơ sức khỏe")))
    tied = {"operator": "at_least", "target": "90", "unit": "%", "plan_task_id": task(made, "1")}
    scanned = added(made, made.signed_in(FOCAL), "Hồ sơ đã số hóa", **tied)
    opened(made, "6 tháng", "half_year")
    made.send("1", "khdt", indicators=[{"indicator": str(scanned), "value": 55}], **HALF)
    made.send("2", "yte", **HALF)
    made.take("1", "2")
    send_up(made)
    assert made.cycle_state() == "received"
    return made


def said(made: CycleWard, version: int = 1) -> tuple[bytes, str]:
    """All that goes to the city of a version, and whether that is what was signed."""
    with made.ward.runtime.reading() as connection, Session(connection) as read:
        query = sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == made.cycle_id)
        report = read.scalars(query.where(ConsolidatedReport.version == version)).one()
        data = consolidated_data(read, report, made.today())
        assert content_hash(report_document(read, report.id, made.today())) == report.content_hash
    return to_json(submission_of(data, consolidated_report(data), ())), report.content_hash


def replaced(made: CycleWard, number: str = "50/KH-UBND", carried: int = 1) -> str:
    """Another plan takes the place of the ward's; its address."""
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(CORRECTED)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    today = f"{made.today():%d/%m/%Y}"
    assert confirm(made.ward, visitor, new, number=number, issued_on=today).status_code == 302
    assert f"chuyển {carried} việc đang chạy" in text_of(visitor.post(f"{new}/giao-viec", follow_redirects=True))
    made.settle()
    return new


def what_comes_after(made: CycleWard) -> Iterator[str]:
    """One thing after another that changes what a report of today would say."""
    half_year = made.cycle_id
    made.ward.move_clock(made.ward.now() + timedelta(days=3))
    made.open_cycle("Năm")
    made.send("1", "khdt", result="Đã xong hết")
    made.take("1")
    yearly, made.cycle_id = made.cycle_id, half_year
    yield "The work is completed and reported in the next cycle."
    made.cycle_id = yearly
    letter(made, made.report_by + timedelta(days=5))
    made.cycle_id = half_year
    yield "A letter moves the day of the cases."
    with made.ward.runtime.writing() as connection:
        chair = Person.__table__.c.id == made.ward.person("chutich")
        connection.execute(sa.update(Person.__table__).where(chair).values(name="Chủ tịch mới"))
    yield "Somebody else is the chair."


def test_what_was_signed_stays_whatever_comes_after(ward: Ward) -> None:
    made = received(ward)
    signed = said(made)
    for what in what_comes_after(made):
        assert said(made) == signed, what


def test_a_plan_whose_reports_are_with_the_city_is_replaced_and_they_stay_as_they_are(ward: Ward) -> None:
    made = received(ward)
    signed, old = said(made), f"/ke-hoach/{made.plan_id}"
    new = replaced(made)
    assert plan_row(ward, old).state is PlanState.CLOSED
    assert said(made) == signed
    page = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert "Số hóa hồ sơ đất đai" in page and "Số hóa hồ sơ đất đai của phường" not in page
    assert plan_row(ward, new).state is PlanState.ISSUED


def test_difficulties_and_indicators_are_told_of_the_plan_that_has_the_case(ward: Ward) -> None:
    made = received(ward)
    made.send_message("difficulty_raised", "khdt.cv1", made.case("1"), content="Mạng chậm", recommendation=None)
    focal, new = made.signed_in(FOCAL), replaced(made)
    listed = text_of(focal.get(f"/kho-khan?ke-hoach={plan_id_of(new)}"))
    assert "Mạng chậm" in listed and "I.2 Số hóa hồ sơ đất đai của phường" in listed
    assert "· 50/KH-UBND" in listed
    old = focal.get(f"/ke-hoach/{made.plan_id}/chi-tieu?nam={made.year()}")
    assert "Chỉ tiêu đã chuyển sang kế hoạch thay thế." in text_of(old)
    moved = f"{new}/chi-tieu?nam={made.year()}"
    assert f'href="{moved}"' in old.get_data(as_text=True) and "55%" in text_of(focal.get(moved))


def test_what_the_city_returns_after_its_plan_was_replaced_is_mended_as_the_old_plan_had_it(ward: Ward) -> None:
    made = received(ward)
    first, case, entry = said(made), made.case("1"), str(made.entry("1"))
    measured = str(made.rows(sa.select(Indicator.id))[0][0])
    replaced(made)
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Số liệu chưa khớp")
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[entry], reason="Số liệu chưa khớp",
        answer_by=made.today().isoformat(),
    )  # fmt: skip
    draft = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert "I.1 Số hóa hồ sơ đất đai" in draft and "Số hóa hồ sơ đất đai của phường" not in draft
    assert "Chưa xong, còn hạn 2" in draft, "What the new plan has not was still to be done when the data was closed."
    assert said(made) == first, "The version that was sent stays while another is drafted."
    made.do("execute", "khdt.cv1", case, **HALF, indicators=[{"indicator": measured, "value": 60}])
    made.do("unit_review", "khdt.truong", case, decision="approve")
    made.do("check", FOCAL, case, decision="approve")
    made.consolidate(text=None)
    made.approve()
    issue_number(made, **FROM_REGISTER)
    second = said(made, version=2)[0].decode()
    assert "Hồ sơ đã số hóa" in second and "Kế hoạch phát triển khoa học" in second
    assert '"task":"I.1"' in second.replace('": "', '":"')
    assert said(made) == first
    assert made.failed_jobs() == []


def test_what_the_replaced_plan_has_reported_is_not_asked_again(ward: Ward) -> None:
    made = received(ward)
    with ward.runtime.writing() as connection:
        name = f"Năm {made.year()}"
        connection.execute(sa.update(ReportingCycle.__table__).values(name=name, kind="year"))
    year = made.year()
    for number, carried in (("50/KH-UBND", 1), ("51/KH-UBND", 2)):
        made.plan_id = plan_id_of(replaced(made, number, carried))
    with ward.app.app_context():
        do_calendar_work(ward.runtime, ward.now() + timedelta(days=360))
        settle(ward.runtime)
    years = ward.rows(sa.select(ReportingCycle.year).where(ReportingCycle.plan_id == made.plan_id))
    assert year not in {row.year for row in years}, "Nor by the plan that has the place of that one."


def test_a_plan_is_closed_while_the_city_may_still_return_its_report(ward: Ward) -> None:
    made = received(ward)
    visitor, at = made.signed_in(FOCAL), f"/ke-hoach/{made.plan_id}"
    assert "Chưa đóng được" not in text_of(visitor.get(f"{at}/dieu-chinh"))
    assert visitor.post(f"{at}/dong", {"reason": "Hết thời gian", "cancel_running": "on"}).status_code == 302
    made.settle()
    assert plan_row(ward, at).state is PlanState.CLOSED
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Sai thể thức")
    made.do("classify", FOCAL, made.cycle_id, kind="wording", reason="Sai thể thức")
    made.consolidate(text=None)
    made.approve()
    assert made.open_steps(made.cycle_id) == ["issue_number"]
    assert local_date(ward.now()) == made.today() and made.failed_jobs() == []


def test_a_report_that_is_sent_back_follows_its_drafter_again_until_it_goes_up(ward: Ward) -> None:
    made = issue(ward, (Row("khdt", "Số hóa hồ sơ đất đai"),))
    opened(made, "6 tháng", "half_year")
    made.send("1", "khdt", **HALF)
    made.take("1")
    made.consolidate(text="Mới làm một nửa")
    focal, page = made.signed_in(FOCAL), f"/tong-hop/{made.cycle_id}/trinh-ky"
    made.do(
        "countersign_content", "vhxh.truong", made.cycle_id, decision="return", reason="Nói rõ hơn",
        return_to="consolidate",
    )  # fmt: skip
    statement = made.statements()[0].id
    made.execute(DecideStatement(statement_id=statement, use=True, text="Đã số hóa 55% hồ sơ"), FOCAL)
    assert "Đã số hóa 55% hồ sơ" in text_of(focal.get(page))
    made.do("consolidate", FOCAL, made.cycle_id, summary="Đạt")
    assert "Đã số hóa 55% hồ sơ" in said(made)[0].decode()


def test_a_cycle_that_collects_goes_on_as_the_old_plans_when_another_takes_its_place(ward: Ward) -> None:
    made = issue(ward, (Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe")))
    opened(made, "6 tháng", "half_year")
    case = made.case("1")
    new = replaced(made)
    assert made.cycle_state() == "collecting" and made.entries() == {"1": "asked", "2": "missing"}
    officer = made.signed_in("khdt.cv1")
    assert "Số hóa hồ sơ đất đai" in text_of(officer.get("/bao-cao-don-vi", follow_redirects=True))
    made.do("execute", "khdt.cv1", case, **HALF)
    made.do("unit_review", "khdt.truong", case, decision="approve")
    made.do("check", FOCAL, case, decision="approve")
    assert made.cycle_state() == "consolidating"
    send_up(made)
    assert made.cycle_state() == "received"
    reported, gone = json.loads(said(made)[0])["tasks"]
    assert (reported["ordinal"], gone["status"]) == ("1", "cancelled")
    assert made.failed_jobs() == []
    made.plan_id = plan_id_of(new)
    opened(made, "9 tháng", "nine_months")
    assert sorted(made.entries().values()) == ["asked", "asked"], "What is new, and what went on."


def test_a_cycle_that_has_asked_nobody_yet_comes_before_another_plan(ward: Ward) -> None:
    made = issue(ward, (Row("khdt", "Số hóa hồ sơ đất đai"),))
    made.cycle_id = made.execute(StartCycle(plan_id=made.plan_id, name="6 tháng", year=made.year()), FOCAL)
    visitor = made.signed_in(FOCAL)
    new = upload(visitor, plan_file(CORRECTED)).location.removesuffix("/xem-truoc")
    visitor.post(f"{new}/thay-the", {"ke_hoach": str(made.plan_id)})
    confirm(ward, visitor, new, number="50/KH-UBND")
    page = text_of(visitor.get(f"{new}/giao-viec"))
    assert "Chưa giao được. Kế hoạch được thay còn kỳ báo cáo phải xong trước: 6 tháng" in page
    assert visitor.post(f"{new}/giao-viec").status_code == 409
    answered(made, "half_year")
    assert "Kỳ báo cáo đang mở vẫn theo kế hoạch cũ. 6 tháng :" in text_of(visitor.get(f"{new}/giao-viec"))
    assert visitor.post(f"{new}/giao-viec").status_code == 302
