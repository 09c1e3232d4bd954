"""Of two who do the same thing at once exactly one succeeds, and the other is told so; whoever does another waits."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.command import Actor, Command
from engine.commands.instances import MoveDates
from engine.commands.user_tasks import ClaimUserTask, CompleteUserTask
from engine.database import connect
from engine.errors import Rejected, UserTaskAlreadyClaimed, UserTaskNotOpen
from engine.facts import UserTaskCompleted
from engine.models import Submission, Timer
from engine.runtime import Runtime
from engine.scheduler import fire_due_timers
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.drawings import border, bpmn, end, start, user
from tests.engine.worlds import DEADLINE, World

SENT = {"text": "Xong", "decision": "send"}
ROUNDS = pytest.mark.parametrize("rounds", [20, pytest.param(1_000, marks=pytest.mark.prove)])
LAPSES = bpmn(
    start(), user("accept", form="note"), border("lapsed", "accept", timer="P1D"), end(), end("e2"),
    flows="s>accept\naccept>e\nlapsed>e2", process_id="lapses",
)  # fmt: skip


class Rivals:
    """Two who act at the same moment, each with a Runtime and connections of their own."""

    def __init__(self, url: str) -> None:
        self._runtimes = [Runtime(connect(url), movable_clock=True) for _ in range(2)]

    def race(self, *acts: Callable[[Runtime], Any]) -> list[Any]:
        """What each got: a result, or a refusal."""
        barrier = threading.Barrier(len(acts))
        outcomes: dict[int, Any] = {}

        def run(place: int) -> None:
            barrier.wait()
            try:
                outcomes[place] = acts[place](self._runtimes[place])
            except Rejected as refusal:
                outcomes[place] = refusal

        threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [outcomes[place] for place in range(len(acts))]

    def close(self) -> None:
        for runtime in self._runtimes:
            runtime.close()


@pytest.fixture
def rivals(world: World) -> Iterator[Rivals]:
    made = Rivals(world.url)
    yield made
    made.close()


def doing(command: Command, actor: Actor) -> Callable[[Runtime], Any]:
    return lambda runtime: runtime.execute(command, actor=actor)


def one_refused(outcomes: list[Any], refusal: type[Rejected]) -> bool:
    return sorted(isinstance(outcome, Rejected) for outcome in outcomes) == [False, True] and any(
        type(outcome) is refusal for outcome in outcomes
    )


@ROUNDS
def test_of_two_who_complete_one_step_one_succeeds(world: World, rivals: Rivals, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        outcomes = rivals.race(doing(complete, world.officer), doing(complete, world.colleague))
        assert one_refused(outcomes, UserTaskNotOpen), outcomes
        assert completions(world, case) == 1
        assert len(world.all(Submission, Submission.instance_id == case)) == 1


@ROUNDS
def test_of_two_who_claim_one_step_one_succeeds(world: World, rivals: Rivals, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        claim = ClaimUserTask(user_task_id=world.task("write", case).id)
        outcomes = rivals.race(doing(claim, world.officer), doing(claim, world.colleague))
        assert one_refused(outcomes, UserTaskAlreadyClaimed), outcomes
        assert world.types(case) == ["InstanceStarted", "UserTaskClaimed"]


@ROUNDS
def test_a_double_click_is_one_completion(world: World, rivals: Rivals, rounds: int) -> None:
    world.deploy(WRITE_AND_CHECK)
    for _ in range(rounds):
        case = world.start("write_and_check")
        complete = CompleteUserTask(user_task_id=world.task("write", case).id, answers=SENT)
        rivals.race(doing(complete, world.officer), doing(complete, world.officer))
        assert completions(world, case) == 1


@ROUNDS
def test_a_deadline_moved_while_a_step_is_completed_loses_neither(world: World, rivals: Rivals, rounds: int) -> None:
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
def test_a_timer_and_a_completion_never_both_take_a_step(world: World, rivals: Rivals, rounds: int) -> None:
    world.deploy(LAPSES)
    cases = [world.start("lapses") for _ in range(rounds)]
    open_tasks = {case: world.task("accept", case).id for case in cases}
    world.travel(timedelta(days=1) - timedelta(seconds=2))
    for case in cases:
        complete = CompleteUserTask(user_task_id=open_tasks[case], answers=SENT)
        rivals.race(doing(complete, world.officer), lambda runtime: fire_due_timers(runtime, limit=1))
    world.travel(timedelta(hours=1))
    world.settle()
    for case in cases:
        fired = len(world.all(Timer, Timer.instance_id == case, Timer.state == "fired"))
        assert completions(world, case) + fired == 1
        assert world.instance(case).state == "completed"


def completions(world: World, case: UUID) -> int:
    return sum(isinstance(fact, UserTaskCompleted) for facts in world.facts(case) for fact in facts)
