"""A case's own day and the days of the cycles that wait for it, each of which may change while the other stays."""

from datetime import date, timedelta
from threading import Thread

import pytest
import sqlalchemy as sa

from engine.command import Actor
from engine.commands.instances import CancelInstance, MoveDates
from engine.models import ProcessInstance
from tests.engine.runtime.test_calendars import waits_its_turn
from tests.support.processes import LOOK_AGAIN
from tests.web.cycle_wards import FOCAL, CycleWard, Row, issue
from tests.web.test_cycle_kinds import opened
from tests.web.test_cycle_reminders import half_year, on_the_morning, told
from tests.web.test_days_of_cycles import HEAD, OFFICER, days, letter, step_due
from tests.web.wards import Ward, text_of
from webapp.cycles.models import ReportingCycle
from webapp.cycles.send_days import FollowSendDay
from webapp.plans.models import TaskOccurrence

pytestmark = pytest.mark.both_databases


def dated(made: CycleWard, own: date) -> None:
    """The task has a day of its own."""
    with made.ward.runtime.writing() as connection:
        connection.execute(sa.update(TaskOccurrence.__table__).values(due_on=own, is_due_with_report=False))
    move = MoveDates(instance_id=made.case("1"), dates={"deadline": own}, reason="Hạn riêng")
    made.ward.runtime.execute(move, actor=Actor.system(made.ward.demo.tenant_id))


def extended(made: CycleWard, until: date, *, element: str, by: str) -> None:
    made.send_message("extension_requested", OFFICER, made.case("1"), until=until.isoformat(), reason="Chờ số liệu")
    made.do(element, by, made.case("1"), decision="approve", until=until.isoformat())


def test_more_time_beyond_the_day_of_a_cycle_leaves_that_cycles_day_to_go_by(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    dated(made, made.report_by - timedelta(days=7))
    until = made.report_by
    made.report_by -= timedelta(days=4)
    opened(made, "Quý", "quarter")
    assert step_due(made) == made.report_by - timedelta(days=3)
    extended(made, until, element="extension_review", by=FOCAL)
    assert days(made) == (made.report_by, until)
    assert step_due(made) == made.report_by


def test_more_time_goes_beyond_the_units_own_day(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")], accepted=False)
    own, until = made.report_by - timedelta(days=3), made.report_by + timedelta(days=2)
    officer = str(ward.person(OFFICER))
    made.do("accept", HEAD, made.case("1"), decision="accept", officer=officer, internal_due=own.isoformat())
    made.open_cycle()
    assert step_due(made) == own
    extended(made, until, element="extension_review_leader", by="pct.vhxh")
    assert step_due(made) == until


def test_more_time_goes_beyond_the_day_by_which_a_report_was_to_be_sent_again(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    made.open_cycle()
    again, until = made.report_by - timedelta(days=3), made.report_by + timedelta(days=2)
    made.send("1", "khdt")
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu", resubmit_by=again.isoformat())
    assert step_due(made) == again
    extended(made, until, element="extension_review_leader", by="pct.vhxh")
    assert step_due(made) == until


def test_a_day_given_on_return_counts_though_more_time_was_granted_before(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    made.open_cycle()
    again, until = made.report_by - timedelta(days=3), made.report_by + timedelta(days=2)
    extended(made, until, element="extension_review_leader", by="pct.vhxh")
    made.send("1", "khdt")
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu", resubmit_by=again.isoformat())
    assert step_due(made) == again


def test_more_time_for_a_cycles_report_leaves_the_tasks_own_day(ward: Ward) -> None:
    made, _ = half_year(ward)
    day, own = days(made)
    until = day + timedelta(days=1)
    assert until < own
    extended(made, until, element="extension_review", by=FOCAL)
    assert days(made) == (day, own)
    assert step_due(made) == until
    page = text_of(made.signed_in(HEAD).get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"))
    assert f"Báo cáo kỳ: hết {until:%d/%m/%Y} · hạn nhiệm vụ {own:%d/%m/%Y}" in page


def test_what_is_returned_without_a_day_is_due_by_the_cycles_again(ward: Ward) -> None:
    made, _ = half_year(ward)
    day, _ = days(made)
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    made.take("1")
    made.send_message("rework_requested", FOCAL, made.case("1"), item="Số liệu", reason="Thiếu", resubmit_by=None)
    assert made.entries()["1"] == "returned"
    assert step_due(made) == day


def test_what_is_returned_by_a_later_day_is_overdue_after_that_only(ward: Ward) -> None:
    made, around = half_year(ward)
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    until = around[7]
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số liệu", resubmit_by=until.isoformat())
    on_the_morning(ward, around[6])
    assert told(made, OFFICER, around[6]) == ["Còn 1 ngày làm việc: gửi báo cáo kỳ 6 tháng"]
    page = text_of(made.signed_in(HEAD).get(f"/bao-cao-don-vi/{made.cycle_id}/{ward.unit('khdt')}"))
    assert f"Gửi lại: hết {until:%d/%m/%Y}" in page
    assert step_due(made) == until
    rows = made.rows(sa.select(TaskOccurrence.send_by).where(TaskOccurrence.id == made.case("1")))
    assert rows == [(until,)]


def month_and_quarter(ward: Ward) -> tuple[CycleWard, date, date]:
    """Both wait for a report on a task that is due three days after the quarter's, and the month's has been sent."""
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    own = made.report_by
    dated(made, own)
    for name, kind, before in (("Tháng 1", "month", 6), ("Quý I", "quarter", 3)):
        made.report_by = own - timedelta(days=before)
        opened(made, name, kind)
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    return made, made.report_by, own


def returned(made: CycleWard, until: date) -> None:
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số liệu", resubmit_by=until.isoformat())


def test_more_time_to_mend_one_cycles_report_leaves_the_day_of_another(ward: Ward) -> None:
    made, quarters, own = month_and_quarter(ward)
    returned(made, own - timedelta(days=1))
    assert step_due(made) == quarters


def test_a_report_that_was_mended_is_followed_by_the_next_cycles_on_that_ones_day(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte")])
    own = made.report_by
    dated(made, own)
    made.report_by = own - timedelta(days=6)
    opened(made, "Tháng 1", "month")
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    made.take("1")
    until = made.report_by + timedelta(days=1)
    answers = {"item": "Số liệu", "reason": "Thiếu", "resubmit_by": until.isoformat()}
    made.send_message("rework_requested", FOCAL, made.case("1"), **answers)
    assert step_due(made) == until
    made.report_by = own - timedelta(days=3)
    opened(made, "Quý I", "quarter")
    assert step_due(made) == until
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    made.take("1")
    assert step_due(made) == made.report_by


def test_a_day_to_mend_the_years_report_holds_when_a_month_opens_with_a_later_one(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte")])
    made.open_cycle()
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    until = made.report_by - timedelta(days=8)
    returned(made, until)
    made.report_by -= timedelta(days=6)
    opened(made, "Tháng 1", "month")
    assert step_due(made) == until


def test_a_cycle_that_was_cancelled_waits_for_nothing(ward: Ward) -> None:
    made, _ = half_year(ward)
    _, own = days(made)
    made.execute(CancelInstance(instance_id=made.cycle_id, reason="Mở nhầm"), "quantri")
    assert step_due(made) == own
    page = text_of(made.signed_in(OFFICER).get(f"/ho-so/{made.case('1')}"))
    assert "Báo cáo kỳ chậm nhất" not in page
    assert "Không còn kỳ nào chờ đơn vị báo cáo." in text_of(made.signed_in(HEAD).get("/bao-cao-don-vi"))


def test_a_task_that_was_cancelled_owes_no_cycle_a_report(ward: Ward) -> None:
    made, _ = half_year(ward)
    case = f"/ho-so/{made.case('1')}"
    assert "Báo cáo kỳ chậm nhất" in text_of(made.signed_in(HEAD).get(case))
    made.execute(CancelInstance(instance_id=made.case("1"), reason="Thôi làm"), "quantri")
    assert "Báo cáo kỳ chậm nhất" not in text_of(made.signed_in(HEAD).get(case))


def test_a_letter_for_a_quarter_leaves_a_task_whose_own_day_is_the_same(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai")])
    made.report_by -= timedelta(days=7)
    dated(made, made.report_by)
    opened(made, "Quý", "quarter")
    moved = made.report_by + timedelta(days=2)
    letter(made, moved)
    assert days(made)[1] == made.report_by


def test_a_letter_gives_nobody_less_time_than_all_have(ward: Ward) -> None:
    made = issue(ward, [Row("khdt", "Số hóa hồ sơ đất đai"), Row("yte")])
    made.open_cycle()
    until, moved = (made.report_by + timedelta(days=number) for number in (1, 4))
    extended(made, until, element="extension_review_leader", by="pct.vhxh")
    letter(made, moved)
    assert days(made)[1] == step_due(made) == moved


def test_a_letter_gives_nobody_less_time_for_a_quarters_report_than_all_have(ward: Ward) -> None:
    made, _ = half_year(ward)
    until, moved = (made.report_by + timedelta(days=number) for number in (1, 2))
    extended(made, until, element="extension_review", by=FOCAL)
    letter(made, moved)
    assert step_due(made) == moved


def test_more_time_for_a_report_still_holds_when_it_is_returned_without_a_day(ward: Ward) -> None:
    made, _ = half_year(ward)
    until = made.report_by + timedelta(days=1)
    extended(made, until, element="extension_review", by=FOCAL)
    made.send("1", "khdt", outcome="in_progress", completed_on=None)
    made.do("check", FOCAL, made.case("1"), decision="return", reason="Thiếu số liệu", resubmit_by=None)
    assert step_due(made) == until


def test_a_day_that_moves_while_a_worker_brings_it_to_the_case_is_the_new_one(ward: Ward) -> None:
    made, _ = half_year(ward)
    moved = made.report_by - timedelta(days=1)
    actor = Actor.system(ward.demo.tenant_id)
    follow = Thread(target=ward.runtime.execute, args=(FollowSendDay(case_id=made.case("1")),), kwargs={"actor": actor})
    with ward.runtime.writing() as connection:
        case = sa.select(ProcessInstance.id).where(ProcessInstance.id == made.case("1"))
        connection.execute(case.with_for_update())
        follow.start()
        while follow.is_alive() and not waits_its_turn(ward.runtime.database):
            follow.join(LOOK_AGAIN)
        connection.execute(sa.update(ReportingCycle.__table__).values(report_by=moved))
    follow.join()
    assert step_due(made) == moved
