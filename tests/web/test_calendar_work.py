"""What the calendar brings by itself, each thing once."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.audit import verify
from engine.calendar import LOCAL, local_date
from engine.command import Actor
from engine.commands.kept_messages import LIFETIME
from engine.commands.messages import DeliverMessage, Unawaited
from engine.heads import read_heads
from engine.models import Incident, IncidentState, KeptMessage, UserTask, UserTaskState
from engine.scheduler import settle
from tests.web.cycle_wards import Row, issue
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import ReportingCycle
from webapp.notifications.models import Notification
from webapp.plans.models import TaskOccurrence

pytestmark = pytest.mark.both_databases


def morning(day: date, hour: int = 8) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL).astimezone(UTC)


def test_recurring_tasks_begin_anew_with_the_year_and_keep_their_officer(ward: Ward) -> None:
    cycle_ward = issue(ward, [Row("yte"), Row("khdt")])
    year = cycle_ward.report_by.year + 1
    with ward.app.app_context():
        for _ in range(2):
            do_calendar_work(ward.runtime, morning(date(year, 1, 4)))
            settle(ward.runtime)
    with ward.runtime.reading() as connection:
        cases = connection.execute(
            sa.select(TaskOccurrence.id, TaskOccurrence.due_on).where(TaskOccurrence.year == year)
        ).all()
        assert len(cases) == 2
        assert all(case.due_on.year == year for case in cases)
        waiting = connection.execute(
            sa.select(UserTask.element_id, UserTask.assignee_id).where(
                UserTask.instance_id.in_([case.id for case in cases]), UserTask.state == UserTaskState.OPEN
            )
        ).all()
    assert {step.element_id for step in waiting} == {"execute"}
    assert all(step.assignee_id is not None for step in waiting)


def test_a_cycle_opens_twenty_working_days_before_the_units_last_day(ward: Ward) -> None:
    cycle_ward = issue(ward, [Row("yte")])
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    opens = calendar.shift(cycle_ward.report_by, -20)

    def opened(day: date) -> int:
        work(ward, morning(day))
        with ward.runtime.reading() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(ReportingCycle)) or 0

    assert opened(calendar.shift(opens, -1)) == 0
    assert opened(opens) == 1
    assert opened(opens) == 1


def test_what_fails_holds_up_no_other_work(ward: Ward) -> None:
    cycle_ward = issue(ward, [Row("yte")])
    spoil(ward, "update planned_cycles set kind = 'hong' where kind = 'year'")
    work(ward, morning(cycle_ward.report_by))
    assert ward.rows(sa.select(Notification.id).where(Notification.kind == "digest"))
    assert list((ward.app.config["SETTINGS"].data_dir / "heads").iterdir())


def test_what_fails_is_one_incident_until_it_is_done(ward: Ward) -> None:
    day = morning(issue(ward, [Row("yte")]).report_by)
    spoil(ward, "update planned_cycles set kind = 'hong' where kind = 'year'")
    work(ward, day)
    work(ward, day)
    admin = ward.signed_in("quantri")
    [incident] = open_incidents(ward)
    assert "Việc theo lịch chưa làm được: mở kỳ báo cáo." in text_of(admin.get("/su-co"))
    page = text_of(admin.get(f"/su-co/{incident}"))
    assert "tự thử lại mỗi phút" in page and "LookupError" in page
    assert admin.post(f"/su-co/{incident}", {"do": "retry"}).status_code == 302
    assert open_incidents(ward) == []
    work(ward, day)
    [again] = open_incidents(ward)
    assert again != incident, "It was retried and still fails."
    spoil(ward, "update planned_cycles set kind = 'year' where kind = 'hong'")
    work(ward, day)
    assert open_incidents(ward) == []
    assert "Đã làm được ở lần thử sau." in text_of(admin.get("/su-co?xong=1"))


def test_a_cycle_that_cannot_be_opened_is_told_by_its_name(ward: Ward) -> None:
    cycle_ward = issue(ward, [Row("yte")])
    spoil(ward, "update plans set focal_unit_id = null")
    work(ward, morning(cycle_ward.report_by))
    [(message,)] = ward.rows(sa.select(Incident.message))
    assert f"mở kỳ “Năm {cycle_ward.year()}” của kế hoạch 45/KH-UBND." in message


def test_a_kept_message_that_cannot_be_given_up_holds_up_no_other(ward: Ward) -> None:
    made = issue(ward, [Row("yte"), Row("khdt")])
    spoiled, other = made.case("1"), made.case("2")
    for case in (spoiled, other):
        early = DeliverMessage(instance_id=case, message="report.used", unawaited=Unawaited.KEEP)
        ward.runtime.execute(early, actor=Actor.system(ward.demo.tenant_id))
    spoil(ward, f"update kept_messages set payload = '{{' where instance_id = '{spoiled.hex}'")
    ward.move_clock(ward.now() + LIFETIME)
    work(ward, ward.now())
    assert ward.rows(sa.select(KeptMessage.instance_id)) == [(spoiled,)]
    [(message,)] = ward.rows(sa.select(Incident.message))
    assert "bỏ thông điệp “Báo cáo đã vào bản tổng hợp” quá hạn giữ của" in message


def spoil(ward: Ward, statement: str) -> None:
    with ward.runtime.writing() as connection:
        assert connection.execute(sa.text(statement)).rowcount


def work(ward: Ward, at: datetime) -> None:
    with ward.app.app_context():
        do_calendar_work(ward.runtime, at)


def open_incidents(ward: Ward) -> list[UUID]:
    return [id for (id,) in ward.rows(sa.select(Incident.id).where(Incident.state == IncidentState.OPEN))]


def test_the_ends_of_all_streams_are_written_once_a_day(ward: Ward) -> None:
    folder = ward.app.config["SETTINGS"].data_dir / "heads"
    for _ in range(2):
        work(ward, ward.now())
    (file,) = folder.iterdir()
    with ward.runtime.reading() as connection:
        assert verify(connection, read_heads(file)) == []
    assert file.name == f"{local_date(ward.now()):%Y-%m-%d}.heads.gz"
