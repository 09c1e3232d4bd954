"""The consolidated report drafted from what the units said: one statement for each case that is in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.ids import uuid7
from engine.models import Submission
from engine.transaction import Transaction
from webapp.cycles.models import (
    ConsolidatedReport,
    CycleEntry,
    EntryState,
    ReportingCycle,
    Statement,
    StatementState,
)
from webapp.difficulties.models import DifficultyAside
from webapp.plans.models import PlanTask, TaskGroup

OWN_WORDS = ("subject", "introduction", "assessment", "difficulties", "recommendations", "next_steps")
"""What the drafter writes around the units' statements."""


def current_report(tx: Transaction, cycle_id: UUID) -> ConsolidatedReport | None:
    """The newest version of a cycle's report."""
    query = (
        sa.select(ConsolidatedReport)
        .where(ConsolidatedReport.cycle_id == cycle_id)
        .order_by(ConsolidatedReport.version.desc())
        .limit(1)
    )
    return tx.session.scalar(query)


def draft_report(tx: Transaction, cycle: ReportingCycle) -> ConsolidatedReport:
    """The version being worked on: the newest that has no number yet, else a new one."""
    report = current_report(tx, cycle.id)
    if report is None or report.number is not None:
        report = new_version(tx, cycle, report)
    report.kept = ""
    refresh_statements(tx, report)
    return report


def new_version(tx: Transaction, cycle: ReportingCycle, previous: ConsolidatedReport | None) -> ConsolidatedReport:
    """The next version, with the words of the one before where there is one."""
    report = ConsolidatedReport(
        id=uuid7(), tenant_id=tx.tenant_id, cycle_id=cycle.id, created_at=tx.now,
        version=previous.version + 1 if previous else 1,
    )  # fmt: skip
    tx.session.add(report)
    if previous is not None:
        for name in OWN_WORDS:
            setattr(report, name, getattr(previous, name))
        report.sections = previous.sections
    tx.session.flush()
    for old in previous.statements if previous else ():
        tx.session.add(
            Statement(
                id=uuid7(), report_id=report.id, entry_id=old.entry_id, position=old.position, state=old.state,
                original=old.original, text=old.text, reason=old.reason,
            )
        )  # fmt: skip
    for about_id, reason in _left_out(tx, previous):
        tx.session.add(DifficultyAside(id=uuid7(), report_id=report.id, about_id=about_id, reason=reason))
    tx.session.flush()
    return report


def _left_out(tx: Transaction, previous: ConsolidatedReport | None) -> Sequence[sa.Row[UUID, str]]:
    if previous is None:
        return ()
    query = sa.select(DifficultyAside.about_id, DifficultyAside.reason)
    return tx.session.execute(query.where(DifficultyAside.report_id == previous.id)).all()


def refresh_statements(tx: Transaction, report: ConsolidatedReport) -> None:
    """Take in what has come since: new reports as proposals; one that was mended is to be decided on anew."""
    known = {s.entry_id: s for s in tx.session.scalars(sa.select(Statement).where(Statement.report_id == report.id))}
    for position, (entry, text) in enumerate(_reported(tx, report.cycle_id)):
        statement = known.get(entry.id)
        if statement is None:
            tx.session.add(_proposal(report, entry, position, text))
        elif statement.original != text:
            statement.original = statement.text = text
            statement.state, statement.reason = StatementState.PROPOSED, ""
    tx.session.flush()


def _proposal(report: ConsolidatedReport, entry: CycleEntry, position: int, text: str) -> Statement:
    return Statement(
        id=uuid7(), report_id=report.id, entry_id=entry.id, position=position, original=text, text=text,
        state=StatementState.PROPOSED,
    )  # fmt: skip


def _reported(tx: Transaction, cycle_id: UUID) -> list[tuple[CycleEntry, str]]:
    """The entries that are in, in the order of the appendix, with the unit's words."""
    rows = tx.session.execute(
        sa.select(CycleEntry, Submission.data)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .outerjoin(Submission, Submission.id == CycleEntry.submission_id)
        .where(CycleEntry.cycle_id == cycle_id, CycleEntry.state == EntryState.TAKEN)
        .order_by(TaskGroup.position, PlanTask.position, CycleEntry.id)
    )
    return [(entry, statement_text(data)) for entry, data in rows]


def statement_text(data: str | None) -> str:
    """What a unit's report says, in its own words."""
    return said(orjson.loads(data) if data else {})


def said(answers: Mapping[str, Any]) -> str:
    """The same of its answers."""
    if answers.get("nothing_arose"):
        note = answers.get("nothing_note")
        return f"Không phát sinh: {note}" if note else "Không phát sinh."
    return str(answers.get("result") or "")
