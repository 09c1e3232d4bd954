"""A cycle whose day comes before a case's own: lists, filters and badges say its day, and the task's beside it."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine.calendar import due_day
from engine.command import Actor
from engine.commands.instances import MoveDates
from engine.models import OPEN_STEP, UserTask
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_cycle_reminders import half_year, on_the_morning, told
from tests.web.wards import Ward, text_of
from webapp.notifications.models import Notification
from webapp.plans.models import TaskOccurrence

pytestmark = pytest.mark.both_databases

HEAD, OFFICER = "khdt.truong", "khdt.cv1"


def days(made: CycleWard) -> tuple[date, date]:
    """The cycle's and the task's own."""
    [(own,)] = made.rows(sa.select(TaskOccurrence.due_on).where(TaskOccurrence.id == made.case("1")))
    return made.report_by, own


def step_due(made: CycleWard) -> date:
    steps = sa.select(UserTask.due_at).where(UserTask.instance_id == made.case("1"), UserTask.state == OPEN_STEP)
    [(due,)] = made.rows(steps)
    return due_day(due)


def letter(made: CycleWard, moved: date) -> None:
    """The city asks for the cycle's reports by another day."""
    made.send_message(
        "deadline_changed", FOCAL, made.cycle_id, report_by=moved.isoformat(), submit_by=made.submit_by.isoformat(),
        source="Công văn số 88/SKHCN",
    )  # fmt: skip


def test_every_list_says_the_cycles_day_and_the_tasks_beside(ward: Ward) -> None:
    made, _ = half_year(ward)
    day, own = days(made)
    assert day < own
    inbox = text_of(made.signed_in(OFFICER).get("/hop-viec"))
    both = f"Báo cáo kỳ: hết {day:%d/%m/%Y} · hạn nhiệm vụ {own:%d/%m/%Y}"
    assert both in inbox
    unit = text_of(made.signed_in(OFFICER).get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"))
    assert both in unit
    plan = text_of(made.signed_in(FOCAL).get(f"/ke-hoach/{made.plan_id}"))
    assert f"{own:%d/%m/%Y} Báo cáo kỳ: {day:%d/%m/%Y}" in plan
    case = text_of(made.signed_in(OFFICER).get(f"/ho-so/{made.case('1')}"))
    assert f"Báo cáo kỳ: hết {day:%d/%m/%Y}" in case
    assert f"Báo cáo kỳ chậm nhất hết ngày {day:%d/%m/%Y}" in case


def test_the_heads_step_too_and_what_is_overdue_is_found_as_such_everywhere(ward: Ward) -> None:
    made, around = half_year(ward)
    day, _ = days(made)
    assert step_due(made) == day
    made.report("1", OFFICER)
    assert step_due(made) == day  # The head's.
    on_the_morning(ward, around[6])
    visitor = made.signed_in(HEAD)
    for address in ("/hop-viec?ds=cua-don-vi&han=qua-han", f"/ke-hoach/{made.plan_id}?trang-thai=overdue"):
        assert "Số hóa hồ sơ đất đai" in text_of(visitor.get(address)), address
    page = text_of(visitor.get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"))
    assert "Quá hạn" in page
    step = text_of(made.signed_in("yte.cv1").get(f"/viec/{made.step('execute', made.case('2'))}"))
    assert f"Kỳ đang chờ báo cáo: 6 tháng. Đã quá hạn ngày {day:%d/%m/%Y}." in step


def test_once_the_cycle_waits_no_longer_the_task_has_its_own_day_again(ward: Ward) -> None:
    made, _ = half_year(ward)
    _, own = days(made)
    made.cut_off(khdt="Chưa có số liệu", yte="Chưa có số liệu")
    assert step_due(made) == own
    assert "Báo cáo kỳ:" not in text_of(made.signed_in(OFFICER).get("/hop-viec?han=xa-han"))


def test_a_report_that_is_in_lets_what_goes_on_be_due_by_its_own_day(ward: Ward) -> None:
    made, _ = half_year(ward)
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    made.take("1")
    sends = sa.select(TaskOccurrence.send_by).where(TaskOccurrence.id == made.case("1"))
    assert made.rows(sends) == [(None,)]


def test_a_letter_that_moves_the_cycles_day_moves_what_waits_for_it(ward: Ward) -> None:
    made, _ = half_year(ward)
    moved = made.report_by - timedelta(days=1)
    letter(made, moved)
    assert step_due(made) == moved


def test_a_units_own_day_counts_as_long_as_it_comes_before_the_cycles(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")], accepted=False)
    own = made.report_by - timedelta(days=1)
    officer = str(ward.person(OFFICER))
    made.do("accept", HEAD, made.case("1"), decision="accept", officer=officer, internal_due=own.isoformat())
    assert step_due(made) == own
    made.report_by -= timedelta(days=7)
    opened(made, "6 tháng", "half_year")
    assert step_due(made) == made.report_by


def test_the_years_last_cycle_with_another_day_than_the_plan_brings_it_to_the_tasks_without_one(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    made.report_by -= timedelta(days=4)
    made.open_cycle()
    assert days(made) == (made.report_by, made.report_by)
    assert step_due(made) == made.report_by


def test_the_years_last_cycle_waits_for_how_far_a_task_is_that_is_due_later(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    own = made.report_by + timedelta(days=10)
    with ward.runtime.writing() as connection:
        dated = sa.update(TaskOccurrence.__table__).values(due_on=own, is_due_with_report=False)
        connection.execute(dated)
    ward.runtime.execute(
        MoveDates(instance_id=made.case("1"), dates={"deadline": own}, reason="Hạn riêng"),
        actor=Actor.system(ward.demo.tenant_id),
    )
    assert step_due(made) == own
    made.open_cycle()
    assert step_due(made) == made.report_by


def test_more_time_for_a_task_without_a_day_of_its_own_is_more_time_for_its_report(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    made.open_cycle()
    until = made.report_by + timedelta(days=2)
    made.send_message(
        "extension_requested", OFFICER, made.case("1"), until=until.isoformat(), reason="Chờ số liệu"
    )  # fmt: skip
    made.do("extension_review_leader", "pct.vhxh", made.case("1"), decision="approve", until=until.isoformat())
    assert step_due(made) == until
    page = text_of(made.signed_in(OFFICER).get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"))
    assert f"Hạn: hết ngày {until:%d/%m/%Y}" in page
    on_the_morning(ward, made.report_by)
    assert told(made, OFFICER, made.report_by) == [], "Its own timers remind of the new day."


def test_a_reminder_of_the_tasks_day_says_what_its_step_says(ward: Ward) -> None:
    """Ten working days before the task's own day the report is due sooner."""
    made, _ = half_year(ward)
    _, own = days(made)
    with ward.runtime.reading() as connection:
        calendar = ward.runtime.calendar(ward.demo.tenant_id, connection)
    on_the_morning(ward, morning := calendar.shift(own, -5))
    left = calendar.working_days_between(morning, made.report_by)
    titles = sa.select(Notification.title).where(
        Notification.recipient_id == ward.person(OFFICER), Notification.instance_id == made.case("1"),
        Notification.kind == "reminder",
    )  # fmt: skip
    assert f"Còn {left} ngày làm việc: Thực hiện, báo kết quả" in [title for (title,) in made.rows(titles)]
