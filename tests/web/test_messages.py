"""What people tell a case beside its steps: more time asked for, a difficulty raised."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.models import Submission
from tests.support.databases import Databases
from tests.web.cycle_wards import DONE, FOCAL, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.wards import text_of


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """A case in execution."""
    with issued_ward(databases, tmp_path, "one_told", [Row("khdt", "Số hóa bản đồ quy hoạch")]) as made:
        yield made


def test_more_time_is_asked_for_and_the_review_shows_the_reason(made: CycleWard) -> None:
    officer, until = made.signed_in("khdt.cv1"), made.today() + timedelta(days=25)
    address = f"/ho-so/{made.case('1')}/gui/extension_requested"
    assert "Xin gia hạn" in text_of(officer.get(address))
    sent = officer.post(address, {"until": until.strftime("%d/%m/%Y"), "reason": "Chờ bản đồ gốc"})
    assert sent.status_code == 302
    assert "Đã ghi nhận: Xin gia hạn." in text_of(officer.get("/hop-viec"))
    made.send_message("difficulty_raised", "khdt.cv1", made.case("1"), content="Thiếu kinh phí", recommendation="")
    step = made.step("extension_review_leader", made.case("1"))
    answer = made.signed_in("pct.vhxh").get(f"/viec/{step}")
    page, asked = text_of(answer), until.strftime("%d/%m/%Y")
    assert page.count("Chờ bản đồ gốc") == 1
    assert asked in page.partition("Quyết định")[0], "What was told later stands in its place."
    assert f'value="{asked}"' in answer.get_data(as_text=True), "The day that was asked for stands in the form."
    assert "Cùng lúc đang chờ: Xét gia hạn" in text_of(officer.get(f"/viec/{made.step('execute', made.case('1'))}"))


@pytest.mark.parametrize("decision", ["approve", "refuse"])
def test_the_answer_to_a_request_for_more_time_names_the_task(made: CycleWard, decision: str) -> None:
    until, case = (made.today() + timedelta(days=25)), made.case("1")
    page = made.signed_in("khdt.cv1").get(f"/ho-so/{case}/gui/extension_requested")
    assert f"{made.report_by:%d/%m/%Y}" in text_of(page), "The day that is to be moved stands on the page."
    made.send_message("extension_requested", "khdt.cv1", case, until=until.isoformat(), reason="Chờ bản đồ gốc")
    answer = {"until": until.isoformat()} if decision == "approve" else {"reason": "Kỳ chốt sớm."}
    made.do("extension_review_leader", "pct.vhxh", case, decision=decision, **answer)
    granted = f"Được gia hạn đến hết ngày {until:%d/%m/%Y} Mới Số hóa bản đồ quy hoạch."
    refused = "Không được gia hạn Mới Số hóa bản đồ quy hoạch. Lý do: Kỳ chốt sớm."
    for person in ("khdt.cv1", "khdt.truong"):
        assert (granted if decision == "approve" else refused) in text_of(made.signed_in(person).get("/thong-bao"))


@pytest.mark.parametrize(("days", "reviewer"), [(0, FOCAL), (25, "pct.vhxh")])
def test_a_request_for_more_time_is_withdrawn_by_who_asked(made: CycleWard, days: int, reviewer: str) -> None:
    case, officer, until = made.case("1"), made.signed_in("khdt.cv1"), made.report_by + timedelta(days=days)
    made.send_message("extension_requested", "khdt.cv1", case, until=until.isoformat(), reason="Chờ bản đồ gốc")
    step = made.step("extension_review_leader" if days else "extension_review", case)
    page = officer.get(f"/viec/{made.step('execute', case)}").text
    (withdraw,) = re.findall(r'href="([^"]+)">Rút đề nghị gia hạn<', page)
    assert "gui/extension_withdrawn" not in made.signed_in(reviewer).get(f"/ho-so/{case}").text
    assert officer.post(withdraw, {"reason": "Bản đồ đã về"}).status_code == 302
    made.settle()
    told = "Đơn vị đã rút đề nghị gia hạn Mới Số hóa bản đồ quy hoạch. Lý do: Bản đồ đã về"
    assert told in text_of(made.signed_in(reviewer).get("/thong-bao"))
    assert told in text_of(made.signed_in("khdt.truong").get("/thong-bao"))
    assert told not in text_of(officer.get("/thong-bao")), "Who said so need not hear it."
    assert str(step) not in made.signed_in(reviewer).get("/hop-viec?ds=cho-nhan").text
    assert "Xin gia hạn" in text_of(officer.get(f"/viec/{made.step('execute', case)}")), "It can be asked for again."


def test_a_request_for_more_time_lapses_when_the_unit_has_reported(made: CycleWard) -> None:
    case, until = made.case("1"), made.today() + timedelta(days=25)
    made.send_message("extension_requested", "khdt.cv1", case, until=until.isoformat(), reason="Chờ bản đồ gốc")
    made.do("execute", "khdt.cv1", case, **DONE)
    assert made.open_steps(case) == ["extension_review_leader", "unit_review"]
    made.do("unit_review", "khdt.truong", case, decision="approve")
    assert made.open_steps(case) == ["check"]
    told = "Đề nghị gia hạn không còn phải xét Mới Số hóa bản đồ quy hoạch. Đơn vị đã gửi báo cáo."
    for person in ("pct.vhxh", "khdt.truong"):
        assert told in text_of(made.signed_in(person).get("/thong-bao"))
    assert made.failed_jobs() == []


def test_an_earlier_decision_is_not_carried_out_again(made: CycleWard) -> None:
    case, until = made.case("1"), made.today() + timedelta(days=25)
    made.send_message("extension_requested", "khdt.cv1", case, until=until.isoformat(), reason="Chờ bản đồ gốc")
    made.do("extension_review_leader", "pct.vhxh", case, decision="approve", until=until.isoformat())
    later = (until + timedelta(days=5)).isoformat()
    made.send_message("extension_requested", "khdt.cv1", case, until=later, reason="Chờ thêm")
    made.send_message("extension_withdrawn_leader", "khdt.truong", case, reason="")
    page = text_of(made.signed_in("khdt.cv1").get("/thong-bao"))
    assert page.count("Được gia hạn") == 1
    assert "Đơn vị đã rút đề nghị gia hạn Mới Số hóa bản đồ quy hoạch." in page


def test_a_refused_message_keeps_what_was_typed(made: CycleWard) -> None:
    address = f"/ho-so/{made.case('1')}/gui/extension_requested"
    refused = made.signed_in("khdt.cv1").post(address, {"until": "", "reason": "Chờ bản đồ gốc"})
    assert refused.status_code == 422
    assert "Chưa nhập ngày xin gia hạn đến." in text_of(refused)
    assert "Chờ bản đồ gốc" in refused.get_data(as_text=True)


def test_a_page_sent_twice_raises_one_difficulty(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), f"/ho-so/{made.case('1')}/gui/difficulty_raised"
    token = re.search(r'name="cho" value="([^"]+)"', officer.get(address).get_data(as_text=True))
    assert token
    for _ in range(2):
        assert officer.post(address, {"cho": token[1], "content": "Thiếu kinh phí"}).status_code == 302
    assert len(made.rows(sa.select(Submission.id).where(Submission.element_id == "difficulty_raised"))) == 1


def test_only_the_senders_that_the_drawing_names_send_a_message(made: CycleWard) -> None:
    address = f"/ho-so/{made.case('1')}/gui/extension_requested"
    assert made.signed_in(FOCAL).get(address).status_code == 403
    assert made.signed_in("yte.truong").get(address).status_code == 403
    assert made.signed_in("khdt.cv1").get(f"/ho-so/{made.case('1')}/gui/no_such").status_code == 409
