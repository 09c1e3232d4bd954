"""A cycle at a glance: who has sent, who is late, who was returned."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import OPEN_STEP, MessageSubscription, UserTask
from webapp.cases.access import is_mine
from webapp.cases.history import unit_names
from webapp.cycles.asking import AWAITED
from webapp.cycles.last_days import last_day
from webapp.cycles.models import ConsolidatedReport, CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.cycles.reminders import reminded_days
from webapp.cycles.settled import OFFICER
from webapp.cycles.supplements import still_owed
from webapp.cycles.unasked import Unasked, unasked_of
from webapp.identity import CurrentPerson, desk_name
from webapp.inbox.dues import Due, DueWords
from webapp.organisation.models import Person, Unit
from webapp.plans.issuing import year_of
from webapp.plans.models import Plan, PlanState, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import group_name, place_name

PAGE = 50
ASKED_FOR = tuple(state for state in EntryState if state is not EntryState.WAITING)


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A cycle in a list."""

    id: UUID
    name: str
    plan_id: UUID
    plan_title: str
    plan_number: str
    state: CycleState
    report_by: date | None
    submit_by: date | None
    asked: int
    taken: int
    missing: int


@dataclass(frozen=True, slots=True)
class OpenablePlan:
    """An issued plan, for which a cycle may be opened."""

    id: UUID
    title: str
    number: str
    report_by: date | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One case in a cycle."""

    entry_id: UUID
    occurrence_id: UUID
    unit_id: UUID
    task: str  # "II.3"
    content: str
    state: EntryState
    is_late: bool  # not in, and the last day has passed
    last_day: date | None  # for its report
    officer: str
    first_sent_at: datetime | None
    return_reason: str | None
    missing_reason: str | None
    supplements: str  # name of the cycle that went without it
    unit: str
    unit_short: str
    group: str  # "II. …"
    order: tuple[int, int]  # of its group, and in it


@dataclass(frozen=True, slots=True)
class CellGroup:
    """Cases that have something in common: who does them, their group, how they stand."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def asked(self) -> int:
        """How many a report is asked of."""
        return sum(cell.state in ASKED_FOR for cell in self.cells)

    @property
    def taken(self) -> int:
        """How many are in."""
        return sum(cell.state is EntryState.TAKEN for cell in self.cells)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit with its cases in a cycle."""

    id: UUID
    name: str
    is_requested: bool
    cells: tuple[Cell, ...]
    reminded_on: tuple[date, ...]

    def count(self, *states: EntryState) -> int:
        """How many of its cases are in one of these states."""
        return sum(cell.state in states for cell in self.cells)

    @property
    def asked(self) -> int:
        """Of how many a report is asked."""
        return self.count(*ASKED_FOR)

    @property
    def awaited(self) -> int:
        """How many still have to be sent."""
        return self.count(*AWAITED)

    @property
    def is_late(self) -> bool:
        """Whether something is awaited past the last day."""
        return any(cell.is_late for cell in self.cells)


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step of the cycle's own procedure that waits."""

    id: UUID
    name: str
    due: Due
    holder: str  # a person's name, else the desk that it waits at
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A cycle with everything that is asked in it."""

    cycle: CycleRow
    report_by_source: str
    submit_by_source: str
    recipient: str
    outline: str
    units: tuple[UnitRow, ...]
    unasked: tuple[Unasked, ...]
    steps: tuple[OpenStep, ...]
    events: frozenset[str]  # message events that wait now, by element
    today: date
    has_report: bool  # a consolidated report is being drafted, or more than that

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cases asked."""
        return tuple(cell for unit in self.units for cell in unit.cells)

    def count(self, *states: EntryState) -> int:
        """How many cases are in one of these states."""
        return sum(unit.count(*states) for unit in self.units)

    @property
    def late(self) -> int:
        """How many cases are awaited past their last day."""
        return sum(cell.is_late for cell in self.cells)

    def by(self, name: Callable[[Cell], str]) -> tuple[CellGroup, ...]:
        """The cases put together by what they have in common, in the order in which that first comes."""
        found: dict[str, list[Cell]] = {}
        for cell in sorted(self.cells, key=lambda cell: cell.order):
            found.setdefault(name(cell), []).append(cell)
        return tuple(CellGroup(name, tuple(cells)) for name, cells in found.items())


def cycles_of(
    read: Session, tenant_id: UUID, *, focal_units: Collection[str] | None = None, most: int = PAGE
) -> list[CycleRow]:
    """The newest cycles of the ward, or of the plans of some focal units."""
    query = _cycle_rows().where(ReportingCycle.tenant_id == tenant_id)
    if focal_units is not None:
        query = query.where(Plan.focal_unit_id.in_([UUID(unit) for unit in focal_units]))
    return [CycleRow(*row) for row in read.execute(query.order_by(ReportingCycle.id.desc()).limit(most))]


def _cycle_rows() -> sa.Select[Any]:
    def counted(*states: EntryState) -> Any:
        return (
            sa.select(sa.func.count())
            .where(CycleEntry.cycle_id == ReportingCycle.id, CycleEntry.state.in_(states))
            .correlate(ReportingCycle)
            .scalar_subquery()
        )

    return sa.select(
        ReportingCycle.id, ReportingCycle.name, Plan.id, Plan.title, sa.func.coalesce(Plan.number, ""),
        ReportingCycle.state, ReportingCycle.report_by, ReportingCycle.submit_by, counted(*ASKED_FOR),
        counted(EntryState.TAKEN), counted(EntryState.MISSING),
    ).join(Plan, Plan.id == ReportingCycle.plan_id)  # fmt: skip


def cycle_row(read: Session, cycle_id: UUID) -> CycleRow:
    """One cycle, which the person may see."""
    return CycleRow(*read.execute(_cycle_rows().where(ReportingCycle.id == cycle_id)).one())


def openable_plans(read: Session, tenant_id: UUID) -> list[OpenablePlan]:
    """Issued plans."""
    rows = read.execute(
        sa.select(Plan.id, Plan.title, sa.func.coalesce(Plan.number, ""), Plan.report_by)
        .where(Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED)
        .order_by(Plan.id.desc())
        .limit(PAGE)
    )
    return [OpenablePlan(*row) for row in rows]


def reported_year(read: Session, tenant_id: UUID, today: date) -> int:
    """The year that is reported on: early in a year the last one, as long as something of it is open."""
    last = year_of(today, 0)
    still = (
        sa.select(TaskOccurrence.id)
        .join(Plan, Plan.id == TaskOccurrence.plan_id)
        .where(
            TaskOccurrence.tenant_id == tenant_id, TaskOccurrence.year == last, TaskOccurrence.ended_at.is_(None),
            Plan.state == PlanState.ISSUED, ~still_owed(),
        )
    )  # fmt: skip
    return last if read.scalar(still.limit(1)) is not None else today.year


def board(read: Session, person: CurrentPerson, cycle: ReportingCycle, words: DueWords) -> Board:
    """A cycle at a glance."""
    return Board(
        cycle=cycle_row(read, cycle.id),
        report_by_source=cycle.report_by_source,
        submit_by_source=cycle.submit_by_source,
        recipient=cycle.recipient,
        outline=cycle.outline,
        units=_units(read, cycle, local_date(words.now)),
        unasked=unasked_of(read, cycle),
        steps=open_steps(read, person, cycle.id, words),
        events=frozenset(
            read.scalars(sa.select(MessageSubscription.element_id).where(MessageSubscription.instance_id == cycle.id))
        ),
        today=local_date(words.now),
        has_report=_has_report(read, cycle.id),
    )


def _has_report(read: Session, cycle_id: UUID) -> bool:
    query = sa.select(ConsolidatedReport.id).where(ConsolidatedReport.cycle_id == cycle_id).limit(1)
    return read.scalar(query) is not None


def _units(read: Session, cycle: ReportingCycle, today: date) -> tuple[UnitRow, ...]:
    rows = read.execute(
        sa.select(CycleEntry, TaskOccurrence, PlanTask, TaskGroup, Unit, Person.name)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Unit, Unit.id == CycleEntry.unit_id)
        .outerjoin(Person, Person.id == OFFICER)
        .where(CycleEntry.cycle_id == cycle.id)
        .order_by(Unit.position, Unit.name, TaskGroup.position, PlanTask.position)
    )
    units: dict[UUID, tuple[Unit, list[Cell]]] = {}
    for entry, occurrence, task, group, unit, officer in rows:
        _, cells = units.setdefault(unit.id, (unit, []))
        cells.append(_cell(entry, occurrence, task, group, unit, officer or "", today))
    reminded = reminded_days(read, cycle.id)
    return tuple(
        UnitRow(u.id, u.name, u.is_requested, tuple(cells), reminded.get(u.id, ())) for u, cells in units.values()
    )


def _cell(
    entry: CycleEntry, case: TaskOccurrence, task: PlanTask, group: TaskGroup, unit: Unit, officer: str, today: date
) -> Cell:
    ends = last_day(entry.cycle, case, entry.answer_by)
    return Cell(
        entry_id=entry.id, occurrence_id=case.id, unit_id=entry.unit_id,
        task=place_name(group.numeral, task.ordinal), content=task.content, unit=unit.name, unit_short=unit.short_name,
        group=group_name(group.numeral, group.title), order=(group.position, task.position),
        state=entry.state, is_late=entry.state in AWAITED and ends is not None and today > ends,
        officer=officer, last_day=ends,
        first_sent_at=entry.first_sent_at, return_reason=entry.return_reason, missing_reason=entry.missing_reason,
        supplements=entry.supplements,
    )  # fmt: skip


def open_steps(read: Session, person: CurrentPerson, cycle_id: UUID, words: DueWords) -> tuple[OpenStep, ...]:
    """The steps of the cycle's own procedure that wait, and for whom."""
    rows = read.execute(
        sa.select(UserTask, Person.name)
        .outerjoin(Person, Person.id == UserTask.assignee_id)
        .where(UserTask.instance_id == cycle_id, UserTask.state == OPEN_STEP)
        .order_by(UserTask.order_at)
    )
    units = unit_names(read, person.tenant_id)
    return tuple(
        OpenStep(
            task.id, task.name, words.of(task.due_at), name or desk_name(task.desk, units),
            is_mine(person, task.desk, task.assignee_id),
        )
        for task, name in rows
    )  # fmt: skip
