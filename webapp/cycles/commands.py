"""What people do to a cycle and its report, beside completing steps."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import Kind, NotFound, NotYourDesk, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.cycles.access import may_draft
from webapp.cycles.announcing import rows_of, tell_unit
from webapp.cycles.asking import AWAITED
from webapp.cycles.drafting import OWN_WORDS, current_report
from webapp.cycles.entries import ask_rework
from webapp.cycles.facts import ReportEdited, RowReturned, StatementDecided, UnitReminded
from webapp.cycles.models import (
    ConsolidatedReport,
    CycleEntry,
    CycleState,
    EntryState,
    ReportingCycle,
    Statement,
    StatementState,
    UnitReminder,
)
from webapp.cycles.opening import find_cycle
from webapp.organisation.models import Unit, UnitSuccession
from webapp.permissions import Permission
from webapp.plans.models import OccurrenceState, TaskOccurrence


class NotBeingDrafted(Rejected):
    kind = Kind.CONFLICT
    message = "Báo cáo đang trình ký nên không sửa được. Hãy đề nghị trả lại bước Tổng hợp."


class ReasonMissing(Rejected):
    message = "Chưa nhập lý do."


class TextTooLong(Rejected):
    message = "Nội dung quá dài nên chưa lưu được. Hãy viết ngắn lại."


LONGEST_TEXT = 20_000  # as a unit's report
LONGEST_REASON = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindUnit(Command):
    """Đôn đốc: tell everybody at a unit who holds something of this cycle that it is awaited."""

    permission = Permission.RUN_CYCLES

    cycle_id: UUID
    unit_id: UUID


@handles(RemindUnit)
def remind_unit(command: RemindUnit, tx: Transaction) -> int:
    """Return how many rows are awaited. Raises NotFound; Rejected where nothing is."""
    cycle = find_cycle(tx, command.cycle_id)
    unit_id = command.unit_id
    of_unit = CycleEntry.cycle_id == cycle.id, CycleEntry.unit_id == unit_id, CycleEntry.state.in_(AWAITED)
    awaited = rows_of(tx, *of_unit)
    if not awaited:
        raise Rejected(_why_not_awaited(tx, cycle, unit_id))
    words = {"title": f"Đôn đốc báo cáo: {cycle.name}", "verb": "gửi báo cáo"}
    tell_unit(tx, cycle, unit_id, awaited, kind="urged", moment=f"{tx.now:%Y%m%d%H%M}", **words)
    tx.session.add(
        UnitReminder(id=uuid7(), cycle_id=cycle.id, unit_id=unit_id, reminded_at=tx.now, reminded_by=tx.actor.id)
    )
    tx.record(UnitReminded(cycle.id, unit_id))
    return len(awaited)


def _why_not_awaited(tx: Transaction, cycle: ReportingCycle, unit_id: UUID) -> str:
    """What has happened since the page was opened that still shows the unit as owing. Raises NotFound."""
    unit = tx.session.get(Unit, unit_id)
    if unit is None or unit.tenant_id != tx.tenant_id:
        raise NotFound
    entries = sa.select(CycleEntry.unit_id).where(CycleEntry.cycle_id == cycle.id)
    heirs = (
        sa.select(Unit.name)
        .join(UnitSuccession, UnitSuccession.successor_id == Unit.id)
        .where(UnitSuccession.predecessor_id == unit_id, Unit.id.in_(entries))
        .order_by(UnitSuccession.is_main.desc(), Unit.name)
    )
    states = set(tx.session.scalars(entries.with_only_columns(CycleEntry.state).where(CycleEntry.unit_id == unit_id)))
    if not states and (names := "; ".join(tx.session.scalars(heirs))):
        return f"{unit.name} nay là {names}: chưa đôn đốc, hãy chọn đơn vị mới trong danh sách dưới đây."
    if states & {EntryState.SENT, EntryState.TAKEN} and EntryState.MISSING not in states:
        return f"{unit.name} đã gửi đủ báo cáo của kỳ."
    return f"Kỳ này không chờ báo cáo của {unit.name}."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow(Command):
    """Send one case's report back out of a consolidation, while the rest goes on."""

    permission = EnginePermission.WORK

    entry_id: UUID
    item: str  # what is to be mended
    reason: str


@handles(ReturnRow)
def return_row(command: ReturnRow, tx: Transaction) -> None:
    """Raises NotFound, NotYourDesk, ReasonMissing, NotBeingDrafted."""
    entry = tx.session.get(CycleEntry, command.entry_id)
    cycle = find_cycle(tx, entry.cycle_id) if entry is not None else None
    if entry is None or cycle is None:
        raise NotFound
    _require_drafter(tx, cycle)
    if not command.reason.strip():
        raise ReasonMissing("Chưa nhập lý do trả lại.")
    _require_short(command.item, command.reason)
    if cycle.state not in (CycleState.COLLECTING, CycleState.CONSOLIDATING) or entry.state is not EntryState.TAKEN:
        raise NotBeingDrafted("Nội dung này không còn ở bước tổng hợp nên không trả lại được.")
    if tx.session.get_one(TaskOccurrence, entry.occurrence_id).state is OccurrenceState.CANCELLED:
        raise NotBeingDrafted("Nhiệm vụ này đã hủy nên không trả lại được; có thể sửa lời hoặc không dùng.")
    key = f"rework.requested:{entry.id}:{tx.now.isoformat()}"
    ask_rework(tx, entry, command.item.strip(), command.reason.strip(), key)
    tx.session.execute(sa.delete(Statement).where(Statement.entry_id == entry.id, _in_draft(tx, cycle)))
    tx.record(RowReturned(cycle.id, entry.id, command.item.strip(), command.reason.strip()))


def _in_draft(tx: Transaction, cycle: ReportingCycle) -> sa.ColumnElement[bool]:
    report = current_report(tx, cycle.id)
    return Statement.report_id == (report.id if report is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideStatement(Command):
    """Use a unit's statement, as the drafter words it, or set it aside with a reason."""

    permission = EnginePermission.WORK

    statement_id: UUID
    use: bool
    text: str
    reason: str = ""


@handles(DecideStatement)
def decide_statement(command: DecideStatement, tx: Transaction) -> None:
    """Raises NotFound, NotYourDesk, ReasonMissing, NotBeingDrafted."""
    statement = _drafted(tx, command.statement_id)
    _require_short(command.reason)
    if not command.use and not command.reason.strip():
        raise ReasonMissing("Chưa nhập lý do không dùng nội dung này.")
    if command.use and not command.text.strip():
        raise ReasonMissing("Nội dung đưa vào báo cáo đang để trống. Hãy nhập nội dung, hoặc chọn không dùng.")
    statement.state = StatementState.USED if command.use else StatementState.SET_ASIDE
    if command.text.strip():
        statement.text = _lined(command.text)
    statement.reason = "" if command.use else command.reason.strip()
    _record(tx, statement)


def _require_drafter(tx: Transaction, cycle: ReportingCycle) -> None:
    if not may_draft(tx.session, tx.actor, cycle.id):
        raise NotYourDesk


def _drafted(tx: Transaction, statement_id: UUID) -> Statement:
    statement = tx.session.get(Statement, statement_id)
    if statement is None:
        raise NotFound
    require_draft(tx, statement.report)
    return statement


def _require_short(*texts: str) -> None:
    """Raises TextTooLong."""
    if any(len(text) > LONGEST_REASON for text in texts):
        raise TextTooLong(f"Lý do dài quá {LONGEST_REASON} ký tự. Hãy viết ngắn lại.")


def _lined(text: str) -> str:
    """Kept as typed, so that a page that saves itself finds its own words again; newlines of one kind.

    Raises TextTooLong.
    """
    lined = text.replace("\r\n", "\n")
    if len(lined) > LONGEST_TEXT:
        raise TextTooLong
    return lined


def _record(tx: Transaction, statement: Statement) -> None:
    digest = hashlib.sha256(statement.text.encode()).hexdigest()
    tx.record(StatementDecided(statement.id, statement.state, digest, statement.reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class EditStatement(Command):
    """Keep the drafter's wording of a statement, whatever was or will be decided about it."""

    permission = EnginePermission.WORK

    statement_id: UUID
    text: str


@handles(EditStatement)
def edit_statement(command: EditStatement, tx: Transaction) -> None:
    """Empty while it is being written anew is no fault; it is one when the report is sent on.

    Raises NotFound, NotYourDesk, NotBeingDrafted.
    """
    statement = _drafted(tx, command.statement_id)
    if statement.text != _lined(command.text):
        statement.text = _lined(command.text)
        _record(tx, statement)


def require_draft(tx: Transaction, report: ConsolidatedReport) -> ReportingCycle:
    """The cycle of a report that the actor may still draft. Raises NotFound, NotYourDesk, NotBeingDrafted."""
    cycle = find_cycle(tx, report.cycle_id)
    _require_drafter(tx, cycle)
    newest = current_report(tx, cycle.id)
    if cycle.state is not CycleState.CONSOLIDATING or newest is None or newest.id != report.id:
        raise NotBeingDrafted
    return cycle


@dataclass(frozen=True, slots=True, kw_only=True)
class EditReport(Command):
    """The drafter's own words around the units' statements."""

    permission = EnginePermission.WORK

    report_id: UUID
    subject: str
    introduction: str
    assessment: str
    difficulties: str
    recommendations: str
    next_steps: str
    sections: Mapping[str, str] = field(default_factory=dict)  # heading of the cycle's outline → words


@handles(EditReport)
def edit_report(command: EditReport, tx: Transaction) -> None:
    """Raises NotFound, NotYourDesk, NotBeingDrafted."""
    report = tx.session.get(ConsolidatedReport, command.report_id)
    if report is None:
        raise NotFound
    require_draft(tx, report)
    words = {name: _lined(getattr(command, name)) for name in OWN_WORDS}
    changed = [name for name, text in words.items() if getattr(report, name) != text]
    for name in changed:
        setattr(report, name, words[name])
    sections = orjson.dumps({heading: _lined(text) for heading, text in command.sections.items()}).decode()
    if command.sections and sections != report.sections:
        report.sections = sections
        changed.append("sections")
    if changed:
        tx.record(ReportEdited(report.id, changed))
