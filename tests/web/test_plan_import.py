"""Nhập kế hoạch and its preview: nothing is lost, nothing is guessed silently, what is refused says why."""

import io
import zipfile
from datetime import date

import orjson
import pytest

from tests.web.plan_wards import (
    EASY,
    FOCAL,
    GROUP,
    HARD,
    HEAD,
    editor_values,
    imported,
    plan_file,
    plan_row,
    tasks,
    units,
    upload,
    warnings,
)
from tests.web.wards import Visitor, Ward, text_of
from webapp.plans.models import PlanState, PlanTask, PlanTaskState, UnitPart
from webapp.plans.reading import LARGEST_FILE

LEAD, SECOND, COORDINATOR = UnitPart
SCRIPT = {"HX-Request": "true"}
PNG = bytes.fromhex("89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de") + bytes(64)


# --- the file ---


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "ke-hoach.txt", "rỗng"),
        (b"Danh sach mua sam: but, vo, muc in." * 20, "mua-sam.txt", "Không thấy kế hoạch trong tệp"),
        (PNG, "ke-hoach.docx", "thật ra là một ảnh"),
        (plan_file(EASY), "ke-hoach.pdf", "không phải tệp PDF"),
        (b"x" * (LARGEST_FILE + 1), "ke-hoach.txt", "20 MB"),
    ],
    ids=["empty", "no plan", "renamed image", "other ending", "too large"],
)
def test_a_file_that_cannot_be_read_comes_back_with_the_reason(ward: Ward, content: bytes, name: str, words: str):
    visitor = ward.signed_in(FOCAL)
    answer = upload(visitor, content, name)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert "Chưa có kế hoạch nào." in text_of(visitor.get("/ke-hoach"))
    assert ward.facts("PlanImported") == []


def test_no_file_is_said_so(ward: Ward) -> None:
    answer = ward.signed_in(FOCAL).post("/ke-hoach/nhap", content_type="multipart/form-data")
    assert (answer.status_code, "Chưa chọn tệp kế hoạch." in text_of(answer)) == (422, True)


@pytest.mark.parametrize("username", ["khdt.truong", "chutich", "quantri"])
def test_only_the_focal_unit_imports(ward: Ward, username: str) -> None:
    visitor = ward.signed_in(username)
    assert visitor.get("/ke-hoach/nhap").status_code == 403
    assert upload(visitor, plan_file(EASY)).status_code == 403
    assert "Nhập kế hoạch đầu tiên" not in text_of(visitor.get("/ke-hoach"))


def test_every_row_is_in_the_preview(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    page = text_of(visitor.get(f"{address}/xem-truoc"))
    for cells in HARD:
        assert all(cell in page for cell in cells[:2])
    assert list(tasks(ward, address)) == ["I.1", "I.2", "I.3", "I.4", "II.1", "II.2"]
    assert plan_row(ward, address).state is PlanState.DRAFT
    [fact] = ward.facts("PlanImported")
    assert (fact.file_name, fact.tasks) == ("ke-hoach.txt", 6)


def test_the_file_itself_is_kept(ward: Ward) -> None:
    visitor, address = imported(ward)
    with visitor.get(f"/tep/{plan_row(ward, address).source_file_id}") as answer:
        assert answer.get_data() == plan_file(EASY)


def test_a_plan_without_an_appendix_is_a_draft_without_rows(ward: Ward) -> None:
    visitor = ward.signed_in(FOCAL)
    page = visitor.get(upload(visitor, HEAD.encode()).location)
    assert "Chưa đọc được nhiệm vụ nào." in text_of(page)
    assert "Đoạn chưa đọc được" in text_of(page)


def test_a_plan_without_an_appendix_offers_what_its_body_asks_of_units(ward: Ward) -> None:
    lines = ("KẾ HOẠCH", "Chăm sóc sức khỏe", "", "V. TỔ CHỨC THỰC HIỆN", "", "1. Trạm Y tế", "")
    body = "\n".join((*lines, "- Khám sức khỏe cho người cao tuổi.", "", "- Tuyên truyền tiêm chủng."))
    visitor = ward.signed_in(FOCAL)
    address = upload(visitor, body.encode()).location.removesuffix("/xem-truoc")
    assert [task.content for task in tasks(ward, address).values()] == [
        "Khám sức khỏe cho người cao tuổi.", "Tuyên truyền tiêm chủng.",
    ]  # fmt: skip
    page = text_of(visitor.get(f"{address}/xem-truoc"))
    assert "cần quyết định giữ làm nhiệm vụ hay bỏ" in page
    assert "Trạm Y tế" in page


def test_names_with_markup_stay_text(ward: Ward) -> None:
    rows = (EASY[0], ("1", "<script>alert(1)</script>Họp dân", "Trạm Y tế", "<b>Sở</b> Y tế", "2026", '"><img src=x>'))
    visitor, address = imported(ward, rows)
    assert b"<img src=x" not in visitor.get(f"{address}/xem-truoc").data
    assert b"<script>alert" not in visitor.get(f"{address}/xem-truoc").data


def test_a_word_file_is_read_too(ward: Ward) -> None:
    docx = pytest.importorskip("docx").Document()
    docx.add_paragraph("KẾ HOẠCH")
    table = docx.add_table(rows=0, cols=6)
    for row in (("STT", "Nội dung", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian", "Sản phẩm"), *EASY):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    file = io.BytesIO()
    docx.save(file)
    visitor = ward.signed_in(FOCAL)
    answer = upload(visitor, file.getvalue(), "ke-hoach.docx")
    assert answer.status_code == 302
    assert "Niêm yết thủ tục bằng mã QR" in text_of(visitor.get(answer.location))


def test_a_bomb_is_refused(ward: Ward) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b"0" * 200_000_000)
    assert upload(ward.signed_in(FOCAL), file.getvalue(), "ke-hoach.docx").status_code == 422


# --- units and timing ---


def test_units_are_known_by_their_names_and_groups_stay_open(ward: Ward) -> None:
    _, address = imported(ward, HARD)
    rows = tasks(ward, address)
    assert units(ward, rows["I.1"].id, LEAD) == []
    assert units(ward, rows["I.1"].id, COORDINATOR) == ["Công an"]
    assert units(ward, rows["I.2"].id, LEAD) == ["Phòng KT-HT-ĐT"]
    assert "được hiểu là Phòng Kinh tế, Hạ tầng và Đô thị" in warnings(rows["I.2"])
    assert units(ward, rows["I.2"].id, COORDINATOR) == []
    assert units(ward, rows["II.2"].id, LEAD) == ["Công an"]
    assert units(ward, rows["II.2"].id, SECOND) == ["Đoàn TN"]


def test_timing_becomes_dates_recurrence_and_conditions(ward: Ward) -> None:
    _, address = imported(ward, HARD)
    rows = tasks(ward, address)
    assert (rows["I.1"].is_recurring, rows["I.1"].until_year, rows["I.1"].due_on) == (True, None, None)
    assert (rows["I.2"].is_recurring, rows["I.2"].due_on) == (False, date(2040, 4, 30))
    assert rows["I.3"].due_on == date(2020, 5, 31)
    assert rows["I.4"].is_conditional
    assert rows["II.1"].blocked_until == "Sau khi có hướng dẫn của Sở Giáo dục và Đào tạo"
    assert (rows["II.2"].is_recurring, rows["II.2"].until_year) == (True, 2027)


def test_what_needs_a_look_is_listed_with_its_row(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    page = visitor.get(f"{address}/xem-truoc")
    words = text_of(page)
    assert "Chưa có đơn vị chủ trì: chọn đơn vị." in words
    assert f"Chủ trì ghi “{GROUP}” là những đơn vị nào?" in words
    assert "Hạn đã qua: đặt hạn mới, hoặc đánh dấu đã xong trước khi nhập." in words
    assert "Ô thời gian có 2 giai đoạn" in words
    assert "Sở Khoa học và Công nghệ (ngoài danh sách đơn vị)" in words
    assert "các trường học (nhóm, hỏi khi cần)" in words
    for place in ("I.1", "I.2", "I.3", "I.4"):
        assert f'href="#nv-{tasks(ward, address)[place].id}"'.encode() in page.data


# --- correcting ---


def row_address(address: str, task_id: object) -> str:
    return f"{address}/nhiem-vu/{task_id}"


def open_editor(visitor: Visitor, address: str, task_id: object) -> dict[str, object]:
    return editor_values(visitor.get(row_address(address, task_id)).get_data(as_text=True))


def test_a_saved_row_keeps_what_was_typed_and_the_record_says_old_and_new(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    task_id = tasks(ward, address)["I.3"].id
    values = open_editor(visitor, address, task_id) | {
        "content": "Sửa hai nhà văn hóa", "due_on": "30/06/2041", "leads": [str(ward.unit("khdt"))],
        "note": "Theo biên bản họp",
    }  # fmt: skip
    answer = visitor.post(row_address(address, task_id), values)
    assert answer.status_code == 302
    row = tasks(ward, address)["I.3"]
    assert (row.content, row.due_on, row.note) == ("Sửa hai nhà văn hóa", date(2041, 6, 30), "Theo biên bản họp")
    assert units(ward, task_id, LEAD) == ["Phòng KT-HT-ĐT"]
    assert units(ward, task_id, COORDINATOR) == ["Trạm Y tế"]
    [fact] = [fact for fact in ward.facts("PlanRevised") if "content" in fact.changes]
    assert fact.changes["content"] == "Sửa nhà văn hóa → Sửa hai nhà văn hóa"
    assert fact.changes["due_on"] == "31/05/2020 → 30/06/2041"
    assert fact.changes["lead"] == " → Phòng KT-HT-ĐT"


def test_a_refused_row_keeps_all_that_was_typed(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    task_id = tasks(ward, address)["I.2"].id
    values = open_editor(visitor, address, task_id) | {
        "content": "", "due_on": "31/02/2026", "until_year": "26", "note": "đang gõ dở",
        "leads": [str(ward.unit("yte")), str(ward.unit("ca"))],
    }  # fmt: skip
    answer = visitor.post(row_address(address, task_id), values)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "Nhập nội dung nhiệm vụ." in page
    assert "Nhập ngày dạng ngày/tháng/năm" in page
    kept = editor_values(answer.get_data(as_text=True))
    assert (kept["note"], kept["due_on"], sorted(kept["leads"])) == (
        "đang gõ dở",
        "31/02/2026",
        sorted(values["leads"]),
    )
    assert tasks(ward, address)["I.2"].content == "Bãi đỗ xe thông minh"


@pytest.mark.parametrize(
    ("leads", "second", "words"),
    [((), "ca", "Chọn đơn vị chủ trì trước"), (("ca",), "ca", "Đơn vị cùng chủ trì phải khác đơn vị chủ trì.")],
)
def test_leads_must_make_sense(ward: Ward, leads: tuple[str, ...], second: str, words: str) -> None:
    visitor, address = imported(ward)
    task_id = tasks(ward, address)["I.1"].id
    values = open_editor(visitor, address, task_id)
    values |= {"leads": [str(ward.unit(key)) for key in leads], "second_lead": str(ward.unit(second))}
    answer = visitor.post(row_address(address, task_id), values)
    assert (answer.status_code, words in text_of(answer)) == (422, True)


def test_a_row_that_somebody_else_saved_meanwhile_is_not_overwritten(ward: Ward) -> None:
    visitor, address = imported(ward)
    task_id = tasks(ward, address)["I.1"].id
    mine, theirs = open_editor(visitor, address, task_id), open_editor(visitor, address, task_id)
    assert visitor.post(row_address(address, task_id), theirs | {"note": "của người khác"}).status_code == 302
    answer = visitor.post(row_address(address, task_id), mine | {"note": "của tôi"})
    assert answer.status_code == 422
    assert "vừa được người khác sửa" in text_of(answer)
    assert editor_values(answer.get_data(as_text=True))["note"] == "của tôi"
    assert tasks(ward, address)["I.1"].note == "của người khác"
    again = editor_values(answer.get_data(as_text=True))
    assert visitor.post(row_address(address, task_id), again).status_code == 302


def test_saving_one_row_by_script_leaves_rows_in_the_making_alone(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    rows = tasks(ward, address)
    values = {"lead_text": GROUP, "units": [str(ward.unit("yte"))], "editing": str(rows["I.4"].id)}
    answer = visitor.post(f"{address}/chon-don-vi", values, headers=SCRIPT)
    assert answer.headers["HX-Reswap"] == "none"
    page = answer.get_data(as_text=True)
    assert f'id="nv-{rows["I.1"].id}"' in page
    assert f'id="nv-{rows["I.4"].id}"' not in page
    assert units(ward, rows["I.4"].id, LEAD) == ["Trạm Y tế"]


def test_a_group_is_resolved_once_for_every_row_that_names_it(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    chosen = [str(ward.unit(key)) for key in ("yte", "ca")]
    assert visitor.post(f"{address}/chon-don-vi", {"lead_text": GROUP, "units": chosen}).status_code == 302
    rows = tasks(ward, address)
    assert units(ward, rows["I.1"].id, LEAD) == units(ward, rows["I.4"].id, LEAD) == ["Trạm Y tế", "Công an"]
    assert units(ward, rows["I.1"].id, COORDINATOR) == []  # Who leads does not contribute to itself.
    assert units(ward, rows["I.3"].id, LEAD) == []
    assert "là những đơn vị nào?" not in text_of(visitor.get(f"{address}/xem-truoc"))


def test_a_group_resolved_to_nobody_is_refused(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    answer = visitor.post(f"{address}/chon-don-vi", {"lead_text": GROUP}, follow_redirects=True)
    assert "Chọn ít nhất một đơn vị chủ trì." in text_of(answer)


def test_a_repair_is_accepted_in_one_row_or_everywhere(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    repair = {"before": "Phân đầu", "after": "Phấn đấu", "accept": "on"}
    visitor.post(f"{address}/sua-loi", repair | {"task": str(tasks(ward, address)["I.1"].id)})
    rows = tasks(ward, address)
    assert rows["I.1"].content == "Phấn đấu mở lớp tập huấn"
    assert rows["I.4"].content == "Phân đầu 100% cán bộ có chữ ký số"
    visitor.post(f"{address}/sua-loi", repair)
    assert tasks(ward, address)["I.4"].content == "Phấn đấu 100% cán bộ có chữ ký số"
    changes = [fact.changes["content"] for fact in ward.facts("PlanRevised")]
    assert changes[0] == "Phân đầu mở lớp tập huấn → Phấn đấu mở lớp tập huấn"
    assert "Đề xuất sửa lỗi chữ" not in text_of(visitor.get(f"{address}/xem-truoc"))


def test_a_refused_repair_changes_nothing_and_is_not_proposed_again(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    visitor.post(f"{address}/sua-loi", {"before": "Phân đầu", "after": "Phấn đấu", "accept": "off"})
    row = tasks(ward, address)["I.1"]
    assert (row.content, orjson.loads(row.repairs)) == ("Phân đầu mở lớp tập huấn", [])
    assert ward.facts("PlanRevised")[0].changes == {"refused": "Phân đầu → Phấn đấu"}


def test_what_a_person_put_right_is_proposed_at_the_next_import_until_it_is_refused(ward: Ward) -> None:
    def only(content: str) -> tuple[Visitor, str, PlanTask]:
        visitor, address = imported(ward, (("1", content, "Trạm Y tế", "", "2040", "Văn bản"),))
        return visitor, address, next(iter(tasks(ward, address).values()))

    visitor, address, task = only("Nâng cao chất lương phục vụ")
    assert orjson.loads(task.repairs) == []
    values = open_editor(visitor, address, task.id)
    visitor.post(row_address(address, task.id), values | {"content": "Nâng cao chất lượng phục vụ"})
    _, again, task = only("Đo chất lương nước")
    assert task.content == "Đo chất lương nước"
    [repair] = orjson.loads(task.repairs)
    assert (repair["from"], repair["to"], repair["why"]) == (
        "chất lương", "chất lượng", "phường đã sửa như vậy 1 lần",
    )  # fmt: skip
    visitor.post(f"{again}/sua-loi", {"before": "chất lương", "after": "chất lượng", "accept": "off"})
    assert orjson.loads(only("Chấm chất lương lúa")[2].repairs) == []


def test_a_row_of_two_phases_becomes_two_rows(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    visitor.post(f"{row_address(address, tasks(ward, address)['I.2'].id)}/tach")
    rows = tasks(ward, address)
    assert list(rows) == ["I.1", "I.2 (1)", "I.2 (2)", "I.3", "I.4", "II.1", "II.2"]
    assert (rows["I.2 (1)"].due_on, rows["I.2 (1)"].is_recurring) == (date(2040, 4, 30), False)
    assert (rows["I.2 (2)"].due_on, rows["I.2 (2)"].until_year) == (None, 2045)
    assert units(ward, rows["I.2 (2)"].id, LEAD) == ["Phòng KT-HT-ĐT"]


def test_a_row_of_one_phase_is_not_split(ward: Ward) -> None:
    visitor, address = imported(ward)
    answer = visitor.post(f"{row_address(address, tasks(ward, address)['I.1'].id)}/tach", follow_redirects=True)
    assert "không có nhiều giai đoạn" in text_of(answer)


def test_a_row_is_left_out_with_a_reason_and_taken_up_again(ward: Ward) -> None:
    visitor, address = imported(ward)
    there = f"{row_address(address, tasks(ward, address)['I.1'].id)}/trang-thai"
    assert "Chưa nhập lý do bỏ dòng này." in text_of(
        visitor.post(there, {"state": "cancelled", "note": " "}, follow_redirects=True)
    )
    visitor.post(there, {"state": "cancelled", "note": "Trùng với kế hoạch khác"})
    row = tasks(ward, address)["I.1"]
    assert (row.state, row.state_note) == (PlanTaskState.CANCELLED, "Trùng với kế hoạch khác")
    assert "Trùng với kế hoạch khác" in text_of(visitor.get(f"{address}/xem-truoc"))
    visitor.post(there, {"state": "draft"})
    assert tasks(ward, address)["I.1"].state is PlanTaskState.DRAFT
    assert [fact.changes["state"] for fact in ward.facts("PlanRevised")] == [
        "draft → cancelled: Trùng với kế hoạch khác", "cancelled → draft",
    ]  # fmt: skip


def test_a_row_cannot_be_issued_by_itself(ward: Ward) -> None:
    visitor, address = imported(ward)
    there = f"{row_address(address, tasks(ward, address)['I.1'].id)}/trang-thai"
    visitor.post(there, {"state": "issued"})
    assert tasks(ward, address)["I.1"].state is PlanTaskState.DRAFT


def test_warnings_that_were_looked_at_go(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    task_id = tasks(ward, address)["I.2"].id
    visitor.post(f"{row_address(address, task_id)}/da-xem")
    assert warnings(tasks(ward, address)["I.2"]) == ""
    assert "được hiểu là" in ward.facts("PlanRevised")[0].changes["warnings"]


def test_rows_are_added_to_a_group_or_to_a_new_one(ward: Ward) -> None:
    visitor, address = imported(ward)
    group_id = tasks(ward, address)["I.1"].group_id
    new = {"ordinal": "3", "content": "Dạy bơi", "timing_text": "Hằng năm", "leads": [str(ward.unit("th"))]}
    visitor.post(f"{address}/them-nhiem-vu", new | {"group_id": str(group_id)})
    visitor.post(f"{address}/them-nhiem-vu", new | {"ordinal": "1", "group_title": "Việc thêm"})
    rows = tasks(ward, address)
    assert list(rows) == ["I.1", "I.2", "I.3", "II.1"]
    assert rows["II.1"].is_recurring
    assert units(ward, rows["I.3"].id, LEAD) == ["TH Hải Đông"]


def test_a_row_added_without_content_comes_back(ward: Ward) -> None:
    visitor, address = imported(ward)
    answer = visitor.post(f"{address}/them-nhiem-vu", {"ordinal": "9", "content": " ", "product_text": "Báo cáo"})
    assert answer.status_code == 422
    assert "Nhập nội dung nhiệm vụ." in text_of(answer)
    assert b'value="B\xc3\xa1o c\xc3\xa1o"' in answer.data


def test_a_draft_is_thrown_away_whole(ward: Ward) -> None:
    visitor, address = imported(ward, HARD)
    assert visitor.post(f"{address}/bo").status_code == 302
    assert tasks(ward, address) == {}
    assert visitor.get(address).status_code == 404
    assert ward.facts("PlanDiscarded")[0].tasks == 6
