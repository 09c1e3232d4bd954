"""The body: targets, tasks and the duties of units, each with its sentence; offered where there is no appendix."""

from tests.plans.samples import HEAD, read, row
from webapp.plans.reading import PlanReading, read_plan

BODY = """KẾ HOẠCH

Chăm sóc cây xanh

I. MỤC ĐÍCH, YÊU CẦU

1. Mục đích

Giữ 100% đường phố sạch.

II. MỤC TIÊU

1. Mục tiêu tổng quát

Phấn đấu phường xanh, đạt 50% diện tích.

2. Mục tiêu cụ thể đến năm 2030

a) Về cây

- Tỷ lệ cây sống đạt trên 90%.

- Hình thành vườn ươm của phường.

b) Về hoa

- Mỗi năm trồng từ 02 đến 03 vườn hoa.

III. NHIỆM VỤ, GIẢI PHÁP

1. Trồng mới

- Trồng cây ven sông theo quy hoạch, ưu tiên các tuyến

phố mới mở.

- Vận động các hộ trồng cây, gồm:
+ Hộ mặt đường;
+ Hộ trong ngõ.

2. Cắt tỉa cây trước mùa mưa bão ở mọi tuyến phố, bảo đảm an toàn cho người đi đường và lưới điện.

IV. TỔ CHỨC THỰC HIỆN

1. Phòng Kinh tế, Hạ tầng và Đô thị

- Là cơ quan đầu mối; xây dựng các báo cáo định kỳ (6 tháng, năm), báo cáo tổng kết.

- Tổ chức kiểm tra cây.

2. Đề nghị Ủy ban MTTQ Việt Nam phường và các đoàn thể

- Vận động Nhân dân tham gia.

3. Các trường học trồng tối thiểu 10 cây mỗi năm trong khuôn viên.

4. Giao Trạm Y tế phối hợp theo dõi.

Trên đây là Kế hoạch, yêu cầu các đơn vị thực hiện (Phụ lục kèm theo)./.

Nơi nhận:
- Như trên.
"""


def body(text: str = BODY) -> PlanReading:
    return read_plan("ke-hoach.txt", text.encode())


def test_targets_of_the_body_have_values_and_the_year_of_their_section() -> None:
    found = [each for each in body().indicators if each.place.line < 35]
    assert [(each.operator, each.value, each.value_most, each.unit, each.period, each.year) for each in found] == [
        ("more_than", 90, None, "%", "by_year", 2030),
        (None, None, None, "", None, 2030),
        ("between", 2, 3, "vườn", "yearly", 2030),
    ]
    assert found[1].name == "Hình thành vườn ươm của phường"
    assert all(each.needs_decision and each.owner is None for each in found)


def test_duties_stand_by_unit_with_their_sentence() -> None:
    duties = [(each.unit, each.text[:24], each.is_requested, each.is_open_group) for each in body().duties]
    assert duties == [
        ("Phòng Kinh tế, Hạ tầng và Đô thị", "Là cơ quan đầu mối; xây ", False, False),
        ("Phòng Kinh tế, Hạ tầng và Đô thị", "Tổ chức kiểm tra cây.", False, False),
        ("Ủy ban MTTQ Việt Nam phường và các đoàn thể", "Vận động Nhân dân tham g", True, False),
        ("Các trường học", "Các trường học trồng tối", False, True),
        ("Trạm Y tế", "Giao Trạm Y tế phối hợp ", False, False),
    ]
    assert str(body().duties[0].place) == "dòng 47"


def test_reports_that_fall_due_in_periods_are_duties_to_report() -> None:
    assert [duty.frequency for duty in body().head.reporting_duties] == ["half_yearly", "yearly", "final"]


def test_a_plan_without_its_appendix_offers_what_its_body_says() -> None:
    reading = body()
    assert reading.tasks == ()
    assert [(group.group, group.title) for group in reading.offer.groups] == [
        ("I", "Trồng mới"),
        ("II", "NHIỆM VỤ, GIẢI PHÁP"),
        ("III", "Phòng Kinh tế, Hạ tầng và Đô thị"),
        ("IV", "Ủy ban MTTQ Việt Nam phường và các đoàn thể"),
        ("V", "Các trường học"),
        ("VI", "Trạm Y tế"),
    ]
    first, second, third, *_ = reading.offer.tasks
    assert first.content == "Trồng cây ven sông theo quy hoạch, ưu tiên các tuyến phố mới mở."
    assert second.content == "Vận động các hộ trồng cây, gồm: + Hộ mặt đường; + Hộ trong ngõ."
    assert third.content.startswith("Cắt tỉa cây trước mùa mưa bão")
    assert all(task.needs_decision and "cần quyết định" in task.warnings[0] for task in reading.offer.tasks)
    assert reading.offer.tasks[3].leads == ("Phòng Kinh tế, Hạ tầng và Đô thị",)
    schools = next(task for task in reading.offer.tasks if task.vague_leads)
    assert schools.indicators[0].value == 10


def test_nothing_is_offered_beside_an_appendix() -> None:
    reading = read(row("1", "Trồng cây", "Phòng A", "", "2026", "Tỷ lệ cây sống đạt trên 90%"), head=BODY)
    assert reading.offer.tasks == () and len(reading.tasks) == 1
    assert len(reading.duties) == 5
    assert [each.value for each in reading.indicators] == [None, 2, 10]  # The row states the 90 % again.


LETTERED = """ỦY BAN NHÂN DÂN
PHƯỜNG HOA SEN

Số: 12/KH-UBND          Hoa Sen, ngày 05 tháng 3 năm 2026

KẾ HOẠCH
Chăm sóc cây xanh

A. MỤC TIÊU

- Tỷ lệ cây chết giảm bình quân 0,5 %/năm; đến năm 2030 còn từ 2% trở xuống.

- Số cây sống đạt từ 99% trở lên.

B. NHIỆM VỤ

I. Trồng mới

1. Trạm Y tế: Kiểm tra cây có độc; lập danh sách.

2. Thủ trưởng các đơn vị niêm yết nội quy.

3. Đề nghị Mặt trận Tổ quốc và các tổ chức chính trị - xã hội vận động Nhân dân.
"""


def test_a_plan_with_its_whole_letterhead_and_lettered_parts_is_read() -> None:
    reading = body(LETTERED)
    assert (reading.head.number, reading.head.date) == ("12/KH-UBND", "2026-03-05")
    assert [(each.name, each.operator, each.value, each.unit) for each in reading.indicators] == [
        ("Tỷ lệ cây chết giảm bình quân", "at_least", 0.5, "%"),
        ("Tỷ lệ cây chết giảm bình quân", "at_most", 2, "%"),
        ("Số cây sống", "at_least", 99, "%"),
    ]
    assert [(duty.unit, duty.section, duty.is_open_group) for duty in reading.duties] == [
        ("Trạm Y tế", "Trồng mới", False),
        ("Thủ trưởng các đơn vị", "Trồng mới", True),
        ("Mặt trận Tổ quốc và các tổ chức chính trị - xã hội", "Trồng mới", False),
    ]


def test_a_plan_that_says_nothing_offers_nothing() -> None:
    reading = body(HEAD)
    assert reading.indicators == reading.duties == reading.offer.tasks == ()


OTHERS = """KẾ HOẠCH

Chăm sóc cây xanh

I. MỤC TIÊU

- Duy trì hoạt động của các tổ trồng cây tại khu dân cư. 100% hội viên được tập huấn.

II. TỔ CHỨC THỰC HIỆN

1. Phòng Kinh tế trồng cây ở các tuyến phố. Các trường học trồng cây trong sân trường. Cây trồng phải có bóng mát.

2. Các phòng, đơn vị có liên quan; Ủy ban nhân dân các xã xây dựng kế hoạch hằng năm.

3. Ủy ban nhân dân thành phố phân công nhiệm vụ cụ thể tại Phụ lục.

4. Tự đánh giá, báo cáo kết quả trồng cây hằng năm.
"""


def test_another_unit_s_sentence_is_a_duty_of_its_own() -> None:
    assert [(duty.unit, duty.text[-32:]) for duty in body(OTHERS).duties] == [
        ("Phòng Kinh tế", "Phòng Kinh tế trồng cây ở các tuyến phố."[-32:]),
        ("Các trường học", "trường. Cây trồng phải có bóng mát."[-32:]),
        ("Các phòng, đơn vị có liên quan; Ủy ban nhân dân các xã", "nhân dân các xã xây dựng kế hoạch hằng năm."[-32:]),
        ("", "Tự đánh giá, báo cáo kết quả trồng cây hằng năm."[-32:]),
    ]


def test_a_target_without_value_beside_one_with_a_value_is_kept() -> None:
    assert [(each.name, each.value) for each in body(OTHERS).indicators] == [
        ("Duy trì hoạt động của các tổ trồng cây tại khu dân cư", None), ("hội viên được tập huấn", 100),
    ]  # fmt: skip


def test_a_report_that_names_its_period_alone_is_a_duty_to_report() -> None:
    [duty] = body(OTHERS).head.reporting_duties
    assert (duty.frequency, duty.date_text) == ("yearly", None)


def test_a_dash_at_which_a_line_was_broken_opens_no_item() -> None:
    lines = "II. TỔ CHỨC THỰC HIỆN\n\n1. Đề nghị các tổ chức chính trị\n\n- xã hội\n\n- Vận động Nhân dân.\n"
    assert [(duty.unit, duty.text) for duty in body(f"KẾ HOẠCH\n\nVề cây\n\n{lines}").duties] == [
        ("các tổ chức chính trị - xã hội", "Vận động Nhân dân.")
    ]
