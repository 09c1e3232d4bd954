"""The step page: nothing typed is lost, nothing is sent twice, nobody does another's step."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from threading import Barrier, Thread
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands.instances import SuspendInstance
from engine.commands.user_tasks import AssignUserTask
from engine.models import Draft, Submission, UserTask
from tests.support.databases import Databases
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.issued_wards import issued_ward
from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.models import Membership, Role, UnitSuccession
from webapp.plans.models import Contribution, OccurrenceState, TaskOccurrence

ROWS = (
    Row("khdt", "Số hóa bản đồ quy hoạch", coordinator="yte"),
    Row("yte", "Lập hồ sơ sức khỏe điện tử", conditional=True),
    Row("vhxh", "Đánh giá mức độ chuyển đổi số"),
)
WORDS = "Đã số hóa 12 tờ bản đồ."


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Three cases in execution."""
    with issued_ward(databases, tmp_path, "three_cases", ROWS) as made:
        yield made


def execute_of(made: CycleWard, ordinal: str = "1") -> str:
    return f"/viec/{made.step('execute', made.case(ordinal))}"


def report(made: CycleWard, **more: str) -> dict[str, str]:
    done_on = made.today().strftime("%d/%m/%Y")
    return {"outcome": "done", "result": WORDS, "completed_on": done_on, **more}


def submissions(made: CycleWard, address: str) -> int:
    step = UUID(address.removeprefix("/viec/"))
    return len(made.rows(sa.select(Submission.id).where(Submission.user_task_id == step)))


# --- the form ---


def test_the_page_shows_the_task_and_what_was_entered_before(made: CycleWard) -> None:
    page = text_of(made.signed_in("khdt.cv1").get(execute_of(made)))
    assert "Thực hiện, báo kết quả" in page
    assert "Nhóm I, việc 1: Số hóa bản đồ quy hoạch" in page
    assert "Trạm Y tế Chưa gửi" in page
    assert "Nhận việc: Nhận việc Trưởng phòng KT-HT-ĐT" in page
    assert "Nêu khó khăn, vướng mắc Xin gia hạn" in page


def test_a_conditional_task_offers_that_nothing_arose(made: CycleWard) -> None:
    assert "Không phát sinh" in text_of(made.signed_in("yte.cv1").get(execute_of(made, "2")))
    assert "Không phát sinh" not in text_of(made.signed_in("khdt.cv1").get(execute_of(made)))


def test_sending_carries_the_case_on_and_leads_back_to_the_list(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    answer = officer.post(address, report(made), follow_redirects=True)
    assert answer.request.path == "/hop-viec"
    assert "Đã gửi “Thực hiện, báo kết quả”." in text_of(answer)
    assert made.open_steps(made.case("1")) == ["unit_review"]


def test_after_sending_one_may_go_on_to_the_next(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Việc một"), Row("khdt", "Việc hai")])
    officer = made.signed_in("khdt.cv1")
    answer = officer.post(execute_of(made), report(made, do="next"))
    assert answer.location == execute_of(made, "2")


def test_a_refused_form_keeps_what_was_typed_and_leads_to_the_error(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    refused = officer.post(address, report(made, completed_on="31/02/2026"))
    assert refused.status_code == 422
    page = refused.get_data(as_text=True)
    assert WORDS in page
    assert 'value="31/02/2026"' in page
    assert 'href="#field-completed_on"' in page
    assert submissions(made, address) == 0


def test_a_value_outside_the_choices_is_refused(made: CycleWard) -> None:
    refused = made.signed_in("khdt.cv1").post(execute_of(made), report(made, outcome="x"))
    assert refused.status_code == 422


def test_an_unknown_step_is_not_found(made: CycleWard) -> None:
    assert made.signed_in("khdt.cv1").get(f"/viec/{made.plan_id}").status_code == 404


def test_the_head_reads_the_report_above_the_decision(made: CycleWard) -> None:
    made.report("1", "khdt.cv1", result=WORDS)
    page = text_of(made.signed_in("khdt.truong").get(f"/viec/{made.step('unit_review', made.case('1'))}"))
    assert page.index(WORDS) < page.index("Trả lại người viết")


def test_a_returned_report_says_why_and_starts_from_what_was_sent(made: CycleWard) -> None:
    made.report("1", "khdt.cv1", result=WORDS)
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Thiếu số tờ bản đồ")
    page = made.signed_in("khdt.cv1").get(execute_of(made))
    assert "Trả lại người viết. Trưởng phòng KT-HT-ĐT" in text_of(page)
    assert "“Thiếu số tờ bản đồ”" in text_of(page)
    assert re.search(rf'<textarea[^>]*name="result"[^>]*>\s*{WORDS}', page.get_data(as_text=True))


def test_whoever_decides_reads_what_was_decided_and_who_has_the_case_now(made: CycleWard) -> None:
    made.report("1", "khdt.cv1")
    head, review = made.signed_in("khdt.truong"), f"/viec/{made.step('unit_review', made.case('1'))}"
    back = head.post(review, {"decision": "return", "reason": "Thiếu số"}, follow_redirects=True)
    assert (
        "“Duyệt báo cáo đơn vị”: đã ghi “Trả lại người viết”. "
        "Chuyển đến Chuyên viên KT-HT-ĐT 1: “Thực hiện, báo kết quả”."
    ) in text_of(back)
    made.report("1", "khdt.cv1")
    review = f"/viec/{made.step('unit_review', made.case('1'))}"
    on = head.post(review, {"decision": "approve"}, follow_redirects=True)
    assert "đã ghi “Gửi báo cáo”. Chuyển đến Cán bộ tổng hợp · Phòng VH-XH: “" in text_of(on)


def test_a_decision_starts_anew_after_a_return(made: CycleWard) -> None:
    made.report("1", "khdt.cv1")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Thiếu số")
    made.report("1", "khdt.cv1")
    page = made.signed_in("khdt.truong").get(f"/viec/{made.step('unit_review', made.case('1'))}")
    assert re.search(r'value="approve"[^>]* checked', page.get_data(as_text=True))


@pytest.mark.parametrize("succeeded", [False, True])
def test_last_years_answer_stands_beside_the_form(made: CycleWard, succeeded: bool) -> None:
    made.report("1", "khdt.cv1", result="Năm ngoái số hóa 5 tờ.")
    old, new = made.ward.unit("khdt"), made.ward.unit("yte")
    place = {"predecessor_id": old, "successor_id": new, "tenant_id": made.ward.demo.tenant_id, "is_main": True}
    with made.ward.runtime.writing() as connection:
        case = connection.execute(sa.select(TaskOccurrence.__table__).where(TaskOccurrence.id == made.case("1"))).one()
        led = {"plan_task_id": case.plan_task_id, "year": case.year + 1} | ({} if succeeded else {"lead_unit_id": old})
        connection.execute(sa.update(TaskOccurrence).where(TaskOccurrence.id == made.case("2")).values(led))
        if succeeded:  # The unit that reported was merged since into the one that leads now.
            connection.execute(sa.insert(UnitSuccession).values(**place, is_partial=False, from_day=made.today()))
    step = made.rows(sa.select(UserTask.id).where(UserTask.element_id == "execute", UserTask.desk.contains(str(new))))
    page = text_of(made.signed_in("yte.cv1").get(f"/viec/{step[0][0]}"))
    assert f"Năm {case.year} đã báo cáo" in page
    assert "Năm ngoái số hóa 5 tờ." in page


# --- once, and by whom ---


def test_sending_twice_gives_one_completion(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    officer.post(address, report(made))
    again = officer.post(address, report(made, result="Lần hai"), follow_redirects=True)
    assert "“Thực hiện, báo kết quả” đã được gửi." in text_of(again)
    assert submissions(made, address) == 1


def test_two_clicks_at_once_give_one_completion(made: CycleWard) -> None:
    address, barrier, codes = execute_of(made), Barrier(2), []
    officers = [made.signed_in("khdt.cv1") for _ in range(2)]
    for officer in officers:
        officer.get(address)

    def send(number: int) -> None:
        barrier.wait()
        codes.append(officers[number].post(address, report(made)).status_code)

    threads = [Thread(target=send, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [302, 302]
    assert submissions(made, address) == 1


def test_who_comes_too_late_sees_what_was_sent_and_keeps_their_words(made: CycleWard) -> None:
    address = execute_of(made, "3")
    made.do("execute", "vhxh.cv1", made.case("3"), outcome="done", result="Của đồng nghiệp", completed_on="2026-01-02")
    late = made.signed_in("vhxh.cv2").post(address, report(made, result="Của tôi"))
    assert late.status_code == 409
    page = text_of(late)
    assert "Việc này vừa được người khác xử lý" in page
    assert "Của đồng nghiệp" in page
    assert "Nội dung bạn đã nhập" in page
    assert "Của tôi" in page
    assert submissions(made, address) == 1


def test_a_step_that_is_done_shows_what_was_sent(made: CycleWard) -> None:
    address = execute_of(made)
    made.report("1", "khdt.cv1", result=WORDS)
    page = made.signed_in("khdt.truong").get(address)
    assert page.status_code == 200
    assert WORDS in text_of(page)


def test_a_colleagues_step_says_who_has_it(made: CycleWard) -> None:
    refused = made.signed_in("khdt.truong").get(execute_of(made))
    assert refused.status_code == 403
    assert "Chuyên viên KT-HT-ĐT 1 (Chuyên viên · Phòng KT-HT-ĐT) đang giữ việc này." in text_of(refused)


def test_the_head_may_hand_a_colleagues_step_over_from_there(made: CycleWard) -> None:
    handing_over = f'href="/hop-viec/giao?viec={made.step("execute", made.case("1"))}"'
    assert handing_over in made.signed_in("khdt.truong").get(execute_of(made)).get_data(as_text=True)
    chair = made.signed_in("chutich").get(execute_of(made))
    assert "trưởng đơn vị giao lại cho bạn" in text_of(chair)
    assert handing_over not in chair.get_data(as_text=True)


def test_sending_a_colleagues_step_keeps_the_words(made: CycleWard) -> None:
    refused = made.signed_in("khdt.truong").post(execute_of(made), report(made))
    assert refused.status_code == 403
    assert WORDS in text_of(refused)


def test_a_step_of_ones_other_role_is_a_click_away(ward: Ward) -> None:
    """A mail leads to it, whatever role its reader acts in; it is not to be entered for somebody else."""
    made = issue(ward, [Row("vp", "Số hóa hồ sơ")], accepted=False)
    page, person = f"/viec/{made.step('accept', made.case('1'))}", ward.person("vanphong")
    visitor = made.signed_in("vanphong")
    office, head = (
        made.rows(sa.select(Membership.id).where(Membership.person_id == person, Membership.role == role))[0][0]
        for role in (Role.OFFICE, Role.HEAD)
    )
    visitor.act_as(office)
    shown = visitor.get(page)
    assert "Việc này chờ bạn ở vai khác" in text_of(shown)
    assert f'name="desk" value="{head}"' in shown.get_data(as_text=True)
    refused = visitor.post(page, {"decision": "hand_back", "reason": "Không đủ người làm"})
    assert "Không đủ người làm" in refused.get_data(as_text=True)
    going = visitor.act_as(head, headers={"Referer": f"http://localhost{page}"})
    assert going.location == page
    assert "Nhập thay" not in text_of(visitor.get(page))


def test_a_strangers_step_tells_nothing(made: CycleWard) -> None:
    refused = made.signed_in("th.truong").get(execute_of(made))
    assert refused.status_code == 403
    assert "bản đồ" not in text_of(refused)


def test_whoever_wrote_the_report_may_not_check_it(made: CycleWard) -> None:
    case = made.case("3")
    step = made.step("execute", case)
    made.execute(AssignUserTask(user_task_id=step, assignee_id=made.ward.person(FOCAL)), "vhxh.truong")
    made.do("execute", FOCAL, case, outcome="done", result=WORDS, completed_on="2026-01-02")
    author, address = made.signed_in(FOCAL), f"/viec/{made.step('self_check', case)}"
    assert "không được tự kiểm tra" in text_of(author.get(address))
    refused = author.post(address, {"decision": "approve"})
    assert refused.status_code == 403
    assert "không được tự kiểm tra" in text_of(refused)


def test_a_suspended_case_keeps_the_words(made: CycleWard) -> None:
    made.ward.execute(SuspendInstance(instance_id=made.case("1"), reason="Chờ ý kiến"))
    refused = made.signed_in("khdt.cv1").post(execute_of(made), report(made))
    assert refused.status_code == 409
    assert WORDS in refused.get_data(as_text=True)


# --- drafts ---


def drafts(made: CycleWard) -> list[UUID]:
    return [person for (person,) in made.rows(sa.select(Draft.person_id))]


def test_a_draft_comes_back_and_goes_when_sent(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    saved = officer.post(f"{address}/nhap", {"result": "Nửa chừng"}, headers={"Accept": "application/json"})
    assert saved.json is not None
    assert saved.json["saved_at"]
    page = officer.get(address).get_data(as_text=True)
    assert "Nửa chừng" in page
    assert "data-draft-at=" in page
    officer.post(address, report(made))
    assert drafts(made) == []


def test_a_draft_saved_again_replaces_the_first(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    for words in ("Một", "Hai"):
        officer.post(f"{address}/nhap", {"result": words})
    page = officer.get(address).get_data(as_text=True)
    assert "Hai</textarea>" in page
    assert len(drafts(made)) == 1


def test_without_a_script_a_draft_is_saved_by_its_button(made: CycleWard) -> None:
    saved = made.signed_in("khdt.cv1").post(f"{execute_of(made)}/nhap", {"result": "Một"}, follow_redirects=True)
    assert "Đã lưu nháp." in text_of(saved)


def test_a_draft_follows_its_step_to_whom_it_is_handed(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), execute_of(made)
    officer.post(f"{address}/nhap", {"result": "Dở dang"})
    head = made.ward.person("khdt.truong")
    step = made.step("execute", made.case("1"))
    made.execute(AssignUserTask(user_task_id=step, assignee_id=head), "khdt.truong")
    assert "Dở dang" in made.signed_in("khdt.truong").get(address).get_data(as_text=True)
    assert drafts(made) == [head]


def test_nobody_saves_a_draft_of_anothers_step_or_of_one_that_is_done(made: CycleWard) -> None:
    address, json = execute_of(made), {"Accept": "application/json"}
    refused = made.signed_in("yte.cv1").post(f"{address}/nhap", {"result": "x"}, headers=json)
    assert refused.status_code == 403
    assert refused.json == {"message": "Việc này không thuộc phần việc của bạn."}
    made.report("1", "khdt.cv1")
    late = made.signed_in("khdt.cv1").post(f"{address}/nhap", {"result": "x"}, headers=json)
    assert late.status_code == 409
    assert drafts(made) == []


def test_what_others_typed_stays_for_them_when_a_step_is_done(made: CycleWard) -> None:
    address = execute_of(made, "3")
    made.execute(
        AssignUserTask(user_task_id=made.step("execute", made.case("3")), assignee_id=made.ward.person("vhxh.cv2")),
        "vhxh.truong",
    )
    made.signed_in("vhxh.cv2").post(f"{address}/nhap", {"result": "Tôi đã viết dở"})
    made.execute(
        AssignUserTask(user_task_id=made.step("execute", made.case("3")), assignee_id=made.ward.person("vhxh.cv1")),
        "vhxh.truong",
    )
    made.signed_in("vhxh.cv1").post(f"{address}/nhap", {"result": "Bản khác"})
    made.do("execute", "vhxh.cv1", made.case("3"), outcome="done", result=WORDS, completed_on="2026-01-02")
    assert made.ward.person("vhxh.cv1") not in drafts(made)


# --- in the name of another ---


def upload(visitor: Visitor, address: str) -> str:
    file = BytesIO(b"%PDF-1.4\n%scan"), "phieu.pdf"
    answer = visitor.post(f"/tep?viec={address.removeprefix('/viec/')}", {"file": file})
    assert answer.status_code == 201
    return str(answer.json["id"])


def test_entered_for_another_says_for_whom_and_keeps_the_scan(made: CycleWard) -> None:
    officer, address = made.signed_in(FOCAL), execute_of(made)
    assert "Bạn chỉ gửi được khi nhập thay" in text_of(officer.get(address))
    scan = upload(officer, address)
    sent = officer.post(
        address, report(made, **{"thay-on_behalf_of": "Bà Lan, Phòng KT-HT-ĐT", "thay-on_behalf_scan": scan})
    )
    assert sent.status_code == 302
    row = made.rows(sa.select(Submission.on_behalf_of, Submission.data).where(Submission.element_id == "execute"))[0]
    assert row.on_behalf_of == "Bà Lan, Phòng KT-HT-ĐT"
    assert scan in row.data
    page = text_of(made.signed_in("khdt.truong").get(f"/viec/{made.step('unit_review', made.case('1'))}"))
    assert "nhập thay Bà Lan, Phòng KT-HT-ĐT" in page


def test_entering_for_another_needs_a_name_and_the_scan(made: CycleWard) -> None:
    refused = made.signed_in(FOCAL).post(execute_of(made), report(made))
    assert refused.status_code == 422
    assert "Chưa nhập người được nhập thay." in text_of(refused)
    assert "Chưa đính kèm bản chụp." in text_of(refused)


# --- other steps ---


def test_a_contribution_is_a_step_like_any_other(made: CycleWard) -> None:
    contribution = made.rows(sa.select(Contribution.id))[0][0]
    step = made.step("contribute", contribution)
    officer = made.signed_in("yte.cv1")
    assert "Nhóm I, việc 1" in text_of(officer.get(f"/viec/{step}"))
    officer.post(f"/viec/{step}", {"answer": "result", "result": "Đã cung cấp số liệu dân cư"})
    page = text_of(made.signed_in("khdt.cv1").get(execute_of(made)))
    assert "Trạm Y tế Đã gửi kết quả" in page
    assert "Đã cung cấp số liệu dân cư" in page


def test_a_row_sent_back_by_the_focal_unit_is_in_rework(made: CycleWard) -> None:
    made.send("1", "khdt")
    checker = made.signed_in(FOCAL)
    address = f"/viec/{made.step('check', made.case('1'))}"
    checker.post(address, {"decision": "return", "reason": "Thiếu minh chứng"})
    state = made.rows(sa.select(TaskOccurrence.state).where(TaskOccurrence.id == made.case("1")))[0][0]
    assert state is OccurrenceState.NEEDS_REWORK
    assert "Cần bổ sung" in text_of(made.signed_in("khdt.cv1").get("/hop-viec"))
