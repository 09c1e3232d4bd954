"""The scheduler: APScheduler as a ticker only; what is due lives in our own tables."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from apscheduler.jobstores.base import JobLookupError

from engine.clock import wall_clock
from engine.command import Actor
from engine.commands.timers import Fired, FireTimer, PutTimerOff, is_due
from engine.database import insert_if_new
from engine.jobs import mind_the_clock, run_due_jobs
from engine.models import InstanceState, Lease, ProcessInstance, Timer
from engine.runtime import Runtime
from engine.ticker import Ticker

log = logging.getLogger(__name__)

TICK_SECONDS = 1
BATCH = 100

_timers: Any = Timer.__table__
_leases: Any = Lease.__table__
_instances: Any = ProcessInstance.__table__


def worker_name() -> str:
    """A name no other worker has, that says where it runs."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def fire_due_timers(runtime: Runtime, limit: int = BATCH) -> int:
    """Fire due timers, `limit` of them and what follows on those; return how many fired.

    1. One indexed query finds what is due, the most overdue first.
    2. Each is fired in its own transaction, its row locked: a scheduler that dies here has done nothing.
    3. Of a step's reminders that were missed, one leads to the next: that takes its place among the others.
    4. One that fails is put off and counted; the fifth failure is an incident, so it never blocks the others.
    """
    with runtime.reading() as connection:
        now = runtime.now(connection)
        due = (
            sa.select(_timers.c.fire_at, _timers.c.id, _timers.c.tenant_id, _timers.c.instance_id)
            .join(_instances, _instances.c.id == _timers.c.instance_id)
            .where(
                *is_due(now),
                _instances.c.state == InstanceState.ACTIVE,  # Timers of the suspended would come first for ever.
            )
            .order_by(_timers.c.fire_at)  # And no further: 100,000 of one minute would be sorted for each batch.
            .limit(limit)
        )
        rows: list[tuple[Any, ...]] = sorted(tuple(row) for row in connection.execute(due))
    last = rows[-1][0] if len(rows) == limit else now
    count = 0
    while rows:  # In order, so it is a heap.
        _, *which = heappop(rows)
        fired = _fire(runtime, *which)
        count += fired is not None
        if fired and fired.following and fired.following.due_at <= last:
            heappush(rows, (fired.following.due_at, fired.following.timer_id, *which[1:]))
    return count


def _fire(runtime: Runtime, timer_id: Any, tenant_id: Any, instance_id: Any) -> Fired | None:
    actor = Actor.system(tenant_id)
    try:
        fired: Fired | None = runtime.execute(FireTimer(timer_id=timer_id), actor=actor)
    except Exception as error:
        log.exception("timer %s failed", timer_id)
        runtime.execute(PutTimerOff(timer_id=timer_id, instance_id=instance_id, error=repr(error)), actor=actor)
        return None
    return fired


def settle(runtime: Runtime, worker: str | None = None) -> None:
    """Fire timers and run jobs until nothing is due."""
    worker = worker or worker_name()
    while fire_due_timers(runtime) + run_due_jobs(runtime, worker):
        pass


def take_lease(runtime: Runtime, name: str, owner: str, duration: timedelta) -> bool:
    """Become, or stay, the one owner of a piece of singleton work."""
    with runtime.writing() as connection:
        now = runtime.now(connection)
        # One that lasts much longer than is asked for comes from a clock that was put back since.
        free = (_leases.c.owner == owner) | (_leases.c.until < now) | (_leases.c.until > now + 2 * duration)
        taken = connection.execute(
            sa.update(_leases)
            .where(_leases.c.name == name, free)
            .values(owner=owner, until=now + duration, token=_leases.c.token + 1)
        )
        if taken.rowcount:
            return True
        first = insert_if_new(connection.dialect.name, _leases, "name").values(
            name=name, owner=owner, until=now + duration, token=1
        )
        return connection.scalar(first.returning(_leases.c.name)) is not None


@contextmanager
def _trying_again() -> Iterator[None]:
    """A database out of reach is a line in the log, not its stack each second: the next tick looks again."""
    try:
        yield
    except sa.exc.OperationalError as error:
        reason = " ".join(str(error.orig).split())
        log.warning("the database is out of reach; trying again at the next tick: %s", reason)


class Scheduler:
    """Ticks the timers, the jobs, and the application's calendar work."""

    def __init__(
        self,
        runtime: Runtime,
        calendar_work: Callable[[Runtime, datetime], None] | None = None,
        around: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        """`around` makes the context in which each tick runs: the application's."""
        self._runtime = runtime
        self._around = around
        self._worker = worker_name()
        self._calendar_work = calendar_work
        self._busy = threading.Lock()
        self._ticker = Ticker(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 2})
        # Two: a tick that finds another at work in this process ends at once, and APScheduler need not warn of it.

    def start(self) -> None:
        """Begin to tick, and to wake at once when a command leaves work."""
        self._come_round(self.tick, "tick", TICK_SECONDS)
        self._come_round(self._mind_the_clock, "clock", 60)
        if self._calendar_work is not None:
            self._come_round(self.do_calendar_work, "calendar", 60)
        self._ticker.start()
        self._runtime.on_commit = self._wake

    def _come_round(self, work: Callable[[], None], name: str, seconds: int) -> None:
        """From now on. Were the first time a job of its own, APScheduler would look for it after an early stop."""
        again = {"seconds": seconds, "next_run_time": wall_clock(), "misfire_grace_time": None}
        self._ticker.add_job(work, "interval", id=name, **again)

    def stop(self) -> None:
        """Finish the running tick, then end."""
        self._runtime.on_commit = lambda: None
        self._ticker.shutdown(wait=True)

    def tick(self) -> None:
        """Do what is due now. One tick at a time in this process; others may tick elsewhere."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            with self._around(), _trying_again():
                settle(self._runtime, self._worker)
        finally:
            self._busy.release()

    def _mind_the_clock(self) -> None:
        """See to what a clock that was put back would hold up."""
        with _trying_again():
            mind_the_clock(self._runtime)

    def do_calendar_work(self) -> None:
        """Run the application's daily work under a lease, so that only one scheduler does it."""
        with _trying_again():
            self._take_calendar_work()

    def _take_calendar_work(self) -> None:
        assert self._calendar_work is not None
        if take_lease(self._runtime, "calendar", self._worker, timedelta(minutes=3)):
            with self._runtime.reading() as connection:
                now = self._runtime.now(connection)
            with self._around():
                self._calendar_work(self._runtime, now)

    def _wake(self) -> None:
        """A command left work: let the ticker look at once. Waking twice is harmless."""
        with suppress(JobLookupError):  # Stopped meanwhile.
            self._ticker.modify_job("tick", next_run_time=wall_clock())
