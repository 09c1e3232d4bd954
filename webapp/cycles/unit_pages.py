"""Báo cáo của đơn vị: the rows of one unit in one cycle, each with what the person may do about it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import EnginePermission
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from engine.records import dates_from_json
from webapp.cases.access import units_of
from webapp.cases.history import unit_names
from webapp.cycles.asking import AWAITED, AskingCycle, asking_query
from webapp.cycles.last_days import last_day
from webapp.cycles.models import OPEN_ENTRIES, CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.cycles.settled import OFFICER, has_gone_on, report_to
from webapp.cycles.step_rows import StepRow, step_rows
from webapp.cycles.unit_answers import Contributed, UnitAnswer, answers_of, contributions_of
from webapp.identity import ROLE_NAMES, CurrentPerson
from webapp.organisation.models import Person, Role, Unit
from webapp.plans.models import OccurrenceState, Plan, PlanTask, Stage, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name
from webapp.runtime import now


class Mode(StrEnum):
    """What the person may do about a row."""

    FILL = "fill"  # its report waits for them
    DECIDE = "decide"  # what was entered waits to be sent, or handed back
    OPEN = "open"  # another step is theirs, on a page of its own
    SEE = "see"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """One case of the unit in the cycle."""

    occurrence_id: UUID
    label: str  # "II.3"
    content: str
    product: str
    state: OccurrenceState
    entry_state: EntryState
    has_gone_on: bool  # after the report that the cycle has; what is done about it now is no part of this one
    is_late: bool
    due_on: date | None  # the task's own; None once it has gone on, when it may be another
    send_by: date | None  # its report to the cycle, while that waits for it
    officer: str
    return_reason: str
    supplements: str  # name of the cycle that went without it
    mode: Mode
    row: StepRow | None
    holder: str  # whoever has it, else the desk at which it waits; of another unit, too
    may_take: bool  # it is in a colleague's hands, and the person heads the unit
    answer: UnitAnswer | None  # what was sent to this cycle
    contributions: tuple[Contributed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitReport:
    """The page."""

    cycle_id: UUID
    unit_id: UUID
    unit: str
    cycle_name: str
    plan: str
    outline: str
    report_by: date | None
    beside: tuple[AskingCycle, ...]  # other cycles that wait for some of the same reports
    rows: tuple[UnitRow, ...]
    in_place: bool  # whoever looks at it enters for the unit's people
    heads: bool

    def of(self, mode: Mode) -> list[StepRow]:
        """The steps that are in one mode."""
        return [one.row for one in self.rows if one.mode is mode and one.row is not None]

    @property
    def at_hand(self) -> list[StepRow]:
        """Those with a form on the page."""
        return [*self.of(Mode.FILL), *self.of(Mode.DECIDE)]

    @property
    def to_do(self) -> list[UnitRow]:
        """The rows that wait for the person."""
        return [one for one in self.rows if one.mode is not Mode.SEE]

    @property
    def others(self) -> list[UnitRow]:
        """The rest."""
        return [one for one in self.rows if one.mode is Mode.SEE]

    @property
    def served_first(self) -> AskingCycle | None:
        """The cycle that what is sent now goes to, where that is another one."""
        first = min(self.beside, key=lambda one: one.report_by or date.max, default=None)
        return first if first and (first.report_by or date.max) < (self.report_by or date.max) else None

    def label_of_case(self, occurrence_id: UUID) -> str:
        """The number of a case's row in the appendix."""
        return next((one.label for one in self.rows if one.occurrence_id == occurrence_id), "")

    def label_of(self, step_id: UUID) -> str:
        """The number of a step's row in the appendix."""
        return next((one.label for one in self.rows if one.row is not None and one.row.id == step_id), "")


@dataclass(frozen=True, slots=True)
class UnitCycle:
    """A cycle in which a unit is asked."""

    cycle_id: UUID
    unit_id: UUID
    name: str
    plan: str
    unit: str
    report_by: date | None
    awaited: int
    sent: int
    taken: int
    missing: int

    @property
    def is_open(self) -> bool:
        """Whether something still has to be sent or mended."""
        return bool(self.awaited or self.sent)


def unit_cycles(read: Session, person: CurrentPerson) -> list[UnitCycle]:
    """The newest cycles that ask the units at whose desks the person acts; open ones first, by their day."""
    units = {UUID(desk.partition("@")[2]) for desk in person.desks} | person.former_units

    def counted(*states: EntryState) -> Any:
        is_open = (ReportingCycle.state != CycleState.CLOSED) | CycleEntry.state.not_in(OPEN_ENTRIES)
        return sa.func.sum(sa.case((CycleEntry.state.in_(states) & is_open, 1), else_=0))

    own_day = sa.func.coalesce(CycleEntry.answer_by, ReportingCycle.report_by)
    awaited_until = sa.func.max(sa.case((CycleEntry.state.in_(AWAITED), own_day)))

    rows = read.execute(
        sa.select(
            ReportingCycle.id, Unit.id, ReportingCycle.name, sa.func.coalesce(Plan.number, Plan.title), Unit.name,
            sa.func.coalesce(awaited_until, ReportingCycle.report_by), counted(*AWAITED), counted(EntryState.SENT),
            counted(EntryState.TAKEN), counted(EntryState.MISSING),
        )
        .join(CycleEntry, CycleEntry.cycle_id == ReportingCycle.id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .join(Plan, Plan.id == ReportingCycle.plan_id)
        .where(ReportingCycle.tenant_id == person.tenant_id, CycleEntry.unit_id.in_(units))
        .group_by(ReportingCycle.id, Unit.id, Plan.number, Plan.title)
        .order_by(ReportingCycle.id.desc())
        .limit(30)
    )  # fmt: skip
    found = [UnitCycle(*row) for row in rows]
    to_do = sorted((one for one in found if one.is_open), key=lambda one: one.report_by or date.max)
    return [*to_do, *(one for one in found if not one.is_open)]


def unit_report(read: Session, person: CurrentPerson, cycle: ReportingCycle, unit_id: UUID) -> UnitReport:
    """All rows of the unit, in the order of the appendix."""
    unit = read.get_one(Unit, unit_id)
    plan = read.get_one(Plan, cycle.plan_id)
    viewer = _Viewer(person, unit_id)
    entries = read.execute(_entries(cycle.id, unit_id)).all()
    cases = [row.TaskOccurrence.id for row in entries]
    here = [row.TaskOccurrence.id for row in entries if not has_gone_on(row.CycleEntry, row.TaskOccurrence)]
    desks = [f"{role}@{unit_id}" for role in Role]
    steps = _by_case(step_rows(read, person, UserTask.instance_id.in_(here), UserTask.desk.in_(desks)))
    sent = answers_of(read, person.tenant_id, _reports(entries))
    contributed, elsewhere = contributions_of(read, cases), _elsewhere(read, person.tenant_id, set(here) - set(steps))
    return UnitReport(
        cycle_id=cycle.id, unit_id=unit_id, unit=unit.name, cycle_name=cycle.name, plan=plan.number or plan.title,
        outline=cycle.outline, report_by=_awaited_until(cycle, entries), beside=_beside(read, cycle, entries),
        in_place=viewer.in_place, heads=viewer.heads,
        rows=tuple(
            _row(cycle, row, viewer, steps.get(case), elsewhere.get(case, ""), sent, contributed.get(case, ()))
            for case, row in zip(cases, entries, strict=True)
        ),
    )  # fmt: skip


def _awaited_until(cycle: ReportingCycle, entries: Sequence[Any]) -> date | None:
    """The last day of what is still to be sent: the cycle's, unless all of it was returned by a day of its own."""
    days = [row.CycleEntry.answer_by or cycle.report_by for row in entries if row.CycleEntry.state in AWAITED]
    return max((day for day in days if day is not None), default=cycle.report_by)


def _beside(read: Session, cycle: ReportingCycle, entries: Sequence[Any]) -> tuple[AskingCycle, ...]:
    awaited = [row.TaskOccurrence.id for row in entries if row.CycleEntry.state in AWAITED]
    query = asking_query().where(CycleEntry.occurrence_id.in_(awaited), CycleEntry.cycle_id != cycle.id).distinct()
    return tuple(AskingCycle(*row) for row in read.execute(query)) if awaited else ()


@dataclass(frozen=True, slots=True)
class _Viewer:
    """What whoever looks at the page is to the unit."""

    person: CurrentPerson
    unit_id: UUID

    @property
    def heads(self) -> bool:
        return f"head@{self.unit_id}" in self.person.desks

    @property
    def in_place(self) -> bool:
        """One's own unit is no other's, even for those who may enter for others."""
        others = str(self.unit_id) not in units_of(self.person)
        return others and self.person.may(EnginePermission.ENTER_FOR_OTHERS)

    def mode(self, row: StepRow | None) -> Mode:
        if row is None:
            return Mode.SEE
        unclaimed = self.heads and row.step.assignee_id is None
        if row.is_report:
            return Mode.FILL if row.is_mine or self.in_place or unclaimed else Mode.SEE
        if row.decides and row.stage is Stage.UNIT_REPORT and (row.is_mine or self.in_place):
            return Mode.DECIDE
        return Mode.OPEN if row.is_mine else Mode.SEE

    def may_take(self, row: StepRow | None) -> bool:
        return row is not None and row.is_report and self.heads and self.mode(row) is Mode.SEE


def _entries(cycle_id: UUID, unit_id: UUID) -> sa.Select[CycleEntry, TaskOccurrence, PlanTask, str, str, str]:
    return (
        sa.select(CycleEntry, TaskOccurrence, PlanTask, TaskGroup.numeral, Person.name, ProcessInstance.dates)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .outerjoin(Person, Person.id == OFFICER)
        .outerjoin(ProcessInstance, ProcessInstance.id == TaskOccurrence.id)
        .where(CycleEntry.cycle_id == cycle_id, CycleEntry.unit_id == unit_id)
        .order_by(TaskGroup.position, PlanTask.position)
    )


def _elsewhere(read: Session, tenant_id: UUID, cases: Collection[UUID]) -> dict[UUID, str]:
    """Who has the cases that are not at the unit."""
    query = (
        sa.select(UserTask.instance_id, UserTask.desk, Person.name)
        .outerjoin(Person, Person.id == UserTask.assignee_id)
        .where(UserTask.instance_id.in_(cases), UserTask.state == OPEN_STEP)
        .order_by(UserTask.created_at.desc())
    )
    units = unit_names(read, tenant_id)
    found: dict[UUID, str] = {}
    for case, desk, name in read.execute(query):
        role, _, unit_id = desk.partition("@")
        found[case] = f"{name or ROLE_NAMES[Role(role)]} · {units.get(unit_id, '')}"
    return found


def _holder(row: StepRow) -> str:
    return row.step.assignee or ROLE_NAMES[Role(row.step.desk.partition("@")[0])]


def _reports(entries: Sequence[Any]) -> list[UUID]:
    """The submissions that are the rows' reports."""
    return [id for row in entries if (id := report_to(row.CycleEntry, row.TaskOccurrence)) is not None]


def _by_case(rows: Sequence[StepRow]) -> dict[UUID, StepRow]:
    """Each case's step: on its main way before one beside it, the person's own before others."""
    return {row.instance_id: row for row in sorted(rows, key=lambda row: (row.stage is not None, row.is_mine))}


def _row(
    cycle: ReportingCycle,
    found: Any,
    viewer: _Viewer,
    row: StepRow | None,
    elsewhere: str,
    sent: Mapping[UUID, UnitAnswer],
    contributed: tuple[Contributed, ...],
) -> UnitRow:
    entry, case, task, numeral, officer, dates = found
    gone_on, said = has_gone_on(entry, case), report_to(entry, case)
    due_on, send_by = None if gone_on else _due_on(case, dates), _send_by(cycle, entry, case)
    return UnitRow(
        occurrence_id=case.id, label=place_name(numeral, task.ordinal), content=task.content, product=task.product_text,
        state=case.state, entry_state=entry.state, due_on=due_on, send_by=send_by,
        has_gone_on=gone_on, is_late=send_by is not None and local_date(now()) > send_by,
        officer=officer or "", return_reason=entry.return_reason or "", supplements=entry.supplements,
        mode=viewer.mode(row), row=row, holder=_holder(row) if row else elsewhere, may_take=viewer.may_take(row),
        answer=sent.get(said) if said else None, contributions=contributed,
    )  # fmt: skip


def _due_on(case: TaskOccurrence, dates: str | None) -> date | None:
    """The task's own day; a linked case has another."""
    return dates_from_json(dates).get("deadline") if case.round > 1 and dates else case.due_on


def _send_by(cycle: ReportingCycle, entry: CycleEntry, case: TaskOccurrence) -> date | None:
    """Until when the cycle waits: for what was returned by the day named for that, whatever the task's."""
    return last_day(cycle, case, entry.answer_by) if entry.state in AWAITED else None
