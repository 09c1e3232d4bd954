"""What a timing means: every day until the task's end; which of two days for one report governs."""

from datetime import date

import pytest

from tests.plans.samples import read, row
from webapp.plans.reading import Timing
from webapp.plans.timing import ReportDay, days_of, earlier_of, later_reports, report_days

SINCE = date(2026, 3, 1)


def timing(text: str) -> Timing:
    return read(row("1", "Trồng cây", "Phòng A", "", text)).tasks[0].timing


def told(text: str, until_year: int | None = None) -> list[str]:
    return [f"{each.day or '–'} {each.words}" for each in days_of(timing(text), SINCE, until_year)]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", []),
        ("Tháng 11/2026", ["2026-11-30 Tháng 11/2026"]),
        ("Trước ngày 30/6/2026", ["2026-06-29 Trước ngày 30/6/2026"]),
        ("Năm 2026", ["2026-12-31 Năm 2026"]),
        ("2026-2028", [f"{year}-12-31 Kết quả năm {year}" for year in (2026, 2027, 2028)]),
        ("Báo cáo trong tháng 12 hàng năm, đến năm 2027",
         [f"{year}-12-31 Báo cáo trong tháng 12 hàng năm, đến năm 2027 (năm {year})" for year in (2026, 2027)]),
        ("6 tháng đầu năm 2026", ["2026-06-30 6 tháng đầu năm 2026"]),
        ("Hàng quý năm 2026", [f"2026-{month} Kết quả quý {n} năm 2026"
                               for n, month in enumerate(("03-31", "06-30", "09-30", "12-31"), 1)]),
        ("Trước ngày 10 của tháng cuối quý, năm 2026",
         [f"2026-{month}-09 Trước ngày 10 của tháng cuối quý, năm 2026 (quý {n} năm 2026)"
          for n, month in enumerate(("03", "06", "09", "12"), 1)]),
        ("3 lần/năm, năm 2026", ["2026-12-31 Kết quả năm 2026 (3 lần)"]),
        ("Sau khi có hướng dẫn của Bộ", ["– Chờ: Sau khi có hướng dẫn của Bộ"]),
        ("Trình tháng 4 năm 2026; triển khai giai đoạn 2026 - 2027",
         ["2026-04-30 Trình tháng 4 năm 2026", "2026-12-31 Kết quả năm 2026", "2027-12-31 Kết quả năm 2027"]),
        ("Tháng 01/2026", []),
    ],
)  # fmt: skip
def test_the_days_of_a_task(text: str, days: list[str]) -> None:
    assert told(text) == days


def test_what_comes_again_begins_where_the_plan_says() -> None:
    days = ["2026-09-30 Kết quả quý 3 năm 2026", "2026-12-31 Kết quả quý 4 năm 2026"]
    assert told("Hằng quý từ quý III/2026", until_year=2026) == days


def test_the_day_after_a_period_may_be_of_the_next_year() -> None:
    first, *_, last = told("Trước ngày 05 của tháng đầu quý sau", until_year=2026)
    assert first == "2026-04-04 Trước ngày 05 của tháng đầu quý sau (quý 1 năm 2026)"
    assert last == "2027-01-04 Trước ngày 05 của tháng đầu quý sau (quý 4 năm 2026)"


def test_a_day_of_each_week_has_all_its_days() -> None:
    fridays = told("Thứ Sáu hằng tuần", until_year=2026)
    assert (fridays[0], len(fridays)) == ("2026-03-06 Thứ Sáu hằng tuần", 43)
    assert told("Trước thứ Sáu hằng tuần", until_year=2026)[0] == "2026-03-05 Trước thứ Sáu hằng tuần"


def test_what_has_no_end_is_told_for_some_years_or_until_the_one_that_a_person_set() -> None:
    assert len(told("Thường xuyên")) == 5
    assert [line[:4] for line in told("Hằng năm", until_year=2027)] == ["2026", "2027"]


def test_phases_have_their_days() -> None:
    [month, years] = timing("Trình trong quý III năm 2026; triển khai 2026 - 2030").phases
    assert (month.starts_on, month.ends_on, month.recurrence) == (date(2026, 7, 1), date(2026, 9, 30), None)
    assert (years.starts_on, years.ends_on, years.recurrence) == (date(2026, 1, 1), date(2030, 12, 31), "yearly")
    [blocked] = timing("Trình sau khi có hướng dẫn của Sở").phases
    assert blocked.waits_for == "sau khi có hướng dẫn của Sở"


DUTY = {"day": 5, "month": 12, "frequency": "yearly", "excludes_day": True, "date_text": "trước ngày 05/12"}


def test_a_december_report_contradicts_a_day_in_early_december() -> None:
    [day] = report_days([DUTY, {**DUTY, "day": None}, {**DUTY, "frequency": "half_yearly"}])
    assert day == ReportDay(12, 4, "trước ngày 05/12")
    [warning] = later_reports(timing("Trình trong tháng 01 hàng năm; Báo cáo trong tháng 12 hàng năm"), [day])
    assert "“Báo cáo trong tháng 12 hàng năm” nhưng phải báo cáo trước ngày 05/12" in warning
    for fine in ("Báo cáo trong tháng 11 hàng năm", "Trồng trong tháng 12 hàng năm", "Báo cáo hằng năm"):
        assert list(later_reports(timing(fine), [day])) == []


def test_the_earlier_of_two_days_for_a_report_governs() -> None:
    own, asked = date(2026, 12, 31), date(2026, 12, 4)
    assert earlier_of(own, asked, timing("Báo cáo trong tháng 12 hàng năm")) == asked
    assert earlier_of(own, asked, timing("Trồng trong tháng 12 hàng năm")) == own
    assert earlier_of(date(2026, 3, 31), asked, timing("Báo cáo quý I năm 2026")) == date(2026, 3, 31)
    assert earlier_of(None, asked, timing("")) == asked
    assert earlier_of(own, None, timing("Báo cáo tháng 12 năm 2026")) == own
