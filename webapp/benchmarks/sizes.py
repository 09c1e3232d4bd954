"""Row `size`: what one finished lifecycle case leaves in the database, what people entered left out."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.messages import DeliverMessage
from engine.ids import uuid7
from engine.models import (
    Event,
    Incident,
    InstanceState,
    Job,
    KeptMessage,
    MessageSubscription,
    ProcessInstance,
    Submission,
    Timer,
    UserTask,
)
from engine.scheduler import settle
from webapp.benchmarks.cases import FOCAL, complete
from webapp.benchmarks.measuring import Result
from webapp.benchmarks.sites import Site
from webapp.benchmarks.wards import BenchedWard
from webapp.cycles.models import CycleEntry
from webapp.notifications.models import Notification
from webapp.plans.models import TaskOccurrence

OF_INSTANCE: tuple[Any, ...] = (
    UserTask,
    Timer,
    MessageSubscription,
    KeptMessage,
    Submission,
    Incident,
    Job,
    Notification,
)
MOST_BYTES = 40_000
COPIES = 400
COMPACT = {"sqlite": "VACUUM", "postgresql": "VACUUM FULL"}
MEASURE = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
    "postgresql": "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'",
}
MILESTONES = ("report.used", "report.approved", "report.received")


def size(site: Site) -> Iterator[Result]:
    """Of all tables with their indexes, as the file or the relations grow by many such cases. Floor: 40 kB allowed."""
    with site.another(10) as ward:
        case = _finished_case(ward)
        rows = _rows_of(ward, case)
        entered = sum(len(row["data"].encode()) for row in rows[Submission.__table__])
        before = _used(ward)
        with ward.runtime.database.begin() as connection:
            for number in range(1, COPIES + 1):
                _copy(connection, rows, number)
        grown = (_used(ward) - before) / COPIES
    yield Result.of("size", site.database, grown - entered, MOST_BYTES, "bytes, of at most 40 000")


def _finished_case(ward: BenchedWard) -> UUID:
    """A case that the focal unit takes, and that its cycle then carries to the city's receipt."""
    focal, system = ward.actor(FOCAL), Actor.system(ward.tenant_id)
    (step, *_) = ward.open_tasks(focal, "check")
    with ward.runtime.reading() as connection:
        case: UUID = connection.scalars(sa.select(UserTask.instance_id).where(UserTask.id == step)).one()
    complete(ward, focal, step, {"decision": "approve"})
    for message in MILESTONES:
        payload = {"cycle": str(case), "last_of_year": True}
        ward.runtime.execute(DeliverMessage(instance_id=case, message=message, payload=payload), actor=system)
    with ward.app.app_context():
        settle(ward.runtime)
    with ward.runtime.reading() as connection:
        state = connection.scalars(sa.select(ProcessInstance.state).where(ProcessInstance.id == case)).one()
    assert state is InstanceState.COMPLETED, "a case that was received by the city is finished"
    return case


def _rows_of(ward: BenchedWard, case: UUID) -> dict[Any, list[dict[str, Any]]]:
    """Everything about the case."""
    wanted: dict[Any, Any] = {ProcessInstance.__table__: ProcessInstance.id, Event.__table__: Event.stream}
    wanted |= {TaskOccurrence.__table__: TaskOccurrence.id, CycleEntry.__table__: CycleEntry.occurrence_id}
    wanted |= {model.__table__: model.instance_id for model in OF_INSTANCE}
    with ward.runtime.reading() as connection:
        return {
            table: [dict(row._mapping) for row in connection.execute(sa.select(table).where(column == case))]
            for table, column in wanted.items()
        }


def _copy(connection: sa.Connection, rows: dict[Any, list[dict[str, Any]]], number: int) -> None:
    """The same again under other ids, in another year."""
    names = {row["id"]: uuid7() for originals in rows.values() for row in originals if "id" in row}
    for table, originals in rows.items():
        copies = [{name: _renamed(value, names) for name, value in row.items()} for row in originals]
        for copy in copies:
            _set_apart(copy, number)
        if copies:
            connection.execute(sa.insert(table), copies)


def _renamed(value: Any, names: dict[UUID, UUID]) -> Any:
    return names.get(value, value) if isinstance(value, UUID) else value


def _set_apart(copy: dict[str, Any], number: int) -> None:
    if "business_key" in copy:
        copy["business_key"] = f"{copy['business_key']}:{number}"
    elif "run_at" in copy:  # a job
        copy["key"] = f"{copy['key']}:{number}"
    elif "about" in copy:
        copy["about"] = f"{copy['about']}:{number}"
    if "year" in copy:
        copy["year"] += number


def _used(ward: BenchedWard) -> int:
    """Bytes of all tables and indexes, nothing of them free."""
    connection: Any = ward.runtime.database.raw_connection()  # SQLAlchemy would begin a transaction.
    if ward.database == "postgresql":
        connection.driver_connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute(COMPACT[ward.database])
    cursor.execute(MEASURE[ward.database])
    (used,) = cursor.fetchone()
    connection.invalidate()
    return int(used)
