"""Aligned text whose rows have no numbers: a row begins where its cells begin together."""

import pytest

from tests.plans.test_aligned import aligned, opened, told
from webapp.plans.reading import PlanReading

HEADER = ("STT", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian", "Sản phẩm")
ROWS = (
    ("VỀ CÂY XANH CỦA PHƯỜNG",),
    ("1", "Trồng cây ven sông Hồng và các tuyến đường mới mở, thay cây chết", "Phòng Kinh tế, Hạ tầng và Đô thị",
     "Các đơn vị thuộc phường", "Quý II/2026", "Báo cáo"),
    ("2", "Cắt tỉa cây", "Trạm Y tế", "", "Hằng năm", "Biên bản, báo cáo kết quả gửi Ủy ban nhân dân phường"),
    ("VỀ HOA Ở CÁC TUYẾN PHỐ",),
    ("3", "Tưới hoa tại các dải phân cách, vườn hoa, công viên Lê Lợi", "Hội Liên hiệp Phụ nữ phường",
     "Đoàn Thanh niên; các tổ dân phố", "Trước ngày 05/6/2026", "Kế hoạch"),
    ("4", "Làm cỏ", "Công an phường", "", "Thường xuyên", ""),
)  # fmt: skip
WIDTHS = (4, 24, 18, 18, 12, 16)


def laid(header: tuple[str, ...], *, numbers: bool) -> PlanReading:
    """The rows without their numbers; where there is no column of numbers, without that either."""
    cut = 0 if numbers else 1
    rows = [cells if len(cells) == 1 else ("", *cells[1:])[cut:] for cells in ROWS]
    return opened(aligned((header[cut:], *rows), WIDTHS[cut:], 3, centred=False, blank=False))


@pytest.mark.parametrize("numbers", [True, False], ids=["numbers lost", "no column of numbers"])
def test_rows_without_numbers_are_told_apart(numbers: bool) -> None:
    reading = laid(HEADER, numbers=numbers)
    expected = [(group, content, lead, helpers, time, product) for group, (_, content, lead, helpers, time, product)
                in zip(("I", "I", "II", "II"), (row for row in ROWS if len(row) > 1), strict=True)]  # fmt: skip
    assert [(task[0], *task[2:]) for task in told(reading)] == expected
    assert reading.unread == ()


def test_rows_without_numbers_are_each_to_be_looked_at() -> None:
    assert all(any("không có STT" in warning for warning in task.warnings) for task in laid(HEADER, numbers=True).tasks)


def test_lead_and_coordinators_in_one_cell_open_a_row_too() -> None:
    header = ("Nội dung nhiệm vụ", "Đơn vị chủ trì/phối hợp", "Thời gian")
    rows = (
        ("Trồng cây ở các ngõ", "Chủ trì: Tổ Cây; Phối hợp: Tổ Nước", "Quý II"),
        ("Tưới hoa", "Chủ trì: Tổ Nước", ""),
    )
    reading = opened(aligned((header, *rows), (14, 20, 10), 3, centred=False, blank=False))
    assert [(task[2], task[3], task[4]) for task in told(reading)] == [
        ("Trồng cây ở các ngõ", "Tổ Cây", "Tổ Nước"), ("Tưới hoa", "Tổ Nước", ""),
    ]  # fmt: skip


def test_a_title_merged_over_its_row_needs_no_number_and_no_capitals() -> None:
    lines = """
TT   Nhiệm vụ            Đơn vị chủ trì   Thời hạn
Nhóm việc về hoa và cây cảnh
1    Trồng hoa           Tổ Cây           Quý II
Nhóm việc về nước
2    Tưới hoa            Tổ Nước          Quý III
"""
    assert [group.title for group in opened(lines).groups] == ["Nhóm việc về hoa và cây cảnh", "Nhóm việc về nước"]
    assert [task[:3] for task in told(opened(lines))] == [("I", "1", "Trồng hoa"), ("II", "2", "Tưới hoa")]
