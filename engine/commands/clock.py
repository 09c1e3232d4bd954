"""The movable clock of rehearsals, demos and tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

import sqlalchemy as sa

from engine.clock import CLOCK_ROW, wall_clock
from engine.command import Command, EnginePermission, handles
from engine.errors import ClockNotMovable, Rejected
from engine.facts import ClockMoved
from engine.models import Clock
from engine.transaction import Transaction

FARTHEST = timedelta(days=20 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveClock(Command):
    """Put the clock ahead to an instant; it never goes back behind what has happened."""

    permission = EnginePermission.MOVE_CLOCK

    to: datetime


@handles(MoveClock)
def move_clock(command: MoveClock, tx: Transaction) -> None:
    """Raises ClockNotMovable where the clock is real; Rejected for an instant that has passed or is too far."""
    if not tx.movable_clock:
        raise ClockNotMovable
    if command.to < tx.now:
        raise Rejected("Đồng hồ chạy thử chỉ chỉnh tới, không chỉnh lùi.")
    if command.to > wall_clock() + FARTHEST:
        raise Rejected("Đồng hồ chạy thử chỉ chỉnh tới nhiều nhất 20 năm.")
    ahead = ceil((command.to - wall_clock()).total_seconds())  # Up: at 08:00 it must not be 07:59:59.
    if tx.session.get(Clock, CLOCK_ROW) is None:
        tx.session.add(Clock(id=CLOCK_ROW, ahead_seconds=ahead))
    else:
        tx.session.execute(sa.update(Clock).where(Clock.id == CLOCK_ROW).values(ahead_seconds=ahead))
    tx.record(ClockMoved(ahead))
