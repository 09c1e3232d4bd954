"""A cycle whose day is not its cases' own reminds the units of it, by the table of the cases' procedure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import LOCAL, Calendar
from engine.commands.user_tasks import ReleaseUserTask
from engine.scheduler import settle
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import UnitReminder
from webapp.cycles.reminders import reminded_days
from webapp.inbox.dues import DueWords
from webapp.notifications.models import Notification
from webapp.organisation.commands.people import DeactivatePerson
from webapp.plans.models import TaskOccurrence

pytestmark = pytest.mark.both_databases

ROWS = [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte", "Hồ sơ sức khỏe", group="II")]


def half_year(ward: Ward, rows: Sequence[Row] = ROWS) -> tuple[CycleWard, list[date]]:
    """A half-yearly cycle whose day comes before that of the cases; and the working days around it, the day fifth."""
    made = issue(ward, rows)
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    made.report_by = calendar.shift(made.report_by, -3)
    opened(made, "6 tháng", "half_year")
    return made, [calendar.shift(made.report_by, offset) for offset in range(-5, 3)]


def on_the_morning(ward: Ward, day: date, hour: int = 8) -> None:
    at = datetime(day.year, day.month, day.day, hour, 0, 30, tzinfo=LOCAL).astimezone(UTC)
    ward.move_clock(at)
    with ward.app.app_context():
        for _ in range(2):
            do_calendar_work(ward.runtime, at)
        settle(ward.runtime)


def told(made: CycleWard, username: str, day: date) -> list[str]:
    return [title for title, _ in notices(made, username, day)]


def notices(made: CycleWard, username: str, day: date) -> list[tuple[str, str]]:
    """Title and body of what somebody was told of the cycle on a day."""
    of_day = Notification.instance_id == made.cycle_id, Notification.day == day
    mine = Notification.recipient_id == made.ward.person(username), Notification.kind.in_(("reminder", "escalation"))
    told = sa.select(Notification.title, Notification.body).where(*of_day, *mine).order_by(Notification.id)
    return [tuple(row) for row in made.rows(told)]


def test_units_are_reminded_of_a_half_yearly_day_as_of_a_yearly_one(ward: Ward) -> None:
    made, days = half_year(ward)
    made.send("2", "yte")
    before, day, after, later = days[0], days[5], days[6], days[7]
    on_the_morning(ward, before)
    assert told(made, "khdt.cv1", before) == ["Còn 5 ngày làm việc: gửi báo cáo kỳ 6 tháng"]
    assert told(made, "khdt.truong", before) == []
    assert told(made, "yte.cv1", before) == []  # It has sent its report.
    on_the_morning(ward, day)
    assert told(made, "khdt.truong", day) == ["Hạn hôm nay: gửi báo cáo kỳ 6 tháng"]
    on_the_morning(ward, after)
    assert told(made, "khdt.truong", after) == ["Quá hạn 1 ngày làm việc: gửi báo cáo kỳ 6 tháng"]
    on_the_morning(ward, later)
    assert told(made, "pct.vhxh", later) == ["Quá hạn 2 ngày làm việc: gửi báo cáo kỳ 6 tháng"]
    with ward.runtime.reading() as connection, Session(connection) as read:
        assert set(reminded_days(read, made.cycle_id)[ward.unit("khdt")]) >= {before, day, after}


def test_the_head_is_reminded_where_the_officer_has_left(ward: Ward) -> None:
    made, days = half_year(ward)
    made.execute(ReleaseUserTask(user_task_id=made.step("execute", made.case("1"))), "khdt.cv1")
    ward.execute(DeactivatePerson(person_id=ward.person("khdt.cv1")))
    on_the_morning(ward, days[0])
    assert told(made, "khdt.truong", days[0]) == ["Còn 5 ngày làm việc: gửi báo cáo kỳ 6 tháng"]


def test_whoever_owes_too_hears_of_their_own_unit_and_then_of_all(ward: Ward) -> None:
    """The focal unit leads most tasks itself: its head is a unit's head at eight, and asks after the others at two."""
    made, days = half_year(ward, [*ROWS, Row("vhxh", "Mở chuyên mục")])
    on_the_morning(ward, days[6])
    on_the_morning(ward, days[6], hour=14)
    own, of_all = notices(made, "vhxh.truong", days[6])
    plan = "Kế hoạch 45/KH-UBND, chưa gửi: "
    assert own[1].startswith(f"{plan}Phòng Văn hóa – Xã hội (1 nhiệm vụ). Hạn của đơn vị: ")
    assert of_all[1].startswith(f"{plan}Phòng Kinh tế, Hạ tầng và Đô thị (1 nhiệm vụ); ")


def test_what_will_go_to_whom_is_shown_with_the_cycle_and_with_the_case(ward: Ward) -> None:
    made, days = half_year(ward)
    board, case = f"/ky-bao-cao/{made.cycle_id}", f"/ho-so/{made.case('1')}"
    page = text_of(made.signed_in(FOCAL).get(board))
    assert "Chưa nhắc lần nào." in page
    words = "Nhắc vào ngày hạn: gửi báo cáo kỳ 6 tháng người thực hiện Phòng KT-HT-ĐT, Trạm Y tế; trưởng đơn vị"
    assert words in page
    assert "gửi báo cáo kỳ 6 tháng" in text_of(made.signed_in("khdt.cv1").get(case))
    assert "Trạm Y tế; trưởng đơn vị" not in text_of(made.signed_in("khdt.cv1").get(case))
    on_the_morning(ward, days[5])
    for path in (board, f"/ho-so/{made.cycle_id}"):
        assert "Nhắc theo lịch: gửi báo cáo" in text_of(made.signed_in(FOCAL).get(path))


def test_what_an_outage_delayed_says_how_it_stands_now_and_that_it_comes_late(ward: Ward) -> None:
    made, days = half_year(ward)
    on_the_morning(ward, days[4])  # Five and two days before the server was down.
    [(title, body)] = notices(made, "khdt.cv1", days[4])
    assert title == "Còn 1 ngày làm việc: gửi báo cáo kỳ 6 tháng"
    assert body.endswith(f"Lời nhắc này gửi muộn, lẽ ra từ 08:00 {days[3]:%d/%m/%Y}.")


def test_more_time_for_a_report_is_reminded_of_by_its_own_day(ward: Ward) -> None:
    made, days = half_year(ward, [*ROWS, Row("khdt", "Cấp chữ ký số")])
    until = days[7]
    made.send_message("extension_requested", "khdt.cv1", made.case("1"), until=until.isoformat(), reason="Chờ số liệu")
    made.do("extension_review", FOCAL, made.case("1"), decision="approve", until=until.isoformat())
    page = text_of(made.signed_in(FOCAL).get(f"/ky-bao-cao/{made.cycle_id}"))
    assert page.count("Nhắc vào ngày hạn: gửi báo cáo kỳ 6 tháng") == 2
    on_the_morning(ward, days[5])
    told_today = notices(made, "khdt.truong", days[5])
    assert [title for title, _ in told_today] == ["Hạn hôm nay: gửi báo cáo kỳ 6 tháng"]
    assert "(1 nhiệm vụ)" in told_today[0][1]
    on_the_morning(ward, until)
    [body] = [body for title, body in notices(made, "khdt.truong", until) if title.startswith("Hạn hôm nay")]
    assert f"Phòng Kinh tế, Hạ tầng và Đô thị (1 nhiệm vụ). Hạn của đơn vị: {until:%d/%m/%Y}." in body


def test_what_is_to_be_mended_is_reminded_of_by_the_day_named_for_it_and_of_nothing_before(ward: Ward) -> None:
    """Also while the cycle consolidates what the others sent."""
    made, days = half_year(ward)
    for ordinal, unit in (("1", "khdt"), ("2", "yte")):
        made.send(ordinal, unit, outcome="in_progress", completed_on=None)
        made.take(ordinal)
    assert made.cycle_state() == "consolidating"
    on_the_morning(ward, days[4])
    request = {"item": "Số liệu", "reason": "Thiếu", "resubmit_by": days[6].isoformat()}
    made.send_message("rework_requested", FOCAL, made.case("1"), **request)
    on_the_morning(ward, days[4], hour=9)
    assert told(made, "khdt.cv1", days[4]) == []
    on_the_morning(ward, days[6])
    assert told(made, "khdt.truong", days[6]) == ["Hạn hôm nay: gửi báo cáo kỳ 6 tháng"]
    assert told(made, "yte.truong", days[6]) == []


def test_what_was_over_before_the_units_were_asked_is_not_told(ward: Ward) -> None:
    made, days = half_year(ward)
    made.cut_off(khdt="Chưa có số liệu", yte="Chưa có số liệu")
    on_the_morning(ward, days[0] + timedelta(days=60))
    assert made.rows(sa.select(UnitReminder.id)) == []


def test_what_is_due_on_a_day_off_says_whether_that_is_today() -> None:
    friday, saturday = (datetime(2026, 12, day, 9, tzinfo=LOCAL) for day in (4, 5))
    told = [DueWords(now, Calendar()).of_last_day(date(2026, 12, 6)) for now in (friday, saturday)]
    assert [due.relative for due in told if due] == ["Hạn vào ngày nghỉ tới", "Hạn trong ngày nghỉ này"]


def test_a_due_day_that_became_a_day_off_is_not_called_today_on_the_day_before(ward: Ward) -> None:
    made, days = half_year(ward)
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    for day in (made.report_by, own_day(made)):
        form = {"day": day.isoformat(), "working": "free", "note": "Nghỉ theo thông báo"}
        assert made.signed_in("quantri").post("/lich-lam-viec", form).status_code == 302
    made.settle()
    on_the_morning(ward, days[4])
    assert told(made, "khdt.truong", days[4]) == ["Hạn vào ngày nghỉ tới: gửi báo cáo kỳ 6 tháng"]
    made.cut_off(khdt="Chưa có số liệu", yte="Chưa có số liệu")
    eve = calendar.shift(own_day(made), -1)
    on_the_morning(ward, eve)
    of_case = sa.select(Notification.title).where(
        Notification.recipient_id == ward.person("khdt.truong"), Notification.about == f"{made.case('1')}:{eve}"
    )
    assert made.rows(of_case) == [("Hạn vào ngày nghỉ tới: Thực hiện, báo kết quả",)]


def own_day(made: CycleWard) -> date:
    """The task's."""
    return made.rows(sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == made.case("1")))[0][0]
