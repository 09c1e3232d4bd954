"""The outbox: effects outside a transaction, at least once, with backoff, then an incident."""

import random
import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

import engine.performers  # noqa: F401  the engine's own, so that none of its jobs is unknown
from engine.command import Actor
from engine.commands.incidents import GIVEN_UP_FOR, RaiseIncident
from engine.commands.timers import RETRY_AFTER
from engine.errors import InstanceOnHold, ProcessFault
from engine.models import Job, JobState, Timer, TimerState
from engine.registry import JOB_NAMES, PERFORMERS, JobCall
from engine.runtime import Runtime

LEASE = timedelta(minutes=2)
"""How long a worker has; after it the job counts as orphaned and another takes it over."""
MOST_ATTEMPTS = 12
"""Some two hours with the backoff between them: a mail server may be down that long."""
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(hours=1)
HOLD = timedelta(minutes=5)
"""How long a job waits for a suspended instance before it looks again; resuming wakes it at once."""

_jobs: Any = Job.__table__
_timers: Any = Timer.__table__


@dataclass(frozen=True, slots=True)
class LeasedJob:
    call: JobCall
    kind: str
    attempts: int


def run_due_jobs(runtime: Runtime, worker: str, limit: int = 100) -> int:
    """Run up to `limit` due jobs, one after another; return how many were tried.

    1. Lease the job that waits longest: its `run_at` moves to the lease's end, so a dead worker's job comes back.
    2. Perform it outside any transaction.
    3. Done; or put off with backoff and jitter; or, after the last attempt, failed with an incident.
    """
    for count in range(limit):
        leased = _lease(runtime, worker)
        if leased is None:
            return count
        _perform(runtime, leased, worker)
    return limit


def _lease(runtime: Runtime, worker: str) -> LeasedJob | None:
    """Looked for without the writers' lock first: most ticks find nothing."""
    with runtime.reading() as connection:
        if connection.scalar(_due(runtime.now(connection))) is None:
            return None
    with runtime.writing() as connection:
        now = runtime.now(connection)
        due = _due(now)
        if connection.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        lease = (
            sa.update(_jobs)
            .where(_jobs.c.id == due.scalar_subquery())
            .values(lease_owner=worker, run_at=now + LEASE, attempts=_jobs.c.attempts + 1)
            .returning(*(_jobs.c[n] for n in ("id", "key", "tenant_id", "instance_id", "payload", "kind", "attempts")))
        )
        row = connection.execute(lease).one_or_none()
    if row is None:
        return None
    call = JobCall(row.id, row.key, row.tenant_id, row.instance_id, orjson.loads(row.payload))
    return LeasedJob(call, row.kind, row.attempts)


def mind_the_clock(runtime: Runtime) -> None:
    """After the clock was put back: what was due, leased or put off by the later time does not wait for it to come."""
    with runtime.writing() as connection:
        now = runtime.now(connection)
        leased = _jobs.c.lease_owner.is_not(None) & (_jobs.c.run_at > now + LEASE)
        put_off = (_jobs.c.attempts > 0) & (_jobs.c.run_at > now + LONGEST_BACKOFF)
        ahead = _jobs.c.state == JobState.READY, _jobs.c.run_at > now, (_jobs.c.created_at > now) | leased | put_off
        connection.execute(sa.update(_jobs).where(*ahead).values(run_at=now))
        failed = (_timers.c.attempts > 0) & (_timers.c.fire_at > now + RETRY_AFTER)
        given_up = (_timers.c.fire_at > _timers.c.due_at) & (_timers.c.fire_at > now + GIVEN_UP_FOR)
        waiting = _timers.c.state == TimerState.WAITING, failed | given_up
        connection.execute(sa.update(_timers).where(*waiting).values(fire_at=_timers.c.due_at))


def _due(now: datetime) -> Any:
    due = _jobs.c.state == JobState.READY, _jobs.c.run_at <= now
    return sa.select(_jobs.c.id).where(*due).order_by(_jobs.c.run_at).limit(1)


class WorkerDied(Exception):  # noqa: N818  told to administrators
    """The worker never came back with an outcome, not even a bad one."""

    def __init__(self) -> None:
        super().__init__("tiến trình làm việc này lần nào cũng dừng giữa chừng")


def _perform(runtime: Runtime, leased: LeasedJob, worker: str) -> None:
    if leased.attempts > MOST_ATTEMPTS:  # The last try had no outcome: a job that kills its worker must not go on.
        _fail(runtime, leased, worker, WorkerDied())
        return
    try:
        PERFORMERS[leased.kind](leased.call, runtime)
    except InstanceOnHold:
        _update(runtime, leased, worker, attempts=leased.attempts - 1, backoff=HOLD)
    except Exception as error:
        # Whatever went wrong, the job itself must say so and must not stop the others.
        _fail(runtime, leased, worker, error)
    else:
        _update(runtime, leased, worker, state=JobState.DONE, last_error=None)


def _update(runtime: Runtime, leased: LeasedJob, worker: str, **values: Any) -> None:
    """Write the outcome, unless the lease ended and another worker has the job now."""
    with runtime.writing() as connection:
        if values.get("state") == JobState.DONE:
            values["done_at"] = runtime.now(connection)
        if "backoff" in values:
            values["run_at"] = runtime.now(connection) + values.pop("backoff")
        mine = _jobs.c.id == leased.call.id, _jobs.c.lease_owner == worker, _jobs.c.attempts == leased.attempts
        connection.execute(sa.update(_jobs).where(*mine).values(lease_owner=None, **values))


def _fail(runtime: Runtime, leased: LeasedJob, worker: str, error: Exception) -> None:
    text = "".join(traceback.format_exception(error))[-4000:]
    if leased.attempts < MOST_ATTEMPTS and not isinstance(error, ProcessFault):
        _update(runtime, leased, worker, last_error=text, backoff=backoff(leased.attempts))
        return
    named = JOB_NAMES.get(leased.kind, leased.kind)
    message = f"Việc nền “{named}” không làm được sau {leased.attempts} lần thử: {error}"
    incident = RaiseIncident(
        instance_id=leased.call.instance_id, element_id=leased.call.payload.get("element_id"), job_id=leased.call.id,
        message=message, detail=text,
    )  # fmt: skip
    # First the incident: a worker that dies here leaves a job that comes back, not one that nobody hears of.
    runtime.execute(incident, actor=Actor.system(leased.call.tenant_id))
    _update(runtime, leased, worker, state=JobState.FAILED, last_error=text)


def backoff(attempts: int) -> timedelta:
    """Exponential, with jitter so that jobs that failed together do not come back together."""
    longest: timedelta = min(FIRST_BACKOFF * 2 ** (attempts - 1), LONGEST_BACKOFF)
    return longest * random.uniform(0.5, 1)  # noqa: S311  not a secret
