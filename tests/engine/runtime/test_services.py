"""Service tasks: entering one leaves a job; the job carries the case on, or an incident waits for a person."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.commands.incidents import ResolveIncident
from engine.commands.instances import CancelInstance, ResumeInstance, SuspendInstance
from engine.commands.operations import GoBack
from engine.commands.services import CompleteServiceTask
from engine.facts import ServiceCompleted, ServiceRequested
from engine.ids import uuid7
from engine.jobs import LONGEST_BACKOFF, MOST_ATTEMPTS, run_due_jobs
from engine.registry import SERVICES, ServiceCall, service
from engine.runtime import Runtime
from tests.engine.spiff.drawings import border, bpmn, end, start, user
from tests.engine.spiff.drawings import service as service_task
from tests.engine.worlds import World

STAMPED = bpmn(
    start(), user("write", form="note"), service_task("stamp", "tests.stamp"),
    user("read", form="note", due="stamp.until"), end(),
    flows="s>write\nwrite>stamp\nstamp>read\nread>e", process_id="stamped",
)  # fmt: skip
SENT = {"text": "Xong", "decision": "send"}


class Stamp:
    """A service that can be out of order, and counts its calls."""

    def __init__(self) -> None:
        self.calls: list[ServiceCall] = []
        self.result: Mapping[str, Any] = {"number": 7, "until": "2040-01-31"}
        self.works = True

    def __call__(self, call: ServiceCall, runtime: Runtime) -> Mapping[str, Any]:
        self.calls.append(call)
        if not self.works:
            raise ConnectionError("the stamp is out of ink")
        return self.result


@pytest.fixture
def stamp() -> Iterator[Stamp]:
    made = Stamp()
    service("tests.stamp")(made)
    yield made
    del SERVICES["tests.stamp"]


@pytest.fixture
def case(world: World, stamp: Stamp) -> UUID:
    world.deploy(STAMPED)
    started = world.start("stamped")
    world.complete("write", world.officer, **SENT)
    return started


def fail_for_good(world: World) -> None:
    for _ in range(MOST_ATTEMPTS):
        world.settle()
        world.travel(LONGEST_BACKOFF)


def test_entering_a_service_task_leaves_one_job(world: World, case) -> None:
    (job,) = world.jobs("engine.service")
    assert (job.state, job.instance_id) == ("ready", case)
    requested = [fact for facts in world.facts(case) for fact in facts if isinstance(fact, ServiceRequested)]
    assert [(fact.element_id, fact.service, f"service:{fact.task_id}") for fact in requested] == [
        ("stamp", "tests.stamp", job.key)
    ]


def test_the_job_runs_once_and_carries_the_case_on(world: World, stamp: Stamp, case) -> None:
    world.restart()
    for _ in range(3):
        world.settle()
    (call,) = stamp.calls
    assert (call.instance_id, call.element_id, call.tenant_id) == (case, "stamp", world.tenant_id)
    assert world.task("read").due_at is not None
    assert isinstance(world.facts(case)[-1][0], ServiceCompleted)
    assert [job.state for job in world.jobs("engine.service")] == ["done"]


def test_a_service_that_fails_is_tried_again_later_and_later(world: World, stamp: Stamp, case) -> None:
    stamp.works = False
    waits = []
    for _ in range(3):
        world.settle()
        (job,) = world.jobs("engine.service")
        waits.append(job.run_at - world.now)
        world.travel(LONGEST_BACKOFF)
    assert len(stamp.calls) == 3
    assert waits[0] < waits[1] < waits[2]
    assert "out of ink" in job.last_error
    stamp.works = True
    world.settle()
    assert world.tasks() == {"read"}


def test_a_service_that_keeps_failing_is_an_incident_and_can_be_retried(world: World, stamp: Stamp, case) -> None:
    stamp.works = False
    fail_for_good(world)
    (job,) = world.jobs("engine.service")
    (incident,) = world.incidents()
    assert (len(stamp.calls), job.state) == (MOST_ATTEMPTS, "failed")
    assert (incident.instance_id, incident.job_id, incident.element_id) == (case, job.id, "stamp")
    stamp.works = True
    world.settle()
    assert world.tasks() == set()
    world.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""), world.administrator)
    world.settle()
    assert (world.tasks(), world.incidents()) == ({"read"}, [])


def test_a_result_that_the_process_cannot_use_is_one_incident_to_retry(world: World, stamp: Stamp, case) -> None:
    stamp.result = {"until": "no date"}
    world.settle()
    (incident,) = world.incidents()
    (job,) = world.jobs("engine.service")
    assert (incident.instance_id, incident.job_id, incident.element_id) == (case, job.id, "read")
    assert (job.state, job.attempts) == ("failed", 1)
    stamp.result = {"until": "2040-01-31"}
    world.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""), world.administrator)
    world.settle()
    assert (world.tasks(), world.incidents()) == ({"read"}, [])


def test_a_service_that_nobody_waits_for_any_more_changes_nothing(world: World, stamp: Stamp, case) -> None:
    world.settle()
    events = world.types(case)
    world.execute(CompleteServiceTask(instance_id=case, task_id=UUID(stamp.calls[0].key.removeprefix("service:"))))
    world.execute(CompleteServiceTask(instance_id=case, task_id=uuid7()))
    assert world.types(case) == events


def test_a_service_that_the_case_was_set_back_from_is_not_called_again(world: World, stamp: Stamp, case) -> None:
    stamp.works = False
    run_due_jobs(world.runtime, "worker")
    calls = len(stamp.calls)
    world.execute(GoBack(instance_id=case, element_id="write", reason="Viết lại"), world.administrator)
    stamp.works = True
    world.travel(timedelta(hours=1))
    world.settle()
    assert (len(stamp.calls), world.tasks(), world.incidents()) == (calls, {"write"}, [])
    assert [job.state for job in world.jobs("engine.service")] == ["done"]
    world.complete("write", world.officer, **SENT)
    world.settle()
    assert (len(stamp.calls), world.tasks()) == (calls + 1, {"read"})
    world.check()


def test_going_back_closes_the_incident_of_what_it_leaves_behind(world: World, stamp: Stamp, case) -> None:
    stamp.works = False
    fail_for_good(world)
    (incident,), calls = world.incidents(), len(stamp.calls)
    world.execute(GoBack(instance_id=case, element_id="write", reason="Viết lại"), world.administrator)
    assert world.incidents() == []
    stamp.works = True
    world.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""), world.administrator)
    world.settle()
    assert (len(stamp.calls), world.tasks()) == (calls, {"write"})
    world.check()


def test_the_service_of_a_cancelled_case_ends_quietly(world: World, stamp: Stamp, case) -> None:
    world.execute(CancelInstance(instance_id=case, reason="Thôi"), world.administrator)
    world.settle()
    (job,) = world.jobs("engine.service")
    assert (job.state, stamp.calls, world.incidents()) == ("done", [], [])


def test_a_suspended_case_keeps_its_service_waiting(world: World, stamp: Stamp, case) -> None:
    world.execute(SuspendInstance(instance_id=case, reason="Xem lại"), world.administrator)
    for _ in range(MOST_ATTEMPTS + 1):
        assert run_due_jobs(world.runtime, "worker") <= 1
        world.travel(timedelta(hours=1))
    assert (world.tasks(), stamp.calls, world.incidents()) == (set(), [], [])
    world.settle()
    world.execute(ResumeInstance(instance_id=case, reason="Xong"), world.administrator)
    world.settle()
    assert world.tasks() == {"read"}


def test_a_service_that_was_done_after_its_time_is_overtaken_however_late_the_scheduler_is(world: World, stamp) -> None:
    ways = "s>stamp\nstamp>read\nlate>ask\nread>e\nask>e"
    shapes = service_task("stamp", "tests.stamp"), border("late", "stamp", timer="PT1H")
    steps = user("read", form="note"), user("ask", form="note")
    world.deploy(bpmn(start(), *shapes, *steps, end(), flows=ways, process_id="timed"))
    case = world.start("timed")
    world.travel(timedelta(hours=2))
    run_due_jobs(world.runtime, "one")  # Its tick has not come to the timers yet.
    assert (len(stamp.calls), world.tasks(case), world.timers("fired")) == (1, {"ask"}, ["late"])
    world.settle()
    assert world.tasks(case) == {"ask"}
