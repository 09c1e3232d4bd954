"""Signing in by password, what stands against guessing, and one's own account."""

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from tests.support.passwords import REAL
from tests.web.wards import Visitor, Ward, text_of
from webapp.accounts.models import SignInThrottle
from webapp.accounts.passwords import needs_rehash, verify, weakness
from webapp.accounts.sessions import same_site_path
from webapp.accounts.throttling import LONGEST, SHORTEST, in_words, keys_of, network_of, waiting_after
from webapp.demo.organisation import PASSWORD
from webapp.organisation.models import Membership, Person

WRONG = "sai mật khẩu rồi"


def fail(visitor: Visitor, identifier: str, times: int) -> None:
    for _ in range(times):
        visitor.sign_in(identifier, WRONG)


# --- by password ---


@pytest.mark.parametrize("identifier", ["vhxh.cv1", "VHXH.CV1 ", "vhxh.cv1@haidong.example"])
def test_a_person_signs_in_by_user_name_or_e_mail(ward: Ward, identifier: str) -> None:
    visitor = ward.visitor()
    assert visitor.sign_in(identifier).headers["Location"] == "/"
    assert "Chuyên viên VH-XH 1" in text_of(visitor.get("/tai-khoan"))
    assert [fact.method for fact in ward.facts("SignedIn")] == ["password"]


@pytest.mark.parametrize("identifier", ["0900000001", "0900 000 001", "+84 900.000.001"])
def test_a_schools_clerk_signs_in_by_telephone_number(ward: Ward, identifier: str) -> None:
    visitor = ward.visitor()
    assert visitor.sign_in(identifier).status_code == 302
    assert "Nhân viên văn thư" in text_of(visitor.get("/tai-khoan"))


def test_a_refused_sign_in_says_the_same_whether_there_is_such_an_account_or_not(ward: Ward) -> None:
    pages = []
    for identifier in ("vhxh.cv1", "khong.co.ai"):
        answer = ward.visitor().sign_in(identifier, WRONG)
        assert answer.status_code == 422
        pages.append(text_of(answer))
    assert "Tên đăng nhập hoặc mật khẩu không đúng." in pages[0]
    assert pages[0] == pages[1]


def test_a_refused_sign_in_keeps_the_name_and_never_the_password(ward: Ward) -> None:
    page = ward.visitor().sign_in("vhxh.cv1", WRONG).get_data(as_text=True)
    assert 'value="vhxh.cv1"' in page
    assert WRONG not in page


def test_nothing_typed_is_said_field_by_field(ward: Ward) -> None:
    answer = ward.visitor().post("/dang-nhap", {})
    assert answer.status_code == 422
    assert "Nhập mật khẩu." in text_of(answer)


def test_whoever_is_signed_out_is_led_back_to_the_page_they_wanted(ward: Ward) -> None:
    visitor = ward.visitor()
    asked = visitor.get("/vang-mat?x=1")
    assert asked.headers["Location"] == "/dang-nhap?tiep=/vang-mat?x%3D1"
    signed_in = visitor.post("/dang-nhap", {"identifier": "vhxh.cv1", "password": PASSWORD, "tiep": "/vang-mat?x=1"})
    assert signed_in.headers["Location"] == "/vang-mat?x=1"


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "", None],
)
def test_nobody_is_led_to_another_site(address: str | None) -> None:
    assert same_site_path(address) is None


def test_a_session_begins_anew_at_each_sign_in(ward: Ward) -> None:
    visitor = ward.visitor()
    visitor.get("/dang-nhap")
    with visitor._client.session_transaction() as session:
        session["planted"] = "by somebody else"
    visitor.sign_in("vhxh.cv1")
    with visitor._client.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent


def test_signing_out_needs_a_token_and_ends_the_session(ward: Ward) -> None:
    visitor = ward.signed_in("vhxh.cv1")
    assert visitor._client.post("/dang-xuat").status_code == 400
    assert visitor.get("/tai-khoan").status_code == 200
    assert visitor.sign_out().headers["Location"] == "/dang-nhap"
    assert visitor.get("/tai-khoan").headers["Location"].startswith("/dang-nhap")


def test_a_deactivated_account_neither_signs_in_nor_goes_on(ward: Ward) -> None:
    visitor = ward.signed_in("vp.cv1")
    admin = ward.signed_in("quantri")
    admin.post(f"/nguoi-dung/{ward.person('vp.cv1')}/ngung")
    assert visitor.get("/tai-khoan").headers["Location"].startswith("/dang-nhap")
    assert ward.visitor().sign_in("vp.cv1").status_code == 422


def test_what_is_sent_after_the_session_has_ended_is_held_out(ward: Ward) -> None:
    step = ward.open_step("khdt")
    officer = ward.signed_in("khdt.cv1")
    officer.get("/hop-viec")
    ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('khdt.cv1')}/mat-khau")
    refused = officer.post(f"/viec/{step}", {"note": "Gõ từ sáng đến giờ"})
    assert refused.status_code == 401
    assert "Phiên đăng nhập đã hết nên chưa ghi được." in text_of(refused)
    assert "Gõ từ sáng đến giờ" in refused.get_data(as_text=True)
    assert 'href="/dang-nhap" target="_blank"' in refused.get_data(as_text=True)
    assert ward.holder(step) is None


def test_a_form_whose_token_went_with_its_session_leads_to_signing_in(ward: Ward) -> None:
    """Another page was asked for meanwhile, or the browser has been away for a day."""
    officer, step = ward.signed_in("khdt.cv1"), ward.open_step("khdt")
    token = officer.token
    officer._client.delete_cookie("quytrinh")
    refused = officer.post(f"/viec/{step}", {"note": "Gõ từ sáng đến giờ", "csrf_token": token})
    assert refused.status_code == 401
    assert "Gõ từ sáng đến giờ" in refused.get_data(as_text=True)
    draft = officer.post(f"/viec/{step}/nhap", {"csrf_token": token}, headers={"Accept": "application/json"})
    assert (draft.status_code, draft.location) == (302, "/dang-nhap")  # As scripts of ours know it.
    assert officer.post("/dang-nhap", {"identifier": "khdt.cv1", "csrf_token": token}).status_code == 400


def test_a_part_of_a_page_is_not_replaced_by_the_sign_in_page(ward: Ward) -> None:
    """Scripts of ours know a redirect by itself; what htmx asks for would be put into the page."""
    part = ward.visitor().get("/hop-viec", headers={"HX-Request": "true"})
    assert part.status_code == 401
    assert "Hãy đăng nhập lại ở thẻ mới rồi quay về trang này." in text_of(part)
    draft = ward.visitor().post(f"/viec/{ward.open_step('khdt')}/nhap", {}, headers={"Accept": "application/json"})
    assert (draft.status_code, draft.location) == (302, "/dang-nhap")


def test_a_hash_of_older_parameters_is_made_anew_at_the_next_sign_in(ward: Ward) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with ward.runtime.writing() as connection:
        connection.execute(sa.update(Person).where(Person.username == "vhxh.cv1").values(password_hash=old))
    ward.signed_in("vhxh.cv1")
    stored = ward.rows(sa.select(Person.password_hash).where(Person.username == "vhxh.cv1"))[0][0]
    assert not needs_rehash(stored)
    assert verify(stored, PASSWORD)


# --- against guessing ---


def test_the_sixth_wrong_password_must_wait_and_says_how_long(ward: Ward) -> None:
    visitor = ward.visitor()
    fail(visitor, "vhxh.cv1", 5)
    answer = visitor.sign_in("vhxh.cv1", PASSWORD)
    assert answer.status_code == 429
    assert "Hãy thử lại sau 30 giây." in text_of(answer)
    assert 0 < int(answer.headers["Retry-After"]) <= 30


def test_an_account_that_does_not_exist_waits_alike(ward: Ward) -> None:
    visitor = ward.visitor()
    fail(visitor, "khong.co.ai", 5)
    assert "Hãy thử lại sau 30 giây." in text_of(visitor.sign_in("khong.co.ai", WRONG))


def test_after_the_wait_the_right_password_is_taken_and_failures_are_forgotten(ward: Ward) -> None:
    visitor = ward.visitor()
    fail(visitor, "vhxh.cv1", 5)
    ward.move_clock(ward.now() + SHORTEST + timedelta(seconds=1))
    assert visitor.sign_in("vhxh.cv1").status_code == 302
    assert ward.rows(sa.select(sa.func.sum(SignInThrottle.failures))) == [(0,)]


def test_each_further_failure_doubles_the_wait_up_to_a_quarter_of_an_hour() -> None:
    waits = [waiting_after(failures, 5) for failures in range(4, 13)]
    assert waits[:4] == [timedelta(), SHORTEST, SHORTEST * 2, SHORTEST * 4]
    assert waits[-1] == LONGEST == timedelta(minutes=15)
    assert [in_words(wait) for wait in (SHORTEST, SHORTEST * 2, timedelta(seconds=61))] == [
        "30 giây",
        "1 phút",
        "2 phút",
    ]


def test_one_address_cannot_try_one_password_on_every_account(ward: Ward) -> None:
    visitor = ward.visitor()
    for number in range(25):
        visitor.sign_in(f"nguoi{number}", WRONG)
    assert visitor.sign_in("vhxh.cv1").status_code == 429


def test_signing_in_oneself_does_not_forgive_the_address_what_it_tried_on_others(ward: Ward) -> None:
    visitor = ward.visitor()
    for number in range(24):
        visitor.sign_in(f"nguoi{number}", WRONG)
    assert visitor.sign_in("vhxh.cv1").status_code == 302
    visitor.sign_out()
    fail(visitor, "nguoi-khac", 1)
    assert visitor.sign_in("vhxh.cv2").status_code == 429


def test_attempts_at_the_same_moment_are_all_counted(ward: Ward) -> None:
    visitors = [ward.visitor() for _ in range(8)]
    for visitor in visitors:
        visitor.get("/dang-nhap")
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda v=v: statuses.append(v.sign_in("vhxh.cv1", WRONG).status_code)) for v in visitors
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [422] * 5 + [429] * 3


def test_failures_older_than_an_hour_are_gone(ward: Ward) -> None:
    fail(ward.visitor(), "vhxh.cv1", 4)
    ward.move_clock(ward.now() + timedelta(hours=1, minutes=1))
    fail(ward.visitor(), "khong.co.ai", 1)
    assert ward.rows(sa.select(SignInThrottle.failures)) == [(1,), (1,)]


def test_what_was_typed_is_not_kept() -> None:
    assert "matkhaucuatoi" not in keys_of("matkhaucuatoi", "10.0.0.1").account


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:10.1.2.3", "10.1.2.3"),  # as a listener for IPv4 and IPv6 writes it
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_addresses_are_counted_by_network(address: str | None, network: str) -> None:
    assert network_of(address) == network


# --- one's own account ---


def change(visitor: Visitor, old: str, new: str, again: str | None = None):
    data = {"old_password": old, "new_password": new, "repeated": again or new}
    return visitor.post("/tai-khoan/mat-khau", data)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(ward: Ward) -> None:
    here, there = ward.signed_in("vhxh.cv1"), ward.signed_in("vhxh.cv1")
    assert change(here, PASSWORD, "mưa nguồn suối lũ").status_code == 302
    assert "Các máy khác" in text_of(here.get("/tai-khoan"))
    assert there.get("/tai-khoan").status_code == 302
    assert ward.visitor().sign_in("vhxh.cv1").status_code == 422
    assert ward.visitor().sign_in("vhxh.cv1", "mưa nguồn suối lũ").status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "message"),
    [
        (WRONG, "mưa nguồn suối lũ", None, "Mật khẩu hiện nay không đúng."),
        (PASSWORD, "ngắn", None, "Mật khẩu cần ít nhất 10 ký tự."),
        (PASSWORD, "xin chào vhxh.cv1", None, "Mật khẩu không được chứa tên đăng nhập."),
        (PASSWORD, "Matkhau123456", None, "quá dễ đoán"),
        (PASSWORD, "mưa nguồn suối lũ", "mưa nguồn suối", "Hai lần nhập chưa giống nhau."),
    ],
)
def test_a_bad_password_is_refused_with_its_reason(ward: Ward, old: str, new: str, again: str | None, message: str):
    answer = change(ward.signed_in("vhxh.cv1"), old, new, again)
    assert answer.status_code == 422
    assert message in text_of(answer)
    assert ward.facts("PasswordChanged") == []


def test_guessing_ones_own_password_is_throttled_too(ward: Ward) -> None:
    """Else whoever finds a desk unattended could try for ever."""
    visitor = ward.signed_in("vhxh.cv1")
    for _ in range(5):
        change(visitor, WRONG, "mưa nguồn suối lũ")
    assert "Hãy thử lại sau" in text_of(change(visitor, PASSWORD, "mưa nguồn suối lũ"))
    ward.move_clock(ward.now() + timedelta(minutes=1))
    assert change(visitor, PASSWORD, "mưa nguồn suối lũ").status_code == 302


def test_a_password_given_by_somebody_else_must_be_changed_before_anything(ward: Ward) -> None:
    reset = ward.signed_in("quantri").post(f"/nguoi-dung/{ward.person('vp.cv1')}/mat-khau")
    (password,) = re.findall(r"<code[^>]*>([a-z0-9-]{14})</code>", reset.get_data(as_text=True))
    visitor = ward.visitor()
    assert visitor.sign_in("vp.cv1", password).status_code == 302
    asked = visitor.get("/tai-khoan").headers["Location"]
    assert asked == "/tai-khoan/mat-khau?tiep=/tai-khoan"
    assert 'name="tiep" value="/tai-khoan"' in visitor.get(asked).get_data(as_text=True), "What a mail leads to."
    assert change(visitor, "", "một câu chỉ tôi biết").status_code == 302
    assert "Đã đặt mật khẩu." in text_of(visitor.get("/tai-khoan"))


def test_one_says_where_notifications_go(ward: Ward) -> None:
    visitor = ward.signed_in("vhxh.cv1")
    assert visitor.post("/tai-khoan/thu-dien-tu", {"email": "Moi@HaiDong.example "}).status_code == 302
    assert 'value="moi@haidong.example"' in visitor.get("/tai-khoan").get_data(as_text=True)
    taken = visitor.post("/tai-khoan/thu-dien-tu", {"email": "chutich@haidong.example"})
    assert taken.status_code == 422
    assert "đã được khai cho người khác" in text_of(taken)
    wrong = visitor.post("/tai-khoan/thu-dien-tu", {"email": "không phải thư"})
    assert "Thư điện tử phải có dạng" in text_of(wrong)


def test_a_person_of_several_desks_changes_desk_and_stays_on_the_page(ward: Ward) -> None:
    visitor = ward.signed_in("vanphong")
    desks = dict(
        ward.rows(sa.select(Membership.role, Membership.id).where(Membership.person_id == ward.person("vanphong")))
    )
    assert visitor.get("/tai-khoan/ma").status_code == 403  # The office hands out no codes; a head does.
    switched = visitor.act_as(desks["head"], headers={"Referer": "http://localhost/vang-mat?x=1"})
    assert switched.headers["Location"] == "/vang-mat?x=1"
    assert visitor.get("/tai-khoan/ma").status_code == 200
    back = visitor.act_as(desks["office"], headers={"Referer": "http://localhost/tai-khoan/ma"})
    assert back.headers["Location"] != "/tai-khoan/ma"  # Not a page for the office.


def test_nobody_acts_at_a_desk_of_another(ward: Ward) -> None:
    desk = ward.rows(sa.select(Membership.id).where(Membership.person_id == ward.person("chutich")))[0][0]
    assert ward.signed_in("vanphong").act_as(desk).status_code == 404


def test_the_most_common_passwords_are_refused_with_diacritics_too() -> None:
    assert weakness("Mật khẩu 123", "") is not None
    assert weakness("aaaaaaaaaaaa", "") is not None
    assert weakness("con trâu đi trước", "trau") is None


def test_argon2_is_as_costly_as_owasp_asks() -> None:
    assert REAL.type.name == "ID"
    assert REAL.memory_cost >= 19 * 1024
    assert REAL.time_cost >= 2
