"""`kill -9` in the middle of anything: what was confirmed is there, nothing twice, and the log tells the tables."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from engine.facts import TimerFired, UserTaskCompleted
from engine.models import Event, ProcessInstance, Submission, Timer, UserTask
from tests.crash.drawings import MORTAL
from tests.engine.worlds import World

ROOT = Path(__file__).parents[2]


def kill_many(world: World, kills: int, seed: int) -> list[str]:
    """What the victims were told before they died."""
    world.deploy(MORTAL)
    ids = [str(world.tenant_id), str(world.unit)]
    command = [sys.executable, "-m", "tests.crash.victims", world.url, *ids, str(kills), str(seed)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1_800)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.split("\n")


@pytest.mark.parametrize("kills", [8, pytest.param(300, marks=pytest.mark.prove)])
def test_killed_processes_lose_nothing_and_double_nothing(mortal_world: World, kills: int, record_property) -> None:
    world = mortal_world
    record_property("kills", kills)
    confirmed = [line.split(" ", 1) for line in kill_many(world, kills, seed=kills) if " " in line]
    completed = {told for kind, told in confirmed if kind == "task"}
    started = {told for kind, told in confirmed if kind == "case"}
    assert completed
    assert started <= {str(row.id) for row in world.all(ProcessInstance)}

    done = Counter(str(row.user_task_id) for row in world.all(Submission))
    assert completed <= done.keys()
    assert set(done.values()) == {1}
    assert done.keys() == {str(row.id) for row in world.all(UserTask, UserTask.state == "completed")}

    facts = [fact for stream in world.all(ProcessInstance) for event in world.facts(stream.id) for fact in event]
    assert Counter(str(fact.user_task_id) for fact in facts if isinstance(fact, UserTaskCompleted)) == done
    fired = Counter(fact.timer_id for fact in facts if isinstance(fact, TimerFired))
    assert set(fired.values()) <= {1}
    assert fired.keys() == {row.id for row in world.all(Timer, Timer.state == "fired")}
    assert len(world.rows(Event.__table__.select())) > kills
    world.check()


@pytest.mark.any_database
def test_what_the_dead_left_goes_on(mortal_world: World) -> None:
    world = mortal_world
    kill_many(world, 10, seed=7)
    world.restart()
    for _ in range(200):
        world.settle()
        tasks = world.all(UserTask, UserTask.state == "open")
        for task in tasks:
            world.complete(task.element_id, world.system, task.instance_id, text="Xong", decision="send")
        if not tasks:
            break
    assert world.tasks() == set()
    assert world.incidents() == []
    assert {row.state for row in world.all(ProcessInstance)} <= {"active", "completed"}
