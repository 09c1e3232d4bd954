"""The city returns a report for want of what the cycle went without: the cycle asks the unit again."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar, local_date
from engine.models import UserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, closed_without_one, issue
from tests.web.remembering import remembered
from tests.web.test_cycle_kinds import opened, supplements
from tests.web.test_documents import FROM_REGISTER, issue_number
from tests.web.test_linked_cases import send_up
from tests.web.wards import Ward, text_of
from webapp.documents.rendering.content import long_date

MISSING = "I.2 Hồ sơ sức khỏe điện tử"


@remembered
def sent_without(ward: Ward) -> CycleWard:
    """The year's report is at the city, without the word of one unit."""
    made = closed_without_one(ward)
    send_up(made)
    return made


def ask_again(made: CycleWard) -> None:
    """The city returns the report, and the focal unit asks who was missing."""
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Thiếu kết quả của Trạm Y tế")
    page = text_of(made.signed_in(FOCAL).get(f"/viec/{made.step('classify', made.cycle_id)}"))
    assert f"{MISSING} (Trạm Y tế, không báo cáo trong kỳ)" in page
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[str(made.entry("2"))],
        reason="Thiếu kết quả của Trạm Y tế", answer_by=answer_by(made).isoformat(),
    )  # fmt: skip


def answer_by(made: CycleWard) -> date:
    return Calendar().shift(made.today(), 2)


def draft(made: CycleWard) -> str:
    return text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}"))


def test_a_unit_that_was_missing_is_asked_by_a_day_and_the_next_version_has_its_word(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    assert made.entries() == {"1": "taken", "2": "returned"}
    until = f"hết ngày {answer_by(made):%d/%m/%Y}"
    officer = made.signed_in("yte.cv1")
    assert f"Thiếu kết quả của Trạm Y tế. Gửi lại chậm nhất {until}" in text_of(officer.get("/thong-bao"))
    report = text_of(officer.get(f"/viec/{made.step('execute', made.case('2'))}"))
    assert f"Kỳ đang chờ báo cáo: Năm {made.year()}. Đơn vị gửi chậm nhất {until}" in report
    assert "Trạm đang kiểm tra số liệu" not in draft(made), "It is waited for again."
    made.send("2", "yte", result="Đã lập 9.500 hồ sơ")
    made.take("2")
    assert made.entries() == {"1": "taken", "2": "taken"}
    assert [text for _id, _state, text, _reason in made.statements()][1:] == ["Đã lập 9.500 hồ sơ"]
    assert "Đủ các đơn vị." in draft(made)
    made.consolidate(text=None)
    made.approve()
    issue_number(made, **FROM_REGISTER)
    assert made.failed_jobs() == []


def test_what_has_come_since_is_taken_as_it_is(ward: Ward) -> None:
    made = sent_without(ward)
    made.send("2", "yte", result="Đã lập 9.500 hồ sơ")
    made.take("2")
    assert made.entries() == {"1": "taken", "2": "missing"}
    ask_again(made)
    assert made.entries() == {"1": "taken", "2": "taken"}
    assert "Đã lập 9.500 hồ sơ" in draft(made)
    assert "Cần bổ sung" not in text_of(made.signed_in("yte.cv1").get("/thong-bao"))
    made.consolidate(text=None)
    made.approve()
    assert made.failed_jobs() == []


def test_what_is_being_checked_is_on_its_way_in(ward: Ward) -> None:
    made = sent_without(ward)
    made.send("2", "yte", result="Đã lập 9.500 hồ sơ")
    ask_again(made)
    assert made.entries() == {"1": "taken", "2": "sent"}
    made.take("2")
    assert made.entries() == {"1": "taken", "2": "taken"}
    assert "Đã lập 9.500 hồ sơ" in draft(made)


def test_it_does_not_come_again_and_the_report_goes_up_without_it(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    made.consolidate(text=None)
    assert made.entries() == {"1": "taken", "2": "missing"}
    assert "Trạm đang kiểm tra số liệu" in draft(made), "The reason that was given stands."


def test_what_the_cycle_asks_again_is_no_supplement_of_another(ward: Ward) -> None:
    made = sent_without(ward)
    first = made.cycle_id
    opened(made, "Đột xuất", "ad_hoc")
    assert supplements(made, "2") == f"Năm {made.year()}"
    second, made.cycle_id = made.cycle_id, first
    ask_again(made)
    made.cycle_id = second
    assert supplements(made, "2") is None
    assert made.entries()["2"] == "asked"


def test_asking_for_data_needs_a_task(ward: Ward) -> None:
    made = sent_without(ward)
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Thiếu kết quả của Trạm Y tế")
    focal, step = made.signed_in(FOCAL), f"/viec/{made.step('classify', made.cycle_id)}"
    form = {"kind": "data", "reason": "Thiếu kết quả", "answer_by": f"{answer_by(made):%d/%m/%Y}"}
    refused = focal.post(step, form)
    assert refused.status_code == 422
    assert "Chưa chọn nhiệm vụ cần hỏi lại." in text_of(refused)


def test_everybody_reads_by_when_and_why_it_is_asked_again(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    day = f"{answer_by(made):%d/%m/%Y}"
    until = f"chậm nhất hết ngày {day}"
    officer, head = made.signed_in("yte.cv1"), made.signed_in("yte.truong")
    assert f"Gửi {until}" in text_of(officer.get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('yte')}"))
    assert f"1 0 0 {day}" in text_of(officer.get("/bao-cao-don-vi?tat-ca=1"))
    why = "Cần bổ sung: “Thiếu kết quả của Trạm Y tế”"
    assert why in text_of(officer.get(f"/viec/{made.step('execute', made.case('2'))}"))
    made.report("2", "yte.cv1")
    assert why in text_of(head.get(f"/viec/{made.step('unit_review', made.case('2'))}"))
    focal = made.signed_in(FOCAL)
    board = focal.get(f"/ky-bao-cao/{made.cycle_id}")
    assert f"1 nhiệm vụ: I.2 {until}" in board.get_data(as_text=True), "What is copied for them."
    assert "Thành phố trả lại: Thiếu kết quả của Trạm Y tế" in text_of(board)
    focal.post(f"/ky-bao-cao/{made.cycle_id}/don-doc", {"only": str(ward.unit("yte"))})
    assert f"Yêu cầu Trạm Y tế gửi báo cáo 1 nhiệm vụ: I.2 {until}." in text_of(head.get("/thong-bao"))


def test_the_heads_step_is_due_by_the_same_day_and_the_report_too_that_the_head_returns(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    due = f"Còn 2 ngày làm việc · {answer_by(made):%d/%m/%Y}"
    made.report("2", "yte.cv1")
    assert due in text_of(made.signed_in("yte.truong").get("/hop-viec"))
    made.do("unit_review", "yte.truong", made.case("2"), decision="return", reason="Thiếu số hồ sơ")
    assert due in text_of(made.signed_in("yte.cv1").get("/hop-viec"))
    assert made.failed_jobs() == []


def test_a_report_that_the_head_has_already_is_due_by_the_day_too(ward: Ward) -> None:
    made = sent_without(ward)
    made.report("2", "yte.cv1")
    ask_again(made)
    assert f"Còn 2 ngày làm việc · {answer_by(made):%d/%m/%Y}" in text_of(made.signed_in("yte.truong").get("/hop-viec"))


def test_what_is_asked_again_after_the_day_of_the_cycle_is_late_after_its_own(ward: Ward) -> None:
    made = sent_without(ward)
    ward.move_clock(Calendar().end_of(made.report_by + timedelta(days=1)))
    ask_again(made)
    focal = made.signed_in(FOCAL)
    assert "0 quá hạn" in text_of(focal.get(f"/ky-bao-cao/{made.cycle_id}"))
    ward.move_clock(Calendar().end_of(answer_by(made)) + timedelta(minutes=1))
    assert "1 quá hạn" in text_of(focal.get(f"/ky-bao-cao/{made.cycle_id}"))


@pytest.mark.parametrize("days", [5, -1])
def test_more_time_for_what_was_asked_again_moves_its_day_but_never_forward(ward: Ward, days: int) -> None:
    made = sent_without(ward)
    ask_again(made)
    case, until = made.case("2"), answer_by(made) + timedelta(days=days)
    made.send_message("extension_requested", "yte.cv1", case, until=until.isoformat(), reason="Chờ số liệu")
    (review,) = [step for step in made.open_steps(case) if step.startswith("extension_review")]
    reviewer = FOCAL if review == "extension_review" else "pct.vhxh"
    made.do(review, reviewer, case, decision="approve", until=until.isoformat())
    day = max(until, answer_by(made))
    until_day = f"chậm nhất hết ngày {day:%d/%m/%Y}"
    step, board = f"/viec/{made.step('execute', case)}", f"/ky-bao-cao/{made.cycle_id}"
    assert f"Đơn vị gửi {until_day}" in text_of(made.signed_in("yte.cv1").get(step))
    assert f"1 nhiệm vụ: I.2 {until_day}" in made.signed_in(FOCAL).get(board).get_data(as_text=True)


def test_the_next_version_says_which_report_it_replaces(ward: Ward) -> None:
    made = sent_without(ward)
    assert "thay thế Báo cáo" not in text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    ask_again(made)
    page = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    assert f"Báo cáo này thay thế Báo cáo số 01/BC-UBND {long_date(made.today())} của Ủy ban" in page


def test_the_city_answers_the_newest_version_only(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    made.consolidate(text=None)
    made.approve()
    issue_number(made, **FROM_REGISTER)
    made.do("send_city", "vanthu", made.cycle_id, outcome="sent", channel="documents")
    page = made.signed_in("vanthu").get("/phat-hanh").get_data(as_text=True)
    newest, _, first = page.partition("Bản 1 ·")
    assert "/gui/city_received" in newest
    assert "/gui/city_returned" in newest
    assert f"/ho-so/{made.cycle_id}/gui/" not in first


def test_the_scans_of_two_versions_are_told_apart_by_their_numbers(ward: Ward) -> None:
    made = sent_without(ward)
    ask_again(made)
    made.consolidate(text=None)
    made.approve()
    issue_number(made, **FROM_REGISTER)
    page = text_of(made.signed_in("vanthu").get(f"/ho-so/{made.cycle_id}"))
    assert [f"ban-ky.pdf bản ký của {code}/BC-UBND" in page for code in ("01", "02", "03")] == [True, True, False]


def test_what_was_mended_and_goes_on_is_no_longer_due_by_the_day_for_mending(ward: Ward) -> None:
    made = issue(ward, [Row("yte")])
    opened(made, "6 tháng", "half_year")
    report_progress(made)
    made.consolidate(text=None)
    made.approve()
    issue_number(made, **FROM_REGISTER)
    made.do("send_city", "vanthu", made.cycle_id, outcome="sent", channel="documents")
    made.send_message("city_returned", "vanthu", made.cycle_id, reason="Thiếu số liệu")
    made.do(
        "classify", FOCAL, made.cycle_id, kind="data", tasks=[str(made.entry("1"))], reason="Thiếu số liệu",
        answer_by=answer_by(made).isoformat(),
    )  # fmt: skip
    assert due_on(made) == answer_by(made)
    report_progress(made)
    send_up(made)
    assert due_on(made) == made.report_by


def report_progress(made: CycleWard) -> None:
    case = made.case("1")
    made.do("execute", "yte.cv1", case, outcome="in_progress", result="Được một nửa")
    made.do("unit_review", "yte.truong", case, decision="approve")
    made.take("1")


def due_on(made: CycleWard) -> date:
    """The last day of the step that waits at the unit."""
    step = made.step("execute", made.case("1"))
    due_at = made.rows(sa.select(UserTask.due_at).where(UserTask.id == step))[0][0]
    return local_date(due_at - timedelta(seconds=1))
