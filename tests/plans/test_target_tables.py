"""Tables of targets give indicators, with their units, baselines and the years by which they are to be reached."""

import pytest

from tests.plans.samples import HEAD, SIX, row, word
from tests.plans.test_aligned import aligned, opened
from webapp.plans.reading import PlanReading, read_plan

HEADER = ("STT", "Chỉ tiêu", "Đơn vị tính", "Thực hiện năm 2025", "Mục tiêu năm 2026", "Mục tiêu năm 2028", "Theo dõi")
POOR = ("1", "Tỷ lệ hộ nghèo", "%", "1,8", "1,2", "0,5", "Phòng A")
JOBS = ("2", "Việc làm mới", "Người", "1.650", "≥ 1.700", "", "Các thôn")
TASK = row("1", "Trồng hoa", "Phòng A", "", "2026", "Báo cáo")


def text(*rows: tuple[str, ...]) -> PlanReading:
    tables = [*(row(*cells) for cells in rows), "", "PHỤ LỤC II", "", row(*SIX), TASK]
    return read_plan("a.txt", (HEAD + "\n".join(tables)).encode())


def told(reading: PlanReading) -> list[tuple[str, str | None, float | None, str, int | None, float | None]]:
    return [(each.name, each.operator, each.value, each.unit, each.year, each.baseline) for each in reading.indicators]


def test_each_year_s_value_is_a_target_with_its_baseline() -> None:
    reading = text(HEADER, POOR, JOBS)
    assert told(reading) == [
        ("Tỷ lệ hộ nghèo", "at_most", 1.2, "%", 2026, 1.8),
        ("Tỷ lệ hộ nghèo", "at_most", 0.5, "%", 2028, 1.8),
        ("Việc làm mới", "at_least", 1700, "Người", 2026, 1650),
    ]
    assert [each.owner for each in reading.indicators] == ["Phòng A", "Phòng A", None]
    assert reading.indicators[0].baseline_year == 2025
    assert ([task.content for task in reading.tasks], reading.unread) == (["Trồng hoa"], ())


def test_a_header_over_two_rows_gives_the_years() -> None:
    first, second = ("TT", "Tên chỉ tiêu", "ĐVT", "Kế hoạch", ""), ("", "", "", "2026", "2027")
    reading = read_plan("a.docx", word([[first, second, ("1", "Cây sống", "%", "Trên 90", "95 - 98")]]))
    assert told(reading)[0] == ("Cây sống", "more_than", 90, "%", 2026, None)
    assert (reading.indicators[1].value, reading.indicators[1].value_most) == (95, 98)


def test_a_target_without_value_is_one_all_the_same() -> None:
    [target] = text(HEADER, ("1", "Vườn hoa", "Vườn", "", "", "", "Phòng A")).indicators
    assert (target.name, target.value, target.unit) == ("Vườn hoa", None, "Vườn")


NAMES = ("STT", "Chỉ tiêu", "Đơn vị tính", "Thực hiện năm 2025", "Kế hoạch năm 2026", "Đơn vị theo dõi")
VALUES = (
    ("I", "Lĩnh vực cây xanh", "", "", "", ""),
    ("1", "Số cây trồng mới trên các tuyến phố", "Cây", "120", "≥ 150", "Phòng Kinh tế, Hạ tầng và Đô thị"),
    ("2", "Tỷ lệ cây chết", "%", "6,1", "Dưới 5", "Tổ Cây"),
    ("II", "Lĩnh vực hoa", "", "", "", ""),
    ("3", "Số vườn hoa", "Vườn hoa nhỏ", "", "12", "Tổ Nước"),
)


@pytest.mark.parametrize("numbers", [True, False], ids=["numbered", "without numbers"])
def test_aligned_columns_of_targets_are_read_as_cells_are(numbers: bool) -> None:
    cut = 0 if numbers else 1
    table = aligned(
        [row[cut:] for row in (NAMES, *VALUES)], (4, 20, 8, 12, 12, 18)[cut:], 2, centred=False, blank=False
    )
    reading = opened(table)
    assert [(each.name, each.operator, each.value, each.unit, each.baseline, each.year, each.owner)
            for each in reading.indicators] == [
        ("Số cây trồng mới trên các tuyến phố", "at_least", 150, "Cây", 120, 2026, "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("Tỷ lệ cây chết", "less_than", 5, "%", 6.1, 2026, "Tổ Cây"),
        ("Số vườn hoa", "at_least", 12, "Vườn hoa nhỏ", None, 2026, "Tổ Nước"),
    ]  # fmt: skip
    assert (reading.tasks, [piece.text for piece in reading.unread]) == ((), ["PHỤ LỤC"])
