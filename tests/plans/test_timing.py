"""The timing column in every kind seen, conditions, and what a task waits for."""

import pytest

from tests.plans.samples import read, row
from webapp.plans.reading import TaskReading
from webapp.plans.reading.timing import read_timing
from webapp.plans.timing import own_day


def task(timing: str = "2026", content: str = "Trồng cây", product: str = "Báo cáo", note: str = "") -> TaskReading:
    header = ("STT", "Nội dung", "Đơn vị chủ trì", "Thời gian", "Sản phẩm", "Ghi chú")
    [found] = read(row("1", content, "Phòng A", timing, product, note), header=header).tasks
    return found


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("", "none", None, None),
        ("2026", "year", 2026, 2026),
        ("Trong năm 2026", "year", 2026, 2026),
        ("2026-2030", "years", 2026, 2030),
        ("2026 – 2035", "years", 2026, 2035),
        ("Giai đoạn 2026 - 2030.", "years", 2026, 2030),
        ("Từ năm 2026 đến năm 2028", "years", 2026, 2028),
        ("Đến năm 2030", "years", None, 2030),
        ("Thường xuyên", "continuous", None, None),
        ("TX", "continuous", None, None),
        ("Hàng năm", "yearly", None, None),
        ("Hằng năm", "yearly", None, None),
        ("Đổi mới năm 2026", "year", 2026, 2026),
        ("Tháng 11/2026", "month", 2026, 2026),
        ("tháng 4 năm 2026", "month", 2026, 2026),
        ("Trong quý I năm 2026", "quarter", 2026, 2026),
        ("Quý IV/2026", "quarter", 2026, 2026),
        ("Trước ngày 30/6/2026", "date", 2026, 2026),
        ("ngày 05 tháng 12 năm 2026", "date", 2026, 2026),
        ("6 tháng đầu năm 2026", "half_year", 2026, 2026),
        ("Báo cáo trong tháng 12 hàng năm", "yearly_month", None, None),
        ("Hàng quý", "quarterly", None, None),
        ("Hằng ngày", "continuous", None, None),
        ("Khi có bão, áp thấp nhiệt đới", "ad_hoc", None, None),
        ("Định kỳ 6 tháng", "half_yearly", None, None),
        ("Hằng tháng", "monthly", None, None),
        ("Sau khi có hướng dẫn của Bộ Xây dựng.", "blocked", None, None),
        ("Khi có yêu cầu", "ad_hoc", None, None),
        ("Khi Bộ Xây dựng ban hành hướng dẫn", "blocked", None, None),
        ("Năm 2026 và các năm tiếp theo", "yearly", 2026, None),
        ("Từ năm 2026", "yearly", 2026, None),
        ("Thu phí từ năm 2027", "yearly", 2027, None),
        ("Hằng năm (từ năm 2027)", "yearly", 2027, None),
        ("Từ năm 2027, xong năm 2029", "years", 2027, 2029),
        ("Xong trước năm 2028", "years", None, 2027),
        ("Từ nay đến 2030", "years", None, 2030),
        ("Cả năm", "continuous", None, None),
        ("6 tháng/lần", "half_yearly", None, None),
        ("01 lần/quý", "quarterly", None, None),
        ("Trước ngày 20 của tháng cuối quý", "quarterly", None, None),
        ("T6/2026", "month", 2026, 2026),
        ("Tuần 2 tháng 5/2026", "month", 2026, 2026),
        ("Ngay sau Tết", "unknown", None, None),
        ("3 tháng/lần", "quarterly", None, None),
        ("03 tháng một lần", "quarterly", None, None),
        ("2 tháng/lần", "unknown", None, None),
        ("Hai năm một lần", "unknown", None, None),
        ("Định kỳ 6 tháng, hằng năm", "half_yearly", None, None),
        ("Hằng tháng từ tháng 7/2026", "monthly", 2026, None),
        ("Hằng tháng (từ năm 2027)", "monthly", 2027, None),
        ("Trước 30.6.2026", "date", 2026, 2026),
    ],
)
def test_each_kind_is_known(text: str, kind: str, first: int | None, last: int | None) -> None:
    timing = task(text).timing
    assert (timing.kind, timing.from_year, timing.to_year) == (kind, first, last)
    assert task(text).timing_text == text


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("Quý II, IV năm 2026", ["Quý II năm 2026", "Quý IV năm 2026"]),
        ("Tháng 3 và tháng 9/2026", ["Tháng 3/2026", "Tháng 9/2026"]),
        ("02 lần/năm (tháng 6 và tháng 12)", ["02 lần/năm (tháng 6)", "02 lần/năm (tháng 12)"]),
        ("Tháng 6, 12 hằng năm", ["Tháng 6 hằng năm", "Tháng 12 hằng năm"]),
        ("Quý III, IV năm 2026", ["Quý III, IV năm 2026"]),
        ("Quý II - IV/2026", ["Quý II - IV/2026"]),
        ("Trước ngày 15/6 và trước ngày 15/12/2026", ["Trước ngày 15/6/2026", "Trước ngày 15/12/2026"]),
        ("Trước 15/6, 15/12 hằng năm", ["Trước 15/6 hằng năm", "Trước 15/12 hằng năm"]),
        ("Từ 15/10 đến 15/11/2026", ["Từ 15/10 đến 15/11/2026"]),
    ],
)
def test_times_that_are_listed_are_phases_unless_they_follow_each_other(text: str, phases: list[str]) -> None:
    assert [phase.text for phase in task(text).timing.phases] == phases


@pytest.mark.parametrize(
    ("text", "quarter", "month", "day"),
    [
        ("Quý III năm 2026", 3, None, None),
        ("Quý I - II/2026", 2, None, None),
        ("Tháng 5 - 7/2026", None, 7, None),
        ("Trước 15/12/2026", None, 12, 15),
        ("Trình trong tháng 01 hàng năm", None, 1, None),
    ],
)
def test_the_last_time_that_is_named_counts(text: str, quarter: int | None, month: int | None, day: int | None) -> None:
    [phase] = task(text).timing.phases
    assert (phase.quarter, phase.month, phase.day) == (quarter, month, day)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Trình tháng 4 năm 2026; chăm sóc giai đoạn 2026 - 2030", ["month", "years"]),
        ("Trồng trong năm 2026. Chăm sóc thường xuyên.", ["year", "continuous"]),
        ("Trồng trong năm 2026 và báo cáo hằng năm", ["year", "yearly"]),
        ("Trình sau khi có hướng dẫn của Sở; trồng 2027", ["blocked", "year"]),
        ("Thường xuyên; có báo cáo", ["continuous"]),
        ("Ban hành và triển khai trong năm 2026", ["year"]),
    ],
)
def test_two_phases_in_one_cell_are_told_apart(text: str, kinds: list[str]) -> None:
    timing = task(text).timing
    assert [phase.kind for phase in timing.phases] == kinds
    assert timing.kind == ("phases" if len(kinds) > 1 else kinds[0])


def test_a_month_may_begin_a_span_or_end_one() -> None:
    [span] = task("Từ tháng 3 đến tháng 10/2026").timing.phases
    assert (str(span.starts_on), str(span.ends_on)) == ("2026-03-01", "2026-10-31")
    [before] = task("Hoàn thành trước tháng 6/2026").timing.phases
    assert (before.starts_on, str(before.ends_on)) == (None, "2026-05-31")
    assert str(own_day(before, 2026)) == "2026-05-31"


def test_a_timing_that_is_not_understood_is_said() -> None:
    assert "Chưa hiểu thời gian" in task("Khi cây ra hoa").warnings[0]


@pytest.mark.parametrize(
    ("text", "recurrence", "month_of_period", "day"),
    [
        ("Trước ngày 15 hàng tháng", "monthly", 1, 15),
        ("Hằng tháng (trước ngày mùng 5)", "monthly", 1, 5),
        ("Định kỳ hằng tháng, trước ngày 05 tháng sau", "monthly", 2, 5),
        ("Trước ngày 10 của tháng cuối quý", "quarterly", 3, 10),
        ("Hằng quý, ngày 25 tháng cuối quý", "quarterly", 3, 25),
        ("Trước ngày 05 của tháng đầu quý sau", "quarterly", 4, 5),
        ("Ngày 20 tháng thứ hai của mỗi quý", "quarterly", 2, 20),
    ],
)
def test_the_day_of_each_period_is_read(text: str, recurrence: str, month_of_period: int, day: int) -> None:
    [phase] = task(text).timing.phases
    assert (phase.recurrence, phase.month_of_period, phase.day) == (recurrence, month_of_period, day)
    assert task(text).warnings == ()


@pytest.mark.parametrize(
    ("text", "weekday"), [("Thứ Sáu hằng tuần", 5), ("Chiều thứ 6 hàng tuần", 5), ("Chủ nhật hằng tuần", 7)]
)
def test_the_day_of_each_week_is_read(text: str, weekday: int) -> None:
    [phase] = task(text).timing.phases
    assert (phase.recurrence, phase.weekday, task(text).warnings) == ("weekly", weekday, ())


@pytest.mark.parametrize(
    ("text", "recurrence", "times"),
    [
        ("02 lần/tuần", "weekly", 2),
        ("Mỗi tháng 02 lần", "monthly", 2),
        ("3 lần/năm", "yearly", 3),
        ("02 lần/năm", "half_yearly", None),
        ("Mỗi tuần một lần", "weekly", None),
    ],
)
def test_how_often_within_each_period_is_read(text: str, recurrence: str, times: int | None) -> None:
    [phase] = task(text).timing.phases
    assert (phase.recurrence, phase.times, task(text).warnings) == (recurrence, times, ())


@pytest.mark.parametrize(
    "text",
    ["Ngày 10, 25 hằng tháng", "Hằng quý, trước ngày 20", "Thứ Hai và thứ Năm hằng tuần", "Tuần đầu hằng tháng",
     "Đầu mỗi quý", "Trước ngày 15 hằng năm", "Từ ngày 20 đến ngày 25 hằng tháng", "Tuần 2 tháng 5/2026",
     "Đầu tháng 5/2026", "Thường xuyên, báo cáo trước ngày 15/12/2026", "Hằng tháng, xong trước ngày 15/12/2026",
     "Xong trong tháng 6, báo cáo trước ngày 10/7/2026", "6 tháng cuối năm 2026, xong trước 15/12",
     "Trước 17 giờ ngày 25/12/2026", "Trước 15h00 ngày 20/8/2026", "Quý II/2026 và các quý tiếp theo",
     "Ngày 01/6 và Rằm tháng Tám (âm lịch) hằng năm",
     "Định kỳ 6 tháng, trước ngày 15/6"],
)  # fmt: skip
def test_a_day_that_is_not_read_is_to_be_looked_at(text: str) -> None:
    assert task(text).warnings == (f"Chỉ hiểu một phần thời gian “{text}”; cần xem lại.",)


@pytest.mark.parametrize(
    "text",
    ["Họp giữa năm 2026", "Dịp khai giảng hằng năm", "Vụ thu hằng năm", "Ngày 10/3 âm lịch hằng năm",
     "Tết Nguyên đán; tháng 7 hằng năm"],
)  # fmt: skip
def test_a_time_of_the_year_without_days_is_to_be_looked_at(text: str) -> None:
    assert task(text).warnings == (f"Chỉ hiểu một phần thời gian “{text}”; cần xem lại.",)


@pytest.mark.parametrize(
    "text",
    ["6 tháng đầu năm 2026", "Tháng 9/2026 (đầu năm học)", "Thường xuyên; có báo cáo",
     "02 đợt/năm (tháng 6 và tháng 12)", "Tháng 9/2026 (mồng 9 tháng 8 âm lịch)",
     "Định kỳ 6 tháng, trước ngày 15/6 và 15/12"],
)  # fmt: skip
def test_a_time_with_its_days_is_not(text: str) -> None:
    assert task(text).warnings == ()


def test_nothing_ends_where_a_phase_goes_on() -> None:
    assert task("Trồng năm 2026; tưới hằng năm").timing.to_year is None


@pytest.mark.parametrize(
    ("where", "text", "conditional"),
    [
        ("content", "Dựng nhà kính (nếu triển khai)", True),
        ("product", "Hội hoa; việc khác (nếu có), Báo cáo", True),
        ("note", "Nếu có", True),
        ("content", "Sửa quy định nếu có các vấn đề mới", False),
        ("content", "Trồng cây", False),
    ],
)
def test_conditional_tasks_are_known(where: str, text: str, conditional: bool) -> None:
    found = task(**{where: text})
    assert found.is_conditional is conditional
    assert found.to_json()["conditional"] is conditional


@pytest.mark.parametrize(
    ("where", "text", "awaited"),
    [
        ("timing", "Sau khi có hướng dẫn của Bộ Xây dựng.", "Sau khi có hướng dẫn của Bộ Xây dựng"),
        ("timing", "Trình sau khi có vốn; trồng 2027", "sau khi có vốn"),
        ("note", "Sau khi có ý kiến của cấp có thẩm quyền", "Sau khi có ý kiến của cấp có thẩm quyền"),
        ("note", "Khi có văn bản của Sở", "Khi có văn bản của Sở"),
        ("timing", "Chậm nhất 05 ngày sau khi có kết luận", "05 ngày sau khi có kết luận"),
        ("timing", "Chậm nhất 15 ngày kể từ ngày nhận vốn", "15 ngày kể từ ngày nhận vốn"),
        ("timing", "Thường xuyên; báo cáo trong 05 ngày kể từ ngày tổ chức", None),
        ("timing", "Trong 10 ngày kể từ ngày ban hành Kế hoạch", None),
        ("timing", "Thường xuyên kể từ ngày 01/7/2026", None),
        ("content", "Dựng nhà kính (sau khi UBND thành phố phê duyệt)", "sau khi UBND thành phố phê duyệt"),
        ("content", "Đo cây sống sau 12 tháng trồng", None),
        ("content", "Sắp xếp tổ sau khi hợp nhất", None),
    ],
)
def test_what_a_task_waits_for_is_kept_in_its_words(where: str, text: str, awaited: str | None) -> None:
    assert task(**{where: text}).blocked_until == awaited


def test_a_day_beside_what_is_awaited_is_the_phase_s_own() -> None:
    [phase] = task("Sau khi có hướng dẫn của Sở, xong trước ngày 30/9/2026").timing.phases
    assert (phase.kind, phase.waits_for) == ("blocked", "Sau khi có hướng dẫn của Sở")
    assert str(phase.ends_on) == "2026-09-29"


def test_days_counted_from_the_plan_itself_wait_for_nothing_and_are_to_be_looked_at() -> None:
    assert "Chưa hiểu thời gian" in task("Trong 10 ngày kể từ ngày ban hành Kế hoạch").warnings[0]


def test_proposed_repairs_leave_the_text_alone() -> None:
    found = task(content="Phân đầu chuyên đổi cây trên Công thông tin", product="Phần đầu đạt 100 cây")
    assert found.content == "Phân đầu chuyên đổi cây trên Công thông tin"
    proposed = [(repair["field"], repair["from"], repair["to"]) for repair in found.to_json()["repairs"]]
    assert proposed == [
        ("content", "Phân đầu", "Phấn đấu"),
        ("content", "chuyên đổi", "chuyển đổi"),
        ("content", "Công thông tin", "Cổng thông tin"),
        ("product_text", "Phần đầu", "Phấn đấu"),
    ]


@pytest.mark.parametrize(
    "text", ["Viết phần đầu của báo cáo", "Đổi mới chức năng tổ chức", "Luôn luôn tưới", "Chuyển đổi cây"]
)
def test_good_words_are_not_repaired(text: str) -> None:
    assert task(content=text).repairs == ()


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("<p>Trồng <b>cây</b></p>", "Trồng cây"),
        ('<ul style="list-style-type: none"> - Hoa<br/>- Cỏ</ul>', "- Hoa - Cỏ"),
        ("<ul><li>Hoa</li><li class=x>Cỏ</li></ul>", "Hoa\nCỏ"),
        ("**Trồng** *cây* 3 * 4", "Trồng cây 3 * 4"),
        ("Nghiên cứu R&amp;D&nbsp;&lt; 5%", "Nghiên cứu R&D < 5%"),
        ("tỷ lệ <3% và >1%", "tỷ lệ <3% và >1%"),
        ("1.000 cây, 50 %, 01 lần", "1.000 cây, 50 %, 01 lần"),
        ("Tro\u0302\u0300ng ca\u0302y\u200b\u00a0xanh", "Trồng cây xanh"),
    ],
)
def test_markup_goes_and_words_stay(written: str, read_as: str) -> None:
    found = task(content=written)
    assert found.content == read_as
    assert written in found.source.raw[0]


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("Từ 15/10 đến 15/11/2026", "2026-10-15", "2026-11-15"),
        ("15-20/11/2026", "2026-11-15", "2026-11-20"),
        ("Từ 15/11 đến 15/01/2027", "2026-11-15", "2027-01-15"),
        ("Từ ngày 01 tháng 10 đến ngày 15 tháng 11 năm 2026", "2026-10-01", "2026-11-15"),
        ("Từ tháng 9/2026 đến hết tháng 12/2026", "2026-09-01", "2026-12-31"),
        ("Hằng quý, bắt đầu từ quý III/2026", "2026-07-01", None),
        ("Từ 01/7/2026", "2026-07-01", None),
        ("Mở cửa vườn từ ngày 01/7/2026", "2026-07-01", None),
        ("Từ quý III/2026 đến hết năm 2028", "2026-07-01", "2028-12-31"),
        ("Quý II, quý III năm 2026", "2026-04-01", "2026-09-30"),
        ("06/2026", "2026-06-01", "2026-06-30"),
        ("Quý 2/2026", "2026-04-01", "2026-06-30"),
        ("Q3/2026", "2026-07-01", "2026-09-30"),
        ("Từ nay đến hết quý II/2026", None, "2026-06-30"),
        ("Quý IV/2025 - Quý I/2026", "2025-10-01", "2026-03-31"),
    ],
)
def test_a_span_has_its_first_and_last_day_and_what_begins_has_no_end(text: str, starts: str, ends: str) -> None:
    [phase] = read_timing(text).phases
    told = phase.to_json()
    assert (told["starts_on"], told["ends_on"]) == (starts, ends)


@pytest.mark.parametrize(
    ("text", "kind", "month"),
    [
        ("Tháng 9/2026 (mồng 9 tháng 8 âm lịch)", "month", 9),
        ("Ngày 10/3 âm lịch hằng năm", "yearly", None),
        ("Tháng giêng âm lịch năm 2027", "year", None),
        ("Rằm tháng 7 (âm lịch)", "unknown", None),
    ],
)
def test_days_of_the_lunar_calendar_are_no_deadlines(text: str, kind: str, month: int | None) -> None:
    [phase] = task(text).timing.phases
    assert (phase.text, phase.kind, phase.month, phase.day) == (text, kind, month, None)
