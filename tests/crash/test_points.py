"""`kill -9` between any two effects: what follows is what would have come without it, no more and no less."""

import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from engine.commands.instances import CancelInstance
from engine.errors import Rejected
from engine.jobs import LEASE
from engine.models import ProcessInstance
from tests.crash.drawings import MORTAL
from tests.crash.dying import NEVER, Hangman, Life
from tests.crash.scenarios import SCENARIOS, Act, Scenario, run
from tests.crash.traces import traces
from tests.engine.worlds import World

SAMPLE = [("sqlite", scenario) for scenario in SCENARIOS] + [("postgresql", scenario) for scenario in SCENARIOS[::7]]


def end_of(world: World, hangman: Hangman, scenario: Scenario, deadly: int) -> tuple[Life, Any]:
    """Die at a point, start again, try again, let the clock pass the dead one's lease; what is there then."""
    world.deploy(MORTAL)
    act = scenario(world)
    life = hangman.live(partial(run, act, world.url), deadly)
    world.restart()
    world.check()
    try_again(act, world)
    world.settle()
    world.travel(LEASE)
    world.settle()
    left = traces(world.rows, world.tenant_id)
    for case in world.all(ProcessInstance, ProcessInstance.tenant_id == world.tenant_id):
        if case.state in ("active", "suspended"):
            world.execute(CancelInstance(instance_id=case.id, reason="hết"))
    return life, left


def try_again(act: Act, world: World) -> None:
    """As somebody does who heard nothing; where it was done it is refused, or does nothing."""
    try:
        act(world.runtime)
    except Rejected as refusal:
        assert refusal.kind == "conflict", refusal


def fresh(world: World) -> Iterator[World]:
    """World after world in one database, each a tenant of its own."""
    yield world
    while True:
        yield World(world.database)


@pytest.mark.prove
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_whoever_dies_anywhere_has_lost_and_doubled_nothing(
    mortal_world: World, hangman: Hangman, scenario: Scenario, record_property: Callable[[str, int], None]
) -> None:
    compare(mortal_world, hangman, scenario, everywhere, record_property)


@pytest.mark.parametrize(("world_database", "scenario"), SAMPLE, indirect=["world_database"])
def test_whoever_dies_somewhere_has_lost_and_doubled_nothing(
    mortal_world: World, hangman: Hangman, scenario: Scenario, record_property: Callable[[str, int], None]
) -> None:
    compare(mortal_world, hangman, scenario, somewhere, record_property)


Choose = Callable[[Scenario, int], Sequence[int]]
Record = Callable[[str, int], None]


def compare(world: World, hangman: Hangman, scenario: Scenario, choose: Choose, record: Record) -> None:
    """Die at the chosen points, each time in a fresh world, and see the same as in one where nobody dies."""
    worlds = fresh(world)
    life, undisturbed = end_of(next(worlds), hangman, scenario, NEVER)
    assert "after COMMIT" in life.points and life.points[-1] == "at the end"
    chosen = choose(scenario, len(life.points))
    record("kills", len(chosen))
    for deadly in chosen:
        cut_short, left = end_of(next(worlds), hangman, scenario, deadly)
        assert left == undisturbed, f"killed {cut_short.points[-1]}, after {cut_short.points[:-1]}"


def everywhere(_scenario: Scenario, points: int) -> Sequence[int]:
    return range(1, points + 1)


def somewhere(scenario: Scenario, points: int) -> Sequence[int]:
    """One point, always the same."""
    return [random.Random(scenario.__name__).randint(1, points)]
