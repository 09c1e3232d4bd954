"""No room on the disk, connections that end: nothing is harmed, and all goes on by itself."""

import pytest
import sqlalchemy as sa

from engine.calendar import local_date
from engine.models import Submission, UserTask
from engine.scheduler import Scheduler
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.worlds import World
from tests.support.databases import full

SENT = {"text": "Xong " * 4_000, "decision": "send"}
on_sqlite = pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("world_database", ["postgresql"], indirect=True)


@on_sqlite
def test_a_full_disk_refuses_the_step_and_harms_nothing(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    with full(world.database):
        with pytest.raises(sa.exc.OperationalError, match="full"):
            world.complete("write", world.officer, case, **SENT)
        assert (world.tasks(case), world.all(Submission)) == ({"write"}, [])
        world.check()
    world.complete("write", world.officer, case, **SENT)
    assert world.tasks(case) == {"check"}


@on_sqlite
def test_the_scheduler_outlives_a_full_disk(world: World) -> None:
    """What it could not do it does when there is room again, without anybody's help."""
    world.deploy(WRITE_AND_CHECK)
    scheduler = Scheduler(world.runtime)
    world.start("write_and_check", dates={"deadline": local_date(world.now)})
    with full(world.database):
        scheduler.tick()
    scheduler.tick()
    assert [row.element_id for row in world.all(UserTask)] == ["write"]


@on_postgresql
def test_connections_that_the_server_ended_are_made_anew(world: World) -> None:
    world.deploy(WRITE_AND_CHECK)
    case = world.start("write_and_check")
    with world.database.connect() as other, other.begin():
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        other.execute(sa.text(f"SELECT pg_terminate_backend(pid) {others}"))
    world.complete("write", world.officer, case, **SENT)
    assert world.tasks(case) == {"check"}
