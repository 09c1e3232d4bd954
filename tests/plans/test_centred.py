"""Aligned text whose short cells stand in the middle of their row's height: the number is not in its first line."""

import pytest

from tests.plans.test_aligned import opened, told

CENTRED = """
STT   Nội dung            Đơn vị chủ trì       Thời gian
      Trồng cây ven sông
1     và các tuyến đường  Tổ Cây xanh          Quý II
      mới mở
II. VỀ TƯỚI CÂY VÀ TƯỚI HOA
      Tưới hoa mỗi ngày
      hai lần vào mùa hè
                          Phòng Kinh tế, Hạ
2     và một lần vào mùa                       Hằng ngày
                          tầng và Đô thị
      đông, kể cả những
      ngày nghỉ
                          Trạm
3     Cắt cỏ                                   Quý III
                          Y tế
"""
PAGES = """
STT   Nội dung            Đơn vị chủ trì       Thời gian
1     Trồng cây ven sông  Tổ Cây xanh          Quý II
      và các tuyến đường
                          - 2 -

STT   Nội dung            Đơn vị chủ trì       Thời gian
      mới mở
      Tưới hoa mỗi ngày
2     hai lần vào mùa hè  Tổ Nước              Hằng ngày
      và mùa thu
      Cắt cỏ ven hồ, ven
3     sông và trong các   Trạm Y tế            Quý III
      công viên
"""


def test_a_row_reaches_as_far_up_as_down_from_its_number() -> None:
    assert [task[:4] for task in told(opened(CENTRED))] == [
        ("", "1", "Trồng cây ven sông và các tuyến đường mới mở", "Tổ Cây xanh"),
        ("II", "2", "Tưới hoa mỗi ngày hai lần vào mùa hè và một lần vào mùa đông, kể cả những ngày nghỉ",
         "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("II", "3", "Cắt cỏ", "Trạm Y tế"),
    ]  # fmt: skip


def test_what_a_page_cut_off_goes_to_the_row_before() -> None:
    assert [task[:4] for task in told(opened(PAGES))] == [
        ("", "1", "Trồng cây ven sông và các tuyến đường mới mở", "Tổ Cây xanh"),
        ("", "2", "Tưới hoa mỗi ngày hai lần vào mùa hè và mùa thu", "Tổ Nước"),
        ("", "3", "Cắt cỏ ven hồ, ven sông và trong các công viên", "Trạm Y tế"),
    ]


def test_a_number_alone_on_the_middle_line_of_its_row_is_no_page_s() -> None:
    reading = opened(
        """
STT  Nội dung                  Đơn vị chủ trì   Thời gian
     Trồng hoa ven hồ, thay    Tổ Cây
 1                                              Quý II
     cây chết                  xanh
     Tưới hoa mỗi ngày hai     Tổ Nước và
 2                                              Hằng ngày
     lần                       Tổ Cây xanh
"""
    )
    assert [(task.ordinal, " ".join(task.content.split()), *task.leads) for task in reading.tasks] == [
        ("1", "Trồng hoa ven hồ, thay cây chết", "Tổ Cây xanh"),
        ("2", "Tưới hoa mỗi ngày hai lần", "Tổ Nước và Tổ Cây xanh"),
    ]


def test_titles_in_capitals_in_the_middle_of_the_table_head_their_groups() -> None:
    lines = """
STT   Nội dung                           Đơn vị chủ trì        Thời gian
                          VỀ CÂY VÀ HOA VEN HỒ
                                         Phòng Kinh tế, Hạ
1     Trồng cây ven sông                                       Quý II
                                         tầng và Đô thị
      Tưới hoa mỗi ngày hai lần vào mùa
2                                        Tổ Nước               Hằng ngày
      hè
                            VỀ CỎ TRÊN VỈA HÈ
      Cắt cỏ ven hồ, ven sông và trong
1                                        Trạm Y tế             Quý III
      các công viên
"""
    assert [group.title for group in opened(lines).groups] == ["VỀ CÂY VÀ HOA VEN HỒ", "VỀ CỎ TRÊN VỈA HÈ"]
    assert [task[:4] for task in told(opened(lines))] == [
        ("I", "1", "Trồng cây ven sông", "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("I", "2", "Tưới hoa mỗi ngày hai lần vào mùa hè", "Tổ Nước"),
        ("II", "1", "Cắt cỏ ven hồ, ven sông và trong các công viên", "Trạm Y tế"),
    ]


def test_texts_of_one_line_do_not_hide_that_numbers_stand_in_the_middle() -> None:
    lines = """
STT   Nội dung                Đơn vị chủ trì        Thời gian
                              Phòng Kinh tế, Hạ
1     Trồng cây ven sông                            Quý II
                              tầng và Đô thị
      Tưới hoa mỗi ngày hai
2     lần vào mùa hè và một   Tổ Nước               Hằng ngày
      lần vào mùa đông
                              Tổ Cây xanh, Tổ
3     Cắt cỏ ven hồ                                 Quý III
                              Hoa Hồng
"""
    assert [task[1:4] for task in told(opened(lines))] == [
        ("1", "Trồng cây ven sông", "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("2", "Tưới hoa mỗi ngày hai lần vào mùa hè và một lần vào mùa đông", "Tổ Nước"),
        ("3", "Cắt cỏ ven hồ", "Tổ Cây xanh, Tổ Hoa Hồng"),
    ]


CUT = """
STT  Nội dung                  Đơn vị chủ trì   Thời gian
1    Trồng hoa ven hồ, thay    Tổ Cây xanh      Quý II
     cây chết
2    Thăm vườn hoa nhân dịp    Tổ Nước          Ngày 01/6
     Tết Trồng cây
3                                               Quý IV
                           - 2 -

STT  Nội dung                  Đơn vị chủ trì   Thời gian
     Tưới hoa mỗi ngày hai     Tổ Cây xanh
     lần
4    Cắt cỏ ven sông           Trạm Y tế        Quý III
"""
IN_THE_MIDDLE = """
STT  Nội dung                  Đơn vị chủ trì   Thời gian
     Trồng hoa ven hồ, thay
1                              Tổ Cây xanh      Quý II
     cây chết
                                                Ngày 01/6
     Thăm vườn hoa nhân dịp
2                              Tổ Nước          và ngày 01/10
     Tết Trồng cây
                                                năm 2026
3                                               Quý IV
                           - 2 -

STT  Nội dung                  Đơn vị chủ trì   Thời gian
     Tưới hoa mỗi ngày hai     Tổ Cây xanh
     lần
4    Cắt cỏ ven sông           Trạm Y tế        Quý III
"""


@pytest.mark.parametrize("lines", [CUT, IN_THE_MIDDLE], ids=["at the top", "in the middle"])
def test_a_number_that_a_page_cut_off_from_its_text_takes_nothing_from_the_row_above(lines: str) -> None:
    assert [task[1:4] for task in told(opened(lines))] == [
        ("1", "Trồng hoa ven hồ, thay cây chết", "Tổ Cây xanh"),
        ("2", "Thăm vườn hoa nhân dịp Tết Trồng cây", "Tổ Nước"),
        ("3", "Tưới hoa mỗi ngày hai lần", "Tổ Cây xanh"),
        ("4", "Cắt cỏ ven sông", "Trạm Y tế"),
    ]
