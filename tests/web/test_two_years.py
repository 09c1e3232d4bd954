"""Two years of one ward whose plan is replaced in both: no task is lost, none is done twice, no report changes."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.commands.user_tasks import CompleteUserTask
from engine.models import Incident, MessageSubscription, UserTask, UserTaskState
from tests.plans.varied import Varied, as_text, make
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.test_documents import FROM_REGISTER, issue_number
from tests.web.test_whole_year import Year
from tests.web.wards import Ward
from webapp.cycles.models import ConsolidatedReport, CycleEntry, CycleKind, CycleState, EntryState, ReportingCycle
from webapp.cycles.opening import is_open_in
from webapp.cycles.planning import Asked, PlanCycles
from webapp.cycles.report_data import consolidated_data
from webapp.plans.closing import StillReported
from webapp.plans.issuing import IssuePlan
from webapp.plans.models import (
    OccurrenceState,
    Plan,
    PlanState,
    PlanTask,
    PlanTaskState,
    PlanTaskUnit,
    TaskOccurrence,
    UnitPart,
)
from webapp.plans.reading import read_plan
from webapp.plans.replacing import IssueReplacement, ReplacePlan
from webapp.procedures.bundles import deploy_shipped

pytestmark = pytest.mark.prove
TASKS, WALKS = 18, 12
OVER = (CycleState.RECEIVED, CycleState.CLOSED)


@dataclass
class TwoYears(Year):
    """What a ward does, drawn by chance; after each fortnight nothing is lost."""

    seed: int = 0
    kept: dict[UUID, str] = field(default_factory=dict)
    left: set[UUID] = field(default_factory=set)  # steps that nobody does for now

    def __post_init__(self) -> None:
        super().__post_init__()
        self.chance = random.Random(self.seed)
        self.made = CycleWard(self.ward, UUID(int=0), date.min, date.min)
        self.rows = make(self.seed, TASKS)
        self.plan: UUID | None = None

    # --- plans ---

    def issue_next(self, rows: Varied) -> None:
        """A plan of these rows takes the place of the one before, unless a cycle comes first."""
        number = len(self.plans) + 1
        text = as_text(rows, self.seed, paged=False).replace("2026", str(self.year)).replace("2030", str(self.year + 4))
        reading, name = read_plan("ke-hoach.txt", text.encode()), f"ke-hoach-{number}.txt"
        new = self.import_reading(reading, name, text.encode())
        self.confirm(new, number)
        report_by, submit_by = (date(self.today().year, 12, day) for day in (3, 14))
        self.do(PlanCycles(plan_id=new, cycles=tuple(self._asked(report_by, submit_by))))
        try:
            if self.plan is not None:
                self.do(ReplacePlan(plan_id=new, replaced_id=self.plan))
            self.do(IssueReplacement(plan_id=new) if self.plan else IssuePlan(plan_id=new))
        except StillReported:
            return
        self.plan, self.rows, self.plans[new] = new, rows, rows
        self.settle()

    def _asked(self, report_by: date, submit_by: date) -> Iterator[Asked]:
        source = "Kế hoạch"
        yield Asked(
            kind=CycleKind.YEAR, report_by=report_by, report_by_source=source, submit_by=submit_by,
            submit_by_source=source,
        )  # fmt: skip
        half_year, quarter = report_by.replace(month=6, day=10), report_by.replace(month=3, day=24)
        yield Asked(kind=CycleKind.HALF_YEAR, report_by=half_year, report_by_source=source)
        if self.seed % 2:
            yield Asked(kind=CycleKind.QUARTER, report_by=quarter, report_by_source=source)

    def revised(self) -> Varied:
        """Some rows are gone, some say more, some have another lead."""
        rows = deepcopy(self.rows)
        rows.rows = [self._revised(row) for row in rows.rows if not (any(row[2:]) and self.chance.random() < 0.12)]
        return rows

    def _revised(self, row: tuple[str, ...]) -> tuple[str, ...]:
        drawn = self.chance.random()
        if drawn < 0.2 and row[1]:
            return (row[0], f"{row[1]} theo chỉ đạo mới", *row[2:])
        moved = ("Công an phường", "Phòng Kinh tế, Hạ tầng và Đô thị") if drawn < 0.35 else ()
        return tuple("Trạm Y tế" if cell in moved else cell for cell in row)

    # --- work ---

    def work(self, share: float) -> None:
        """Everybody does what waits for them; of the executions only a share."""
        while steps := [row for row in self._open(self.by_id()) if row.id not in self.left]:
            cases = self.by_id()
            for row in steps:
                if row.element_id == "execute" and self.chance.random() > share:
                    self.left.add(row.id)
                else:
                    self._step(row, cases[row.instance_id])
            self.settle()

    def by_id(self) -> dict[UUID, TaskOccurrence]:
        return {case.id: case for case in self.cases()}

    def _step(self, row: Any, case: TaskOccurrence) -> bool:
        half_done = {"outcome": "in_progress", "result": "Đã làm được một nửa"}
        other = {
            "execute": (f"{self.names[case.lead_unit_id]}.cv1", half_done),
            "check": (FOCAL, {"decision": "return", "item": "Số liệu", "reason": "Thiếu số liệu"}),
        }  # fmt: skip
        chances = {"execute": 0.5, "check": 0.1}
        if self.chance.random() >= chances.get(row.element_id, 0):
            return super()._step(row, case)
        who, answers = other[row.element_id]
        self.do(CompleteUserTask(user_task_id=row.id, answers=answers), who)
        return True

    # --- cycles ---

    def carry_on(self) -> None:
        """Each cycle goes as far as it goes today."""
        for cycle in self.cycles():
            self.made.cycle_id, self.made.plan_id = cycle.id, cycle.plan_id
            while cycle.state not in OVER and self._next(cycle, self.made.open_steps(cycle.id)):
                [cycle] = [one for one in self.cycles() if one.id == cycle.id]

    def _next(self, cycle: ReportingCycle, steps: Sequence[str]) -> bool:
        found = next((step for step in STEPS if step in steps), None)
        if found is not None:
            STEPS[found](self, cycle)
        return found is not None

    def open(self, cycle: ReportingCycle) -> None:
        report_by = cycle.report_by or self.today() + timedelta(days=10)
        self.complete(
            "open_cycle", cycle.id, kind=cycle.kind.value, last_of_year=cycle.kind is CycleKind.YEAR, signer="chair",
            report_by=report_by.isoformat(), submit_by=(cycle.submit_by or report_by + timedelta(days=10)).isoformat(),
            vice_chair=None, source="Kế hoạch", recipient="Sở Khoa học và Công nghệ",
        )  # fmt: skip
        self.hold_asked(cycle)

    def confirm_cutoff(self, cycle: ReportingCycle) -> None:
        owed = CycleEntry.state.not_in((EntryState.TAKEN, EntryState.WAITING)), CycleEntry.cycle_id == cycle.id
        units = {str(unit) for (unit,) in self.ward.rows(sa.select(CycleEntry.unit_id).where(*owed))}
        missing = [{"unit": unit, "reason": "Chưa có số liệu"} for unit in units]
        self.complete("confirm_cutoff", cycle.id, missing=missing, confirmed=True)

    def send(self, cycle: ReportingCycle) -> None:
        self.made.do("send_city", "vanthu", cycle.id, outcome="sent", channel="documents")
        self.made.send_message(
            "city_received", "vanthu", cycle.id, received_on=self.today().isoformat(), number="118"
        )  # fmt: skip

    # --- what holds ---

    def hold_asked(self, cycle: ReportingCycle) -> None:
        """A cycle asks for all of its plan that is open, but for what goes up with another one now."""
        asked = {row[0] for row in self.ward.rows(_ids(CycleEntry.cycle_id == cycle.id))}
        going_up = {
            row[0] for row in self.ward.rows(_ids(ReportingCycle.state.not_in(OVER), ReportingCycle.id != cycle.id))
        }
        cases = [case for case in self.cases() if case.plan_id == cycle.plan_id and case.year <= cycle.year]
        assert {case.id for case in cases if case.ended_at is None} - asked <= going_up, cycle.name
        assert asked <= {case.id for case in cases}, cycle.name

    def hold(self) -> None:
        """Nothing failed; whatever is open waits for somebody; each task has its case; what was sent stays."""
        assert self.ward.rows(sa.select(Incident.message)) == [] and self.made.failed_jobs() == []
        self.hold_awaited()
        self.hold_begun()
        with self.ward.app.app_context(), self.ward.runtime.reading() as connection, Session(connection) as read:
            for report in read.scalars(sa.select(ConsolidatedReport).where(ConsolidatedReport.number.is_not(None))):
                said = repr(consolidated_data(read, report, self.today()))
                assert self.kept.setdefault(report.id, said) == said, report.id

    def hold_awaited(self) -> None:
        """At a step, for a document, in a cycle that is not over; or the next cycle asks for it."""
        steps = {
            row[0]
            for row in self.ward.rows(sa.select(UserTask.instance_id).where(UserTask.state == UserTaskState.OPEN))
        }
        document = MessageSubscription.message == "condition.met"
        steps |= {row[0] for row in self.ward.rows(sa.select(MessageSubscription.instance_id).where(document))}
        carried = CycleEntry.state == EntryState.TAKEN, ReportingCycle.state.not_in(OVER)
        steps |= {row[0] for row in self.ward.rows(_ids(*carried))}
        for case in self.cases():
            if case.ended_at is None and case.id not in steps:
                year = max(case.last_year, self.today().year)
                assert self.ward.rows(
                    sa.select(TaskOccurrence.id).where(TaskOccurrence.id == case.id, is_open_in(year))
                )

    def hold_begun(self) -> None:
        """Each task of the plan in force has a case under each lead, a recurring one of this year; none has two."""
        columns: Any = PlanTask.id, PlanTaskUnit.unit_id, PlanTask.is_recurring, PlanTask.until_year
        tasks: sa.Select[Any] = sa.select(*columns).join(PlanTaskUnit).join(Plan, Plan.id == PlanTask.plan_id)
        issued = Plan.state == PlanState.ISSUED, PlanTask.state == PlanTaskState.ISSUED
        known = [case for case in self.cases() if case.state is not OccurrenceState.CANCELLED]
        cases = Counter((case.plan_task_id, case.lead_unit_id, case.year) for case in known)
        assert not [case for case, count in cases.items() if count > 1]
        for task, unit, is_recurring, until in self.ward.rows(tasks.where(*issued, PlanTaskUnit.part == UnitPart.LEAD)):
            newest = max(year for known_task, lead, year in cases if (known_task, lead) == (task, unit))
            assert newest >= min(self.today().year, until or self.today().year) or not is_recurring


STEPS = {
    "open_cycle": TwoYears.open,
    "confirm_cutoff": TwoYears.confirm_cutoff,
    "consolidate": lambda years, cycle: years.send_up(cycle),
    "countersign_content": lambda years, cycle: years.made.approve(),
    "issue_number": lambda years, cycle: issue_number(years.made, **FROM_REGISTER),
    "send_city": lambda years, cycle: years.send(cycle),
}
"""What is done at the steps of a cycle."""


def _ids(*which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The cases of entries of cycles."""
    return (
        sa.select(CycleEntry.occurrence_id).join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id).where(*which)
    )


@pytest.mark.parametrize("seed", range(WALKS))
def test_nothing_is_lost_in_two_years_with_replaced_plans(ward: Ward, seed: int) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    years = TwoYears(ward, ward.now().year + 1, seed=seed)
    years.move_to(date(years.year, 1, 5))
    years.issue_next(years.rows)
    replaced = {(0, 4), (0, 9), (1, 2), (1, 6), (1, 10)}
    for month in range(24):
        year, number = years.year + month // 12, month % 12 + 1
        for day in (8, 22):
            years.move_to(date(year, number, day))
            years.work(0.7 if number in (6, 11, 12) else 0.35)
            years.carry_on()
            if day == 22 and (month // 12, number) in replaced:
                years.issue_next(years.revised())
            years.hold()
        if number % 3 == 0:
            years.left.clear()
    assert len(years.plans) >= 3 and len(years.cycles()) >= 4
