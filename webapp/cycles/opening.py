"""Opening a cycle: by hand or by the calendar, and asking the open cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.instances import MoveDates
from engine.errors import Kind, NotFound, Rejected
from engine.ids import uuid7
from engine.registry import ServiceCall, service
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.cycles.announcing import announce
from webapp.cycles.entries import GOING_UP, change_pending
from webapp.cycles.facts import CasesAsked, CycleStarted
from webapp.cycles.milestones import ask_anew, says_all
from webapp.cycles.models import (
    OPEN_ENTRIES,
    CycleEntry,
    CycleKind,
    CycleState,
    EntryState,
    PlannedCycle,
    ReportingCycle,
)
from webapp.cycles.periods import TIMES, Period, day_in, kind_of, period_of
from webapp.cycles.send_days import follow_send_day
from webapp.cycles.supplements import missed_cycle, still_owed
from webapp.permissions import Permission
from webapp.plans.issuing import days_in_year, find_plan, parties_of, start_instance_later
from webapp.plans.models import ENDED, REPORTED, OccurrenceState, Plan, PlanState, TaskOccurrence
from webapp.plans.of_year import of_year

CYCLE = "report_cycle"
BY_HAND, BY_CALENDAR = "ad_hoc_cycle", "due_cycle"


class CycleRefused(Rejected):
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCycle(Command):
    """Begin a reporting cycle of an issued plan; its focal unit then states dates and signer in the step "Mở kỳ"."""

    permission = Permission.RUN_CYCLES

    plan_id: UUID
    name: str
    year: int
    kind: CycleKind | None = None  # None: as its name says
    by_calendar: bool = False


@handles(StartCycle)
def start_cycle(command: StartCycle, tx: Transaction) -> UUID:
    """Return the cycle's id. Raises NotFound, CycleRefused."""
    plan = find_plan(tx, command.plan_id)
    name = command.name.strip()
    if plan.state is not PlanState.ISSUED:
        raise CycleRefused("Kế hoạch chưa giao việc nên chưa mở được kỳ báo cáo.")
    if not name:
        raise CycleRefused("Chưa nhập tên kỳ báo cáo.")
    if tx.session.scalar(_named(plan.id, name)) is not None:
        raise CycleRefused(f"Kế hoạch này đã có kỳ “{name}”. Hãy đặt tên khác.")
    _require_cases(tx, plan, command.year)
    assert plan.focal_unit_id is not None
    kind = command.kind or kind_of(name)
    report_by, submit_by, report_source, submit_source = _days(tx, plan, kind, name, command.year)
    cycle = ReportingCycle(
        id=uuid7(), tenant_id=tx.tenant_id, plan_id=plan.id, name=name, year=command.year, kind=kind,
        report_by=report_by, report_by_source=report_source, submit_by=submit_by, submit_by_source=submit_source,
        opened_at=tx.now,
    )  # fmt: skip
    tx.session.add(cycle)
    tx.session.flush()
    start_instance_later(
        tx, CYCLE, cycle.id, f"cycle:{plan.id}:{name}", title=f"{name}: {plan.title}", message=None,
        parties=parties_of(tx, plan, plan.focal_unit_id),
        dates={"report_by": report_by, "submit_by": submit_by}, data={"planned": _planned(report_by, submit_by)},
        start_event=BY_CALENDAR if command.by_calendar else BY_HAND,
    )  # fmt: skip
    tx.record(CycleStarted(cycle.id, plan.id, name))
    return cycle.id


def _require_cases(tx: Transaction, plan: Plan, year: int) -> None:
    """Raises CycleRefused where nobody would be asked: in January the year that is reported on is the last one."""
    years = sa.select(TaskOccurrence.year).where(TaskOccurrence.plan_id == plan.id).distinct()
    known = sorted(tx.session.scalars(years))
    late = sa.select(TaskOccurrence.id).where(
        TaskOccurrence.plan_id == plan.id, TaskOccurrence.year < year, TaskOccurrence.ended_at.is_(None),
        still_owed(),
    )  # fmt: skip
    if known and year not in known and tx.session.scalar(late.limit(1)) is None:
        listed = ", ".join(map(str, known))
        raise CycleRefused(f"Kế hoạch này không có nhiệm vụ của năm {year}, chỉ có của năm {listed}. Hãy sửa năm.")


def _planned(report_by: date | None, submit_by: date | None) -> dict[str, str]:
    """What the plan says, for the form in which a letter may say something else."""
    days = {"report_by": report_by, "submit_by": submit_by}
    return {name: day.isoformat() for name, day in days.items() if day is not None}


def _days(
    tx: Transaction, plan: Plan, kind: CycleKind, name: str, year: int
) -> tuple[date | None, date | None, str, str]:
    """Both last days of a cycle with their sources, as the plan or its list of reports has them."""
    planned = sa.select(PlannedCycle).where(PlannedCycle.plan_id == plan.id, PlannedCycle.kind == kind)
    of_kind = plan if kind is CycleKind.YEAR else tx.session.scalar(planned)
    period = period_of(kind, name, year, None) or (Period(kind, year) if kind not in TIMES else None)
    if of_kind is None or period is None:
        return None, None, "", ""
    since = (plan.issued_on or local_date(tx.now)).year
    report_by, submit_by = (day_in(day, period, since, tx.calendar) for day in (of_kind.report_by, of_kind.submit_by))
    return report_by, submit_by, _told(plan, of_kind.report_by_source), _told(plan, of_kind.submit_by_source)


def _told(plan: Plan, source: str) -> str:
    """A plan's own words on a page that is not the plan's."""
    return source.replace("Kế hoạch này", f"Kế hoạch số {plan.number}") if plan.number else source


def _named(plan_id: UUID, name: str) -> sa.Select[UUID]:
    return sa.select(ReportingCycle.id).where(ReportingCycle.plan_id == plan_id, ReportingCycle.name == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCases(Command):
    """Ask every open case of the cycle's plan and year for a report; asked twice, it adds only what is new.

    Cases that were done before are in with what they reported; one that missed last year's cycle is asked again, and
    one that came too late for it now.
    """

    permission = EnginePermission.SYSTEM

    cycle_id: UUID


@handles(AskCases)
def ask_cases(command: AskCases, tx: Transaction) -> int:
    """Return how many were asked. Raises NotFound."""
    cycle = find_cycle(tx, command.cycle_id)
    known = sa.select(CycleEntry.occurrence_id).where(CycleEntry.cycle_id == cycle.id)
    in_already = TaskOccurrence.state.in_(REPORTED) & TaskOccurrence.report_submission_id.is_not(None)
    cases = tx.session.scalars(
        sa.select(TaskOccurrence).where(
            TaskOccurrence.plan_id == cycle.plan_id,
            is_open_in(cycle.year) | (of_year(cycle.year) & in_already),
            TaskOccurrence.id.not_in(known),
            TaskOccurrence.continued_by_id.is_(None),
        )
    ).all()
    cycle.state, cycle.reminded_until = CycleState.COLLECTING, cycle.reminded_until or tx.now
    admit(tx, cycle, cases)
    tx.record(CasesAsked(cycle.id, len(cases)))
    return len(cases)


def is_open_in(year: int) -> sa.ColumnElement[bool]:
    """Whether a year's cycles ask for a case that has not ended."""
    before = (TaskOccurrence.year < year) & still_owed()
    return TaskOccurrence.state.not_in(ENDED) & ((TaskOccurrence.year == year) | before)


def admit(tx: Transaction, cycle: ReportingCycle, cases: Sequence[TaskOccurrence]) -> None:
    """Take cases into a cycle that collects; their units are told."""
    for case in cases:
        case.last_year = max(case.last_year, cycle.year)
    entries = [_ask(tx, cycle, case) for case in cases]
    tx.session.add_all(entries)
    _date_cases(tx, cycle, cases)
    tx.session.flush()
    follow_send_day(tx, cycle, [entry.occurrence_id for entry in entries if entry.state in OPEN_ENTRIES])
    change_pending(tx, cycle.id, sum(entry.state in OPEN_ENTRIES for entry in entries))
    announce(tx, cycle, entries)


def _date_cases(tx: Transaction, cycle: ReportingCycle, cases: Iterable[TaskOccurrence]) -> None:
    """Cases without a day of their own get that of the year's last cycle: the plan names none, or a letter another."""
    if not cycle.is_last_of_year or cycle.report_by is None:
        return
    plan = tx.session.get_one(Plan, cycle.plan_id)
    day = cycle.report_by.isoformat()
    for case in cases:
        planned = days_in_year(plan.report_by, case.last_year, tx.calendar)
        if case.due_on in {None, *planned} and case.due_on != cycle.report_by and case.ended_at is None:
            dates = {"deadline": day, "report_by": day}
            payload = {"instance_id": case.id, "dates": dates, "reason": cycle.report_by_source}
            tx.enqueue("engine.move_dates", f"opened:{case.id}:{cycle.id}", payload, instance_id=case.id)


def _ask(tx: Transaction, cycle: ReportingCycle, case: TaskOccurrence) -> CycleEntry:
    """A report that came before the cycle opened is in already; late for another one, it is a supplement."""
    entry = CycleEntry(
        id=uuid7(), cycle_id=cycle.id, occurrence_id=case.id, plan_task_id=case.plan_task_id, unit_id=case.lead_unit_id,
        asked_at=tx.now,
        supplements_id=None if case.state in REPORTED else missed_cycle(tx, case), state=EntryState.ASKED,
    )  # fmt: skip
    if case.state is OccurrenceState.AWAITING_CONDITION:
        entry.state = EntryState.WAITING
    elif case.state in (OccurrenceState.AWAITING_SIGNATURE, OccurrenceState.SIGNED) and not says_all(tx, case):
        ask_anew(tx, case.id)
    elif case.state in GOING_UP or case.state in REPORTED:
        entry.state, entry.taken_at = EntryState.TAKEN, tx.now
        entry.submission_id, entry.officer_id = case.report_submission_id, case.officer_id
        entry.first_sent_at = entry.sent_at = case.first_reported_at
    elif case.state is OccurrenceState.AWAITING_CHECK or _is_sent(tx, case):
        entry.state, entry.first_sent_at = EntryState.SENT, case.first_reported_at
        entry.sent_at = case.first_reported_at
    return entry


def _is_sent(tx: Transaction, case: TaskOccurrence) -> bool:
    """Whether a report of it is on its way to another cycle: the second lead still confirms it."""
    sent = sa.select(CycleEntry.id).where(CycleEntry.occurrence_id == case.id, CycleEntry.state == EntryState.SENT)
    return tx.session.scalar(sent.limit(1)) is not None


def find_cycle(tx: Transaction, cycle_id: UUID) -> ReportingCycle:
    """A cycle of the tenant. Raises NotFound."""
    cycle = tx.session.get(ReportingCycle, cycle_id)
    if cycle is None or cycle.tenant_id != tx.tenant_id:
        raise NotFound
    return cycle


@service("cycle.ask_cases")
def ask_cases_service(call: ServiceCall, runtime: Runtime) -> dict[str, int]:
    """The dates that "Mở kỳ" stated become the instance's, then the cases are asked."""
    actor = Actor.system(call.tenant_id)
    move_cycle_dates(call.instance_id, runtime, actor, "Mở kỳ báo cáo")
    return {"asked": runtime.execute(AskCases(cycle_id=call.instance_id), actor=actor)}


def move_cycle_dates(cycle_id: UUID, runtime: Runtime, actor: Actor, reason: str) -> None:
    """Bring the instance's dates to what the cycle's row says."""
    table = ReportingCycle
    with runtime.reading() as connection:
        row = connection.execute(sa.select(table.report_by, table.submit_by).where(table.id == cycle_id)).one()
    dates = {name: day for name, day in (("report_by", row.report_by), ("submit_by", row.submit_by)) if day}
    runtime.execute(MoveDates(instance_id=cycle_id, dates=dates, reason=reason), actor=actor)
