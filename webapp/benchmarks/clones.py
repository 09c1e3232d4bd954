"""Many cases in little time: the demo ward's plan with all its cases, written again and again under new ids.

A copy is as sound as what it was copied from: its steps can be completed, and its log verifies.
"""

import hashlib
import re
from collections.abc import Mapping
from enum import Enum
from itertools import chain
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine import events
from engine.events import Envelope
from engine.ids import uuid7
from engine.models import Event, MessageSubscription, ProcessInstance, Submission, Timer, UserTask
from engine.spiff.codec import decode, encode
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.plans.models import Contribution, Plan, PlanTask, PlanTaskUnit, TaskGroup, TaskOccurrence

CYCLE = "report_cycle"
OPEN_ENTRIES = (EntryState.ASKED, EntryState.SENT, EntryState.RETURNED)


class Cycles(Enum):
    """What becomes of the reporting cycle when its cases are copied."""

    NONE = "the copies are in no cycle"
    SHARED = "all copies are in the one cycle"
    OWN = "each copy has a cycle of its own"


TABLES: list[Any] = [
    model.__table__
    for model in (
        Plan, TaskGroup, PlanTask, PlanTaskUnit, TaskOccurrence, Contribution, ProcessInstance, UserTask, Timer,
        MessageSubscription, Submission,
    )
]  # fmt: skip
_instances: Any = ProcessInstance.__table__
_events: Any = Event.__table__
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

Row = dict[str, Any]
Names = Mapping[str, str]


class Original:
    """All rows of the plan and its cases, as they stand."""

    def __init__(self, connection: sa.Connection, cycles: Cycles = Cycles.NONE) -> None:
        kept = _instances.c.key != CYCLE if cycles is not Cycles.OWN else sa.true()
        cases = connection.scalars(sa.select(_instances.c.id).where(kept)).all()
        self._rows = {table: _read(connection, table, cases) for table in TABLES}
        if cycles is Cycles.OWN:
            self._rows[ReportingCycle.__table__] = _read(connection, ReportingCycle.__table__, cases)
        if cycles is not Cycles.NONE:
            self._rows[CycleEntry.__table__] = _read(connection, CycleEntry.__table__, cases)
        self._events = _read(connection, _events, cases)
        self._states = {row["id"]: decode(row["saved_state"]) for row in self._rows[_instances]}
        self._ids = [str(row["id"]) for rows in self._rows.values() for row in rows]
        self.open_tasks = sum(row["state"] == "open" for row in self._rows[UserTask.__table__])

    def copy(self, connection: sa.Connection) -> None:
        """Write everything once more, under new ids."""
        names = {old: str(uuid7()) for old in self._ids}
        ids = {UUID(old): UUID(new) for old, new in names.items()}
        copies = {table: [_renamed_row(row, names, ids) for row in rows] for table, rows in self._rows.items()}
        events_of: dict[UUID, list[Row]] = {}
        for row in sorted(self._events, key=lambda row: row["sequence"]):
            events_of.setdefault(ids[row["stream"]], []).append(_renamed_row(row, names, ids))
        for old, new in zip(self._rows[_instances], copies[_instances], strict=True):
            new["saved_state"] = encode(_renamed(self._states[old["id"]], names))
            new["head"] = _chain(events_of[new["id"]], _hash(old["saved_state"]), _hash(new["saved_state"]))
        for table, rows in (*copies.items(), (_events, list(chain.from_iterable(events_of.values())))):
            if rows:
                connection.execute(sa.insert(table), rows)


def _read(connection: sa.Connection, table: Any, cases: Any) -> list[Row]:
    query = sa.select(table)
    column = table.c.get("instance_id", table.c.get("stream", table.c.id if table is _instances else None))
    if column is not None:
        query = query.where(column.in_(cases))
    return [dict(row._mapping) for row in connection.execute(query)]


def _renamed_row(row: Row, names: Names, ids: Mapping[UUID, UUID]) -> Row:
    return {column: _renamed_value(value, names, ids) for column, value in row.items()}


def _renamed_value(value: Any, names: Names, ids: Mapping[UUID, UUID]) -> Any:
    if isinstance(value, UUID):
        return ids.get(value, value)
    if type(value) is str and "-" in value:
        return _UUID.sub(lambda found: names.get(found[0], found[0]), value)
    return value


def _renamed(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def _hash(state: bytes) -> str:
    return hashlib.sha256(state).hexdigest()


def _chain(rows: list[Row], old_hash: str, new_hash: str) -> bytes:
    """Chain the copied events anew, the last state's hash put right; return the head."""
    head = bytes(32)
    for row in rows:
        row["data"] = row["data"].replace(old_hash, new_hash)
        envelope = Envelope(
            row["stream"], row["sequence"], row["tenant_id"], row["actor_id"], row["on_behalf_of"], row["at"]
        )
        head = row["hash"] = events.chain(head, envelope, row["type"], row["data"])
    return head
