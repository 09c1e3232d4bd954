"""Tổng hợp: every statement is used or set aside, one row goes back while the rest goes on, the report goes up."""

import io
import re
import zipfile
from datetime import timedelta
from uuid import UUID

import pytest
from pypdf import PdfReader

from tests.web.cycle_wards import FOCAL, FOCAL_HEAD, CycleWard, Row, issue
from tests.web.remembering import remembered
from tests.web.test_named_units import rename
from tests.web.wards import Visitor, Ward, text_of
from webapp.cycles.models import StatementState

ROWS = [
    Row("khdt", "Số hóa hồ sơ đất đai", coordinator="hcc"), Row("yte", "Hồ sơ sức khỏe"),
    Row("vhxh", "Tuyên truyền", group="II"), Row("ca", "Dữ liệu dân cư", group="II"),
]  # fmt: skip


@remembered
def drafted(ward: Ward) -> CycleWard:
    """Three of four rows are in, the fourth unit is missing."""
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "khdt", result="Đã số hóa 120 hồ sơ.", difficulties="Thiếu máy quét", recommendations="Cấp máy quét")
    made.send("2", "yte", result="Đã tạo lập 3.000 hồ sơ.")
    made.take("1", "2")
    made.report("3", "vhxh.cv1", result="Đã đăng 12 tin bài.")
    made.do("self_check", FOCAL, made.case("3"), decision="approve")
    made.cut_off(ca="Đang rà soát")
    assert made.cycle_state() == "consolidating"
    return made


def page(made: CycleWard, visitor: Visitor, query: str = "") -> str:
    return text_of(visitor.get(f"/tong-hop/{made.cycle_id}{query}"))


def decide(made: CycleWard, visitor: Visitor, number: int, **fields: str) -> str:
    statement = made.statements()[number].id
    return visitor.post(f"/tong-hop/{made.cycle_id}/noi-dung/{statement}", fields).location


def use_all(made: CycleWard, visitor: Visitor) -> None:
    assert visitor.post(f"/tong-hop/{made.cycle_id}/dung-tat-ca").status_code == 302


def submit(made: CycleWard, visitor: Visitor, summary: str = "Đủ, còn thiếu Công an phường."):
    answer = visitor.post(f"/tong-hop/{made.cycle_id}/trinh-ky", {"summary": summary})
    made.settle()
    return answer


# --- what is there ---


def test_everything_that_the_drafter_judges_by_is_on_one_page(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    step = made.step("consolidate", made.cycle_id)
    assert visitor.get(f"/viec/{step}").location.endswith(f"/tong-hop/{made.cycle_id}")
    seen = page(made, visitor)
    assert "Đã xét 0/3" in seen
    assert "Đã số hóa 120 hồ sơ." in seen
    assert "Tự báo cáo" in seen
    assert "Trung tâm Phục vụ hành chính công: Vắng: chủ trì đã báo cáo trước" in seen
    assert "Công an phường (II.4): Đang rà soát" in seen
    assert "I.1 Phòng Kinh tế, Hạ tầng và Đô thị : Thiếu máy quét Kiến nghị: Cấp máy quét" in seen
    assert "Xong đúng hạn 3" in seen
    assert "Chưa xong, còn hạn 1" in seen


def test_what_goes_on_is_not_overdue_once_its_report_was_in(ward: Ward) -> None:
    made = issue(ward, ROWS)
    made.open_cycle()
    made.send("1", "khdt", outcome="in_progress", completed_on=None, result="Đã số hóa 120 hồ sơ, còn làm tiếp.")
    made.take("1")
    made.ward.move_clock(made.ward.now() + (made.report_by - made.today()) + timedelta(days=1))
    made.settle()
    made.cut_off(yte="Chưa có số liệu", vhxh="Chưa có số liệu", ca="Chưa có số liệu")
    seen = page(made, made.signed_in(FOCAL))
    assert "Chưa hoàn thành, còn trong hạn" in seen
    assert "Chưa xong, còn hạn 1 Chưa xong, quá hạn 3" in seen
    plan = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}"))
    assert "Chưa xong, còn hạn 1 Chưa xong, quá hạn 3" in plan


def test_the_head_of_the_focal_unit_sees_it_and_other_heads_do_not(ward: Ward) -> None:
    made = drafted(ward)
    head = made.signed_in(FOCAL_HEAD)
    assert "Đã xét 0/3" in page(made, head)
    assert "Dùng tất cả" not in page(made, head)
    other = made.signed_in("khdt.truong")
    for path in (f"/tong-hop/{made.cycle_id}", f"/tong-hop/{made.report_id()}/xem.pdf"):
        assert other.get(path).status_code == 403


def test_the_copy_that_is_kept_is_with_the_unit_that_drafts(ward: Ward) -> None:
    made = drafted(ward)
    address = f"/tong-hop/{made.cycle_id}/trinh-ky"
    assert "Lưu: VT, VHXH" in text_of(made.signed_in(FOCAL).get(address))
    rename(ward, "vhxh", "Phòng Kinh tế - XH")
    assert "Lưu: VT, KTXH" in text_of(made.signed_in(FOCAL).get(address))


def test_a_product_is_named_with_the_number_and_the_day_of_its_document(ward: Ward) -> None:
    made = issue(ward, ROWS[:1])
    made.open_cycle()
    products = [
        {"name": "Kế hoạch số hóa", "number": "52/KH-UBND", "issued_on": "2026-09-10"},
        {"name": "Danh sách hộ", "number": None, "issued_on": None},
        {"name": "Phần mềm", "number": None, "issued_on": "2026-09-11"},
    ]
    made.send("1", "khdt", deliverables=products)
    made.take("1")
    document = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    named = ("Kế hoạch số hóa (52/KH-UBND ngày 10/09/2026)", "Danh sách hộ", "Phần mềm (ngày 11/09/2026)")
    assert f"Sản phẩm: {'; '.join(named)}." in document
    assert " ".join(named) in document, "In the table behind it too."


def test_of_what_did_not_arise_the_report_misses_nobodys_part(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Hỗ trợ hộ bị thiên tai (nếu có)", coordinator="hcc", conditional=True)])
    made.open_cycle()
    made.do("execute", "khdt.cv1", made.case("1"), nothing_arose=True, nothing_note="Trong năm không có thiên tai.")
    made.do("unit_review", "khdt.truong", made.case("1"), decision="approve")
    made.take("1")
    document = text_of(made.signed_in(FOCAL).get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    assert "Không phát sinh: Trong năm không có thiên tai." in document
    assert "Chưa có kết quả phối hợp" not in document


def test_whom_the_head_gives_the_step_drafts_and_sends_the_report(ward: Ward) -> None:
    made = drafted(ward)
    step, officer = made.step("consolidate", made.cycle_id), made.signed_in("vhxh.cv1")
    assert "Dùng tất cả" not in page(made, officer)
    data = {"viec": str(step), "nguoi": str(ward.person("vhxh.cv1"))}
    assert made.signed_in(FOCAL_HEAD).post("/hop-viec/giao", data).status_code == 302
    assert "Dùng tất cả" in page(made, officer)
    use_all(made, officer)
    decide(made, officer, 1, do="out", reason="Chưa có minh chứng")
    assert submit(made, officer).status_code == 302
    assert made.cycle_state() == "signing"


def test_who_enters_for_others_does_not_come_to_the_drafters_page(ward: Ward) -> None:
    made = drafted(ward)
    taken = made.signed_in("vanphong").get(f"/viec/{made.step('consolidate', made.cycle_id)}")
    assert "Việc này chờ Cán bộ tổng hợp · Phòng VH-XH xử lý." in text_of(taken)


# --- deciding ---


def test_a_statement_is_used_in_the_drafters_words_and_the_next_one_comes(ward: Ward) -> None:
    made = drafted(ward)
    location = decide(made, made.signed_in(FOCAL), 0, do="use", text="Phường đã số hóa 120 hồ sơ đất đai.")
    first, second, _ = made.statements()
    assert (first.state, first.text) == (StatementState.USED, "Phường đã số hóa 120 hồ sơ đất đai.")
    assert location.endswith(f"#noi-dung-{second.id}")


def test_the_next_one_is_further_down_and_what_was_decided_before_stays_in_sight(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    first, second, third = made.statements()
    assert decide(made, visitor, 1, do="use", text=second.text).endswith(f"#noi-dung-{third.id}")
    assert decide(made, visitor, 1, do="use", text="Lời văn khác.").endswith(f"#noi-dung-{second.id}")
    assert decide(made, visitor, 2, do="use", text=third.text).endswith(f"#noi-dung-{first.id}")


def test_setting_aside_wants_a_reason(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    decide(made, visitor, 0, do="set_aside", reason=" ")
    assert "Chưa nhập lý do không dùng nội dung này." in page(made, visitor)
    assert made.statements()[0].state is StatementState.PROPOSED
    decide(made, visitor, 0, do="set_aside", reason="Trùng với nội dung I.2")
    assert "Lý do không dùng: Trùng với nội dung I.2" in page(made, visitor)
    assert "Đã số hóa 120 hồ sơ." not in text_of(visitor.get(f"/tong-hop/{made.cycle_id}/trinh-ky"))


def test_what_is_typed_is_kept_without_being_decided(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    statement = made.statements()[0].id
    answer = visitor.post(f"/tong-hop/noi-dung/{statement}/luu", {"text": "Đang viết dở "})
    assert "saved_at" in answer.get_json()
    assert made.statements()[0][1:3] == (StatementState.PROPOSED, "Đang viết dở ")
    report = made.report_id()
    words = {"subject": "Kết quả cả năm", "assessment": "Nhìn chung tốt.", "next_steps": "Tiếp tục số hóa."}
    saved = visitor.post(f"/tong-hop/{made.cycle_id}/loi-van/{report}", words, headers={"Accept": "application/json"})
    assert "saved_at" in saved.get_json()
    printed = text_of(visitor.get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    for part in ("Kết quả cả năm", "Nhìn chung tốt.", "V. NHIỆM VỤ TRỌNG TÂM THỜI GIAN TỚI", "Đang viết dở"):
        assert part in printed


def test_all_that_is_undecided_is_used_at_once(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    decide(made, visitor, 0, do="set_aside", reason="Trùng")
    use_all(made, visitor)
    assert [one.state.value for one in made.statements()] == ["set_aside", "used", "used"]
    assert "Đã xét 3/3 · dùng 2 · không dùng 1" in page(made, visitor)


@pytest.mark.parametrize("username", [FOCAL_HEAD, "vanphong", "khdt.truong"])
def test_only_those_who_run_cycles_change_it(ward: Ward, username: str) -> None:
    made = drafted(ward)
    visitor = made.signed_in(username)
    statement, report = made.statements()[0].id, made.report_id()
    for path in (
        f"/tong-hop/noi-dung/{statement}/luu", f"/tong-hop/{made.cycle_id}/noi-dung/{statement}",
        f"/tong-hop/{made.cycle_id}/dung-tat-ca", f"/tong-hop/{made.cycle_id}/tra-lai/{made.entry('1')}",
        f"/tong-hop/{made.cycle_id}/loi-van/{report}", f"/tong-hop/{made.cycle_id}/trinh-ky",
    ):  # fmt: skip
        assert visitor.post(path, {"text": "khác", "do": "use"}).status_code == 403


# --- one row goes back ---


def test_one_row_goes_back_while_the_rest_goes_on_and_comes_in_again(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    use_all(made, visitor)
    fields = {"item": "Chỉ tiêu", "reason": "Số liệu không khớp"}
    visitor.post(f"/tong-hop/{made.cycle_id}/tra-lai/{made.entry('2')}", fields)
    made.settle()
    assert made.entries() == {"1": "taken", "2": "returned", "3": "taken", "4": "missing"}
    assert len(made.statements()) == 2
    assert "Đang ở đơn vị: I.2 (Trạm Y tế)." in page(made, visitor)
    unit = text_of(made.signed_in("yte.cv1").get("/bao-cao-don-vi", follow_redirects=True))
    assert "Cần bổ sung: Số liệu không khớp" in unit
    for person in ("yte.cv1", "yte.truong"):
        told = text_of(made.signed_in(person).get("/thong-bao"))
        assert re.search(r"Cần bổ sung báo cáo kỳ .+ Mới [^.]+\. Chỉ tiêu: Số liệu không khớp", told)

    made.send("2", "yte", result="Đã tạo lập 2.950 hồ sơ.")
    made.take("2")
    assert [(one.text, one.state.value) for one in made.statements()] == [
        ("Đã số hóa 120 hồ sơ.", "used"), ("Đã tạo lập 2.950 hồ sơ.", "proposed"), ("Đã đăng 12 tin bài.", "used"),
    ]  # fmt: skip


def test_a_row_called_back_by_its_own_case_leaves_the_draft_too(ward: Ward) -> None:
    made = drafted(ward)
    made.send_message("rework_requested", FOCAL, made.case("2"), item="Kết quả", reason="Xem lại", resubmit_by=None)
    assert made.entries()["2"] == "returned"
    assert len(made.statements()) == 2


def test_what_is_still_out_when_it_goes_up_is_told_as_missing(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    visitor.post(f"/tong-hop/{made.cycle_id}/tra-lai/{made.entry('2')}", {"item": "Khác", "reason": "Xem lại"})
    made.settle()
    use_all(made, visitor)
    warned = text_of(visitor.get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    assert "I.2 (Trạm Y tế) đang ở đơn vị. Trình ký bây giờ thì ghi “Không báo cáo trong kỳ”." in warned
    assert submit(made, visitor).status_code == 302
    assert made.entries()["2"] == "missing"
    told = text_of(visitor.get(f"/tong-hop/{made.cycle_id}/trinh-ky"))
    assert "Trạm Y tế I.2 Đã trả lại để bổ sung, chưa gửi lại" in told
    made.send("2", "yte", result="Đã sửa")
    made.take("2")
    assert made.entries()["2"] == "missing"
    assert made.failed_jobs() == []


# --- up for signing ---


def test_it_goes_up_only_when_everything_was_decided_and_keeps_the_summary(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    refused = submit(made, visitor, "Tóm tắt của tôi")
    assert refused.status_code == 409
    assert "Còn 3 nội dung chưa chọn dùng hay không dùng." in text_of(refused)
    assert "Tóm tắt của tôi" in refused.get_data(as_text=True)
    use_all(made, visitor)
    empty = submit(made, visitor, " ")
    assert empty.status_code == 422
    assert "Chưa nhập tóm tắt cho người ký." in text_of(empty)
    assert submit(made, visitor).status_code == 302
    assert made.cycle_state() == "signing"


def test_whoever_consolidates_comes_back_to_the_list_from_which_the_step_was_opened(ward: Ward) -> None:
    made = drafted(ward)
    visitor, kept = made.signed_in(FOCAL), "?loc=xem%3Dtat-ca"
    first = visitor.get(f"/viec/{made.step('consolidate', made.cycle_id)}{kept}").location
    assert first == f"/tong-hop/{made.cycle_id}{kept}"
    [using] = set(re.findall(r'action="([^"]+/dung-tat-ca[^"]*)"', visitor.get(first).text))
    assert visitor.post(using).location == first
    [going] = set(re.findall(r'href="([^"]+/trinh-ky[^"]*)"', visitor.get(first).text))
    [sending] = set(re.findall(r'action="([^"]+/trinh-ky[^"]*)"', visitor.get(going).text))
    assert visitor.post(sending, {"summary": "Đủ"}).location == "/hop-viec?xem=tat-ca"


def test_a_statement_that_was_emptied_does_not_go_up(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    use_all(made, visitor)
    visitor.post(f"/tong-hop/noi-dung/{made.statements()[0].id}/luu", {"text": ""})
    assert "Có 1 nội dung chọn dùng nhưng đang để trống." in text_of(submit(made, visitor))


def test_while_it_is_being_signed_nothing_changes(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    use_all(made, visitor)
    submit(made, visitor)
    statement = made.statements()[0].id
    as_script = {"Accept": "application/json"}
    answer = visitor.post(f"/tong-hop/noi-dung/{statement}/luu", {"text": "khác"}, headers=as_script)
    assert answer.status_code == 409
    assert "đang trình ký" in answer.get_json()["message"]
    assert "chỉ xem" in page(made, visitor)


def test_a_return_from_a_desk_says_why_on_top(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    use_all(made, visitor)
    submit(made, visitor)
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="return", reason="Thiếu đánh giá chung")
    assert made.cycle_state() == "consolidating"
    assert "Ký nháy nội dung – trả lại: Thiếu đánh giá chung (Trưởng phòng VH-XH" in page(made, visitor)
    submit(made, visitor)
    assert "Thiếu đánh giá chung" not in page(made, visitor)


def test_what_was_agreed_before_a_return_is_shown_as_void(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    use_all(made, visitor)
    submit(made, visitor)
    made.do("countersign_content", FOCAL_HEAD, made.cycle_id, decision="approve")
    made.do(
        "countersign_form", "vanphong", made.cycle_id, role="office", decision="return", return_to="consolidate",
        reason="Sai thể thức",
    )  # fmt: skip
    seen = page(made, visitor)
    assert "Ký tắt thể thức – trả lại: Sai thể thức (Chánh Văn phòng" in seen
    assert "Ký nháy nội dung: Trưởng phòng VH-XH" in seen
    assert "Hết hiệu lực" in seen


# --- as it will print ---


def test_the_report_can_be_read_as_pdf_word_and_sheet(ward: Ward) -> None:
    made = drafted(ward)
    visitor = made.signed_in(FOCAL)
    report = made.report_id()
    pdf = visitor.get(f"/tong-hop/{report}/xem.pdf")
    assert pdf.mimetype == "application/pdf" and pdf.cache_control.max_age is None  # It has no number yet.
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf.data)).pages)
    assert "Đã số hóa 120 hồ sơ." in text
    assert "Không có nội dung báo cáo trong kỳ." in text
    for kind in ("docx", "xlsx"):
        file = visitor.get(f"/tong-hop/{report}/xem.{kind}")
        assert zipfile.is_zipfile(io.BytesIO(file.data))
        name = f"{'phu-luc' if kind == 'xlsx' else 'bao-cao'}-nam-{made.year()}-45-kh-ubnd.{kind}"
        assert file.headers["Content-Disposition"] == f"attachment; filename={name}"
    assert visitor.get(f"/tong-hop/{report}/xem.exe").status_code == 404
    assert visitor.get(f"/tong-hop/{UUID(int=1)}/xem.pdf").status_code == 404


def test_what_a_unit_typed_but_never_sent_does_not_count_as_done(ward: Ward) -> None:
    """Its officer wrote "done"; its head has not sent it, so the ward has no report of it."""
    made = issue(ward, ROWS[:2])
    made.open_cycle()
    made.report("1", "khdt.cv1")
    made.send("2", "yte")
    made.take("2")
    made.cut_off(khdt="Trưởng phòng chưa duyệt")
    seen = page(made, made.signed_in(FOCAL))
    assert "Xong đúng hạn 1" in seen
    assert "Chưa xong, còn hạn 1" in seen
