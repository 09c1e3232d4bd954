"""Telling units that a cycle asks for their reports, and by which other day: once for all rows of a unit."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.text import sentence
from engine.transaction import Transaction
from webapp.cycles.asking import AWAITED
from webapp.cycles.last_days import awaited_words, last_day
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Unit
from webapp.plans.models import Plan, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name, plan_name


def announce(tx: Transaction, cycle: ReportingCycle, entries: Sequence[CycleEntry]) -> None:
    """Tell each unit what has to be reported by when; nothing of what is in."""
    asked = [entry.id for entry in entries if entry.state is EntryState.ASKED]
    for unit_id, rows in _by_unit(rows_of(tx, CycleEntry.id.in_(asked)) if asked else ()).items():
        words = {"title": f"Kỳ báo cáo {cycle.name}", "verb": "báo cáo"}
        tell_unit(tx, cycle, unit_id, rows, kind="asked", moment=tx.now.isoformat(), **words)


def rows_of(tx: Transaction, *which: sa.ColumnElement[bool]) -> Sequence[Any]:
    """Entries of a cycle with what is told of them, in the order of the appendix."""
    query = (
        sa.select(
            CycleEntry.unit_id,
            CycleEntry.answer_by,
            TaskOccurrence.officer_id,
            TaskOccurrence.due_on,
            TaskOccurrence.is_due_with_report,
            TaskGroup.numeral,
            PlanTask.ordinal,
        )
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(*which)
        .order_by(TaskGroup.position, PlanTask.position)
    )
    return tx.session.execute(query).all()


def tell_unit(
    tx: Transaction,
    cycle: ReportingCycle,
    unit_id: UUID,
    rows: Sequence[Any],
    *,
    kind: str,
    moment: str,
    title: str,
    verb: str,
) -> None:
    """Tell a unit's head, and who does the work, what is awaited by when; once for what is the same moment."""
    unit, plan = tx.session.get_one(Unit, unit_id), tx.session.get_one(Plan, cycle.plan_id)
    days = [(place_name(row.numeral, row.ordinal), last_day(cycle, row, row.answer_by)) for row in rows]
    asks = "Đề nghị" if unit.is_requested else "Yêu cầu"
    awaited = f"{verb} {len(rows)} nhiệm vụ: {awaited_words(days, local_date(tx.now))}"
    notice = Notice(
        kind=kind, about=f"{cycle.id}:{unit.id}:{moment}", title=title,
        body=f"{plan_name(plan)}: {asks} {unit.name} {awaited}.",
        path=f"/bao-cao-don-vi/{cycle.id}/{unit.id}", instance_id=cycle.id,
    )  # fmt: skip
    tell(tx, _people(tx, unit_id, rows), notice)


def announce_new_day(tx: Transaction, cycle: ReportingCycle, previous: date, source: str) -> None:
    """Tell each unit that still owes a report that a letter has moved the day; not who was given another one."""
    plan = tx.session.get_one(Plan, cycle.plan_id)
    owed = CycleEntry.cycle_id == cycle.id, CycleEntry.state.in_(AWAITED), CycleEntry.answer_by.is_(None)
    for unit_id, rows in _by_unit(rows_of(tx, *owed)).items():
        notice = Notice(
            kind="asked", about=f"{cycle.id}:{unit_id}:{tx.now.isoformat()}", title=f"Đổi hạn kỳ báo cáo {cycle.name}",
            body=f"{plan_name(plan)}: đơn vị gửi báo cáo chậm nhất hết ngày {cycle.report_by:%d/%m/%Y}, thay cho "
            f"{previous:%d/%m/%Y}. Việc có hạn riêng giữ hạn của việc. Căn cứ: {sentence(source)}",
            path=f"/bao-cao-don-vi/{cycle.id}/{unit_id}", instance_id=cycle.id,
        )  # fmt: skip
        tell(tx, _people(tx, unit_id, rows), notice)


def _by_unit(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    by_unit: dict[UUID, list[Any]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    return by_unit


def _people(tx: Transaction, unit_id: UUID, rows: Iterable[Any]) -> Iterable[UUID]:
    """The unit's head, and who does the work."""
    officers = [row.officer_id for row in rows if row.officer_id is not None]
    return dict.fromkeys([*people_at(tx.session, f"head@{unit_id}"), *officers])
