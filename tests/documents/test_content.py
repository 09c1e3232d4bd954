"""What a document says, and the hash that countersigning holds on to."""

from dataclasses import replace
from datetime import date

import pytest

from tests.documents.samples import ISSUED, LETTER, REPORT
from webapp.documents.rendering.content import (
    BulletList,
    Heading,
    Paragraph,
    Signer,
    Table,
    blocks_of,
    cleaned,
    content_hash,
    long_date,
)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 3), "ngày 03 tháng 02 năm 2026"),
        (date(2026, 5, 12), "ngày 12 tháng 5 năm 2026"),
        (date(2026, 12, 4), "ngày 04 tháng 12 năm 2026"),
    ],
)
def test_days_below_10_and_the_months_1_and_2_are_padded(day, words):
    assert long_date(day) == words


def test_the_number_is_padded_and_blank_before_issue():
    assert ISSUED.number_line == "Số: 05/BC-UBND"
    assert LETTER.number_line == "Số: 05/UBND-VHXH"
    assert REPORT.number_line.replace("\N{NO-BREAK SPACE}", "") == "Số:/BC-UBND"
    assert replace(REPORT, number=112).number_line == "Số: 112/BC-UBND"


def test_the_date_is_blank_before_issue_but_for_the_year():
    assert REPORT.date_phrase.split() == ["ngày", "tháng", "năm", "2026"]


def test_the_agency_is_printed_in_capitals_with_the_ward_on_its_own_line():
    assert REPORT.agency_lines == ("ỦY BAN NHÂN DÂN", "PHƯỜNG BẾN SÔNG")


def test_an_appendix_names_the_document_it_belongs_to():
    assert ISSUED.accompanying == (
        "(Kèm theo Báo cáo số 05/BC-UBND ngày 14 tháng 12 năm 2026 của Ủy ban nhân dân phường Bến Sông)"
    )


def test_number_and_date_do_not_change_the_hash():
    assert content_hash(ISSUED) == content_hash(REPORT)
    assert content_hash(replace(REPORT, year=2027)) == content_hash(REPORT)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Khác"},
        {"signer": Signer("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "Trần Thị Bình")},
        {"body": (*REPORT.body, Paragraph(""))},
        {"recipients": REPORT.recipients[1:]},
        {"appendices": REPORT.appendices[:1]},
        {"addressees": ()},
        {"code": "TB-UBND"},
    ],
)
def test_any_other_change_changes_the_hash(change):
    assert content_hash(replace(REPORT, **change)) != content_hash(REPORT)


def test_the_kind_of_a_block_counts():
    assert content_hash(replace(REPORT, body=(Paragraph("a"),))) != content_hash(
        replace(REPORT, body=(BulletList(("a",)),))
    )


def test_the_hash_of_a_small_document_never_changes():
    document = replace(LETTER, body=(Heading(1, "I. Việc chung"), Paragraph("Nội dung.")))
    assert content_hash(document) == "965423b4751d9fdf0904864be2a994fb9cbfd5a0b9c004cc7a385e89ccf3898e"


def test_composed_and_decomposed_letters_are_the_same_content():
    assert content_hash(replace(REPORT, place="Be\u0302\u0301n So\u0302ng")) == content_hash(REPORT)


def test_what_no_page_can_show_is_dropped():
    dirty = replace(REPORT, subject="a\x00b\ud800c\ufffed\te\r\nf")
    assert cleaned(dirty).subject == "abcd e\nf"


def test_typed_text_becomes_paragraphs_and_lists():
    assert blocks_of("Đã làm:\n- một\n– hai\n\nXong -1 việc") == (
        Paragraph("Đã làm:"),
        BulletList(("một", "hai")),
        Paragraph("Xong -1 việc"),
    )


def test_a_row_that_does_not_fit_its_table_is_refused():
    with pytest.raises(ValueError, match="2 columns"):
        Table(("a", "b"), (("1", "2", "3"),), (1, 1))
    with pytest.raises(ValueError, match="level 4"):
        Heading(4, "a")
