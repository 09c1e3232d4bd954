"""Row `moves`: running cases carried into another version of their procedure, tried before that."""

from collections.abc import Iterator
from functools import partial
from statistics import median
from time import perf_counter
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.deployments import DeployDefinition
from engine.jobs import run_due_jobs
from engine.models import InstanceState, Job, JobState, ProcessDefinition, ProcessInstance
from engine.runtime import Runtime
from engine.spiff.parse import read_drawing
from engine.spiff.places import proposed
from webapp.benchmarks.cases import complete
from webapp.benchmarks.measuring import WARM_UP, Result, timed
from webapp.benchmarks.sites import Site
from webapp.benchmarks.steps import ANSWERS, ELEMENT, OFFICER
from webapp.benchmarks.wards import BenchedWard
from webapp.plans.issuing import LIFECYCLE
from webapp.procedures.bundles import shipped_diagram, shipped_forms
from webapp.procedures.migration import PlanMove, StartMove
from webapp.quick_settings.drawings import Drawing

STEPS = 200
"""Whose cost moving is measured against."""


class NotAllMovedError(RuntimeError):
    """Cases are left in the old version."""


def moves(site: Site) -> Iterator[Result]:
    """All running cases are tried, then moved to a version with a step more. Floor: as many steps."""
    with site.another(site.scale) as ward:
        cost = _cost_of_a_step(ward) / 1000
        cases, tried, moved = move_all(ward)
        yield Result.of("moves", site.database, tried + moved, cost * cases, f"s ({cases} cases)")


def _cost_of_a_step(ward: BenchedWard) -> float:
    officer = ward.actor(OFFICER)
    tasks = ward.open_tasks(officer, ELEMENT)[: WARM_UP + STEPS]
    times = [timed(partial(complete, ward, officer, id, ANSWERS)) for id in tasks]
    return median(times[min(WARM_UP, len(times) // 2) :])


def move_all(ward: BenchedWard, longest_job: float = float("inf")) -> tuple[int, float, float]:
    """Move all; return how many cases, and the seconds of trying and of moving. Raises NotAllMovedError."""
    system = Actor.system(ward.tenant_id)
    source = shipped_diagram(LIFECYCLE)
    edited = Drawing(source)
    edited.add_after("check", "Phó Chủ tịch xem báo cáo", "vice_chair@committee", "check", may_return=False)
    mapping = proposed(read_drawing(source), read_drawing(edited.to_bytes()))
    old = _in_force(ward)
    deploy = DeployDefinition(source=edited.to_bytes(), forms=shipped_forms(), reason="Đo")
    new = ward.runtime.execute(deploy, actor=system)
    cases = _running(ward, old)
    move = ward.runtime.execute(PlanMove(from_id=old, to_id=new, mapping=mapping), actor=system)
    tried = _work_off(ward.runtime, longest_job)
    ward.runtime.execute(StartMove(move_id=move, reason="Đo"), actor=system)
    moved = _work_off(ward.runtime, longest_job)
    if _running(ward, old) or _running(ward, new) != cases:
        raise NotAllMovedError(f"{_running(ward, old)} of {cases} cases are left")
    return cases, tried, moved


def _in_force(ward: BenchedWard) -> UUID:
    query = sa.select(ProcessDefinition.id).where(ProcessDefinition.key == LIFECYCLE)
    with ward.runtime.reading() as connection:
        found: UUID = connection.execute(query).scalar_one()
    return found


def _running(ward: BenchedWard, version: UUID) -> int:
    running = ProcessInstance.definition_id == version, ProcessInstance.state == InstanceState.ACTIVE
    with ward.runtime.reading() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(ProcessInstance).where(*running)) or 0


def _work_off(runtime: Runtime, longest_job: float) -> float:
    """Run job after job, without the pauses between them; return the seconds that took."""
    begun = perf_counter()
    while _hurry(runtime):
        before = perf_counter()
        run_due_jobs(runtime, "one", limit=1)
        if perf_counter() - before > longest_job:
            raise NotAllMovedError(f"A job took {perf_counter() - before:.1f} s, {longest_job} are allowed")
    return perf_counter() - begun


def _hurry(runtime: Runtime) -> bool:
    with runtime.writing() as connection:
        waiting = sa.update(Job).where(Job.state == JobState.READY, Job.kind.like("procedures.%"))
        return bool(connection.execute(waiting.values(run_at=runtime.now(connection))).rowcount)
