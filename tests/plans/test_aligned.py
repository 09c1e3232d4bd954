"""Text whose columns are aligned with spaces, cells wrapped, is read column by column."""

import textwrap
from collections.abc import Sequence

import pytest

from tests.plans.samples import read, row
from webapp.plans.reading import PlanReading, read_plan

HEADER = ("STT", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian thực hiện", "Sản phẩm")
ONE = ("1", "Trồng cây ven sông và các tuyến đường mới mở trong khu dân cư, thay cây chết",
       "Phòng Kinh tế, Hạ tầng và Đô thị", "Các đơn vị thuộc phường", "2026-2030", "Báo cáo")  # fmt: skip
TWO = ("2", "Cắt tỉa cây", "Trạm Y tế", "", "Hằng năm", "Biên bản/Báo cáo kết quả gửi UBND phường")
THREE = ("1", "Làm cỏ dọc các tuyến đường", "Phòng A; Phòng B", "Công an phường", "Quý II năm 2026", "Đạt 100%")
ROWS = (("I. VỀ CÂY XANH VÀ HOA TRÊN ĐỊA BÀN PHƯỜNG",), ONE, TWO, ("II. VỀ CỎ TRÊN VỈA HÈ",), THREE)


def aligned(rows: Sequence[Sequence[str]], widths: Sequence[int], gap: int, *, centred: bool, blank: bool) -> str:
    """The rows as columns of text."""
    lines: list[str] = []
    for cells in rows:
        if len(cells) == 1:
            lines.append(cells[0])
        else:
            lines.extend(wrapped(cells, widths, gap, centred=centred and cells[0] == "STT"))
        lines.extend([""] * blank)
    return "\n".join(lines)


def wrapped(cells: Sequence[str], widths: Sequence[int], gap: int, *, centred: bool) -> list[str]:
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, widths, strict=True)]
    if centred:
        columns = [[line.center(width) for line in lines] for lines, width in zip(columns, widths, strict=True)]
    high = max(map(len, columns))
    padded = [[*lines, *[""] * (high - len(lines))] for lines in columns]
    texts = [[lines[at].ljust(width) for lines, width in zip(padded, widths, strict=True)] for at in range(high)]
    return [(" " * gap).join(line).rstrip() for line in texts]


def opened(text: str) -> PlanReading:
    return read_plan("a.txt", f"KẾ HOẠCH\nVề cây\n\nPHỤ LỤC\n\n{text}\n\nNơi nhận:\n- Như trên.\n".encode())


def told(reading: PlanReading) -> list[tuple[str, ...]]:
    return [
        (task.group, task.ordinal, " ".join(task.content.split()), *task.leads, task.source.coordinators_text,
         task.timing_text, " ".join(task.product_text.split()))
        for task in reading.tasks
    ]  # fmt: skip


@pytest.mark.parametrize("widths", [(4, 30, 18, 18, 12, 14), (5, 22, 14, 16, 10, 12)])
@pytest.mark.parametrize(
    ("gap", "centred", "blank"), [(2, False, False), (1, False, False), (3, True, False), (1, True, True)]
)
def test_aligned_columns_read_as_cells_do(widths: tuple[int, ...], gap: int, centred: bool, blank: bool) -> None:
    reading = opened(aligned((HEADER, *ROWS), widths, gap, centred=centred, blank=blank))
    assert told(reading) == told(read(*(row(*cells) for cells in ROWS), header=HEADER))
    assert [group.title for group in reading.groups] == [ROWS[0][0][3:], ROWS[3][0][4:]]
    assert "xếp cột bằng khoảng trắng" in reading.warnings[0]
    assert reading.unread == ()


def test_pages_with_their_headers_and_a_row_cut_by_a_page() -> None:
    widths = (4, 30, 18, 18, 12, 14)
    pages = [
        aligned(part, widths, 2, centred=False, blank=False) for part in ((HEADER, *ROWS[:3]), (HEADER, *ROWS[3:]))
    ]
    lines = pages[0].split("\n")
    cut = "\n".join([*lines[:5], "                    - 7 -", "\f" + "\n".join(lines[:2]), *lines[5:], pages[1]])
    assert told(opened(cut)) == told(opened(aligned((HEADER, *ROWS), widths, 2, centred=False, blank=False)))


def test_other_text_with_gaps_is_no_table() -> None:
    assert (
        opened("Số: 12/KH    Hoa Sen, ngày 01 tháng 3 năm 2026\nSTT    Họ tên    Năm sinh\n1    An    1990").tasks == ()
    )


NARROW = """
S   Nội dung việc      Đơn vị chủ Phối  Thời
T                      trì        hợp   gian
T
A   VIỆC TRỌNG TÂM
I   Trồng hoa
1   Trồng hoa ven hồ   Tổ Cây     Tổ    Hằng
                       xanh       Nước  năm
I   Tưới hoa
I
1   Tưới hoa mỗi ngày       Tổ Nước     Hằng
    hai lần                             ngày
2   Tưới bồn hoa trước trụ sở Tổ Nước   2026
"""


def test_headings_and_numerals_wrap_in_narrow_columns_and_rows_are_shifted() -> None:
    reading = opened(NARROW)
    assert [task[:6] for task in told(reading)] == [
        ("A.I", "1", "Trồng hoa ven hồ", "Tổ Cây xanh", "Tổ Nước", "Hằng năm"),
        ("A.II", "1", "Tưới hoa mỗi ngày hai lần", "Tổ Nước", "", "Hằng ngày"),
        ("A.II", "2", "Tưới bồn hoa trước trụ sở", "Tổ Nước", "", "2026"),
    ]


def test_a_header_over_two_lines_divides_and_its_numbering_is_no_task() -> None:
    lines = """
                            Phân công thực hiện       Thời gian
    TT   Nội dung công việc                             hoàn
                             Chủ trì     Phối hợp      thành
    (1)        (2)             (3)         (4)          (5)
    1    Quét rác           Tổ Nước     Tổ Cây        Quý II
"""
    assert told(opened(lines)) == [("", "1", "Quét rác", "Tổ Nước", "Tổ Cây", "Quý II", "")]


def test_cells_that_a_single_space_parts_are_to_be_looked_at() -> None:
    lines = """
TT  Nội dung         Đơn vị chủ trì   Thời gian
1   Trồng hoa        Tổ Cây           Quý II
2   Tưới hoa ven đường Tổ Nước và Tổ  Quý III
                     Cây xanh
"""
    first, second = opened(lines).tasks
    assert (second.content, second.leads) == ("Tưới hoa ven đường", ("Tổ Nước và Tổ Cây xanh",))
    assert not any("một dấu cách" in warning for warning in first.warnings)
    assert any("một dấu cách" in warning for warning in second.warnings)


EDGE = """
STT  Nội dung               Đơn vị chủ trì   Thời gian
1.1  Trồng hoa, tưới hoa    Tổ Cây           Quý II
     theo Kế hoạch số
     9/KH-TC ngày 02/3/20
25 triển
khai việc
tưới hoa
1.2  Cắt tỉa cây ven hồ và  Tổ Nước          Quý III
     mọi tuyến phố, đủ các Tổ Cây
     loại cây
"""


def test_lines_that_a_page_gave_at_its_edge_are_the_rest_of_the_text_above() -> None:
    first, second = opened(EDGE).tasks
    assert (first.ordinal, first.content[-28:]) == ("1.1", "02/3/20 25 triển khai việc tưới hoa"[-28:])
    assert second.content.startswith("Cắt tỉa cây")


def test_a_line_with_one_space_between_its_cells_goes_on_with_its_row() -> None:
    second = opened(EDGE).tasks[1]
    assert (second.content, second.source.lead_text) == (
        "Cắt tỉa cây ven hồ và mọi tuyến phố, đủ các loại cây", "Tổ Nước Tổ Cây"
    )  # fmt: skip
    assert opened(EDGE).unread == ()


TIGHT = """
TT       Nội dung             Chủ trì   Phối hợp    Thời gian
Nhóm việc về hoa và cây cảnh
1 Trồng hoa ven hồ, thay cây Tổ Cây    Tổ Nước và Hằng năm
   chết                      xanh      Trạm Y tế
2 Tưới hoa, tỉa cành, làm cỏ Tổ Nước Tổ Cây xanh Quý II/2026
Nhóm việc về nước
3Đắp bờ                      Tổ Cây    Trạm Y tế   Quý III
   quanh vườn                xanh
"""


def test_numbers_in_a_column_of_two_letters_are_told_from_titles_and_texts() -> None:
    reading = opened(TIGHT)
    assert [group.title for group in reading.groups] == ["Nhóm việc về hoa và cây cảnh", "Nhóm việc về nước"]
    assert [task[:5] for task in told(reading)] == [
        ("I", "1", "Trồng hoa ven hồ, thay cây chết", "Tổ Cây xanh", "Tổ Nước và Trạm Y tế"),
        ("I", "2", "Tưới hoa, tỉa cành, làm cỏ", "Tổ Nước", "Tổ Cây xanh"),
        ("II", "3", "Đắp bờ quanh vườn", "Tổ Cây xanh", "Trạm Y tế"),
    ]


def test_text_that_lost_its_columns_is_named_line_by_line_and_makes_no_task() -> None:
    lines = ["TT Nội dung công việc Đơn vị chủ trì Thời gian", "1 Trồng hoa ven hồ, thay cây", "chết Tổ Cây Hằng năm"]
    reading = opened("\n".join(lines))
    assert reading.tasks == ()
    assert [piece.text for piece in reading.unread if "bảng nào" in piece.reason] == lines


BESIDE = """
TT  Nội dung              Chủ trì      Phối hợp       Thời gian
1   Trồng hoa ven hồ      Tổ Cây Tổ Hoa Hồng          Quý II
    Sen                   xanh         và Trạm Y tế
2   Tưới hoa              Tổ Nước      Tổ Cây xanh    Quý III
"""


def test_words_that_stand_together_in_the_body_are_not_parted_by_columns() -> None:
    text = f"KẾ HOẠCH\nVề cây\n\n1. Tổ Hoa Hồng trồng hoa; Tổ Hoa Hồng tưới hoa.\n\nPHỤ LỤC\n{BESIDE}"
    first = read_plan("a.txt", text.encode()).tasks[0]
    assert (first.source.lead_text, first.source.coordinators_text) == ("Tổ Cây xanh", "Tổ Hoa Hồng và Trạm Y tế")


def test_a_heading_in_the_middle_of_a_wide_column_does_not_move_the_column() -> None:
    header = f"STT  {'Nội dung'.center(76)}  Chủ trì     Thời gian"
    text = "Trồng hoa ven hồ Sen, tại các dải phân cách và trước trụ sở của Ủy ban nhân"
    rows = [f"{at}    {text:<76}  {'Tổ Cây':<12}Quý II\n     dân phường" for at in range(1, 5)]
    reading = opened("\n".join([header, *rows]))
    assert [task[1:4] for task in told(reading)] == [(str(at), f"{text} dân phường", "Tổ Cây") for at in range(1, 5)]


def test_a_number_and_a_title_in_one_cell_head_the_rows_numbered_below() -> None:
    lines = """
TT     Nội dung             Chủ trì     Thời gian
1. Về cây
1.1    Trồng cây ven hồ     Tổ Cây      Quý II
2. Về nước
2.1    Tưới hoa             Tổ Nước     Quý III
"""
    assert [group.title for group in opened(lines).groups] == ["Về cây", "Về nước"]
    assert [task[:3] for task in told(opened(lines))] == [("I", "1.1", "Trồng cây ven hồ"), ("II", "2.1", "Tưới hoa")]


def test_a_number_right_beside_a_title_heads_the_rows_numbered_below() -> None:
    lines = """
TT  Nội dung                    Chủ trì          Thời gian
1 Phát triển cây xanh ở các khu phố
1.1 Trồng cây ven hồ            Tổ Cây           Quý II
    Sen                         xanh
2 Phát triển nguồn nước sạch
2.1 Tưới hoa                    Tổ Nước          Quý III
"""
    titles = [(group.label, group.title) for group in opened(lines).groups]
    assert titles == [("1", "Phát triển cây xanh ở các khu phố"), ("2", "Phát triển nguồn nước sạch")]
    assert opened(lines).unread == ()


def test_a_number_left_alone_at_the_foot_of_a_page_is_no_heading() -> None:
    lines = """
TT   Nội dung             Chủ trì     Thời gian
VỀ CÂY XANH VÀ HOA TRONG PHƯỜNG
1.1  Trồng cây ven hồ     Tổ Cây      Quý II
2.1
                     - 2 -

TT   Nội dung             Chủ trì     Thời gian
     Tưới hoa             Tổ Nước     Quý III
"""
    assert [group.title for group in opened(lines).groups] == ["VỀ CÂY XANH VÀ HOA TRONG PHƯỜNG"]
    assert [task[:4] for task in told(opened(lines))] == [
        ("I", "1.1", "Trồng cây ven hồ", "Tổ Cây"),
        ("I", "2.1", "Tưới hoa", "Tổ Nước"),
    ]


def test_a_line_that_goes_on_with_a_year_across_two_cells_is_the_row_s() -> None:
    lines = """
TT   Nội dung                                        Chủ trì          Thời gian
1    Trồng cây ven hồ Sen và ven sông, giai đoạn     Phòng Kinh tế,   Quý II
     2026 - 2030: cây bóng mát và cây ăn quả; cả cây Hạ tầng và Đô thị
     cảnh
2    Tưới hoa                                        Tổ Nước          Quý III
"""
    reading = opened(lines)
    assert (reading.unread, reading.tasks[0].leads) == ((), ("Phòng Kinh tế, Hạ tầng và Đô thị",))


def test_a_row_whose_cell_begins_in_mid_sentence_is_to_be_looked_at() -> None:
    lines = """
TT   Nội dung             Chủ trì          Thời gian
1    Trồng cây ven hồ     Tổ Cây xanh      Quý II
2    Tưới hoa             tầng và Đô thị   Quý III
"""
    first, second = opened(lines).tasks
    assert first.warnings == ()
    assert any("bắt đầu ở giữa câu" in warning for warning in second.warnings)
