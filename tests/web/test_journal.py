"""Nhật ký quản trị: what each administrator has done reads as a sentence, newest first."""

import re
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from openpyxl import load_workbook

from engine.calendar import local_date
from engine.events import _FACTS
from tests.web.test_organisation import committee_form, person_form
from tests.web.test_people_import import GOOD, HEAD, kept, sheet, upload
from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.commands.absences import EnterAbsence
from webapp.organisation.commands.calendar_days import ReviewCalendar
from webapp.organisation.journal import SENTENCES

NOT_ADMINISTRATION = {
    "SignedIn", "PasswordChanged", "EmailChanged",  # Of oneself.
    "SuccessorsChosen", "EntriesFollowed", "UnitChangeDone", "VersionMovePlanned", "VersionMoveWentOn",
}  # fmt: skip
"""Steps on the way, which their own pages show."""


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


def journal(admin: Visitor) -> list[str]:
    """What the page says was done, newest first."""
    page = admin.get("/nhat-ky").get_data(as_text=True)
    return [unescape(told) for told in re.findall(r"<tr><td[^>]*><span>([^<]*)</span>", page)]


def test_each_kind_of_fact_about_the_ward_has_its_sentence() -> None:
    rooms = (
        "webapp.organisation.",
        "webapp.contacts.",
        "webapp.accounts.",
        "webapp.unit_changes.",
        "webapp.procedures.",
    )
    ours = {name for name, fact in _FACTS.items() if fact.__module__.startswith(rooms)}
    assert ours - {fact.name for fact in SENTENCES} == NOT_ADMINISTRATION


def test_what_is_done_to_people_is_told(ward: Ward, admin: Visitor) -> None:
    officer = ward.person("yte.cv1")
    admin.post("/nguoi-dung/moi", person_form(ward, ("yte", "staff"), name="Y sĩ Lan"))
    form = person_form(ward, ("yte", "head"), name="Y sĩ An", username="yte.cv1", phone="0911000009")
    admin.post(f"/nguoi-dung/{officer}", form)
    admin.post(f"/nguoi-dung/{officer}/mat-khau")
    admin.post(f"/tai-khoan/ma/{officer}")
    admin.post(f"/nguoi-dung/{officer}/ngung")
    admin.post(f"/nguoi-dung/{officer}/dung-lai")
    assert journal(admin)[:6] == [
        "Cho Y sĩ An dùng lại tài khoản",
        "Ngừng tài khoản của Y sĩ An",
        "Cấp mã một lần cho Y sĩ An",
        "Cấp mật khẩu mới cho Y sĩ An",
        "Sửa người dùng Y sĩ An: Họ và tên, Thư điện tử, Số điện thoại; thêm vai Trưởng đơn vị · Trạm Y tế; "
        "bỏ vai Chuyên viên · Trạm Y tế",
        "Thêm người dùng Y sĩ Lan: Chuyên viên · Trạm Y tế",
    ]


def test_a_list_is_one_line_with_who_did_it(ward: Ward, admin: Visitor) -> None:
    admin.post("/nguoi-dung/nhap/xac-nhan", {"kept": kept(upload(admin, sheet(HEAD, *GOOD)))})
    assert journal(admin)[0] == "Thêm 2 người dùng từ bảng tính: Nguyễn Thị Mẫu, Trần Văn Thử"
    assert "Nguyễn Thị Mẫu, Trần Văn Thử Quản trị viên" in text_of(admin.get("/nhat-ky"))


def test_what_is_done_to_the_calendar_units_and_the_committee_is_told(ward: Ward, admin: Visitor) -> None:
    year, unit = local_date(ward.now()).year, ward.unit("phunu")
    day = next(day for day in (date(year + 1, 3, n) for n in (1, 2, 3)) if day.weekday() < 5)
    admin.post("/lich-lam-viec", {"day": f"{day:%d/%m/%Y}", "working": "free", "note": "Thông báo số 5"})
    admin.post(f"/lich-lam-viec/{day}/bo")
    admin.post(f"/lich-lam-viec/{year + 1}/da-xem")
    form = {"name": "Hội Phụ nữ phường", "short_name": "Hội LHPN", "kind": "association", "position": "10"}
    admin.post(
        f"/don-vi/{unit}", form | {"aliases": "Hội LH Phụ nữ\nHội Liên hiệp Phụ nữ\nHội Phụ nữ", "is_requested": "on"}
    )
    admin.post("/thiet-lap/ubnd", committee_form(ward, code="UBNDHĐ"))
    told = journal(admin)
    assert told[0] == "Sửa thông tin UBND: Ký hiệu cơ quan, Tên cơ quan nhận, Thư điện tử của nơi nhận"
    assert told[1].startswith("Sửa đơn vị Hội Phụ nữ phường (trước là Hội LH Phụ nữ): Tên đơn vị")
    assert told[2:5] == [
        f"Đã xem lịch năm {year + 1}",
        f"Bỏ thay đổi ngày {day:%d/%m/%Y}, theo lịch có sẵn",
        f"Ghi ngày {day:%d/%m/%Y} nghỉ: Thông báo số 5",
    ]


def test_what_is_done_to_contacts_and_absences_is_told(ward: Ward, admin: Visitor) -> None:
    new = {"name": "Bưu điện", "short_name": "Bưu điện", "kind": "outside", "officer_id": ward.person("vhxh.cv1")}
    address = admin.post("/lien-he/moi", new).headers["Location"]
    admin.post(address, new | {"phone": "0225 1", "officer_id": ward.person("vhxh.cv2")})
    day = local_date(ward.now())
    ward.execute(EnterAbsence(
        person_id=ward.person("yte.cv1"), proxy_id=ward.person("yte.truong"), from_day=day, to_day=day, reason="Phép",
    ))  # fmt: skip
    assert journal(admin)[:3] == [
        f"Khai Viên chức Trạm Y tế 1 vắng mặt từ {day:%d/%m/%Y} đến {day:%d/%m/%Y}, Trạm trưởng Y tế làm thay",
        "Sửa liên hệ Bưu điện: Điện thoại, nhập thay nay là Chuyên viên VH-XH 2",
        "Thêm liên hệ Bưu điện, Chuyên viên VH-XH 1 nhập thay",
    ]
    assert "Trạm trưởng Y tế làm thay Hệ thống" in text_of(admin.get("/nhat-ky"))


def test_a_deployed_procedure_is_told_by_its_name(ward: Ward, admin: Visitor) -> None:
    ward.open_step("vhxh")
    assert re.fullmatch(r"Triển khai quy trình [^:]*, phiên bản 1: Thử", journal(admin)[0])


def test_a_long_journal_goes_on_and_its_sheet_has_all(ward: Ward, admin: Visitor) -> None:
    year = local_date(ward.now()).year
    for _ in range(60):
        ward.execute(ReviewCalendar(year=year))
    addresses = ["/nhat-ky"]
    for address in addresses:
        page = admin.get(address).get_data(as_text=True)
        addresses += [unescape(url) for url in re.findall(r'href="([^"]*)" rel="next"', page)]
    told = "".join(text_of(admin.get(address)) for address in addresses)
    assert len(addresses) > 2 and "Tạo UBND phường Hải Đông" in told
    sheet = load_workbook(BytesIO(admin.get("/nhat-ky.xlsx").data)).active
    said = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert told.count(f"Đã xem lịch năm {year}") == said.count(f"Đã xem lịch năm {year}") == 61


def test_nobody_else_reads_it(ward: Ward) -> None:
    for username in ("chutich", "vhxh.tonghop"):
        assert ward.signed_in(username).get("/nhat-ky").status_code == 403
