"""Cases: started once per business key, cancelled, suspended, resumed; dates move with all that hangs on them."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands.instances import CancelInstance, MoveDates, ResumeInstance, SuspendInstance
from engine.commands.user_tasks import ClaimUserTask
from engine.errors import InstanceNotActive, InstanceOnHold, NotFound, ProcessFault
from engine.facts import DatesChanged, InstanceEnded
from engine.models import MessageSubscription, ProcessInstance, Timer, UserTask
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, bpmn, catch, end, start, user
from tests.engine.worlds import DEADLINE, World, local

MONDAY = DEADLINE + timedelta(days=3)

AWAIT_DATE = bpmn(
    start(),
    catch("day", timer="end_of(report_by, 2)"),
    user("write", form="note", due='at(report_by, -1, "17:00")', reminders="-2h holder; +2h head@lead"),
    user("later", form="note", due="working_days(2)"),
    catch("news", message="news.came"),
    end("e1"),
    end("e2"),
    '<bpmn:parallelGateway id="all"/>',
    flows="s>all\nall>day\nday>e1\nall>write\nwrite>later\nlater>news\nnews>e2",
    process_id="await_date",
)


@pytest.fixture
def case(world: World):
    world.deploy(WRITE_AND_CHECK)
    return world.start("write_and_check", "plan:1")


def test_one_business_key_is_one_case(world: World, case) -> None:
    assert world.start("write_and_check", "plan:1") == case
    assert len(world.all(ProcessInstance)) == 1
    assert world.types(case) == ["InstanceStarted"]


def test_many_starts_of_one_business_key_at_once_make_one_case(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    started = []
    threads = [
        threading.Thread(target=lambda: started.append(world.start("write_and_check", "plan:2"))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(started) == 5
    assert len(set(started)) == 1


def test_a_start_records_the_step_its_due_time_and_its_reminders(world: World, case) -> None:
    task = world.task("write")
    assert (task.instance_id, task.desk, task.assignee_id) == (case, f"staff@{world.unit}", None)
    assert task.due_at == task.order_at == local(DEADLINE + timedelta(days=1))
    assert world.timers() == ["-2wd 08:00", "+1wd 08:00"]


def test_a_start_that_fails_leaves_nothing_but_an_incident(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    with pytest.raises(ProcessFault):
        world.start("write_and_check", parties={"focal": str(world.focal)})
    assert world.all(ProcessInstance) == []
    (incident,) = world.incidents()
    assert (incident.element_id, incident.instance_id) == ("write", None)
    assert "lead" in incident.message


def test_a_deadline_beyond_the_calendar_is_an_incident_not_a_crash(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    with pytest.raises(ProcessFault):
        world.start("write_and_check", dates={"deadline": DEADLINE.replace(year=2099, month=12, day=31)})
    assert "lịch" in world.incidents()[0].message


def test_a_cancelled_case_ends_everything_that_waited(world: World, case) -> None:
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    instance = world.instance(case)
    assert (instance.state, instance.ended_at is not None) == ("cancelled", True)
    assert (world.tasks(), world.timers()) == (set(), [])
    assert InstanceEnded("cancelled", "Trùng") in world.facts(case)[-1]


def test_a_cancelled_case_takes_nothing_any_more(world: World, case) -> None:
    task = world.task("write")
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    with pytest.raises(InstanceNotActive):
        world.execute(CancelInstance(instance_id=case, reason="lại"), world.administrator)
    with pytest.raises(InstanceNotActive):
        world.execute(MoveDates(instance_id=case, dates={"deadline": MONDAY}, reason="thư"))
    assert world.one(UserTask, UserTask.id == task.id).state == "cancelled"


def test_a_cancelled_case_closes_its_subscriptions(world: World) -> None:
    world.deploy(bpmn(start(), catch("news", message="news.came"), end(), flows="s>news\nnews>e", process_id="p"))
    case = world.start("p")
    assert len(world.all(MessageSubscription)) == 1
    world.execute(CancelInstance(instance_id=case, reason="Thôi"), world.administrator)
    assert world.all(MessageSubscription) == []


def test_a_case_whose_state_is_unreadable_can_still_be_cancelled(world: World, case) -> None:
    with world.database.begin() as connection:
        connection.execute(sa.update(ProcessInstance).values(saved_state=b"?"))
    with pytest.raises(ProcessFault):
        world.complete("write", world.officer, text="Xong", decision="send")
    world.execute(CancelInstance(instance_id=case, reason="Hỏng"), world.administrator)
    assert (world.instance(case).state, world.tasks()) == ("cancelled", set())


def test_a_suspended_case_refuses_until_it_is_resumed(world: World, case) -> None:
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    with pytest.raises(InstanceOnHold):
        world.complete("write", world.officer, text="Xong", decision="send")
    with pytest.raises(InstanceOnHold):
        world.execute(ClaimUserTask(user_task_id=world.task("write").id), world.officer)
    with pytest.raises(InstanceOnHold):
        world.execute(SuspendInstance(instance_id=case, reason="lại"), world.administrator)
    world.execute(ResumeInstance(instance_id=case, reason="Xong"), world.administrator)
    world.complete("write", world.officer, text="Xong", decision="send")
    assert world.tasks() == {"check"}


def test_only_a_suspended_case_can_be_resumed(world: World, case) -> None:
    with pytest.raises(InstanceNotActive):
        world.execute(ResumeInstance(instance_id=case, reason=""), world.administrator)


def test_a_suspended_case_can_be_cancelled(world: World, case) -> None:
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    world.execute(CancelInstance(instance_id=case, reason="Thôi"), world.administrator)
    assert world.instance(case).state == "cancelled"


def test_a_case_of_another_ward_is_not_found(world: World, case) -> None:
    other = World(world.database)
    with pytest.raises(NotFound):
        other.execute(CancelInstance(instance_id=case, reason=""), other.administrator)


def test_moving_the_deadline_moves_due_times_and_reminders(world: World, case) -> None:
    world.execute(MoveDates(instance_id=case, dates={"deadline": MONDAY}, reason="Công văn 12"))
    task = world.task("write")
    assert task.due_at == task.order_at == local(MONDAY + timedelta(days=1))
    assert len(world.timers()) == 2
    assert world.facts(case)[-1][0] == DatesChanged(
        f'{{"deadline":"{MONDAY}"}}', f'{{"deadline":"{DEADLINE}"}}', "Công văn 12"
    )


def test_moving_to_the_same_date_is_nothing(world: World, case) -> None:
    world.execute(MoveDates(instance_id=case, dates={"deadline": DEADLINE}, reason="lại"))
    assert world.types(case) == ["InstanceStarted"]


def test_moving_a_date_moves_what_hangs_on_it_and_nothing_else(world: World) -> None:
    world.deploy(AWAIT_DATE)
    case = world.start("await_date", dates={"report_by": DEADLINE})
    assert world.task("write").due_at == local(DEADLINE - timedelta(days=1), "17:00")
    world.execute(MoveDates(instance_id=case, dates={"report_by": MONDAY}, reason="thư"))
    assert world.task("write").due_at == local(DEADLINE, "17:00")
    moved = {row.element_id: row.due_at for row in world.all(Timer, Timer.state == "waiting")}
    assert moved["day"] == local(MONDAY + timedelta(days=3))
    world.complete("write", world.officer, text="Xong")
    due = world.task("later").due_at
    world.travel(timedelta(days=1))
    world.execute(MoveDates(instance_id=case, dates={"report_by": DEADLINE}, reason="thư"))
    assert world.task("later").due_at == due


def test_a_timer_that_hangs_on_an_answer_and_on_no_date_stays_when_dates_move(world: World) -> None:
    source = bpmn(
        start(), user("a", form="note"), border("late", "a", timer="working_days(agreed.days)"), end(), end("e2"),
        flows="s>a\na>e\nlate>e2", process_id="agreed", inputs="agreed.days",
    )  # fmt: skip
    world.deploy(source)
    case = world.start("agreed", data={"agreed": {"days": 10}})
    before = world.upcoming()
    world.travel(timedelta(days=5))
    world.execute(MoveDates(instance_id=case, dates={"deadline": MONDAY}, reason="thư"))
    assert world.upcoming() == before


def test_reminders_already_past_do_not_come_back_with_a_moved_deadline(world: World, case) -> None:
    world.travel(local(DEADLINE, "09:00"))
    world.settle()
    assert (world.timers("fired"), world.timers()) == (["-2wd 08:00"], ["+1wd 08:00"])
    world.execute(MoveDates(instance_id=case, dates={"deadline": MONDAY}, reason="thư"))
    assert world.timers() == ["+1wd 08:00"]
