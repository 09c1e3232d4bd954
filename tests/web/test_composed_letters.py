"""Vietnamese letters come as one sign or, from macOS, as a letter with its marks: both are one spelling everywhere."""

import io
from unicodedata import normalize
from uuid import UUID

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from forms.definition import FormDefinition
from forms.expressions import evaluate
from forms.fields import FormContext
from tests.web.demo_wards import WorkingWard
from tests.web.wards import Ward, text_of
from webapp.cases.models import Comment
from webapp.demo.organisation import PASSWORD
from webapp.organisation.models import Role, Unit, UnitKind
from webapp.organisation.people_sheet import KnownUnit, read_people

CULTURE = KnownUnit(UUID(int=2), "Phòng Văn hóa – Xã hội", UnitKind.DEPARTMENT, ("VH-XH",))
COMMITTEE = KnownUnit(UUID(int=1), "Ủy ban nhân dân phường", UnitKind.COMMITTEE)


def apart(text: str) -> str:
    """As macOS writes it."""
    return normalize("NFD", text)


def test_a_password_is_the_same_on_every_keyboard(ward: Ward) -> None:
    new, visitor = "đường-về-huế-4711", ward.signed_in("yte.cv1")
    form = {"old_password": PASSWORD, "new_password": apart(new), "repeated": new}
    assert visitor.post("/tai-khoan/mat-khau", form).status_code == 302
    for typed in (new, apart(new)):
        assert ward.visitor().sign_in("yte.cv1", typed).status_code == 302


def test_a_unit_has_its_name_once(ward: Ward) -> None:
    admin = ward.signed_in("quantri")
    form = {"short_name": "TDP", "kind": "association", "position": "9"}
    assert admin.post("/don-vi/moi", {**form, "name": "Tổ dân phố số 7"}).status_code == 302
    assert admin.post("/don-vi/moi", {**form, "name": apart("Tổ dân phố số 7"), "short_name": "T7"}).status_code == 422
    assert ward.rows(sa.select(Unit.name).where(Unit.name.contains("số 7"))) == [("Tổ dân phố số 7",)]


def test_what_is_searched_and_what_is_entered_is_found(at_work: WorkingWard) -> None:
    case, officer = at_work.case("II.3", "th"), at_work.at("th.vanthu")
    assert officer.post(f"/ho-so/{case}/trao-doi", {"text": apart("Đã gửi\u200b hồ sơ\u202e")}).status_code == 302
    assert ("Đã gửi hồ sơ",) in at_work.rows(sa.select(Comment.text))
    for username, page, found in (
        ("quantri", "/nguoi-dung?q=Trạm trưởng Y tế", "yte.truong"),
        ("vhxh.tonghop", "/hop-viec?q=báo cáo", ""),
        ("vhxh.tonghop", "/tim-kiem?q=dịch vụ công", "dịch vụ công"),
    ):
        pages = [at_work.at(username).get(spelt(page)) for spelt in (str, apart)]
        assert pages[0].status_code == 200
        assert text_of(pages[0]) == text_of(pages[1]), page
        assert found in text_of(pages[1])


def test_a_list_of_people_is_read_alike() -> None:
    book = Workbook()
    for row in (
        ("Họ và tên", "Đơn vị", "Vai trò", "Số điện thoại"),
        (
            "Trần Thị Bình\u200b",
            "Phòng Văn hoá – Xã hội ",
            "Trưởng phòng kiêm cán bộ tổng hợp",
            "\u202a0912345678\u202c",
        ),
    ):
        book.active.append([apart(cell) for cell in row])
    book.save(file := io.BytesIO())
    sheet = read_people("ds.xlsx", file.getvalue(), (COMMITTEE, CULTURE))
    assert sheet.faults == ()
    [person] = sheet.people
    assert (person.name, person.phone) == ("Trần Thị Bình", "0912345678")
    assert [desk.role for desk in person.desks] == [Role.HEAD, Role.FOCAL]


@pytest.mark.parametrize("machine", [str, apart])
def test_a_form_of_another_machine_takes_its_answers(machine: type[str]) -> None:
    source = """{"id": "a", "components": [{"key": "outcome", "type": "select", "label": "Kết quả",
        "values": [{"value": "đã xong", "label": "Đã xong"}]}]}"""
    form = FormDefinition.parse(machine(source).encode())
    answers = form.load({"outcome": "đã xong"}, FormContext())
    assert evaluate(machine("outcome == 'đã xong'"), answers) is True
