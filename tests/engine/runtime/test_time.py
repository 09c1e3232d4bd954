"""Outages and clocks that jump: what was missed comes once, in its order, and says that it is late."""

import threading
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine.clock import CLOCK_ROW, wall_clock
from engine.commands.incidents import RaiseIncident, ResolveIncident
from engine.commands.timers import PutTimerOff
from engine.facts import TimerFired
from engine.jobs import mind_the_clock, run_due_jobs
from engine.models import Clock, Event, Incident, Job, Timer
from engine.registry import PERFORMERS, JobCall
from engine.runtime import Runtime
from engine.scheduler import Scheduler, fire_due_timers, take_lease
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import bpmn, catch, end, start, user
from tests.engine.worlds import World, local

SENT = {"text": "Xong", "decision": "send"}
RETURNED = {"text": "Thiếu số", "decision": "return"}
FRIDAY = date(2041, 7, 5)
THREE_IN_A_ROW = bpmn(
    start(), catch("one", timer="PT1H"), catch("two", timer="PT2H"), user("write", form="note"), end(),
    flows="s>one\none>two\ntwo>write\nwrite>e", process_id="in_a_row",
)  # fmt: skip
DAY = timedelta(days=1)


def fired(world: World) -> list[TimerFired]:
    """Of all cases, in the order in which they fired."""
    rows = world.rows(sa.select(Event.stream, Event.at).where(Event.type == "TimerFired").order_by(Event.at))
    streams = dict.fromkeys(row.stream for row in rows)
    facts = {
        stream: iter([f for fs in world.facts(stream) for f in fs if isinstance(f, TimerFired)]) for stream in streams
    }
    return [next(facts[row.stream]) for row in rows]


def put_clock_back(world: World, span: timedelta) -> None:
    """As the machine's own clock is: without asking, and with nothing recorded."""
    with world.database.begin() as connection:
        back = Clock.ahead_seconds - int(span.total_seconds())
        connection.execute(sa.update(Clock).where(Clock.id == CLOCK_ROW).values(ahead_seconds=back))


# ── a day's outage ──


def test_what_an_outage_missed_fires_once_in_order_and_late(world: World) -> None:
    world.travel(local(FRIDAY - timedelta(days=3), "09:00"))
    world.deploy(WRITE_AND_CHECK)
    for days in (2, 0, 1):  # not in the order of their moments
        world.start("write_and_check", dates={"deadline": FRIDAY - timedelta(days=days)})
    missed = [one.at for one in world.upcoming() if one.at < local(FRIDAY, "10:00")]
    assert len(missed) >= 3
    world.travel(local(FRIDAY, "10:00"))
    world.restart()
    world.settle()
    world.settle()
    told = fired(world)
    assert [fact.due_at for fact in told] == sorted(missed)
    assert {fact.late for fact in told if fact.due_at < local(FRIDAY, "09:00")} == {True}
    late = [row.late for row in world.all(Timer, Timer.state == "fired")]
    assert late == [True] * len(missed)


def test_a_moment_that_is_only_just_past_is_not_late(world: World) -> None:
    world.deploy(THREE_IN_A_ROW)
    world.start("in_a_row")
    world.travel(timedelta(hours=1, minutes=2))
    world.settle()
    assert [(fact.element_id, fact.late) for fact in fired(world)] == [("one", False)]


def test_what_follows_a_late_timer_counts_from_when_that_fired(world: World) -> None:
    world.deploy(THREE_IN_A_ROW)
    case = world.start("in_a_row")
    world.travel(DAY)
    world.settle()
    assert [(fact.element_id, fact.late) for fact in fired(world)] == [("one", True)]
    world.travel(timedelta(hours=2, seconds=1))
    world.settle()
    assert world.tasks(case) == {"write"}


def test_a_return_long_after_the_deadline_escalates_nobody_again(world: World) -> None:
    world.travel(local(FRIDAY - timedelta(days=3), "09:00"))
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check", dates={"deadline": FRIDAY})
    world.travel(local(FRIDAY + timedelta(days=10), "10:00"))
    for _ in range(2):
        world.settle()
        world.complete("write", world.officer, case, **SENT)
        world.complete("check", world.head, case, **RETURNED)
        world.restart()
    world.settle()
    assert [fact.level for fact in fired(world)] == ["-2wd 08:00", "+1wd 08:00"]


# ── a clock that jumps ──


def test_a_clock_put_back_fires_nothing_twice(world: World) -> None:
    world.travel(local(FRIDAY - timedelta(days=3), "09:00"))
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check", dates={"deadline": FRIDAY})
    world.travel(local(FRIDAY, "09:00"))
    world.settle()
    put_clock_back(world, 3 * DAY)
    world.settle()
    world.complete("write", world.officer, case, **SENT)
    world.complete("check", world.head, case, **RETURNED)
    world.travel(local(FRIDAY + timedelta(days=5), "09:00"))
    world.settle()
    assert [fact.level for fact in fired(world)] == ["-2wd 08:00", "+1wd 08:00"]


def test_a_clock_that_was_ahead_for_a_while_leaves_the_case_as_it_is(world: World) -> None:
    world.deploy(THREE_IN_A_ROW)
    case = world.start("in_a_row")
    world.travel(timedelta(hours=1, seconds=1))
    put_clock_back(world, timedelta(hours=1))
    world.settle()
    assert fired(world) == []
    world.travel(timedelta(hours=1))
    world.settle()
    world.travel(timedelta(hours=2, seconds=1))
    world.settle()
    assert world.tasks(case) == {"write"}


def leave(world: World, key: str) -> None:
    with world.runtime.writing() as connection:
        now = world.runtime.now(connection)
        connection.execute(
            sa.insert(Job).values(
                tenant_id=world.tenant_id, kind="tests.note", key=key, payload="{}", run_at=now, created_at=now
            )
        )


def test_a_job_left_by_a_later_clock_does_not_wait_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def die(job: JobCall, runtime: Runtime) -> None:
        raise SystemExit

    leave(world, "held by a dead worker")
    monkeypatch.setitem(PERFORMERS, "tests.note", die)
    with pytest.raises(SystemExit):
        run_due_jobs(world.runtime, "one")
    monkeypatch.setitem(PERFORMERS, "tests.note", lambda job, runtime: done.append(job.key))
    leave(world, "left")
    world.travel(timedelta(seconds=1))  # a row of the clock, to be put back
    put_clock_back(world, DAY)
    world.settle()
    assert done == []
    mind_the_clock(world.runtime)
    world.settle()
    assert sorted(done) == ["held by a dead worker", "left"]


def test_a_job_put_off_by_a_later_clock_does_not_wait_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def fails_once(job: JobCall, _runtime: Runtime) -> None:
        tries.append(job.key)
        if len(tries) == 1:
            raise ConnectionError("out of reach")

    monkeypatch.setitem(PERFORMERS, "tests.note", fails_once)
    leave(world, "left")
    world.travel(30 * DAY)
    world.settle()
    put_clock_back(world, 30 * DAY)
    mind_the_clock(world.runtime)
    world.settle()
    assert tries == ["left", "left"]


def test_a_timer_put_off_by_a_later_clock_does_not_wait_for_it(world: World) -> None:
    world.deploy(THREE_IN_A_ROW)
    case = world.start("in_a_row")
    world.travel(DAY)
    world.execute(PutTimerOff(timer_id=world.one(Timer).id, instance_id=case, error="hỏng"))
    put_clock_back(world, DAY / 2)
    assert fire_due_timers(world.runtime) == 0
    mind_the_clock(world.runtime)
    assert fire_due_timers(world.runtime) == 1


def test_a_timer_given_up_for_a_day_by_a_later_clock_does_not_wait_for_it(world: World) -> None:
    world.deploy(THREE_IN_A_ROW)
    case = world.start("in_a_row")
    world.travel(30 * DAY)
    raised = RaiseIncident(
        instance_id=case, element_id="one", timer_id=world.one(Timer).id, message="Không chạy được", detail=""
    )
    world.execute(raised)
    close = ResolveIncident(incident_id=world.one(Incident).id, retry=False, reason="Thôi")
    world.execute(close, world.administrator)
    put_clock_back(world, 20 * DAY)
    mind_the_clock(world.runtime)
    assert fire_due_timers(world.runtime) == 1


def test_a_lease_of_a_later_clock_holds_nobody_up(world: World) -> None:
    span = timedelta(minutes=3)
    world.travel(timedelta(seconds=1))
    assert take_lease(world.runtime, "calendar", "one", span)
    assert not take_lease(world.runtime, "calendar", "two", span)
    put_clock_back(world, DAY)
    assert take_lease(world.runtime, "calendar", "two", span)


def test_the_scheduler_ticks_on_when_the_clock_is_put_back(world: World) -> None:
    ticked = threading.Event()

    def work(_runtime: Runtime, _now: datetime) -> None:
        ticked.set()

    scheduler = Scheduler(world.runtime, work)
    scheduler.start()
    assert ticked.wait(90)
    ticked.clear()
    for job in scheduler._ticker.get_jobs():  # As they look once the clock was put back by a day.
        job.modify(next_run_time=wall_clock() + DAY)
    assert ticked.wait(90)
    scheduler.stop()


def test_a_scheduler_that_is_stopped_while_it_starts_ends_quietly(world: World) -> None:
    """What goes wrong in its thread fails the test; ten times, as the two may miss each other."""
    for _ in range(10):
        scheduler = Scheduler(world.runtime, lambda *_: None)
        scheduler.start()
        scheduler.stop()
