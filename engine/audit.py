"""The audit trail: walk the chains, and compare the tables with what the events say."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from engine import events
from engine.events import Envelope
from engine.models import Base, Event, Incident, MessageSubscription, ProcessInstance, Tenant, Timer, UserTask

REBUILT: tuple[type[Base], ...] = (ProcessInstance, UserTask, Timer, MessageSubscription, Incident)
NOTHING = bytes(32)
"""What the first event of a stream is chained to."""
IN_PARTS = {"yield_per": 1_000}
BEYOND_EVENTS = {"saved_state", "sequence", "head", "attempts", "fire_at"}
"""Columns that are snapshots, chain ends or retry counters: not told by facts."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the trail does not hold."""

    stream: UUID
    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ended when somebody looked; kept elsewhere, it proves that nothing was cut off since."""

    sequence: int
    hash: bytes


def heads(connection: sa.Connection) -> dict[UUID, Head]:
    """The end of each stream, as its row tells it."""
    return {
        stream: Head(sequence, hash_)
        for model in (ProcessInstance, Tenant)
        for stream, sequence, hash_ in connection.execute(sa.select(model.id, model.sequence, model.head))
        if sequence
    }


def verify(connection: sa.Connection, exported: Mapping[UUID, Head] | None = None) -> list[Broken]:
    """The first broken link of each stream, and streams whose end does not match their head.

    With heads that were exported earlier, also streams that do not hold them any more. The connection must read from
    one snapshot (`Runtime.reading`), else what is written meanwhile looks broken.
    """
    missing = heads(connection)
    earlier = dict(exported or {})
    broken = []
    for stream, rows in _streams(connection):
        expected = [head for head in (missing.pop(stream, None), earlier.pop(stream, None)) if head is not None]
        fault = _verify_stream(stream, rows, expected)
        if fault is not None:
            broken.append(fault)
    return broken + [Broken(stream, 1, "mất toàn bộ nhật ký") for stream in missing.keys() | earlier.keys()]


def _streams(connection: sa.Connection) -> Iterator[tuple[UUID, list[Any]]]:
    table: Any = Event.__table__
    rows = connection.execute(sa.select(table).order_by(table.c.stream, table.c.sequence).execution_options(**IN_PARTS))
    for stream, events_of in groupby(rows, key=attrgetter("stream")):
        yield stream, list(events_of)


def _verify_stream(stream: UUID, rows: list[Any], expected_heads: list[Head]) -> Broken | None:
    head = NOTHING
    for expected, row in enumerate(rows, start=1):
        if row.sequence != expected:
            return Broken(stream, expected, "thiếu hoặc thừa một dòng")
        head = events.chain(head, _envelope(row), row.type, row.data)
        if head != row.hash:
            return Broken(stream, expected, "nội dung đã bị sửa")
    return _verify_heads(stream, rows, expected_heads)


def _verify_heads(stream: UUID, rows: list[Any], expected_heads: list[Head]) -> Broken | None:
    """The first head is the stored one, at the end; an exported one may lie before it."""
    if not expected_heads or expected_heads[0].sequence != len(rows):
        return Broken(stream, len(rows), "dòng cuối không khớp với đầu chuỗi đã lưu")
    for head in expected_heads:
        if head.sequence > len(rows) or rows[head.sequence - 1].hash != head.hash:
            return Broken(stream, min(head.sequence, len(rows)), "dòng cuối không khớp với đầu chuỗi đã lưu")
    return None


def _envelope(row: Any) -> Envelope:
    return Envelope(row.stream, row.sequence, row.tenant_id, row.actor_id, row.on_behalf_of, row.at)


@contextmanager
def rebuild(connection: sa.Connection) -> Iterator[sa.Connection]:
    """An in-memory database whose tables are what the events alone say."""
    scratch = sa.create_engine("sqlite://", poolclass=StaticPool)
    try:
        with scratch.connect() as target:
            Base.metadata.create_all(target)
            for _, rows in _streams(connection):
                for row in rows:
                    events.apply(target, _envelope(row), events.decode(row.data))
            yield target
    finally:
        scratch.dispose()


def differences(connection: sa.Connection) -> list[str]:
    """Each row of a rebuildable table that the events do not account for, or that they know and the table lacks."""
    found = []
    with rebuild(connection) as rebuilt:
        for model in REBUILT:
            table: Any = model.__table__
            columns = [c for c in table.columns if c.name not in BEYOND_EVENTS]
            stored, told = (_rows(c, columns, table) for c in (connection, rebuilt))
            found += [
                f"{table.name} {key}: {stored.get(key)} ≠ {told.get(key)}"
                for key in stored.keys() | told.keys()
                if stored.get(key) != told.get(key)
            ]
    return found


def _rows(connection: sa.Connection, columns: list[Any], table: Any) -> dict[Any, tuple[Any, ...]]:
    return {row[0]: tuple(row) for row in connection.execute(sa.select(table.c.id, *columns))}
