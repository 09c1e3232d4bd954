"""Administration: people, units, the committee, the calendar, what is to be set up first."""

import re
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Actor
from engine.commands.user_tasks import ClaimUserTask
from tests.web.wards import Visitor, Ward, text_of
from webapp.demo.organisation import load_organisation
from webapp.organisation.commands.people import AddPerson, HeldDesk, ImportPeople, ImportRefused, NewPerson
from webapp.organisation.models import Membership, Person, Role, Unit

PASSWORD_SHOWN = re.compile(r"<code[^>]*>([a-z0-9-]{14})</code>")


@pytest.fixture
def admin(ward: Ward) -> Visitor:
    """An administrator at work."""
    return ward.signed_in("quantri")


def person_form(ward: Ward, *desks: tuple[str, str], **fields: str) -> dict[str, str]:
    """What a browser sends of the form of a person; desks as (unit's key, role)."""
    form = {"name": "Người Mới", "username": "nguoi.moi", "email": "", "phone": "", **fields}
    for number, (unit, role) in enumerate(desks):
        form |= {
            f"memberships-{number}-unit_id": str(ward.unit(unit)),
            f"memberships-{number}-role": role,
            f"memberships-{number}-title": "Chuyên viên",
        }
    return form


def desks_of(ward: Ward, username: str) -> set[tuple[UUID, str]]:
    query = sa.select(Membership.unit_id, Membership.role).join(Person).where(Person.username == username)
    return {(unit, str(role)) for unit, role in ward.rows(query)}


# --- people ---


def test_an_added_person_gets_a_first_password_shown_once(ward: Ward, admin: Visitor) -> None:
    form = person_form(ward, ("vhxh", "staff"), ("yte", "head"), phone="+84 912 345 678", email="Moi@HaiDong.example")
    answer = admin.post("/nguoi-dung/moi", form)
    assert answer.status_code == 200
    (password,) = PASSWORD_SHOWN.findall(answer.get_data(as_text=True))
    assert desks_of(ward, "nguoi.moi") == {(ward.unit("vhxh"), "staff"), (ward.unit("yte"), "head")}
    newcomer = ward.visitor()
    assert newcomer.sign_in("0912345678", password).status_code == 302
    assert newcomer.get("/tai-khoan").headers["Location"].startswith("/tai-khoan/mat-khau?")
    (fact,) = ward.facts("PersonAdded")[-1:]
    assert sorted(fact.desks) == sorted([f"staff@{ward.unit('vhxh')}", f"head@{ward.unit('yte')}"])


def test_without_a_user_name_one_is_made_of_the_name(ward: Ward, admin: Visitor) -> None:
    admin.post("/nguoi-dung/moi", person_form(ward, ("vhxh", "staff"), name="Trần Thị Bình", username=""))
    admin.post("/nguoi-dung/moi", person_form(ward, ("vhxh", "staff"), name="Trần Thúy Bình", username=""))
    assert desks_of(ward, "binhtt")
    assert desks_of(ward, "binhtt2")


def test_a_person_sent_twice_is_one_account(ward: Ward, admin: Visitor) -> None:
    """As where the page of the first password is loaded again."""
    form = person_form(ward, ("vhxh", "staff"), name="Trần Thị Bình", username="")
    assert admin.post("/nguoi-dung/moi", form).status_code == 200
    again = admin.post("/nguoi-dung/moi", form)
    assert again.status_code == 422
    assert "Đơn vị đã có Trần Thị Bình (tài khoản binhtt)." in text_of(again)
    assert admin.post("/nguoi-dung/moi", form | {"username": "binh.tran"}).status_code == 200


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": ""}, "Nhập họ và tên."),
        ({"username": "Có Dấu"}, "Tên đăng nhập gồm"),
        ({"username": "0912345678"}, "không chỉ có chữ số"),
        ({"username": "chutich"}, "Tên đăng nhập này đã có người dùng."),
        ({"email": "khong-phai-thu"}, "Thư điện tử phải có dạng"),
        ({"email": "chutich@haidong.example"}, "Thư điện tử này đã được khai cho người khác."),
        ({"phone": "12345"}, "Số điện thoại phải có 10 chữ số"),
        ({"phone": "0900 000 001"}, "Số điện thoại này đã được khai cho người khác."),
    ],
)
def test_wrong_data_of_a_person_is_refused_with_its_reason(
    ward: Ward, admin: Visitor, fields: dict[str, str], message: str
) -> None:
    answer = admin.post("/nguoi-dung/moi", person_form(ward, ("vhxh", "staff"), **fields))
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert desks_of(ward, "nguoi.moi") == set()


def test_a_refused_person_keeps_all_that_was_typed(ward: Ward, admin: Visitor) -> None:
    form = person_form(ward, ("vhxh", "staff"), ("yte", "head"), name="Người Thử", phone="12")
    page = admin.post("/nguoi-dung/moi", form).get_data(as_text=True)
    assert 'value="Người Thử"' in page
    assert page.count(f'<option value="{ward.unit("yte")}" selected>') == 1
    assert page.count('<option value="head" selected>') == 1


@pytest.mark.parametrize(
    ("desks", "message"),
    [
        ([], "Chọn ít nhất một đơn vị và vai trò."),
        ([("vhxh", "")], "Dòng 1: Chọn vai trò."),
        ([("vhxh", "staff"), ("vhxh", "staff")], "chỉ khai một lần"),
        ([("vhxh", "chair")], "chỉ khai ở đơn vị “Lãnh đạo UBND phường”"),
        ([("vhxh", "master")], "Dòng 1: Chọn lại trong danh sách."),
    ],
)
def test_desks_that_make_no_sense_are_refused(
    ward: Ward, admin: Visitor, desks: list[tuple[str, str]], message: str
) -> None:
    answer = admin.post("/nguoi-dung/moi", person_form(ward, *desks))
    assert answer.status_code == 422
    assert message in text_of(answer)


def test_a_person_changes_unit_and_keeps_the_desk_that_stays(ward: Ward, admin: Visitor) -> None:
    person_id = ward.person("vhxh.cv2")
    before = ward.rows(sa.select(Membership.id).where(Membership.person_id == person_id))
    form = person_form(ward, ("vhxh", "staff"), ("hcc", "staff"), name="Chuyên viên VH-XH 2", username="vhxh.cv2")
    assert admin.post(f"/nguoi-dung/{person_id}", form).status_code == 302
    assert desks_of(ward, "vhxh.cv2") == {(ward.unit("vhxh"), "staff"), (ward.unit("hcc"), "staff")}
    assert before[0] in ward.rows(sa.select(Membership.id).where(Membership.person_id == person_id))
    admin.post(f"/nguoi-dung/{person_id}", person_form(ward, ("hcc", "staff"), username="vhxh.cv2"))
    fact = ward.facts("PersonChanged")[-1]
    assert (fact.desks_added, fact.desks_removed) == ([], [f"staff@{ward.unit('vhxh')}"])
    assert list(fact.changed) == ["name"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("truong phong", 2),
        ("TRƯỞNG phòng VH", 1),
        ("phong", 4),
        ("0900000001", 1),
        ("%", 0),
        ("khong ai", 0),
        ("a\0b", 0),
    ],
)
def test_search_ignores_diacritics_and_case(admin: Visitor, search: str, found: int) -> None:
    page = admin.get("/nguoi-dung", query_string={"q": search}).get_data(as_text=True)
    assert page.count('class="q-row-title"') == found


def test_the_list_goes_on_where_the_page_ended(ward: Ward, admin: Visitor) -> None:
    desk = (HeldDesk(ward.unit("th"), Role.STAFF),)
    names = [f"Giáo viên {number:03}" for number in range(70)]
    newcomers = tuple(NewPerson(name=name, username=f"gv{number:03}", desks=desk) for number, name in enumerate(names))
    ward.execute(ImportPeople(people=newcomers))
    seen: list[str] = []
    path: str | None = f"/nguoi-dung?don_vi={ward.unit('th')}"
    while path:
        page = admin.get(path).get_data(as_text=True)
        seen += re.findall(r'q-row-title" href="[^"]+">([^<]+)<', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else None
    assert seen == [*names, "Hiệu trưởng Trường Tiểu học", "Nhân viên văn thư Trường Tiểu học"]


def test_the_last_administrator_stays_one(ward: Ward, admin: Visitor) -> None:
    person_id = ward.person("quantri")
    answer = admin.post(f"/nguoi-dung/{person_id}", person_form(ward, ("vhxh", "staff"), username="quantri"))
    assert answer.status_code == 422
    assert "quản trị viên cuối cùng" in text_of(answer)
    assert "không tự ngừng" in text_of(admin.post(f"/nguoi-dung/{person_id}/ngung", follow_redirects=True))


def test_an_account_out_of_use_comes_back(ward: Ward, admin: Visitor) -> None:
    person_id = ward.person("doan.cv1")
    admin.post(f"/nguoi-dung/{person_id}/ngung")
    assert "Chuyên viên Đoàn Thanh niên 1" not in text_of(admin.get("/nguoi-dung"))
    assert "Chuyên viên Đoàn Thanh niên 1" in text_of(admin.get("/nguoi-dung?trang_thai=ngung"))
    admin.post(f"/nguoi-dung/{person_id}/dung-lai")
    assert ward.visitor().sign_in("doan.cv1").status_code == 302
    assert [len(ward.facts(name)) for name in ("PersonDeactivated", "PersonReactivated")] == [1, 1]


def test_a_new_password_ends_the_sessions_of_the_old_one(ward: Ward, admin: Visitor) -> None:
    somebody = ward.signed_in("khdt.cv1")
    assert PASSWORD_SHOWN.search(admin.post(f"/nguoi-dung/{ward.person('khdt.cv1')}/mat-khau").get_data(as_text=True))
    assert somebody.get("/tai-khoan").status_code == 302
    assert ward.visitor().sign_in("khdt.cv1").status_code == 422


# --- handing over ---


def take(ward: Ward, username: str, unit: str, title: str) -> UUID:
    """A step of a unit, claimed by a person of its staff."""
    step = ward.open_step(unit, title)
    actor = Actor(
        id=ward.person(username), tenant_id=ward.demo.tenant_id, permissions=frozenset({"work"}),
        desks=frozenset({f"staff@{ward.unit(unit)}"}),
    )  # fmt: skip
    ward.runtime.execute(ClaimUserTask(user_task_id=step), actor=actor)
    return step


def test_whoever_leaves_hands_over_to_a_colleague_or_to_the_desk_first(ward: Ward, admin: Visitor) -> None:
    leaver, colleague = ward.person("vhxh.cv1"), ward.person("vhxh.cv2")
    first, second, third = (take(ward, "vhxh.cv1", "vhxh", f"Việc {number}") for number in (1, 2, 3))
    refused = admin.post(f"/nguoi-dung/{leaver}/ngung", follow_redirects=True)
    assert "Hãy bàn giao hết việc" in text_of(refused)
    assert "Việc 2" in text_of(refused)
    choices = {"all": str(colleague), f"task-{second}": "desk", f"task-{third}": str(ward.person("vhxh.truong"))}
    admin.post(f"/nguoi-dung/{leaver}/ban-giao", choices)
    assert [ward.holder(step) for step in (first, second, third)] == [colleague, None, ward.person("vhxh.truong")]
    assert admin.post(f"/nguoi-dung/{leaver}/ngung").headers["Location"].endswith(str(leaver))
    assert ward.visitor().sign_in("vhxh.cv1").status_code == 422
    assert {fact.reason for fact in ward.facts("UserTaskAssigned")} == {"Nhận bàn giao từ Chuyên viên VH-XH 1"}


def test_steps_are_handed_to_people_of_their_unit_only(ward: Ward, admin: Visitor) -> None:
    step = take(ward, "vhxh.cv1", "vhxh", "Việc 1")
    admin.post(f"/nguoi-dung/{ward.person('vhxh.cv1')}/ban-giao", {"all": str(ward.person("yte.cv1"))})
    assert ward.holder(step) is None


def test_whoever_moves_with_steps_in_hand_is_led_to_hand_them_over(ward: Ward, admin: Visitor) -> None:
    person_id = ward.person("vhxh.cv1")
    take(ward, "vhxh.cv1", "vhxh", "Việc 1")
    answer = admin.post(f"/nguoi-dung/{person_id}", person_form(ward, ("hcc", "staff"), username="vhxh.cv1"))
    assert answer.headers["Location"] == f"/nguoi-dung/{person_id}/ban-giao"


# --- units and the committee ---

UNIT = {"short_name": "Trường MN", "kind": "school", "aliases": "MN Hải Đông\nMẫu giáo", "position": "12"}


def test_a_unit_is_added_and_its_name_is_its_own(ward: Ward, admin: Visitor) -> None:
    assert admin.post("/don-vi/moi", {**UNIT, "name": "Trường Mầm non Hải Đông"}).status_code == 302
    assert "Trường Mầm non Hải Đông" in text_of(admin.get("/don-vi"))
    again = admin.post("/don-vi/moi", {**UNIT, "name": "Trường Mầm non Hải Đông"})
    assert again.status_code == 422
    assert "Đã có đơn vị mang tên này." in text_of(again)
    assert "Nhập tên đơn vị." in text_of(admin.post("/don-vi/moi", {**UNIT, "name": " "}))
    assert [fact.unit_name for fact in ward.facts("UnitAdded")][-1:] == ["Trường Mầm non Hải Đông"]


@pytest.mark.parametrize(
    ("name", "short_name", "said"),
    [
        ("phòng văn hóa - xã hội", "VX", "Đã có đơn vị mang tên này. Tên đã ghi: Phòng Văn hóa – Xã hội."),
        ("Phòng Văn xã", "phòng VH–XH", "Phòng Văn hóa – Xã hội đã có tên gọi tắt “Phòng VH-XH”."),
    ],
)
def test_a_unit_is_not_added_twice_in_another_spelling(admin: Visitor, name: str, short_name: str, said: str) -> None:
    again = admin.post("/don-vi/moi", {**UNIT, "name": name, "short_name": short_name})
    assert (again.status_code, said in text_of(again)) == (422, True)


def test_accents_tell_units_apart_and_a_short_name_is_free_once_its_unit_is_not_in_use(
    ward: Ward, admin: Visitor
) -> None:
    for name in ("Tổ dân phố Đông", "Tổ dân phố Đồng"):
        assert admin.post("/don-vi/moi", {**UNIT, "name": name, "short_name": name}).status_code == 302
    ((first,),) = ward.rows(sa.select(Unit.id).where(Unit.name == "Tổ dân phố Đông"))
    admin.post(f"/don-vi/{first}/ngung")
    taken = {**UNIT, "name": "Tổ dân phố 1", "short_name": "Tổ dân phố Đông"}
    assert admin.post("/don-vi/moi", taken).status_code == 302
    assert "Tổ dân phố 1 đã có tên gọi tắt “Tổ dân phố Đông”." in text_of(admin.post(f"/don-vi/{first}/dung-lai"))


def test_a_renamed_unit_is_still_found_by_its_old_names(ward: Ward, admin: Visitor) -> None:
    form = {**UNIT, "name": "Phòng Văn hóa, Khoa học và Xã hội", "kind": "department", "short_name": "Phòng VH-KH-XH"}
    assert admin.post(f"/don-vi/{ward.unit('vhxh')}", form).status_code == 302
    ((aliases,),) = ward.rows(sa.select(Unit.aliases).where(Unit.id == ward.unit("vhxh")))
    assert aliases.split("\n") == ["MN Hải Đông", "Mẫu giáo", "Phòng Văn hóa – Xã hội", "Phòng VH-XH"]
    (fact,) = ward.facts("UnitChanged")
    assert fact.name_before == "Phòng Văn hóa – Xã hội"


def test_only_an_empty_unit_goes_out_of_use(ward: Ward, admin: Visitor) -> None:
    unit = ward.unit("doan")
    assert "Đơn vị còn 2 người." in text_of(admin.post(f"/don-vi/{unit}/ngung"))
    for username in ("doan.truong", "doan.cv1"):
        admin.post(f"/nguoi-dung/{ward.person(username)}/ngung")
    ward.open_step("doan")
    assert "Đơn vị còn việc chưa xong." in text_of(admin.post(f"/don-vi/{unit}/ngung"))
    assert "đầu mối, văn phòng hoặc lãnh đạo" in text_of(admin.post(f"/don-vi/{ward.unit('vp')}/ngung"))
    for username in ("phunu.truong", "phunu.cv1"):
        admin.post(f"/nguoi-dung/{ward.person(username)}/ngung")
    assert admin.post(f"/don-vi/{ward.unit('phunu')}/ngung").status_code == 302
    refused = admin.post(f"/nguoi-dung/{ward.person('phunu.cv1')}/dung-lai")
    assert "Đơn vị không còn hoạt động." in text_of(refused)
    admin.post(f"/don-vi/{ward.unit('phunu')}/dung-lai")
    assert [len(ward.facts(name)) for name in ("UnitDeactivated", "UnitReactivated")] == [1, 1]


def committee_form(ward: Ward, **changes: Any) -> dict[str, str]:
    form = {
        "name": "UBND phường Hải Đông", "place": "Hải Đông",
        "code": "UBND",
        "city_recipient": "Sở Khoa học và Công nghệ", "city_email": "", "committee_unit_id": ward.unit("ubnd"),
        "focal_unit_id": ward.unit("vhxh"), "office_unit_id": ward.unit("vp"),
    }  # fmt: skip
    return {name: str(value) for name, value in (form | changes).items()}


def test_the_committee_says_who_is_its_focal_unit(ward: Ward, admin: Visitor) -> None:
    form = committee_form(ward, focal_unit_id=ward.unit("khdt"), place="Phường Hải Đông")
    assert admin.post("/thiet-lap/ubnd", form).status_code == 302
    (fact,) = ward.facts("CommitteeChanged")[-1:]
    assert set(fact.changed) == {"place", "city_recipient", "city_email", "focal_unit_id"}
    assert "Nhập địa danh" in text_of(admin.post("/thiet-lap/ubnd", committee_form(ward, place="")))


def test_the_leaders_unit_stays_while_leaders_are_in_it(ward: Ward, admin: Visitor) -> None:
    answer = admin.post("/thiet-lap/ubnd", committee_form(ward, committee_unit_id=ward.unit("vp")))
    assert answer.status_code == 422
    assert "chuyển họ sang đơn vị mới trước" in text_of(answer)


# --- what is to be set up first ---


def test_the_checklist_follows_the_data(ward: Ward, admin: Visitor) -> None:
    page = text_of(admin.get("/thiet-lap"))
    assert "4. Mỗi đơn vị có người đứng đầu Đơn vị nào cũng đã có. Xong" in page
    assert "Xem lịch làm việc của năm" in page
    admin.post(f"/nguoi-dung/{ward.person('yte.truong')}/ngung")
    assert "Chưa có trưởng đơn vị: Trạm Y tế. Chưa xong" in text_of(admin.get("/thiet-lap"))
    ward.open_step("vhxh")
    assert "Đang áp dụng 1 quy trình. Xong" in text_of(admin.get("/thiet-lap"))


def test_a_new_year_asks_for_its_calendar(ward: Ward, admin: Visitor) -> None:
    year = local_date(ward.now()).year
    assert f"Đã xem lịch năm {year}. Xong" in text_of(admin.get("/thiet-lap"))
    admin.post(f"/lich-lam-viec/{year + 1}/da-xem")
    assert f"Lịch năm {year + 1} đã được đối chiếu." in text_of(admin.get(f"/lich-lam-viec?nam={year + 1}"))


# --- commands themselves ---


def test_many_people_come_in_all_or_none(ward: Ward) -> None:
    desk = (HeldDesk(ward.unit("th"), Role.STAFF),)
    people = tuple(NewPerson(name=f"N {n}", username=n, desks=desk) for n in ("moi1", "chutich", "moi2", "moi1"))
    with pytest.raises(ImportRefused) as refused:
        ward.execute(ImportPeople(people=people))
    assert sorted(refused.value.faults) == [1, 3]
    assert desks_of(ward, "moi1") == set()


def test_a_user_name_that_two_wards_of_a_database_use_says_not_who_signs_in(ward: Ward) -> None:
    load_organisation(ward.runtime, ward.now())
    assert ward.visitor().sign_in("chutich").status_code == 422


def test_adding_needs_the_permission(ward: Ward) -> None:
    person = NewPerson(name="N", username="moi", desks=(HeldDesk(ward.unit("th"), Role.STAFF),))
    head = Actor(id=ward.person("th.truong"), tenant_id=ward.demo.tenant_id)
    with pytest.raises(Exception, match="không có quyền"):
        ward.runtime.execute(AddPerson(person=person), actor=head)
