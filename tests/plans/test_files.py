"""Files that are no plan, or must not be opened, are refused with a sentence that says what to do."""

import gzip
import io
import zipfile

import docx
import pytest

from tests.plans.samples import SIX, part, row, saved, text, with_part, word
from webapp.plans.reading import LARGEST_FILE, PlanUnreadable, read_plan

ONE = ("1", "Trồng cây", "Phòng A", "", "2026", "Báo cáo")
WORD = word([[SIX, ONE]])
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(range(256))
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def refusal(name: str, data: bytes) -> str:
    with pytest.raises(PlanUnreadable) as refused:
        read_plan(name, data)
    return refused.value.message


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "Tệp rỗng"),
        ("a.txt", b"\xef\xbb\xbf \n\t\n", "Tệp rỗng"),
        ("a.docx", b"", "Tệp rỗng"),
        ("a.txt", PNG, "thật ra là một ảnh"),
        ("a.docx", JPEG, "thật ra là một ảnh"),
        ("a.txt", b"%PDF-1.7\n1 0 obj\n", "thật ra là một tệp PDF"),
        ("a.docx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "thật ra là một tệp PDF"),
        ("a.txt", b"{\\rtf1\\ansi KE HOACH}", "thật ra là một tệp RTF"),
        ("a.txt", b"<!DOCTYPE html><html><h1>hi</h1></html>", "trang web"),
        ("a.txt", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "thật ra là một ảnh"),
        ("a.txt", gzip.compress(b"KE HOACH", mtime=0), "thật ra là một tệp nén"),
        ("a.txt", WORD, "thật ra là một tệp"),
        ("a.docx", text(row(*ONE)), "không phải văn bản Word"),
        ("a.txt", "KẾ HOẠCH".encode("cp1258", "replace") + b"\x81\xfe\xff", "UTF-8"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Word bản cũ"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".docx"),
        ("a.pdf", b"%PDF-1.7\n", "PDF bị hỏng"),
        ("a.pdf", PNG, "thật ra là một ảnh"),
        ("a.pdf", WORD, "thật ra là một tệp"),
        ("a.xlsx", WORD, "không phải văn bản Excel"),
        ("a.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "thật ra là một tệp PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xlsx"),
        ("a.xlsm", WORD, "macro"),
        ("ke-hoach", b"KH", "Chỉ đọc được tệp .docx, .xlsx, .pdf"),
        ("a.txt", "Danh sách đi chợ:\n- rau\n- cá\n".encode(), "Không thấy kế hoạch"),
        ("a.txt", b"name,age\nan,3\n", "Không thấy kế hoạch"),
        ("a.docx", word([[("Rau", "Cá"), ("1", "2")]], ["Đi chợ"]), "Không thấy kế hoạch"),
    ],
)
def test_what_is_no_plan_is_refused(name: str, data: bytes, words: str) -> None:
    message = refusal(name, data)
    assert words in message
    assert message.endswith((".", ")."))


def test_a_file_over_the_bound_is_refused_before_it_is_looked_at() -> None:
    assert "60 MB" in refusal("a.txt", b"\0" * (60 * 1024 * 1024))
    assert "20 MB" in refusal("a.docx", b"\0" * (LARGEST_FILE + 1))


def test_endless_lines_are_refused() -> None:
    assert "quá nhiều dòng" in refusal("a.txt", b"a\n" * 20_001)
    assert "quá dài" in refusal("a.txt", b"a" * 100_001)
    assert "quá nhiều dòng" in refusal("a.txt", (b"a" * 9_999 + b"\n") * 501)
    assert "quá nhiều cột" in refusal("a.txt", b"x" + b"\t" * 200)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_unicode_in_any_form_is_read(encoding: str, ends: str) -> None:
    written = text(row(*ONE)).decode().replace("\n", ends).encode(encoding)
    assert len(read_plan("A.TXT", written).tasks) == 1


def test_a_word_file_that_expands_too_far_is_refused() -> None:
    assert "quá lớn" in refusal("a.docx", with_part(WORD, "word/media/a.bin", bytes(101 * 1024 * 1024)))
    assert "quá lớn" in refusal(
        "a.docx", with_part(WORD, "word/theme/b.xml", b"<a>" + b" " * (21 * 1024 * 1024) + b"</a>")
    )


def test_a_word_file_with_too_many_parts_is_refused() -> None:
    out = io.BytesIO(WORD)
    with zipfile.ZipFile(out, "a") as package:
        for number in range(2_001):
            package.writestr(f"word/media/{number}", b"")
    assert "quá lớn" in refusal("a.docx", out.getvalue())


def test_macros_are_refused() -> None:
    assert "macro" in refusal("a.docx", with_part(WORD, "word/vbaProject.bin", b"x"))
    kinds = part(WORD, "[Content_Types].xml").replace(
        b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        b"application/vnd.ms-word.document.macroEnabled.main+xml",
    )
    assert "macro" in refusal("a.docx", with_part(WORD, "[Content_Types].xml", kinds))


COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize("name", ["word/media/image9.png", "docProps/thumbnail.jpeg", "word/theme/theme9.xml"])
def test_macros_under_another_name_are_refused(name: str) -> None:
    assert "macro" in refusal("a.docx", with_part(WORD, name, COMPOUND + bytes(504) + "VBA".encode("utf-16-le")))


def test_macros_that_only_their_kind_or_relation_tells_are_refused() -> None:
    kinds = part(WORD, "[Content_Types].xml").replace(
        b"</Types>", b'<Override PartName="/word/a.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>'
    )
    assert "macro" in refusal("a.docx", with_part(WORD, "[Content_Types].xml", kinds))
    assert "macro" in refusal("a.docx", linked("vbaProject", "a.bin"))


def linked(kind: str, target: str) -> bytes:
    added = f'<Relationship Id="rX" Type="{RELATIONS}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    name = "word/_rels/document.xml.rels"
    return with_part(WORD, name, part(WORD, name).replace(b"</Relationships>", added.encode()))


@pytest.mark.parametrize("kind", ["image", "oleObject", "frame", "attachedTemplate", "subDocument"])
def test_contents_linked_from_elsewhere_are_refused(kind: str) -> None:
    assert "liên kết từ ngoài" in refusal("a.docx", linked(kind, "http://example.com/x"))


def test_links_to_click_and_the_template_on_an_own_disk_are_no_danger() -> None:
    assert read_plan("a.docx", linked("hyperlink", "https://example.com/")).tasks
    assert read_plan("a.docx", linked("attachedTemplate", "file:///" + r"C:\Mau\Normal.dotm")).tasks


@pytest.mark.parametrize("name", ["word/document.xml", "word/settings.xml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(name: str, encoding: str) -> None:
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert "DTD" in refusal("a.docx", with_part(WORD, name, bomb.encode(encoding)))


def test_a_scan_in_a_word_file_is_told_from_an_empty_one() -> None:
    document = docx.Document()
    assert "Không thấy kế hoạch" in refusal("a.docx", saved(document))
    assert "nhận dạng chữ" in refusal("a.docx", with_part(saved(document), "word/media/scan.jpg", JPEG))


def test_a_password_is_named() -> None:
    locked = bytearray(WORD)
    for sign, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = -1
        while (at := locked.find(sign, at + 1)) >= 0:
            locked[at + offset] |= 1
    assert "mật khẩu" in refusal("a.docx", bytes(locked))


@pytest.mark.parametrize("cut", [10, 100, 1000, -1000, -30])
def test_a_damaged_word_file_is_refused(cut: int) -> None:
    assert "hỏng" in refusal("a.docx", WORD[:cut])


def test_a_main_part_of_another_name_is_found() -> None:
    data = with_part(WORD, "word/document2.xml", part(WORD, "word/document.xml"))
    data = with_part(
        data, "_rels/.rels", part(WORD, "_rels/.rels").replace(b"word/document.xml", b"word/document2.xml")
    )
    data = with_part(data, "word/document.xml", b"<a/>")
    assert len(read_plan("a.docx", data).tasks) == 1


def test_other_kinds_of_packages_are_no_word_files() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("xl/workbook.xml", "<a/>")
    assert "không phải văn bản Word" in refusal("a.docx", out.getvalue())
