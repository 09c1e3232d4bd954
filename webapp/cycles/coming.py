"""Which reminders of a cycle's day went to whom, and which will: beside those of the cases' own timers."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Timer, TimerState
from engine.reminders import HOLDER, OF_CASE, Level
from webapp.cases.reminders import ReminderLine
from webapp.cases.wording import level_words
from webapp.cycles.models import CycleEntry, ReportingCycle, UnitReminder
from webapp.cycles.reminding import HANGS_ELSEWHERE, HEAD, awaited_by, levels_between
from webapp.cycles.settled import WHILE_AWAITED
from webapp.identity import ROLE_NAMES
from webapp.organisation.models import Person, Role, Unit
from webapp.plans.models import TaskOccurrence
from webapp.runtime import now, runtime

OF_UNITS = {HOLDER: "người thực hiện", HEAD: "trưởng đơn vị"}
MOST_SENT = 50


def coming_of_cycle(read: Session, cycle: ReportingCycle) -> list[ReminderLine]:
    """What the units that owe a report will be told of the cycle's day."""
    return list(_coming(read, cycle, sa.true()))


def coming_for(read: Session, instance_id: UUID) -> list[ReminderLine]:
    """What will be told about a cycle; about a case, by the cycles that wait for it, where its own day is another."""
    asking = sa.select(CycleEntry.cycle_id).where(CycleEntry.occurrence_id == instance_id)
    its = sa.or_(ReportingCycle.id == instance_id, ReportingCycle.id.in_(asking))
    cycles = read.scalars(sa.select(ReportingCycle).where(its)).all()
    return [line for cycle in cycles for line in _of(read, cycle, instance_id)]


def _of(read: Session, cycle: ReportingCycle, instance_id: UUID) -> Iterator[ReminderLine]:
    if cycle.id == instance_id:
        return _coming(read, cycle, sa.true())
    return _coming(read, cycle, (TaskOccurrence.id == instance_id) & HANGS_ELSEWHERE)


def _coming(read: Session, cycle: ReportingCycle, asked: sa.ColumnElement[bool]) -> Iterator[ReminderLine]:
    owed = read.execute(awaited_by(ReportingCycle.id == cycle.id, asked)).all()
    if not owed:
        return
    units = (
        sa.select(Unit.id, Unit.short_name).where(Unit.tenant_id == cycle.tenant_id).order_by(Unit.position, Unit.id)
    )
    names = {row.id: row.short_name for row in read.execute(units)}
    for level, day in _levels(read, cycle, max(row.definition_id for row in owed), {row.day for row in owed}):
        of_day = [row for row in owed if row.day == day]
        yield ReminderLine(
            what=level_words(level.reminder.level), step=f"gửi báo cáo kỳ {cycle.name}", at=level.moment,
            escalates=level.reminder.escalation, whom="; ".join(_whom(level.reminder.recipients, of_day, names)),
        )  # fmt: skip


def _levels(
    read: Session, cycle: ReportingCycle, definition_id: UUID, days: Collection[date]
) -> list[tuple[Level, date]]:
    procedure = runtime().definition(definition_id, read.connection())
    calendar, end = runtime().calendar(cycle.tenant_id, read.connection()), datetime.max.replace(tzinfo=now().tzinfo)
    return sorted((level, day) for day in days for level in levels_between(procedure, day, calendar, now(), end))


def _whom(recipients: Sequence[str], owed: Iterable[Any], names: dict[UUID, str]) -> Iterator[str]:
    parties = [orjson.loads(row.parties) for row in owed]
    for recipient in recipients:
        of_units = recipient in OF_UNITS
        role, _, party = (HEAD if of_units else recipient).partition("@")
        wanted = {one[party] for one in parties if one.get(party)}
        units = [name for id_, name in names.items() if str(id_) in wanted]
        if of_units:
            yield f"{OF_UNITS[recipient]} {', '.join(units)}"
        else:
            yield from (f"{ROLE_NAMES[Role(role)]} · {unit}" for unit in units)


def sent_of_cycle(read: Session, cycle_id: UUID) -> list[ReminderLine]:
    """Whom the calendar, the timers of the cases and those who press Đôn đốc have reminded, newest first."""
    told: dict[tuple[datetime, str], dict[str, None]] = {}
    for at, what, unit in (*_by_hand(read, cycle_id), *_by_timers(read, cycle_id)):
        told.setdefault((at, what), {})[unit] = None
    return [
        ReminderLine(what=what, step="gửi báo cáo", whom=", ".join(units), at=at, escalates=what.startswith("Quá hạn"))
        for (at, what), units in sorted(told.items(), reverse=True)
    ]


def _by_timers(read: Session, cycle_id: UUID) -> Iterator[tuple[datetime, str, str]]:
    """Of the cases' own deadlines; timers of one level go off one by one within a minute."""
    rows = read.execute(
        sa.select(Timer.fired_at, Timer.level, Unit.name)
        .join(CycleEntry, CycleEntry.occurrence_id == Timer.instance_id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .where(
            CycleEntry.cycle_id == cycle_id, Timer.state == TimerState.FIRED, Timer.ahead.startswith(OF_CASE),
            WHILE_AWAITED,
        )
        .order_by(Timer.fired_at.desc(), Unit.position)
        .limit(MOST_SENT)
    )  # fmt: skip
    return ((row.fired_at.replace(second=0, microsecond=0), level_words(row.level), row.name) for row in rows)


def _by_hand(read: Session, cycle_id: UUID) -> Iterator[tuple[datetime, str, str]]:
    rows = read.execute(
        sa.select(UnitReminder.reminded_at, UnitReminder.reminded_by, Person.name, Unit.name.label("unit"))
        .join(Unit, Unit.id == UnitReminder.unit_id)
        .outerjoin(Person, Person.id == UnitReminder.reminded_by)
        .where(UnitReminder.cycle_id == cycle_id)
        .order_by(UnitReminder.reminded_at.desc(), Unit.position)
        .limit(MOST_SENT)
    )
    for row in rows:
        yield row.reminded_at, f"{row.name} đôn đốc" if row.reminded_by else "Nhắc theo lịch", row.unit
