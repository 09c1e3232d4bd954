"""What an attacker tries: each attempt, and that it comes to nothing. `docs/security.md` tells how it holds."""

import logging
import re
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path
from types import ModuleType
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import Blueprint
from werkzeug.test import TestResponse

from engine.command import Command, handles
from engine.errors import InvalidConfiguration
from engine.ids import uuid7
from engine.models import UserTask
from tests.support.servers import environment_for
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.demo_wards import USERNAMES, WorkingWard
from tests.web.permission_table import ANYBODY, HEAD, table
from tests.web.refusals import upload
from tests.web.wards import Visitor, Ward, text_of
from webapp import app as application
from webapp.app import create_app
from webapp.cycles.models import Mark
from webapp.demo.organisation import PASSWORD
from webapp.documents.models import Attachment
from webapp.notifications.mail import compose
from webapp.notifications.models import Notification
from webapp.organisation.models import Person, Role
from webapp.settings import Settings

ON_SQLITE = pytest.mark.parametrize("at_work", ["sqlite"], indirect=True)
"""For what no database has a part in."""
BY_SCRIPT = {"X-Requested-With": "fetch"}


def settings_in(folder: Path, **more: str) -> Settings:
    return Settings.from_environment(environment_for(f"sqlite:///{folder}/q.sqlite3", folder, **more))


# --- who may do what ---


def test_a_route_without_a_permission_does_not_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = ModuleType("webapp.careless.routes")
    careless.bp = Blueprint("careless", __name__)  # type: ignore[attr-defined]
    careless.bp.add_url_rule("/so-ho", "leak", lambda: "everything")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "webapp.careless", ModuleType("webapp.careless"))
    monkeypatch.setitem(sys.modules, "webapp.careless.routes", careless)
    monkeypatch.setattr(application, "CAPABILITIES", (*application.CAPABILITIES, "careless"))
    with pytest.raises(RuntimeError, match=r"no permission declared: careless\.leak"):
        create_app(settings_in(tmp_path))


def test_a_command_without_a_permission_cannot_be_handled() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Careless(Command):
        """Declares nothing."""

    with pytest.raises(RuntimeError, match="Careless declares no permission"):
        handles(Careless)


@ON_SQLITE
def test_nobody_posts_where_their_role_may_not(at_work: WorkingWard) -> None:
    stranger = at_work.visitor()
    for what, name, *marks in table(at_work.app):
        method, _, rule = name.partition(" ")
        if what != "route" or method != "POST" or marks[0] == ANYBODY:
            continue
        kinds = {"uuid": str(uuid4()), "int": "2026"}
        address = re.sub(r"<(?:(\w+):)?(\w+)>", lambda part, kinds=kinds: kinds.get(part[1], "x"), rule)
        assert stranger.post(address).status_code == 401, name
        for role, mark in zip(HEAD[2:], marks, strict=True):
            if not mark:
                assert at_work.at(USERNAMES[role]).post(address).status_code == 403, f"{name} as {role}"


@pytest.fixture
def signing(ward: Ward) -> CycleWard:
    """A report that waits for its first countersignature."""
    made = issue(ward, (Row("khdt", "Kho dữ liệu"),))
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    made.consolidate()
    return made


SIGNING = (
    ("countersign_content", "vhxh.truong", None), ("countersign_form", "vanphong", "office"),
    ("vice_opinion", "pct.vhxh", None), ("sign_chair", "chutich", None),
)  # fmt: skip


def test_nobody_signs_in_the_name_of_another(signing: CycleWard) -> None:
    """Entering for somebody who cannot is for reports on paper: never for what counts as a signature."""
    others = {username: signing.signed_in(username) for username in (FOCAL, "vanphong")}
    for element, signer, role in SIGNING:
        officers = [visitor for username, visitor in others.items() if username != signer]
        step, before = signing.step(element, signing.cycle_id), marks(signing)
        form = {
            "decision": "approve", "thay-in_place": "on", "thay-on_behalf_of": "Chủ tịch",
            "thay-on_behalf_scan": str(uuid4()),
        }  # fmt: skip
        for officer in officers:
            for address in (f"/viec/{step}", f"/duyet-ky/{step}"):
                officer.post(address, {**form, "content_hash": ""})
            assert "Nhập thay" not in text_of(officer.get(f"/viec/{step}", follow_redirects=True))
        assert marks(signing) == before, element
        answers = {"opinion": "Nhất trí"} if element == "vice_opinion" else {}
        signing.do(element, signer, signing.cycle_id, role, decision="approve", **answers)
    assert len(marks(signing)) == len(SIGNING)


def marks(made: CycleWard) -> list[UUID]:
    return [one for (one,) in made.rows(sa.select(Mark.id))]


def test_a_signature_is_given_beside_its_document_only(signing: CycleWard) -> None:
    """Neither the step page nor the list's form for several steps shows what is signed."""
    head, step = signing.signed_in("vhxh.truong"), signing.step("countersign_content", signing.cycle_id)
    assert head.get(f"/viec/{step}").location == f"/duyet-ky/{step}"
    assert head.post(f"/viec/{step}", {"decision": "approve"}).location == f"/duyet-ky/{step}"
    head.post("/hop-viec/cung-luc", {"viec": str(step), "decision": "approve"})
    unseen = head.post(f"/duyet-ky/{step}", {"decision": "approve"})
    assert unseen.status_code == 409
    assert marks(signing) == []


# --- sessions, cookies, throttling ---


@pytest.mark.parametrize(("base_url", "secure"), [("http://127.0.0.1:8000", False), ("https://phuong.example", True)])
def test_the_sessions_cookie_is_out_of_reach_of_scripts(tmp_path: Path, base_url: str, secure: bool) -> None:
    app = create_app(settings_in(tmp_path, BASE_URL=base_url))
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["SESSION_COOKIE_SECURE"] is secure


@ON_SQLITE
def test_the_cookie_says_so(at_work: WorkingWard) -> None:
    cookie = at_work.visitor().get("/dang-nhap").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


@ON_SQLITE
def test_a_forged_session_is_nobodys(at_work: WorkingWard) -> None:
    client = at_work.app.test_client()
    for value in ("eyJwZXJzb25faWQiOiIxIn0.aaaa.bbbb", "x", "." * 4000):
        client.set_cookie("quytrinh", value)
        assert client.get("/hop-viec").location.startswith("/dang-nhap")


@ON_SQLITE
def test_a_token_is_good_for_the_forms_of_its_session_alone(at_work: WorkingWard) -> None:
    officer, stranger = at_work.at("yte.cv1"), at_work.visitor()
    token = officer.token
    officer.get("/hop-viec")
    assert officer.token == token  # a form that lay open may be sent after other pages were seen
    assert stranger.token != token
    assert stranger.post("/dang-nhap", {"csrf_token": token}).status_code == 400


@ON_SQLITE
def test_a_header_gives_nobody_another_address(at_work: WorkingWard) -> None:
    """Without a proxy to trust, X-Forwarded-For is only what the client says: the throttle looks past it."""
    answers = [
        at_work.visitor().post(
            "/dang-nhap", {"identifier": f"khong-co-{n}", "password": "sai mật khẩu"},
            headers={"X-Forwarded-For": f"203.0.113.{n}"}, environ_base={"REMOTE_ADDR": "198.51.100.7"},
        ).status_code
        for n in range(27)
    ]  # fmt: skip
    assert answers[0] == 422
    assert answers[-1] == 429


ELSEWHERE = (
    "https://evil.example/", "//evil.example", "/\\evil.example", "https:evil.example", "\t//evil.example",
    "http://localhost@evil.example", "javascript:alert(1)",
)  # fmt: skip


@ON_SQLITE
@pytest.mark.parametrize("evil", ELSEWHERE)
def test_no_page_leads_to_another_site(at_work: WorkingWard, evil: str) -> None:
    """Whatever address a form or a link brings to return to."""
    back = dict.fromkeys(("tiep", "ve", "loc", "back", "next", "url", "ds", "xem"), evil)
    for visitor, address in forms_of(at_work):
        leads_home(visitor.post(address, back, query_string=back, headers={"Referer": evil}))
    leads_home(at_work.at("yte.cv1").get("/dang-nhap", query_string=back))
    leads_home(at_work.visitor().sign_in("yte.cv1", query_string=back))


def forms_of(ward: WorkingWard) -> Iterator[tuple[Visitor, str]]:
    """Every form whose address names nothing, with somebody who may send it."""
    for what, name, *marks in table(ward.app):
        method, _, address = name.partition(" ")
        if what == "route" and method == "POST" and "<" not in address and marks[0] != ANYBODY:
            yield ward.at(USERNAMES[Role(next(r for r, m in zip(HEAD[2:], marks, strict=True) if m))]), address


def leads_home(answer: TestResponse) -> None:
    if 300 <= answer.status_code < 400:
        assert re.match(r"/(?![/\\\t])", answer.location), answer.location


# --- headers ---


@ON_SQLITE
def test_every_answer_carries_its_headers(at_work: WorkingWard) -> None:
    officer, stranger = at_work.at("yte.cv1"), at_work.visitor()
    built = re.search(r'href="(/static/dist/[^"]+\.css)"', stranger.get("/dang-nhap").get_data(as_text=True))
    assert built
    answers = [
        stranger.get("/dang-nhap"), stranger.get("/"), stranger.get("/hop-viec"), officer.get("/hop-viec"),
        officer.get("/khong-co"), officer.get("/nguoi-dung"), officer.post("/hop-viec/nhan", {"csrf_token": ""}),
        officer.post("/hop-viec"), officer.get(f"/viec/{uuid4()}", headers=BY_SCRIPT), stranger.get(built[1]),
        stranger.get("/static/dist/khong-co.js"), upload(officer, "/tep", "a.txt", bytes(6 * 1024 * 1024)),
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} >= {200, 302, 400, 403, 404, 405, 413}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy, answer.request.path
        assert "unsafe" not in policy and "frame-ancestors 'self'" in policy and "base-uri 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        answer.close()


@ON_SQLITE
def test_pages_are_kept_by_no_cache(at_work: WorkingWard) -> None:
    for address in ("/hop-viec", "/tai-khoan", "/khong-co"):
        assert at_work.at("yte.cv1").get(address).headers["Cache-Control"] == "no-store"


@ON_SQLITE
@pytest.mark.parametrize(
    ("name", "content", "inline"),
    [
        ("a.pdf", b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", True),
        ("a.txt", b"<b>x</b> alert(1) <script>alert(1)</script> van ban thuong", False),
    ],
)
def test_a_file_that_somebody_uploaded_can_run_nothing(
    at_work: WorkingWard, name: str, content: bytes, inline: bool
) -> None:
    step = at_work.step("execute", at_work.case("II.3", "th"))
    officer = at_work.at("th.vanthu")
    stored = upload(officer, f"/tep?viec={step}", name, content)
    if stored.status_code != 201:
        assert stored.status_code == 415  # Looks like a web page: refused, which is as good.
        return
    address = stored.get_json()["url"]
    for asked in (address, f"{address}?xem=1"):
        with officer.get(asked) as answer:
            policy, shown = answer.headers["Content-Security-Policy"], answer.headers["Content-Disposition"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in policy and "script-src" not in policy
            assert shown.startswith("inline") == (inline and asked.endswith("xem=1"))
            assert "sandbox" in policy or shown.startswith("inline")


@ON_SQLITE
def test_a_file_name_makes_no_header_of_its_own(at_work: WorkingWard) -> None:
    step, officer = at_work.step("execute", at_work.case("II.3", "th")), at_work.at("th.vanthu")
    name = "a%0d%0aX-Evil: 1\u202egpj.exe\u202c;filename=b.txt"
    stored = upload(officer, f"/tep?viec={step}", name, "một".encode())
    with officer.get(stored.get_json()["url"]) as answer:
        assert "X-Evil" not in answer.headers
        assert "\u202e" not in stored.get_json()["name"]
    [row] = at_work.rows(sa.select(Attachment.name).where(Attachment.id == UUID(stored.get_json()["id"])))
    assert not re.search("[\x00-\x1f/\\\\\u202a-\u202e]", row.name)


# --- what leaves the house ---


def test_a_name_makes_no_header_of_a_mail(tmp_path: Path) -> None:
    person = Person(id=uuid7(), name="An\r\nBcc: evil@example.com", email="an@haidong.example", is_active=True)
    notification = Notification(
        id=uuid7(), title="Việc mới: báo cáo\r\nBcc: evil@example.com\r\n\r\nTrả lương", body="\nBcc: evil@example.com",
        path="/viec/1", created_at=datetime.now(tz=UTC),
    )  # fmt: skip
    message = compose(person, [notification], settings_in(tmp_path))
    assert message is not None
    assert message["Bcc"] is None and message["To"] == "an@haidong.example"
    sent = message_from_string(message.as_string())
    assert [name for name in sent if name != "Subject" and "evil@example.com" in sent[name]] == []
    assert "Bcc" not in sent


# --- secrets ---


def test_the_key_is_for_its_owner_only_and_one_for_all(tmp_path: Path) -> None:
    """Processes that start at the same moment take the same key."""
    environment = {"DATA_DIR": str(tmp_path / "data")}
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: Settings.from_environment(environment).secret_key, range(16)))
    [key] = keys
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700


def test_a_weak_key_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="SECRET_KEY phải có ít nhất 32 ký tự"):
        settings_in(tmp_path, SECRET_KEY="bimat")


def test_a_bad_database_address_is_not_repeated_with_its_password(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration) as refused:
        Settings.from_environment({"DATA_DIR": str(tmp_path), "DATABASE_URL": "mat-khau-4711@may-chu"})
    assert "4711" not in str(refused.value)


def test_no_log_holds_a_password_or_what_was_entered(
    at_work: WorkingWard, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    at_work.visitor().sign_in("yte.cv1", "mật-khẩu-sai-4711")
    officer = at_work.signed_in("hcc.cv1")
    officer.post(
        "/tai-khoan/mat-khau",
        {"old_password": PASSWORD, "new_password": "mới-toanh-4711", "repeated": "mới-toanh-4711"},
    )
    with pytest.raises(sa.exc.DBAPIError) as fault, at_work.runtime.writing() as connection:
        connection.execute(sa.text("SELECT 1 FROM nowhere WHERE data = :entered"), {"entered": "điều-đã-nhập-4711"})
    assert "4711" not in str(fault.value)
    monkeypatch.setattr("webapp.inbox.views.lists.inbox_page", lambda *_: 1 / 0)
    failed = officer.get("/hop-viec")
    assert failed.status_code == 500
    incident = re.search(r"Mã sự cố[^<]*<strong>(\w{8})", failed.get_data(as_text=True))
    assert incident and incident[1] in caplog.text, "what the page says leads to the line of the log"
    assert "4711" not in caplog.text and PASSWORD not in caplog.text


def test_nobody_completes_a_step_that_an_administrator_gave_them_without_the_right(signing: CycleWard) -> None:
    """Whoever operates cases can hand a step to anybody of its unit; that does not make a signer of them."""
    step = signing.step("countersign_content", signing.cycle_id)
    given = {"viec": str(step), "nguoi": str(signing.ward.person("vhxh.cv1")), "ly_do": "Thử"}
    assert signing.signed_in("quantri").post("/hop-viec/giao", given).status_code == 302
    [holder] = signing.rows(sa.select(UserTask.assignee_id).where(UserTask.id == step))
    assert holder.assignee_id == signing.ward.person("vhxh.cv1")
    officer = signing.signed_in("vhxh.cv1")
    for address in (f"/viec/{step}", f"/duyet-ky/{step}"):
        officer.post(address, {"decision": "approve"}, follow_redirects=True)
    assert marks(signing) == []
