"""A move of running cases is killed at any point and goes on: every case moves, and moves once."""

import random
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

import webapp.models  # noqa: F401  tables that others refer to
from engine.command import Actor
from engine.commands.clock import MoveClock
from engine.jobs import LEASE
from engine.models import ProcessInstance
from engine.runtime import Runtime
from engine.scheduler import settle
from tests.crash.dying import NEVER, Hangman
from tests.crash.scenarios import run
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.worlds import World
from webapp.procedures import migration_jobs
from webapp.procedures.migration import PlanMove, StartMove
from webapp.procedures.migration_models import MovedCase, VersionMove

CASES, AT_ONCE = 7, 3
JOBS = 2 + CASES // AT_ONCE


def work_off(tenant_id: UUID, runtime: Runtime) -> None:
    """Job after job, each after its pause."""
    migration_jobs.AT_ONCE = AT_ONCE
    for _ in range(JOBS):
        settle(runtime)
        with runtime.reading() as connection:
            later = runtime.now(connection) + timedelta(seconds=1)
        runtime.execute(MoveClock(to=later), actor=Actor.system(tenant_id))


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("deaths", [2, pytest.param(40, marks=pytest.mark.prove)])
def test_a_move_that_is_killed_goes_on(
    world: World, hangman: Hangman, deaths: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_jobs, "AT_ONCE", AT_ONCE)
    work = partial(work_off, world.tenant_id)
    old = world.deploy(WRITE_AND_CHECK)
    cases = [world.start("write_and_check") for _ in range(CASES)]
    chance, versions = random.Random(deaths), [old]
    for deadly in (NEVER, *(chance.randint(20, 90) for _ in range(deaths))):
        name = f"Lần {len(versions)}".encode()
        versions.append(world.deploy(WRITE_AND_CHECK.replace("Bước check".encode(), name)))
        plan = PlanMove(from_id=versions[-2], to_id=versions[-1], mapping={"write": "write", "check": "check"})
        move = world.execute(plan)
        work(world.runtime)
        world.execute(StartMove(move_id=move, reason="Đổi tên bước"))
        hangman.live(partial(run, work, world.url), deadly)
        world.restart()
        world.check()
        world.travel(LEASE)
        work(world.runtime)
        assert world.one(VersionMove, VersionMove.id == move).state == "moved"
        outcomes = world.rows(MovedCase.__table__.select().where(MovedCase.move_id == move))
        assert [row.outcome for row in outcomes] == ["moved"] * CASES
        assert {row.definition_id for row in world.all(ProcessInstance)} == {versions[-1]}
    assert {world.types(case).count("InstanceMigrated") for case in cases} == {len(versions) - 1}
