"""What begins while a cycle collects: asked as long as there is time, else the board says why it is not."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.test_cycle_kinds import opened
from tests.web.test_linked_cases import send_up
from tests.web.test_tasks_after_issue import address
from tests.web.wards import Ward, text_of
from webapp.plans.models import PlanTask
from webapp.plans.years import BeginYear

pytestmark = pytest.mark.both_databases

DOCUMENT = "Sau khi có hướng dẫn của Bộ Y tế"
HCC = "Trung tâm Phục vụ hành chính công"


@remembered
def collecting(ward: Ward) -> CycleWard:
    """One task is being done, another one still waits for a document."""
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ"), Row("yte", "Hồ sơ sức khỏe", awaits=DOCUMENT)], accepted=False)
    made.do("accept", "khdt.truong", made.case("1"), decision="accept", officer=str(ward.person("khdt.cv1")))
    made.open_cycle()
    return made


def part_a_task(made: CycleWard) -> None:
    form = {
        "remaining": "Số hóa hồ sơ đất đai", "content": "Số hóa hồ sơ hộ tịch", "ordinal": "1b",
        "leads": str(made.ward.unit("hcc")), "reason": "Hai đơn vị quản lý",
    }  # fmt: skip
    assert made.signed_in(FOCAL).post(f"{address(made, 'Số hóa hồ sơ')}/tach", form).status_code == 302
    made.settle()


def record_the_document(made: CycleWard) -> None:
    form = {"awaited": DOCUMENT, "number": "30/BYT", "issued_on": f"{made.today():%d/%m/%Y}"}
    assert made.signed_in(FOCAL).post(f"/ke-hoach/{made.plan_id}/van-ban-cho", form).status_code == 302
    made.settle()


def board(made: CycleWard) -> str:
    return text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))


def told(made: CycleWard, username: str) -> str:
    return text_of(made.signed_in(username).get("/thong-bao"))


def asked(made: CycleWard, ordinal: str) -> str:
    """What a unit that is asked for a task reads."""
    return f"báo cáo 1 nhiệm vụ: I.{ordinal} chậm nhất hết ngày {made.report_by:%d/%m/%Y}."


def test_units_are_told_what_a_cycle_asks_of_them_by_when(ward: Ward) -> None:
    made = collecting(ward)
    assert asked(made, "1") in told(made, "khdt.truong")
    assert asked(made, "1") in told(made, "khdt.cv1")
    assert "Kỳ báo cáo" not in told(made, "yte.truong")


def test_a_task_that_begins_in_time_is_asked_and_its_unit_told(ward: Ward) -> None:
    made = collecting(ward)
    part_a_task(made)
    assert made.entries() == {"1": "asked", "2": "waiting", "1b": "asked"}
    assert "I.1b Số hóa hồ sơ hộ tịch: Chưa gửi" in board(made)
    assert asked(made, "1b") in told(made, "hcc.truong")
    made.send("1", "khdt")
    made.take("1")
    assert made.cycle_state() == "collecting", "It waits for the new one."
    made.do("accept", "hcc.truong", made.case("1b"), decision="accept", officer=str(ward.person("hcc.cv1")))
    made.send("1b", "hcc")
    made.take("1b")
    assert made.cycle_state() == "consolidating"
    assert made.failed_jobs() == []


def test_what_begins_after_the_units_last_day_is_not_asked_and_the_board_says_why(ward: Ward) -> None:
    made = collecting(ward)
    ward.move_clock(ward.now() + timedelta(days=21))
    part_a_task(made)
    assert made.entries() == {"1": "asked", "2": "waiting"}
    why = f"bắt đầu ngày {made.today():%d/%m/%Y}, sau hạn của các đơn vị ({made.report_by:%d/%m/%Y})"
    assert f"Kỳ này không hỏi 1 nhiệm vụ; kỳ sau hỏi: I.1b Số hóa hồ sơ hộ tịch ({HCC}): {why}." in board(made)


def test_a_task_that_waits_for_a_document_is_neither_asked_nor_missing(ward: Ward) -> None:
    made = collecting(ward)
    assert "1 nhiệm vụ được hỏi" in board(made)
    assert "1 chờ điều kiện, chưa hỏi" in board(made)
    made.send("1", "khdt")
    made.take("1")
    assert made.cycle_state() == "consolidating", "It is not waited for."
    page = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))
    assert f"Kỳ này chưa hỏi: {DOCUMENT}." in page
    assert "Đơn vị chưa gửi" not in page
    record_the_document(made)
    assert made.entries() == {"1": "taken", "2": "waiting"}
    assert "I.2 Hồ sơ sức khỏe (Trạm Y tế): văn bản phải chờ đến sau khi kỳ đã chốt số liệu." in board(made)


def test_once_its_document_has_come_in_time_a_task_is_asked(ward: Ward) -> None:
    made = collecting(ward)
    record_the_document(made)
    assert made.entries() == {"1": "asked", "2": "asked"}
    assert asked(made, "2") in told(made, "yte.truong")
    made.send("1", "khdt")
    made.take("1")
    assert made.cycle_state() == "collecting"


def test_what_came_too_late_for_the_years_last_cycle_is_asked_by_the_next_years_first(ward: Ward) -> None:
    made = collecting(ward)
    year = made.year()
    ward.move_clock(ward.now() + timedelta(days=21))
    part_a_task(made)
    made.send("1", "khdt")
    made.take("1")
    record_the_document(made)
    send_up(made)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=PlanTask.__table__.c.ordinal == "1"))
    ward.execute(BeginYear(plan_id=made.plan_id, year=year + 1))
    assert made.year() == year + 1
    opened(made, "6 tháng", "half_year")
    assert made.entries() == {"1": "asked", "2": "asked", "1b": "asked"}
    for unit, ordinal in (("hcc", "1b"), ("yte", "2")):
        made.do(
            "accept", f"{unit}.truong", made.case(ordinal), decision="accept", officer=str(ward.person(f"{unit}.cv1"))
        )
        made.send(ordinal, unit, outcome="in_progress", completed_on=None)
    made.take("1b", "2")
    made.cut_off(khdt="Chưa có số liệu")
    send_up(made)
    made.open_cycle(f"Năm {year + 1}")
    assert made.entries() == {"1": "asked", "2": "asked", "1b": "asked"}, "They go on until the year's last."
    assert made.failed_jobs() == []


def test_while_the_years_last_cycle_is_still_to_come_another_years_asks_nothing_of_it(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ"), Row("yte", "Hồ sơ sức khỏe")])
    year = made.year()
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(PlanTask.__table__).values(is_recurring=PlanTask.__table__.c.ordinal == "1"))
    ward.execute(BeginYear(plan_id=made.plan_id, year=year + 1))
    opened(made, "Quý I", "quarter")
    assert made.entries() == {"1": "asked"}
