"""Reminding units of a cycle's day where their cases hang on another: a half-yearly report, a review, an ad hoc one.

When the case's own day is the cycle's, as in the yearly one, the case's own timers remind. Else the same table, that of
the cases' procedure, is counted from the cycle's day; each level once, each person once for all rows of a unit.
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
from webapp.cycles.facts import CycleReminded
from webapp.cycles.models import CycleEntry, CycleState, ReportingCycle, UnitReminder
from webapp.cycles.opening import find_cycle
from webapp.notifications.telling import Notice, heading, kind_of, late_words, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Unit
from webapp.plans.models import Plan, TaskOccurrence
from webapp.plans.places import plan_name

HEAD = "head@lead"
OF_UNIT = (HOLDER, HEAD)
"""Recipients who hear of their own unit only; others hear of all units at once."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A case whose report the cycle waits for."""

    unit: Unit
    officer_id: UUID | None
    parties: dict[str, str]
    definition_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfCycle(Command):
    """Tell what the levels that came up since the last time say; nothing where none did."""

    permission = EnginePermission.SYSTEM

    cycle_id: UUID


@handles(RemindOfCycle)
def remind_of_cycle(command: RemindOfCycle, tx: Transaction) -> int:
    """Return how many levels came up. Raises NotFound."""
    cycle = find_cycle(tx, command.cycle_id)
    owed = list(_owed(tx, cycle))
    levels = _come_up(tx, cycle, owed)
    for level in reversed(levels):  # Of several that were missed the newest says how it stands.
        _tell(tx, cycle, owed, level)
    if levels:
        cycle.reminded_until = tx.now
        units = {one.unit.id for one in owed}
        tx.session.add_all(
            UnitReminder(id=uuid7(), cycle_id=cycle.id, unit_id=unit_id, reminded_at=tx.now) for unit_id in units
        )
        tx.record(CycleReminded(cycle.id, [level.key for level in levels], len(units)))
    return len(levels)


def cycles_to_remind(runtime: Runtime, connection: Connection, tenant_id: UUID, now: datetime) -> Iterable[UUID]:
    """The cycles that wait for cases whose own day is another, and of which a level has come up."""
    table = ReportingCycle
    rows = connection.execute(
        awaited_by(table.id)
        .with_only_columns(table.id, table.report_by, table.reminded_until, ProcessInstance.definition_id)
        .join(table, table.id == CycleEntry.cycle_id)
        .where(
            table.tenant_id == tenant_id, table.state == CycleState.COLLECTING, table.report_by.is_not(None),
            table.reminded_until.is_not(None), hangs_elsewhere(table),
        )
        .distinct()
    ).all()  # fmt: skip
    calendar = runtime.calendar(tenant_id, connection) if rows else None
    return dict.fromkeys(
        row.id
        for row in rows
        if calendar and levels_between(
            runtime.definition(row.definition_id, connection), row.report_by, calendar, row.reminded_until, now
        )
    )  # fmt: skip


def levels_between(
    procedure: Definition, day: date | None, calendar: Calendar, after: datetime | None, until: datetime
) -> list[Level]:
    """The levels of the cases' procedure, counted from a day, that come up in a span of time, in their order."""
    levels = levels_in(procedure.properties.get("reminders", ""), day, calendar) if after is not None else []
    return sorted(level for level in levels if after is not None and after < level.moment <= until)


def awaited_by(cycle_id: Any) -> Any:
    """The cases whose report a cycle waits for."""
    return (
        sa.select(CycleEntry, TaskOccurrence.officer_id, ProcessInstance.parties, ProcessInstance.definition_id)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(ProcessInstance, ProcessInstance.id == TaskOccurrence.id)
        .where(CycleEntry.cycle_id == cycle_id, CycleEntry.state.in_(AWAITED), TaskOccurrence.ended_at.is_(None))
    )


def hangs_elsewhere(cycle: Any) -> sa.ColumnElement[bool]:
    """Whether a case's own day is another than the cycle's (a row, or the table of them); else its own timers remind.

    They do, too, where the report itself was given more time: `last_days.comes_first`. Nobody who has until a
    later day, to mend a report or to send it, is reminded of the cycle's.
    """
    own, has_none = TaskOccurrence.due_on, TaskOccurrence.is_due_with_report
    more_time = sa.and_(cycle.is_last_of_year, has_none, own > cycle.report_by)
    no_later = sa.or_(CycleEntry.answer_by.is_(None), CycleEntry.answer_by <= cycle.report_by)
    return sa.and_(no_later, sa.or_(own.is_(None), sa.and_(own != cycle.report_by, ~more_time)))


def _owed(tx: Transaction, cycle: ReportingCycle) -> Iterator[Owed]:
    query = awaited_by(cycle.id).where(hangs_elsewhere(cycle))
    for entry, officer_id, parties, definition_id in tx.session.execute(query):
        yield Owed(entry.unit, officer_id, orjson.loads(parties), definition_id)


def _come_up(tx: Transaction, cycle: ReportingCycle, owed: Sequence[Owed]) -> list[Level]:
    """Those since the last reminding, or the asking; of the newest procedure among the cases."""
    if not owed:
        return []
    procedure = tx.library.definition(max(one.definition_id for one in owed), tx.connection)
    return levels_between(procedure, cycle.report_by, tx.calendar, cycle.reminded_until, tx.now)


def _tell(tx: Transaction, cycle: ReportingCycle, owed: Sequence[Owed], level: Level) -> None:
    units = {one.unit.id: one.unit for one in owed}
    for unit in units.values():
        of_unit = [one for one in owed if one.unit.id == unit.id]
        people = _people(tx, of_unit, [word for word in level.reminder.recipients if word in OF_UNIT])
        path = f"/bao-cao-don-vi/{cycle.id}/{unit.id}"
        tell(tx, people, _notice(tx, cycle, level, of_unit, path, requested=unit.is_requested))
    people = _people(tx, owed, [word for word in level.reminder.recipients if word not in OF_UNIT])
    tell(tx, people, _notice(tx, cycle, level, owed, f"/ky-bao-cao/{cycle.id}"))


def _people(tx: Transaction, owed: Iterable[Owed], recipients: Sequence[str]) -> Iterable[UUID]:
    return dict.fromkeys(person for one in owed for word in recipients for person in _at(tx, one, word))


def _at(tx: Transaction, one: Owed, recipient: str) -> list[UUID]:
    """Who that is for a case; nobody where it has no such party."""
    if recipient == HOLDER and one.officer_id is not None:
        return [one.officer_id]
    role, _, party = HEAD.partition("@") if recipient == HOLDER else recipient.partition("@")
    unit = one.parties.get(party)
    return people_at(tx.session, f"{role}@{unit}") if unit else []


def _notice(
    tx: Transaction, cycle: ReportingCycle, level: Level, owed: Iterable[Owed], path: str, *, requested: bool = False
) -> Notice:
    names: dict[str, int] = {}
    for one in owed:
        names[one.unit.name] = names.get(one.unit.name, 0) + 1
    listed = "; ".join(f"{name} ({count} nhiệm vụ)" for name, count in names.items())
    assert cycle.report_by is not None
    due, plan = tx.calendar.end_of(cycle.report_by), tx.session.get_one(Plan, cycle.plan_id)
    late = late_words(level.moment) if tx.now - level.moment > LATE_AFTER else ""
    return Notice(
        kind=kind_of(tx, due), about=f"{path}:{local_date(tx.now)}",
        title=f"{heading(tx, due, requested=requested)}: gửi báo cáo kỳ {cycle.name}",
        body=f"{plan_name(plan)}, chưa gửi: {listed}. Hạn của đơn vị: {cycle.report_by:%d/%m/%Y}.{late}",
        path=path, instance_id=cycle.id,
    )  # fmt: skip
