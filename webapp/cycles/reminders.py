"""On which days the units of a cycle were reminded: by the procedure's timers, and by hand."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import Timer, TimerKind, TimerState
from webapp.cycles.models import CycleEntry, UnitReminder
from webapp.cycles.settled import WHILE_AWAITED
from webapp.organisation.models import UnitSuccession


def reminded_days(read: Session, cycle_id: UUID) -> dict[UUID, tuple[date, ...]]:
    """The days by unit, from when its cases were asked until the cycle had their reports, or went without."""
    days: dict[UUID, set[date]] = {}
    for unit_id, at in read.execute(_by_timers(cycle_id).union_all(_by_hand(cycle_id), _of_predecessors(cycle_id))):
        if at is not None:
            days.setdefault(unit_id, set()).add(local_date(at))
    return {unit_id: tuple(sorted(found)) for unit_id, found in days.items()}


def _by_timers(cycle_id: UUID) -> sa.Select[UUID, datetime | None]:
    return (
        sa.select(CycleEntry.unit_id, Timer.fired_at)
        .join(Timer, Timer.instance_id == CycleEntry.occurrence_id)
        .where(
            CycleEntry.cycle_id == cycle_id, Timer.state == TimerState.FIRED, Timer.kind != TimerKind.FLOW,
            WHILE_AWAITED,
        )
    )  # fmt: skip


def _by_hand(cycle_id: UUID) -> sa.Select[UUID, datetime]:
    return sa.select(UnitReminder.unit_id, UnitReminder.reminded_at).where(UnitReminder.cycle_id == cycle_id)


def _of_predecessors(cycle_id: UUID) -> sa.Select[UUID, datetime]:
    """What a unit that is no more heard was heard by those who have its place; not by who took a part of its work."""
    return (
        sa.select(UnitSuccession.successor_id, UnitReminder.reminded_at)
        .join(UnitReminder, UnitReminder.unit_id == UnitSuccession.predecessor_id)
        .where(UnitReminder.cycle_id == cycle_id, UnitSuccession.is_partial.is_(False))
    )
