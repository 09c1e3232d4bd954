"""People from a spreadsheet: previewed row by row, added all or none."""

import re
from io import BytesIO

import pytest
import sqlalchemy as sa
import xlsxwriter
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.models import Person, Unit

HEAD = ("Họ và tên", "Đơn vị", "Vai trò", "Số điện thoại", "Thư điện tử")
GOOD = (
    ("Nguyễn Thị Mẫu", "Phòng VH-XH", "Chuyên viên", "0911 000 001", ""),
    ("Trần Văn Thử", "Trạm Y tế phường", "Trưởng trạm", "", "thu@haidong.example"),
)


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    """An administrator at work."""
    return ward.signed_in("quantri")


def sheet(*rows: tuple[str, ...]) -> bytes:
    stream = BytesIO()
    book = xlsxwriter.Workbook(stream)
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    book.close()
    return stream.getvalue()


def upload(visitor: Visitor, data: bytes, name: str = "danh-sach.xlsx") -> TestResponse:
    return visitor.post("/nguoi-dung/nhap", {"file": (BytesIO(data), name)}, content_type="multipart/form-data")


def kept(answer: TestResponse) -> str:
    found = re.search(r'name="kept" value="([^"]+)"', answer.get_data(as_text=True))
    assert found
    return found[1]


def count_people(ward: Ward) -> int:
    return int(ward.rows(sa.select(sa.func.count()).select_from(Person))[0][0])


def test_a_good_sheet_is_previewed_then_added_with_first_passwords(ward: Ward, admin: Visitor) -> None:
    before = count_people(ward)
    preview = upload(admin, sheet(HEAD, *GOOD))
    assert preview.status_code == 200
    assert "Đọc được 2 người, không có dòng nào sai." in text_of(preview)
    assert count_people(ward) == before
    added = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(preview)})
    assert added.status_code == 200
    assert "data-print" in added.get_data(as_text=True), "They are seen once only."
    passwords = re.findall(r"<code[^>]*>([a-z0-9-]{14})</code>", added.get_data(as_text=True))
    assert count_people(ward) == before + 2
    assert ward.visitor().sign_in("0911000001", passwords[0]).status_code == 302
    assert len(ward.facts("PersonAdded")) == before + 2


def test_a_clerk_of_the_office_is_told_apart_at_their_two_desks(ward: Ward, admin: Visitor) -> None:
    row = ("Ngô Thị Thu", "Văn phòng HĐND và UBND", "Văn thư", "0911 000 009", "")
    added = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(upload(admin, sheet(HEAD, row)))})
    assert "Chuyên viên · Văn phòng" in text_of(added)
    assert "Văn thư · Lãnh đạo UBND" in text_of(added)
    assert text_of(added).count("Văn thư ·") == 1


def test_faults_are_shown_by_row_and_nothing_can_be_confirmed(ward: Ward, admin: Visitor) -> None:
    doubled = (GOOD[0][0], "Phòng Lạ", "Chuyên viên", "12", "")
    answer = upload(admin, sheet(HEAD, GOOD[0], doubled, ("", "Trạm Y tế", "Giời", "", "chutich@haidong.example")))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Có 2 dòng cần sửa. Dòng 3, 4." in page
    for fault in (
        "Không có đơn vị “Phòng Lạ”",
        "Số điện thoại “12”",
        "Chưa có họ và tên.",
        "Không hiểu vai trò “Giời”",
    ):
        assert fault in page
    assert "/nguoi-dung/nhap/xac-nhan" not in answer.get_data(as_text=True)


def test_units_that_the_ward_has_not_are_added_from_the_preview_and_the_sheet_is_read_anew(
    ward: Ward, admin: Visitor
) -> None:
    named = ("Công an phường Hải An", "Phòng Tư pháp – Thanh tra"), ("Phòng tư pháp, thanh tra", "Chi nhánh điện")
    rows = [
        (f"Nguyễn Văn {n}{m}", unit, "Chuyên viên", "", "")
        for n, units in zip("AB", named, strict=True)
        for m, unit in zip("CD", units, strict=True)
    ]
    preview = upload(admin, sheet(HEAD, GOOD[0], *rows))
    page = preview.get_data(as_text=True)
    assert "Phường chưa có 3 đơn vị này" in page
    assert re.findall(r'<option value="(\w+)" selected', page) == ["police", "department"]
    units = ["Công an phường Hải An", "Phòng Tư pháp – Thanh tra", "Chi nhánh điện"]
    form = {"kept": kept(preview), "unit": units, **{f"short_name:{name}": name for name in units}}
    form |= {f"kind:{units[0]}": "police", f"kind:{units[1]}": "department"}
    again = admin.post("/nguoi-dung/nhap/don-vi", form)
    assert again.status_code == 422
    assert "Đã thêm 2 đơn vị: Công an phường Hải An; Phòng Tư pháp – Thanh tra." in text_of(again)
    assert "Chọn loại đơn vị." in text_of(again) and "Có 1 dòng cần sửa." in text_of(again)
    done = admin.post(
        "/nguoi-dung/nhap/don-vi", form | {"kept": kept(again), "unit": units[2], f"kind:{units[2]}": "outside"}
    )
    assert "Đọc được 5 người, không có dòng nào sai." in text_of(done)
    added = sa.select(Unit.name, Unit.is_requested).order_by(Unit.position.desc()).limit(3)
    assert ward.rows(added) == [(units[2], True), (units[1], False), (units[0], True)]
    assert admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(done)}).status_code == 200


def test_a_unit_that_is_written_in_full_and_short_is_added_once(ward: Ward, admin: Visitor) -> None:
    full, short = "Phòng Tư pháp, Thanh tra và Thi đua", "Phòng TP-TT-TĐ"
    rows = [(f"Lý Văn {n}", unit, "Chuyên viên", "", "") for n, unit in (("Ba", short), ("Tư", full))]
    preview = upload(admin, sheet(HEAD, *rows))
    assert "Phường chưa có 1 đơn vị này" in text_of(preview)
    assert f"Dòng khác ghi “{short}”: giữ làm tên gọi tắt thì nhận ra cả hai." in text_of(preview)
    offered = re.search(r'name="short_name:[^"]+" value="([^"]+)"', preview.get_data(as_text=True))
    assert offered
    form = {"kept": kept(preview), "unit": full, f"short_name:{full}": offered[1], f"kind:{full}": "department"}
    assert "Đọc được 2 người, không có dòng nào sai." in text_of(admin.post("/nguoi-dung/nhap/don-vi", form))


def test_the_rows_of_a_sheet_are_nobody_to_add(admin: Visitor) -> None:
    preview = upload(admin, sheet(HEAD, ("Nguyễn Văn A", "Đội quản lý chợ", "Chuyên viên", "", "")))
    refused = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(preview)})
    assert "Bản xem trước đã hết hạn." in text_of(refused)


def test_a_doubled_account_in_the_sheet_is_a_fault(admin: Visitor) -> None:
    answer = upload(admin, sheet(HEAD, GOOD[0], ("Người Khác", "Trạm Y tế", "Chuyên viên", "0911000001", "")))
    assert "trùng với dòng 2" in text_of(answer)


def test_whoever_was_added_meanwhile_stops_the_whole_import(ward: Ward, admin: Visitor) -> None:
    first, second = upload(admin, sheet(HEAD, *GOOD)), upload(admin, sheet(HEAD, GOOD[1]))
    assert admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(second)}).status_code == 200
    before = count_people(ward)
    refused = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(first)})
    assert refused.status_code == 422
    assert "chưa ai được thêm" in text_of(refused)
    assert "Trần Văn Thử: " in text_of(refused)
    assert count_people(ward) == before


def test_the_same_list_again_adds_only_whoever_is_new(ward: Ward, admin: Visitor) -> None:
    nobodys = ("Nguyễn Văn An", "Phòng VH-XH", "Chuyên viên", "", "")
    admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(upload(admin, sheet(HEAD, *GOOD, nobodys)))})
    before = count_people(ward)
    again = upload(admin, sheet(HEAD, *GOOD, nobodys))
    assert again.status_code == 200
    assert "Ai trong danh sách cũng đã có tài khoản. Không có ai để thêm." in text_of(again)
    assert 'name="kept"' not in again.get_data(as_text=True)
    more = upload(admin, sheet(HEAD, *GOOD, nobodys, ("Lê Thị Mới", "Trạm Y tế", "Chuyên viên", "", "")))
    assert "Đọc được 1 người" in text_of(more)
    assert "3 người đã có tài khoản đúng như trong tệp: giữ nguyên, không thêm lại." in text_of(more)
    admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(more)})
    assert count_people(ward) == before + 1


def test_the_wards_own_list_is_nobody_to_add(ward: Ward, admin: Visitor) -> None:
    """Whoever has several desks has several rows there."""
    answer = upload(admin, admin.get("/nguoi-dung.xlsx").data)
    assert "Ai trong danh sách cũng đã có tài khoản." in text_of(answer)


def test_a_list_that_is_confirmed_again_says_that_it_is_in(ward: Ward, admin: Visitor) -> None:
    preview = kept(upload(admin, sheet(HEAD, *GOOD)))
    assert admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": preview}).status_code == 200
    again = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": preview})
    assert again.status_code == 422
    assert "Danh sách này đã được thêm rồi." in text_of(again)
    assert "chưa nhập được" not in text_of(again)


def book(*pages: tuple[str, tuple[tuple[str, ...], ...]]) -> bytes:
    stream = BytesIO()
    made = xlsxwriter.Workbook(stream)
    for title, rows in pages:
        page = made.add_worksheet(title)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    made.close()
    return stream.getvalue()


def test_pages_that_are_not_read_are_told(admin: Visitor) -> None:
    people = ("Phòng VH-XH", (HEAD, GOOD[0])), ("Trạm Y tế", (HEAD, GOOD[1])), ("Trống", ())
    unread = "Chỉ đọc trang tính đầu tiên của tệp, chưa đọc: “Trạm Y tế”."
    assert unread in text_of(upload(admin, book(*people)))
    new = ("Tổ 1", (HEAD, ("Lý Nam", "Tổ dân phố số 5", "Chuyên viên", "", "")))
    preview = upload(admin, book(new, people[1]))
    name = "Tổ dân phố số 5"
    form = {"kept": kept(preview), "unit": name, f"short_name:{name}": name, f"kind:{name}": "outside"}
    assert unread in text_of(admin.post("/nguoi-dung/nhap/don-vi", form))


def test_hidden_pages_are_no_lists(admin: Visitor) -> None:
    stream = BytesIO(book(("DM", (("Trạm Y tế",),)), ("Danh sách", (HEAD, GOOD[0])), ("DM2", (("Chuyên viên",),))))
    made = load_workbook(stream)
    made["DM"].sheet_state = made["DM2"].sheet_state = "hidden"
    made.active = 1
    hidden = BytesIO()
    made.save(hidden)
    page = text_of(upload(admin, hidden.getvalue()))
    assert "Đọc được 1 người" in page and "chưa đọc" not in page


def test_a_list_behind_another_page_is_looked_for_there(admin: Visitor) -> None:
    answer = upload(admin, book(("Hướng dẫn", (("Điền vào trang sau",),)), ("Danh sách", (HEAD, GOOD[0]))))
    assert "Nếu danh sách ở trang “Danh sách”, hãy chuyển lên đầu." in text_of(answer)


@pytest.mark.parametrize("forged", ["", "abc", "eyJ0IjoxfQ.aaaaaa.bbbbbbb"])
def test_a_preview_of_ones_own_making_is_refused(ward: Ward, admin: Visitor, forged: str) -> None:
    answer = admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": forged})
    assert answer.status_code == 422
    assert "Hãy chọn lại tệp." in text_of(answer)


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "ds.xlsx", "Tệp rỗng"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "ds.xlsx", "không phải bảng tính Excel"),
        (b"%PDF-1.7", "ds.pdf", "Chỉ đọc được tệp .xlsx và .csv."),
        (sheet(("Cột lạ", "Cột khác"), ("a", "b")), "ds.xlsx", "Không tìm thấy cột"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused(admin: Visitor, data: bytes, name: str, message: str) -> None:
    answer = upload(admin, data, name)
    assert answer.status_code == 422
    assert message in text_of(answer)


def test_no_file_is_said(admin: Visitor) -> None:
    assert "Hãy chọn tệp danh sách." in text_of(admin.post("/nguoi-dung/nhap"))


def test_too_many_people_at_once_are_refused(admin: Visitor) -> None:
    rows = [(f"Người {n}", "Trạm Y tế", "Chuyên viên", f"09{n:08}", "") for n in range(501)]
    assert "nhiều nhất 500" in text_of(upload(admin, sheet(HEAD, *rows)))


def test_the_sample_sheet_reads_back_and_lists_the_wards_units(ward: Ward, admin: Visitor) -> None:
    answer = admin.get("/nguoi-dung/nhap/mau.xlsx")
    book = load_workbook(BytesIO(answer.data))
    page = book.worksheets[0]
    for column, text in enumerate(("Lê Thị Dòng", "Trạm Y tế", "Chuyên viên"), 1):
        page.cell(2, column).value = text
    filled = BytesIO()
    book.save(filled)
    preview = text_of(upload(admin, filled.getvalue()))
    assert "Đọc được 1 người" in preview and "chưa đọc" not in preview
    assert "Hội LH Phụ nữ" in [cell.value for cell in book.worksheets[1]["A"]]


def test_an_address_is_cut_before_its_at_where_it_is_too_long(admin: Visitor) -> None:
    assert ">vhxh.tonghop<wbr>@haidong.example<" in admin.get("/nguoi-dung").get_data(as_text=True)
