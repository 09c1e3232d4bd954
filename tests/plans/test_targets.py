"""Targets: operator, value, unit, of what, by when, part of which; and what a task is to bring forth."""

import pytest

from tests.plans.samples import SIX, read, row
from webapp.plans.reading import Indicator, Place, TaskReading
from webapp.plans.reading.targets import aims_in

HEADER = SIX


def task(product: str = "", content: str = "Chăm sóc cây xanh", lead: str = "Phòng A") -> TaskReading:
    [found] = read(row("1", content, lead, "", "2026", product)).tasks
    return found


def only(product: str, content: str = "Chăm sóc cây xanh") -> Indicator:
    [found] = task(product, content).indicators
    return found


@pytest.mark.parametrize(
    ("text", "operator", "value", "unit", "period", "year"),
    [
        ("Phấn đấu đến năm 2030 đạt 3% tổng chi ngân sách phường", "at_least", 3, "%", "by_year", 2030),
        ("Tỷ lệ cây sống đạt trên 95 %", "more_than", 95, "%", None, None),
        ("Ít nhất 1.000 biểu ghi mỗi năm", "at_least", 1000, "biểu ghi", "yearly", None),
        ("Duy trì tối thiểu 2500 cây", "at_least", 2500, "cây", None, None),
        ("Khoảng 10.000 lượt truy cập/năm", "about", 10000, "lượt truy cập", "yearly", None),
        ("Đạt trên 50 nhiệm vụ vào năm 2030", "more_than", 50, "nhiệm vụ", "by_year", 2030),
        ("Đạt 3,5 triệu lượt khách năm 2026", "at_least", 3.5, "triệu lượt khách", "by_year", 2026),
        ("Không quá 0,5% cây chết", "at_most", 0.5, "%", None, None),
        ("Tổ chức 01 buổi/quý", "at_least", 1, "buổi", "quarterly", None),
        ("Tối thiểu đạt 60% vào năm 2030", "at_least", 60, "%", "by_year", 2030),
        ("100% cán bộ được tập huấn ít nhất 01 lần/năm", "at_least", 100, "%", "yearly", None),
        ("Giảm tỷ lệ cây chết từ 18% năm 2025 xuống còn 14%", "at_most", 14, "%", None, None),
        ("Giảm ít nhất 20% thời gian tưới", "at_least", 20, "%", None, None),
        ("Tỷ lệ trẻ em dưới 5 tuổi biết trồng cây đạt 60%", "at_least", 60, "%", None, None),
    ],
)
def test_a_target_is_read(
    text: str, operator: str, value: float, unit: str, period: str | None, year: int | None
) -> None:
    found = only(text)
    assert (found.operator, found.value, found.unit, found.period, found.year) == (operator, value, unit, period, year)
    assert found.text == text and found.owner == "Phòng A"


def test_a_span_of_values() -> None:
    found = only("Mỗi năm có từ 01 đến 02 sáng kiến trở lên được áp dụng")
    assert (found.operator, found.value, found.value_most, found.unit) == ("between", 1, 2, "sáng kiến")


def test_a_nested_part_names_what_it_is_a_part_of() -> None:
    main, part = task("Chi cho nghiên cứu đạt 2% GRDP, trong đó nguồn xã hội chiếm hơn 60%").indicators
    assert (main.value, main.denominator, main.part_of) == (2, "GRDP", None)
    assert (part.name, part.operator, part.value, part.part_of) == ("nguồn xã hội", "more_than", 60, main.name)
    main, part = task("Tối thiểu 02 phiên/năm, trong đó tối thiểu 01 phiên có đối tác nước ngoài").indicators
    assert (main.value, part.value, part.part_of) == (2, 1, main.name)


def test_several_values_of_one_sentence() -> None:
    found = task("Duy trì tối thiểu 2500 tin, 200 nhà cung cấp; trên 4.000 lượt truy cập/tháng").indicators
    told = [(each.operator, each.value, each.unit, each.period) for each in found]
    assert told == [
        ("at_least", 2500, "tin", None), ("at_least", 200, "nhà cung cấp", None),
        ("more_than", 4000, "lượt truy cập", "monthly"),
    ]  # fmt: skip


def test_a_baseline_and_its_year() -> None:
    found = only("Tăng tỷ lệ hồ sơ trực tuyến từ 35% năm 2025 lên 60% vào năm 2028")
    assert (found.value, found.baseline, found.baseline_year, found.year) == (60, 35, 2025, 2028)


def test_a_value_alone_is_about_the_task() -> None:
    assert only("Đạt trên 150 cây vào năm 2030", "Số cây trồng mới/năm").name == "Số cây trồng mới/năm"


def test_what_is_to_be_told_without_a_value_is_an_indicator_all_the_same() -> None:
    found = task("Báo cáo kết quả (nêu rõ số lượng tin bài, số cuộc tuyên truyền...)").indicators
    assert [(each.name, each.value, each.operator) for each in found] == [
        ("số lượng tin bài", None, None), ("số cuộc tuyên truyền", None, None),
    ]  # fmt: skip


def test_nobody_answers_where_the_lead_is_open() -> None:
    assert [each.owner for each in task("Đạt 100% cây sống", lead="Các đơn vị thuộc phường").indicators] == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Báo cáo theo Nghị định số 30/2020/NĐ-CP ngày 05/3/2020",
        "Kế hoạch 5 năm giai đoạn 2026-2030",
        "Báo cáo 6 tháng, năm",
        "Vận hành chính quyền địa phương 02 cấp",
        "Thực hiện Đề án 06, điểm 2 khoản 3 Điều 4",
        "Phủ sóng 5G",
        "Đánh giá sau 12 tháng trồng",
    ],
)
def test_other_numbers_are_no_targets(text: str) -> None:
    assert task(text).indicators == ()


@pytest.mark.parametrize(
    ("text", "deliverables"),
    [
        ("01 - 02 vườn ươm/năm", ["01 - 02 vườn ươm/năm"]),
        ("Kế hoạch giai đoạn 2026 - 2030", ["Kế hoạch giai đoạn 2026 - 2030"]),
        ("- 01 vườn năm 2026 - 02 lớp", ["01 vườn năm 2026", "02 lớp"]),
        ("Báo cáo", ["Báo cáo"]),
        ("Báo cáo, đề xuất", ["Báo cáo", "đề xuất"]),
        ("Diễn đàn, hội nghị, hội thảo, Báo cáo", ["Diễn đàn, hội nghị, hội thảo", "Báo cáo"]),
        ("Tờ trình kèm dự thảo; Báo cáo hằng năm", ["Tờ trình kèm dự thảo", "Báo cáo hằng năm"]),
        ("Ban hành Kế hoạch (cấp phường, xã) và báo cáo", ["Ban hành Kế hoạch (cấp phường, xã)", "báo cáo"]),
        ("", []),
    ],
)
def test_deliverables_are_told_apart(text: str, deliverables: list[str]) -> None:
    assert [each.text for each in task(text).deliverables] == deliverables


def test_any_of_several_will_do() -> None:
    assert task("Chương trình/Kế hoạch").deliverables[0].alternatives == ("Chương trình", "Kế hoạch")
    assert task("Báo cáo theo Kế hoạch số 16/KH-UBND").deliverables[0].alternatives == ()
    assert task("01 lớp/năm").deliverables[0].alternatives == ()


def test_what_brackets_ask_for_and_what_may_not_arise() -> None:
    [found] = task("Báo cáo (nêu rõ số cây)").deliverables
    assert found.instruction == "nêu rõ số cây"
    assert [each.is_conditional for each in task("Báo cáo; sự kiện khác (nếu có)").deliverables] == [False, True]


def test_a_deliverable_for_each_phase() -> None:
    timing = "Trình tháng 4 năm 2026; triển khai giai đoạn 2026 - 2030"
    [found] = read(row("1", "Lập quy chế", "Phòng A", "", timing, "Tờ trình; Báo cáo hằng năm")).tasks
    assert [each.phase for each in found.deliverables] == [0, 1]


def test_what_qualifies_a_share_stays_in_its_name() -> None:
    found = only("100% trường học được trang bị ít nhất 01 vườn cây")
    assert (found.name, found.value) == ("trường học được trang bị ít nhất 01 vườn cây", 100)


def test_a_bracket_that_a_name_does_not_open_is_left_out() -> None:
    main, part = task("100% hộ dân phân loại rác (100% hộ mặt đường dùng hai thùng...)").indicators
    assert (main.name, part.name) == ("hộ dân phân loại rác", "hộ mặt đường dùng hai thùng")


def test_a_count_is_named_by_more_than_one_word_before_it() -> None:
    assert only("Giáo viên được tham gia đào tạo, huấn luyện ít nhất 01 lượt").name == (
        "Giáo viên được tham gia đào tạo, huấn luyện lượt"
    )


def test_an_age_says_who_is_meant_and_is_no_target() -> None:
    assert task("Danh sách", content="Tặng cây cho người từ đủ 75 tuổi, trẻ dưới 60 tháng tuổi").indicators == ()
    assert only("", content="Tuổi thọ trung bình đạt trên 76 tuổi").value == 76


def test_where_aims_are_set_each_count_is_one() -> None:
    text = "Trồng 2.000 cây; vận động từ 100 đến 150 suất quà, mỗi suất trị giá 500.000 đồng theo Đề án 06 năm 2026."
    assert [(each.operator, each.value, each.value_most, each.unit) for each in aims_in(text, Place(line=1), None)] == [
        ("at_least", 2000, None, "cây"), ("between", 100, 150, "suất"),
    ]  # fmt: skip
