"""Event sub-processes and signal starts through the Runtime; nothing stays in memory between two steps."""

from datetime import timedelta

import pytest

from engine.commands.deployments import DefinitionRefused
from engine.commands.messages import DeliverMessage
from engine.commands.migration import MigrateInstance
from engine.commands.signals import SendSignal
from engine.commands.user_tasks import ClaimUserTask
from engine.models import Incident, MessageSubscription, ProcessInstance, Timer
from tests.engine.spiff.drawings import bpmn, end, start, sub, throw, user, xor
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

SENT = {"text": "Xong", "decision": "send"}
BEGINS = {
    "message": {"message": "recall"}, "timer": {"timer": "P1D"}, "signal": {"told": "signal:halt"},
    "error": {"told": "error:late"}, "escalation": {"told": "escalation:late"},
}  # fmt: skip


def drawing(kind: str, *, interrupting: bool) -> bytes:
    """First, then last; whoever returns the first tells an error or escalation. Beside them: mend."""
    tell = {"error": end("t", told="error:late"), "escalation": throw("t", told="escalation:late")}.get(
        kind, throw("t")
    )
    beside = sub("beside", start("begin", **BEGINS[kind], interrupting=interrupting), user("mend", form="note"),
                 end("e2"), flows="begin>mend\nmend>e2", beside=True)  # fmt: skip
    flows = "s>first\nfirst>g\ng>t if first.decision == 'return'\ng>last default\nlast>e"
    flows += "" if kind == "error" else "\nt>e3"
    ends = [end(), *([] if kind == "error" else [end("e3")])]
    return bpmn(start(), user("first", form="note"), xor("g"), tell, user("last", form="note"), *ends, beside,
                flows=flows, process_id="watched")  # fmt: skip


def begin(world: World, kind: str, case: object) -> None:
    if kind == "message":
        world.execute(DeliverMessage(instance_id=case, message="recall", payload={"why": "Sai"}))  # type: ignore[arg-type]
    elif kind == "timer":
        world.travel(timedelta(days=1))
    elif kind == "signal":
        world.execute(SendSignal(signal="halt", key="once"))
    else:
        world.complete("first", world.officer, text="Sai", decision="return")
    world.settle()
    world.restart()


@pytest.mark.parametrize("kind", BEGINS)
def test_an_interrupting_one(world: World, kind: str) -> None:
    world.deploy(drawing(kind, interrupting=True))
    case = world.start("watched")
    world.restart()
    begin(world, kind, case)
    assert world.tasks(case) == {"mend"}
    assert world.all(MessageSubscription) == []
    world.complete("mend", world.officer, **SENT)
    assert world.instance(case).state == "completed"
    world.check()


@pytest.mark.parametrize("kind", [kind for kind in BEGINS if kind != "error"])
def test_one_that_does_not_interrupt(world: World, kind: str) -> None:
    world.deploy(drawing(kind, interrupting=False))
    case = world.start("watched")
    if kind == "escalation":  # The way on which it is told is over then.
        begin(world, kind, case)
        assert world.tasks(case) == {"mend"}
    else:
        begin(world, kind, case)
        assert world.tasks(case) == {"first", "mend"}
        world.complete("first", world.officer, **SENT)
        world.restart()
        world.complete("last", world.officer, **SENT)
    assert world.instance(case).state == "active"
    world.complete("mend", world.officer, **SENT)
    assert world.instance(case).state == "completed"
    assert world.all(MessageSubscription) == []
    world.check()


@pytest.mark.parametrize("kind", BEGINS)
def test_a_case_inside_of_one_moves_with_what_waits_there(world: World, kind: str) -> None:
    world.deploy(drawing(kind, interrupting=True))
    case = world.start("watched")
    begin(world, kind, case)
    world.execute(ClaimUserTask(user_task_id=world.task("mend").id), world.officer)
    version = world.deploy(drawing(kind, interrupting=True).replace(b'"mend"', b'"repair"'))
    places = {"begin": "begin", "beside": "beside", "mend": "repair"}
    world.execute(MigrateInstance(instance_id=case, definition_id=version, mapping=places, reason="Đổi tên bước"))
    world.restart()
    assert (world.tasks(case), world.task("repair").assignee_id) == ({"repair"}, world.officer.id)
    world.complete("repair", world.officer, **SENT)
    assert world.instance(case).state == "completed"
    world.check()


@pytest.mark.parametrize("kind", BEGINS)
def test_a_case_ends_though_it_never_comes(world: World, kind: str) -> None:
    world.deploy(drawing(kind, interrupting=True))
    case = world.start("watched")
    for step in ("first", "last"):
        world.restart()
        world.complete(step, world.officer, **SENT)
    assert world.instance(case).state == "completed"
    assert world.all(MessageSubscription) == []
    assert world.all(Timer, Timer.state == "waiting") == []
    world.check()


# ── procedures that begin with a signal ──


def begun(process_id: str, tells: str | None = None) -> bytes:
    last = end(told=f"signal:{tells}") if tells else end()
    return bpmn(start(told="signal:halt", shape_id="heard"), user("tidy", form="note", due="heard.until"), last,
                flows="heard>tidy\ntidy>e", process_id=process_id)  # fmt: skip


def test_a_signal_begins_procedures_once(world: World) -> None:
    world.deploy(begun("one"))
    world.deploy(begun("two"))
    world.deploy(begun("two"))  # Of two versions the newer one.
    payload = "until = '2040-06-20'"
    world.deploy(bpmn(start(), user("decide", form="note"), end("e", told="signal:halt", payload=payload),
                      flows="s>decide\ndecide>e", process_id="telling"))  # fmt: skip
    sender = world.start("telling")
    world.complete("decide", world.officer, **SENT)
    world.restart()
    world.settle()
    begun_by_it = world.all(ProcessInstance, ProcessInstance.id != sender)
    assert sorted(case.key for case in begun_by_it) == ["one", "two"]
    assert {case.parties for case in begun_by_it} == {world.instance(sender).parties}
    assert [world.tasks(case.id) for case in begun_by_it] == [{"tidy"}] * 2
    assert {world.task("tidy", case.id).due_at.date().isoformat() for case in begun_by_it} == {"2040-06-20"}
    world.check()


def test_a_signal_told_twice_begins_one(world: World) -> None:
    world.deploy(begun("one").replace(b"heard.until", b"today"))
    for _ in range(2):
        world.execute(SendSignal(signal="halt", key="once"))
    world.settle()
    assert [case.key for case in world.all(ProcessInstance)] == []
    assert len(world.all(Incident)) == 1  # Nobody's signal names no unit for the step: an administrator is told.


def test_procedures_that_begin_each_other_for_ever_are_refused(world: World) -> None:
    world.deploy(bpmn(start(told="signal:go", shape_id="s"), user("a", form="note"), end(told="signal:halt"),
                      flows="s>a\na>e", process_id="first"))  # fmt: skip
    with pytest.raises(DefinitionRefused) as refused:
        world.deploy(begun("second", tells="go"))
    assert [(finding.code, finding.element) for finding in refused.value.findings] == [("signal-round", "heard")]
    with pytest.raises(DefinitionRefused):
        world.deploy(begun("itself", tells="halt"))
