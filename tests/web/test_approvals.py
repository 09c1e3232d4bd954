"""Duyệt và ký over HTTP: the cards that wait, decisions, returns, several at once, content that changed meanwhile."""

import html
import re
from secrets import token_hex
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.commands.operations import GoBack, ReassignUserTask
from engine.models import Draft
from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, closed_without_one
from tests.web.remembering import remembered
from tests.web.test_exports import sheet
from tests.web.wards import Visitor, Ward, text_of
from webapp.approvals.queries import MOST_CARDS
from webapp.cycles.commands import EditReport, ReturnRow
from webapp.cycles.drafting import OWN_WORDS
from webapp.cycles.leaving_out import LeaveDifficultyOut
from webapp.cycles.models import ConsolidatedReport, Mark, MarkKind, ReportingCycle
from webapp.cycles.report_data import report_document
from webapp.difficulties.models import Difficulty
from webapp.organisation.commands.absences import EnterAbsence
from webapp.organisation.models import Person

REASON = "Thiếu số liệu quý IV của Trạm Y tế."


@remembered
def begun(ward: Ward) -> CycleWard:
    """A cycle of two rows, one missing, whose report waits for the first countersignature."""
    made = closed_without_one(ward)
    submit(made)
    return made


@pytest.fixture
def cycle(ward: Ward) -> CycleWard:
    return begun(ward)


def submit(cycle: CycleWard, text: str = "Đã xong kho dữ liệu.") -> None:
    """Consolidate, with a wording of the only statement."""
    cycle.consolidate(text, "Đạt 1/2 nhiệm vụ")


def countersign(cycle: CycleWard) -> None:
    cycle.do("countersign_content", "vhxh.truong", cycle.cycle_id, decision="approve")
    cycle.do("countersign_form", "vanphong", cycle.cycle_id, role="office", decision="approve")
    cycle.do("vice_opinion", "pct.vhxh", cycle.cycle_id, decision="approve", opinion="Nhất trí")


def content_hash(cycle: CycleWard) -> str:
    return str(cycle.rows(sa.select(ConsolidatedReport.content_hash))[0][0])


def name_of(cycle: CycleWard, person_id: UUID) -> str:
    return str(cycle.rows(sa.select(Person.name).where(Person.id == person_id))[0][0])


def marks(cycle: CycleWard, *, void: bool = False) -> list[MarkKind]:
    kept = Mark.void_at.is_not(None) if void else Mark.void_at.is_(None)
    return [kind for (kind,) in cycle.rows(sa.select(Mark.kind).where(kept).order_by(Mark.made_at))]


def decide(visitor: Visitor, step: UUID, **answers: str) -> tuple[int, str]:
    """Open the card, decide on what it shows; the answer's status and text."""
    shown = re.search(r'name="content_hash" value="(\w+)"', visitor.get(f"/duyet-ky/{step}").get_data(as_text=True))
    assert shown
    answer = visitor.post(f"/duyet-ky/{step}", {"content_hash": shown[1], **answers})
    return answer.status_code, text_of(answer)


def test_the_card_says_what_a_decision_needs(cycle: CycleWard) -> None:
    answer = cycle.signed_in("vhxh.truong").get("/duyet-ky")
    assert 'href="/duyet-ky.xlsx"' in answer.get_data(as_text=True)
    page = text_of(answer)
    for fact in ("Ký nháy nội dung", "45/KH-UBND", "Sở Khoa học và Công nghệ", "Chưa có đủ báo cáo: Trạm Y tế"):
        assert fact in page
    assert "Đạt 1/2 nhiệm vụ" in page, "What the drafter told those who sign is not shown."
    assert "Xong đúng hạn 1" in page
    assert "Chưa xong, còn hạn 1" in page
    [row] = [row for row in sheet(cycle, "/duyet-ky.xlsx", "vhxh.truong") if row[:1] == (1,)]
    assert row[1] == "Ký nháy nội dung" and "Trạm Y tế" in row


def test_the_document_stands_beside_the_decision(cycle: CycleWard) -> None:
    step = cycle.step("countersign_content", cycle.cycle_id)
    page = text_of(cycle.signed_in("vhxh.truong").get(f"/duyet-ky/{step}"))
    assert "Đã xong kho dữ liệu." in page
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in page
    assert "Quyết định" in page


def test_it_waits_for_nobody_else(cycle: CycleWard) -> None:
    step = cycle.step("countersign_content", cycle.cycle_id)
    for username in ("chutich", "vanphong", "khdt.truong"):
        visitor = cycle.signed_in(username)
        assert "Không có văn bản nào chờ bạn." in text_of(visitor.get("/duyet-ky"))
        assert visitor.get(f"/duyet-ky/{step}").status_code == 403
    for username in (FOCAL, "khdt.cv1"):
        assert cycle.signed_in(username).get("/duyet-ky").status_code == 403


def test_a_proxy_decides_for_the_absent_chair_and_is_told_so(cycle: CycleWard) -> None:
    countersign(cycle)
    ward, today = cycle.ward, cycle.today()
    absent, proxy = ward.person("chutich"), ward.person("pct.kt")
    ward.execute(EnterAbsence(person_id=absent, proxy_id=proxy, from_day=today, to_day=today, reason="Đi họp"))
    step, deputy = cycle.step("sign_chair", cycle.cycle_id), cycle.signed_in("pct.kt")
    page = text_of(deputy.get(f"/duyet-ky/{step}"))
    assert "Bạn làm thay Chủ tịch đang vắng." in page and f"KT. CHỦ TỊCH PHÓ CHỦ TỊCH {name_of(cycle, proxy)}" in page
    assert "Bạn làm thay" not in text_of(cycle.signed_in("chutich").get(f"/duyet-ky/{step}"))
    assert decide(deputy, step, decision="approve")[0] == 302
    assert cycle.rows(sa.select(Mark.person_id).where(Mark.kind == MarkKind.APPROVAL)) == [(proxy,)]
    report = cycle.rows(sa.select(ConsolidatedReport.id))[0][0]
    with Session(cycle.ward.runtime.database) as read:
        signer = report_document(read, report, today).signer
    assert (signer.authority, signer.title) == ("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")
    assert signer.name == name_of(cycle, proxy)


def test_an_approval_that_is_undone_comes_back_with_the_reason(cycle: CycleWard) -> None:
    countersign(cycle)
    chair = cycle.signed_in("chutich")
    decide(chair, cycle.step("sign_chair", cycle.cycle_id), decision="approve")
    back = GoBack(instance_id=cycle.cycle_id, element_id="sign_chair", reason="Duyệt nhầm bản")
    cycle.ward.execute(back)
    assert "Ký TM. UBND" in text_of(chair.get("/duyet-ky"))
    told = text_of(chair.get("/thong-bao"))
    assert "Làm lại: Ký TM. UBND Mới" in told
    assert "Lý do: Duyệt nhầm bản." in told
    assert (MarkKind.APPROVAL in marks(cycle), marks(cycle, void=True)) == (False, [MarkKind.APPROVAL])


def test_countersigned_twice_opined_and_signed(cycle: CycleWard) -> None:
    for username, element in (
        ("vhxh.truong", "countersign_content"),
        ("vanphong", "countersign_form"),
        ("pct.vhxh", "vice_opinion"),
        ("chutich", "sign_chair"),
    ):
        visitor = cycle.signed_in(username)
        assert decide(visitor, cycle.step(element, cycle.cycle_id), decision="approve")[0] == 302
        assert "Đã ghi nhận: " in text_of(visitor.get("/duyet-ky"))
        cycle.settle()
    assert marks(cycle) == [MarkKind.CONTENT, MarkKind.FORM, MarkKind.OPINION, MarkKind.APPROVAL]
    assert cycle.cycle_state() == "signed"
    assert cycle.open_steps(cycle.cycle_id) == ["issue_number"]


def test_who_came_from_a_list_of_steps_goes_back_to_it(cycle: CycleWard) -> None:
    head, filters = cycle.signed_in(FOCAL_HEAD), {"ds": "cho-nhan", "buoc": "Ký nháy nội dung"}
    listed = head.get("/hop-viec", query_string=filters).text
    (step,) = re.findall(r'class="q-row-title" href="([^"]+)"', listed)
    page = head.get(html.unescape(step), follow_redirects=True).text
    fields = {"content_hash": content_hash(cycle), "decision": "approve"}
    (sent_to,) = re.findall(r'method="post" action="(/duyet-ky/[^"]+)"', page)
    answer = head.post(html.unescape(sent_to), fields)
    (later,) = re.findall(r'href="([^"]+)" data-key="q"', page)
    assert dict(parse_qsl(urlsplit(html.unescape(later)).query)) == filters
    assert dict(parse_qsl(urlsplit(answer.location).query)) == filters


def test_a_return_needs_a_reason_and_a_desk_and_keeps_what_was_typed(cycle: CycleWard) -> None:
    countersign(cycle)
    visitor, step = cycle.signed_in("chutich"), cycle.step("sign_chair", cycle.cycle_id)
    status, page = decide(visitor, step, decision="return", return_to="consolidate")
    assert status == 422
    assert "Chưa nhập lý do trả lại." in page
    status, page = decide(visitor, step, decision="return", reason="Thiếu số liệu quý IV")
    assert status == 422
    assert "Chưa chọn nơi nhận lại." in page
    assert "Thiếu số liệu quý IV" in page
    assert decide(visitor, step)[0] == 422
    assert "sign_chair" in cycle.open_steps(cycle.cycle_id)


def test_a_return_undoes_what_was_agreed_and_the_next_card_tells_of_it(cycle: CycleWard) -> None:
    countersign(cycle)
    chair = cycle.signed_in("chutich")
    returned = {"decision": "return", "return_to": "consolidate", "reason": "Thiếu số liệu quý IV"}
    assert decide(chair, cycle.step("sign_chair", cycle.cycle_id), **returned)[0] == 302
    cycle.settle()
    assert cycle.open_steps(cycle.cycle_id) == ["consolidate"]
    assert marks(cycle) == []
    submit(cycle, "Đã xong kho dữ liệu, quý IV có 12 bộ dữ liệu.")
    countersign(cycle)
    page = text_of(chair.get("/duyet-ky"))
    assert "“Thiếu số liệu quý IV”" in page
    assert "Đã sửa từ lần trả lại: Nhiệm vụ I.1" in page


def test_the_next_card_tells_of_each_part_that_was_touched_since_the_return(cycle: CycleWard) -> None:
    raised = {"content": "Thiếu máy chủ", "recommendation": "Cấp thêm máy"}
    cycle.send_message("difficulty_raised", "khdt.cv1", cycle.case("1"), **raised)
    back = {"decision": "return", "return_to": "consolidate", "reason": "Đánh giá còn chung chung"}
    cycle.do("countersign_content", "vhxh.truong", cycle.cycle_id, **back)
    report, words = cycle.report_id(), {**dict.fromkeys(OWN_WORDS, ""), "assessment": "Đã rõ."}
    cycle.execute(EditReport(report_id=report, **words, sections={"Kết quả": "Đạt 1/2."}), FOCAL)
    ((difficulty,),) = cycle.rows(sa.select(Difficulty.id))
    cycle.execute(LeaveDifficultyOut(report_id=report, about_id=difficulty, out=True, reason="Đã gỡ xong"), FOCAL)
    cycle.execute(ReturnRow(entry_id=cycle.entry("1"), item="Số liệu", reason="Chưa khớp"), FOCAL)
    cycle.send("1", "khdt")
    cycle.take("1")
    submit(cycle)
    assert (
        "Đã sửa từ lần trả lại: Phần đánh giá chung; Phần đề cương; Phần khó khăn; "
        "Một nhiệm vụ đã trả lại đơn vị để bổ sung; Nhiệm vụ I.1 "
    ) in text_of(cycle.signed_in("vhxh.truong").get("/duyet-ky"))
    cycle.do("countersign_content", "vhxh.truong", cycle.cycle_id, **back)
    cycle.do("consolidate", FOCAL, cycle.cycle_id, summary="Đạt 1/2 nhiệm vụ")
    page = text_of(cycle.signed_in("vhxh.truong").get("/duyet-ky"))
    assert "Chưa có nội dung nào sửa từ lần trả lại." in page, "That was before."


def test_a_return_to_the_office_keeps_the_content_countersignature(cycle: CycleWard) -> None:
    countersign(cycle)
    returned = {"decision": "return", "return_to": "countersign_form", "reason": "Sai căn lề"}
    assert decide(cycle.signed_in("chutich"), cycle.step("sign_chair", cycle.cycle_id), **returned)[0] == 302
    cycle.settle()
    assert cycle.open_steps(cycle.cycle_id) == ["countersign_form"]
    assert marks(cycle) == [MarkKind.CONTENT]


def test_what_was_changed_after_it_was_opened_is_not_signed(cycle: CycleWard) -> None:
    step = cycle.step("countersign_content", cycle.cycle_id)
    visitor = cycle.signed_in("vhxh.truong")
    answer = visitor.post(f"/duyet-ky/{step}", {"decision": "approve", "content_hash": "0" * 64})
    assert answer.status_code == 409
    assert "Văn bản đã sửa sau khi ký nháy." in text_of(answer)
    assert "countersign_content" in cycle.open_steps(cycle.cycle_id)
    assert marks(cycle) == []


def test_what_somebody_else_just_decided_says_so(cycle: CycleWard) -> None:
    step = cycle.step("countersign_content", cycle.cycle_id)
    visitor = cycle.signed_in("vhxh.truong")
    assert decide(visitor, step, decision="approve")[0] == 302
    typed = {"decision": "return", "content_hash": content_hash(cycle), "reason": "Thiếu số liệu <quý IV>"}
    again = visitor.post(f"/duyet-ky/{step}", typed)
    assert again.status_code == 409
    assert "vừa được người khác xử lý" in text_of(again)
    assert "<dd>Thiếu số liệu &lt;quý IV&gt;</dd>" in again.get_data(as_text=True), "To be copied from there."
    assert content_hash(cycle) not in again.get_data(as_text=True)


# --- drafts ---


def at_the_chair(cycle: CycleWard) -> UUID:
    """The report waits for the chair's signature."""
    countersign(cycle)
    return cycle.step("sign_chair", cycle.cycle_id)


def keep_draft(visitor: Visitor, step: UUID, **typed: str) -> None:
    """What the page's script sends while somebody types."""
    assert visitor.post(f"/viec/{step}/nhap", typed, headers={"Accept": "application/json"}).status_code == 200


def begin_return(cycle: CycleWard, visitor: Visitor, step: UUID) -> None:
    keep_draft(visitor, step, decision="return", reason=REASON, content_hash=content_hash(cycle))


def drafts(cycle: CycleWard) -> list[UUID]:
    return [person for (person,) in cycle.rows(sa.select(Draft.person_id))]


def test_what_an_approver_typed_is_there_on_another_device_and_gone_once_decided(cycle: CycleWard) -> None:
    step = at_the_chair(cycle)
    begin_return(cycle, cycle.signed_in("chutich"), step)
    elsewhere = cycle.signed_in("chutich")
    assert "Bạn đang nhập dở, bản nháp lưu lúc" in text_of(elsewhere.get("/duyet-ky"))
    page = elsewhere.get(f"/duyet-ky/{step}").get_data(as_text=True)
    assert f"{REASON}</textarea>" in page and "Bản nháp lưu lúc" in page
    assert f'data-draft-url="/viec/{step}/nhap"' in page and "data-draft-at=" in page
    assert "đã sửa sau khi" not in page
    assert decide(elsewhere, step, decision="return", return_to="consolidate", reason=REASON)[0] == 302
    assert drafts(cycle) == []


def test_without_a_script_a_draft_is_kept_by_its_button(cycle: CycleWard) -> None:
    chair, step = cycle.signed_in("chutich"), at_the_chair(cycle)
    saved = chair.post(f"/viec/{step}/nhap", {"reason": REASON, "do": "draft"}, follow_redirects=True)
    assert "Đã lưu nháp." in text_of(saved) and f"{REASON}</textarea>" in saved.text


def test_what_was_typed_about_other_content_stays_and_the_page_says_so(cycle: CycleWard) -> None:
    chair, step = cycle.signed_in("chutich"), at_the_chair(cycle)
    keep_draft(chair, step, decision="return", reason=REASON, content_hash="0" * 64)
    page = chair.get(f"/duyet-ky/{step}").get_data(as_text=True)
    assert "Văn bản đã sửa sau khi bạn nhập." in page and f"{REASON}</textarea>" in page
    assert decide(chair, step, decision="return", return_to="consolidate", reason=REASON)[0] == 302


def test_a_document_half_returned_is_not_approved_with_others(cycle: CycleWard) -> None:
    chair, step = cycle.signed_in("chutich"), at_the_chair(cycle)
    begin_return(cycle, chair, step)
    chair.get(f"/duyet-ky/{step}")
    assert "disabled" in checkbox(chair, step)
    refused = text_of(chair.post("/duyet-ky", {"task": str(step)}, follow_redirects=True))
    assert "(45/KH-UBND): bạn đang nhập dở, hãy mở ra để gửi." in refused
    assert "sign_chair" in cycle.open_steps(cycle.cycle_id)
    keep_draft(chair, step, decision="approve", reason="", content_hash=content_hash(cycle))
    assert "disabled" not in checkbox(chair, step), "Only the approval is chosen there."
    assert "Đã duyệt 1 văn bản" in text_of(chair.post("/duyet-ky", {"task": str(step)}, follow_redirects=True))
    assert drafts(cycle) == []


def test_a_proxys_draft_is_their_own_and_what_the_other_typed_is_held_out_to_be_copied(cycle: CycleWard) -> None:
    step, ward, today = at_the_chair(cycle), cycle.ward, cycle.today()
    absent, proxy = ward.person("chutich"), ward.person("pct.kt")
    ward.execute(EnterAbsence(person_id=absent, proxy_id=proxy, from_day=today, to_day=today, reason="Đi họp"))
    chair, deputy = cycle.signed_in("chutich"), cycle.signed_in("pct.kt")
    begin_return(cycle, chair, step)
    assert REASON not in deputy.get(f"/duyet-ky/{step}").text
    keep_draft(deputy, step, decision="return", reason="Sai căn lề", content_hash=content_hash(cycle))
    assert REASON in chair.get(f"/duyet-ky/{step}").text
    assert decide(deputy, step, decision="return", return_to="consolidate", reason="Sai căn lề")[0] == 302
    assert drafts(cycle) == [absent]
    late = chair.get(f"/duyet-ky/{step}")
    assert "vừa được người khác xử lý" in text_of(late) and f"<dd>{REASON}</dd>" in late.text
    cycle.settle()
    submit(cycle, "Đã xong kho dữ liệu, quý IV có 12 bộ dữ liệu.")
    anew = chair.get(f"/duyet-ky/{at_the_chair(cycle)}").text
    assert "Bạn đã nhập, chưa gửi: Ký TM. UBND" in anew and f"<dd>{REASON}</dd>" in anew
    assert f"{REASON}</textarea>" not in anew


def test_a_draft_does_not_go_to_whom_the_signature_is_handed(cycle: CycleWard) -> None:
    chair, step = cycle.signed_in("chutich"), at_the_chair(cycle)
    begin_return(cycle, chair, step)
    other = cycle.ward.person("pct.kt")
    cycle.ward.execute(ReassignUserTask(user_task_id=step, assignee_id=other, reason="Chủ tịch đi công tác"))
    assert REASON not in cycle.signed_in("pct.kt").get(f"/duyet-ky/{step}").text
    taken = chair.get(f"/duyet-ky/{step}")
    assert taken.status_code == 403 and f"<dd>{REASON}</dd>" in taken.text
    assert drafts(cycle) == [cycle.ward.person("chutich")]


# --- several at once ---


def test_as_many_stay_opened_as_the_page_shows(cycle: CycleWard) -> None:
    visitor, step = cycle.signed_in("vhxh.truong"), cycle.step("countersign_content", cycle.cycle_id)
    with visitor._client.session_transaction() as session:
        session["opened_reports"] = {token_hex(6): token_hex(6) for _ in range(MOST_CARDS - 1)}
    visitor.get(f"/duyet-ky/{step}")
    with visitor._client.session_transaction() as session:
        assert len(session["opened_reports"]) == MOST_CARDS
        assert {len(text) for item in session["opened_reports"].items() for text in item} == {12}
    cookie = visitor._client.get_cookie("quytrinh")
    assert cookie
    assert len(cookie.value) < 4000, "A browser keeps no longer one."


def test_a_countersignature_is_given_one_by_one_and_offers_no_box(cycle: CycleWard) -> None:
    visitor, step = cycle.signed_in("vhxh.truong"), cycle.step("countersign_content", cycle.cycle_id)
    visitor.get(f"/duyet-ky/{step}")
    page = visitor.get("/duyet-ky").get_data(as_text=True)
    assert f"/duyet-ky/{step}" in page
    assert f'value="{step}"' not in page


def test_only_opened_ones_are_approved_at_once(cycle: CycleWard) -> None:
    countersign(cycle)
    visitor, step = cycle.signed_in("chutich"), cycle.step("sign_chair", cycle.cycle_id)
    refused = visitor.post("/duyet-ky", {"task": str(step)}, follow_redirects=True)
    name = f"{cycle.rows(sa.select(ReportingCycle.name))[0][0]} (45/KH-UBND)"
    assert f"{name}: hãy mở xem văn bản trước khi duyệt" in text_of(refused)
    assert "disabled" in str(checkbox(visitor, step))
    visitor.get(f"/duyet-ky/{step}")
    assert "disabled" not in str(checkbox(visitor, step))
    approved = visitor.post("/duyet-ky", {"task": str(step)}, follow_redirects=True)
    assert f"Đã duyệt 1 văn bản: {name}." in text_of(approved)
    again = visitor.post("/duyet-ky", {"task": str(step)}, follow_redirects=True)
    assert ": Bạn đã xử lý lúc " in text_of(again) and "Đã duyệt" not in text_of(again)
    cycle.settle()
    assert cycle.cycle_state() == "signed"


def checkbox(visitor: Visitor, step: UUID) -> str:
    found = re.search(rf'<input[^>]*value="{step}"[^>]*>', visitor.get("/duyet-ky").get_data(as_text=True))
    assert found
    return found[0]


def test_choosing_none_or_nonsense_changes_nothing(cycle: CycleWard) -> None:
    visitor = cycle.signed_in("chutich")
    for task in ({}, {"task": "không phải mã"}):
        assert "Chưa chọn văn bản nào." in text_of(visitor.post("/duyet-ky", task, follow_redirects=True))
