"""A spreadsheet of people: what is read out of it, and every fault with its row."""

import io
import zipfile
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from webapp.organisation.models import Role, UnitKind
from webapp.organisation.people_sheet import Account, KnownUnit, SheetUnreadable, read_people

COMMITTEE = KnownUnit(UUID(int=1), "Ủy ban nhân dân phường", UnitKind.COMMITTEE, ("UBND", "Lãnh đạo UBND"))
CULTURE = KnownUnit(UUID(int=2), "Phòng Văn hóa – Xã hội", UnitKind.DEPARTMENT, ("VH-XH", "Phòng VHXH"))
HEALTH = KnownUnit(UUID(int=3), "Trạm Y tế", UnitKind.HEALTH, ("TYT",))
FRONT = KnownUnit(UUID(int=4), "Ủy ban MTTQ Việt Nam phường", UnitKind.ASSOCIATION, ("MTTQ",))
OFFICE = KnownUnit(UUID(int=5), "Văn phòng HĐND và UBND", UnitKind.DEPARTMENT, ("Văn phòng",))
UNITS = (COMMITTEE, CULTURE, HEALTH, FRONT, OFFICE)
HEADER = ("STT", "Họ và tên", "Đơn vị", "Chức danh/Vai trò", "Email", "Số điện thoại", "Tên đăng nhập")


def xlsx(*rows, header=HEADER, before=()):
    book = Workbook()
    for row in (*before, header, *rows):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def read(*rows, taken=(), **layout):
    return read_people("nguoi-dung.xlsx", xlsx(*rows, **layout), UNITS, taken)


def faults(*rows, **options):
    return read(*rows, **options).faults


BINH = (1, "Trần Thị Bình", "Phòng VH-XH phường", "Chuyên viên", "binh@phuong.gov.vn", "0912 345 678", "binh.tt")
CUONG = (2, "Lê Văn Cường", "trạm y tế", "Trạm trưởng", None, None, None)


def test_a_good_row_is_a_person():
    (person,) = read((*BINH[:2], "Phòng VHXH", *BINH[3:])).people
    assert (person.name, person.username, person.email, person.phone) == (
        "Trần Thị Bình", "binh.tt", "binh@phuong.gov.vn", "0912345678",
    )  # fmt: skip
    assert [(desk.unit_id, desk.role, desk.title) for desk in person.desks] == [
        (CULTURE.id, Role.STAFF, "Chuyên viên"),
    ]  # fmt: skip


def test_columns_stand_in_any_order_and_wording_below_a_title():
    sheet = read(
        ("0912345678", "Trưởng phòng", "Trưởng đơn vị", "Ghi gì đó", "Trần Thị Bình", "VH-XH"),
        header=("SĐT", "Chức vụ", "Quyền hạn", "Quê quán", "HỌ TÊN", "Cơ quan, đơn vị"),
        before=(("DANH SÁCH CÁN BỘ, CÔNG CHỨC",), (), ("Kèm theo Công văn số 12",)),
    )
    (row,) = sheet.rows
    assert row.number == 5
    assert [(desk.role, desk.title) for desk in row.person.desks] == [(Role.HEAD, "Trưởng phòng")]
    assert sheet.unread_columns == ("Quê quán",)


def test_who_has_no_username_gets_a_free_one():
    sheet = read(
        CUONG, (3, "Lê Vĩnh Cường", "MTTQ", "Ủy viên"), (4, "An", "MTTQ", "Ủy viên"),
        taken=[Account("Lê Cường", "cuonglv")],
    )  # fmt: skip
    assert [person.username for person in sheet.people] == ["cuonglv2", "cuonglv3", "an2"]


def test_a_username_written_further_down_is_not_given_away():
    sheet = read(CUONG, (3, "Đỗ Thị Hà", "MTTQ", "Ủy viên", None, None, "cuonglv"))
    assert [person.username for person in sheet.people] == ["cuonglv2", "cuonglv"]


@pytest.mark.parametrize("written", [912345678, 912345678.0, "0912.345.678", "+84 912 345 678", "84912345678"])
def test_a_telephone_number_is_read_however_it_is_written(written):
    (person,) = read((1, "Trần Thị Bình", "MTTQ", "Ủy viên", None, written)).people
    assert person.phone == "0912345678"


@pytest.mark.parametrize(
    ("unit", "written", "desks"),
    [
        ("UBND", "Chủ tịch", [(COMMITTEE, Role.CHAIR)]),
        ("UBND", "Phó Chủ tịch UBND", [(COMMITTEE, Role.VICE_CHAIR)]),
        ("UBND", "Văn phòng", [(COMMITTEE, Role.OFFICE)]),
        ("MTTQ", "Chủ tịch", [(FRONT, Role.HEAD)]),
        ("MTTQ", "Phó Chủ tịch", [(FRONT, Role.STAFF)]),
        ("VH-XH", "Trưởng phòng", [(CULTURE, Role.HEAD)]),
        ("VH-XH", "Phó Trưởng phòng", [(CULTURE, Role.STAFF)]),
        ("VH-XH", "Phó Trưởng phòng phụ trách", [(CULTURE, Role.HEAD)]),
        ("VH-XH", "Chuyên viên; Cán bộ tổng hợp", [(CULTURE, Role.STAFF), (CULTURE, Role.FOCAL)]),
        ("VH-XH", "Trưởng phòng kiêm đầu mối", [(CULTURE, Role.HEAD), (CULTURE, Role.FOCAL)]),
        ("Văn phòng", "Chánh Văn phòng", [(OFFICE, Role.HEAD)]),
        ("Văn phòng", "Văn thư", [(OFFICE, Role.STAFF), (COMMITTEE, Role.CLERK)]),
        ("Văn phòng", "Quản trị viên", [(OFFICE, Role.STAFF), (COMMITTEE, Role.ADMIN)]),
        ("Văn phòng", "Chánh Văn phòng; Ký tắt", [(OFFICE, Role.HEAD), (COMMITTEE, Role.OFFICE)]),
        ("TYT", "Bác sĩ", [(HEALTH, Role.STAFF)]),
        ("TYT", "Văn thư", [(HEALTH, Role.STAFF)]),
        ("MTTQ", "Văn phòng", [(FRONT, Role.STAFF)]),
    ],
)
def test_titles_mean_roles(unit, written, desks):
    (person,) = read((1, "Trần Thị Bình", unit, written)).people
    assert [(desk.unit_id, desk.role) for desk in person.desks] == [(one.id, role) for one, role in desks]


def test_whoever_sees_to_the_network_is_no_administrator_of_the_ward():
    ((_, fault),) = faults((1, "Trần Thị Bình", "Văn phòng", "Quản trị mạng"))
    assert fault.startswith("Không hiểu vai trò “Quản trị mạng”.")


def test_a_doubled_account_names_the_first_row():
    second = (2, "Lê Văn Cường", "TYT", "Bác sĩ", "BINH@phuong.gov.vn", "+84912345678", "Binh.TT")
    assert faults(BINH, second) == (
        (3, "Tên đăng nhập binh.tt trùng với dòng 2. Mỗi người chỉ khai một dòng."),
        (3, "Thư điện tử binh@phuong.gov.vn trùng với dòng 2. Mỗi người chỉ khai một dòng."),
        (3, "Số điện thoại 0912345678 trùng với dòng 2. Mỗi người chỉ khai một dòng."),
    )


HELD_BY_BINH = frozenset({(CULTURE.id, Role.STAFF), (CULTURE.id, Role.FOCAL)})
ACCOUNT = Account("Trần Thị Bình", "binh.tt", "binh@phuong.gov.vn", "0912345678", HELD_BY_BINH)
WITHOUT_CONTACTS = (*BINH[:4], None, None, None)


@pytest.mark.parametrize("row", [BINH, WITHOUT_CONTACTS, (*BINH[:4], None, "84912345678", None)])
def test_whoever_has_an_account_just_so_is_not_added_again(row):
    sheet = read(row, CUONG, row, taken=[ACCOUNT])
    assert [one.account for one in sheet.rows] == ["binh.tt", "", "binh.tt"]
    assert [person.name for person in sheet.people] == ["Lê Văn Cường"]
    assert (sheet.faults, sheet.known) == ((), 2)


@pytest.mark.parametrize(
    ("row", "account", "says"),
    [
        ((*BINH[:5], "0912345679", None), ACCOUNT, "của Trần Thị Bình, khác ở: số điện thoại. "),
        ((*WITHOUT_CONTACTS[:3], "Trưởng phòng"), ACCOUNT, "Đơn vị này đã có Trần Thị Bình (tài khoản binh.tt), khác"),
        ((*BINH[:2], "TYT", "Bác sĩ", None, BINH[5]), ACCOUNT, "khác ở: đơn vị, vai trò. "),
        ((1, "Trần Thị Bích", *BINH[2:5]), ACCOUNT, "Thư điện tử binh@phuong.gov.vn đã thuộc tài khoản binh.tt của"),
        ((*BINH[:4], None, "0912345679", None), ACCOUNT, "là người khác thì hãy ghi tên đăng nhập riêng."),
        (BINH, replace(ACCOUNT, is_active=False), "khác ở: trạng thái (đã ngừng). "),
    ],
)
def test_what_an_account_has_otherwise_is_said(row, account, says):
    ((number, fault),) = faults(row, taken=[account])
    assert number == 2
    assert says in fault


def test_a_namesake_with_a_user_name_of_their_own_is_somebody_else():
    sheet = read((*WITHOUT_CONTACTS[:6], "binh.tt2"), taken=[ACCOUNT])
    assert [person.username for person in sheet.people] == ["binh.tt2"]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_a_formula_that_failed_is_nobodys_name(error):
    sheet = read((1, error, "TYT", "Bác sĩ"), (2, "An Bình", error, "Bác sĩ"))
    assert sheet.faults == (
        (2, f"Công thức ở ô “Họ và tên” bị lỗi ({error}). Hãy gõ nội dung vào ô."),
        (3, f"Công thức ở ô “Đơn vị” bị lỗi ({error}). Hãy gõ nội dung vào ô."),
    )
    assert sheet.unknown_units == ()


def test_the_same_name_in_the_same_unit_needs_to_be_told_apart():
    ((row, fault),) = faults(CUONG, CUONG)
    assert (row, fault[:36]) == (3, "Trùng họ tên và đơn vị với dòng 2. N")
    assert faults(CUONG, (*CUONG[:5], "0912345678")) == ()


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        (1, None, "Chưa có họ và tên."),
        (1, "123", "Chưa có họ và tên."),
        (2, None, "Chưa có đơn vị."),
        (2, "Phòng Văn hóa và Xã hội", "Có phải “Phòng Văn hóa – Xã hội”?"),
        (2, "Sở Nội vụ", "Hãy thêm đơn vị trước"),
        (3, None, "Chưa có vai trò hoặc chức danh."),
        (3, "Siêu nhân", "Không hiểu vai trò “Siêu nhân”."),
        (3, "Chuyên viên; Siêu nhân", "Không hiểu vai trò"),
        (4, "binh@", "Thư điện tử “binh@” không dùng được."),
        (5, "091234", "Số điện thoại “091234” không dùng được."),
        (6, "0912345678", "Tên đăng nhập “0912345678” không dùng được."),
        (6, "bình", "Tên đăng nhập “bình” không dùng được."),
    ],
)
def test_a_fault_names_its_row_and_says_what_to_do(place, value, says):
    row = [*BINH]
    row[place] = value
    sheet = read(CUONG, row)
    ((number, fault),) = sheet.faults
    assert number == 3
    assert says in fault
    assert len(sheet.people) == 1


@pytest.mark.parametrize("written", ["UBND", "UBND phường", "Ủy ban nhân dân phường", "UBND P. Hải Đông", "Lãnh đạo"])
def test_whoever_leads_is_pointed_to_the_leaders_unit(written):
    """A unit "UBND" of one's own would be none that anything is sent to."""
    leaders = KnownUnit(UUID(int=1), "Lãnh đạo UBND phường Hải Đông", UnitKind.COMMITTEE, ("Lãnh đạo UBND",))
    sheet = read_people("nguoi-dung.xlsx", xlsx((1, "Trần Thị Bình", written, "Chủ tịch")), (leaders, CULTURE))
    ((_, fault),) = sheet.faults
    assert fault.endswith("Có phải “Lãnh đạo UBND phường Hải Đông”?")


@pytest.mark.parametrize("written", ["vh - xh", "Phòng VHXH phường", "phòng văn hoá, xã hội", "PHÒNG VĂN HÓA – XÃ HỘI"])
def test_a_unit_is_known_however_it_is_written(written):
    (person,) = read((1, "Trần Thị Bình", written, "Chuyên viên")).people
    assert person.desks[0].unit_id == CULTURE.id


def test_an_ambiguous_unit_is_not_guessed():
    units = (*UNITS, KnownUnit(UUID(int=9), "Trường Tiểu học", UnitKind.SCHOOL, ("TYT",)))
    sheet = read_people("a.xlsx", xlsx((1, "An Bình", "TYT", "Bác sĩ")), units)
    assert "tên của nhiều đơn vị" in sheet.faults[0][1]


def test_empty_rows_and_rows_with_only_an_ordinal_are_passed_over():
    assert [row.number for row in read(CUONG, (), (3,), BINH).rows] == [2, 5]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_too(separator, encoding):
    lines = (("Họ và tên", "Đơn vị", "Vai trò"), ("Trần Thị Bình", "MTTQ", "Ủy viên"))
    data = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    (person,) = read_people("nguoi.CSV", data, UNITS).people
    assert person.username == "binhtt"


def zipped(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return buffer.getvalue()


def disguised(data):
    """The same package, whose sheet declares entities and is not called .xml."""
    for name in ("[Content_Types].xml", "xl/_rels/workbook.xml.rels"):
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            renamed = package.read(name).replace(b"sheet1.xml", b"sheet1.bin")
        data = altered(data, name, renamed)
    return altered(data, "xl/worksheets/sheet1.bin", ENTITIES)


def altered(data, name, content):
    """The same package with one part put in or replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.namelist():
            if part != name:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return buffer.getvalue()


ENTITIES = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", b"", "Tệp rỗng"),
        ("a.csv", b" \r\n", "Tệp rỗng"),
        ("a.xlsx", xlsx(header=()), "Tệp rỗng"),
        ("a.xlsx", PNG, "không phải bảng tính Excel"),
        ("a.csv", PNG, "không phải văn bản Unicode"),
        ("a.csv", "Họ và tên;Đơn vị".encode("utf-16-le"), "không phải văn bản Unicode"),
        ("a.csv", b"<html>", "không phải văn bản Unicode"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "đặt mật khẩu"),
        ("a.xlsx", zipped(word__document="<w/>"), "không phải bảng tính Excel"),
        ("a.xlsx", xlsx(BINH)[:900], "bị hỏng"),
        ("a.xlsx", altered(xlsx(BINH), "xl/workbook.xml", b"<oops"), "bị hỏng"),
        ("a.xlsx", altered(xlsx(BINH), "xl/vbaProject.bin", b"x"), "macro"),
        ("a.xlsx", altered(xlsx(BINH), "xl/sharedStrings.xml", ENTITIES), "DTD"),
        ("a.xlsx", disguised(xlsx(BINH)), "DTD"),
        ("a.xlsx", altered(xlsx(BINH), "xl/media/image1.png", bytes(16 * 1024**2)), "bung ra quá lớn"),
        ("a.xlsx", bytes(6 * 1024**2), "6 MB"),
        ("a.xls", b"x", "Excel bản cũ"),
        ("a.xlsm", b"x", "có macro"),
        ("a.pdf", b"x", "Chỉ đọc được"),
        ("a.xlsx", xlsx(BINH, header=("A", "B")), "Không tìm thấy cột “Họ và tên”, “Đơn vị”, “Vai trò”"),
        ("a.xlsx", xlsx(), "chưa có người nào"),
        ("a.csv", b"ho ten,don vi,vai tro\n" + b"a,b,c\n" * 5001, "5.000 dòng"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_with_a_sentence(name, data, says):
    with pytest.raises(SheetUnreadable, match=says):
        read_people(name, data, UNITS)


def test_a_cell_at_the_end_of_the_sheet_does_not_make_a_million_rows():
    book = Workbook()
    for row in (HEADER, BINH):
        book.active.append(row)
    book.active.cell(1_048_576, 16_384, "x")
    buffer = io.BytesIO()
    book.save(buffer)
    assert len(read_people("a.xlsx", buffer.getvalue(), UNITS).people) == 1


TEXTS = st.one_of(st.none(), st.text(max_size=20), st.sampled_from([cell for cell in (*BINH, *CUONG) if cell]))


@settings(max_examples=60)
@given(st.lists(st.lists(TEXTS, min_size=7, max_size=7), min_size=1, max_size=6))
def test_every_row_is_either_a_person_or_at_fault(rows):
    lines = [",".join(f'"{str(cell or "").replace(chr(34), "")}"' for cell in row) for row in (HEADER, *rows)]
    try:
        sheet = read_people("a.csv", "\n".join(lines).encode("utf-8", "ignore"), UNITS)
    except SheetUnreadable:
        return
    assert all((row.person is None) == bool(row.faults) for row in sheet.rows)
    usernames = [person.username for person in sheet.people]
    assert len(set(usernames)) == len(usernames)
