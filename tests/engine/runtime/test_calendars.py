"""Tết, a swapped Saturday, an edited calendar: what still waits for a working day moves, and nothing else."""

from datetime import date, timedelta
from threading import Thread
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar, local_date
from engine.commands.calendars import CalendarFollowed
from engine.commands.instances import CancelInstance, SuspendInstance
from engine.commands.operations import ChangeDueTime
from engine.facts import InstanceStarted, TimerFired
from engine.models import Job, UserTask
from engine.runtime import Runtime
from engine.transaction import Transaction
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, bpmn, catch, end, start, user
from tests.engine.worlds import World, local
from tests.support.processes import LOOK_AGAIN
from webapp.organisation.commands.calendar_days import RemoveCalendarDay, SetCalendarDay

pytestmark = pytest.mark.any_database

MONDAY = date(2041, 7, 1)  # an ordinary week: no holiday near
THURSDAY, FRIDAY, SATURDAY = (MONDAY + timedelta(days=days) for days in (3, 4, 5))
SENT = {"text": "Xong", "decision": "send"}
ANSWER = bpmn(
    start(),
    user("answer", form="note", due="working_days(3)", reminders="-1wd 08:00 holder; -2h holder; +1wd 08:00 head@lead"),
    border("lapsed", "answer", timer="working_days(5)"),
    end(),
    end("e2"),
    flows="s>answer\nanswer>e\nlapsed>e2",
    process_id="answers",
)
PAUSES = bpmn(
    start(), catch("pause", timer="working_days(3)"), catch("nap", timer="P3D"), end(),
    flows="s>pause\npause>nap\nnap>e", process_id="pauses",
)  # fmt: skip


@pytest.fixture
def monday(world: World) -> World:
    """Nine o'clock on an ordinary Monday."""
    world.travel(local(MONDAY, "09:00"))
    return world


def declare(world: World, day: date, working: bool) -> None:
    world.execute(SetCalendarDay(day=day, working=working, note="theo thông báo"), world.system)
    world.settle()


def moments(world: World) -> dict[str, str]:
    """What waits, in local time."""
    rows = [(one.level or one.element_id, one.at) for one in world.upcoming()]
    rows += [("due", row.due_at) for row in world.all(UserTask, UserTask.state == "open")]
    return {name: f"{instant.astimezone(local(MONDAY).tzinfo):%d/%m %H:%M}" for name, instant in rows}


def followed(world: World, case: UUID) -> int:
    return sum(isinstance(fact, CalendarFollowed) for facts in world.facts(case) for fact in facts)


def test_a_day_off_moves_what_waits(monday: World) -> None:
    monday.deploy(ANSWER)
    case = monday.start("answers")
    assert moments(monday) == {
        "due": "05/07 00:00", "-1wd 08:00": "03/07 08:00", "-2h": "04/07 22:00", "+1wd 08:00": "05/07 08:00",
        "lapsed": "09/07 00:00",
    }  # fmt: skip
    declare(monday, THURSDAY, working=False)
    moved = {
        "due": "06/07 00:00", "-1wd 08:00": "03/07 08:00", "-2h": "05/07 22:00", "+1wd 08:00": "08/07 08:00",
        "lapsed": "10/07 00:00",
    }  # fmt: skip
    assert moments(monday) == moved
    monday.restart()
    monday.execute(SuspendInstance(instance_id=case, reason="Xem lại"))  # whatever touches the state keeps the moments
    assert (moments(monday), followed(monday, case)) == (moved, 1)


def test_a_swapped_saturday_brings_it_forward_and_taking_that_back_restores_it(monday: World) -> None:
    monday.deploy(ANSWER)
    monday.start("answers")
    before = moments(monday)
    declare(monday, SATURDAY, working=True)
    assert moments(monday) == before | {"lapsed": "07/07 00:00"}
    monday.execute(RemoveCalendarDay(day=SATURDAY), monday.system)
    monday.settle()
    assert moments(monday) == before


def test_a_timer_of_the_drawing_that_moved_fires_at_its_new_moment(monday: World) -> None:
    monday.deploy(PAUSES)
    case = monday.start("pauses")
    declare(monday, THURSDAY, working=False)
    monday.travel(local(FRIDAY, "00:01"))
    monday.settle()
    assert moments(monday) == {"pause": "06/07 00:00"}
    monday.travel(local(SATURDAY, "00:01"))
    monday.settle()
    assert moments(monday) == {"nap": "09/07 00:01"}  # A duration counts days, worked or not.
    declare(monday, MONDAY + timedelta(days=7), working=False)
    assert (moments(monday), followed(monday, case)) == ({"nap": "09/07 00:01"}, 1)


def test_what_has_fired_does_not_fire_again(monday: World) -> None:
    monday.deploy(ANSWER)
    case = monday.start("answers")
    monday.travel(local(MONDAY + timedelta(days=2), "08:30"))
    monday.settle()
    declare(monday, THURSDAY, working=False)
    declare(monday, FRIDAY, working=False)
    monday.travel(local(SATURDAY + timedelta(days=3)))
    monday.settle()
    fired = [fact.level for facts in monday.facts(case) for fact in facts if isinstance(fact, TimerFired)]
    assert fired == ["-1wd 08:00", "-2h"]


def test_what_is_over_stays_as_it_was(monday: World) -> None:
    monday.deploy(ANSWER)
    done, gone = monday.start("answers"), monday.start("answers")
    monday.complete("answer", monday.system, done, **SENT)
    monday.execute(CancelInstance(instance_id=gone, reason="thôi"))
    before = [tuple(row) for row in monday.all(UserTask)]
    declare(monday, THURSDAY, working=False)
    assert [tuple(row) for row in monday.all(UserTask)] == before
    assert (followed(monday, done), followed(monday, gone), monday.incidents()) == (0, 0, [])


def test_a_due_time_set_by_hand_stays_and_its_reminders_follow(monday: World) -> None:
    monday.deploy(ANSWER)
    monday.start("answers")
    by_hand = ChangeDueTime(user_task_id=monday.task("answer").id, due_at=local(SATURDAY), reason="hẹn lại")
    monday.execute(by_hand)
    declare(monday, THURSDAY, working=False)
    assert {name: moments(monday)[name] for name in ("due", "-1wd 08:00")} == {
        "due": "06/07 00:00", "-1wd 08:00": "03/07 08:00",
    }  # fmt: skip


def test_a_due_time_set_by_hand_stays_where_the_calendar_would_have_put_it(monday: World) -> None:
    """The day off brings the step to the very moment that somebody has chosen; then it is worked after all."""
    monday.deploy(ANSWER)
    monday.start("answers")
    monday.execute(ChangeDueTime(user_task_id=monday.task("answer").id, due_at=local(SATURDAY), reason="hẹn lại"))
    before = moments(monday)
    assert (before["due"], before["lapsed"]) == ("06/07 00:00", "10/07 00:00")
    declare(monday, THURSDAY, working=False)
    monday.execute(RemoveCalendarDay(day=THURSDAY), monday.system)
    monday.settle()
    assert moments(monday) == before


def test_a_deadline_is_a_date_and_stays_while_its_reminders_follow(monday: World) -> None:
    monday.deploy(WRITE_AND_CHECK)
    monday.start("write_and_check", dates={"deadline": FRIDAY})
    assert moments(monday) == {"due": "06/07 00:00", "-2wd 08:00": "03/07 08:00", "+1wd 08:00": "08/07 08:00"}
    declare(monday, THURSDAY, working=False)
    assert moments(monday) == {"due": "06/07 00:00", "-2wd 08:00": "02/07 08:00", "+1wd 08:00": "08/07 08:00"}


def test_the_level_that_comes_next_by_the_new_days_comes_first(monday: World) -> None:
    process = bpmn(
        start(), user("a", form="note", clock="case", due="working_days(3)", reminders="0wd 08:00 holder"), end(),
        flows="s>a\na>e", process_id="two_tables", reminders="-1wd 09:00 holder; +1wd 08:00 holder",
    )  # fmt: skip
    monday.deploy(process)
    case = monday.start("two_tables", dates={"deadline": FRIDAY})
    assert moments(monday) == {
        "due": "05/07 00:00", "0wd 08:00": "04/07 08:00", "-1wd 09:00": "04/07 09:00", "+1wd 08:00": "08/07 08:00",
    }  # fmt: skip
    declare(monday, THURSDAY, working=False)
    assert moments(monday) == {
        "due": "06/07 00:00", "-1wd 09:00": "03/07 09:00", "0wd 08:00": "05/07 08:00", "+1wd 08:00": "08/07 08:00",
    }  # fmt: skip
    monday.travel(local(MONDAY + timedelta(days=10)))
    monday.settle()
    fired = [fact.level for facts in monday.facts(case) for fact in facts if isinstance(fact, TimerFired)]
    assert fired == ["-1wd 09:00", "0wd 08:00", "+1wd 08:00"]
    monday.check()


def test_two_changes_before_the_scheduler_looks_are_both_followed(monday: World) -> None:
    monday.deploy(ANSWER)
    monday.start("answers")
    for day in (THURSDAY, FRIDAY):
        monday.execute(SetCalendarDay(day=day, working=False, note="bão"), monday.system)
    later = monday.start("answers")
    monday.settle()
    assert {row.due_at for row in monday.all(UserTask)} == {local(MONDAY + timedelta(days=8))}
    assert (followed(monday, later), {job.state for job in monday.all(Job)}) == (0, {"done"})


def test_tet_is_in_the_calendar(monday: World) -> None:
    tet = date(2042, 1, 22)  # the first day of the lunar year
    before = Calendar().shift(tet, -1)
    monday.travel(local(before, "09:00"))
    monday.deploy(ANSWER)
    monday.start("answers")
    due = local_date(monday.task("answer").due_at - timedelta(seconds=1))
    assert due - before > timedelta(days=8)
    assert Calendar().working_days_between(before, due) == 3


def test_a_case_that_starts_while_days_change_goes_by_the_new_ones(monday: World) -> None:
    """It counted by the old ones, and is there only once they have changed."""
    monday.deploy(ANSWER)
    closing = SetCalendarDay(day=THURSDAY, working=False, note="bão")
    change = Thread(target=monday.execute, args=(closing, monday.system))

    def change_meanwhile(_started: InstanceStarted, _tx: Transaction) -> None:
        change.start()
        while change.is_alive() and not waits_its_turn(monday.database):
            change.join(LOOK_AGAIN)

    monday.runtime = Runtime(monday.database, movable_clock=True, subscribers={InstanceStarted: [change_meanwhile]})
    monday.start("answers")
    change.join()
    monday.settle()
    assert moments(monday)["due"] == "06/07 00:00"


def waits_its_turn(database: sa.Engine) -> bool:
    """Whether somebody waits until this command ends; on SQLite whoever writes does."""
    if database.dialect.name == "sqlite":
        return True
    with database.connect() as connection:
        return bool(connection.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
