"""What the procedures' service tasks do."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.models import ProcessInstance, Submission
from engine.records import dates_from_json
from engine.registry import ServiceCall, service
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.cycles.announcing import announce_new_day
from webapp.cycles.drafting import current_report, new_version, refresh_statements
from webapp.cycles.entries import ask_rework
from webapp.cycles.facts import DeadlinesMoved, VersionOpened
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, EntryState, ReportingCycle
from webapp.cycles.opening import find_cycle, move_cycle_dates
from webapp.cycles.send_days import follow_send_day
from webapp.cycles.supplements import take_back
from webapp.plans.models import TaskOccurrence


def latest_answers(runtime: Runtime, instance_id: UUID, *elements: str) -> dict[str, Any]:
    """What was last entered in one of `elements` of an instance."""
    with runtime.reading() as connection:
        data = connection.scalar(
            sa.select(Submission.data)
            .where(Submission.instance_id == instance_id, Submission.element_id.in_(elements))
            .order_by(Submission.submitted_at.desc())
            .limit(1)
        )
    return dict(orjson.loads(data)) if data else {}


# --- a letter that moves a cycle's dates ---


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveCaseDeadlines(Command):
    """Every case still asked in a cycle gets its new last day; those with a date of their own keep it."""

    permission = EnginePermission.SYSTEM

    cycle_id: UUID
    previous: date | None
    reason: str


@handles(MoveCaseDeadlines)
def move_case_deadlines(command: MoveCaseDeadlines, tx: Transaction) -> int:
    """Leave one job for each case; return how many."""
    cycle = find_cycle(tx, command.cycle_id)
    if cycle.report_by is None:
        return 0
    cases = tx.session.scalars(movable_cases(cycle.id, command.previous, cycle.report_by)).all()
    day = cycle.report_by.isoformat()
    for case in cases:
        payload = {"instance_id": case.id, "dates": {"deadline": day, "report_by": day}, "reason": command.reason}
        tx.enqueue("engine.move_dates", f"move:{case.id}:{cycle.id}:{day}", payload, instance_id=case.id)
    _end_shorter_extensions(tx, cycle, cycle.report_by)
    if command.previous is not None and command.previous != cycle.report_by:
        cycle.reminded_until = cycle.reminded_until and tx.now  # The letter says what earlier levels would.
        announce_new_day(tx, cycle, command.previous, command.reason)
    waited = sa.select(CycleEntry.occurrence_id).where(
        CycleEntry.cycle_id == cycle.id, CycleEntry.state.in_(OPEN_ENTRIES)
    )
    follow_send_day(tx, cycle, tx.session.scalars(waited))
    tx.record(DeadlinesMoved(cycle.id, day, len(cases)))
    return len(cases)


def _end_shorter_extensions(tx: Transaction, cycle: ReportingCycle, day: date) -> None:
    """Who was given more time for the report, but less than all have now, has the cycle's day."""
    shorter = CycleEntry.cycle_id == cycle.id, CycleEntry.state == EntryState.ASKED, CycleEntry.answer_by < day
    tx.session.execute(sa.update(CycleEntry).where(*shorter).values(answer_by=None))


def movable_cases(cycle_id: UUID, previous: date | None, day: date) -> sa.Select[TaskOccurrence]:
    """The cases whose last day moves with their cycle's: with the year's last report those without one of their own.

    Who was given more time since, but less than all have by the new day, has that day too.
    """
    hangs = TaskOccurrence.due_on == previous
    if previous is not None:
        hangs |= (TaskOccurrence.due_on > previous) & (TaskOccurrence.due_on < day)
    return (
        sa.select(TaskOccurrence)
        .join(CycleEntry, CycleEntry.occurrence_id == TaskOccurrence.id)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .where(
            CycleEntry.cycle_id == cycle_id, ReportingCycle.is_last_of_year, TaskOccurrence.is_due_with_report,
            hangs, TaskOccurrence.ended_at.is_(None),
        )
    )  # fmt: skip


@service("cycle.move_deadlines")
def move_deadlines(call: ServiceCall, runtime: Runtime) -> dict[str, Any]:
    """The cycle's own dates, then those of the cases that hang on them."""
    actor = Actor.system(call.tenant_id)
    previous = _report_by(runtime, call.instance_id)
    reason = str(latest_answers(runtime, call.instance_id, "deadline_changed").get("source") or "Có văn bản đổi hạn")
    move_cycle_dates(call.instance_id, runtime, actor, reason)
    moved = runtime.execute(MoveCaseDeadlines(cycle_id=call.instance_id, previous=previous, reason=reason), actor=actor)
    return {"moved": moved}


def _report_by(runtime: Runtime, cycle_id: UUID) -> date | None:
    """The instance's own date, which still is the one before the letter."""
    with runtime.reading() as connection:
        dates = connection.scalar(sa.select(ProcessInstance.dates).where(ProcessInstance.id == cycle_id))
    return dates_from_json(dates or "{}").get("report_by")


# --- a report that came back from the city ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenVersion(Command):
    """Version n + 1 of a report; rows that need new data go back to their units, as do those that it went without."""

    permission = EnginePermission.SYSTEM

    cycle_id: UUID
    entries: tuple[UUID, ...]  # to be reported anew
    reason: str
    answer_by: date | None


@handles(OpenVersion)
def open_version(command: OpenVersion, tx: Transaction) -> int:
    """Return the version's number; a version that has none yet is the one to work on."""
    cycle = find_cycle(tx, command.cycle_id)
    report = current_report(tx, cycle.id)
    if report is None or report.number is not None:
        report = new_version(tx, cycle, report)
        refresh_statements(tx, report)
    rework = sa.select(CycleEntry).where(
        CycleEntry.id.in_(command.entries), CycleEntry.cycle_id == cycle.id,
        CycleEntry.state.in_((EntryState.TAKEN, EntryState.MISSING)),
    )  # fmt: skip
    for entry in tx.session.scalars(rework).all():
        if entry.state is EntryState.MISSING:
            take_back(tx, entry)
        key = f"rework.requested:{entry.id}:v{report.version}"
        ask_rework(tx, entry, "Số liệu", command.reason, key, command.answer_by)
    tx.record(VersionOpened(cycle.id, report.id, report.version))
    return report.version


@service("cycle.new_version")
def open_new_version(call: ServiceCall, runtime: Runtime) -> dict[str, Any]:
    """After "Phân loại yêu cầu sửa"."""
    answers = latest_answers(runtime, call.instance_id, "classify")
    entries = tuple(UUID(str(entry)) for entry in answers.get("tasks") or ())
    command = OpenVersion(
        cycle_id=call.instance_id, entries=entries, reason=str(answers.get("reason") or ""),
        answer_by=date.fromisoformat(answers["answer_by"]) if answers.get("answer_by") else None,
    )  # fmt: skip
    return {"version": runtime.execute(command, actor=Actor.system(call.tenant_id))}
