"""Operations on a running case: each works after a restart, says why, and leaves a log that rebuilds the tables."""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands.instances import MoveDates, ResumeInstance, SuspendInstance
from engine.commands.operations import (
    CannotOperate,
    ChangeDueTime,
    CorrectVariable,
    GoBack,
    NoSuchVariable,
    ReassignUserTask,
    SkipUserTask,
)
from engine.errors import (
    InstanceNotActive,
    InstanceOnHold,
    NotFound,
    PermissionDenied,
    Rejected,
    SeparationOfDuties,
    UserTaskLapsed,
    UserTaskNotOpen,
)
from engine.facts import DueTimeChanged, UserTaskAssigned, UserTaskFreed, UserTaskSkipped, VariableCorrected, WentBack
from engine.models import NO_DUE, UserTask
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.runtime.test_user_tasks import LAPSES
from tests.engine.spiff.drawings import border, bpmn, end, script, start, user, xor
from tests.engine.worlds import DEADLINE, World, local

SENT = {"text": "Xong", "decision": "send"}
WHY = "Lãnh đạo yêu cầu"


@pytest.fixture
def case(world: World) -> UUID:
    world.deploy(WRITE_AND_CHECK)
    return world.start("write_and_check")


def operate(world: World, command) -> None:
    """As another process would: nothing is cached."""
    world.restart()
    world.execute(command, world.administrator)
    world.check()


# ── who may, and why ──


def commands(world: World, case: UUID, reason: str) -> list:
    task = world.task("write").id
    return [
        ReassignUserTask(user_task_id=task, assignee_id=world.colleague.id, reason=reason),
        ChangeDueTime(user_task_id=task, due_at=local(DEADLINE), reason=reason),
        SkipUserTask(user_task_id=task, reason=reason),
        GoBack(instance_id=case, element_id="write", reason=reason),
        CorrectVariable(instance_id=case, variable="write.decision", value="send", reason=reason),
        SuspendInstance(instance_id=case, reason=reason),
    ]


def test_each_needs_an_administrator_and_a_reason(world: World, case) -> None:
    for command in commands(world, case, WHY):
        with pytest.raises(PermissionDenied):
            world.execute(command, world.head)
    for reason in ("  ", "x" * 1001):
        for command in commands(world, case, reason):
            with pytest.raises(Rejected, match=r"Chưa nhập lý do|dài quá"):
                world.execute(command, world.administrator)
    assert world.types(case) == ["InstanceStarted"]


def test_none_touches_another_wards_case_or_one_that_has_ended(world: World, case) -> None:
    asked = commands(world, case, WHY)
    other = World(world.database)
    for command in asked:
        with pytest.raises(NotFound):
            world.execute(command, other.administrator)
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **SENT)
    for command in asked:
        with pytest.raises((InstanceNotActive, UserTaskNotOpen)):
            world.execute(command, world.administrator)


# ── reassign ──


def test_a_step_goes_to_somebody_else_and_back_to_its_desk(world: World, case) -> None:
    task = world.task("write").id
    operate(world, ReassignUserTask(user_task_id=task, assignee_id=world.colleague.id, reason=WHY))
    assert (world.task("write").assignee_id, world.facts(case)[-1]) == (
        world.colleague.id,
        [UserTaskAssigned(task, world.colleague.id, WHY)],
    )
    operate(world, ReassignUserTask(user_task_id=task, assignee_id=None, reason=WHY))
    assert (world.task("write").assignee_id, world.facts(case)[-1]) == (None, [UserTaskFreed(task, WHY)])
    world.complete("write", world.officer, **SENT)


def test_nobody_is_given_the_check_of_their_own_work(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    command = ReassignUserTask(user_task_id=world.task("check").id, assignee_id=world.officer.id, reason=WHY)
    with pytest.raises(SeparationOfDuties, match="của chính mình"):
        world.execute(command, world.administrator)


# ── change the due time ──

WATCHED = bpmn(
    start(), user("a", form="note", due="working_days(3)", reminders="-1wd 08:00 holder; +1wd 08:00 head@lead"),
    border("lapsed", "a", timer="working_days(3)"), border("hopeless", "a", timer='working_days(5, "09:00")'),
    border("early", "a", timer="working_days(1)", interrupting=False), user("b", form="note"), end(), end("e2"),
    end("e3"), flows="s>a\na>e\nlapsed>b\nb>e2\nhopeless>e2\nearly>e3",
    process_id="watched",
)  # fmt: skip
TUESDAY = DEADLINE - timedelta(days=10)


@pytest.fixture
def watched(world: World) -> UUID:
    world.travel(local(TUESDAY, "10:00"))
    world.deploy(WATCHED)
    return world.start("watched")


def due(world: World) -> dict[str, object]:
    return {one.level or one.element_id: one.at for one in world.upcoming()}


def test_its_reminders_and_the_timers_that_wait_for_it_move_along(world: World, watched) -> None:
    early = due(world)["early"]
    friday, monday = TUESDAY + timedelta(days=3), TUESDAY + timedelta(days=6)
    task = world.task("a")
    assert task.due_at == local(friday + timedelta(days=1))
    command = ChangeDueTime(user_task_id=task.id, due_at=local(monday + timedelta(days=1)), reason=WHY)
    operate(world, command)
    moved = world.task("a")
    assert moved.due_at == moved.order_at == command.due_at
    assert due(world) == {
        "early": early,
        "-1wd 08:00": local(friday, "08:00"),
        "+1wd 08:00": local(monday + timedelta(days=1), "08:00"),
        "lapsed": command.due_at,
        "hopeless": local(monday + timedelta(days=2), "09:00"),
    }
    assert DueTimeChanged(task.id, "a", command.due_at, task.due_at, WHY) in world.facts(watched)[-1]


def test_moved_timers_fire_when_they_are_due_now(world: World, watched) -> None:
    command = ChangeDueTime(user_task_id=world.task("a").id, due_at=local(TUESDAY + timedelta(days=7)), reason=WHY)
    operate(world, command)
    world.travel(local(TUESDAY + timedelta(days=6), "12:00"))
    world.settle()
    assert world.tasks() == {"a"}
    world.travel(command.due_at)
    world.settle()
    assert world.tasks() == {"b"}


def test_the_cases_own_reminders_stay(world: World, case) -> None:
    process = bpmn(
        start(), user("a", form="note", clock="case", due="end_of(deadline, -2)", reminders="-1wd 08:00 holder"), end(),
        flows="s>a\na>e", process_id="clocked", reminders="-3wd 08:00 holder; +1wd 08:00 head@lead",
    )  # fmt: skip
    world.deploy(process)
    world.start("clocked")
    before = due(world)
    command = ChangeDueTime(user_task_id=world.task("a").id, due_at=local(DEADLINE, "17:00"), reason=WHY)
    operate(world, command)
    after = due(world)
    assert after.pop("-1wd 08:00") == local(DEADLINE - timedelta(days=1), "08:00")
    assert after.items() <= before.items()


def test_a_moment_that_is_past_is_refused(world: World, watched) -> None:
    with pytest.raises(Rejected, match="Hạn mới"):
        world.execute(ChangeDueTime(user_task_id=world.task("a").id, due_at=world.now, reason=WHY), world.administrator)


# ── skip ──


def test_a_skipped_step_is_recorded_as_such_and_the_case_goes_on(world: World, case) -> None:
    task = world.task("write")
    operate(world, SkipUserTask(user_task_id=task.id, values={"decision": "send"}, reason=WHY))
    row = world.one(UserTask, UserTask.id == task.id)
    assert (row.state, row.completed_by, world.tasks()) == ("skipped", world.administrator.id, {"check"})
    assert world.facts(case)[-1][0] == UserTaskSkipped(task.id, "write", {"decision": "send"}, WHY)
    assert "-2wd 08:00" not in world.timers()


def test_a_step_that_has_lapsed_since_is_not_skipped(world: World) -> None:
    world.deploy(LAPSES)
    world.start("lapses")
    world.travel(timedelta(days=14))
    with pytest.raises(UserTaskLapsed):
        world.execute(SkipUserTask(user_task_id=world.task("accept").id, reason=WHY), world.administrator)


def test_stated_values_decide_the_way(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    operate(world, SkipUserTask(user_task_id=world.task("check").id, values={"decision": "return"}, reason=WHY))
    assert world.tasks() == {"write"}
    world.complete("write", world.officer, **SENT)
    operate(world, SkipUserTask(user_task_id=world.task("check").id, reason=WHY))
    assert world.instance(case).state == "completed"


def test_values_that_are_no_variables_are_refused(world: World, case) -> None:
    with pytest.raises(Rejected, match="text"):
        world.execute(
            SkipUserTask(user_task_id=world.task("write").id, values={"text": "x"}, reason=WHY), world.administrator
        )


def test_nobody_skips_the_check_of_their_own_work(world: World, case) -> None:
    both = world.person("staff", "operate")
    world.complete("write", both, **SENT)
    with pytest.raises(SeparationOfDuties):
        world.execute(SkipUserTask(user_task_id=world.task("check").id, reason=WHY), both)
    assert world.tasks() == {"check"}


def test_who_skipped_a_step_does_not_check_it(world: World, case) -> None:
    both = world.person("head", "operate")
    world.execute(SkipUserTask(user_task_id=world.task("write").id, reason=WHY), both)
    with pytest.raises(SeparationOfDuties):
        world.complete("check", both, **SENT)


# ── go back ──

STEPS = bpmn(
    start(), user("a", form="note"), script("count", "round.number = 2\ncopied = a.decision"),
    user("b", form="note"), xor("x"), user("c", form="note"), end(),
    flows="s>a\na>count\ncount>b\nb>x\nx>c if copied == 'send'\nx>a default\nc>e", process_id="steps",
)  # fmt: skip


def data(world: World, case: UUID) -> dict:
    from engine.calendar import Calendar
    from engine.spiff import Context, Walk

    row = world.instance(case)
    with world.runtime.reading() as connection:
        definition = world.runtime.definition(row.definition_id, connection)
    return Walk.restore(definition, row.saved_state, Context(world.now, {}, Calendar().functions(world.now))).data


def test_a_case_goes_back_with_its_data_as_it_stood_before_that_step(world: World) -> None:
    world.deploy(STEPS)
    case = world.start("steps", data={"round": {"number": 1}})
    for step in ("a", "b"):
        world.complete(step, world.officer, **SENT)
    interrupted = world.task("c").id
    operate(world, GoBack(instance_id=case, element_id="a", reason=WHY))
    assert (world.tasks(), data(world, case)) == ({"a"}, {"round": {"number": 1}})
    assert world.one(UserTask, UserTask.id == interrupted).state == "cancelled"
    assert world.facts(case)[-1][0] == WentBack("a", WHY)
    world.complete("a", world.officer, text="x", decision="return")
    assert data(world, case) == {"round": {"number": 2}, "a": {"decision": "return"}, "copied": "return"}
    operate(world, GoBack(instance_id=case, element_id="a", reason=WHY))
    assert data(world, case) == {"round": {"number": 1}}
    for step in ("a", "b", "c"):
        world.complete(step, world.officer, **SENT)
    assert world.instance(case).state == "completed"


def test_what_an_earlier_round_gave_comes_back(world: World, case) -> None:
    for decision in ("return", "send"):
        world.complete("write", world.officer, text="x", decision=decision)
        if decision == "return":
            world.complete("check", world.head, text="Thiếu", decision="return")
    operate(world, GoBack(instance_id=case, element_id="write", reason=WHY))
    assert data(world, case) == {"write": {"decision": "return"}, "check": {"decision": "return"}}


def test_a_step_that_was_never_passed_is_refused(world: World, case) -> None:
    for element in ("check", "write", "nowhere"):
        with pytest.raises(CannotOperate, match="chưa qua"):
            world.execute(GoBack(instance_id=case, element_id=element, reason=WHY), world.administrator)


def test_the_step_gets_its_due_time_and_reminders_anew(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    operate(world, GoBack(instance_id=case, element_id="write", reason=WHY))
    assert world.timers() == ["-2wd 08:00", "+1wd 08:00"]


# ── correct a variable ──


def test_a_corrected_variable_decides_from_then_on(world: World) -> None:
    world.deploy(STEPS)
    case = world.start("steps")
    world.complete("a", world.officer, text="x", decision="return")
    operate(world, CorrectVariable(instance_id=case, variable="copied", value="send", reason=WHY))
    assert world.facts(case)[-1][0] == VariableCorrected("copied", '"return"', '"send"', WHY)
    world.complete("b", world.officer, **SENT)
    assert world.tasks() == {"c"}


def test_a_correction_survives_going_back_to_a_later_step(world: World) -> None:
    world.deploy(STEPS)
    case = world.start("steps")
    world.complete("a", world.officer, **SENT)
    world.complete("b", world.officer, **SENT)
    operate(world, CorrectVariable(instance_id=case, variable="a.decision", value="return", reason=WHY))
    operate(world, GoBack(instance_id=case, element_id="b", reason=WHY))
    assert data(world, case)["a"] == {"decision": "return"}


def test_due_times_that_hang_on_it_move(world: World) -> None:
    source = bpmn(
        start(), user("b", form="note", due="end_of(plan.until)", reminders="+1wd 08:00 head@lead"),
        border("over", "b", timer="end_of(plan.until, 2)"), end(), end("e2"), flows="s>b\nb>e\nover>e2",
        process_id="dated", inputs="plan.until",
    )  # fmt: skip
    world.deploy(source)
    case = world.start("dated", data={"plan": {"until": DEADLINE.isoformat()}})
    monday = DEADLINE + timedelta(days=3)
    operate(world, CorrectVariable(instance_id=case, variable="plan.until", value=monday.isoformat(), reason=WHY))
    assert world.task("b").due_at == local(monday + timedelta(days=1))
    assert due(world) == {
        "over": local(monday + timedelta(days=3)), "+1wd 08:00": local(monday + timedelta(days=1), "08:00"),
    }  # fmt: skip


COUNTED = bpmn(
    start(), user("b", form="note", due="working_days(plan.days)", reminders="+1wd 08:00 head@lead"),
    border("over", "b", timer="working_days(plan.days, '09:00')"), end(), end("e2"), flows="s>b\nb>e\nover>e2",
    process_id="counted", inputs="plan.days",
)  # fmt: skip


@pytest.mark.parametrize(("variable", "value"), [("plan.days", 5), ("plan", {"days": 5})], ids=["part", "whole"])
def test_what_counts_from_when_it_was_entered_still_does(world: World, variable: str, value: object) -> None:
    world.travel(local(TUESDAY, "10:00"))
    world.deploy(COUNTED)
    case = world.start("counted", data={"plan": {"days": 3}})
    world.travel(timedelta(days=2))
    operate(world, CorrectVariable(instance_id=case, variable=variable, value=value, reason=WHY))
    tuesday = TUESDAY + timedelta(days=7)
    assert world.task("b").due_at == local(tuesday + timedelta(days=1))
    assert due(world) == {
        "over": local(tuesday, "09:00"), "+1wd 08:00": local(tuesday + timedelta(days=1), "08:00"),
    }  # fmt: skip


def test_a_due_time_that_hangs_on_nothing_any_more_is_none(world: World) -> None:
    source = bpmn(
        start(), user("b", form="note", due="plan.until", reminders="+1wd 08:00 head@lead"), end(), flows="s>b\nb>e",
        process_id="dated", inputs="plan.until",
    )  # fmt: skip
    world.deploy(source)
    case = world.start("dated", data={"plan": {"until": DEADLINE.isoformat()}})
    operate(world, CorrectVariable(instance_id=case, variable="plan.until", value=None, reason=WHY))
    row = world.task("b")
    assert (row.due_at, row.order_at, due(world)) == (None, NO_DUE, {})


def test_what_the_case_does_not_know_cannot_be_corrected(world: World, case) -> None:
    for variable in ("write.decision", "write", "x.y.z"):
        with pytest.raises(NoSuchVariable):
            world.execute(
                CorrectVariable(instance_id=case, variable=variable, value=1, reason=WHY), world.administrator
            )


# ── while it is suspended ──


def test_a_suspended_case_is_mended_and_goes_on_when_it_is_resumed(world: World, case) -> None:
    world.complete("write", world.officer, text="x", decision="return")
    operate(world, SuspendInstance(instance_id=case, reason=WHY))
    operate(world, GoBack(instance_id=case, element_id="write", reason=WHY))
    operate(world, SkipUserTask(user_task_id=world.task("write").id, values={"decision": "send"}, reason=WHY))
    operate(world, CorrectVariable(instance_id=case, variable="write.decision", value="return", reason=WHY))
    operate(world, ChangeDueTime(user_task_id=world.task("check").id, due_at=local(DEADLINE), reason=WHY))
    with pytest.raises(InstanceOnHold):
        world.complete("check", world.head, **SENT)
    with pytest.raises(InstanceOnHold):
        world.execute(MoveDates(instance_id=case, dates={"deadline": DEADLINE + timedelta(days=3)}, reason=WHY))
    operate(world, ResumeInstance(instance_id=case, reason=WHY))
    world.complete("check", world.head, **SENT)
    assert world.instance(case).state == "completed"
