"""The one place that reads the wall clock."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from engine.models import Clock
from engine.statements import fetch_one

CLOCK_ROW = 1
AHEAD = sa.select(Clock.ahead_seconds).where(Clock.id == sa.bindparam("row_id"))


def wall_clock() -> datetime:
    """Now, in UTC. Everything else takes its time from `Transaction.now`."""
    return datetime.now(UTC)


def now(connection: sa.Connection, *, movable: bool) -> datetime:
    """Now as this system counts it: the wall clock, moved ahead where a rehearsal, demo or test allows it."""
    if not movable:
        return wall_clock()
    row = fetch_one(connection, AHEAD, {"row_id": CLOCK_ROW})
    return wall_clock() + timedelta(seconds=row.ahead_seconds if row else 0)
