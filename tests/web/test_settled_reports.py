"""A cycle that has its reports, or went without, shows what it had: the cases go on for the next one."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa

from engine.commands.user_tasks import AssignUserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, closed_without_one, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_cycle_reminders import on_the_morning
from tests.web.test_days_of_cycles import letter
from tests.web.test_exports import sheet
from tests.web.test_issued_reports import HALF, received
from tests.web.test_linked_cases import send_up
from tests.web.wards import Ward, text_of
from webapp.difficulties.models import Difficulty

pytestmark = pytest.mark.both_databases

UNIT, HEAD = "khdt", "khdt.truong"


def shown(made: CycleWard, path: str, username: str) -> str:
    """What a page says of its own, without what stands around it."""
    page = re.search("<main.*</main>", made.signed_in(username).get(path).get_data(as_text=True), re.DOTALL)
    assert page
    return " ".join(unescape(re.sub("<[^>]+>", " ", page[0])).split())


def told(made: CycleWard) -> list[str]:
    """The half-year's cycle and a unit's report to it, as pages and as spreadsheets."""
    unit = f"/bao-cao-don-vi/{made.cycle_id}/{made.ward.unit(UNIT)}"
    pages = (unit, HEAD), (f"/ky-bao-cao/{made.cycle_id}", FOCAL), (f"/ky-bao-cao/{made.cycle_id}?xem=nguoi", FOCAL)
    sheets = (f"{unit}.xlsx", HEAD), (f"/ky-bao-cao/{made.cycle_id}/theo-doi.xlsx", FOCAL)
    return [*(shown(made, *page) for page in pages), *(str(sheet(made, *one)[4:]) for one in sheets)]


def give(made: CycleWard, username: str) -> None:
    """The head hands the execution of the first task to somebody."""
    step = made.step("execute", made.case("1"))
    made.execute(AssignUserTask(user_task_id=step, assignee_id=made.ward.person(username)), HEAD)


def what_comes_after(made: CycleWard) -> Iterator[str]:
    half_year = made.cycle_id
    made.open_cycle("Năm")
    yearly, made.cycle_id = made.cycle_id, half_year
    yield "The next cycle asks for a report."
    give(made, HEAD)
    yield "Another person does the work."
    give(made, f"{UNIT}.cv1")
    made.report("1", f"{UNIT}.cv1", result="Đã xong hết")
    yield "The next report waits for the unit's head."
    made.do("unit_review", HEAD, made.case("1"), decision="approve")
    made.take("1")
    yield "The next report is in."
    made.cycle_id = yearly
    letter(made, made.report_by + timedelta(days=5))
    made.cycle_id = half_year
    yield "A letter moves the task's day."


def test_what_a_unit_sent_to_a_cycle_stays_while_its_work_goes_on(ward: Ward) -> None:
    made = received(ward)
    first = told(made)
    assert "Đã làm được một nửa" in first[0] and "Gửi báo cáo" not in first[0]
    assert "Đơn vị phối hợp" not in first[0] and "Chuyên viên KT-HT-ĐT 1" in first[2]
    for what in what_comes_after(made):
        assert told(made) == first, what


def test_reminders_of_the_next_report_are_not_told_of_the_cycle_that_has_its_own(ward: Ward) -> None:
    made = received(ward)
    half_year = made.cycle_id
    made.open_cycle("Năm")
    on_the_morning(ward, made.report_by)
    for cycle, reminded in ((made.cycle_id, True), (half_year, False)):
        page = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{cycle}"))
        assert (f"Đã nhắc: {made.report_by:%d/%m}" in page, "Nhắc vào ngày hạn" in page) == (reminded, reminded)


def test_a_cycle_that_went_without_a_report_says_whose_it_was_and_takes_no_later_one(ward: Ward) -> None:
    made = closed_without_one(ward)
    board, unit = f"/ky-bao-cao/{made.cycle_id}", f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('yte')}"
    step = made.step("execute", made.case("2"))
    made.execute(AssignUserTask(user_task_id=step, assignee_id=ward.person("yte.truong")), "yte.truong")
    on_the_morning(ward, made.report_by)
    assert "Viên chức Trạm Y tế 1 · Trạm Y tế" in shown(made, f"{board}?xem=nguoi", FOCAL)
    assert "Đã nhắc" not in shown(made, board, FOCAL)
    made.report("2", "yte.truong", result="Nộp bổ sung")
    assert "Nộp bổ sung" not in str(sheet(made, f"{unit}.xlsx", "yte.truong"))
    assert "Không báo cáo trong kỳ" in shown(made, unit, FOCAL)


def test_the_page_of_a_report_tells_what_it_tells_whatever_is_raised_and_asked_later(ward: Ward) -> None:
    made = issue(ward, (Row("khdt", "Số hóa hồ sơ đất đai", coordinator="yte"),))
    opened(made, "6 tháng", "half_year")
    made.send_message("difficulty_raised", "khdt.cv1", made.case("1"), content="Thiếu máy quét", recommendation=None)
    made.send("1", "khdt", **HALF)
    made.take("1")
    send_up(made)
    page = f"/tong-hop/{made.cycle_id}"
    first = shown(made, page, FOCAL)
    assert "Thiếu máy quét" in first and "Trạm Y tế: Vắng" in first
    made.send_message("difficulty_raised", "khdt.cv1", made.case("1"), content="Mạng chậm", recommendation=None)
    asked = {"don_vi": str(ward.unit("ca"))}
    assert made.signed_in("khdt.truong").post(f"/ho-so/{made.case('1')}/hoi-phoi-hop", asked).status_code == 302
    raised = made.rows(sa.select(Difficulty.id).order_by(Difficulty.id))[0][0]
    made.do("focal_answer", FOCAL, raised, decision="answer", answer="Đã cấp máy mới")
    assert shown(made, page, FOCAL) == first
