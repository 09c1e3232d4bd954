"""A signal reaches all instances of the tenant that wait for it, each once; services report errors to the drawing."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from engine.commands.instances import ResumeInstance, SuspendInstance
from engine.commands.signals import SendSignal
from engine.facts import ServiceErred
from engine.models import Job, MessageSubscription
from engine.registry import SERVICES, ServiceCall, ServiceFailed, service
from engine.runtime import Runtime
from tests.engine.spiff.drawings import border, both, bpmn, catch, end, start, user
from tests.engine.spiff.drawings import service as service_task
from tests.engine.worlds import World

pytestmark = pytest.mark.any_database

SENT = {"text": "Xong", "decision": "send"}
LISTENING = bpmn(
    start(), both("p"), user("work", form="note"), border("stop", "work", told="signal:halt"),
    catch("also", told="signal:halt"), user("tidy", form="note"), end(),
    flows="s>p\np>work\nwork>e\nstop>tidy\ntidy>e\np>also\nalso>e", process_id="listening",
)  # fmt: skip
TELLING = bpmn(
    start(), both("p"), user("decide", form="note"), catch("own", told="signal:halt"), end("told", told="signal:halt"),
    end(), flows="s>p\np>decide\ndecide>told\np>own\nown>e", process_id="telling",
)  # fmt: skip


def test_a_signal_reaches_every_case_that_waits(world: World) -> None:
    world.deploy(LISTENING)
    world.deploy(TELLING)
    listening = [world.start("listening") for _ in range(3)]
    telling = world.start("telling")
    assert [row.message for row in world.all(MessageSubscription)] == ["signal:halt"] * 7
    world.complete("decide", world.officer, **SENT)
    assert world.instance(telling).state == "completed"
    world.settle()
    assert [world.tasks(case) for case in listening] == [{"tidy"}] * 3
    assert world.all(MessageSubscription) == []
    world.check()


def test_a_signal_that_is_sent_twice_is_one(world: World) -> None:
    world.deploy(LISTENING)
    case = world.start("listening")
    for _ in range(2):
        world.execute(SendSignal(signal="halt", key="once"))
    assert len(world.jobs("engine.message")) == 1
    world.settle()
    assert world.tasks(case) == {"tidy"}
    assert world.execute(SendSignal(signal="halt", key="later")) == 0


def test_a_suspended_case_hears_a_signal_when_it_goes_on(world: World) -> None:
    world.deploy(LISTENING)
    case = world.start("listening")
    world.execute(SuspendInstance(instance_id=case, reason="Chờ"), world.administrator)
    world.execute(SendSignal(signal="halt", key="once"))
    world.settle()
    assert world.tasks(case) == {"work"}
    world.execute(ResumeInstance(instance_id=case, reason="Tiếp"), world.administrator)
    world.settle()
    assert world.tasks(case) == {"tidy"}


# ── errors of services ──


@pytest.fixture
def refusing() -> Iterator[None]:
    def refuse(call: ServiceCall, runtime: Runtime) -> Mapping[str, Any]:
        raise ServiceFailed("no-number", {"number": 7})

    service("tests.refuse")(refuse)
    yield
    del SERVICES["tests.refuse"]


def asking(world: World, *caught: str) -> UUID:
    arrows = "s>v\nv>e" + ("\nc>mend\nmend>e" if caught else "")
    shapes = [*caught, user("mend", form="note", due="c.until")] if caught else []
    world.deploy(bpmn(start(), service_task("v", "tests.refuse"), *shapes, end(), flows=arrows))
    return world.start("process")


@pytest.mark.usefixtures("refusing")
def test_an_error_of_a_service_goes_the_way_that_is_drawn(world: World) -> None:
    case = asking(world, border("c", "v", told="error:no-number"))
    world.settle()
    assert world.tasks(case) == {"mend"}
    assert any(isinstance(fact, ServiceErred) and fact.payload == {"number": 7} for fact in world.facts(case)[-1])
    assert {job.state for job in world.all(Job)} == {"done"}
    world.check()


@pytest.mark.usefixtures("refusing")
def test_an_error_that_the_drawing_does_not_know_is_an_incident(world: World) -> None:
    case = asking(world)
    world.settle()
    (incident,) = world.incidents()
    assert (incident.instance_id, incident.element_id) == (case, "v")
