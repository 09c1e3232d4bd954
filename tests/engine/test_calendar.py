"""Working days of Việt Nam and the instants that deadlines mean."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar, CalendarError, due_day, local_date

CALENDAR = Calendar()
DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2032, 12, 31))
OVERRIDDEN = st.builds(Calendar, st.dictionaries(DAYS, st.booleans(), max_size=30))
COUNTS = st.integers(min_value=-60, max_value=60)


@pytest.mark.parametrize(
    "free",
    [
        date(2026, 2, 16),  # Giao thừa Bính Ngọ
        date(2026, 2, 20),
        date(2026, 4, 27),  # bù Giỗ Tổ (10/3 âm lịch rơi vào Chủ nhật)
        date(2026, 8, 31),  # hoán đổi với thứ Bảy 22/8
        date(2026, 9, 2),
        date(2027, 2, 8),
        date(2026, 12, 5),
    ],
)
def test_public_holidays_and_weekends_are_free(free):
    assert not CALENDAR.is_working_day(free)


def test_the_swapped_saturday_is_worked():
    assert CALENDAR.is_working_day(date(2026, 8, 22))


def test_an_override_beats_the_library_both_ways():
    calendar = Calendar({date(2026, 12, 5): True, date(2026, 12, 4): False})
    assert calendar.is_working_day(date(2026, 12, 5))
    assert not calendar.is_working_day(date(2026, 12, 4))
    assert calendar.shift(date(2026, 12, 3), 1) == date(2026, 12, 5)


def test_before_a_date_excludes_that_date():
    assert CALENDAR.last_working_day_before(date(2026, 12, 5)) == date(2026, 12, 4)
    assert CALENDAR.last_working_day_before(date(2026, 12, 15)) == date(2026, 12, 14)


def test_six_working_days_lie_between_the_two_deadlines_of_2026():
    assert CALENDAR.working_days_between(date(2026, 12, 4), date(2026, 12, 14)) == 6


def test_a_deadline_ends_at_local_midnight():
    assert CALENDAR.end_of(date(2026, 12, 4)) == datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert CALENDAR.end_of(date(2026, 12, 4), 2) == datetime(2026, 12, 8, 17, tzinfo=UTC)


def test_tet_is_skipped_when_counting():
    assert CALENDAR.shift(date(2026, 2, 13), 1) == date(2026, 2, 23)
    assert CALENDAR.shift(date(2026, 2, 23), -1) == date(2026, 2, 13)


def test_a_time_of_day_is_local():
    assert CALENDAR.at(date(2026, 12, 14), -3, "17:00") == datetime(2026, 12, 9, 10, tzinfo=UTC)


def test_working_days_count_from_the_local_day():
    just_after_midnight_at_home = datetime(2026, 12, 3, 17, 30, tzinfo=UTC)  # 00:30 on Friday
    assert CALENDAR.working_days(just_after_midnight_at_home, 1) == CALENDAR.end_of(date(2026, 12, 7))
    assert CALENDAR.working_days(just_after_midnight_at_home, 1, "08:00") == datetime(2026, 12, 7, 1, tzinfo=UTC)


def test_functions_take_what_forms_hold():
    functions = CALENDAR.functions(datetime(2026, 12, 1, 2, tzinfo=UTC))
    assert functions["end_of"]("2026-12-04", -2.0) == CALENDAR.end_of(date(2026, 12, 2))
    assert functions["at"](date(2026, 12, 14), 0, "10:00") == datetime(2026, 12, 14, 3, tzinfo=UTC)
    assert functions["working_days"](3) == CALENDAR.end_of(date(2026, 12, 4))


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("end_of", (None,), "Chưa có ngày"),
        ("end_of", ("05/12/2026",), "không phải là ngày"),
        ("end_of", ("2026-12-04", True), "số ngày làm việc"),
        ("end_of", ("2026-12-04", 10**30), "số ngày làm việc"),
        ("end_of", ("2026-12-04", float("nan")), "số ngày làm việc"),
        ("end_of", ("2026-12-04", 0.5), "số ngày làm việc"),
        ("end_of", ("2099-12-31", 5), "ngoài lịch"),
        ("end_of", ("9999-12-31",), "ngoài lịch"),
        ("at", ("2026-12-04", 0, "25:00"), "không phải là giờ"),
        ("working_days", ("ba",), "số ngày làm việc"),
    ],
)
def test_functions_refuse_with_a_sentence(name, arguments, says):
    functions = CALENDAR.functions(datetime(2026, 12, 1, 2, tzinfo=UTC))
    with pytest.raises(CalendarError, match=says):
        functions[name](*arguments)


def test_a_due_instant_at_midnight_belongs_to_the_day_it_ends():
    assert due_day(CALENDAR.end_of(date(2026, 12, 4))) == date(2026, 12, 4)
    assert due_day(CALENDAR.at(date(2026, 12, 14), 0, "10:00")) == date(2026, 12, 14)


@given(OVERRIDDEN, DAYS, COUNTS)
def test_shifting_there_and_back_returns_to_a_working_day(calendar, day, n):
    day = calendar.on_or_before(day)
    assert calendar.shift(calendar.shift(day, n), -n) == day


@given(OVERRIDDEN, DAYS, DAYS, COUNTS)
def test_shifting_keeps_the_order_of_days(calendar, one, other, n):
    earlier, later = sorted((one, other))
    assert calendar.shift(earlier, n) <= calendar.shift(later, n)


@given(OVERRIDDEN, DAYS, COUNTS)
def test_a_further_count_is_a_later_day(calendar, day, n):
    assert calendar.shift(day, n) < calendar.shift(day, n + 1)


@given(OVERRIDDEN, DAYS, COUNTS)
def test_a_shifted_day_is_worked_and_counts_back(calendar, day, n):
    shifted = calendar.shift(day, n)
    assert n == 0 or calendar.is_working_day(shifted)
    day = calendar.on_or_before(day)
    assert calendar.working_days_between(day, calendar.shift(day, n)) == n


@given(OVERRIDDEN, DAYS, COUNTS)
def test_the_end_of_a_day_is_the_first_instant_of_the_next(calendar, day, n):
    end = calendar.end_of(day, n)
    assert local_date(end) == calendar.shift(day, n) + timedelta(days=1)
    assert local_date(end - timedelta(microseconds=1)) == calendar.shift(day, n)
