"""Timers: each fires exactly once in its effects, however many schedulers look; a bad one stops nobody."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands.incidents import ResolveIncident
from engine.commands.instances import ResumeInstance, SuspendInstance
from engine.commands.operations import CorrectVariable
from engine.commands.timers import MOST_ATTEMPTS, RETRY_AFTER, FireTimer
from engine.facts import TimerFired
from engine.models import ProcessInstance, Timer, TimerKind, UserTask
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers
from engine.transaction import SUBSCRIBERS, Transaction
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, many, script, start, user
from tests.engine.worlds import DEADLINE, World, local

SENT = {"text": "Xong", "decision": "send"}
RETURNED = {"text": "Thiếu số", "decision": "return"}
WAIT = bpmn(
    start(), catch("pause", timer="P1D"), user("write", form="note"), end(),
    flows="s>pause\npause>write\nwrite>e", process_id="wait",
)  # fmt: skip

REMINDER = Timer.level == "-2wd 08:00"


def fired(world: World, stream) -> list[TimerFired]:
    return [fact for facts in world.facts(stream) for fact in facts if isinstance(fact, TimerFired)]


def test_a_reminder_fires_at_its_moment(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.travel(local(DEADLINE - timedelta(days=2), "07:59"))
    assert fire_due_timers(world.runtime) == 0
    world.travel(local(DEADLINE - timedelta(days=2), "08:00"))
    assert fire_due_timers(world.runtime) == 1
    (fact,) = fired(world, case)
    assert (fact.kind, fact.level, fact.recipients, fact.late) == (TimerKind.REMINDER, "-2wd 08:00", "holder", False)
    assert (fact.due_at, fact.user_task_id) == (local(DEADLINE - timedelta(days=2), "08:00"), world.task("write").id)


def test_an_escalation_names_the_desk_it_goes_to(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.travel(local(DEADLINE + timedelta(days=3), "08:00"))
    world.settle()
    reminder, escalation = fired(world, case)
    assert (reminder.late, escalation.late) == (True, False)
    assert (escalation.kind, escalation.recipients) == (TimerKind.ESCALATION, f"head@{world.unit}")


def test_each_of_several_who_do_a_step_is_reminded(world: World) -> None:
    voting = user("vote", many("3"), form="note", due="end_of(deadline)", reminders="-2wd 08:00 holder; -2h holder")
    world.deploy(bpmn(start(), voting, end(), flows="s>vote\nvote>e", process_id="voting"))
    case = world.start("voting")
    tasks = {row.id for row in world.all(UserTask)}
    world.travel(local(DEADLINE + timedelta(days=1), "08:00"))
    world.settle()
    reminded = [(fact.level, fact.user_task_id) for fact in fired(world, case)]
    assert sorted(reminded) == sorted((level, task) for level in ("-2wd 08:00", "-2h") for task in tasks)


def test_a_timer_of_the_drawing_moves_the_case_on(world: World) -> None:
    world.deploy(WAIT)
    case = world.start("wait")
    world.travel(timedelta(days=1, seconds=1))
    world.settle()
    assert world.tasks(case) == {"write"}
    (fact,) = fired(world, case)
    assert (fact.element_id, fact.kind, fact.late) == ("pause", TimerKind.FLOW, False)


def test_after_an_outage_a_timer_fires_once_marked_late(world: World) -> None:
    world.deploy(WAIT)
    case = world.start("wait")
    world.travel(timedelta(days=9))
    world.restart()
    world.settle()
    assert [fact.late for fact in fired(world, case)] == [True]


def test_a_stale_trigger_changes_nothing(world: World) -> None:
    world.deploy(WAIT)
    case = world.start("wait")
    (timer,) = world.all(Timer)
    assert world.execute(FireTimer(timer_id=timer.id)) is None
    world.travel(timedelta(days=2))
    assert [bool(world.execute(FireTimer(timer_id=timer.id))) for _ in range(2)] == [True, False]
    assert len(fired(world, case)) == 1


def test_a_return_after_the_deadline_escalates_nobody_again(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.travel(local(DEADLINE + timedelta(days=4), "10:00"))
    world.settle()
    assert len(fired(world, case)) == 2
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **RETURNED)
    world.settle()
    assert (len(fired(world, case)), world.timers()) == (2, [])


def test_a_return_schedules_only_the_levels_that_are_ahead(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.travel(local(DEADLINE, "10:00"))
    world.settle()
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **RETURNED)
    assert ([fact.level for fact in fired(world, case)], world.timers()) == (["-2wd 08:00"], ["+1wd 08:00"])


LADDER = bpmn(
    start(),
    user("a", form="note", clock="case", due="end_of(deadline, -1)", reminders="-1wd 08:00 holder; +1h head@lead"),
    border("over", "a", timer="end_of(deadline, 2)"), end(), end("e2"), flows="s>a\na>e\nover>e2",
    process_id="ladder", reminders="-1wd 08:00 holder; +1wd 08:00 head@lead; +4wd 08:00 head@lead",
)  # fmt: skip


def test_only_the_next_level_of_a_step_is_a_row_and_each_fires_in_its_turn(world: World) -> None:
    world.deploy(LADDER)
    case = world.start("ladder")
    ahead = [one.at for one in world.upcoming() if one.level]
    for moment in ahead[:3]:
        row = world.one(Timer, Timer.state == "waiting", Timer.kind != TimerKind.FLOW)
        assert row.due_at == moment
        world.travel(moment)
        assert fire_due_timers(world.runtime) == 1
        world.check()
    assert [fact.level for fact in fired(world, case)] == ["-1wd 08:00", "-1wd 08:00", "+1h"]


def test_missed_levels_come_before_what_ends_their_step_and_none_after(world: World) -> None:
    world.deploy(LADDER)
    case = world.start("ladder")
    world.travel(local(DEADLINE + timedelta(days=20)))
    world.settle()
    told = [(fact.level or fact.element_id, fact.late) for fact in fired(world, case)]
    levels = ["-1wd 08:00", "-1wd 08:00", "+1h", "+1wd 08:00", "over"]
    assert (told, world.timers()) == ([(level, True) for level in levels], [])
    world.check()


def test_levels_that_were_missed_are_told_before_a_completion(world: World) -> None:
    world.deploy(LADDER)
    case = world.start("ladder")
    world.travel(local(DEADLINE, "09:00"))
    world.complete("a", world.officer, **SENT)
    assert [fact.level for fact in fired(world, case)] == ["-1wd 08:00", "-1wd 08:00", "+1h"]
    assert world.timers() == []
    world.check()


def test_timers_of_a_completed_step_never_fire(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **SENT)
    world.travel(local(DEADLINE + timedelta(days=9)))
    world.settle()
    assert fired(world, case) == []


@pytest.mark.parametrize("schedulers", [2, 4])
def test_several_schedulers_fire_each_timer_once(world: World, schedulers: int) -> None:
    world.deploy(WAIT)
    world.deploy(WRITE_AND_CHECK)
    cases = [world.start("wait") for _ in range(8)] + [world.start("write_and_check") for _ in range(8)]
    world.travel(local(DEADLINE, "10:00"))
    threads = [
        threading.Thread(target=fire_due_timers, args=(Runtime(world.database, movable_clock=True),))
        for _ in range(schedulers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()  # PostgreSQL's schedulers pass over what another has locked.
    assert [len(fired(world, case)) for case in cases] == [1] * len(cases)
    assert sorted(world.tasks()) == ["write"]


def test_timers_of_a_suspended_case_wait_and_block_nobody(world: World) -> None:
    world.deploy(WAIT)
    held, other = world.start("wait"), world.start("wait")
    world.execute(SuspendInstance(instance_id=held, reason="Xem lại"), world.administrator)
    world.travel(timedelta(days=2))
    assert fire_due_timers(world.runtime, limit=1) == 1
    assert (world.tasks(held), world.tasks(other)) == (set(), {"write"})
    world.settle()  # ends, though a timer is due
    world.execute(ResumeInstance(instance_id=held, reason="Xong"), world.administrator)
    world.settle()
    assert world.tasks(held) == {"write"}


def broken(world: World):
    """A case whose timer cannot fire: its state is damaged."""
    world.deploy(WAIT)
    case = world.start("wait")
    with world.database.begin() as connection:
        sound = connection.scalar(sa.select(ProcessInstance.saved_state))
        connection.execute(sa.update(ProcessInstance).values(saved_state=b"?"))
    world.travel(timedelta(days=2))
    return case, sound


def mend(world: World, case, sound: bytes) -> None:
    with world.database.begin() as connection:
        connection.execute(sa.update(ProcessInstance).where(ProcessInstance.id == case).values(saved_state=sound))


def test_a_timer_that_fails_is_put_off_and_blocks_nobody(world: World) -> None:
    case, sound = broken(world)
    healthy = world.start("wait")
    world.travel(timedelta(days=2))
    world.settle()
    timer = world.one(Timer, Timer.instance_id == case)
    assert (timer.state, timer.attempts) == ("waiting", 1)
    assert timedelta() < timer.fire_at - world.now <= RETRY_AFTER
    assert world.tasks(healthy) == {"write"}
    mend(world, case, sound)
    world.travel(RETRY_AFTER)
    world.settle()
    assert len(fired(world, case)) == 1


def test_what_a_timer_cannot_do_keeps_nobody_from_the_steps_beside_it(world: World) -> None:
    source = bpmn(
        start(), both("split"), user("a", form="note"), user("b", form="note"),
        border("late", "b", timer="P1D", interrupting=False), script("count", "days = agreed.days + 1"), both("join"),
        end(), end("e2"), process_id="beside", inputs="agreed.days",
        flows="s>split\nsplit>a\nsplit>b\na>join\nb>join\njoin>e\nlate>count\ncount>e2",
    )  # fmt: skip
    world.deploy(source)
    case = world.start("beside", data={"agreed": {"days": "hai"}})
    world.travel(timedelta(days=1))
    world.settle()
    world.complete("a", world.officer, **SENT)
    assert (len(world.incidents()), world.tasks(case), world.timers()) == (1, {"b"}, ["late"])
    world.execute(
        CorrectVariable(instance_id=case, variable="agreed.days", value=2, reason="Sửa số"), world.administrator
    )
    world.travel(RETRY_AFTER)
    world.complete("b", world.officer, **SENT)  # What is due again goes first.
    assert (world.instance(case).state, len(fired(world, case))) == ("completed", 1)


def test_a_process_that_fails_on_a_timer_is_one_incident(world: World) -> None:
    case, sound = broken(world)
    for _ in range(MOST_ATTEMPTS + 1):
        world.settle()
        world.travel(RETRY_AFTER)
    (incident,) = world.incidents()
    assert (incident.instance_id, incident.timer_id) == (case, world.one(Timer).id)
    mend(world, case, sound)


def test_the_fifth_failure_of_any_other_kind_is_an_incident(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.travel(local(DEADLINE, "10:00"))
    with monkeypatch.context() as fault:
        fault.setitem(SUBSCRIBERS, TimerFired, [out_of_order])
        for attempt in range(1, MOST_ATTEMPTS + 1):
            assert world.incidents() == []
            world.settle()
            assert world.one(Timer, REMINDER).attempts == attempt
            world.travel(RETRY_AFTER)
    (incident,) = world.incidents()
    assert (incident.instance_id, incident.timer_id) == (case, world.one(Timer, REMINDER).id)
    assert ("hẹn giờ" in incident.message, "out of order" in incident.detail) == (True, True)
    retry = ResolveIncident(incident_id=incident.id, retry=True, reason="")
    world.execute(retry, world.administrator)
    world.settle()
    assert ([fact.level for fact in fired(world, case)], world.incidents()) == (["-2wd 08:00"], [])


def out_of_order(_fact: TimerFired, _tx: Transaction) -> None:
    """A part of the domain that fails."""
    raise OSError("out of order")
