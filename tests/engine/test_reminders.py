"""The table of reminders that a diagram carries."""

from datetime import UTC, date, datetime, time

import pytest

from engine.calendar import Calendar
from engine.reminders import OF_CASE, levels_in, parse_reminders

CALENDAR = Calendar()
LIFECYCLE = (
    "-10wd 08:00 holder; -5wd 08:00 holder; -2wd 08:00 holder; 0wd 08:00 holder head@lead;"
    "+1wd 08:00 head@lead; +1wd 14:00 head@supervisor; +2wd 08:00 vice_chair@committee;"
)


def moments(table: str, due: date) -> dict[str, datetime]:
    return {level.key: level.moment for level in levels_in(table, due, CALENDAR)}


def test_levels_are_read_in_order_with_their_recipients():
    reminders = parse_reminders(LIFECYCLE)
    assert [reminder.level for reminder in reminders] == [
        "-10wd 08:00", "-5wd 08:00", "-2wd 08:00", "0wd 08:00", "+1wd 08:00", "+1wd 14:00", "+2wd 08:00",
    ]  # fmt: skip
    assert reminders[3].recipients == ("holder", "head@lead")
    assert (reminders[5].offset_days, reminders[5].time) == (1, time(14))


def test_only_what_is_overdue_escalates():
    assert [one.escalation for one in parse_reminders("-2h holder; 0wd 08:00 holder; +2h head@focal")] == [
        False, False, True,
    ]  # fmt: skip


def test_instants_lie_on_working_mornings_around_the_due_day():
    instants = moments(LIFECYCLE, date(2026, 12, 4))
    assert instants["-10wd 08:00"] == datetime(2026, 11, 19, 1, tzinfo=UTC)  # 24/11 is a public holiday
    assert instants["0wd 08:00"] == datetime(2026, 12, 4, 1, tzinfo=UTC)
    assert instants["+1wd 14:00"] == datetime(2026, 12, 7, 7, tzinfo=UTC)


def test_a_due_instant_gives_the_same_days_as_its_date():
    day = date(2026, 12, 4)
    assert moments(LIFECYCLE, day) == moments(LIFECYCLE, CALENDAR.end_of(day))


def test_a_deadline_on_a_free_day_reminds_on_the_working_day_before():
    assert moments("0wd 08:00 holder; +1wd 08:00 holder", date(2026, 12, 5)) == {
        "0wd 08:00": datetime(2026, 12, 4, 1, tzinfo=UTC),
        "+1wd 08:00": datetime(2026, 12, 7, 1, tzinfo=UTC),
    }


def test_hours_count_from_the_due_instant():
    due = CALENDAR.at(date(2026, 12, 14), 0, "10:00")
    assert moments("+2h head@focal initiator; -2h holder", due) == {
        "-2h": datetime(2026, 12, 14, 1, tzinfo=UTC),
        "+2h": datetime(2026, 12, 14, 5, tzinfo=UTC),
    }


def test_levels_fire_in_the_order_of_their_moments_whichever_table_they_are_of():
    own = levels_in("+1wd 08:00 holder; -2wd 08:00 holder", date(2026, 12, 4), CALENDAR)
    of_case = levels_in("-2wd 08:00 holder", date(2026, 12, 7), CALENDAR, OF_CASE)
    assert [level.key for level in sorted(own + of_case)] == ["-2wd 08:00", "case -2wd 08:00", "+1wd 08:00"]
    assert [level.of_case for level in own + of_case] == [False, False, True]


def test_an_empty_table_has_no_levels():
    assert parse_reminders(" ; ") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("5 ngày holder", "Không đọc được"),
        ("-5wd holder", "thiếu giờ"),
        ("-5wd 25:00 holder", "không phải là giờ"),
        ("-5wd 08:00", "chưa ghi nhắc ai"),
        ("-5wd 08:00 Trưởng", "Không hiểu người nhận"),
        ("-5wd 08:00 holder; -5wd 8:00 head@lead", "ghi hai lần"),
        ("-9999wd 08:00 holder", "quá xa"),
        ("+9999h holder", "quá xa"),
        ("-5wdx 08:00 holder", "Không đọc được"),
    ],
)
def test_a_faulty_entry_is_refused_with_a_sentence(text, says):
    with pytest.raises(ValueError, match=says):
        parse_reminders(text)
