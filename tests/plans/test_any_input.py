"""Whatever the bytes, reading ends in a reading or a refusal; however a plan is laid out, its tasks are the same."""

import random
import string
from functools import cache
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.plans.samples import SIX, read, row, with_part, word
from webapp.plans.reading import PlanReading, PlanUnreadable, read_plan

WORD = word([[SIX, ("1", "Trồng cây", "Phòng A", "", "2026", "Báo cáo")]])
FRAGMENTS = (
    "STT", "TT", "Nội dung", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian", "Sản phẩm",
    "Ghi chú", "Chủ trì", "I", "II.", "III. NHÓM VIỆC VỀ CÂY", "A.", "1", "1.", "1.1", "a)", "-", "2", "", "",
    "", "Phòng A; Phòng B", "Các đơn vị", "2026-2030", "Trồng cây", "ven sông", "Tổng cộng", "Nơi nhận:",
    "TM. ỦY BAN NHÂN DÂN", "KẾ HOẠCH", "PHỤ LỤC", "- 3 -", "nt", "VIỆC TRỌNG TÂM TRONG NĂM", "và Hội Hoa",
    "**", "<p>", "(1)", "./.", "Số: /KH-UBND", "Hoa Sen, ngày tháng năm 2026", "|",
    "báo cáo UBND phường trước ngày 05/12", "thay thế Kế hoạch số 9/KH-UBND", "Kế hoạch này",
)  # fmt: skip
CLOSINGS = ("Nơi nhận:", "TM. ỦY BAN NHÂN DÂN", "./.")
HEADERS = (row(*SIX), row("TT", "Nhiệm vụ", "Chủ trì", "Hạn"))


def tried(name: str, data: bytes) -> PlanReading | None:
    try:
        reading = read_plan(name, data)
    except PlanUnreadable as refused:
        assert refused.message.strip().endswith((".", ")."))
        return None
    assert reading.to_json()["tasks"] is not None
    return reading


@given(data=st.binary(max_size=400), name=st.sampled_from(["a.txt", "a.docx", "a", "a.doc", "\0.txt"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    tried(name, data)
    tried("a.docx", b"PK\x03\x04" + data)


@given(text=st.text(max_size=300), name=st.text(max_size=10))
def test_any_text_is_read_or_refused(text: str, name: str) -> None:
    tried("a.txt", text.encode("utf-8", "surrogatepass"))
    tried("a.txt", ("KẾ HOẠCH\n" + text).encode("utf-8", "surrogatepass"))
    tried(name, text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "cells",
    [
        ("1", "nhiệm vụ số 7 " * 2_000, "Phòng A", "", "2026", "Báo cáo"),
        ("1", "Trồng cây", "Phòng A", "", "từ 7/2026 đến " * 5_000, "Báo cáo"),
    ],
)
def test_a_cell_of_endless_numbers_is_read_in_seconds(cells: tuple[str, ...]) -> None:
    """Nothing is drawn from it, and its words stay: each of its numbers was looked at with all the others."""
    began = process_time()
    [task] = read(row(*cells)).tasks
    assert process_time() - began < 5
    assert task.content == cells[1].strip() and task.indicators == ()


lines = st.lists(
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=7).map("\t".join)
    | st.sampled_from(HEADERS)
    | st.just(""),
    max_size=25,
)


@given(lines=lines)
@example(lines=[row(*SIX), "I", "1\ta", "\t\t\t\tNơi"])
def test_no_row_below_a_header_is_lost(lines: list[str]) -> None:
    """Every row of a table stands in a task, a group, what was passed over or what stayed unread.

    What follows the recipients is the signature's block, so here none stand between the rows.
    """
    lines = [line for line in lines if not any(closing in line for closing in CLOSINGS)]
    reading = tried("a.txt", "\n".join(["KẾ HOẠCH", row(*SIX), *lines]).encode())
    assert reading is not None
    places = [place for task in reading.tasks for place in task.source.places]
    places += [group.place for group in reading.groups]
    places += [piece.place for piece in (*reading.unread, *reading.passed_over) if piece.place]
    raw = "\n".join(text for task in reading.tasks for text in task.source.raw)
    tables = [(at, line) for at, line in enumerate(lines, start=3) if line.count("\t") > 2 and line.strip("\t*-|<p> ")]
    lost = [line for at, line in tables if at not in {place.line for place in places} and line not in raw]
    assert lost == []


@given(data=st.data())
def test_a_damaged_word_file_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(WORD)
    for at in data.draw(st.lists(st.integers(0, len(WORD) - 1), min_size=1, max_size=8)):
        changed[at] = data.draw(st.integers(0, 255))
    tried("a.docx", bytes(changed))


@given(data=st.data())
def test_any_document_part_is_read_or_refused(data: st.DataObject) -> None:
    tags = (
        "w:p",
        "w:r",
        "w:t",
        "w:tbl",
        "w:tr",
        "w:tc",
        "w:tcPr",
        "w:gridSpan",
        "w:vMerge",
        "w:pPr",
        "w:numPr",
        "w:numId",
    )
    made = [data.draw(st.sampled_from(tags)) for _ in range(data.draw(st.integers(0, 30)))]
    inside = "".join(f'<{tag} w:val="{data.draw(st.sampled_from(["1", "x", "-1", "9" * 30]))}">' for tag in made)
    inside += "KẾ HOẠCH" + "".join(f"</{tag}>" for tag in reversed(made))
    whole = (
        f'<w:document xmlns:w="urn:w"><w:body><w:p><w:r><w:t>KẾ HOẠCH</w:t></w:r></w:p>{inside}</w:body></w:document>'
    )
    tried("a.docx", with_part(WORD, "word/document.xml", whole.encode()))


# Laid out otherwise, the same tasks.

WORDS = (
    "trồng", "cây", "ven", "sông", "kết quả", "thực hiện", "nội dung", "chủ trì", "Hồ Sen", "năm", "2030",
    "(nếu có)", "100%", "và", "Đề án", "xanh,", "sạch;", "báo cáo", "phối hợp", "UBND phường", "mới.",
)  # fmt: skip
phrases = st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join)
units = st.sampled_from(
    ["Phòng A", "Phòng Kinh tế, Hạ tầng và Đô thị", "Tổ Vườn hoa; Trạm Y tế", "Các đơn vị thuộc phường"]
)
times = st.sampled_from(
    ["2026", "Năm 2026-2027", "Thường xuyên", "Trồng trong tháng 4 năm 2026; tưới giai đoạn 2026 - 2030"]
)
tasks = st.lists(st.tuples(phrases, units, st.just("") | units, times, st.just("") | phrases), min_size=1, max_size=6)


def table(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Two groups of numbered rows."""
    half = len(rows) // 2
    first = [(str(at), *cells) for at, cells in enumerate(rows[:half], start=1)]
    second = [(str(at), *cells) for at, cells in enumerate(rows[half:], start=1)]
    blank = ("", "", "", "")
    return [("I", "Về cây", *blank), *first, ("II", "Về hoa và cỏ trên địa bàn phường", *blank), *second]


def told(reading: PlanReading) -> list[tuple[str, ...]]:
    return [
        (
            task.group, task.ordinal, task.content, task.source.lead_text, task.source.coordinators_text,
            task.timing_text, task.product_text,
        )
        for task in reading.tasks
    ]  # fmt: skip


@given(rows=tasks, order=st.permutations(range(6)))
def test_the_order_of_columns_changes_nothing(rows: list[tuple[str, ...]], order: list[int]) -> None:
    lines = table(rows)
    moved = [row(*(cells[at] for at in order)) for cells in lines]
    shuffled = read(*moved, header=[SIX[at] for at in order])
    assert told(shuffled) == told(read(*(row(*cells) for cells in lines)))
    assert len(shuffled.tasks) == len(rows)


@given(rows=tasks, seed=st.integers(0, 10**6))
def test_rows_cut_by_page_breaks_are_joined_again(rows: list[tuple[str, ...]], seed: int) -> None:
    chance = random.Random(seed)
    lines = table(rows)
    cut = read(*(piece for cells in lines for piece in paged(cells, chance)))
    assert told(cut) == told(read(*(row(*cells) for cells in lines)))
    assert [group.title for group in cut.groups] == [cells[1] for cells in lines if cells[0] in ("I", "II")][-2:]


def paged(cells: tuple[str, ...], chance: random.Random) -> list[str]:
    """A row as it stands, or its upper part, what stands around a page break, and its lower part."""
    if chance.random() < 0.4:
        return [row(*cells)]
    split = [(text.split(" "), chance.randint(0, len(text.split(" ")))) for text in cells[1:]]
    if cells[0] in ("I", "II"):
        split[0] = (split[0][0], max(1, split[0][1]))  # The number of a group stands beside the title's first line.
    upper = row(cells[0], *(" ".join(words[:at]) for words, at in split))
    lower = row("", *(" ".join(words[at:]) for words, at in split))
    between = chance.choice([[], [""], ["", row(*SIX)], ["", "- 5 -", "", row(*SIX)]])
    return [upper, *between, lower] if lower.strip("\t") else [upper, *between]


@settings(max_examples=settings.default.max_examples // 4)  # Each is a whole document.
@given(rows=tasks)
def test_text_and_word_give_the_same_tasks(rows: list[tuple[str, ...]]) -> None:
    lines = table(rows)
    assert told(read_plan("a.docx", word([[SIX, *lines]]))) == told(read(*(row(*cells) for cells in lines)))


@cache
def untouched() -> PlanReading:
    reading = read_plan("a.docx", WORD)
    assert [task.content for task in reading.tasks] == ["Trồng cây"]
    return reading


@given(noise=st.text(string.printable, max_size=40))
def test_words_outside_the_parts_that_are_read_change_nothing(noise: str) -> None:
    assert tried("a.docx", with_part(WORD, "docProps/custom.txt", noise.encode())) == untouched()
