"""Steps: claimed, released, handed on, completed; who may, and what is kept."""

from datetime import timedelta
from uuid import UUID

import pytest

from engine.commands.instances import CancelInstance
from engine.commands.user_tasks import AssignUserTask, ClaimUserTask, CompleteUserTask, ReleaseUserTask
from engine.errors import (
    InstanceNotActive,
    NotFound,
    NotYourDesk,
    PermissionDenied,
    Rejected,
    SeparationOfDuties,
    UserTaskAlreadyClaimed,
    UserTaskLapsed,
    UserTaskNotOpen,
)
from engine.facts import (
    MessageSent,
    TimerFired,
    UserTaskAssigned,
    UserTaskClaimed,
    UserTaskCompleted,
    UserTaskCreated,
    UserTaskReleased,
)
from engine.ids import uuid7
from engine.models import Submission, UserTask
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, both, bpmn, end, script, start, throw, user
from tests.engine.worlds import DEADLINE, World, local

SENT = {"text": "Xong", "decision": "send"}
RETURNED = {"text": "Thiếu số", "decision": "return"}

LAPSES = bpmn(
    start(),
    both("all"),
    user("accept", form="note", reminders="+2h head@lead", due="working_days(1)"),
    border("lapsed", "accept", timer="working_days(3)"),
    border("lapsed_too", "accept", timer="working_days(4)"),
    user("beside", form="note"),
    user("by_silence", form="note"),
    end("e1"),
    end("e2"),
    end("e3"),
    end("e4"),
    flows="s>all\nall>accept\nall>beside\naccept>e1\nlapsed>by_silence\nby_silence>e2\nbeside>e3\nlapsed_too>e4",
    process_id="lapses",
)


@pytest.fixture
def case(world: World) -> UUID:
    world.deploy(WRITE_AND_CHECK)
    return world.start("write_and_check")


# ── claiming, releasing, handing on ──


def test_a_claim_makes_the_actor_the_holder(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    assert world.task("write").assignee_id == world.officer.id
    assert world.facts(case)[-1] == [UserTaskClaimed(task.id, world.officer.id)]


def test_second_claim_is_rejected(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    with pytest.raises(UserTaskAlreadyClaimed):
        world.execute(ClaimUserTask(user_task_id=task.id), world.colleague)
    assert world.types(case) == ["InstanceStarted", "UserTaskClaimed"]


def test_a_double_click_on_claim_is_no_error_and_one_event(world: World, case) -> None:
    task = world.task("write")
    for _ in range(2):
        world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    assert world.types(case) == ["InstanceStarted", "UserTaskClaimed"]


def test_a_claim_from_another_desk_is_rejected(world: World, case) -> None:
    with pytest.raises(NotYourDesk):
        world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.head)


def test_a_proxy_takes_over_what_the_absent_hold(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    proxy = world.person("staff", unit=uuid7(), stands_for=[world.officer])
    world.execute(ClaimUserTask(user_task_id=task.id), proxy)
    assert world.task("write").assignee_id == proxy.id


def test_a_released_step_is_at_its_desk_again(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    world.execute(ReleaseUserTask(user_task_id=task.id), world.officer)
    world.execute(ReleaseUserTask(user_task_id=task.id), world.officer)
    assert world.facts(case)[-1] == [UserTaskReleased(task.id)]
    world.execute(ClaimUserTask(user_task_id=task.id), world.colleague)


def test_only_the_holder_and_the_head_release_a_step(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    with pytest.raises(NotYourDesk):
        world.execute(ReleaseUserTask(user_task_id=task.id), world.colleague)
    world.execute(ReleaseUserTask(user_task_id=task.id), world.head)
    assert world.task("write").assignee_id is None


@pytest.mark.parametrize("who", ["head", "officer", "administrator"])
def test_head_holder_and_administrator_hand_a_step_on(world: World, case, who: str) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    assign = AssignUserTask(user_task_id=task.id, assignee_id=world.colleague.id, reason="Nghỉ phép")
    world.execute(assign, getattr(world, who))
    world.execute(assign, getattr(world, who) if who != "officer" else world.colleague)
    assert world.task("write").assignee_id == world.colleague.id
    assert world.facts(case)[-1] == [UserTaskAssigned(task.id, world.colleague.id, "Nghỉ phép")]
    assert len(world.types(case)) == 3


def test_a_colleague_cannot_take_a_held_step_by_handing_it_to_themselves(world: World, case) -> None:
    task = world.task("write")
    world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    with pytest.raises(NotYourDesk):
        world.execute(AssignUserTask(user_task_id=task.id, assignee_id=world.colleague.id), world.colleague)


def test_a_step_that_nobody_holds_may_be_handed_on_from_its_desk_only(world: World, case) -> None:
    task = world.task("write")
    stranger = world.person("staff", unit=uuid7())
    with pytest.raises(NotYourDesk):
        world.execute(AssignUserTask(user_task_id=task.id, assignee_id=world.officer.id), stranger)
    world.execute(AssignUserTask(user_task_id=task.id, assignee_id=world.colleague.id), world.officer)
    assert world.task("write").assignee_id == world.colleague.id


# ── completing ──


def test_a_completion_carries_the_case_to_its_next_wait(world: World, case) -> None:
    task = world.task("write")
    submission_id = world.complete("write", world.officer, **SENT)
    done = world.one(UserTask, UserTask.id == task.id)
    assert (done.state, done.completed_by, done.on_behalf_of) == ("completed", world.officer.id, None)
    assert world.tasks() == {"check"}
    assert world.timers() == []
    first, *others = world.facts(case)[-1]
    submission = world.one(Submission)
    assert first == UserTaskCompleted(task.id, "write", submission_id, submission.data_hash)
    assert any(isinstance(fact, UserTaskCreated) and fact.element_id == "check" for fact in others)


def test_what_was_entered_is_kept_as_entered(world: World, case) -> None:
    world.complete("write", world.officer, text="  Đã làm\u0000 “xong” ", decision="send")
    submission = world.one(Submission)
    assert submission.data == '{"text":"  Đã làm\\u0000 “xong” ","decision":"send"}'
    assert (submission.instance_id, submission.form_id, submission.actor_id) == (case, "note", world.officer.id)


def test_a_case_goes_through_returns_to_its_end(world: World, case) -> None:
    for _ in range(3):
        world.complete("write", world.officer, **SENT)
        world.restart()
        world.complete("check", world.head, **RETURNED)
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **SENT)
    instance = world.instance(case)
    assert (instance.state, world.tasks(), world.timers()) == ("completed", set(), [])
    assert instance.ended_at is not None


def test_numbers_beyond_64_bits_are_kept_and_told(world: World) -> None:
    source = bpmn(
        start(), user("a", form="note"), script("count", "total = 99999999999999999999"),
        throw("tell", "counted", payload="total = total * 2"), user("b", form="note"), end(),
        flows="s>a\na>count\ncount>tell\ntell>b\nb>e", process_id="large",
    )  # fmt: skip
    world.deploy(source)
    case = world.start("large")
    world.complete("a", world.officer, **SENT)
    assert world.tasks(case) == {"b"}
    (told,) = [fact for facts in world.facts(case) for fact in facts if isinstance(fact, MessageSent)]
    assert told.payload == {"total": 2e20}


def test_the_second_completion_is_a_conflict(world: World, case) -> None:
    task = world.task("write")
    world.complete("write", world.officer, **SENT)
    with pytest.raises(UserTaskNotOpen, match="vừa được người khác xử lý"):
        world.execute(CompleteUserTask(user_task_id=task.id, answers=SENT), world.colleague)
    assert len(world.all(Submission)) == 1


def test_a_step_of_another_desk_is_refused(world: World, case) -> None:
    with pytest.raises(NotYourDesk):
        world.complete("write", world.head, **SENT)
    assert world.types(case) == ["InstanceStarted"]


def test_what_a_colleague_holds_cannot_be_completed(world: World, case) -> None:
    world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.officer)
    with pytest.raises(UserTaskAlreadyClaimed):
        world.complete("write", world.colleague, **SENT)


def test_an_unknown_step_and_one_of_another_ward_are_not_found(world: World, case) -> None:
    other = World(world.database)
    for task_id, actor in ((uuid7(), world.officer), (world.task("write").id, other.person("staff", unit=world.unit))):
        with pytest.raises(NotFound):
            world.execute(CompleteUserTask(user_task_id=task_id, answers=SENT), actor)


def test_a_step_of_a_cancelled_case_is_gone(world: World, case) -> None:
    task = world.task("write")
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    with pytest.raises((UserTaskNotOpen, InstanceNotActive)):
        world.execute(CompleteUserTask(user_task_id=task.id, answers=SENT), world.officer)


def test_who_wrote_may_not_check(world: World, case) -> None:
    writer = world.person("staff")
    both_desks = world.person("head")
    world.complete("write", writer, **SENT)
    with pytest.raises(NotYourDesk):
        world.complete("check", writer, **SENT)
    world.complete("check", both_desks, **RETURNED)
    world.execute(AssignUserTask(user_task_id=world.task("write").id, assignee_id=both_desks.id), both_desks)
    world.complete("write", both_desks, **SENT)
    with pytest.raises(SeparationOfDuties):
        world.complete("check", both_desks, **SENT)
    world.complete("check", world.head, **SENT)


def test_who_wrote_an_earlier_version_may_check_the_later_one(world: World, case) -> None:
    world.execute(AssignUserTask(user_task_id=world.task("write").id, assignee_id=world.head.id), world.head)
    world.complete("write", world.head, **SENT)
    world.complete("check", world.person("head"), **RETURNED)
    world.complete("write", world.officer, **SENT)
    world.complete("check", world.head, **SENT)


def test_a_step_entered_in_place_of_someone_says_for_whom(world: World, case) -> None:
    clerk = world.person("office", "enter_for_others", unit=uuid7())
    complete = CompleteUserTask(user_task_id=world.task("write").id, answers=SENT, in_place=True)
    world.execute(complete, clerk, on_behalf_of="Trạm Y tế (báo cáo giấy số 12)")
    done = world.one(UserTask, UserTask.element_id == "write")
    assert (done.completed_by, done.on_behalf_of) == (clerk.id, "Trạm Y tế (báo cáo giấy số 12)")
    assert world.one(Submission).on_behalf_of == "Trạm Y tế (báo cáo giấy số 12)"


def test_entering_in_place_needs_the_permission_and_a_name(world: World, case) -> None:
    complete = CompleteUserTask(user_task_id=world.task("write").id, answers=SENT, in_place=True)
    with pytest.raises(PermissionDenied):
        world.execute(complete, world.officer, on_behalf_of="Trạm Y tế")
    with pytest.raises(Rejected, match="nhập thay cho ai"):
        world.execute(complete, world.person("office", "enter_for_others"))
    assert world.tasks() == {"write"}


# ── completing after an outage ──


def test_overdue_reminders_fire_before_the_completion_marked_late(world: World, case) -> None:
    world.travel(local(DEADLINE + timedelta(days=4), "10:00"))
    world.complete("write", world.officer, **SENT)
    assert (world.timers("fired"), world.timers()) == (["-2wd 08:00", "+1wd 08:00"], [])
    completed, *late = [f for f in world.facts(case)[-1] if isinstance(f, UserTaskCompleted | TimerFired)]
    assert isinstance(completed, UserTaskCompleted)
    assert [fired.late for fired in late] == [True, True]


def test_an_interrupting_overdue_timer_wins_over_the_completion(world: World) -> None:
    world.deploy(LAPSES)
    case = world.start("lapses")
    world.travel(timedelta(days=14))
    with pytest.raises(UserTaskLapsed, match="tự chuyển"):
        world.complete("accept", world.officer, **SENT)
    world.settle()
    assert world.tasks(case) == {"by_silence", "beside"}
    assert world.timers("fired") == ["+2h", "lapsed"]
    assert world.timers() == []


def test_completing_beside_an_overdue_step_lets_only_its_first_timer_fire(world: World) -> None:
    world.deploy(LAPSES)
    case = world.start("lapses")
    world.travel(timedelta(days=14))
    world.complete("beside", world.officer, **SENT)
    assert world.tasks(case) == {"by_silence"}
    assert (world.timers("fired"), world.timers()) == (["+2h", "lapsed"], [])
