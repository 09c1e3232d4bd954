"""The movable clock: ahead only, and only where it is allowed."""

from datetime import timedelta

import pytest

from engine.clock import wall_clock
from engine.commands.clock import MoveClock
from engine.errors import ClockNotMovable, PermissionDenied, Rejected
from engine.facts import ClockMoved
from engine.models import Clock
from engine.runtime import Runtime
from tests.engine.worlds import World


def test_the_clock_is_put_ahead_and_runs_on(world: World) -> None:
    before = world.now
    world.execute(MoveClock(to=before + timedelta(days=3)), world.administrator)
    assert timedelta(days=3) <= world.now - before < timedelta(days=3, minutes=10)
    world.execute(MoveClock(to=before + timedelta(days=5)), world.administrator)
    assert timedelta(days=5) <= world.now - before < timedelta(days=5, minutes=10)


def test_another_process_sees_the_moved_clock(world: World) -> None:
    before = world.now
    world.travel(timedelta(days=3))
    world.restart()
    assert world.now - before >= timedelta(days=3)


def test_the_clock_never_goes_back(world: World) -> None:
    world.travel(timedelta(days=3))
    with pytest.raises(Rejected, match="không chỉnh lùi"):
        world.travel(-timedelta(days=1))


def test_the_clock_stays_within_reach_of_the_calendar(world: World) -> None:
    with pytest.raises(Rejected, match="20 năm"):
        world.travel(timedelta(days=40 * 365))


def test_moving_the_clock_is_recorded(world: World) -> None:
    before = world.one(Clock).ahead_seconds
    world.travel(timedelta(days=1))
    ((moved,),) = world.facts()
    assert isinstance(moved, ClockMoved)
    assert moved.ahead_seconds == world.one(Clock).ahead_seconds
    assert 86_400 - 600 <= moved.ahead_seconds - before <= 86_400


def test_a_real_clock_cannot_be_moved(world: World) -> None:
    real = Runtime(world.database)
    with pytest.raises(ClockNotMovable):
        real.execute(MoveClock(to=world.now + timedelta(days=1)), actor=world.administrator)


def test_a_real_clock_ignores_a_rehearsal_left_in_the_database(world: World) -> None:
    world.travel(timedelta(days=3))
    real = Runtime(world.database)
    before = wall_clock()
    with real.reading() as connection:
        assert before <= real.now(connection) <= wall_clock()


def test_moving_the_clock_needs_permission(world: World) -> None:
    with pytest.raises(PermissionDenied):
        world.execute(MoveClock(to=world.now + timedelta(days=1)), world.officer)
