"""Files and fields that somebody made to break something: each is refused with a sentence, or does no harm."""

import io
import zipfile
from uuid import UUID
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from engine.spiff import check_bpmn
from tests.web.demo_wards import WorkingWard
from tests.web.refusals import upload
from tests.web.wards import text_of
from webapp.documents.media_types import FileRefused, judge
from webapp.documents.models import Attachment, AttachmentState
from webapp.indicators.models import Indicator
from webapp.organisation.sample_sheet import sample_sheet
from webapp.plans.reading import PlanUnreadable, read_plan
from webapp.procedures.archives import BadArchive, unpack


def archive(method: int, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as written:
        for name in names:
            written.writestr(name, "nội dung " * 1000)
    return file.getvalue()


def spoilt(method: int, *names: str) -> bytes:
    """An archive whose directory is whole and whose packed bytes are not."""
    packed, at = bytearray(archive(method, *names)), 30 + len(names[0]) + 8
    packed[at : at + 20] = bytes(byte ^ 0x5A for byte in packed[at : at + 20])
    return bytes(packed)


@pytest.mark.parametrize("name", ["chay.exe ", "chay.EXE.", "a/chay.bat . .", "vbaProject.bin "])
def test_an_archive_is_looked_at_as_it_will_be_unpacked(name: str) -> None:
    """Windows drops spaces and points at the end of a name."""
    with pytest.raises(FileRefused, match=r"tệp chương trình|có macro"):
        judge("tep.zip", archive(zipfile.ZIP_DEFLATED, "a.txt", name))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_is_refused_however_it_is_packed(method: int) -> None:
    with pytest.raises(BadArchive):
        unpack(spoilt(method, "manifest.json", "procedure.bpmn"))
    with pytest.raises(PlanUnreadable):
        read_plan("ke-hoach.docx", spoilt(method, "[Content_Types].xml", "word/document.xml"))
    with pytest.raises(FileRefused):
        judge("a.odt", spoilt(method, "mimetype"))


def test_an_archive_of_endless_files_is_refused_unread(at_work: WorkingWard) -> None:
    """Twenty megabytes hold half a million names; to read them takes ten seconds and two hundred megabytes."""
    step = at_work.step("execute", at_work.case("II.3", "th"))
    answer = upload(at_work.at("th.vanthu"), f"/tep?viec={step}", "a.zip", b"PK\x03\x04" + b"PK\x01\x02" * 10_001)
    assert answer.status_code == 415 and "quá nhiều tệp" in answer.get_json()["message"]


def test_rows_with_endless_numbers_are_none(at_work: WorkingWard) -> None:
    form = {"name": "A", "username": "a.b", f"memberships-{'9' * 5000}-unit_id": "x"}
    assert at_work.at("quantri").post("/nguoi-dung/moi", form).status_code == 422


@pytest.mark.parametrize("version", ["9" * 5000, "2147483648", "²", "-1"])
def test_versions_that_there_cannot_be(at_work: WorkingWard, version: str) -> None:
    admin = at_work.at("quantri")
    admin.post("/quy-trinh-moi", {"start": "shipped", "shipped": "contribution", "key": "thu", "name": "Thử"})
    answer = admin.post("/quy-trinh/thu/trien-khai", {"version": version, "reason": "Thử"})
    assert answer.status_code in (409, 422)


def test_names_of_units_are_no_links_in_the_sheet_to_fill_in() -> None:
    sheet = sample_sheet(["external:\\\\may-chu\\chia-se", "https://x.example", "=HYPERLINK(1)", "{=1}"], ["Vai"])
    with zipfile.ZipFile(sheet) as book:
        pages = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    tags = {element.tag.partition("}")[2] for page in pages for element in ElementTree.fromstring(page).iter()}
    assert "sheetData" in tags and not {"hyperlink", "hyperlinks", "f"} & tags


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "windows-1258"])
def test_a_drawing_in_another_encoding_is_told_so(encoding: str) -> None:
    [finding] = check_bpmn("<?xml version='1.0'?><a>Đề nghị đã gửi</a>".encode(encoding, "replace"), None, None)
    assert finding.code == "not-xml" and "UTF-8" in finding.message


def test_a_name_of_a_file_says_what_it_is(at_work: WorkingWard) -> None:
    step = at_work.step("execute", at_work.case("II.3", "th"))
    for name, kept in (("..\\..\\etc\\bao-cao.txt", "bao-cao"), ("a" * 5000 + ".txt", "aaa"), ("CON:.txt", "CON")):
        stored = upload(at_work.at("th.vanthu"), f"/tep?viec={step}", name, b"abc").get_json()["name"]
        assert stored.endswith(".txt") and kept in stored and len(stored) <= 150 and not set("\\/:") & set(stored)


def test_a_file_of_a_case_is_taken_nowhere_else(at_work: WorkingWard) -> None:
    """Named as evidence of an indicator it would leave its case, and everybody could read it."""
    officer, indicator = at_work.at("vhxh.tonghop"), at_work.rows(sa.select(Indicator.id))[0][0]
    step = at_work.step("execute", at_work.case("II.3", "th"))
    for uploader in (officer, at_work.at("th.vanthu")):
        file = upload(uploader, f"/tep?viec={step}", "minh-chung.txt", b"abc").get_json()["id"]
        form = {"value": "1", "as_of": f"{at_work.now():%d/%m/%Y}", "evidence": file}
        answer = officer.post(f"/chi-tieu/{indicator}/so-lieu", form)
        assert "Hãy tải tệp lên lại." in text_of(answer) and answer.status_code in (404, 422)
        [(case, state)] = at_work.rows(
            sa.select(Attachment.instance_id, Attachment.state).where(Attachment.id == UUID(file))
        )
        assert case is not None and state is AttachmentState.DRAFT
