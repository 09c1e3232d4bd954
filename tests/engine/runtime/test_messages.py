"""Messages: delivered to whoever waits, else kept, refused or ignored; people send the forms of events."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import orjson
import pytest

from engine.calendar import local_date
from engine.commands.instances import CancelInstance, MoveDates, ResumeInstance, SuspendInstance
from engine.commands.kept_messages import LIFETIME
from engine.commands.messages import DeliverMessage, SubmitMessage, Unawaited, send
from engine.errors import InstanceNotActive, InstanceOnHold, NobodyWaits, NotFound, NotYourDesk
from engine.expired_messages import expired_messages
from engine.facts import DatesChanged, MessageDelivered, MessageExpired, MessageKept, MessageSent
from engine.ids import uuid7
from engine.models import KeptMessage, MessageSubscription, Submission, UserTask
from engine.registry import PERFORMERS, JobCall
from engine.transaction import SUBSCRIBERS, Transaction
from tests.engine.drawings import drawing, flow, properties, user_task
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, first, many, start, sub, throw, user
from tests.engine.worlds import DEADLINE, World

SENT = {"text": "Xong", "decision": "send"}

TALKS = drawing(
    "talks",
    '<bpmn:startEvent id="start"/>',
    user_task("write", form="note", assignee="staff@lead"),
    f'<bpmn:boundaryEvent id="asked" attachedToRef="write" cancelActivity="false">'
    f"{properties(form='note', senders='staff@lead head@focal')}"
    '<bpmn:messageEventDefinition messageRef="m_0"/></bpmn:boundaryEvent>',
    user_task("review", form="note", assignee="head@lead"),
    catch("answered", "1"),
    throw("closing", "2"),
    '<bpmn:endEvent id="end"/>',
    '<bpmn:endEvent id="reviewed"/>',
    flow("start", "write"),
    flow("asked", "review"),
    flow("review", "reviewed"),
    flow("write", "answered"),
    flow("answered", "closing"),
    flow("closing", "end"),
    messages="time.asked answer.came talk.closed",
)


@pytest.fixture
def case(world: World) -> UUID:
    world.deploy(TALKS)
    return world.start("talks")


def deliver(case: UUID, message: str = "answer.came", **options) -> DeliverMessage:
    return DeliverMessage(instance_id=case, message=message, payload={"number": "12"}, **options)


def give_up_expired(world: World) -> int:
    expired = expired_messages(world.runtime, world.tenant_id)
    for one in expired:
        world.execute(one.command)
    return len(expired)


def test_a_message_moves_on_whoever_waits_for_it(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    assert [row.message for row in world.all(MessageSubscription)] == ["answer.came"]
    assert world.execute(deliver(case)) is True
    first, *others = world.facts(case)[-1]
    assert first == MessageDelivered("answered", "answer.came", {"number": "12"})
    assert any(isinstance(fact, MessageSent) and fact.message == "talk.closed" for fact in others)
    assert (world.instance(case).state, world.all(MessageSubscription)) == ("completed", [])


def test_a_message_that_nobody_waits_for_is_rejected(world: World, case) -> None:
    with pytest.raises(NobodyWaits):
        world.execute(deliver(case))
    assert world.types(case) == ["InstanceStarted"]


def test_a_message_may_be_ignored(world: World, case) -> None:
    assert world.execute(deliver(case, unawaited=Unawaited.IGNORE)) is False
    assert (world.types(case), world.all(KeptMessage)) == (["InstanceStarted"], [])


def test_a_message_that_comes_too_early_is_kept_and_delivered(world: World, case) -> None:
    assert world.execute(deliver(case, unawaited=Unawaited.KEEP)) is False
    assert world.facts(case)[-1] == [MessageKept("answer.came", {"number": "12"})]
    world.restart()
    world.complete("write", world.officer, **SENT)
    world.settle()
    assert (world.instance(case).state, world.all(KeptMessage)) == ("completed", [])


def test_of_several_that_wait_the_one_that_began_first_gets_it(world: World) -> None:
    waits = [catch(f"answer_{n}", "came") for n in range(10)]
    ways = ["s>split", *(way for n in range(10) for way in (f"split>answer_{n}", f"answer_{n}>join")), "join>e"]
    world.deploy(bpmn(start(), both("split"), *waits, both("join"), end(), flows=ways, process_id="asks_all"))
    case = world.start("asks_all")
    for number in range(10):
        world.execute(DeliverMessage(instance_id=case, message="came", payload={"n": number}))
    told = [fact for facts in world.facts(case) for fact in facts if isinstance(fact, MessageDelivered)]
    assert [(fact.element_id, fact.payload["n"]) for fact in told] == [(f"answer_{n}", n) for n in range(10)]
    assert world.instance(case).state == "completed"


def test_what_came_first_is_handed_over_first_whatever_comes_meanwhile(world: World) -> None:
    waits = [catch(f"answer_{n}", "came") for n in range(4)]
    ways = ["s>write", "write>answer_0", "answer_0>answer_1", "answer_1>answer_2", "answer_2>answer_3", "answer_3>e"]
    world.deploy(bpmn(start(), user("write", form="note"), *waits, end(), flows=ways, process_id="asks"))
    case = world.start("asks")

    def comes(number: int) -> None:
        message = DeliverMessage(
            instance_id=case, message="came", payload={"n": number}, unawaited=Unawaited.KEEP
        )  # fmt: skip
        assert world.execute(message) is False

    comes(1)
    comes(2)
    world.complete("write", world.officer, **SENT)
    comes(3)
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    world.settle()
    world.execute(ResumeInstance(instance_id=case, reason="Xong"), world.administrator)
    comes(4)
    world.settle()
    told = [fact for facts in world.facts(case) for fact in facts if isinstance(fact, MessageDelivered)]
    assert [(fact.element_id, fact.payload["n"]) for fact in told] == [(f"answer_{n}", n + 1) for n in range(4)]
    assert (world.instance(case).state, world.all(KeptMessage)) == ("completed", [])


def test_an_event_that_goes_on_waiting_gets_all_that_was_kept(world: World) -> None:
    shapes = start(), user("write", form="note"), user("read", form="note"), border("asked", "read", "ask", None, False)
    ways = "s>write\nwrite>read\nread>e\nasked>answer\nanswer>e2"
    source = bpmn(*shapes, user("answer", form="note"), end(), end("e2"), flows=ways, process_id="asks")
    world.deploy(source)
    case = world.start("asks")
    for number in range(3):
        world.execute(DeliverMessage(instance_id=case, message="ask", payload={"n": number}, unawaited=Unawaited.KEEP))
    world.complete("write", world.officer, **SENT)
    world.settle()
    told = [fact.payload["n"] for facts in world.facts(case) for fact in facts if isinstance(fact, MessageDelivered)]
    assert (told, world.all(KeptMessage)) == ([0, 1, 2], [])


EITHER = bpmn(
    start(), first("either"), catch("came", "came"), catch("late", timer="PT1H"), user("read", form="note"),
    user("ask", form="note"), end(),
    flows="s>either\neither>came\neither>late\ncame>read\nlate>ask\nread>e\nask>e", process_id="timed",
)  # fmt: skip


def test_a_timer_that_was_due_before_a_message_came_goes_first_however_late_the_scheduler_is(world: World) -> None:
    world.deploy(EITHER)
    case = world.start("timed")
    world.travel(timedelta(hours=1))
    message = DeliverMessage(instance_id=case, message="came")
    with pytest.raises(NobodyWaits):
        world.execute(message)
    assert world.execute(replace(message, unawaited=Unawaited.KEEP)) is False
    assert (world.tasks(case), world.timers("fired")) == ({"ask"}, ["late"])
    world.settle()
    assert (world.tasks(case), world.all(KeptMessage) != []) == ({"ask"}, True)


def test_a_message_that_ends_a_step_does_not_silence_its_overdue_reminders(world: World) -> None:
    step = user("read", form="note", clock="case", reminders="0wd 08:00 holder; +1wd 08:00 head@lead")
    ways = "s>read\nread>e\nstop>e2"
    world.deploy(bpmn(start(), step, border("stop", "read", "stop"), end(), end("e2"), flows=ways, process_id="reads"))
    case = world.start("reads", dates={"deadline": local_date(world.now) + timedelta(days=1)})
    world.travel(timedelta(days=20))
    world.execute(DeliverMessage(instance_id=case, message="stop"))
    assert (world.instance(case).state, world.timers("fired")) == ("completed", ["0wd 08:00", "+1wd 08:00"])
    assert isinstance(world.facts(case)[-1][0], MessageDelivered)


def test_a_kept_message_does_not_outlive_its_time_and_the_history_says_so(world: World, case) -> None:
    world.execute(deliver(case, unawaited=Unawaited.KEEP))
    world.travel(LIFETIME - timedelta(hours=1))
    assert give_up_expired(world) == 0
    world.travel(timedelta(hours=1))
    world.complete("write", world.officer, **SENT)
    world.settle()
    assert world.instance(case).state == "active"
    for _ in range(2):
        give_up_expired(world)
    assert world.all(KeptMessage) == []
    assert world.types(case).count("MessageExpired") == 1
    assert world.facts(case)[-1] == [MessageExpired("answer.came", {"number": "12"})]


def test_a_suspended_cases_kept_messages_lapse_too(world: World, case) -> None:
    world.execute(deliver(case, unawaited=Unawaited.KEEP))
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    world.travel(LIFETIME)
    give_up_expired(world)
    assert (world.types(case)[-1], world.all(KeptMessage)) == ("MessageExpired", [])


def test_a_delivery_whose_worker_died_right_after_it_is_not_repeated(world: World, case, monkeypatch) -> None:
    """The event goes on waiting, so a second delivery would be taken for another message."""
    other = world.start("talks")

    def ask(_changed: DatesChanged, tx: Transaction) -> None:
        send(tx, case, "time.asked", {}, key="asked")

    monkeypatch.setitem(world.runtime.subscribers, DatesChanged, [ask])
    world.execute(MoveDates(instance_id=other, dates={"deadline": DEADLINE + timedelta(days=1)}, reason="thư"))
    (job,) = world.jobs("engine.message")
    call = JobCall(job.id, job.key, job.tenant_id, job.instance_id, orjson.loads(job.payload))
    for _ in range(3):
        PERFORMERS["engine.message"](call, world.runtime)
    world.settle()
    assert world.types(case).count("MessageDelivered") == 1
    assert len([task for task in world.all(UserTask) if task.element_id == "review"]) == 1


def test_kept_messages_go_with_their_case(world: World, case) -> None:
    world.execute(deliver(case, unawaited=Unawaited.KEEP))
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    assert world.all(KeptMessage) == []


def test_a_case_that_is_over_or_unknown_takes_no_message(world: World, case) -> None:
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    with pytest.raises(InstanceNotActive):
        world.execute(deliver(case))
    with pytest.raises(NotFound):
        world.execute(deliver(uuid7()))


# ── from one case, or from the domain, to another ──


def leave_message(world: World, of: UUID, to: UUID, monkeypatch: pytest.MonkeyPatch, times: int = 1) -> None:
    """A part of the domain that sends whenever the dates of a case change."""

    def forward(_changed: DatesChanged, tx: Transaction) -> None:
        send(tx, to, "answer.came", {"number": "7"}, key=f"answer:{to}")

    monkeypatch.setitem(SUBSCRIBERS, DatesChanged, [forward])
    for day in range(1, times + 1):
        world.execute(MoveDates(instance_id=of, dates={"deadline": DEADLINE + timedelta(days=day)}, reason="thư"))


def test_one_key_is_one_delivery(world: World, case, monkeypatch: pytest.MonkeyPatch) -> None:
    other = world.start("talks")
    leave_message(world, other, case, monkeypatch, times=3)
    world.settle()
    assert len(world.jobs("engine.message")) == len(world.all(KeptMessage)) == 1


def test_a_message_overtaken_by_the_end_of_its_case_is_dropped_silently(world: World, case, monkeypatch) -> None:
    other = world.start("talks")
    leave_message(world, other, case, monkeypatch)
    world.execute(CancelInstance(instance_id=case, reason="Trùng"), world.administrator)
    world.settle()
    (job,) = world.jobs("engine.message")
    assert (job.state, job.attempts, world.incidents()) == ("done", 1, [])


def test_a_message_to_a_suspended_case_waits_until_it_goes_on(world: World, case, monkeypatch) -> None:
    other = world.start("talks")
    world.complete("write", world.officer, case, **SENT)
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    leave_message(world, other, case, monkeypatch)
    for _ in range(12):
        world.settle()
        world.travel(timedelta(hours=2))
    (job,) = world.jobs("engine.message")
    assert (job.state, job.attempts, world.incidents()) == ("ready", 0, [])
    world.settle()
    world.execute(ResumeInstance(instance_id=case, reason="Xong"), world.administrator)
    world.settle()
    assert world.instance(case).state == "completed"


# ── sent by people ──


@pytest.mark.parametrize("who", ["lead", "focal"])
def test_senders_of_an_event_submit_its_form(world: World, case, who: str) -> None:
    sender = world.officer if who == "lead" else world.person("head", unit=world.focal)
    submit = SubmitMessage(instance_id=case, element_id="asked", answers=SENT)
    world.execute(submit, sender)
    assert world.tasks(case) == {"write", "review"}
    submission = world.one(Submission)
    assert (submission.element_id, submission.actor_id, submission.form_id) == ("asked", sender.id, "note")
    world.execute(submit, sender)  # It may be asked again.
    assert len(world.all(Submission)) == 2


def test_each_turn_of_a_part_that_is_done_by_many_takes_its_own_form(world: World) -> None:
    """The senders answer the wait that each of them sees, in any order."""
    asked = border("asked", "write", "ask").replace("<bpmn:mess", f"{properties(senders='staff@lead')}<bpmn:mess", 1)
    ways = "ps>write\nwrite>pe\nasked>pe2"
    part = sub(
        "part", start("ps"), user("write", form="note"), asked, end("pe"), end("pe2"), flows=ways, loop=many("5")
    )
    world.deploy(bpmn(start(), part, user("read", form="note"), end(), flows="s>part\npart>read\nread>e"))
    case = world.start("process")
    for waiting in reversed(world.all(MessageSubscription)):
        submit = SubmitMessage(instance_id=case, element_id="asked", answers=SENT, subscription_id=waiting.id)
        world.execute(submit, world.officer)
        with pytest.raises(NobodyWaits):
            world.execute(submit, world.officer)
    assert world.tasks(case) == {"read"}


def test_a_form_that_comes_after_its_time_is_refused_and_the_scheduler_goes_on(world: World) -> None:
    source = EITHER.decode().replace('id="came">', f'id="came">{properties(senders="staff@lead")}', 1).encode()
    world.deploy(source)
    case = world.start("timed")
    world.travel(timedelta(hours=1))
    with pytest.raises(NobodyWaits):
        world.execute(SubmitMessage(instance_id=case, element_id="came", answers=SENT), world.officer)
    world.settle()
    assert world.tasks(case) == {"ask"}


def test_who_is_no_sender_may_not_submit(world: World, case) -> None:
    with pytest.raises(NotYourDesk):
        world.execute(SubmitMessage(instance_id=case, element_id="asked", answers=SENT), world.head)
    assert world.tasks(case) == {"write"}


def test_an_event_without_senders_takes_nobodys_form(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    with pytest.raises(NotYourDesk):
        world.execute(SubmitMessage(instance_id=case, element_id="answered", answers=SENT), world.officer)


@pytest.mark.parametrize("element", ["answered", "asked", "unknown"])
def test_an_event_that_does_not_wait_takes_no_form(world: World, case, element: str) -> None:
    if element == "asked":
        world.complete("write", world.officer, **SENT)
    with pytest.raises(NobodyWaits):
        world.execute(SubmitMessage(instance_id=case, element_id=element, answers=SENT), world.officer)


def test_a_suspended_case_takes_no_form(world: World, case) -> None:
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    with pytest.raises(InstanceOnHold):
        world.execute(SubmitMessage(instance_id=case, element_id="asked", answers=SENT), world.officer)
