"""Rows `timers` and `workers`: what is due drained by schedulers, and steps done by several processes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import cycle
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.ids import uuid7
from engine.models import OPEN_STEP, Event, Timer, TimerKind, TimerState, UserTask
from engine.scheduler import fire_due_timers
from webapp.benchmarks import bulk
from webapp.benchmarks.cases import complete
from webapp.benchmarks.measuring import WARM_UP, Result, timed
from webapp.benchmarks.sites import Site
from webapp.benchmarks.steps import ANSWERS, ELEMENT, OFFICER
from webapp.benchmarks.wards import BenchedWard

OPEN_STEPS = 3_000
"""Whose reminders fire; each of them many times, under other levels."""
_timers: Any = Timer.__table__
ROUNDS = 3
STEPS = 200
"""Whose cost timers are measured against."""


class NotOnceError(RuntimeError):
    """A timer fired twice, or not at all."""


def timers(site: Site) -> Iterator[Result]:
    """Ten times `scale` timers due in the same minute, drained by one scheduler. Floor: as many steps.

    Then a tenth as many by two schedulers, beside as many by one.
    """
    with site.another(OPEN_STEPS) as ward:
        cost = median(_steps(ward)) / 1000
        seconds, count = _drained(ward, _make_due(ward, 10 * site.scale))
        yield Result.of("timers", site.database, seconds, cost * count, f"s ({count} timers)")
        one, _ = _together(ward, _make_due(ward, site.scale), 1)
        two, _ = _together(ward, _make_due(ward, site.scale), 2)
        yield Result.of("timers two", site.database, two, one, "s, two schedulers and one")


def _steps(ward: BenchedWard) -> list[float]:
    officer = ward.actor(OFFICER)
    tasks = ward.open_tasks(officer, ELEMENT)[: WARM_UP + STEPS]
    return [timed(partial(complete, ward, officer, id, ANSWERS)) for id in tasks][WARM_UP:]


def _make_due(ward: BenchedWard, count: int) -> int:
    """Write so many reminders of open steps that are due since a moment ago; each leads to the next of its step."""
    waiting = sa.select(_timers).where(_timers.c.state == TimerState.WAITING, _timers.c.kind != TimerKind.FLOW)
    with ward.runtime.reading() as connection:
        due = ward.runtime.now(connection) - timedelta(seconds=30)
        known = [dict(row) for row in connection.execute(waiting).mappings()]
    fresh = {"due_at": due, "fire_at": due}
    copies = (
        row | fresh | {"id": uuid7(), "level": f"{row['level']} {number}"}
        for number, row in zip(range(count), cycle(known), strict=False)
    )
    bulk.insert(ward.runtime.database, _timers, copies)
    with ward.runtime.database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return count


def _drained(ward: BenchedWard, least: int) -> tuple[float, int]:
    """Seconds, and how many have fired: some lead to levels that are past, too."""
    before, begun = _fired(ward), perf_counter()
    while fire_due_timers(ward.runtime):
        pass
    seconds = perf_counter() - begun
    return seconds, _require_once(ward, before, least)


def _together(ward: BenchedWard, count: int, processes: int) -> tuple[float, list[dict[str, float]]]:
    """Seconds that so many schedulers take."""
    before = _fired(ward)
    seconds, told = at_once(ward, "timers", [{}] * processes)
    _require_once(ward, before, count)
    return seconds, told


def _fired(ward: BenchedWard) -> tuple[int, int]:
    """Timers that have fired, and events that say so."""
    timers = sa.select(sa.func.count()).where(Timer.state == TimerState.FIRED)
    events = sa.select(sa.func.count()).where(Event.type == "TimerFired")
    with ward.runtime.reading() as connection:
        return connection.scalar(timers) or 0, connection.scalar(events) or 0


def _require_once(ward: BenchedWard, before: tuple[int, int], count: int) -> int:
    """How many have fired. Raises NotOnceError."""
    fired, told = (after - earlier for after, earlier in zip(_fired(ward), before, strict=True))
    if fired != told or fired < count:
        raise NotOnceError(f"{count} timers were due, {fired} have fired, {told} events tell of one")
    return fired


def workers(site: Site) -> Iterator[Result]:
    """Steps a second of two processes. Floor: of one, in turns. And the worst step of the two."""
    alone = both = worst = 0.0
    with site.another(site.scale) as ward:
        tasks = _open_steps(ward)
        share = min(len(tasks) // (3 * ROUNDS), 200)
        for _ in range(ROUNDS):
            shares = [_told(ward, [tasks.pop() for _ in range(share)]) for _ in range(3)]
            alone += at_once(ward, "steps", shares[:1])[0]
            seconds, told = at_once(ward, "steps", shares[1:])
            both += seconds
            worst = max(worst, *(one["worst"] for one in told))
    yield Result.of("workers", site.database, 2 * ROUNDS * share / both, ROUNDS * share / alone, "steps/s")
    yield Result.of("workers worst", site.database, worst, 100, "ms, of at most 100")


def _open_steps(ward: BenchedWard) -> list[UUID]:
    query = sa.select(UserTask.id).where(UserTask.element_id == ELEMENT, UserTask.state == OPEN_STEP)
    with ward.runtime.reading() as connection:
        return list(connection.scalars(query.order_by(UserTask.id)))


def _told(ward: BenchedWard, tasks: list[UUID]) -> dict[str, list[Any]]:
    return {"tenant_id": [str(ward.tenant_id)], "answers": [ANSWERS], "tasks": [str(id) for id in tasks]}


def at_once(ward: BenchedWard, what: str, told: list[Any]) -> tuple[float, list[dict[str, float]]]:
    """Seconds until all of some processes are done, and what each says of itself."""
    command = [sys.executable, "-m", "webapp.benchmarks.working", what]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": os.environ | ward.environment}
    working: list[Any] = [subprocess.Popen(command, text=True, **pipes) for _ in told]  # noqa: S603  ours
    for process, work in zip(working, told, strict=True):
        process.stdin.write(orjson.dumps(work).decode() + "\n")
        process.stdin.flush()
    for process in working:
        process.stdout.readline()
    begun = perf_counter()
    for process in working:
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [orjson.loads(process.stdout.readline()) for process in working]
    seconds = perf_counter() - begun
    for process in working:
        process.communicate()
    return seconds, said
