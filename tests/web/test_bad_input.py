"""Bad input: each with a status and a sentence that says what, where and what to do; nothing typed is lost.

What belongs to one page only is held beside that page (`test_plan_import.py`, `test_people_import.py`,
`test_steps.py`); here is the list of the issue, and what holds for every page.
"""

import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from html import unescape
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from werkzeug.test import TestResponse

import engine.database
from engine.commands.user_tasks import AssignUserTask
from engine.models import Draft, Submission, UserTask
from tests.engine.drawings import FORM, WRITE_AND_CHECK
from tests.support.databases import Databases
from tests.web.demo_wards import WorkingWard, working_ward
from tests.web.permission_table import ANYBODY, HEAD, table
from tests.web.wards import Visitor, text_of
from webapp.cli import main
from webapp.organisation.models import Role

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4" + bytes(64)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
MEGABYTE = 1024 * 1024
BY_SCRIPT = {"X-Requested-With": "fetch"}
NO_LEAD = """KẾ HOẠCH

Nâng cao chất lượng phục vụ

PHỤ LỤC
STT\tNội dung\tĐơn vị chủ trì\tĐơn vị phối hợp\tThời gian thực hiện\tSản phẩm
1\tSửa nhà văn hóa\t\t\tHằng năm\tBáo cáo
"""


def refused(answer: TestResponse, status: int, *words: str) -> str:
    """The page says so in Vietnamese, and nothing of how the program works."""
    assert answer.status_code == status
    page: str = answer.get_json()["message"] if answer.mimetype == "application/json" else text_of(answer)
    for word in words:
        assert word in page, page[:2000]
    assert "Traceback" not in page and "sqlalchemy" not in page.lower() and ".py" not in page
    return page


def typed_in(answer: TestResponse, name: str) -> str:
    """What stands in a field of the page."""
    body = answer.get_data(as_text=True)
    area = re.search(rf'<textarea[^>]*\bname="{name}"[^>]*>(.*?)</textarea>', body, re.DOTALL)
    line = re.search(rf'<input[^>]*\bname="{name}"[^>]*\bvalue="([^"]*)"', body)
    found = area or line
    assert found, f"no field {name}"
    return unescape(found[1]).removeprefix("\n")


def upload(visitor: Visitor, path: str, name: str, content: bytes) -> TestResponse:
    """As a browser does; the test client would write large ones to a file first, and leave it open."""
    body = _part("csrf_token", visitor.token.encode()) + _part("file", content, f'; filename="{name}"') + b"--x--\r\n"
    return visitor.send(path, body, "multipart/form-data; boundary=x")


def _part(field: str, content: bytes, more: str = "") -> bytes:
    return f'--x\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n'.encode() + content + b"\r\n"


# --- a plan file ---


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("ke-hoach.txt", b"", 422, "Tệp rỗng"),
        ("ke-hoach.txt", "Danh sách đi chợ:\n- rau\n- cá\n".encode(), 422, "Không thấy kế hoạch"),
        ("ke-hoach.docx", PNG, 422, "thật ra là một ảnh"),
        ("ke-hoach.txt", PNG, 422, "thật ra là một ảnh"),
        ("ke-hoach.txt", bytes(60 * MEGABYTE), 413, "nặng hơn mức"),
    ],
    ids=["empty", "no-plan", "image-as-word", "image-as-text", "60-MB"],
)
def test_a_file_that_is_no_plan(at_work: WorkingWard, name: str, content: bytes, status: int, words: str) -> None:
    focal = at_work.at("vhxh.tonghop")
    before = at_work.facts("PlanImported")
    refused(upload(focal, "/ke-hoach/nhap", name, content), status, words)
    assert at_work.facts("PlanImported") == before


def test_a_row_without_a_lead_is_kept_named_and_stops_the_plan(at_work: WorkingWard) -> None:
    focal = at_work.at("vhxh.tonghop")
    preview = upload(focal, "/ke-hoach/nhap", "ke-hoach.txt", NO_LEAD.encode())
    assert preview.status_code == 302
    page = text_of(focal.get(preview.location))
    assert "Sửa nhà văn hóa" in page
    assert "chưa có đơn vị chủ trì" in page.lower()
    confirm = preview.location.replace("/xem-truoc", "/xac-nhan")
    given = {
        "title": "Kế hoạch sửa chữa", "number": "9/KH-UBND", "issued_on": "02/01/2026", "issuer": "UBND phường",
        "focal_unit_id": str(at_work.unit("vhxh")), "signed_file": (io.BytesIO(PDF), "ky.pdf"),
    }  # fmt: skip
    answer = focal.post(confirm, given, content_type="multipart/form-data")
    refused(answer, 422, "Chưa chọn đơn vị chủ trì cho nhiệm vụ 1. Hãy bổ sung, hoặc bỏ dòng đó.")
    assert typed_in(answer, "number") == "9/KH-UBND"


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("a.txt", b"", "Tệp rỗng"), ("a.docx", PNG, "thật ra là một ảnh"), ("a.txt", b"rau\n", "Không thấy kế hoạch")],
)
def test_the_command_line_says_the_same_of_a_plan_file(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert_said(CliRunner().invoke(main, ["plan", "read", str(file)]), 1, words)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    for command in (["plan", "read"], ["definition", "check"]):
        assert_said(CliRunner().invoke(main, [*command, str(tmp_path / "khong-co.txt")]), 1, "Không mở được tệp")


def assert_said(result: Result, code: int, *words: str) -> None:
    assert result.exit_code == code, result.output
    assert all(word in result.output for word in words), result.output
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


# --- a people sheet ---


def test_a_doubled_account_in_a_people_sheet(at_work: WorkingWard) -> None:
    sheet = (
        "Họ và tên,Đơn vị,Vai trò,Tên đăng nhập\n"
        "Nguyễn An,Trạm Y tế,Chuyên viên,an.nguyen\n"
        "Trần Bình,Trạm Y tế,Chuyên viên,an.nguyen\n"
        "Lê Chi,Trạm Y tế,Chuyên viên,yte.cv1\n"
    )
    answer = upload(at_work.at("quantri"), "/nguoi-dung/nhap", "nguoi.csv", sheet.encode())
    refused(
        answer, 422, "Tên đăng nhập an.nguyen trùng với dòng 2", "Tên đăng nhập yte.cv1 đã thuộc một tài khoản đang có"
    )
    assert at_work.rows(sa.text("SELECT 1 FROM people WHERE username = 'an.nguyen'")) == []  # type: ignore[arg-type]


# --- a step's form ---


def execute_step(ward: WorkingWard, place: str, unit: str) -> str:
    return f"/viec/{ward.step('execute', ward.case(place, unit))}"


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"outcome": "done", "completed_on": "01/11/2026"}, "Chưa nhập kết quả."),
        ({"outcome": "done", "result": "Đã làm"}, "Chưa nhập ngày hoàn thành"),
        ({"result": "Đã làm", "outcome": "khac"}, "không còn trong danh sách; hãy chọn lại"),
        ({"outcome": "done", "result": "Đã làm", "completed_on": "31/02/2026"}, "phải là ngày có thật"),
        ({"outcome": "in_progress", "result": "Đã làm", "evidence": str(uuid4())}, "không còn; hãy tải lên lại"),
    ],
    ids=["missing-text", "missing-date", "no-such-choice", "no-such-day", "no-such-file"],
)
def test_a_form_with_a_missing_or_wrong_value(at_work: WorkingWard, answers: dict[str, str], words: str) -> None:
    address = execute_step(at_work, "II.3", "th")
    kept = {"difficulties": "Mạng <yếu> & chậm\nở hai điểm"}
    answer = at_work.at("th.vanthu").post(address, {**kept, **answers})
    refused(answer, 422, "Còn 1 chỗ cần sửa", words)
    assert typed_in(answer, "difficulties").replace("\r\n", "\n") == kept["difficulties"]
    assert '<a href="#field-' in answer.get_data(as_text=True), "the summary leads to the field"


def test_a_draft_too_large_stays_on_the_page(at_work: WorkingWard) -> None:
    address = f"{execute_step(at_work, 'II.3', 'th')}/nhap"
    answer = at_work.at("th.vanthu").post(address, {"result": "a" * 2 * MEGABYTE}, headers=BY_SCRIPT)
    refused(answer, 400, "Nội dung vẫn còn trên trang này")


def test_a_long_report_of_vietnamese_is_taken(at_work: WorkingWard) -> None:
    """Nine bytes a letter on the way: what a unit writes about sixty rows is more than half a megabyte."""
    address = f"{execute_step(at_work, 'II.3', 'th')}/nhap"
    text = "ệ" * 100_000
    saved = at_work.at("th.vanthu").post(address, {"result": text}, headers=BY_SCRIPT)
    assert saved.status_code == 200
    drafts = [json.loads(data) for (data,) in at_work.rows(sa.select(Draft.data))]
    assert {"result": [text]} in drafts


# --- an attachment ---


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("anh.jpg", PDF, 415, "Tệp có đuôi .jpg nhưng thật ra là PDF."),
        ("bao-cao.pdf", b"MZ" + bytes(300), 415, "nhưng thật ra là"),
        ("bao-cao.pdf", b"<!doctype html><script>alert(1)</script>", 415, "nhưng thật ra là trang web"),
        ("chay.exe", b"MZ" + bytes(300), 415, "Chỉ nhận: "),
        ("bao-cao.pdf", b"", 415, "rỗng"),
        ("lon.txt", b"a" * (MEGABYTE + 1), 413, "Hãy nén hoặc chia nhỏ rồi chọn lại."),
        ("rat-lon.txt", b"a" * 6 * MEGABYTE, 413, "nặng hơn mức"),
    ],
    ids=["disguised", "program", "web-page", "exe", "empty", "oversized", "beyond-the-server"],
)
def test_an_oversized_or_disguised_attachment(
    at_work: WorkingWard, name: str, content: bytes, status: int, words: str
) -> None:
    step = execute_step(at_work, "II.3", "th").removeprefix("/viec/")
    before = at_work.facts("AttachmentAdded")
    refused(upload(at_work.at("th.vanthu"), f"/tep?viec={step}", name, content), status, words)
    assert at_work.facts("AttachmentAdded") == before


def bomb(name: str, size: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w") as part:
        for _ in range(size // MEGABYTE):
            part.write(bytes(MEGABYTE))
    return stream.getvalue()


def test_an_archive_that_unpacks_too_far_is_not_unpacked(at_work: WorkingWard) -> None:
    """A first part named `mimetype` says what OpenDocument files are; one of 600 MB says nothing."""
    step = execute_step(at_work, "II.3", "th").removeprefix("/viec/")
    content = bomb("mimetype", 600 * MEGABYTE)
    assert len(content) < MEGABYTE
    before = peak_memory()
    answer = upload(at_work.at("th.vanthu"), f"/tep?viec={step}", "bang.ods", content)
    assert answer.status_code == 415
    assert peak_memory() - before < 100 * MEGABYTE


def peak_memory() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_damaged_archive_is_said(at_work: WorkingWard) -> None:
    step = execute_step(at_work, "II.3", "th").removeprefix("/viec/")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text" * 20)
    damaged = bytearray(stream.getvalue())
    damaged[44:60] = b"\xff" * 16
    refused(upload(at_work.at("th.vanthu"), f"/tep?viec={step}", "a.odt", bytes(damaged)), 415, "bị hỏng")


# --- twice, too late, not yours ---


def submissions(ward: WorkingWard, address: str) -> int:
    step = UUID(address.removeprefix("/viec/"))
    return len(ward.rows(sa.select(Submission.id).where(Submission.user_task_id == step)))


def report(ward: WorkingWard, words: str) -> dict[str, str]:
    return {"outcome": "done", "result": words, "completed_on": f"{ward.now():%d/%m/%Y}"}


def test_a_double_submit_is_one_record(at_work: WorkingWard) -> None:
    officer, address = at_work.at("mttq.cv1"), execute_step(at_work, "II.4", "mttq")
    assert officer.post(address, report(at_work, "Đã vận động 42 tổ.")).status_code == 302
    again = officer.post(address, report(at_work, "Đã vận động 42 tổ."), follow_redirects=True)
    refused(again, 200, "đã được gửi")
    assert submissions(at_work, address) == 1


def test_a_stale_page_says_who_was_quicker_and_keeps_the_words(at_work: WorkingWard) -> None:
    officer, head = at_work.at("dvc.cv1"), at_work.at("dvc.truong")
    address = execute_step(at_work, "IV.3", "dvc")
    officer.get(address)
    at_work.execute(
        AssignUserTask(user_task_id=UUID(address.removeprefix("/viec/")), assignee_id=at_work.person("dvc.truong"))
    )
    late = officer.post(address, report(at_work, "Số của tôi là 12."))
    refused(late, 403, "Số của tôi là 12.", "Giám đốc TT Dịch vụ sự nghiệp công")
    assert head.post(address, report(at_work, "Số đúng là 14.")).status_code == 302
    late = officer.post(address, report(at_work, "Số của tôi là 12."))
    refused(late, 409, "Số của tôi là 12.", "Số đúng là 14.")
    assert submissions(at_work, address) == 1


def test_a_step_that_is_not_yours(at_work: WorkingWard) -> None:
    address = execute_step(at_work, "II.3", "th")
    refused(at_work.at("yte.cv1").post(address, report(at_work, "Của tôi")), 403, "Việc này thuộc đơn vị khác.")
    assert submissions(at_work, address) == 0


# --- a diagram file ---


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda source: b"<bpmn", ("KHÔNG triển khai được", "Lỗi")),
        (lambda source: b"", ("KHÔNG triển khai được", "Lỗi")),
        (lambda source: PNG, ("KHÔNG triển khai được", "Lỗi")),
        (lambda source: source.replace(b'value="note"', b'value="khong_co"'), ("khong_co",)),
        (lambda source: source.replace(b"staff@lead", b"truongphong@lead"), ("truongphong",)),
        (lambda source: source.replace(b"staff@lead", b"staff@khongco"), ("khongco",)),
    ],
    ids=["cut", "empty", "image", "no-such-form", "no-such-role", "no-such-party"],
)
def test_a_diagram_that_cannot_be_deployed(tmp_path: Path, sqlite_url: str, change, words: tuple[str, ...]) -> None:
    file = tmp_path / "quy-trinh.bpmn"
    file.write_bytes(change(WRITE_AND_CHECK))
    (tmp_path / "note.form").write_bytes(FORM)
    assert_said(CliRunner().invoke(main, ["definition", "check", str(file)]), 1, *words)
    environment = {"DATABASE_URL": sqlite_url, "DATA_DIR": str(tmp_path / "data")}
    deployed = CliRunner().invoke(main, ["definition", "deploy", str(file)], env=environment)
    assert_said(deployed, 2)


def test_the_command_line_says_that_there_is_no_database(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3", "DATA_DIR": str(tmp_path)}
    assert_said(CliRunner().invoke(main, ["audit", "verify"], env=environment), 2, "quytrinh db upgrade")


# --- addresses and forms that make no sense ---

USERNAMES = {
    Role.STAFF: "yte.cv1", Role.HEAD: "khdt.truong", Role.FOCAL: "vhxh.tonghop", Role.OFFICE: "vanphong",
    Role.VICE_CHAIR: "pct.vhxh", Role.CHAIR: "chutich", Role.CLERK: "vanthu", Role.ADMIN: "quantri",
}  # fmt: skip
NONSENSE = (
    "garbage", "\x00\x0b", "99999999999999999999", "2147483648", "a " * 1000,
    "0001-01-01T00:00:00+23:59_00000000-0000-0000-0000-000000000000",
    "9999-12-31T23:59:59-23:59_00000000-0000-0000-0000-000000000000",
    "'\"><script>alert(1)</script>", "00000000-0000-0000-0000-000000000000",
)  # fmt: skip
QUESTIONS = (
    "sau", "truoc", "q", "nam", "don_vi", "don-vi", "trang-thai", "trang_thai", "viec", "nguoi", "han", "ke_hoach",
    "ds", "xem", "tiep", "nhom", "ve",
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


def test_no_address_makes_a_page_fail(at_work: WorkingWard) -> None:
    for visitor, address in routes(at_work, "GET"):
        for nonsense in NONSENSE:
            answer = visitor.get(address, query_string=dict.fromkeys(QUESTIONS, nonsense))
            assert answer.status_code < 500, f"{address} {nonsense[:40]!r}"
            assert b"<script>alert" not in answer.data, address


def test_no_form_makes_a_page_fail(at_work: WorkingWard) -> None:
    for visitor, address in routes(at_work, "POST"):
        for nonsense in ("garbage", "a\x00b\x0bc", "99999999999999999999", "'\"><script>alert(1)</script>"):
            answer = visitor.post(address, dict.fromkeys(FIELDS, nonsense))
            assert answer.status_code < 500, f"{address} {nonsense!r}"
            assert b"<script>alert" not in answer.data, address
            assert b"Traceback" not in answer.data, address


def test_a_megabyte_in_a_field_makes_no_page_fail(at_work: WorkingWard) -> None:
    for visitor, address in routes(at_work, "POST"):
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
    page = at_work.at("th.vanthu").post(f"/ho-so/{at_work.case('II.3', 'th')}/trao-doi", {"text": " "})
    said = refused(page, 400, "Chưa thực hiện được", "Chưa nhập nội dung trao đổi.")
    assert "Trang này đã cũ" not in said


# --- the database is locked, or gone ---


@pytest.fixture
def doomed(databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkingWard]:
    """A demo ward whose database a test may take away; SQLite waits a moment only."""
    monkeypatch.setattr(engine.database, "BUSY_TIMEOUT_MS", 50)
    with working_ward(databases, tmp_path) as ward:
        yield ward


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


def test_a_locked_database_loses_nothing(tmp_path: Path, sqlite_databases: Databases, monkeypatch) -> None:
    monkeypatch.setattr(engine.database, "BUSY_TIMEOUT_MS", 50)
    with working_ward(sqlite_databases, tmp_path) as ward:
        officer, address = ward.signed_in("th.vanthu"), execute_step(ward, "II.3", "th")
        holder = sqlite3.connect(str(ward.runtime.database.url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused(officer.post(address, report(ward, "Đã làm")), 503, "Chưa có gì bị mất")
        holder.execute("ROLLBACK")
        holder.close()
        assert officer.post(address, report(ward, "Đã làm")).status_code == 302
