"""Files: judged by what they are, kept once sent, seen by whoever may see their case."""

import io
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.clock import wall_clock
from tests.support.databases import Databases
from tests.web.cycle_wards import DONE, FOCAL, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.wards import Visitor, text_of
from webapp.calendar_work import do_daily_work
from webapp.documents.attachments import ORPHAN_AFTER, file_store, remove_orphans, sweep_files
from webapp.documents.media_types import clean_name
from webapp.documents.models import Attachment, AttachmentState

ROWS = (Row("khdt", "Số hóa bản đồ quy hoạch"), Row("yte", "Lập hồ sơ sức khỏe điện tử"))
PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\6\0\0\0\x1f\x15\xc4\x89"
PROGRAM = b"MZ" + b"\0" * 200


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Two cases in execution."""
    with issued_ward(databases, tmp_path, "cases_with_files", ROWS) as made:
        yield made


def archive(*names: str, **contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name in names:
            packed.writestr(name, contents.get(name, b"x"))
    return file.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")


def step_of(made: CycleWard, ordinal: str = "1") -> UUID:
    return made.step("execute", made.case(ordinal))


def send_up(visitor: Visitor, step: UUID | None, name: str, content: bytes) -> TestResponse:
    address = f"/tep?viec={step}" if step else "/tep"
    return visitor.post(address, {"file": (io.BytesIO(content), name)}, headers={"Accept": "application/json"})


def uploaded(visitor: Visitor, step: UUID, name: str = "bien-ban.pdf", content: bytes = PDF) -> str:
    answer = send_up(visitor, step, name, content)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


def state_of(made: CycleWard, id: str) -> AttachmentState:
    return made.rows(sa.select(Attachment.state).where(Attachment.id == UUID(id)))[0][0]


def download(visitor: Visitor, address: str) -> TestResponse:
    """The whole answer; the file behind it is closed."""
    with visitor.get(address) as answer:
        answer.get_data()
        return answer


def message(answer: TestResponse) -> str:
    assert answer.json is not None
    return str(answer.json["message"])


# --- what is taken ---


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Biên bản.pdf", PDF),
        ("ảnh.PNG", PNG),
        ("ảnh.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"),
        ("ảnh.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("Báo cáo.docx", DOCX),
        ("Bảng.xlsx", archive("[Content_Types].xml", "xl/workbook.xml")),
        ("Trình bày.pptx", archive("[Content_Types].xml", "ppt/presentation.xml")),
        ("Văn bản.odt", archive("mimetype", mimetype=b"application/vnd.oasis.opendocument.text")),
        ("Bảng.ods", archive("mimetype", mimetype=b"application/vnd.oasis.opendocument.spreadsheet")),
        ("Cũ.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("ghi chú.txt", "Đã họp ngày 12.".encode()),
        ("số liệu.csv", b"a,b\n1,2\n3,4\n"),
        ("nhiều tệp.zip", archive("a.pdf", "b.docx")),
    ],
)
def test_files_that_offices_use_are_taken(made: CycleWard, name: str, content: bytes) -> None:
    answer = send_up(made.signed_in("khdt.cv1"), step_of(made), name, content)
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert (answer.json["name"], answer.json["size"]) == (name, len(content))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bao-cao.pdf", PROGRAM, "Tệp có đuôi .pdf nhưng thật ra là tệp chương trình."),
        ("bao-cao.pdf", PNG, "Tệp có đuôi .pdf nhưng thật ra là ảnh PNG."),
        ("anh.png", PDF, "Tệp có đuôi .png nhưng thật ra là PDF."),
        ("anh.jpg", b"<html><script>alert(1)</script>", "Tệp có đuôi .jpg nhưng thật ra là trang web."),
        ("ghi chu.txt", b"<html><script>alert(1)</script>", "Tệp có đuôi .txt nhưng thật ra là trang web."),
        ("bao-cao.docx", archive("a.txt"), "Tệp có đuôi .docx nhưng thật ra là tệp nén ZIP."),
        ("bao-cao.zip", DOCX, "Tệp có đuôi .zip nhưng thật ra là Word."),
        ("bao-cao.zip", b"PK\3\4 cut off", "Tệp “bao-cao.zip” bị hỏng nên không mở được. Hãy lưu lại rồi chọn lại."),
        ("goi.zip", archive("a.pdf", "cai-dat.EXE"), "Trong tệp “goi.zip” có tệp chương trình nên không nhận."),
        (
            "mau.docx",
            archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
            "Tệp “mau.docx” có macro nên không nhận. Hãy lưu lại dạng không có macro.",
        ),
        ("rong.pdf", b"", "Tệp “rong.pdf” rỗng."),
    ],
)
def test_disguised_files_are_refused_by_what_they_are(made: CycleWard, name: str, content: bytes, said: str) -> None:
    refused = send_up(made.signed_in("khdt.cv1"), step_of(made), name, content)
    assert (refused.status_code, message(refused)) == (415, said)
    assert made.rows(sa.select(Attachment.id)) == []


@pytest.mark.parametrize("name", ["cai-dat.exe", "trang.html", "hinh.svg", "khong-duoi", "mau.docm"])
def test_other_kinds_are_refused_by_name(made: CycleWard, name: str) -> None:
    refused = send_up(made.signed_in("khdt.cv1"), step_of(made), name, PDF)
    assert refused.status_code == 415
    assert message(refused).startswith(f"Không nhận tệp “{name}”. Chỉ nhận: ")


def test_a_file_that_is_too_large_is_refused_with_the_limit(made: CycleWard) -> None:
    config = made.ward.app.config
    config["SETTINGS"] = replace(config["SETTINGS"], max_upload_bytes=2048)
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    assert send_up(officer, step, "vua.pdf", PDF + bytes(2048 - len(PDF))).status_code == 201
    refused = send_up(officer, step, "lon.pdf", PDF + bytes(2049 - len(PDF)))
    assert (refused.status_code, message(refused)) == (413, "Tệp lớn quá 2 kB. Hãy nén hoặc chia nhỏ rồi chọn lại.")
    config["MAX_CONTENT_LENGTH"] = 4096  # Of the whole request; then nobody looks at the file at all.
    assert send_up(officer, step, "lon.pdf", PDF + bytes(8192)).status_code == 413


def test_no_file_at_all_is_said(made: CycleWard) -> None:
    refused = made.signed_in("khdt.cv1").post(f"/tep?viec={step_of(made)}", {})
    assert message(refused) == "Chưa chọn tệp."


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\Lan\\Biên bản.pdf", "Biên bản.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("a\x00b\x1fc.pdf", "abc.pdf"),
        ("anh\u202egpj.exe", "anhgpj.exe"),
        ("...pdf", "pdf"),
        ("x" * 300 + ".docx", "x" * 145 + ".docx"),
        ('a<b>:"c".pdf', "a b c .pdf"),
        ("", "tep"),
    ],
)
def test_names_keep_nothing_that_hides(given: str, kept: str) -> None:
    assert clean_name(given) == kept


# --- for whom ---


def test_only_who_may_do_a_step_adds_files_to_it(made: CycleWard) -> None:
    assert send_up(made.signed_in("yte.cv1"), step_of(made), "a.pdf", PDF).status_code == 403
    assert send_up(made.signed_in("khdt.truong"), step_of(made), "a.pdf", PDF).status_code == 403
    assert send_up(made.signed_in("khdt.cv1"), made.plan_id, "a.pdf", PDF).status_code == 404
    step = step_of(made)
    made.report("1", "khdt.cv1")
    late = send_up(made.signed_in("khdt.cv1"), step, "a.pdf", PDF)
    assert (late.status_code, message(late)) == (404, "Bước này đã xong nên không thêm tệp được nữa.")


def test_a_file_for_no_step_is_for_those_who_keep_plans(made: CycleWard) -> None:
    assert send_up(made.signed_in("khdt.cv1"), None, "a.pdf", PDF).status_code == 403
    assert send_up(made.signed_in(FOCAL), None, "a.pdf", PDF).status_code == 201


def test_a_file_is_read_by_those_of_its_case_only(made: CycleWard) -> None:
    address = f"/tep/{uploaded(made.signed_in('khdt.cv1'), step_of(made))}"
    assert download(made.signed_in("khdt.truong"), address).data == PDF
    assert download(made.signed_in("chutich"), address).data == PDF
    assert made.signed_in("yte.truong").get(address).status_code == 404
    assert made.ward.visitor().get(address).status_code == 302


def test_a_download_can_run_nothing(made: CycleWard) -> None:
    officer = made.signed_in("khdt.cv1")
    address = f"/tep/{uploaded(officer, step_of(made), 'Biên bản.pdf')}"
    headers = download(officer, address).headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert "Bi%C3%AAn%20b%E1%BA%A3n.pdf" in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert download(officer, f"{address}?xem=1").headers["Content-Disposition"].startswith("inline")
    sheet = uploaded(officer, step_of(made), "bảng.csv", b"a,b\n1,2\n3,4\n")
    assert download(officer, f"/tep/{sheet}?xem=1").headers["Content-Disposition"].startswith("attachment")


# --- what becomes of them ---


def test_a_sent_form_makes_its_files_permanent(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    named, other = uploaded(officer, step), uploaded(officer, step, "khac.pdf")
    officer.post(
        f"/viec/{step}", {"outcome": "done", "result": "Xong", "completed_on": "2026-01-02", "evidence": named}
    )
    assert state_of(made, named) is AttachmentState.PERMANENT
    assert state_of(made, other) is AttachmentState.DRAFT
    page = made.signed_in("khdt.truong").get(f"/ho-so/{made.case('1')}").get_data(as_text=True)
    assert "bien-ban.pdf" in page
    assert "khac.pdf" not in page


def test_a_file_of_another_step_cannot_be_named(made: CycleWard) -> None:
    foreign = uploaded(made.signed_in("yte.cv1"), step_of(made, "2"))
    answers = {"outcome": "done", "result": "Xong", "completed_on": "2026-01-02", "evidence": foreign}
    refused = made.signed_in("khdt.cv1").post(f"/viec/{step_of(made)}", answers)
    assert refused.status_code == 422
    assert "không còn; hãy tải lên lại." in refused.text
    made.do("execute", "khdt.cv1", made.case("1"), **DONE, completed_on="2026-01-02", evidence=[foreign])
    assert state_of(made, foreign) is AttachmentState.DRAFT


def test_a_file_of_a_type_that_the_field_does_not_take_is_named_and_not_sent(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    good, bad = uploaded(officer, step), uploaded(officer, step, "ghi chú.txt", "Đã họp ngày 12.".encode())
    answers = {"outcome": "done", "result": "Xong", "completed_on": "2026-01-02", "evidence": [good, bad]}
    refused = officer.post(f"/viec/{step}", answers)
    assert refused.status_code == 422
    types = "PDF, DOC, DOCX, XLS, XLSX, JPG, PNG, HEIC"
    assert f"“Minh chứng” chỉ nhận {types}, nên không gửi được tệp “ghi chú.txt”." in text_of(refused)
    assert f"điện thoại cũng được. Chỉ nhận {types}." in text_of(officer.get(f"/viec/{step}"))
    assert [f'value="{file}"' in refused.text for file in (good, bad)] == [True, True], "It can be taken out there."
    assert officer.post(f"/viec/{step}", {**answers, "evidence": good}).status_code == 302


def test_what_was_sent_before_may_be_sent_again(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    file = uploaded(officer, step)
    answers = {"outcome": "done", "result": "Xong", "completed_on": "02/01/2026", "evidence": file}
    officer.post(f"/viec/{step}", answers)
    made.do("unit_review", "khdt.truong", made.case("1"), decision="return", reason="Thiếu số")
    page = officer.get(f"/viec/{step_of(made)}").get_data(as_text=True)
    assert f'name="evidence" value="{file}"' in page
    assert officer.post(f"/viec/{step_of(made)}", answers).status_code == 302


def test_a_message_makes_its_files_permanent(made: CycleWard) -> None:
    officer, address = made.signed_in("khdt.cv1"), f"/ho-so/{made.case('1')}/gui/difficulty_raised"
    page = officer.get(address).get_data(as_text=True)
    subscription = UUID(page.split('name="cho" value="')[1][:36])
    file = uploaded(officer, subscription)
    officer.post(address, {"cho": str(subscription), "content": "Thiếu kinh phí", "documents": file})
    assert state_of(made, file) is AttachmentState.PERMANENT


def test_the_same_bytes_lie_in_the_store_once(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    uploaded(officer, step, "a.pdf")
    uploaded(officer, step, "b.pdf")
    folder = made.ward.app.config["SETTINGS"].data_dir / "files"
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 1


def test_only_what_nobody_sent_goes_after_30_days(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    sent, orphan = uploaded(officer, step), uploaded(officer, step, "b.png", PNG)
    officer.post(f"/viec/{step}", {"outcome": "done", "result": "Xong", "completed_on": "2026-01-02", "evidence": sent})
    runtime, now = made.ward.runtime, made.ward.now()
    age_files(made, timedelta(days=2))
    with made.ward.app.app_context():
        assert remove_orphans(runtime, now + ORPHAN_AFTER - timedelta(hours=1)) == 0
        assert remove_orphans(runtime, now + ORPHAN_AFTER + timedelta(hours=1)) == 1
        kept = made.rows(sa.select(Attachment.id, Attachment.tenant_id, Attachment.sha256))
        assert [str(row.id) for row in kept] == [sent]
        assert file_store().read(kept[0].tenant_id, kept[0].sha256, "anh.png") == PDF
        folder = made.ward.app.config["SETTINGS"].data_dir / "files"
        assert len([path for path in folder.rglob("*") if path.is_file()]) == 1
    assert officer.get(f"/tep/{orphan}").status_code == 404


def test_a_draft_keeps_the_files_of_its_step(made: CycleWard) -> None:
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    file = uploaded(officer, step)
    officer.post(f"/viec/{step}/nhap", {"outcome": "done", "evidence": file})
    with made.ward.app.app_context():
        assert remove_orphans(made.ward.runtime, made.ward.now() + 3 * ORPHAN_AFTER) == 0
    assert state_of(made, file) is AttachmentState.DRAFT


def age_files(made: CycleWard, by: timedelta) -> None:
    """As if all bytes had been written earlier."""
    then = (wall_clock() - by).timestamp()
    for path in made.ward.app.config["SETTINGS"].data_dir.glob("files/*/??/*"):
        os.utime(path, (then, then))


def test_bytes_that_no_row_names_go_after_a_day(made: CycleWard) -> None:
    """What an upload leaves that was killed before its row, or in the middle of its bytes."""
    officer, step = made.signed_in("khdt.cv1"), step_of(made)
    uploaded(officer, step)
    runtime, tenant = made.ward.runtime, made.ward.demo.tenant_id
    with made.ward.app.app_context():
        store = file_store()
        lost = store.save(tenant, PNG)
        store.path(tenant, f"{lost}.{'0' * 32}").write_bytes(PNG[:10])
        assert sweep_files(runtime) == 0
        age_files(made, timedelta(hours=25))
        assert sweep_files(runtime) == 2
        (kept,) = made.rows(sa.select(Attachment.sha256))
        assert store.read(tenant, kept.sha256, "bien-ban.pdf") == PDF
        assert not store.path(tenant, lost).exists()


def test_lost_bytes_go_before_the_day_is_written_down(made: CycleWard) -> None:
    """On a full disk nothing can be written down until they are gone."""
    runtime, ward = made.ward.runtime, made.ward
    with ward.app.app_context():
        lost = file_store().save(ward.demo.tenant_id, PNG)
        age_files(made, timedelta(hours=25))
        (ward.app.config["SETTINGS"].data_dir / "heads").write_text("no folder")
        with pytest.raises(FileExistsError):
            do_daily_work(runtime, made.today(), ward.now())
        assert not file_store().path(ward.demo.tenant_id, lost).exists()


def test_bytes_that_come_again_while_they_go_stay(made: CycleWard) -> None:
    """Somebody uploads the same as an orphan's bytes, after the sweep has looked and before it removes."""
    tenant = made.ward.demo.tenant_id
    with made.ward.app.app_context():
        store = file_store()
        digest, since = store.save(tenant, PNG), wall_clock().timestamp() - 3600
        age_files(made, timedelta(days=2))
        assert list(store.older_than(since)) == [(tenant, digest)]
        store.save(tenant, PNG)
        assert not store.remove(tenant, digest, since)
        assert store.read(tenant, digest, "anh.png") == PNG
