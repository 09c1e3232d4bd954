"""After issue: tasks move, are parted and cancelled with a reason; awaited documents begin them; plans close."""

import sqlalchemy as sa

from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.plan_wards import HARD, plan_row
from tests.web.test_cycle_kinds import closed
from tests.web.test_plans import issued
from tests.web.wards import Ward, text_of
from webapp.plans.models import OccurrenceState, PlanState, PlanTask, PlanTaskState, TaskGroup, TaskOccurrence

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai", coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe"),
        Row("ca", "Dữ liệu dân cư", group="II")]  # fmt: skip


def task(made: CycleWard, content: str) -> PlanTask:
    return made.rows(sa.select(PlanTask).where(PlanTask.content == content))[0][0]


def address(made: CycleWard, content: str) -> str:
    return f"/ke-hoach/{made.plan_id}/dieu-chinh/{task(made, content).id}"


def order(made: CycleWard) -> list[str]:
    query = sa.select(TaskGroup.numeral, PlanTask.ordinal).join(TaskGroup).order_by(PlanTask.position)
    return [f"{numeral}.{ordinal}" for numeral, ordinal in made.rows(query)]


def test_a_task_moves_to_another_group_and_its_case_goes_on(ward: Ward) -> None:
    made = issue(ward, ROWS)
    case, visitor = made.case("1"), made.signed_in(FOCAL)
    second = made.rows(sa.select(TaskGroup.id).where(TaskGroup.numeral == "II"))[0][0]
    at = address(made, "Số hóa hồ sơ đất đai")
    refused = visitor.post(f"{at}/chuyen-nhom", {"group_id": str(second), "reason": " "})
    assert "Nhập lý do điều chỉnh" in text_of(refused)
    assert visitor.post(f"{at}/chuyen-nhom", {"group_id": str(second), "reason": "KH 50 xếp lại"}).status_code == 302
    assert order(made) == ["I.2", "II.3", "II.2"]
    assert made.open_steps(case) == ["execute"]
    assert made.ward.facts("PlanTaskMoved")[0].after == "II.2"


def test_a_task_is_parted_and_the_new_part_is_issued_to_its_own_lead(ward: Ward) -> None:
    made = issue(ward, ROWS)
    visitor, at = made.signed_in(FOCAL), address(made, "Hồ sơ sức khỏe")
    form = {
        "remaining": "Hồ sơ sức khỏe người lớn", "content": "Hồ sơ sức khỏe học sinh", "ordinal": "2b",
        "leads": str(ward.unit("th")), "reason": "Trường tự lập hồ sơ học sinh",
    }  # fmt: skip
    assert visitor.post(f"{at}/tach", form).status_code == 302
    made.settle()
    assert made.open_steps(made.case("2b")) == ["accept"]
    assert made.open_steps(made.case("2")) == ["execute"]
    assert order(made) == ["I.1", "I.2", "I.2b", "II.3"]
    assert "Hồ sơ sức khỏe học sinh" in text_of(visitor.get(f"/ke-hoach/{made.plan_id}"))


def test_a_task_is_cancelled_with_its_cases_and_what_they_wait_for(ward: Ward) -> None:
    made = issue(ward, ROWS)
    case, visitor = made.case("1"), made.signed_in(FOCAL)
    at = address(made, "Số hóa hồ sơ đất đai")
    assert "Nhiệm vụ đang có 1 việc chạy." in text_of(visitor.get(at))
    assert visitor.post(f"{at}/huy", {"reason": "Thành phố làm tập trung"}).status_code == 302
    made.settle()
    assert made.open_steps(case) == []
    assert made.rows(sa.select(TaskOccurrence.state).where(TaskOccurrence.id == case)) == [(OccurrenceState.CANCELLED,)]
    assert "Số hóa hồ sơ đất đai" not in text_of(made.signed_in("hcc.cv1").get("/hop-viec"))
    assert task(made, "Số hóa hồ sơ đất đai").state is PlanTaskState.CANCELLED
    assert visitor.get(at).status_code == 404
    assert made.failed_jobs() == []


def test_a_cycle_does_not_wait_for_a_task_that_is_cancelled(ward: Ward) -> None:
    made = issue(ward, ROWS[1:])
    made.open_cycle()
    made.send("2", "ca")
    made.take("2")
    assert made.cycle_state() == "collecting"
    form = {"reason": "Thành phố làm tập trung"}
    assert made.signed_in(FOCAL).post(f"{address(made, 'Hồ sơ sức khỏe')}/huy", form).status_code == 302
    made.settle()
    assert made.entries() == {"1": "missing", "2": "taken"}
    assert made.cycle_state() == "consolidating"
    page = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert "Nhiệm vụ đã hủy: Thành phố làm tập trung" in page


def test_what_is_being_signed_is_not_changed(ward: Ward) -> None:
    made = issue(ward, ROWS[1:])
    made.open_cycle()
    for ordinal, unit in (("1", "yte"), ("2", "ca")):
        made.send(ordinal, unit)
        made.take(ordinal)
    visitor = made.signed_in(FOCAL)
    visitor.post(f"/tong-hop/{made.cycle_id}/dung-tat-ca")
    made.do("consolidate", FOCAL, made.cycle_id, summary="Đủ")
    answer = visitor.post(f"{address(made, 'Hồ sơ sức khỏe')}/huy", {"reason": "Thôi"})
    assert "đang trình ký" in text_of(answer)


def test_an_awaited_document_begins_every_task_that_waits_for_it(ward: Ward) -> None:
    rows = (*HARD[:1], *(row for row in HARD if "Sau khi có hướng dẫn" in row[4]))
    visitor, at = issued(ward, rows)
    page = text_of(visitor.get(f"{at}/dieu-chinh"))
    assert "hướng dẫn của Sở Giáo dục và Đào tạo" in page
    awaited = ward.rows(sa.select(PlanTask.blocked_until).where(PlanTask.blocked_until.is_not(None)))[0][0]
    form = {"awaited": awaited, "number": "12/SGDĐT", "issued_on": "02/01/2026"}
    assert "Đã ghi văn bản; 1 việc bắt đầu" in text_of(visitor.post(f"{at}/van-ban-cho", form, follow_redirects=True))
    with ward.app.app_context():
        settle(ward.runtime)
    assert ward.rows(sa.select(TaskOccurrence.state)) == [(OccurrenceState.NOT_ACCEPTED,)]
    case = text_of(visitor.get(f"/ho-so/{ward.rows(sa.select(TaskOccurrence.id))[0][0]}"))
    assert "12/SGDĐT ngày 02/01/2026" in case
    assert "Chờ điều kiện" not in case
    assert "Không còn nhiệm vụ nào chờ" in text_of(visitor.post(f"{at}/van-ban-cho", form))
    assert [(fact.number, fact.cases) for fact in ward.facts("AwaitedDocumentRecorded")] == [("12/SGDĐT", 1)]


def test_a_plan_is_closed_once_nothing_runs_or_what_runs_is_cancelled(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    visitor, at = made.signed_in(FOCAL), f"/ke-hoach/{made.plan_id}"
    made.open_cycle()
    page = text_of(visitor.get(f"{at}/dieu-chinh"))
    assert (
        f"Chưa đóng được. Còn kỳ báo cáo mà thành phố chưa nhận báo cáo: Năm {made.year()} ." in page
        and "Lý do" not in page
    )
    assert visitor.post(f"{at}/dong", {"reason": "Hết thời gian"}).status_code == 422
    closed(made)
    assert "Hủy 1 việc đang chạy" in text_of(visitor.get(f"{at}/dieu-chinh"))
    assert "Còn 1 việc đang chạy." in text_of(visitor.post(f"{at}/dong", {"reason": "Hết thời gian"}))
    assert visitor.post(f"{at}/dong", {"reason": "Hết thời gian", "cancel_running": "on"}).status_code == 302
    made.settle()
    assert plan_row(ward, at).state is PlanState.CLOSED
    assert "Kế hoạch đã đóng" in text_of(visitor.get(at))
    assert made.ward.facts("PlanClosed")[0].cancelled == 1
    assert made.open_steps(made.case("1")) == []
