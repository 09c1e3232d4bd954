"""Telling units that a cycle asks for their reports: once for all rows of a unit."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.transaction import Transaction
from webapp.cycles.last_days import awaited_words, last_day
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Unit
from webapp.plans.models import PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name


def announce(tx: Transaction, cycle: ReportingCycle, entries: Sequence[CycleEntry]) -> None:
    """Tell each unit's head, and who does the work, what has to be reported by when; nothing of what is in."""
    asked = [entry.id for entry in entries if entry.state is EntryState.ASKED]
    by_unit: dict[UUID, list[Any]] = {}
    for row in tx.session.execute(_rows(asked)) if asked else ():
        by_unit.setdefault(row.unit_id, []).append(row)
    for unit_id, rows in by_unit.items():
        _tell(tx, cycle, tx.session.get_one(Unit, unit_id), rows)


def _rows(asked: Sequence[UUID]) -> Any:
    return (
        sa.select(
            CycleEntry.unit_id, TaskOccurrence.officer_id, TaskOccurrence.due_on, TaskGroup.numeral, PlanTask.ordinal
        )
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(CycleEntry.id.in_(asked))
        .order_by(TaskGroup.position, PlanTask.position)
    )


def _tell(tx: Transaction, cycle: ReportingCycle, unit: Unit, rows: Sequence[Any]) -> None:
    days = [(place_name(row.numeral, row.ordinal), last_day(cycle, row.due_on)) for row in rows]
    verb = "Đề nghị" if unit.is_requested else "Yêu cầu"
    notice = Notice(
        kind="asked", about=f"asked:{cycle.id}:{unit.id}:{tx.now.isoformat()}", title=f"Kỳ báo cáo {cycle.name}",
        body=f"{verb} {unit.name} báo cáo {len(rows)} nhiệm vụ: {awaited_words(days, local_date(tx.now))}.",
        path=f"/bao-cao-don-vi/{cycle.id}/{unit.id}", instance_id=cycle.id,
    )  # fmt: skip
    officers = [row.officer_id for row in rows if row.officer_id is not None]
    tell(tx, dict.fromkeys([*people_at(tx.session, f"head@{unit.id}"), *officers]), notice)
