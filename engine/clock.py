"""The one place that reads the wall clock."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from engine.models import Clock

CLOCK_ROW = 1


def wall_clock() -> datetime:
    """Now, in UTC. Everything else takes its time from `Transaction.now`."""
    return datetime.now(UTC)


def now(connection: sa.Connection, *, movable: bool) -> datetime:
    """Now as this system counts it: the wall clock, moved ahead where a rehearsal, demo or test allows it."""
    if not movable:
        return wall_clock()
    ahead = connection.scalar(sa.select(Clock.ahead_seconds).where(Clock.id == CLOCK_ROW)) or 0
    return wall_clock() + timedelta(seconds=ahead)
