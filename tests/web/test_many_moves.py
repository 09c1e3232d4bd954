"""Ten thousand running cases move in minutes, and one job of them never keeps others waiting for long."""

from pathlib import Path
from time import perf_counter
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.jobs import run_due_jobs
from engine.models import Job, JobState, ProcessDefinition, ProcessInstance
from engine.runtime import Runtime
from engine.spiff.parse import read_drawing
from engine.spiff.places import proposed
from tests.engine.edited import with_a_step_after
from tests.engine.procedures import drawing
from webapp.benchmarks.wards import load_ward
from webapp.procedures.bundles import shipped_forms
from webapp.procedures.migration import PlanMove, StartMove

KEY = "task_lifecycle"
CASES = 10_000
MINUTES = 10
LONGEST_JOB = 5.0  # seconds, on a machine that others use too


@pytest.mark.prove
def test_ten_thousand_cases_move_in_minutes(sqlite_url: str, tmp_path: Path) -> None:
    with load_ward(sqlite_url, tmp_path, CASES) as ward:
        runtime = ward.runtime
        with runtime.reading() as connection:
            old, tenant_id = connection.execute(
                sa.select(ProcessDefinition.id, ProcessDefinition.tenant_id).where(ProcessDefinition.key == KEY)
            ).one()
            cases = connection.scalar(_running(old)) or 0
        system = Actor.system(tenant_id)
        edited = with_a_step_after(KEY, lambda step: step == "check")
        new = runtime.execute(DeployDefinition(source=edited, forms=shipped_forms(), reason="thử"), actor=system)
        mapping = proposed(read_drawing(drawing(KEY)), read_drawing(edited))
        move = runtime.execute(PlanMove(from_id=old, to_id=new, mapping=mapping), actor=system)
        tried = work_off(runtime)
        runtime.execute(StartMove(move_id=move, reason="Thêm bước"), actor=system)
        moved = work_off(runtime)
        with runtime.reading() as connection:
            assert (connection.scalar(_running(old)), connection.scalar(_running(new))) == (0, cases)
        assert cases >= CASES / 2
        assert tried + moved < MINUTES * 60


def _running(version: UUID) -> sa.Select[tuple[int]]:
    running = ProcessInstance.definition_id == version, ProcessInstance.state == "active"
    return sa.select(sa.func.count()).select_from(ProcessInstance).where(*running)


def work_off(runtime: Runtime) -> float:
    """Run job after job, without the pauses between them; return the seconds that took."""
    begun = perf_counter()
    while _hurry(runtime):
        before = perf_counter()
        run_due_jobs(runtime, "one", limit=1)
        assert perf_counter() - before < LONGEST_JOB
    return perf_counter() - begun


def _hurry(runtime: Runtime) -> bool:
    with runtime.writing() as connection:
        waiting = sa.update(Job).where(Job.state == JobState.READY, Job.kind.like("procedures.%"))
        return bool(connection.execute(waiting.values(run_at=runtime.now(connection))).rowcount)
