"""The audit trail: walk the chains, and compare the tables with what the events say."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from engine import events
from engine.events import Envelope
from engine.models import Base, Event, Incident, MessageSubscription, ProcessInstance, Tenant, Timer, UserTask

REBUILT: tuple[type[Base], ...] = (ProcessInstance, UserTask, Timer, MessageSubscription, Incident)
BEYOND_EVENTS = {"saved_state", "sequence", "head", "attempts", "fire_at"}
"""Columns that are snapshots, chain ends or retry counters: not told by facts."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place where the trail does not hold."""

    stream: UUID
    sequence: int
    reason: str


def verify(connection: sa.Connection) -> list[Broken]:
    """The first broken link of each stream, and streams whose end does not match their head."""
    broken = []
    for stream, rows in _streams(connection):
        fault = _verify_stream(connection, stream, rows)
        if fault is not None:
            broken.append(fault)
    return broken


def _streams(connection: sa.Connection) -> Iterator[tuple[UUID, list[Any]]]:
    table: Any = Event.__table__
    for stream in connection.scalars(sa.select(table.c.stream).distinct()).all():
        rows = connection.execute(sa.select(table).where(table.c.stream == stream).order_by(table.c.sequence)).all()
        yield stream, list(rows)


def _verify_stream(connection: sa.Connection, stream: UUID, rows: list[Any]) -> Broken | None:
    head = bytes(32)
    for expected, row in enumerate(rows, start=1):
        if row.sequence != expected:
            return Broken(stream, expected, "thiếu hoặc thừa một dòng")
        head = events.chain(head, _envelope(row), row.type, row.data)
        if head != row.hash:
            return Broken(stream, expected, "nội dung đã bị sửa")
    if _stored_head(connection, stream) != head:
        return Broken(stream, len(rows), "dòng cuối không khớp với đầu chuỗi đã lưu")
    return None


def _stored_head(connection: sa.Connection, stream: UUID) -> bytes | None:
    for model in (ProcessInstance, Tenant):
        head: bytes | None = connection.scalar(sa.select(model.head).where(model.id == stream))
        if head is not None:
            return head
    return None


def _envelope(row: Any) -> Envelope:
    return Envelope(row.stream, row.sequence, row.tenant_id, row.actor_id, row.on_behalf_of, row.at)


def rebuild(connection: sa.Connection) -> sa.Engine:
    """An in-memory database whose tables are what the events alone say."""
    scratch = sa.create_engine("sqlite://", poolclass=StaticPool)
    with scratch.begin() as target:
        Base.metadata.create_all(target)
        for _, rows in _streams(connection):
            for row in rows:
                events.apply(target, _envelope(row), events.decode(row.data))
    return scratch


def differences(connection: sa.Connection) -> list[str]:
    """Each row of a rebuildable table that the events do not account for, or that they know and the table lacks."""
    found = []
    with rebuild(connection).connect() as rebuilt:
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
