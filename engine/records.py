"""How a command reads its instance, and writes what is its own: instance, event, submissions, jobs."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.database import insert_if_new
from engine.events import Envelope
from engine.models import Event, Job, JobState, KeptMessage, ProcessInstance, Submission, Tenant

_instances: Any = ProcessInstance.__table__
_events: Any = Event.__table__
_tenants: Any = Tenant.__table__
_jobs: Any = Job.__table__
INSTANCE_COLUMNS = [
    *(
        _instances.c[name]
        for name in (
            "id", "tenant_id", "definition_id", "key", "business_key", "title", "state", "sequence", "head", "parties",
            "dates", "saved_state",
        )
    ),
    _tenants.c.calendar_version,
    _tenants.c.head.label("tenant_head"),
]  # fmt: skip
"""What a command reads of its instance; how far its tenant has come spares it questions of their own."""
INSTANCES = _instances.join(_tenants, _tenants.c.id == _instances.c.tenant_id)
"""Where they are read from."""

TAKE_TURNS = {
    together: sa.select(lock(sa.func.hashtextextended(sa.bindparam("name"), 0)))
    for together, lock in ((False, sa.func.pg_advisory_xact_lock), (True, sa.func.pg_advisory_xact_lock_shared))
}
"""Together with others who do so, or alone."""


def locking(query: sa.Select[Any], *tables: Any, skip_locked: bool = False) -> sa.Select[Any]:
    """The query, locking its rows on PostgreSQL, table by table in the order given: the instance comes first.

    Keys never change, so whoever refers to a locked row need not wait (`FOR NO KEY UPDATE`).
    """
    return query.with_for_update(of=tables, key_share=True, skip_locked=skip_locked)


FIND_INSTANCE = (
    sa.select(*INSTANCE_COLUMNS)
    .select_from(INSTANCES)
    .where(_instances.c.id == sa.bindparam("instance"), _instances.c.tenant_id == sa.bindparam("tenant"))
)
FIND_AND_LOCK_INSTANCE = locking(FIND_INSTANCE, _instances)

SAVE_NEW_INSTANCE = (
    sa.update(_instances)
    .where(_instances.c.id == sa.bindparam("row_id"), _instances.c.sequence == sa.bindparam("expected"))
    .values(sequence=sa.bindparam("expected") + 1, head=sa.bindparam("link"), saved_state=sa.bindparam("bytes"))
)
_working_days = sa.select(_tenants.c.calendar_version).where(_tenants.c.id == _instances.c.tenant_id)
_as_reckoned = _working_days.scalar_subquery() == sa.bindparam("calendar", type_=sa.Integer)
SAVE_INSTANCE = SAVE_NEW_INSTANCE.values(sequence=sa.case((_as_reckoned, sa.bindparam("expected") + 1)))
"""No row has NULL for a sequence: nothing is written that was reckoned by other working days than the ward has by then.

What follows the new days has been there already, and would not come again.
"""
NEXT_OF_TENANT = (
    sa.update(_tenants)
    .where(_tenants.c.id == sa.bindparam("row_id"))
    .values(sequence=_tenants.c.sequence + 1)
    .returning(_tenants.c.sequence, _tenants.c.head)
)
SET_TENANT_HEAD = sa.update(_tenants).where(_tenants.c.id == sa.bindparam("row_id")).values(head=sa.bindparam("link"))
INSERT_EVENT = sa.insert(_events)
EVENT_KEY = _events.primary_key.name
INSERT_SUBMISSION = sa.insert(Submission.__table__)  # type: ignore[arg-type]
INSERT_JOBS = {dialect: insert_if_new(dialect, Job.__table__, "key") for dialect in ("sqlite", "postgresql")}
FINISH_JOB = (
    sa.update(_jobs)
    .where(_jobs.c.id == sa.bindparam("row_id"), _jobs.c.state == JobState.READY)
    .values(state=JobState.DONE, done_at=sa.bindparam("at"), last_error=None)
)
"""With the effects of a job that is one command: a worker that dies before it says so has done it once."""
INSERT_KEPT = sa.insert(KeptMessage.__table__)  # type: ignore[arg-type]


def saving(
    instance_id: UUID, sequence: int, link: bytes, state: bytes | None, calendar: int | None
) -> tuple[Any, dict[str, Any]]:
    """What goes on from that sequence by the working days of that version; None for an instance that begins."""
    values = {"row_id": instance_id, "expected": sequence, "link": link, "bytes": state}
    return (SAVE_NEW_INSTANCE, values) if calendar is None else (SAVE_INSTANCE, {**values, "calendar": calendar})


def event_row(envelope: Envelope, type_: str, data: str, link: bytes) -> dict[str, Any]:
    """A row of `events`."""
    return {
        "stream": envelope.stream, "sequence": envelope.sequence, "tenant_id": envelope.tenant_id, "type": type_,
        "actor_id": envelope.actor_id, "on_behalf_of": envelope.on_behalf_of, "at": envelope.at, "data": data,
        "hash": link,
    }  # fmt: skip


def is_overtaken(error: sa.exc.IntegrityError) -> bool:
    """Whether another command has written the event of this sequence, or moved the working days.

    Of the event PostgreSQL says so where nothing was locked.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is None:
        return str(error.orig).endswith(f"{_instances.name}.sequence")
    is_unsaved = (diagnosis.table_name, diagnosis.column_name) == (_instances.name, "sequence")
    return diagnosis.constraint_name == EVENT_KEY or is_unsaved


def dates_to_json(dates: Mapping[str, date]) -> str:
    """The stored text of an instance's dates."""
    return orjson.dumps({name: day.isoformat() for name, day in sorted(dates.items())}).decode()


def dates_from_json(text: str) -> dict[str, date]:
    """An instance's dates from their stored text."""
    return {name: date.fromisoformat(day) for name, day in orjson.loads(text).items()}
