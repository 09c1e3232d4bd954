"""Bad input: each with a status and a sentence that says what, where and what to do; nothing typed is lost.

What belongs to one page only is held beside that page (`test_plan_import.py`, `test_people_import.py`,
`test_steps.py`); here is the list of the issue, and what holds for every page.
"""

import io
import json
import zipfile
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from engine.commands.deployments import DeployDefinition
from engine.commands.instances import StartInstance
from engine.commands.user_tasks import AssignUserTask
from engine.models import Draft
from tests.engine.drawings import FORM, WRITE_AND_CHECK, drawing, flow, user_task
from tests.web.demo_wards import WorkingWard
from tests.web.refusals import (
    BY_SCRIPT,
    MEGABYTE,
    NO_LEAD,
    PDF,
    PNG,
    execute_step,
    refused,
    report,
    submissions,
    typed_in,
    upload,
)
from tests.web.wards import text_of
from webapp.cli import main

# --- a plan file ---


@pytest.mark.parametrize(
    ("name", "content", "status", "words"),
    [
        ("ke-hoach.txt", b"", 422, "Tệp rỗng"),
        ("ke-hoach.txt", "Danh sách đi chợ:\n- rau\n- cá\n".encode(), 422, "Không thấy kế hoạch"),
        ("ke-hoach.docx", PNG, 422, "thật ra là một ảnh"),
        ("ke-hoach.txt", PNG, 422, "thật ra là một ảnh"),
        ("ke-hoach.txt", bytes(60 * MEGABYTE), 413, "mỗi tệp nặng nhất 1 MB"),
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
        answer, 422, "Tên đăng nhập an.nguyen trùng với dòng 2", "Tên đăng nhập yte.cv1 đã thuộc tài khoản yte.cv1 của"
    )
    assert at_work.rows(sa.text("SELECT 1 FROM people WHERE username = 'an.nguyen'")) == []  # type: ignore[arg-type]


# --- a step's form ---


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
        ("rat-lon.txt", b"a" * 6 * MEGABYTE, 413, "mỗi tệp nặng nhất 1 MB"),
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


STUCK = drawing(
    "stuck",
    '<bpmn:startEvent id="start"/>', user_task("write", form="note", assignee="staff@lead"),
    '<bpmn:exclusiveGateway id="way" default="f_way_more"/>',
    user_task("more", form="note", assignee="staff@lead", person="write.decision"), '<bpmn:endEvent id="end"/>',
    flow("start", "write"), flow("write", "way"), flow("way", "end", "write.decision == 'send'"),
    flow("way", "more"), flow("more", "end"),
)  # fmt: skip
"""Its way to `more` leads nowhere: "return" is nobody's id."""


def test_a_procedure_that_cannot_go_on_keeps_the_words_and_the_step(at_work: WorkingWard) -> None:
    at_work.execute(DeployDefinition(source=STUCK, forms={"note": FORM}, reason="Thử"))
    start = StartInstance(
        key="stuck", business_key="stuck", title="Hồ sơ mắc", parties={"lead": str(at_work.unit("phunu"))}
    )
    address = f"/viec/{at_work.step('write', at_work.execute(start))}"
    answer = at_work.at("phunu.cv1").post(address, {"text": "Nội dung dài của tôi", "decision": "return"})
    refused(answer, 409, "Quy trình gặp lỗi nên chưa đi tiếp được.", "quản trị viên đã được báo")
    assert typed_in(answer, "text") == "Nội dung dài của tôi"
    assert submissions(at_work, address) == 0
    assert "Hồ sơ mắc" in text_of(at_work.at("quantri").get("/su-co"))
    assert at_work.at("phunu.cv1").post(address, {"text": "Khác", "decision": "send"}).status_code == 302


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
