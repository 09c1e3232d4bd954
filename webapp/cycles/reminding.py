"""Reminding units of a cycle's day where their cases hang on another: a half-yearly report, a review, an ad hoc one.

When the case's own day is the cycle's, as in the yearly one, the case's own timers remind. Else the same table, that of
the cases' procedure, is counted from the cycle's day, or from the one that was named to mend a report or gives it more
time; each level once, each person once for all rows of a unit that are due together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import Connection

from engine.calendar import Calendar, local_date
from engine.command import Command, EnginePermission, handles
from engine.commands.timers import LATE_AFTER
from engine.ids import uuid7
from engine.models import ProcessInstance
from engine.reminders import HOLDER, Level, levels_in
from engine.runtime import Runtime
from engine.spiff import Definition
from engine.transaction import Transaction
from webapp.cycles.asking import AWAITED
from webapp.cycles.entries import CHANGING
from webapp.cycles.facts import CycleReminded
from webapp.cycles.last_days import AWAITED_UNTIL
from webapp.cycles.models import CycleEntry, ReportingCycle, UnitReminder
from webapp.cycles.opening import find_cycle
from webapp.notifications.telling import Notice, heading, kind_of, late_words, tell
from webapp.organisation.desks import officer_or_heads, people_at
from webapp.organisation.models import Unit
from webapp.plans.models import Plan, TaskOccurrence
from webapp.plans.places import plan_name

HEAD = "head@lead"
OF_UNIT = (HOLDER, HEAD)
"""Recipients who hear of their own unit only; others hear of all units at once."""
REMINDED_UNTIL: sa.ColumnElement[datetime | None] = sa.case(
    (CycleEntry.day_told_at > ReportingCycle.reminded_until, CycleEntry.day_told_at),
    else_=ReportingCycle.reminded_until,
)
"""Of levels up to then a unit was told, or they were over when it heard its day."""
_MORE_TIME = (
    ReportingCycle.is_last_of_year & TaskOccurrence.is_due_with_report & CycleEntry.answer_by.is_(None)
    & (TaskOccurrence.due_on > ReportingCycle.report_by)
)  # fmt: skip
HANGS_ELSEWHERE: sa.ColumnElement[bool] = TaskOccurrence.due_on.is_(None) | (
    (TaskOccurrence.due_on != AWAITED_UNTIL) & ~_MORE_TIME
)
"""Whether a case's own day is another than that of its report; else its own timers remind.

They do, too, where the year's report was given more time: `last_days.comes_first`.
"""


@dataclass(frozen=True, slots=True)
class Owed:
    """A case whose report the cycle waits for."""

    unit: Unit
    officer_id: UUID | None
    parties: dict[str, str]
    definition_id: UUID
    day: date  # until when it is awaited
    since: datetime  # of levels up to then nobody is told any more


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfCycle(Command):
    """Tell what the levels that came up since the last time say; nothing where none did."""

    permission = EnginePermission.SYSTEM

    cycle_id: UUID


@handles(RemindOfCycle)
def remind_of_cycle(command: RemindOfCycle, tx: Transaction) -> int:
    """Return how many levels came up. Raises NotFound."""
    cycle = find_cycle(tx, command.cycle_id)
    come_up = _come_up(tx, list(_owed(tx, cycle)))
    for (day, level), owed in sorted(come_up.items(), reverse=True):  # The newest of several says how it stands.
        _tell(tx, cycle, owed, level, day)
    if come_up:
        cycle.reminded_until = tx.now
        units = {one.unit.id for owed in come_up.values() for one in owed}
        tx.session.add_all(
            UnitReminder(id=uuid7(), cycle_id=cycle.id, unit_id=unit_id, reminded_at=tx.now) for unit_id in units
        )
        tx.record(CycleReminded(cycle.id, [level.key for _, level in sorted(come_up)], len(units)))
    return len(come_up)


def cycles_to_remind(runtime: Runtime, connection: Connection, tenant_id: UUID, now: datetime) -> Iterable[UUID]:
    """The cycles that wait for cases whose own day is another, and of which a level has come up."""
    table = ReportingCycle
    rows = connection.execute(
        awaited_by(table.tenant_id == tenant_id, HANGS_ELSEWHERE)
        .with_only_columns(
            table.id, AWAITED_UNTIL.label("day"), REMINDED_UNTIL.label("since"), ProcessInstance.definition_id
        )
        .distinct()
    ).all()
    calendar = runtime.calendar(tenant_id, connection) if rows else None
    return dict.fromkeys(
        row.id
        for row in rows
        if calendar and levels_between(
            runtime.definition(row.definition_id, connection), row.day, calendar, row.since, now
        )
    )  # fmt: skip


def levels_between(
    procedure: Definition, day: date, calendar: Calendar, after: datetime, until: datetime
) -> list[Level]:
    """The levels of the cases' procedure, counted from a day, that come up in a span of time, in their order."""
    levels = levels_in(procedure.properties.get("reminders", ""), day, calendar)
    return sorted(level for level in levels if after < level.moment <= until)


def awaited_by(*which: sa.ColumnElement[bool]) -> Any:
    """The cases whose report cycles wait for by a day; a report that goes up for signing changes no more."""
    return (
        sa.select(
            CycleEntry, TaskOccurrence.officer_id, ProcessInstance.parties, ProcessInstance.definition_id,
            AWAITED_UNTIL.label("day"), REMINDED_UNTIL.label("since"),
        )
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(ProcessInstance, ProcessInstance.id == TaskOccurrence.id)
        .where(
            ReportingCycle.state.in_(CHANGING), REMINDED_UNTIL.is_not(None), AWAITED_UNTIL.is_not(None),
            CycleEntry.state.in_(AWAITED), TaskOccurrence.ended_at.is_(None), *which,
        )
    )  # fmt: skip


def _owed(tx: Transaction, cycle: ReportingCycle) -> Iterator[Owed]:
    query = awaited_by(ReportingCycle.id == cycle.id, HANGS_ELSEWHERE)
    for entry, officer_id, parties, definition_id, day, since in tx.session.execute(query):
        yield Owed(entry.unit, officer_id, orjson.loads(parties), definition_id, day, since)


def _come_up(tx: Transaction, owed: Sequence[Owed]) -> dict[tuple[date, Level], list[Owed]]:
    """Those since the last reminding, the asking or the return; of the newest procedure among the cases."""
    if not owed:
        return {}
    procedure = tx.library.definition(max(one.definition_id for one in owed), tx.connection)
    together: dict[tuple[date, datetime], list[Owed]] = {}
    for one in owed:
        together.setdefault((one.day, one.since), []).append(one)
    heard: dict[tuple[date, Level], list[Owed]] = {}
    for (day, since), those in together.items():
        for level in levels_between(procedure, day, tx.calendar, since, tx.now):
            heard.setdefault((day, level), []).extend(those)
    return heard


def _tell(tx: Transaction, cycle: ReportingCycle, owed: Sequence[Owed], level: Level, day: date) -> None:
    units = {one.unit.id: one.unit for one in owed}
    for unit in units.values():
        of_unit = [one for one in owed if one.unit.id == unit.id]
        people = _people(tx, of_unit, [word for word in level.reminder.recipients if word in OF_UNIT])
        path = f"/bao-cao-don-vi/{cycle.id}/{unit.id}"
        tell(tx, people, _notice(tx, cycle, level, day, of_unit, path, requested=unit.is_requested))
    people = _people(tx, owed, [word for word in level.reminder.recipients if word not in OF_UNIT])
    tell(tx, people, _notice(tx, cycle, level, day, owed, f"/ky-bao-cao/{cycle.id}"))


def _people(tx: Transaction, owed: Iterable[Owed], recipients: Sequence[str]) -> Iterable[UUID]:
    return dict.fromkeys(person for one in owed for word in recipients for person in _at(tx, one, word))


def _at(tx: Transaction, one: Owed, recipient: str) -> list[UUID]:
    """Who that is for a case; nobody where it has no such party."""
    if recipient == HOLDER:
        return officer_or_heads(tx.session, one.officer_id, UUID(one.parties["lead"]))
    role, _, party = recipient.partition("@")
    unit = one.parties.get(party)
    return people_at(tx.session, f"{role}@{unit}") if unit else []


def _notice(
    tx: Transaction,
    cycle: ReportingCycle,
    level: Level,
    day: date,
    owed: Iterable[Owed],
    path: str,
    *,
    requested: bool = False,
) -> Notice:
    names: dict[str, int] = {}
    for one in owed:
        names[one.unit.name] = names.get(one.unit.name, 0) + 1
    listed = "; ".join(f"{name} ({count} nhiệm vụ)" for name, count in names.items())
    due, plan = tx.calendar.end_of(day), tx.session.get_one(Plan, cycle.plan_id)
    late = late_words(level.moment) if tx.now - level.moment > LATE_AFTER else ""
    return Notice(
        kind=kind_of(tx, due), about=f"{path}:{day}:{local_date(tx.now)}",
        title=f"{heading(tx, due, requested=requested)}: gửi báo cáo kỳ {cycle.name}",
        body=f"{plan_name(plan)}, chưa gửi: {listed}. Hạn của đơn vị: {day:%d/%m/%Y}.{late}",
        path=path, instance_id=cycle.id,
    )  # fmt: skip
