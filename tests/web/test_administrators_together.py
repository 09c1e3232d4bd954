"""Two administrators have the same form open: whoever saves last undoes nothing that they have not seen."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
import sqlalchemy as sa

from tests.web.wards import Visitor, Ward, text_of
from webapp.organisation.models import Committee, Membership, Person, Unit


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    return ward.signed_in("quantri")


class Form:
    """The form of a page as a browser has it."""

    def __init__(self, admin: Visitor, address: str) -> None:
        self._admin, self._address = admin, address
        self.read(admin.get(address).get_data(as_text=True))

    def read(self, page: str) -> None:
        form = next(part for part in page.split("<form")[1:] if 'name="seen"' in part).partition("</form>")[0]
        self.values = dict(_fields(form))

    def save(self, **typed: str) -> int:
        """Return the status; what is refused is read anew."""
        answer = self._admin.post(self._address, self.values | typed)
        self.said = text_of(answer)
        if answer.status_code == 422:
            self.read(answer.get_data(as_text=True))
        return answer.status_code


def _fields(form: str) -> Iterator[tuple[str, str]]:
    for tag in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if found.get("type") != "checkbox" or " checked" in tag:
            yield unescape(found["name"]), unescape(found.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?([^<]*)</textarea>', form):
        yield name, unescape(text)
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        yield name, next(iter(re.findall(r'value="([^"]*)" selected', options)), "")


def test_a_persons_new_role_and_number_outlive_an_older_page(ward: Ward, admin: Visitor) -> None:
    address = f"/nguoi-dung/{ward.person('yte.cv1')}"
    older, newer = Form(admin, address), Form(admin, address)
    desk = {"unit_id": str(ward.unit("vhxh")), "role": "staff", "title": "Chuyên viên"}
    assert newer.save(phone="0911000009", **{f"memberships-1-{name}": value for name, value in desk.items()}) == 302
    assert older.save(name="Y sĩ Nguyễn Văn An") == 422
    assert "người khác đã sửa: Số điện thoại, Đơn vị và vai trò." in older.said
    assert older.values["phone"] == "0911000009" and older.values["name"] == "Y sĩ Nguyễn Văn An"
    assert older.save() == 302
    found = sa.select(Person.name, Person.phone, sa.func.count(Membership.id)).join(Membership)
    assert ward.rows(found.where(Person.id == ward.person("yte.cv1")).group_by(Person.id)) == [
        ("Y sĩ Nguyễn Văn An", "0911000009", 2)
    ]


@pytest.mark.parametrize("field", ["name", "phone"])
def test_what_was_typed_is_kept_where_both_have_changed_it(ward: Ward, admin: Visitor, field: str) -> None:
    address = f"/nguoi-dung/{ward.person('yte.cv1')}"
    older, newer = Form(admin, address), Form(admin, address)
    newer.save(**{field: "0911000009"})
    assert older.save(**{field: "0911000008"}) == 422
    assert older.values[field] == "0911000008"
    assert older.save() == 302


def test_a_units_old_names_outlive_an_older_page(ward: Ward, admin: Visitor) -> None:
    address = f"/don-vi/{ward.unit('yte')}"
    older, newer = Form(admin, address), Form(admin, address)
    assert newer.save(aliases=newer.values["aliases"] + "\nTYT", is_requested="on") == 302
    assert older.save(short_name="Y tế") == 422
    assert "Tên gọi khác, Là cơ quan được đề nghị phối hợp." in older.said
    assert older.save() == 302
    [(aliases, is_requested, short_name)] = ward.rows(
        sa.select(Unit.aliases, Unit.is_requested, Unit.short_name).where(Unit.id == ward.unit("yte"))
    )
    assert "TYT" in aliases.split("\n") and is_requested and short_name == "Y tế"


def test_the_committees_code_outlives_an_older_page(ward: Ward, admin: Visitor) -> None:
    older, newer = Form(admin, "/thiet-lap/ubnd"), Form(admin, "/thiet-lap/ubnd")
    assert newer.save(code="UBND-HĐ") == 302
    assert older.save(place="phường Hải Đông") == 422
    assert "người khác đã sửa: Ký hiệu cơ quan." in older.said
    assert older.save() == 302
    assert ward.rows(sa.select(Committee.code, Committee.place)) == [("UBND-HĐ", "phường Hải Đông")]


def test_a_contacts_officer_outlives_an_older_page(ward: Ward, admin: Visitor) -> None:
    new = {"name": "Bưu điện", "short_name": "Bưu điện", "kind": "outside", "officer_id": ward.person("vhxh.cv1")}
    address = admin.post("/lien-he/moi", new).headers["Location"]
    older, newer = Form(admin, address), Form(admin, address)
    assert newer.save(officer_id=str(ward.person("vhxh.cv2"))) == 302
    assert older.save(phone="0225 123 456") == 422
    assert "người khác đã sửa: Người của phường nhập thay." in older.said
    assert older.save() == 302
    held = sa.select(Membership.person_id).join(Unit).where(Unit.name == "Bưu điện").distinct()
    assert ward.rows(held) == [(ward.person("vhxh.cv2"),)]


def test_a_name_in_parted_letters_is_nobodys_change(ward: Ward, admin: Visitor) -> None:
    """A command line on macOS gives them so; what a browser sends is composed."""
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(Committee).values(place="Ha\u0309i \u0110o\u0302ng"))
    assert Form(admin, "/thiet-lap/ubnd").save() == 302


def test_who_enters_for_many_bodies_keeps_all_of_them(ward: Ward, admin: Visitor) -> None:
    """Two desks at each, and one at home."""
    officer = ward.person("vhxh.cv1")
    for number in range(1, 9):
        new = {"name": f"Doanh nghiệp {number}", "short_name": f"DN {number}", "kind": "outside", "officer_id": officer}
        assert admin.post("/lien-he/moi", new).status_code == 302
    assert Form(admin, f"/nguoi-dung/{officer}").save(phone="0911000009") == 302
    assert len(ward.rows(sa.select(Membership.id).where(Membership.person_id == officer))) == 17
