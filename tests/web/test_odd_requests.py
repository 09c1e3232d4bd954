"""Addresses, forms and databases that make no sense or are gone: a page says so, and nothing of how it works."""

import fcntl
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice, product
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa

import engine.database
from engine.models import UserTask
from tests.support.databases import Databases
from tests.support.demo import LoadedDemo
from tests.support.proofs import is_thorough
from tests.web.demo_wards import USERNAMES, WorkingWard, working_ward
from tests.web.permission_table import ANYBODY, HEAD, table
from tests.web.refusals import BY_SCRIPT, MEGABYTE, execute_step, refused, report, submissions
from tests.web.wards import Visitor, text_of
from webapp.incoming import FORM_BYTES
from webapp.organisation.models import Role

# --- addresses and forms that make no sense ---

NONSENSE = (
    "garbage", "\x00\x0b", "99999999999999999999", "2147483648", "a " * 1000,
    "0001-01-01T00:00:00+23:59_00000000-0000-0000-0000-000000000000",
    "9999-12-31T23:59:59-23:59_00000000-0000-0000-0000-000000000000",
    "'\"><script>alert(1)</script>", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
QUESTIONS = (
    "sau", "truoc", "q", "nam", "don_vi", "don-vi", "trang-thai", "trang_thai", "viec", "nguoi", "han", "ke_hoach",
    "ds", "xem", "tiep", "nhom", "ve", "loc",
)  # fmt: skip
FIELDS = (
    "text", "reason", "item", "name", "year", "plan_id", "viec", "ly_do", "nguoi", "email", "task", "unit", "only",
    "content", "title", "number", "issued_on", "note", "state", "before", "after", "accept", "lead_text", "units",
    "leads", "coordinators", "position", "day", "working", "from_day", "to_day", "proxy_id", "person_id", "phone",
    "kept", "do", "cho", "decision", "officer", "until", "subject", "introduction", "to", "at", "due_on",
    "until_year", "group_id", "ordinal", "report_by", "don_vi", "all", "memberships-0-unit_id", "identifier",
)  # fmt: skip
LEFT_OUT = {"/dang-xuat", "/vai-tro", "/dang-nhap", "/dang-nhap/ma"}
"""These change who asks, or make them wait."""


def routes(ward: WorkingWard, method: str) -> Iterator[tuple[Visitor, str]]:
    """Every address with somebody who may go there; what it names is there where that is easy, else nothing is."""
    case = ward.case("I.2", "hcc")
    step = ward.rows(sa.select(UserTask.id).where(UserTask.instance_id == case, UserTask.element_id == "execute"))
    known = {
        "instance_id": case, "user_task_id": step[0][0], "plan_id": ward.plan_id(), "cycle_id": ward.cycle_id(),
        "person_id": ward.person("phunu.cv1"), "unit_id": ward.unit("phunu"), "element_id": "extension_requested",
        "year": 2026, "day": "2026-12-05", "kind": "pdf", "name": "x", "filename": "x",
    }  # fmt: skip
    for what, name, *marks in table(ward.app):
        its, _, rule = name.partition(" ")
        if what != "route" or its != method or (method == "POST" and rule in LEFT_OUT):
            continue
        role = Role.STAFF if marks[0] == ANYBODY else Role(next(r for r, m in zip(HEAD[2:], marks, strict=True) if m))
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda part: str(known.get(part[1], uuid4())), rule)
        yield ward.at(USERNAMES[role]), address


def test_no_address_makes_a_page_fail(at_work: WorkingWard, pytestconfig: pytest.Config) -> None:
    """Each nonsense on a third of the pages, and on all of them with `make prove`."""
    step = 1 if is_thorough(pytestconfig) else 3
    for number, (visitor, address) in enumerate(routes(at_work, "GET")):
        for nonsense in NONSENSE[number % step :: step]:
            answer = visitor.get(address, query_string=dict.fromkeys(QUESTIONS, nonsense))
            assert answer.status_code < 500, f"{address} {nonsense[:40]!r}"
            assert b"<script>alert" not in answer.data, address


def test_who_asks_for_the_head_of_a_page_gets_that_of_the_page(at_work: WorkingWard) -> None:
    """Monitors and our own scripts ask so; nothing was sent that could be refused."""
    for visitor, address in routes(at_work, "GET"):
        assert visitor.head(address).status_code == visitor.get(address).status_code, address


def test_no_form_makes_a_page_fail(at_work: WorkingWard, pytestconfig: pytest.Config) -> None:
    """One nonsense for each form, and each of them for all with `make prove`."""
    words = ("garbage", "a\x00b\x0bc", "99999999999999999999", "'\"><script>alert(1)</script>")
    step = 1 if is_thorough(pytestconfig) else len(words)
    for number, (visitor, address) in enumerate(routes(at_work, "POST")):
        for nonsense in words[number % step :: step]:
            answer = visitor.post(address, dict.fromkeys(FIELDS, nonsense))
            assert answer.status_code < 500, f"{address} {nonsense!r}"
            assert b"<script>alert" not in answer.data, address
            assert b"Traceback" not in answer.data, address


def test_a_form_of_endless_fields_is_not_read(at_work: WorkingWard) -> None:
    """Anybody may send one to the sign-in page, where a million empty fields would take ten seconds of a core."""
    visitor = at_work.visitor()
    fields, long = b"&".join([b"a="] * 20_001), b"a=" + b"x" * (FORM_BYTES + 1)
    in_chunks = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    for sent, environ in product((fields, long), ({}, in_chunks)):
        answer = visitor.send(
            "/dang-nhap", sent, "application/x-www-form-urlencoded", environ_overrides=environ, headers=BY_SCRIPT
        )  # fmt: skip
        assert answer.status_code == 413


def test_a_megabyte_in_a_field_makes_no_page_fail(at_work: WorkingWard, pytestconfig: pytest.Config) -> None:
    step = 1 if is_thorough(pytestconfig) else 3
    for visitor, address in islice(routes(at_work, "POST"), 0, None, step):
        answer = visitor.post(address, dict.fromkeys(("text", "reason", "content"), "a" * MEGABYTE))
        assert answer.status_code < 500, address


@pytest.mark.parametrize("bad", ["khong-phai-ma", "%00", "../../etc/passwd", "1", "x" * 3000])
@pytest.mark.parametrize("place", ["viec", "ho-so", "ke-hoach", "ky-bao-cao", "tep", "nguoi-dung", "duyet-ky"])
def test_a_wrong_id_is_a_page_that_is_not_found(at_work: WorkingWard, place: str, bad: str) -> None:
    answer = at_work.at("quantri").get(f"/{place}/{bad}")
    refused(answer, 404, "Không tìm thấy trang này")


def test_an_unknown_address_is_not_found_for_anybody(at_work: WorkingWard) -> None:
    for visitor in (at_work.visitor(), at_work.at("yte.cv1")):
        refused(visitor.get("/khong-co-trang-nay"), 404, "Kiểm tra lại đường dẫn")
    as_script = at_work.at("yte.cv1").get(f"/viec/{uuid4()}", headers=BY_SCRIPT)
    assert as_script.status_code == 404 and as_script.get_json()["message"].startswith("Không tìm thấy")


@pytest.mark.both_databases
def test_control_characters_go_and_the_words_stay(at_work: WorkingWard) -> None:
    """Text copied from a PDF brings form feeds: neither PostgreSQL, Word nor XML takes such characters."""
    case = at_work.case("II.3", "th")
    said = at_work.at("th.vanthu").post(f"/ho-so/{case}/trao-doi", {"text": "Trang 1\x0cTrang 2\x00\x1b\ufffe hết"})
    assert said.status_code == 302
    assert "Trang 1Trang 2 hết" in text_of(at_work.at("th.vanthu").get(f"/ho-so/{case}"))


def test_without_its_token_a_form_is_refused_with_what_to_do(at_work: WorkingWard) -> None:
    address = execute_step(at_work, "II.3", "th")
    answer = at_work.at("th.vanthu").post(address, {"csrf_token": "", "result": "Đã làm"})
    refused(answer, 400, "Hãy tải lại trang rồi gửi lại; nội dung nháp vẫn được giữ.")
    assert submissions(at_work, address) == 0


def test_a_refused_sentence_is_no_page_about_an_old_page(at_work: WorkingWard) -> None:
    page = at_work.at("th.vanthu").post(f"/ho-so/{at_work.case('II.3', 'th')}/trao-doi", {"text": "x" * 4001})
    said = refused(page, 400, "Chưa thực hiện được", "dài quá 4000 ký tự")
    assert "Trang này đã cũ" not in said


def test_a_search_takes_no_more_than_an_address_holds(at_work: WorkingWard) -> None:
    visitor = at_work.signed_in("vhxh.tonghop")
    for address in ("/tim-kiem", "/hop-viec?xem=cho-nhan", "/ke-hoach"):
        page = visitor.get(address).get_data(as_text=True)
        boxes = re.findall(r'<input[^>]*type="search"[^>]*>', page)
        assert len(boxes) == 2, address
        assert all('maxlength="200"' in box for box in boxes), (address, boxes)


# --- the database is locked, or gone ---


@pytest.fixture
def doomed(
    loaded_demo: LoadedDemo, databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WorkingWard]:
    """A demo ward whose database a test may take away; SQLite waits a moment only."""
    monkeypatch.setattr(engine.database, "BUSY_TIMEOUT_MS", 50)
    with working_ward(loaded_demo, databases, tmp_path) as ward:
        yield ward


@pytest.mark.both_databases
def test_a_database_that_is_gone_is_a_page_that_says_so(doomed: WorkingWard) -> None:
    officer = doomed.signed_in("th.vanthu")
    address = execute_step(doomed, "II.3", "th")
    officer.get(address)
    words = ("Cơ sở dữ liệu đang không truy cập được", "hãy thử lại sau ít phút")
    with taken_away(doomed):
        refused(officer.get(address), 503, *words)
        refused(officer.post(address, {"result": "Đã làm"}), 503, *words)
        refused(officer.post(f"{address}/nhap", {"result": "Đã làm"}, headers=BY_SCRIPT), 503, *words)
        refused(doomed.visitor().post("/dang-nhap", {"identifier": "a", "password": "b"}), 503, *words)


@contextmanager
def taken_away(ward: WorkingWard) -> Iterator[None]:
    """Without its database: an emptied file, a database that the server does not have."""
    database = ward.runtime.database
    database.dispose()
    if database.dialect.name == "sqlite":
        Path(str(database.url.database)).write_bytes(b"")
        yield
        return
    name, admin = database.url.database, database.url.set(drivername="postgresql", database="postgres")
    with closing(psycopg.connect(admin.render_as_string(False), autocommit=True)) as server:
        server.execute(f"ALTER DATABASE {name} RENAME TO {name}_gone".encode())
        yield
        server.execute(f"ALTER DATABASE {name}_gone RENAME TO {name}".encode())


def test_a_locked_database_loses_nothing(
    loaded_demo: LoadedDemo, tmp_path: Path, sqlite_databases: Databases, monkeypatch
) -> None:
    monkeypatch.setattr(engine.database, "BUSY_TIMEOUT_MS", 50)
    with working_ward(loaded_demo, sqlite_databases, tmp_path) as ward:
        officer, address = ward.signed_in("th.vanthu"), execute_step(ward, "II.3", "th")
        holder = sqlite3.connect(str(ward.runtime.database.url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused(officer.post(address, report(ward, "Đã làm")), 503, "đang ghi việc khác", "Chưa có gì bị mất")
        holder.execute("ROLLBACK")
        holder.close()
        with Path(f"{ward.runtime.database.url.database}.writers").open("ab") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)  # As a process that stands still in its turn.
            refused(officer.post(address, report(ward, "Đã làm")), 503, "đang ghi việc khác", "Chưa có gì bị mất")
        assert officer.post(address, report(ward, "Đã làm")).status_code == 302
