"""A file that anybody may send is opened in a process of its own: the same reading, bounds, and pages told."""

import resource

import pytest

from tests.plans.makers import MAKERS, to_pdf
from tests.plans.samples import with_part, word
from tests.plans.test_pdf_and_excel import PLAN
from webapp.plans.reading import PlanUnreadable, read_plan, read_plan_apart


@pytest.mark.parametrize("kind", MAKERS)
def test_the_reading_is_the_same(kind: str) -> None:
    data = MAKERS[kind](PLAN)
    assert read_plan_apart(f"Kế hoạch.{kind}", data) == read_plan(f"a.{kind}", data)


def test_pages_are_told_as_they_are_read() -> None:
    told: list[tuple[int, int]] = []
    read_plan_apart("a.pdf", to_pdf(PLAN), lambda done, of: told.append((done, of)))
    assert told == [(page, told[-1][1]) for page in range(1, told[-1][1] + 1)]
    assert len(told) > 1


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.7\n", "bị hỏng"),
        ("a.docx", with_part(word([]), "word/vbaProject.bin", b"x"), "macro"),
        ("-c.xlsx", b"PK\x03\x04", "bị hỏng"),
        ("a.doc", b"x", ".docx"),
        ("\0.docx", b"", "rỗng"),
    ],
)
def test_refusals_come_through(name: str, data: bytes, words: str) -> None:
    with pytest.raises(PlanUnreadable, match=words):
        read_plan_apart(name, data)


@pytest.mark.prove
def test_what_would_take_much_memory_takes_none_of_ours() -> None:
    cell = "<w:tc><w:p><w:r><w:t>x</w:t></w:r></w:p></w:tc>"
    rows = f"<w:tr>{cell * 50}</w:tr>" * 7_000
    body = f'<w:document xmlns:w="urn:w"><w:body><w:tbl>{rows}</w:tbl></w:body></w:document>'
    data = with_part(word([]), "word/document.xml", body.encode())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PlanUnreadable):
        read_plan_apart("a.docx", data)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 200
