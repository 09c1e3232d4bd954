"""What the log tells of a command's instance."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine import events
from engine.events import Fact
from engine.facts import InstanceMigrated, TimerScheduled
from engine.models import Event
from engine.transaction import Transaction


def history(tx: Transaction) -> Iterator[tuple[datetime, list[Fact]]]:
    """Its events, the oldest first: when, and the facts."""
    assert tx.instance is not None
    history = sa.select(Event.at, Event.data).where(Event.stream == tx.instance.id).order_by(Event.sequence)
    return ((row.at, events.decode(row.data)) for row in tx.connection.execute(history).all())


def entered(tx: Transaction, timers: Collection[UUID]) -> Iterator[tuple[UUID, datetime]]:
    """When timers of the drawing began to wait, which only the log knows."""
    for at, facts in history(tx) if timers else ():
        for entry in facts:
            if isinstance(entry, TimerScheduled) and entry.timer_id in timers:
                yield entry.timer_id, at


def renamings(tx: Transaction) -> Iterator[tuple[datetime, Mapping[str, str]]]:
    """When it was moved to another version, and which elements have another id there."""
    assert tx.instance is not None
    moves = sa.select(Event.at, Event.data).where(Event.stream == tx.instance.id, Event.type == InstanceMigrated.name)
    for row in tx.connection.execute(moves.order_by(Event.sequence)).all():
        yield from ((row.at, fact.renamed) for fact in events.decode(row.data) if isinstance(fact, InstanceMigrated))
