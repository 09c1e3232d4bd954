"""Báo cáo của đơn vị: one page for all of a unit's rows in a cycle, one send, many cases."""

import io
import re
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from engine.commands.deployments import DeployDefinition
from engine.models import ProcessInstance, Submission, UserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, accept_all, issue, issue_anew
from tests.web.remembering import remembered
from tests.web.test_cycles import prefix
from tests.web.wards import Visitor, Ward, text_of
from webapp.documents.models import Attachment, AttachmentState
from webapp.plans.issuing import IssuePlan
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, TaskOccurrence
from webapp.procedures.bundles import shipped_diagram, shipped_forms

ROWS = [
    Row("khdt", "Số hóa hồ sơ đất đai"), Row("khdt", "Hạ tầng viễn thông", group="II"),
    Row("khdt", "Bản đồ số", group="II", conditional=True), Row("yte", "Hồ sơ sức khỏe", group="II"),
    Row("th", "Ngày hội chuyển đổi số", group="II"),
]  # fmt: skip


@remembered
def opened(ward: Ward) -> CycleWard:
    made = issue(ward, ROWS)
    made.open_cycle()
    return made


def address(made: CycleWard, unit: str) -> str:
    return f"/bao-cao-don-vi/{made.cycle_id}/{made.ward.unit(unit)}"


def filled(made: CycleWard, ordinal: str, **answers: str) -> dict[str, str]:
    """A row's form, filled in."""
    mark = prefix(made.step("execute", made.case(ordinal)))
    done = {"outcome": "done", "result": f"Đã xong việc {ordinal}", "completed_on": f"{made.today():%d/%m/%Y}"}
    given = done | answers
    return {mark + name: value for name, value in given.items()}


def page_of(visitor: Visitor) -> str:
    return text_of(visitor.get("/bao-cao-don-vi", follow_redirects=True))


def sent_answers(made: CycleWard, ordinal: str, element: str = "execute") -> dict[str, Any]:
    query = sa.select(Submission.data).where(
        Submission.instance_id == made.case(ordinal), Submission.element_id == element
    )
    return dict(orjson.loads(made.rows(query.order_by(Submission.submitted_at.desc()))[0][0]))


# --- the page ---


def test_a_person_with_one_open_cycle_goes_straight_in(ward: Ward) -> None:
    made = opened(ward)
    answer = made.signed_in("khdt.cv1").get("/bao-cao-don-vi")
    assert answer.location.endswith(address(made, "khdt"))


def test_a_unit_that_nothing_is_asked_of_is_told_so(ward: Ward) -> None:
    made = opened(ward)
    assert "Kỳ này đơn vị không có nội dung phải báo cáo." in page_of(made.signed_in("doan.truong"))


def test_only_the_units_people_and_those_who_see_all_may_look(ward: Ward) -> None:
    made = opened(ward)
    path = address(made, "khdt")
    assert made.signed_in("khdt.truong").get(path).status_code == 200
    assert made.signed_in("chutich").get(path).status_code == 200
    assert made.signed_in("yte.truong").get(path).status_code == 403
    assert made.signed_in("yte.truong").post(path, filled(made, "1")).status_code == 403
    assert made.signed_in("yte.truong").post(f"{path}/nhap", filled(made, "1")).status_code == 403


# --- one send ---


def test_one_send_completes_all_that_was_filled_in(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    nothing = {prefix(made.step("execute", made.case("3"))) + name: value for name, value in {
        "nothing_arose": "on", "nothing_note": "Không có đề nghị nào",
    }.items()}  # fmt: skip
    answer = visitor.post(address(made, "khdt"), filled(made, "1") | nothing, follow_redirects=True)
    made.settle()
    assert "Đã gửi 2 nội dung: I.1, II.3." in text_of(answer)
    assert made.open_steps(made.case("1")) == ["unit_review"]
    assert made.open_steps(made.case("2")) == ["execute"]
    assert made.open_steps(made.case("3")) == ["unit_review"]
    assert sent_answers(made, "3")["nothing_arose"] is True


def test_what_its_head_has_to_look_at_is_called_so_everywhere(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    assert visitor.post(address(made, "khdt"), filled(made, "1")).status_code == 302
    sheet = load_workbook(io.BytesIO(visitor.get(f"{address(made, 'khdt')}.xlsx").get_data())).active
    (row,) = [row for row in sheet.iter_rows(values_only=True) if "I.1" in row]
    assert "Chờ duyệt đơn vị" in row
    head = made.signed_in("khdt.truong")
    for page in ("/hop-viec?ds=cua-don-vi", f"/ho-so/{made.case('1')}", address(made, "khdt")):
        assert "Chờ duyệt đơn vị" in text_of(head.get(page)), page


def test_who_has_a_case_is_named_at_a_step_without_a_stage_and_at_another_unit_too(ward: Ward) -> None:
    review = shipped_diagram("task_lifecycle").partition(b'<bpmn:userTask id="unit_review"')
    without = review[2].replace(b'<spiffworkflow:property name="stage" value="unit_report"/>', b"", 1)
    source = b"".join([*review[:2], without])
    ward.execute(DeployDefinition(source=source, forms=shipped_forms(), reason="Bước duyệt không thuộc giai đoạn nào"))
    made = issue_anew(ward, ROWS[:2])
    made.open_cycle()
    for ordinal in "12":
        made.report(ordinal, "khdt.cv1")
    officer = made.signed_in("khdt.cv1")
    assert text_of(officer.get(address(made, "khdt"))).count("Trưởng đơn vị") == 2
    head = made.signed_in("khdt.truong").get(address(made, "khdt"))
    assert f"/viec/{made.step('unit_review', made.case('1'))}" in head.get_data(as_text=True), "It is the head's to do."
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    assert "Cán bộ tổng hợp · Phòng VH-XH" in text_of(officer.get(address(made, "khdt")))


def test_a_head_sends_what_waits_and_what_they_filled_in_themselves(ward: Ward) -> None:
    made = opened(ward)
    made.report("1", "khdt.cv1")
    visitor = made.signed_in("khdt.truong")
    own = made.step("execute", made.case("2"))
    visitor.post(address(made, "khdt"), {"do": f"take:{own}"})
    review = made.step("unit_review", made.case("1"))
    data = filled(made, "2") | {"row": str(review), f"{prefix(review)}decision": "approve"}
    answer = visitor.post(address(made, "khdt"), data, follow_redirects=True)
    made.settle()
    assert "Đã gửi 2 nội dung: II.2, I.1." in text_of(answer)
    assert made.entries() == {"1": "sent", "2": "sent", "3": "asked", "4": "asked", "5": "asked"}
    done = made.rows(
        sa.select(UserTask.element_id, UserTask.completed_by).where(
            UserTask.instance_id == made.case("2"), UserTask.completed_by.is_not(None)
        )
    )
    assert set(done) >= {("execute", ward.person("khdt.truong")), ("unit_review", ward.person("khdt.truong"))}


def test_a_head_fills_in_what_nobody_has_taken(ward: Ward) -> None:
    made = issue(ward, ROWS[:1], accepted=False)
    made.do("accept", "khdt.truong", made.case("1"), decision="accept", officer=None)
    made.open_cycle()
    made.signed_in("khdt.truong").post(address(made, "khdt"), filled(made, "1"))
    made.settle()
    assert made.entries() == {"1": "sent"}


def test_what_is_refused_says_why_and_keeps_everything_typed_while_the_rest_is_sent(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    half = filled(made, "2", result="", outcome="done", difficulties="Thiếu kinh phí")
    answer = visitor.post(address(made, "khdt"), filled(made, "1") | half)
    made.settle()
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Đã gửi 1/2 nội dung; 1 nội dung chưa gửi được, phần đã nhập vẫn còn" in page
    assert "I.1: đã gửi" in page
    assert "II.2 : Chưa nhập kết quả." in page
    assert "Thiếu kinh phí" in answer.get_data(as_text=True)
    assert made.open_steps(made.case("1")) == ["unit_review"]
    assert made.open_steps(made.case("2")) == ["execute"]
    assert "Thiếu kinh phí" in visitor.get(address(made, "khdt")).get_data(as_text=True)


def test_what_somebody_else_did_meanwhile_is_refused_by_itself(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    data = filled(made, "1") | filled(made, "2")
    visitor.get(address(made, "khdt"))
    made.report("2", "khdt.cv1")
    answer = visitor.post(address(made, "khdt"), data)
    said = text_of(answer)
    assert "Đã gửi 1/1 nội dung: I.1: đã gửi" in said
    assert sent_answers(made, "2")["result"] == "Đã hoàn thành toàn bộ nội dung được giao."
    assert re.search(r"II\.2 ?: Bạn đã xử lý lúc .*?\. Nội dung bạn nhập ở đây không được gửi", said)
    assert "Đã xong việc 2</textarea>" in answer.get_data(as_text=True)
    assert visitor.post(address(made, "khdt"), data).status_code == 422


def test_what_was_sent_from_another_tab_in_the_same_words_is_not_held_out_again(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    data = filled(made, "1") | filled(made, "2")
    made.report("2", "khdt.cv1", result="Đã xong việc 2")
    assert "Đã gửi 1 nội dung: I.1." in text_of(visitor.post(address(made, "khdt"), data, follow_redirects=True))


def test_what_was_typed_for_a_row_that_is_gone_is_held_out_when_the_rest_is_kept_too(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    data = filled(made, "1") | filled(made, "2") | {"do": "save"}
    made.report("2", "khdt.cv1")
    page = visitor.post(address(made, "khdt"), data).get_data(as_text=True)
    assert "Đã xong việc 2</textarea>" in page and "Đã xong việc 1</textarea>" in page
    assert "Đã xong việc 1</textarea>" in visitor.get(address(made, "khdt")).get_data(as_text=True)


def test_a_row_left_for_later_stays_a_draft(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    later = str(made.step("execute", made.case("2")))
    visitor.post(address(made, "khdt"), filled(made, "1") | filled(made, "2") | {"later": later})
    made.settle()
    assert made.open_steps(made.case("2")) == ["execute"]


def test_nothing_filled_in_sends_nothing(ward: Ward) -> None:
    made = opened(ward)
    answer = made.signed_in("khdt.cv1").post(address(made, "khdt"), {"do": "send"})
    assert answer.status_code == 422
    assert "Chưa có nội dung nào để gửi." in text_of(answer)


def test_a_head_hands_one_row_back_while_sending_another(ward: Ward) -> None:
    made = opened(ward)
    made.report("1", "khdt.cv1")
    made.report("2", "khdt.cv1")
    good, bad = (made.step("unit_review", made.case(ordinal)) for ordinal in "12")
    said = made.signed_in("khdt.truong").post(address(made, "khdt"), {
        "row": [str(good), str(bad)], f"{prefix(good)}decision": "approve", f"{prefix(bad)}decision": "return",
        f"{prefix(bad)}reason": "Chưa có số liệu",
    }, follow_redirects=True)  # fmt: skip
    made.settle()
    assert "Đã trả lại 1 nội dung: II.2." in text_of(said)
    assert made.entries()["1"] == "sent"
    assert made.open_steps(made.case("2")) == ["execute"]
    assert "Trả lại: Chưa có số liệu" in page_of(made.signed_in("khdt.cv1"))


def test_a_review_that_was_done_in_another_tab_is_told_apart_from_those_done_now(ward: Ward) -> None:
    made = opened(ward)
    made.report("1", "khdt.cv1")
    made.report("2", "khdt.cv1")
    reviews = [made.step("unit_review", made.case(ordinal)) for ordinal in "12"]
    chosen = {"row": [str(review) for review in reviews]} | {f"{prefix(one)}decision": "approve" for one in reviews}
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    head = made.signed_in("khdt.truong")
    said = text_of(head.post(address(made, "khdt"), chosen, follow_redirects=True))
    assert "Đã gửi 1 nội dung: II.2." in said
    assert said.count("Bạn đã xử lý lúc ") == 1
    again = head.post(address(made, "khdt"), chosen)
    assert again.status_code == 422 and text_of(again).count("Bạn đã xử lý lúc ") == 2


def test_a_returned_row_is_not_sent_again_until_it_was_mended(ward: Ward) -> None:
    made = opened(ward)
    made.send("1", "khdt")
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số")
    visitor = made.signed_in("khdt.cv1")
    same = filled(made, "1", result="Đã hoàn thành toàn bộ nội dung được giao.")
    assert visitor.post(address(made, "khdt"), same).status_code == 422
    assert visitor.post(address(made, "khdt"), filled(made, "1", result="Đã số hóa 120 hồ sơ")).status_code == 302
    assert sent_answers(made, "1")["result"] == "Đã số hóa 120 hồ sơ"


# --- drafts and helps ---


def test_drafts_are_kept_row_by_row_and_the_steps_own_page_finds_them(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("khdt.cv1")
    answer = visitor.post(f"{address(made, 'khdt')}/nhap", filled(made, "1", result="Mới làm một nửa"))
    assert "saved_at" in answer.get_json()
    assert "Mới làm một nửa" in visitor.get(address(made, "khdt")).get_data(as_text=True)
    step = made.step("execute", made.case("1"))
    assert "Mới làm một nửa" in visitor.get(f"/viec/{step}").get_data(as_text=True)
    untouched = made.step("execute", made.case("2"))
    assert made.rows(sa.text("select count(*) from drafts")) == [(1,)], untouched


def test_last_years_report_is_offered_without_its_figures_and_dates(ward: Ward) -> None:
    made = issue(ward, ROWS[:2])
    indicators = [{"indicator": None, "name": "Số đợt", "value": 3, "note": None}]
    made.report("1", "khdt.cv1", result="Năm trước đã làm 3 đợt", indicators=indicators)
    a_year_passes(made)
    made.open_cycle()
    visitor = made.signed_in("khdt.cv1")
    step, other = (made.step("execute", made.case(ordinal)) for ordinal in "12")
    assert "Năm trước đã làm 3 đợt" in page_of(visitor)
    visitor.post(address(made, "khdt"), {"do": f"reuse:{step}", f"{prefix(other)}result": "Đang gõ dở"})
    page = visitor.get(address(made, "khdt")).get_data(as_text=True)
    assert f'name="{prefix(step)}indicators-0-name" value="Số đợt"' in page
    assert f'name="{prefix(step)}indicators-0-value" value=""' in page
    assert f'name="{prefix(step)}completed_on" value=""' in page
    assert "Đang gõ dở" in page


def a_year_passes(made: CycleWard) -> None:
    """The cases become last year's, and the same tasks are issued anew."""
    with made.ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).values(year=TaskOccurrence.year - 1))
        key = ProcessInstance.business_key + "-before"
        connection.execute(sa.update(ProcessInstance.__table__).values(business_key=key))
        connection.execute(sa.update(PlanTask.__table__).values(state=PlanTaskState.DRAFT))
        connection.execute(sa.update(Plan.__table__).values(state=PlanState.CONFIRMED))
    made.execute(IssuePlan(plan_id=made.plan_id), FOCAL)
    accept_all(made, ROWS[:2])


# --- in the name of somebody else ---


def scan(visitor: Visitor, step: UUID) -> str:
    token = visitor.get("/bao-cao-don-vi?tat-ca=1", follow_redirects=True)
    assert token.status_code == 200
    answer = visitor.post(
        f"/tep?viec={step}",
        {"file": (io.BytesIO(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"), "ban-chup.pdf")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return str(answer.get_json()["id"])


def test_the_office_enters_for_a_unit_with_the_scan(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in("vanphong")
    path = address(made, "th")
    file = scan(visitor, made.step("execute", made.case("5")))
    unnamed = visitor.post(path, filled(made, "5"))
    assert unnamed.status_code == 422
    assert "Chưa nhập người được nhập thay." in text_of(unnamed)
    assert "Chưa đính kèm bản chụp." in text_of(unnamed)

    named = {"thay-on_behalf_of": "Hiệu trưởng Trường Tiểu học", "thay-on_behalf_scan": file}
    answer = visitor.post(path, filled(made, "5") | named, follow_redirects=True)
    made.settle()
    assert "Đã gửi 1 nội dung: II.5." in text_of(answer)
    assert made.entries()["5"] == "sent"
    entered = made.rows(
        sa.select(Submission.element_id, Submission.on_behalf_of, Submission.actor_id).where(
            Submission.instance_id == made.case("5"), Submission.element_id.in_(["execute", "unit_review"])
        )
    )
    whom = ("Hiệu trưởng Trường Tiểu học", ward.person("vanphong"))
    assert set(entered) == {("execute", *whom), ("unit_review", *whom)}
    kept = sent_answers(made, "5")["on_behalf_scan"]
    state = sa.select(Attachment.state, Attachment.instance_id).where(Attachment.id == UUID(kept[0]))
    assert made.rows(state) == [(AttachmentState.PERMANENT, made.case("5"))]


def test_for_whom_it_is_entered_is_kept_with_the_draft(ward: Ward) -> None:
    made = opened(ward)
    visitor, path = made.signed_in("vanphong"), address(made, "th")
    visitor.post(f"{path}/nhap", filled(made, "5") | {"thay-on_behalf_of": "Cô hiệu trưởng"})
    assert "Cô hiệu trưởng" in visitor.get(path).get_data(as_text=True)


def test_who_entered_a_report_for_a_unit_cannot_check_it(ward: Ward) -> None:
    made = opened(ward)
    visitor = made.signed_in(FOCAL)
    file = scan(visitor, made.step("execute", made.case("5")))
    named = {"thay-on_behalf_of": "Hiệu trưởng", "thay-on_behalf_scan": file}
    visitor.post(address(made, "th"), filled(made, "5") | named)
    made.settle()
    page = visitor.get(f"/ky-bao-cao/{made.cycle_id}/kiem-tra")
    assert "Bạn đã làm bước trước của việc này nên không được tự kiểm tra." in text_of(page)
    assert (
        visitor.post(
            f"/ky-bao-cao/{made.cycle_id}/kiem-tra", {"row": str(made.step("check", made.case("5")))}
        ).status_code
        == 422
    )


@pytest.mark.parametrize("username", ["chutich", "vanthu"])
def test_those_who_only_see_cannot_send(ward: Ward, username: str) -> None:
    made = opened(ward)
    answer = made.signed_in(username).post(address(made, "khdt"), filled(made, "1"))
    assert answer.status_code == 422
    assert made.open_steps(made.case("1")) == ["execute"]
