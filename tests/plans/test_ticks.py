"""Columns of quarters, months or years in which a tick says when a task is due."""

import pytest

from tests.plans.samples import read, row, word
from webapp.plans.reading import PlanReading, read_plan

FIRST = ("STT", "Nội dung", "Đơn vị chủ trì", "Thời gian thực hiện (quý)", "", "", "", "Sản phẩm")
SECOND = ("", "", "", "I", "II", "III", "IV", "")


def planned(*ticks: str) -> PlanReading:
    return read(row(*SECOND), row("1", "Trồng hoa", "Phòng A", *ticks, "Báo cáo"), header=FIRST)


@pytest.mark.parametrize(
    ("ticks", "timing", "kind"),
    [
        (("", "x", "", ""), "Quý II", "quarter"),
        (("X", "", "✓", ""), "Quý I, III", "phases"),
        (("x", "x", "x", "x"), "Hằng quý", "quarterly"),
        (("", "", "", ""), "", "none"),
    ],
)
def test_a_tick_below_a_quarter_is_its_timing(ticks: tuple[str, ...], timing: str, kind: str) -> None:
    [task] = planned(*ticks).tasks
    assert (task.timing_text, task.timing.kind, task.product_text) == (timing, kind, "Báo cáo")
    assert any("chưa có thời gian" in warning for warning in task.warnings) is (timing == "")


def test_what_is_no_tick_is_kept_beside_it() -> None:
    [task] = planned("", "x", "15/8", "").tasks
    assert task.timing_text == "Quý II"
    assert task.extra == (("Thời gian thực hiện (quý) III", "15/8"),)


def test_months_and_years_beside_each_other_are_ticked_too() -> None:
    months = ("TT", "Nhiệm vụ", "Chủ trì", "Tháng 5", "Tháng 6", "Tháng 7")
    years = ("TT", "Nhiệm vụ", "Chủ trì", "Năm 2026", "Năm 2027", "Năm 2028")
    [task] = read(row("1", "Trồng hoa", "Phòng A", "x", "", "x"), header=months).tasks
    assert (task.timing_text, [phase.month for phase in task.timing.phases]) == ("Tháng 5, 7", [5, 7])
    [task] = read(row("1", "Trồng hoa", "Phòng A", "x", "x", ""), header=years).tasks
    assert (task.timing_text, task.timing.to_year) == ("2026 - 2027", 2027)


def test_ticks_of_a_word_table_are_read_below_its_merged_heading() -> None:
    data = word([[FIRST, SECOND, ("1", "Trồng hoa", "Phòng A", "", "", "x", "", "Báo cáo")]])
    [task] = read_plan("a.docx", data).tasks
    assert (task.timing_text, task.content) == ("Quý III", "Trồng hoa")


def test_a_row_that_numbers_the_columns_is_no_row_of_months() -> None:
    header = ("STT", "Nội dung", "Đơn vị chủ trì", "Thời gian (tháng)", "Sản phẩm")
    numbering = row("(1)", "(2)", "(3)", "(4)", "(5)")
    [task] = read(numbering, row("1", "Trồng hoa", "Phòng A", "Tháng 5/2026", "Báo cáo"), header=header).tasks
    assert (task.timing_text, task.product_text) == ("Tháng 5/2026", "Báo cáo")


ALIGNED = """PHỤ LỤC

STT   Nội dung       Đơn vị       Thời gian thực hiện (quý)    Sản phẩm
      công việc      chủ trì
                                  I      II      III     IV
1     Trồng hoa ở    Tổ Cây xanh          x                    Báo cáo,
      vườn hoa                                                 biên bản
2     Tưới hoa       Tổ Nước      x       x      x       x     Nhật ký
"""


def test_ticks_of_aligned_text_stand_below_their_quarter() -> None:
    tasks = read_plan("a.txt", ALIGNED.encode()).tasks
    assert [(task.content, task.timing_text, task.product_text) for task in tasks] == [
        ("Trồng hoa ở vườn hoa", "Quý II", "Báo cáo, biên bản"), ("Tưới hoa", "Hằng quý", "Nhật ký"),
    ]  # fmt: skip
