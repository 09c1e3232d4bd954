"""The audit trail: walk the chains, and compare the tables with what the events say."""

from collections.abc import Iterator
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
"""The head of a stream without events."""
IN_PARTS = {"yield_per": 1_000}
BEYOND_EVENTS = {"saved_state", "sequence", "head", "attempts", "fire_at"}
"""Columns that are snapshots, chain ends or retry counters: not told by facts."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the trail does not hold."""

    stream: UUID
    sequence: int
    reason: str


def verify(connection: sa.Connection) -> list[Broken]:
    """The first broken link of each stream, and streams whose end does not match their head.

    The connection must read from one snapshot (`Runtime.reading`), else what is written meanwhile looks broken.
    """
    heads = _stored_heads(connection)
    faults = (_verify_stream(stream, rows, heads.pop(stream, None)) for stream, rows in _streams(connection))
    broken = [fault for fault in faults if fault is not None]
    return broken + [Broken(stream, 1, "mất toàn bộ nhật ký") for stream, head in heads.items() if head != NOTHING]


def _streams(connection: sa.Connection) -> Iterator[tuple[UUID, list[Any]]]:
    table: Any = Event.__table__
    rows = connection.execute(sa.select(table).order_by(table.c.stream, table.c.sequence).execution_options(**IN_PARTS))
    for stream, events_of in groupby(rows, key=attrgetter("stream")):
        yield stream, list(events_of)


def _verify_stream(stream: UUID, rows: list[Any], stored_head: bytes | None) -> Broken | None:
    head = NOTHING
    for expected, row in enumerate(rows, start=1):
        if row.sequence != expected:
            return Broken(stream, expected, "thiếu hoặc thừa một dòng")
        head = events.chain(head, _envelope(row), row.type, row.data)
        if head != row.hash:
            return Broken(stream, expected, "nội dung đã bị sửa")
    if stored_head != head:
        return Broken(stream, len(rows), "dòng cuối không khớp với đầu chuỗi đã lưu")
    return None


def _stored_heads(connection: sa.Connection) -> dict[UUID, bytes]:
    return {
        stream: head
        for model in (ProcessInstance, Tenant)
        for stream, head in connection.execute(sa.select(model.id, model.head))
    }


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
