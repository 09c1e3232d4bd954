"""Of two who do the same thing at once exactly one succeeds, and the other is told so; whoever does another waits.

Each race is run by two processes, on SQLite and on PostgreSQL; after all of them the chains and the tables are checked.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.instances import CancelInstance, MoveDates, StartInstance, SuspendInstance
from engine.commands.messages import DeliverMessage, SubmitMessage
from engine.commands.migration import MigrateInstance
from engine.commands.timers import Fired, FireTimer
from engine.commands.user_tasks import ClaimUserTask, CompleteUserTask
from engine.errors import (
    InstanceNotActive,
    InstanceOnHold,
    NobodyWaits,
    Rejected,
    UserTaskAlreadyClaimed,
    UserTaskLapsed,
    UserTaskNotOpen,
)
from engine.facts import InstanceEnded, InstanceMigrated, MessageDelivered, TimerFired, UserTaskCompleted
from engine.ids import uuid7
from engine.jobs import run_due_jobs
from engine.models import Job, ProcessInstance, Submission, Timer
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers
from engine.transaction import Transaction
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, bpmn, catch, end, start, user
from tests.engine.worlds import DEADLINE, World
from tests.races.racers import Act, Racers
from webapp.organisation.commands.units import AddUnit
from webapp.organisation.models import Unit, UnitKind
from webapp.organisation.refusals import UnitNameTaken
from webapp.permissions import Permission

SENT = {"text": "Xong", "decision": "send"}
ROUNDS = pytest.mark.parametrize("rounds", [20, pytest.param(1_000, marks=pytest.mark.prove)])
LAPSES = bpmn(
    start(), user("accept", form="note"), border("lapsed", "accept", timer="P1D"),
    end(), end("e2"), flows="s>accept\naccept>e\nlapsed>e2", process_id="lapses",
)  # fmt: skip
REMINDS = bpmn(
    start(), user("write", form="note"), border("nudge", "write", timer="P1D", interrupting=False), end(), end("e2"),
    flows="s>write\nwrite>e\nnudge>e2", process_id="reminds",
)  # fmt: skip
AWAITS = bpmn(
    start(), catch("news", message="news.came"), end(), flows="s>news\nnews>e", process_id="awaits"
)  # fmt: skip


@pytest.fixture(scope="session")
def pair() -> Iterator[Racers]:
    made = Racers(2)
    yield made
    made.close()


@pytest.fixture
def rivals(world: World, pair: Racers, rounds: int, record_property: Callable[[str, int], None]) -> Racers:
    pair.open(world.url)
    record_property("races", rounds)
    return pair


def execute(command: Command, actor: Actor, runtime: Runtime) -> Any:
    return runtime.execute(command, actor=actor)


def doing(command: Command, actor: Actor) -> Act:
    return partial(execute, command, actor)


def fire_one(runtime: Runtime) -> int:
    """As a scheduler does, the most overdue first."""
    return fire_due_timers(runtime, limit=1)


def run_one(worker: str, runtime: Runtime) -> int:
    return run_due_jobs(runtime, worker, limit=1)


def one_refused(outcomes: list[Any], *refusals: type[Rejected]) -> bool:
    refused = [type(outcome) for outcome in outcomes if isinstance(outcome, Rejected)]
    return len(refused) == len(outcomes) - 1 and set(refused) <= set(refusals)


def count(world: World, case: UUID, fact_type: type) -> int:
    return sum(isinstance(fact, fact_type) for facts in world.facts(case) for fact in facts)


# ── one step, two people ──


@ROUNDS
def test_of_two_who_complete_one_step_one_succeeds(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        outcomes = rivals.race(doing(complete, world.officer), doing(complete, world.colleague))
        assert one_refused(outcomes, UserTaskNotOpen), outcomes
        assert world.types(case) == ["InstanceStarted", "UserTaskCompleted"]
        assert count(world, case, UserTaskCompleted) == 1
        assert len(world.all(Submission, Submission.instance_id == case)) == 1


@ROUNDS
def test_of_two_who_claim_one_step_one_succeeds(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        claim = ClaimUserTask(user_task_id=world.task("write", case).id)
        outcomes = rivals.race(doing(claim, world.officer), doing(claim, world.colleague))
        assert one_refused(outcomes, UserTaskAlreadyClaimed), outcomes
        assert world.types(case) == ["InstanceStarted", "UserTaskClaimed"]


@ROUNDS
def test_a_step_claimed_while_another_completes_it_is_one_persons(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        task = world.task("write", case).id
        complete = CompleteUserTask(user_task_id=task, answers=SENT)
        claim = ClaimUserTask(user_task_id=task)
        outcomes = rivals.race(doing(complete, world.officer), doing(claim, world.colleague))
        assert one_refused(outcomes, UserTaskNotOpen, UserTaskAlreadyClaimed), outcomes
        assert len(world.types(case)) == 2


@ROUNDS
def test_a_double_click_is_one_completion(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = doing(CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT), world.officer)
        assert one_refused(rivals.race(complete, complete), UserTaskNotOpen)
        assert world.types(case) == ["InstanceStarted", "UserTaskCompleted"]


# ── timers ──


@ROUNDS
def test_a_timer_that_is_due_takes_the_step_from_whoever_completes_it(
    world: World, rivals: Racers, rounds: int
) -> None:
    world.deploy(LAPSES)
    cases = {case: world.task("accept", case).id for case in (world.start("lapses") for _ in range(rounds))}
    world.travel(timedelta(days=1, seconds=1))
    for case, task in cases.items():
        complete = CompleteUserTask(user_task_id=task, answers=SENT)
        timer = world.one(Timer, Timer.instance_id == case, Timer.element_id == "lapsed").id
        completed, fired = rivals.race(doing(complete, world.officer), doing(FireTimer(timer_id=timer), world.system))
        assert isinstance(completed, UserTaskLapsed | UserTaskNotOpen), completed
        if not fired:  # PostgreSQL: the completer held the case; the scheduler comes round again.
            world.settle()
        assert world.types(case) == ["InstanceStarted", "TimerFired"]
        assert world.instance(case).state == "completed"


@ROUNDS
def test_a_timer_and_a_completion_never_both_take_a_step(world: World, rivals: Racers, rounds: int) -> None:
    """The completion comes about when the timer gets due; whoever is first has the step."""
    world.deploy(LAPSES)
    cases = {case: world.task("accept", case).id for case in (world.start("lapses") for _ in range(rounds))}
    world.travel(timedelta(days=1) - timedelta(seconds=2))
    for case, task in cases.items():
        complete = CompleteUserTask(user_task_id=task, answers=SENT)
        completed, _fired = rivals.race(doing(complete, world.officer), fire_one)
        fired = len(world.all(Timer, Timer.instance_id == case, Timer.state == "fired"))
        assert count(world, case, UserTaskCompleted) + fired <= 1
        assert isinstance(completed, UUID | UserTaskNotOpen)
    world.travel(timedelta(hours=1))
    world.settle()
    for case in cases:
        fired = len(world.all(Timer, Timer.instance_id == case, Timer.state == "fired"))
        assert count(world, case, UserTaskCompleted) + fired == 1
        assert world.instance(case).state == "completed"


@ROUNDS
def test_a_reminder_that_is_due_is_never_lost_to_a_completion(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(REMINDS)
    cases = {case: world.task("write", case).id for case in (world.start("reminds") for _ in range(rounds))}
    world.travel(timedelta(days=1, seconds=1))
    for case, task in cases.items():
        complete = CompleteUserTask(user_task_id=task, answers=SENT)
        timer = world.one(Timer, Timer.instance_id == case).id
        completed, fired = rivals.race(doing(complete, world.officer), doing(FireTimer(timer_id=timer), world.system))
        assert isinstance(completed, UUID) and isinstance(fired, Fired | None), (completed, fired)
        assert (count(world, case, TimerFired), count(world, case, UserTaskCompleted)) == (1, 1)


@ROUNDS
def test_of_two_schedulers_one_fires_a_timer(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(REMINDS)
    cases = [world.start("reminds") for _ in range(rounds)]
    world.travel(timedelta(days=1, seconds=1))
    for case in cases:
        fire = doing(FireTimer(timer_id=world.one(Timer, Timer.instance_id == case).id), world.system)
        assert sorted(map(bool, rivals.race(fire, fire))) == [False, True]
        assert world.types(case) == ["InstanceStarted", "TimerFired"]


@ROUNDS
def test_two_schedulers_that_look_at_once_fire_everything_once(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(REMINDS)
    cases = [world.start("reminds") for _ in range(rounds)]
    world.travel(timedelta(days=1, seconds=1))
    rivals.race(fire_due_timers, fire_due_timers)
    world.settle()  # PostgreSQL's schedulers pass over what another has locked.
    assert [count(world, case, TimerFired) for case in cases] == [1] * rounds


# ── messages and operations ──


@ROUNDS
def test_a_message_that_ends_a_case_or_its_cancelling_one_succeeds(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(AWAITS)
    for _ in range(rounds):
        case = world.start("awaits")
        message = DeliverMessage(instance_id=case, message="news.came")
        cancel = CancelInstance(instance_id=case, reason="Không làm nữa")
        outcomes = rivals.race(doing(message, world.system), doing(cancel, world.administrator))
        assert one_refused(outcomes, InstanceNotActive), outcomes
        assert count(world, case, InstanceEnded) == 1
        delivered = count(world, case, MessageDelivered)
        assert world.instance(case).state == ("completed" if delivered else "cancelled")


@ROUNDS
def test_a_message_sent_twice_is_delivered_once(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(AWAITS)
    for _ in range(rounds):
        case = world.start("awaits")
        submit = doing(SubmitMessage(instance_id=case, element_id="news", answers={}), world.system)
        assert one_refused(rivals.race(submit, submit), NobodyWaits, InstanceNotActive)
        assert count(world, case, MessageDelivered) == 1


@ROUNDS
def test_nobody_completes_a_step_of_a_suspended_case(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        suspend = SuspendInstance(instance_id=case, reason="Xem lại")
        completed, suspended = rivals.race(doing(complete, world.officer), doing(suspend, world.administrator))
        assert suspended is None
        assert isinstance(completed, UUID | InstanceOnHold), completed
        before = ["InstanceStarted", "UserTaskCompleted"] if isinstance(completed, UUID) else ["InstanceStarted"]
        assert world.types(case) == [*before, "InstanceSuspended"]


# ── what is retried inside, and nobody sees ──


@ROUNDS
def test_a_deadline_moved_while_a_step_is_completed_loses_neither(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        move = MoveDates(instance_id=case, dates={"deadline": DEADLINE + timedelta(days=3)}, reason="thư")
        outcomes = rivals.race(doing(complete, world.officer), doing(move, world.system))
        assert not any(isinstance(outcome, Rejected) for outcome in outcomes), outcomes
        assert world.tasks(case) == {"check"}
        assert world.all(Timer, Timer.instance_id == case, Timer.state == "waiting") == []
        assert str(DEADLINE + timedelta(days=3)) in world.instance(case).dates


@ROUNDS
def test_a_case_moved_to_another_version_while_a_step_is_completed(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    cases = [world.start("write_and_check") for _ in range(rounds)]
    newer = world.deploy(WRITE_AND_CHECK.replace(b"working_days(1)", b"working_days(2)"))
    assert newer is not None
    for case in cases:
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        same_places = {"write": "write", "check": "check"}
        move = MigrateInstance(instance_id=case, definition_id=newer, mapping=same_places, reason="bản mới")
        outcomes = rivals.race(doing(complete, world.officer), doing(move, world.administrator))
        assert not any(isinstance(outcome, Rejected) for outcome in outcomes), outcomes
        assert (world.tasks(case), world.instance(case).definition_id) == ({"check"}, newer)
        assert (count(world, case, UserTaskCompleted), count(world, case, InstanceMigrated)) == (1, 1)


@ROUNDS
def test_one_business_key_is_one_case(world: World, rivals: Racers, rounds: int) -> None:
    world.deploy(AWAITS)
    for _ in range(rounds):
        key = str(uuid7())
        begin = doing(StartInstance(key="awaits", business_key=key, title="Một việc"), world.system)
        first, second = rivals.race(begin, begin)
        assert first == second == world.one(ProcessInstance, ProcessInstance.business_key == key).id


class Leave(Command):
    """Leaves a job that writes a line into a file."""

    permission: ClassVar[str] = EnginePermission.WORK
    __slots__ = ("file", "key")

    def __init__(self, key: str, file: Path) -> None:
        self.key, self.file = key, file


@handles(Leave)
def leave(command: Leave, tx: Transaction) -> None:
    tx.enqueue("races.note", command.key, {"file": str(command.file)})


@ROUNDS
def test_of_two_workers_one_runs_a_job(world: World, rivals: Racers, rounds: int, tmp_path: Path) -> None:
    file = tmp_path / "done"
    for number in range(rounds):
        world.execute(Leave(f"job {number}", file))
        rivals.race(partial(run_one, "one"), partial(run_one, "two"))
    world.settle()  # PostgreSQL's workers pass over what another has locked.
    assert Counter(file.read_text().splitlines()) == Counter(f"job {number}" for number in range(rounds))
    assert {(job.state, job.attempts) for job in world.all(Job)} == {("done", 1)}


# ── one name, two units ──


@pytest.fixture
def leaving_no_units(world: World) -> Iterator[None]:
    """A world that is emptied leaves the tables that are not the engine's."""
    yield
    with world.runtime.writing() as connection:
        connection.execute(sa.delete(Unit))


@ROUNDS
@pytest.mark.usefixtures("leaving_no_units")
def test_of_two_who_add_a_unit_of_one_name_one_succeeds(world: World, rivals: Racers, rounds: int) -> None:
    admin = Actor(id=uuid7(), tenant_id=world.tenant_id, permissions=frozenset({Permission.ADMINISTER}))
    for n in range(rounds):
        names = {"name": f"Tổ dân phố {n}", "short_name": f"TDP {n}"}
        add = AddUnit(**names, kind=UnitKind.DEPARTMENT)
        outcomes = rivals.race(doing(add, admin), doing(add, admin))
        assert one_refused(outcomes, UnitNameTaken), outcomes
