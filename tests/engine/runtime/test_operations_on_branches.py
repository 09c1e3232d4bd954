"""Operations where several things wait at once, or one is done by several."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands.instances import ResumeInstance, SuspendInstance
from engine.commands.messages import DeliverMessage
from engine.commands.operations import CannotOperate, ChangeDueTime, CorrectVariable, GoBack, SkipUserTask
from engine.facts import VariablesRestored
from engine.models import UserTask
from engine.registry import SERVICES, service
from tests.engine.spiff import drawings as draw
from tests.engine.spiff.drawings import again, border, both, bpmn, end, many, script, start, sub, user, xor
from tests.engine.worlds import DEADLINE, World, local

SENT = {"text": "Xong", "decision": "send"}
WHY = "Lãnh đạo yêu cầu"
TWO_OF_THREE = "count('decision', 'send') >= 2 or count('decision', 'return') >= 2"
BRANCHES = bpmn(
    start(), both("p"), user("a", form="note"), draw.service("stamp", "tests.branch"), user("b", form="note"),
    user("c", form="note", due="agreed.until"), border("late", "c", timer="agreed.until"), both("j"), end(), end("e2"),
    flows="s>p\np>a\na>stamp\nstamp>b\np>c\nb>j\nc>j\nj>e\nlate>e2", process_id="branches", inputs="agreed.until",
)  # fmt: skip
SEVERAL = bpmn(
    start(), user("a", form="note"), user("vote", many("3", until=TWO_OF_THREE), form="note"),
    user("z", form="note"), end(), flows="s>a\na>vote\nvote>z\nz>e", process_id="several",
)  # fmt: skip
BOX = sub(
    "box", start("s2"), user("vote", form="note"), user("look", form="note"), xor("g"), user("mend", form="note"),
    end("e2"), loop=many("2"),
    flows="s2>vote\nvote>look\nlook>g\ng>mend if vote.decision == 'return'\ng>e2 default\nmend>e2",
)  # fmt: skip
BOXES = bpmn(start(), BOX, end(), flows="s>box\nbox>e", process_id="boxes")


@pytest.fixture
def case(world: World) -> Iterator[UUID]:
    """Its branch a waits for a service, its branch c for a person."""
    service("tests.branch")(lambda call, runtime: {"number": 7})
    world.deploy(BRANCHES)
    case = world.start("branches", data={"agreed": {"until": "2040-01-31"}})
    world.complete("a", world.officer, **SENT)
    yield case
    del SERVICES["tests.branch"]


def operate(world: World, command) -> None:
    """As another process would: nothing is cached."""
    world.restart()
    world.execute(command, world.administrator)
    world.check()


def test_going_back_leaves_the_other_branch_and_ends_what_a_service_was_asked_for(world: World, case: UUID) -> None:
    held = world.task("c").id
    operate(world, GoBack(instance_id=case, element_id="a", reason=WHY))
    assert (world.tasks(case), world.task("c").id) == ({"a", "c"}, held)
    world.settle()  # The answer to what nobody asks any more changes nothing.
    assert (world.tasks(case), world.incidents()) == ({"a", "c"}, [])
    world.complete("a", world.officer, **SENT)
    world.settle()
    for step in ("c", "b"):
        world.complete(step, world.officer, **SENT)
    assert world.instance(case).state == "completed"


def test_a_due_time_that_moves_while_the_case_stands_still_holds_when_it_goes_on(world: World, case: UUID) -> None:
    world.execute(SuspendInstance(instance_id=case, reason=WHY), world.administrator)
    later = local(DEADLINE)
    operate(world, ChangeDueTime(user_task_id=world.task("c").id, due_at=later, reason=WHY))
    world.travel(local(DEADLINE) - timedelta(days=20))  # Past the first due time.
    world.settle()
    operate(world, ResumeInstance(instance_id=case, reason=WHY))
    world.settle()
    assert (world.tasks(case), world.task("c").due_at) == ({"b", "c"}, later)
    world.travel(timedelta(days=30))
    world.settle()
    assert world.tasks(case) == {"b"}  # The event on its border moved along, and took it.


@pytest.mark.parametrize("value", [7, True, "mai", ["2040-02-01"], {"on": "2040-02-01"}])
def test_a_value_that_due_times_cannot_hang_on_is_refused(world: World, case: UUID, value: object) -> None:
    before = world.task("c").due_at
    with pytest.raises(CannotOperate):
        operate(world, CorrectVariable(instance_id=case, variable="agreed.until", value=value, reason=WHY))
    world.check()
    assert world.task("c").due_at == before
    operate(world, CorrectVariable(instance_id=case, variable="agreed.until", value="2040-02-01", reason=WHY))
    assert world.task("c").due_at == local(DEADLINE.replace(month=2, day=2))


@pytest.mark.parametrize("values", [{"decision": "send"}, {}])
def test_one_of_several_voters_is_skipped(world: World, values: dict[str, str]) -> None:
    world.deploy(SEVERAL)
    case = world.start("several")
    world.complete("a", world.officer, **SENT)
    first, second, _ = (row.id for row in world.all(UserTask, UserTask.element_id == "vote"))
    operate(world, SkipUserTask(user_task_id=first, values={"decision": "return"}, reason=WHY))
    operate(world, SkipUserTask(user_task_id=second, values=values, reason=WHY))
    world.complete("vote", world.officer, **SENT)
    assert world.tasks(case) == {"z"}
    operate(world, GoBack(instance_id=case, element_id="vote", reason=WHY))
    assert [row.element_id for row in world.all(UserTask, UserTask.state == "open")] == ["vote"] * 3


def test_what_one_of_several_said_is_corrected_where_it_was_said(world: World) -> None:
    world.deploy(BOXES)
    case = world.start("boxes")
    for element, values in (("vote", {"decision": "return"}), ("vote", {"decision": "send"}), ("look", {})):
        task_id = next(row.id for row in world.all(UserTask, UserTask.state == "open") if row.element_id == element)
        operate(world, SkipUserTask(user_task_id=task_id, values=values, reason=WHY))
    operate(world, CorrectVariable(instance_id=case, variable="vote.decision", value="return", reason=WHY))
    operate(world, SkipUserTask(user_task_id=world.task("look").id, reason=WHY))
    assert [row.element_id for row in world.all(UserTask, UserTask.state == "open")] == ["mend", "mend"]


LOOPS = [again("a.decision != 'send'"), many("2"), many("2", sequential=True)]


@pytest.mark.parametrize("loop", LOOPS, ids=["loop", "at once", "sequential"])
def test_a_timer_that_several_share_waits_for_the_last_of_them(world: World, loop: str) -> None:
    step = user("a", loop, form="note", due="working_days(5)")
    flows = "s>a\na>e\nlate>e2"
    world.deploy(bpmn(start(), step, border("late", "a", timer="working_days(5)"), end(), end("e2"), flows=flows))
    world.start("process")
    task = world.all(UserTask)[0]
    for days in (7, -7):
        due = world.one(UserTask, UserTask.id == task.id).due_at + timedelta(days=days)
        operate(world, ChangeDueTime(user_task_id=task.id, due_at=due, reason=WHY))
    assert [one.at for one in world.upcoming()] == [task.due_at + timedelta(days=7)]


# ── going back, where something is done several times or beside another ──

RETURNED = {"text": "Thiếu", "decision": "return"}
IN_A_ROW = [again("vote.decision != 'send'", before=True), many("2", sequential=True)]
TOTALS = bpmn(
    start(), both("p"), user("a", form="note"), script("count_a", "total.a = 1"), user("a2", form="note"),
    user("b", form="note"), script("count_b", "total.b = 1"), user("b2", form="note"), both("j"), xor("g"),
    user("counted", form="note"), end(), end("e2"), process_id="totals",
    flows="s>p\np>a\na>count_a\ncount_a>a2\na2>j\np>b\nb>count_b\ncount_b>b2\nb2>j\nj>g\n"
    "g>counted if total.a == 1 and total.b == 1\ng>e2 default\ncounted>e",
)  # fmt: skip
ASKED = sub(
    "asked", start("s2", message="ask", interrupting=False), user("x", form="note"), xor("g"), user("y", form="note"),
    user("z", form="note"), xor("h"), user("bad", form="note"), end("e2"), beside=True,
    flows="s2>x\nx>g\ng>y if x.decision == 'return'\ng>z default\ny>z\nz>h\nh>bad if y.decision == 'return'\n"
    "h>e2 default\nbad>e2",
)  # fmt: skip
ASKED_BESIDE = bpmn(start(), user("main", form="note"), end(), ASKED, flows="s>main\nmain>e", process_id="asked_beside")


@pytest.mark.parametrize("loop", IN_A_ROW, ids=["loop", "sequential"])
def test_a_step_that_is_repeated_begins_anew_with_what_held_before_its_first_turn(world: World, loop: str) -> None:
    vote = user("vote", loop, form="note")
    flows = "s>a\na>vote\nvote>z\nz>e"
    world.deploy(bpmn(start(), user("a", form="note"), vote, user("z", form="note"), end(), flows=flows))
    case = world.start("process")
    for step, answers in (("a", SENT), ("vote", RETURNED), ("vote", SENT)):
        world.complete(step, world.officer, **answers)
    assert world.tasks(case) == {"z"}
    operate(world, GoBack(instance_id=case, element_id="vote", reason=WHY))
    assert world.tasks(case) == {"vote"}
    (restored,) = [fact for fact in world.facts(case)[-1] if isinstance(fact, VariablesRestored)]
    assert restored == VariablesRestored("{}", ["vote"])


def test_what_another_branch_gave_under_the_same_name_stays(world: World) -> None:
    world.deploy(TOTALS)
    case = world.start("totals")
    for step in ("a", "b"):
        world.complete(step, world.officer, **SENT)
    operate(world, GoBack(instance_id=case, element_id="a", reason=WHY))
    for step in ("a", "a2", "b2"):
        world.complete(step, world.officer, **SENT)
    assert world.tasks(case) == {"counted"}


def test_what_an_event_sub_process_said_on_the_way_that_is_gone_again_is_forgotten(world: World) -> None:
    world.deploy(ASKED_BESIDE)
    case = world.start("asked_beside")
    world.execute(DeliverMessage(instance_id=case, message="ask"))
    for step in ("x", "y"):
        world.complete(step, world.officer, **RETURNED)
    operate(world, GoBack(instance_id=case, element_id="x", reason=WHY))
    for step in ("x", "z"):
        world.complete(step, world.officer, **SENT)
    assert world.tasks(case) == {"main"}


def test_of_an_event_sub_process_that_runs_twice_that_goes_back_which_passed_the_step(world: World) -> None:
    world.deploy(ASKED_BESIDE)
    case = world.start("asked_beside")
    for _ in range(2):
        world.execute(DeliverMessage(instance_id=case, message="ask"))
    first, second = (row.id for row in world.all(UserTask, UserTask.element_id == "x"))
    operate(world, SkipUserTask(user_task_id=second, reason=WHY))
    operate(world, GoBack(instance_id=case, element_id="x", reason=WHY))
    open_steps = {row.id: row.element_id for row in world.all(UserTask, UserTask.state == "open")}
    assert sorted(open_steps.values()) == ["main", "x", "x"]
    assert first in open_steps
