"""One-time codes: who hands one to whom, and until when it opens an account."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.web.wards import Visitor, Ward, text_of
from webapp.accounts.models import OneTimeCode
from webapp.accounts.passwords import verify
from webapp.demo.organisation import PASSWORD
from webapp.organisation.commands.people import HeldDesk, ImportPeople, NewPerson
from webapp.organisation.models import Membership, Role


def issue_code(visitor: Visitor, ward: Ward, username: str) -> str:
    answer = visitor.post(f"/tai-khoan/ma/{ward.person(username)}")
    assert answer.status_code == 200
    found = re.search(r'id="ma">(\d{4}) (\d{4})<', answer.get_data(as_text=True))
    assert found
    return found[1] + found[2]


def test_a_head_hands_a_code_to_somebody_without_e_mail_who_signs_in_once(ward: Ward) -> None:
    head, clerk = ward.signed_in("th.truong"), ward.visitor()
    assert "Nhân viên văn thư Trường Tiểu học" in text_of(head.get("/tai-khoan/ma"))
    code = issue_code(head, ward, "th.vanthu")
    answer = clerk.sign_in_with_code("0900 000 001", f"{code[:4]} {code[4:]}")
    assert answer.headers["Location"] == "/tai-khoan/mat-khau"
    assert "để lần sau không phải xin mã" in text_of(clerk.get("/tai-khoan/mat-khau"))
    assert clerk.get("/hop-viec").status_code == 200, "A password can wait."
    assert "Nhân viên văn thư" in text_of(clerk.get("/tai-khoan"))
    assert ward.visitor().sign_in_with_code("0900000001", code).status_code == 422
    assert ward.facts("SignedIn")[-1].method == "code"


def test_a_code_is_kept_as_a_hash_and_shown_once(ward: Ward) -> None:
    head = ward.signed_in("th.truong")
    code = issue_code(head, ward, "th.vanthu")
    ((stored,),) = ward.rows(sa.select(OneTimeCode.code_hash))
    assert code not in stored
    assert verify(stored, code)
    assert code not in head.get("/tai-khoan/ma").get_data(as_text=True)


def test_a_code_ends_after_a_day(ward: Ward) -> None:
    code = issue_code(ward.signed_in("quantri"), ward, "th.vanthu")
    ward.move_clock(ward.now() + timedelta(hours=24, minutes=1))
    assert ward.visitor().sign_in_with_code("0900000001", code).status_code == 422


def test_a_new_code_voids_the_one_before(ward: Ward) -> None:
    admin = ward.signed_in("quantri")
    first, second = issue_code(admin, ward, "th.vanthu"), issue_code(admin, ward, "th.vanthu")
    assert ward.visitor().sign_in_with_code("0900000001", first).status_code == 422
    assert ward.visitor().sign_in_with_code("0900000001", second).status_code == 302


@pytest.mark.parametrize("way", ["mat-khau", "ngung"])
def test_who_is_put_out_does_not_come_back_with_a_code_from_before(ward: Ward, way: str) -> None:
    admin, person = ward.signed_in("quantri"), ward.person("phunu.cv1")
    code = issue_code(ward.signed_in("phunu.truong"), ward, "phunu.cv1")
    assert admin.post(f"/nguoi-dung/{person}/{way}").status_code in (200, 302)
    admin.post(f"/nguoi-dung/{person}/dung-lai")
    assert ward.visitor().sign_in_with_code("phunu.cv1", code).status_code == 422


def test_a_new_password_voids_the_code_that_somebody_had_oneself_issued(ward: Ward) -> None:
    """Whoever is told of a code that they did not ask for changes the password; that must help."""
    owner, code = ward.signed_in("th.vanthu"), issue_code(ward.signed_in("th.truong"), ward, "th.vanthu")
    new = "con đường đến trường"
    form = {"old_password": PASSWORD, "new_password": new, "repeated": new}
    assert owner.post("/tai-khoan/mat-khau", form).status_code == 302
    assert ward.visitor().sign_in_with_code("0900000001", code).status_code == 422


def test_guessing_codes_is_throttled_like_passwords(ward: Ward) -> None:
    code = issue_code(ward.signed_in("th.truong"), ward, "th.vanthu")
    guesser = ward.visitor()
    for _ in range(5):
        guesser.sign_in_with_code("0900000001", "00000000")
    assert guesser.sign_in_with_code("0900000001", code).status_code == 429


@pytest.mark.parametrize(
    ("issuer", "receiver"),
    [
        ("th.truong", "vhxh.cv1"),  # another unit's
        ("vanphong", "quantri"),  # acting for the office, and an administrator besides
        ("th.vanthu", "th.truong"),  # not a head
        ("quantri", "quantri"),  # oneself
    ],
)
def test_nobody_hands_out_codes_beyond_their_people(ward: Ward, issuer: str, receiver: str) -> None:
    visitor = ward.signed_in(issuer)
    assert visitor.post(f"/tai-khoan/ma/{ward.person(receiver)}").status_code in (403, 404)
    assert ward.facts("OneTimeCodeIssued") == []


def test_a_head_hands_no_code_to_somebody_who_holds_a_role_elsewhere_too(ward: Ward) -> None:
    office_head = ward.signed_in("vanphong")
    desk = ward.rows(sa.select(Membership.id).where(Membership.unit_id == ward.unit("vp"), Membership.role == "head"))
    office_head.act_as(desk[0][0])
    page = text_of(office_head.get("/tai-khoan/ma"))
    assert "Chuyên viên Văn phòng 1" in page
    assert "vanthu" not in page
    assert office_head.post(f"/tai-khoan/ma/{ward.person('vanthu')}").status_code == 404


def test_the_receiver_is_told_that_a_code_was_issued(ward: Ward) -> None:
    issue_code(ward.signed_in("th.truong"), ward, "th.vanthu")
    assert "mã đăng nhập một lần" in text_of(ward.signed_in("th.vanthu").get("/thong-bao"))


def test_whoever_came_with_a_code_sets_a_password_without_the_old_one(ward: Ward) -> None:
    code = issue_code(ward.signed_in("th.truong"), ward, "th.vanthu")
    clerk = ward.visitor()
    clerk.sign_in_with_code("0900000001", code)
    assert "Mật khẩu hiện nay" not in text_of(clerk.get("/tai-khoan/mat-khau"))
    new = "trường em xinh đẹp"
    form = {"old_password": "", "new_password": new, "repeated": new}
    assert clerk.post("/tai-khoan/mat-khau", form).status_code == 302
    assert "Mật khẩu hiện nay" in text_of(clerk.get("/tai-khoan/mat-khau"))


def test_the_list_of_whom_to_hand_one_goes_on_where_the_page_ended(ward: Ward) -> None:
    desk, names = (HeldDesk(ward.unit("th"), Role.STAFF),), [f"Giáo viên {number // 9}" for number in range(89, 19, -1)]
    newcomers = (NewPerson(name=name, username=f"gv{number}", desks=desk) for number, name in enumerate(names))
    ward.execute(ImportPeople(people=tuple(newcomers)))
    head, seen, path = ward.signed_in("th.truong"), [], "/tai-khoan/ma?q=giao+vien"
    while path and len(seen) < 99:
        page = head.get(path).text
        seen += re.findall(r'action="/tai-khoan/ma/([^"]+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == len(names)
