"""The PDF: what a reader sees, what a machine reads, and the same bytes for the same document."""

import io
from dataclasses import replace

import pytest
from pypdf import PdfReader

from tests.documents.samples import DATA, ISSUED, LETTER, REPORT
from webapp.documents.rendering.content import Appendix, Paragraph, Table
from webapp.documents.rendering.pdf import render_pdf
from webapp.documents.rendering.report import consolidated_report


def read(document):
    return PdfReader(io.BytesIO(render_pdf(document)))


def text_of(page):
    return " ".join(page.extract_text().split())


def page_number(page):
    """What stands in the top margin: positions are counted from the top, 96 to the inch."""
    found = []
    page.extract_text(visitor_text=lambda text, _, matrix, *__: found.append((matrix[5], text)))
    return "".join(text for y, text in found if text.strip() and y < 20 / 25.4 * 96).strip()


@pytest.fixture(scope="module")
def issued():
    return read(ISSUED)


def test_the_first_page_carries_the_head_in_order(issued):
    text = text_of(issued.pages[0])
    for part in (
        "ỦY BAN NHÂN DÂN",
        "PHƯỜNG BẾN SÔNG",
        "Số: 05/BC-UBND",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Bến Sông, ngày 14 tháng 12 năm 2026",
        "BÁO CÁO",
        "Kính gửi: Sở Khoa học và Công nghệ thành phố Hải Phòng",
    ):
        assert part in text


def test_pages_are_a4_and_the_wide_annex_lies_across(issued):
    sizes = [(round(page.mediabox.width), round(page.mediabox.height)) for page in issued.pages]
    assert sizes[0] == (595, 842)
    assert (842, 595) in sizes


def test_the_second_page_is_numbered_and_first_pages_are_not(issued):
    assert [page_number(page) for page in issued.pages] == ["", "2", "", ""]


def test_each_appendix_counts_its_own_pages():
    rows = tuple((str(number), "Nội dung " * 40) for number in range(40))
    table = Table(("STT", "Nội dung"), rows, (1, 9))
    document = replace(ISSUED, appendices=(Appendix("Biểu một", (table,), True), Appendix("Biểu hai", (table,), True)))
    pages = list(read(document).pages)
    starts = [index for index, page in enumerate(pages) if text_of(page).startswith("Phụ lục I")]
    assert len(starts) == 2
    assert [page_number(pages[index + step]) for index in starts for step in (0, 1)] == ["", "2", "", "2"]
    assert all(text_of(pages[index + 1]).startswith("STT") for index in starts)


def test_fonts_are_embedded_and_have_all_vietnamese_letters(issued):
    fonts = {
        str(font.get_object()["/BaseFont"]).split("+")[1]
        for page in issued.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Liberation-Serif" in font for font in fonts)


def test_it_is_archivable_tagged_and_says_its_language(issued):
    catalog = issued.trailer["/Root"]
    assert catalog["/Lang"] == "vi"
    assert catalog["/MarkInfo"]["/Marked"]
    assert b"pdfaid" in catalog["/Metadata"].get_data()
    assert issued.metadata.title.startswith("BÁO CÁO: Kết quả năm 2026")


def test_the_same_document_gives_the_same_bytes():
    assert render_pdf(ISSUED) == render_pdf(ISSUED)
    assert render_pdf(ISSUED) != render_pdf(REPORT)


def test_markup_and_addresses_in_the_content_stay_text(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật của máy chủ")
    hostile = f"<img src='file://{secret}'><a rel=attachment href='file://{secret}'>{{{{ 7*7 }}}}</a>"
    reader = read(replace(LETTER, body=(Paragraph(hostile),), subject=hostile))
    text = "".join(text_of(page) for page in reader.pages)
    assert "{{ 7*7 }}" in text
    assert "<img" in text
    assert "bí mật" not in text
    assert "/EmbeddedFiles" not in str(reader.trailer["/Root"].get("/Names", ""))


def test_a_row_longer_than_a_page_loses_nothing():
    words = [f"từ{number}" for number in range(3000)]
    document = replace(LETTER, body=(Table(("A", "B"), (("1", " ".join(words)),), (1, 5)),))
    text = " ".join(text_of(page) for page in read(document).pages)
    assert all(word in text for word in ("từ0", "từ1500", "từ2999"))


def test_a_report_of_a_large_plan_is_rendered_whole():
    numbered = [
        [replace(task, content=f"{task.content} đợt {n}") for n in range(12) for task in group.tasks]
        for group in DATA.groups
    ]
    groups = tuple(replace(group, tasks=tuple(tasks)) for group, tasks in zip(DATA.groups, numbered, strict=True))
    reader = read(consolidated_report(replace(DATA, groups=groups)))
    assert sum(text_of(page).count("Nhiệm vụ 3.6.") for page in reader.pages) == 12
