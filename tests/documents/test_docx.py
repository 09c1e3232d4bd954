"""The Word file: form of Nghị định 30/2020/NĐ-CP, and the same bytes for the same document."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents.samples import ISSUED, LETTER, REPORT
from webapp.documents.rendering.content import Paragraph, Table
from webapp.documents.rendering.docx import render_docx


def opened(document):
    return docx.Document(io.BytesIO(render_docx(document)))


@pytest.fixture(scope="module")
def word():
    return opened(ISSUED)


def cell_texts(word, table):
    return [[paragraph.text for paragraph in cell.paragraphs] for cell in word.tables[table].rows[0].cells]


def test_the_page_is_a4_with_the_margins_of_the_decree(word):
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    margins = (section.top_margin, section.right_margin, section.bottom_margin, section.left_margin)
    assert [round(margin.mm) for margin in margins] == [20, 15, 20, 30]


def test_pages_are_numbered_at_the_top_but_for_the_first(word):
    section = word.sections[0]
    assert section.different_first_page_header_footer
    assert 'w:instr="PAGE"' in section.header._element.xml
    assert section.first_page_header.is_linked_to_previous or not section.first_page_header.paragraphs[0].text


def test_the_head_stands_in_two_columns(word):
    agency, state = cell_texts(word, 0)
    assert agency == ["ỦY BAN NHÂN DÂN", "PHƯỜNG BẾN SÔNG", "", "Số: 05/BC-UBND"]
    assert state == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "",
        "Bến Sông, ngày 14 tháng 12 năm 2026",
    ]


def test_rules_stand_below_agency_motto_and_subject(word):
    assert word.tables[0]._tbl.xml.count("<w:pBdr>") == 2
    subject = next(index for index, one in enumerate(word.paragraphs) if one.style.name == "Subtitle")
    assert "<w:pBdr>" in word.paragraphs[subject + 1]._p.xml


@pytest.mark.parametrize(
    ("style", "size", "bold", "italic"),
    [
        ("Quốc hiệu", 13, True, False),
        ("Tiêu ngữ", 14, True, False),
        ("Cơ quan ban hành", 13, True, False),
        ("Số ký hiệu", 13, False, False),
        ("Địa danh ngày tháng", 14, False, True),
        ("Title", 14, True, False),
        ("Body Text", 14, False, False),
        ("Nơi nhận", 12, True, True),
        ("Danh sách nơi nhận", 11, False, False),
        ("Chức vụ người ký", 14, True, False),
        ("Heading 1", 14, True, False),
    ],
)
def test_styles_have_the_sizes_of_the_decree(word, style, size, bold, italic):
    look = word.styles[style].font
    assert (look.name, look.size, look.bold, look.italic) == ("Times New Roman", Pt(size), bold, italic)
    assert str(look.color.rgb) == "000000"


def test_content_is_justified_with_an_indented_first_line(word):
    form = word.styles["Body Text"].paragraph_format
    assert round(form.first_line_indent.mm, 1) == 12.7
    assert form.space_after >= Pt(6)
    assert 1 <= form.line_spacing <= 1.5


def test_headings_are_word_headings(word):
    headings = [one.text for one in word.paragraphs if one.style.name == "Heading 1"]
    assert headings[:2] == ["I. TÌNH HÌNH CHUNG", "II. KẾT QUẢ THỰC HIỆN NHIỆM VỤ"]


def test_table_headers_repeat_and_rows_do_not_split(word):
    rows = word.tables[1].rows
    assert rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in rows)


def test_recipients_and_signer_stand_side_by_side_and_never_alone(word):
    recipients, signer = cell_texts(word, 2)
    assert recipients == ["Nơi nhận:", "- Như trên;", "- Chủ tịch, các Phó Chủ tịch UBND phường;", "- Lưu: VT, VHXH."]
    assert signer == ["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH", "Trần Thị Bình"]
    assert word.tables[2]._tbl.getprevious().pPr.find(qn("w:keepNext")) is not None


def test_each_appendix_has_pages_and_numbers_of_its_own(word):
    first, second = word.sections[1], word.sections[2]
    assert first.orientation == WD_ORIENT.LANDSCAPE
    assert round(first.page_width.mm) == 297
    assert second.orientation == WD_ORIENT.PORTRAIT
    assert all(one._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1" for one in (first, second))


def test_an_official_letter_has_its_subject_under_the_number():
    word = opened(replace(LETTER, addressees=("Sở Khoa học và Công nghệ", "Văn phòng")))
    assert cell_texts(word, 0)[0][-1] == "V/v báo cáo kết quả"
    assert [one.text for one in word.paragraphs[:3]] == ["Kính gửi:", "- Sở Khoa học và Công nghệ;", "- Văn phòng."]


def test_the_same_document_gives_the_same_bytes():
    assert render_docx(ISSUED) == render_docx(ISSUED)


def test_properties_tell_the_document_and_nothing_else(word):
    assert word.core_properties.author == "Ủy ban nhân dân phường Bến Sông"
    assert word.core_properties.created.date() == date(2026, 12, 14)
    with zipfile.ZipFile(io.BytesIO(render_docx(REPORT))) as archive:
        assert b"dcterms:created" not in archive.read("docProps/core.xml")


def test_text_is_text_whatever_it_looks_like():
    hostile = "{{ 7*7 }} <w:p/> &amp; \x00\x0b ]]>"
    word = opened(replace(LETTER, body=(Paragraph(hostile), Table(("A",), ((hostile,),), (1,)))))
    assert "{{ 7*7 }} <w:p/> &amp;  ]]>" in [one.text for one in word.paragraphs]


@settings(max_examples=settings.default.max_examples // 4)  # Each is a whole document.
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_can_be_printed(subject, text):
    blocks = (Paragraph(text), Table(("A", "B"), ((text, subject), (text,)), (1, 2)))
    assert opened(replace(LETTER, subject=subject, body=blocks)).tables
