"""Leaving one of the units' difficulties out of a report, with a reason, and taking it back in."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.cycles.commands import ReasonMissing, TextTooLong, require_draft
from webapp.cycles.models import ConsolidatedReport, ReportingCycle
from webapp.cycles.raised import raised_in
from webapp.difficulties.models import DifficultyAside

LONGEST = 1000


@fact
@dataclass(frozen=True, slots=True)
class DifficultyDecided(Fact):
    """A difficulty is left out of a report for a reason; without one it is in again."""

    report_id: UUID
    about_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveDifficultyOut(Command):
    """Leave one difficulty out of a report that is being drafted, or take it back in."""

    permission = EnginePermission.WORK

    report_id: UUID
    about_id: UUID  # the cycle's entry, or the difficulty itself
    out: bool
    reason: str = ""


@handles(LeaveDifficultyOut)
def leave_out(command: LeaveDifficultyOut, tx: Transaction) -> None:
    """Raises NotFound, NotYourDesk, NotBeingDrafted, ReasonMissing, TextTooLong."""
    report = tx.session.get(ConsolidatedReport, command.report_id)
    if report is None:
        raise NotFound
    require_draft(tx, report)
    cycle = tx.session.get_one(ReportingCycle, report.cycle_id)
    if command.about_id not in {one.about_id for one in raised_in(tx.session, cycle, report)}:
        raise NotFound
    reason = command.reason.strip() if command.out else ""
    if command.out and not reason:
        raise ReasonMissing("Chưa nhập lý do không đưa khó khăn này vào báo cáo.")
    if len(reason) > LONGEST:
        raise TextTooLong(f"Lý do dài quá {LONGEST} ký tự. Hãy viết ngắn lại.")
    kept = sa.delete(DifficultyAside).where(
        DifficultyAside.report_id == report.id, DifficultyAside.about_id == command.about_id
    )
    tx.session.execute(kept)
    if command.out:
        tx.session.add(DifficultyAside(id=uuid7(), report_id=report.id, about_id=command.about_id, reason=reason))
    tx.record(DifficultyDecided(report.id, command.about_id, reason))
