"""The audit trail: walk the chains, and compare the tables with what the events say.

Everything is read once, in the order of the streams' ids, and nothing is kept but the stream at hand.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from engine import events
from engine.events import Envelope
from engine.models import Base, Event, Incident, MessageSubscription, ProcessInstance, Tenant, Timer, UserTask
from engine.statements import Writes

REBUILT: tuple[type[Base], ...] = (ProcessInstance, UserTask, Timer, MessageSubscription, Incident)
CHANGED = "nội dung đã bị sửa"
NOTHING = bytes(32)
"""What the first event of a stream is chained to."""
IN_PARTS = {"yield_per": 1_000}
BEYOND_EVENTS = {"saved_state", "sequence", "head", "attempts", "fire_at"}
"""Columns that are snapshots, chain ends or retry counters: not told by facts."""
AT_ONCE = 5_000
"""Events that are played before their rows are compared; a stream is never split."""

_events: Any = Event.__table__
NO_STREAM = UUID(int=0)
"""Under which is told what names no stream at all."""
UNTOLD = (TypeError, ValueError, LookupError, AttributeError, sa.exc.SQLAlchemyError)
"""What may come out of playing events that somebody has changed, doubled or taken out."""


class _AsItStands(sa.types.TypeEngine[Any]):
    """A column as its type reads it; what somebody else wrote there, and the type can't read, as it stands."""

    cache_ok = False

    def __init__(self, of: sa.types.TypeEngine[Any]) -> None:
        self.of = of

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], Any] | None:
        read = self.of.dialect_impl(dialect).result_processor(dialect, coltype)
        if read is None:
            return None

        def as_it_stands(value: Any) -> Any:
            try:
                return read(value)
            except (TypeError, ValueError, LookupError, AttributeError):
                return value

        return as_it_stands


def as_they_stand(columns: Iterable[Any]) -> list[sa.ColumnElement[Any]]:
    return [sa.type_coerce(column, _AsItStands(column.type)).label(column.name) for column in columns]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place of a stream where the trail does not hold."""

    stream: UUID
    sequence: int
    reason: str


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ended when somebody looked; kept elsewhere, it proves that nothing was cut off since."""

    stream: UUID
    sequence: int
    hash: bytes


def heads(connection: sa.Connection) -> Iterator[Head]:
    """The end of each stream, as its row tells it, by the streams' ids."""
    tables: list[Any] = [model.__table__.c for model in (ProcessInstance, Tenant)]
    ends = (sa.select(*as_they_stand((of.id, of.sequence, of.head))).where(of.sequence > 0) for of in tables)
    rows = connection.execute(sa.union_all(*ends).order_by("id").execution_options(**IN_PARTS))
    return (Head(_as_stream(row.id), row.sequence, row.head) for row in rows)


def _as_stream(value: Any) -> UUID:
    return value if isinstance(value, UUID) else NO_STREAM


def verify(connection: sa.Connection, exported: Iterable[Head] = ()) -> list[Broken]:
    """The first broken link of each stream, and streams whose end does not match their head.

    With heads that were exported earlier (by the streams' ids), also streams that do not hold them any more. The
    connection must read from one snapshot (`Runtime.reading`), else what is written meanwhile looks broken.
    """
    faults = (
        Broken(stream, 1, "mất toàn bộ nhật ký") if rows is None else _verify_stream(stream, rows, stored, earlier)
        for stream, rows, stored, earlier in _side_by_side(_streams(connection), heads(connection), exported)
    )
    with any_bytes(connection):
        return [fault for fault in faults if fault is not None]


@contextmanager
def any_bytes(connection: sa.Connection) -> Iterator[None]:
    """SQLite keeps any bytes as text and refuses to read what is no UTF-8: meanwhile they come as they stand."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.text_factory = _text_or_bytes
    try:
        yield
    finally:
        driver.text_factory = str


def _text_or_bytes(stored: bytes) -> str | bytes:
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


Group = tuple[UUID, Iterator[Any]]


def _streams(connection: sa.Connection) -> Iterator[Group]:
    query = sa.select(*as_they_stand(_events.c)).order_by(_events.c.stream, _events.c.sequence)
    rows = connection.execute(query.execution_options(**IN_PARTS))
    return groupby(rows, key=lambda row: _as_stream(row.stream))


def _side_by_side(
    groups: Iterator[Group], stored: Iterable[Head], exported: Iterable[Head]
) -> Iterator[tuple[UUID, Iterator[Any] | None, Head | None, Head | None]]:
    """Each stream that any of the three knows, with what each says of it."""
    sources: list[Iterator[tuple[UUID, Any]]] = [
        groups, ((head.stream, head) for head in stored), ((head.stream, head) for head in exported),
    ]  # fmt: skip
    current = [next(source, None) for source in sources]
    while known := [one[0] for one in current if one is not None]:
        stream = min(known)
        here = [one is not None and one[0] == stream for one in current]
        rows, end, earlier = (one[1] if one and is_here else None for one, is_here in zip(current, here, strict=True))
        yield stream, rows, end, earlier
        current = [
            next(source, None) if is_here else one for source, one, is_here in zip(sources, current, here, strict=True)
        ]


def _verify_stream(stream: UUID, rows: Iterator[Any], stored: Head | None, exported: Head | None) -> Broken | None:
    """An exported head may lie before the end: the stream has grown since."""
    link, count = NOTHING, 0
    for row in rows:
        if row.sequence != count + 1:
            return Broken(stream, count + 1, "thiếu hoặc thừa một dòng")
        count = row.sequence
        try:
            link = events.chain(link, _envelope(row), row.type, row.data)
        except TypeError:  # A value of a kind that no event has.
            return Broken(stream, count, CHANGED)
        if link != row.hash:
            return Broken(stream, count, CHANGED)
        if exported is not None and exported.sequence == count and exported.hash != link:
            return Broken(stream, count, "cả chuỗi đã bị viết lại: khác với đầu chuỗi đã xuất")
    if stored is None or (count, link) != (stored.sequence, stored.hash):
        return Broken(stream, count, "dòng cuối không khớp với đầu chuỗi đã lưu")
    if exported is not None and exported.sequence > count:
        return Broken(stream, count, f"đã bị cắt bớt: đầu chuỗi đã xuất ở dòng {exported.sequence}")
    return None


def _envelope(row: Any) -> Envelope:
    return Envelope(row.stream, row.sequence, row.tenant_id, row.actor_id, row.on_behalf_of, row.at)


# --- the tables ---


def differences(connection: sa.Connection) -> list[str]:
    """Each row of a rebuildable table that the events do not account for, or that they know and the table lacks.

    A stream that cannot be played any more is named, and its rows are not compared.
    """
    found: list[str] = []
    unplayed: set[UUID] = set()
    with _scratch() as scratch, any_bytes(connection):
        played, after = 0, None
        for stream, rows in _streams(connection):
            try:
                played += _play(rows, scratch)
            except UNTOLD:
                unplayed.add(stream)
                found.append(f"events {stream}: không dựng lại được các bảng từ chuỗi này")
            if played >= AT_ONCE:
                found += _compare(connection, scratch, after, stream, unplayed)
                played, after = 0, stream
        found += _compare(connection, scratch, after, None, unplayed)
    return found


def _play(rows: Iterable[Any], scratch: sa.Connection) -> int:
    writes, played = Writes(scratch.dialect), 0
    for row in rows:
        events.apply(writes, _envelope(row), events.told(row.data))
        played += 1
    writes.send(scratch)
    return played


@contextmanager
def _scratch() -> Iterator[sa.Connection]:
    """An in-memory database that is filled with what the events alone say."""
    database = sa.create_engine("sqlite://", poolclass=StaticPool)
    tables: list[Any] = [model.__table__ for model in REBUILT]
    try:
        with database.connect() as connection:
            Base.metadata.create_all(connection, tables, checkfirst=False)
            yield connection
    finally:
        database.dispose()


def _compare(
    connection: sa.Connection, scratch: sa.Connection, after: UUID | None, upto: UUID | None, unplayed: Collection[UUID]
) -> list[str]:
    """What differs in the rows of the streams after one, up to another; the scratch tables are emptied."""
    found = []
    for model in REBUILT:
        table: Any = model.__table__
        query = _rows_of(table, after, upto)
        stored, told = ({row.id: row for row in c.execute(query)} for c in (connection, scratch))
        found += [
            f"{table.name} {key}: {_what_differs(stored.get(key), told.get(key))}"
            for key in sorted(stored.keys() | told.keys(), key=str)
            if stored.get(key) != told.get(key) and _stream_of(stored.get(key) or told[key]) not in unplayed
        ]
        scratch.execute(sa.delete(table))
    return found


def _stream_of(row: sa.Row[Any]) -> UUID | None:
    known = row._mapping
    stream: UUID | None = known["instance_id"] or known["tenant_id"] if "instance_id" in known else known["id"]
    return stream


def _what_differs(stored: sa.Row[Any] | None, told: sa.Row[Any] | None) -> str:
    if stored is None or told is None:
        return "bảng không có dòng này ≠ nhật ký có" if stored is None else "bảng có dòng này ≠ nhật ký không có"
    pairs = zip(stored._fields, stored, told, strict=True)
    return "; ".join(f"{name} trong bảng là {one} ≠ nhật ký {other}" for name, one, other in pairs if one != other)


def _rows_of(table: Any, after: UUID | None, upto: UUID | None) -> sa.Select[Any]:
    streams: Sequence[Any] = [table.c[name] for name in ("instance_id", "tenant_id") if name in table.c]
    stream = table.c.id if table is ProcessInstance.__table__ else streams[0]
    if table is Incident.__table__:
        stream = sa.func.coalesce(*streams)  # One of no case is told in the ward's own stream.
    within = [stream > after] if after is not None else []
    within += [stream <= upto] if upto is not None else []
    columns = (column for column in table.columns if column.name not in BEYOND_EVENTS)
    return sa.select(*as_they_stand(columns)).where(*within)
