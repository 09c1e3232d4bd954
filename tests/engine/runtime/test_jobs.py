"""Jobs: at least once, one per key; a dead worker's job is taken over, a failing one comes back later."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest

from engine.command import Command, EnginePermission, handles
from engine.commands.incidents import ResolveIncident
from engine.jobs import FIRST_BACKOFF, LEASE, LONGEST_BACKOFF, MOST_ATTEMPTS, backoff, run_due_jobs
from engine.models import Job
from engine.registry import PERFORMERS, JobCall, performs
from engine.runtime import Runtime
from engine.scheduler import take_lease
from engine.transaction import Transaction
from tests.engine.worlds import World

HOUR = timedelta(hours=1)


class Leave(Command):
    """Leaves a job, as a command of the domain does."""

    permission: ClassVar[str] = EnginePermission.WORK
    __slots__ = ("fails", "key", "later")

    def __init__(self, key: str, later: timedelta = timedelta(), fails: bool = False) -> None:
        self.key, self.later, self.fails = key, later, fails


@handles(Leave)
def leave(command: Leave, tx: Transaction) -> None:
    tx.enqueue("tests.note", command.key, {"key": command.key}, run_at=tx.now + command.later)
    if command.fails:
        raise ValueError("nothing of this may stay")


class Worker:
    """What performs the jobs of these tests: remembers them, and can be told to fail or to die."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.fault: BaseException | None = None

    def __call__(self, job: JobCall, runtime: Runtime) -> None:
        if self.fault is not None:
            raise self.fault
        self.done.append(job.key)


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    performs("tests.note")(made)
    yield made
    del PERFORMERS["tests.note"]


def test_a_job_comes_with_its_commands_commit_or_not_at_all(world: World, worker: Worker) -> None:
    with pytest.raises(ValueError, match="nothing of this may stay"):
        world.execute(Leave("a", fails=True))
    world.execute(Leave("b"))
    world.settle()
    assert worker.done == ["b"]


def test_one_key_is_one_job_however_often_it_is_left(world: World, worker: Worker) -> None:
    for _ in range(2):
        world.execute(Leave("a"))
    world.settle()
    world.execute(Leave("a"))
    world.settle()
    assert worker.done == ["a"]
    job = world.one(Job)
    assert (job.state, job.attempts, job.lease_owner, job.last_error) == ("done", 1, None, None)


def test_jobs_run_in_the_order_in_which_they_are_due(world: World, worker: Worker) -> None:
    for key, later in (("c", 3), ("a", 1), ("b", 2)):
        world.execute(Leave(key, later * HOUR))
    world.settle()
    assert worker.done == []
    world.travel(4 * HOUR)
    world.settle()
    assert worker.done == ["a", "b", "c"]


def test_leaving_a_job_wakes_the_scheduler_after_the_commit(world: World, worker: Worker) -> None:
    seen = []
    world.runtime.on_commit = lambda: seen.append(len(world.all(Job)))
    world.execute(Leave("a"))
    assert seen == [1]


def test_several_workers_share_the_jobs(world: World, worker: Worker) -> None:
    keys = [f"job {n}" for n in range(20)]
    for key in keys:
        world.execute(Leave(key))
    runtimes = [Runtime(world.database, movable_clock=True) for _ in range(3)]
    threads = [
        threading.Thread(target=run_due_jobs, args=(runtime, f"worker {n}")) for n, runtime in enumerate(runtimes)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.settle()
    assert sorted(worker.done) == sorted(keys)


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(world: World, worker: Worker) -> None:
    world.execute(Leave("a"))
    worker.fault = SystemExit()  # The worker dies in the middle.
    with pytest.raises(SystemExit):
        run_due_jobs(world.runtime, "dying")
    worker.fault = None
    world.restart()
    assert run_due_jobs(world.runtime, "other") == 0
    world.travel(LEASE)
    assert run_due_jobs(world.runtime, "other") == 1
    assert (worker.done, world.one(Job).attempts) == (["a"], 2)


def test_an_outcome_that_comes_after_the_lease_ended_counts_no_more(world: World, worker: Worker) -> None:
    world.execute(Leave("a"))

    def overtaken(job: JobCall, runtime: Runtime) -> None:
        if not worker.done:
            worker.done.append("first")
            world.travel(LEASE)
            PERFORMERS["tests.note"] = worker
            run_due_jobs(runtime, "same name")
            raise ConnectionError("too late to fail")

    PERFORMERS["tests.note"] = overtaken
    run_due_jobs(world.runtime, "same name")
    job = world.one(Job)
    assert (worker.done, job.state, job.last_error) == (["first", "a"], "done", None)


def test_a_job_that_fails_comes_back_and_blocks_nobody(world: World, worker: Worker) -> None:
    world.execute(Leave("bad"))
    worker.fault = ConnectionError("no answer")
    world.settle()
    worker.fault = None
    world.execute(Leave("good"))
    world.settle()
    assert worker.done == ["good"]
    bad = world.one(Job, Job.key == "bad")
    assert (bad.state, bad.attempts, "no answer" in bad.last_error) == ("ready", 1, True)
    world.travel(FIRST_BACKOFF)
    world.settle()
    assert worker.done == ["good", "bad"]


def test_waiting_grows_with_each_failure_and_is_never_the_same(world: World) -> None:
    assert FIRST_BACKOFF / 2 <= backoff(1) <= FIRST_BACKOFF
    assert FIRST_BACKOFF * 2 <= backoff(3) <= FIRST_BACKOFF * 4
    assert LONGEST_BACKOFF / 2 <= backoff(MOST_ATTEMPTS) <= LONGEST_BACKOFF
    assert len({backoff(5) for _ in range(10)}) > 1


def test_the_last_failure_is_an_incident_whose_retry_runs_the_job(world: World, worker: Worker) -> None:
    world.execute(Leave("bad"))
    worker.fault = ConnectionError("no answer")
    for _ in range(MOST_ATTEMPTS + 2):
        world.settle()
        world.travel(LONGEST_BACKOFF)
    (incident,) = world.incidents()
    job = world.one(Job)
    assert (incident.job_id, job.state, job.attempts) == (job.id, "failed", MOST_ATTEMPTS)
    assert ("tests.note" in incident.message, "no answer" in incident.detail) == (True, True)
    worker.fault = None
    world.execute(ResolveIncident(incident_id=incident.id, retry=True, reason=""), world.administrator)
    world.settle()
    assert worker.done == ["bad"]


def test_a_job_that_nobody_performs_is_an_incident_not_a_loop(world: World) -> None:
    world.execute(Leave("a"))
    for _ in range(MOST_ATTEMPTS):
        world.settle()
        world.travel(LONGEST_BACKOFF)
    assert (world.one(Job).state, len(world.incidents())) == ("failed", 1)


# ── singleton work ──


def test_singleton_work_has_one_owner_until_its_lease_ends(world: World) -> None:
    span = timedelta(minutes=3)
    assert take_lease(world.runtime, "calendar", "one", span)
    assert not take_lease(world.runtime, "calendar", "two", span)
    assert take_lease(world.runtime, "calendar", "one", span)
    assert take_lease(world.runtime, "other", "two", span)
    world.travel(span + timedelta(seconds=1))
    assert take_lease(world.runtime, "calendar", "two", span)
    assert not take_lease(world.runtime, "calendar", "one", span)


def test_of_many_who_want_a_new_lease_at_once_one_gets_it(world: World) -> None:
    taken = []
    threads = [
        threading.Thread(
            target=lambda n=n: taken.append(take_lease(world.runtime, "calendar", str(n), timedelta(minutes=3)))
        )
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]
