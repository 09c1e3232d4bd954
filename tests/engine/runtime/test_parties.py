"""A unit takes another's place in a running case: its open steps and reminders follow, what is done stays."""

import pytest

from engine.commands.instances import SuspendInstance
from engine.commands.parties import ChangeParties
from engine.commands.user_tasks import ClaimUserTask
from engine.errors import InstanceNotActive, PermissionDenied, Rejected
from engine.facts import PartiesChanged, TimerReaddressed, UserTaskMoved
from engine.ids import uuid7
from engine.models import UserTask
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.worlds import DEADLINE, World, local

pytestmark = pytest.mark.any_database

WHY = "Đổi tên từ ngày 01/03/2040"


def change(world: World, case, unit, *, people=(), actor=None) -> None:
    """As another process would: nothing is cached."""
    world.restart()
    command = ChangeParties(instance_id=case, parties={"lead": str(unit)}, people=people, reason=WHY)
    world.execute(command, actor or world.administrator)
    world.check()


def recipients(world: World) -> list[str]:
    return sorted(one.recipients for one in world.upcoming())


def test_open_steps_and_reminders_move_to_the_successors_desk(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case, successor = world.start("write_and_check"), uuid7()
    world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.officer)
    change(world, case, successor, people={world.officer.id})
    task = world.task("write")
    assert (task.desk, task.assignee_id) == (f"staff@{successor}", world.officer.id)
    assert recipients(world) == [f"head@{successor}", "holder"]
    facts = world.facts(case)[-1]
    assert [type(fact) for fact in facts] == [PartiesChanged, UserTaskMoved]
    assert facts[0].reason == WHY
    world.complete("write", world.officer, text="Xong", decision="send")
    assert world.task("check").desk == f"head@{successor}"
    done = world.one(UserTask, UserTask.element_id == "write")
    change(world, case, uuid7())
    assert world.one(UserTask, UserTask.element_id == "write") == done


def test_an_escalation_that_comes_next_goes_to_the_successor(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case, successor = world.start("write_and_check"), uuid7()
    world.travel(local(DEADLINE))
    world.settle()
    change(world, case, successor)
    assert recipients(world) == [f"head@{successor}"]
    assert TimerReaddressed in {type(fact) for fact in world.facts(case)[-1]}


def test_whoever_stays_behind_gives_the_step_back(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.officer)
    change(world, case, uuid7(), people={world.colleague.id})
    assert world.task("write").assignee_id is None


def test_done_twice_it_is_done_once(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case, successor = world.start("write_and_check"), uuid7()
    for _ in range(2):
        change(world, case, successor)
    assert sum(isinstance(fact, PartiesChanged) for event in world.facts(case) for fact in event) == 1


def test_a_suspended_case_follows_too_and_one_that_has_ended_does_not(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case, successor = world.start("write_and_check"), uuid7()
    world.execute(SuspendInstance(instance_id=case, reason="Thử"), world.administrator)
    change(world, case, successor)
    assert world.task("write").desk == f"staff@{successor}"
    other = world.start("write_and_check")
    world.complete("write", world.officer, other, text="Xong", decision="send")
    world.complete("check", world.head, other, text="Xong", decision="send")
    with pytest.raises(InstanceNotActive):
        change(world, other, successor)


def test_it_needs_somebody_who_may_and_a_reason(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    with pytest.raises(PermissionDenied):
        change(world, case, uuid7(), actor=world.head)
    with pytest.raises(Rejected, match="lý do"):
        world.execute(ChangeParties(instance_id=case, parties={"lead": "x"}, reason=" "), world.administrator)
