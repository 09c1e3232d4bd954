"""Which reminders of a cycle's day went to whom, and which will: beside those of the cases' own timers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.reminders import HOLDER, Level
from webapp.cases.reminders import ReminderLine
from webapp.cases.wording import level_words
from webapp.cycles.models import CycleEntry, CycleState, ReportingCycle, UnitReminder
from webapp.cycles.reminding import HEAD, levels_between, still_owing
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
    """What will be told about a case by the cycles that wait for it; about a cycle, by itself."""
    asking = sa.select(CycleEntry.cycle_id).where(CycleEntry.occurrence_id == instance_id)
    its = sa.or_(ReportingCycle.id == instance_id, ReportingCycle.id.in_(asking))
    cycles = read.scalars(sa.select(ReportingCycle).where(its)).all()
    return [line for cycle in cycles for line in _of(read, cycle, instance_id)]


def _of(read: Session, cycle: ReportingCycle, instance_id: UUID) -> Iterator[ReminderLine]:
    asked = sa.true() if cycle.id == instance_id else TaskOccurrence.id == instance_id
    return _coming(read, cycle, asked)


def _coming(read: Session, cycle: ReportingCycle, asked: sa.ColumnElement[bool]) -> Iterator[ReminderLine]:
    if cycle.state is not CycleState.COLLECTING or cycle.reminded_until is None:
        return
    owed = read.execute(still_owing(cycle.id, cycle.report_by).where(asked)).all()
    if not owed:
        return
    names = dict(read.execute(sa.select(Unit.id, Unit.short_name).where(Unit.tenant_id == cycle.tenant_id)).all())
    for level in _levels(read, cycle, max(row.definition_id for row in owed)):
        yield ReminderLine(
            what=level_words(level.reminder.level), step=f"gửi báo cáo kỳ {cycle.name}", at=level.moment,
            escalates=level.reminder.escalation, whom="; ".join(_whom(level.reminder.recipients, owed, names)),
        )  # fmt: skip


def _levels(read: Session, cycle: ReportingCycle, definition_id: UUID) -> list[Level]:
    procedure = runtime().definition(definition_id, read.connection())
    calendar = runtime().calendar(cycle.tenant_id, read.connection())
    return levels_between(procedure, cycle.report_by, calendar, now(), datetime.max.replace(tzinfo=now().tzinfo))


def _whom(recipients: Sequence[str], owed: Iterable[Any], names: dict[UUID, str]) -> Iterator[str]:
    parties = [orjson.loads(row.parties) for row in owed]
    for recipient in recipients:
        role, _, party = recipient.partition("@")
        if recipient in OF_UNITS:
            units = dict.fromkeys(one["lead"] for one in parties)
            yield f"{OF_UNITS[recipient]} {', '.join(names[UUID(unit)] for unit in units)}"
        else:
            units = dict.fromkeys(one[party] for one in parties if one.get(party))
            yield from (f"{ROLE_NAMES[Role(role)]} · {names[UUID(unit)]}" for unit in units)


def sent_of_cycle(read: Session, cycle_id: UUID) -> list[ReminderLine]:
    """Whom the calendar and those who press Đôn đốc have reminded, newest first."""
    rows = read.execute(
        sa.select(UnitReminder.reminded_at, UnitReminder.reminded_by, Person.name, Unit.name.label("unit"))
        .join(Unit, Unit.id == UnitReminder.unit_id)
        .outerjoin(Person, Person.id == UnitReminder.reminded_by)
        .where(UnitReminder.cycle_id == cycle_id)
        .order_by(UnitReminder.reminded_at.desc(), Unit.position)
        .limit(MOST_SENT)
    )
    told: dict[tuple[datetime, str], list[str]] = {}
    for row in rows:
        by = f"{row.name} đôn đốc" if row.reminded_by else "Nhắc theo lịch"
        told.setdefault((row.reminded_at, by), []).append(row.unit)
    return [
        ReminderLine(what=by, step="gửi báo cáo", whom=", ".join(units), at=at, escalates=False)
        for (at, by), units in told.items()
    ]
