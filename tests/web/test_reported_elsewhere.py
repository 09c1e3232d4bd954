"""Lồng ghép: a result that serves the rows of several plans is offered where the next of them is reported on."""

import re
from html import unescape

from engine.commands.user_tasks import ReleaseUserTask
from tests.web.cycle_wards import CycleWard, Row, issue_anew
from tests.web.plan_wards import PDF
from tests.web.test_attachments import send_up, uploaded
from tests.web.wards import Ward, text_of

SAID = "Đã lập 1.200 hồ sơ sức khỏe điện tử"


def beside_the_form(ward: CycleWard, username: str, ordinal: str) -> str:
    """What the page of a step asks for once it is there, with nothing typed."""
    visitor, address = ward.signed_in(username), f"/viec/{ward.step('execute', ward.case(ordinal))}"
    asked = re.findall(r'hx-post="([^"]+)" hx-trigger="load,', visitor.get(address).text)
    assert asked == [f"{address}/ket-qua-khac"]
    return text_of(visitor.post(asked[0], {"result": ""}))


def test_what_was_reported_in_another_plan_is_offered_to_the_like_task_of_the_same_unit(ward: Ward) -> None:
    first = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho người dân")])
    first.report("1", "yte.cv1", result=SAID)
    rows = [Row("yte", "Lập hồ sơ sức khỏe điện tử cho học sinh"), Row("yte", "Phun thuốc muỗi ở các khu dân cư"),
            Row("khdt", "Lập hồ sơ sức khỏe điện tử cho công nhân")]  # fmt: skip
    second = issue_anew(ward, rows)
    offered = {
        ordinal: beside_the_form(second, f"{row.lead}.cv1", ordinal) for ordinal, row in zip("123", rows, strict=True)
    }
    assert "Đã báo cáo ở kế hoạch khác" in offered["1"]
    assert SAID in offered["1"] and "Lập hồ sơ sức khỏe điện tử cho người dân" in offered["1"]
    assert SAID not in offered["2"], "Another task."
    assert SAID not in offered["3"], "Another unit."


def test_what_is_like_the_words_being_typed_is_offered_too(ward: Ward) -> None:
    first = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho người dân")])
    first.report("1", "yte.cv1", result=SAID)
    second = issue_anew(ward, [Row("yte", "Chuyển đổi số ngành y tế phường")])
    visitor, address = second.signed_in("yte.cv1"), f"/viec/{second.step('execute', second.case('1'))}"
    assert SAID not in beside_the_form(second, "yte.cv1", "1")
    assert SAID in text_of(visitor.post(f"{address}/ket-qua-khac", {"result": "đã lập 1.200 hồ sơ"}))
    assert SAID not in text_of(visitor.post(f"{address}/ket-qua-khac", {"result": "đã phun thuốc muỗi ở khu dân cư"}))
    assert second.signed_in("khdt.cv1").post(f"{address}/ket-qua-khac", {"result": "đã lập"}).status_code == 403


def two_plans(ward: Ward) -> tuple[CycleWard, CycleWard, str]:
    """A task reported on with evidence, a like one of another plan, and the link by which that one uses it."""
    first = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho người dân")])
    evidence = uploaded(first.signed_in("yte.cv1"), first.step("execute", first.case("1")), "danh-sach.pdf")
    first.report("1", "yte.cv1", result=SAID, evidence=[evidence])
    second = issue_anew(ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử cho học sinh")])
    return first, second, f"/viec/{second.step('execute', second.case('1'))}/dung-ket-qua/{first.case('1')}"


def test_what_is_used_goes_into_the_draft_with_its_evidence_and_says_where_it_is_from(ward: Ward) -> None:
    first, second, use = two_plans(ward)
    officer, step = second.signed_in("yte.cv1"), use.partition("/dung-ket-qua/")[0]
    source = "45/KH-UBND, nhiệm vụ I.1 “Lập hồ sơ sức khỏe điện tử cho người dân”"
    origin = f"(Lồng ghép từ {source}, Viên chức Trạm Y tế 1 báo cáo ngày {first.today():%d/%m/%Y})"
    for _ in range(2):  # Pressed twice, it stands there once.
        typed = {"outcome": "done", "result": "Học sinh: 300 hồ sơ."}
        assert officer.post(use, typed).status_code == 302
    page = officer.get(step).text
    assert f"Học sinh: 300 hồ sơ.\n{SAID}\n{origin}" in unescape(page)
    assert "danh-sach (45-KH-UBND, I.1).pdf" in page
    assert len(ward.facts("ReportReused")) == 1, "Told once, too."
    (evidence,) = re.findall(r'name="evidence" value="([^"]+)"', page)
    sent = {"outcome": "done", "result": f"{SAID}\n{origin}", "completed_on": f"{first.today():%d/%m/%Y}"}
    assert officer.post(step, {**sent, "evidence": evidence}).status_code == 302
    seen = text_of(second.signed_in("yte.truong").get(f"/ho-so/{second.case('1')}"))
    assert "Dùng kết quả đã báo cáo ở kế hoạch khác Viên chức Trạm Y tế 1" in seen
    assert f"{first.today():%d/%m/%Y} {origin.strip('()')}" in seen
    assert origin in seen and "danh-sach (45-KH-UBND, I.1).pdf" in seen


def test_nobody_uses_what_another_unit_reported_or_in_a_step_of_others(ward: Ward) -> None:
    first, second, use = two_plans(ward)
    assert second.signed_in("khdt.cv1").post(use, {}).status_code == 403
    elsewhere = issue_anew(ward, [Row("khdt", "Lập hồ sơ sức khỏe điện tử cho công nhân")])
    step = elsewhere.step("execute", elsewhere.case("1"))
    assert elsewhere.signed_in("khdt.cv1").post(f"/viec/{step}/dung-ket-qua/{first.case('1')}", {}).status_code == 404


def test_the_units_page_offers_it_for_each_row_once_it_is_there(ward: Ward) -> None:
    _, second, _ = two_plans(ward)
    second.open_cycle()
    officer, step = second.signed_in("yte.cv1"), second.step("execute", second.case("1"))
    address = f"/bao-cao-don-vi/{second.cycle_id}/{ward.unit('yte')}"
    page = officer.get(address).text
    assert SAID not in page
    assert re.findall(r'<button [^>]*name="do" value="([^"]+)"', page)[0] == "save", "Enter in a field presses it."
    (asked,) = re.findall(r'hx-get="([^"]+)" hx-trigger="load"', page)
    offered = officer.get(asked).text
    assert f'id="khac-{step}"' in offered and SAID in offered
    (do,) = re.findall(r'name="do" value="(use:[^"]+)"', offered)
    field = f"v{step.hex[-12:]}-result"
    assert officer.post(address, {"do": do, field: "Học sinh: 300 hồ sơ."}).status_code == 302
    filled = officer.get(address).text
    assert f"Học sinh: 300 hồ sơ.\n{SAID}\n(Lồng ghép từ 45/KH-UBND" in unescape(filled)
    assert "danh-sach (45-KH-UBND, I.1).pdf" in filled


def test_what_the_same_plan_has_is_no_other_plans(ward: Ward) -> None:
    made = issue_anew(
        ward, [Row("yte", "Lập hồ sơ sức khỏe điện tử đợt một"), Row("yte", "Lập hồ sơ sức khỏe điện tử đợt hai")]
    )
    made.report("1", "yte.cv1", result=SAID)
    assert SAID not in beside_the_form(made, "yte.cv1", "2")


def test_a_head_uses_it_with_evidence_in_a_row_that_nobody_has_yet(ward: Ward) -> None:
    _, second, _ = two_plans(ward)
    second.open_cycle()
    step = second.step("execute", second.case("1"))
    head, address = second.signed_in("yte.truong"), f"/bao-cao-don-vi/{second.cycle_id}/{ward.unit('yte')}"
    assert send_up(head, step, "anh.pdf", PDF).status_code == 403, "The officer has it."
    second.execute(ReleaseUserTask(user_task_id=step), "yte.cv1")
    (asked,) = re.findall(r'hx-get="([^"]+)" hx-trigger="load"', head.get(address).text)
    (do,) = re.findall(r'name="do" value="(use:[^"]+)"', head.get(asked).text)
    field = f"v{step.hex[-12:]}-evidence"
    assert head.post(address, {"do": do, field: uploaded(head, step, "anh.pdf")}).status_code == 302
    page = head.get(address).text
    assert SAID in page and "anh.pdf" in page and "danh-sach (45-KH-UBND, I.1).pdf" in page
