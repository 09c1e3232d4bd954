"""The two years again, in which units are merged, parted and renamed, people are away and figures are corrected."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count, permutations
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import Actor
from engine.commands.user_tasks import CompleteUserTask
from engine.models import Submission, UserTask, UserTaskState
from tests.web.test_two_years import OVER, TwoYears
from tests.web.wards import Ward
from webapp.cycles.models import OPEN_ENTRIES, ConsolidatedReport, CycleEntry, EntryState, ReportingCycle
from webapp.cycles.report_data import consolidated_data
from webapp.identity import find_person
from webapp.indicators.commands import AddIndicator, IndicatorFields, MeasureIndicator, WithdrawValue
from webapp.indicators.models import Indicator, IndicatorOwner, IndicatorValue, Operator
from webapp.organisation.commands.absences import EnterAbsence
from webapp.organisation.commands.people import AddPerson, HeldDesk, NewPerson
from webapp.organisation.desks import people_at, with_proxies
from webapp.organisation.models import Absence, Committee, Membership, Role, Unit, UnitSuccession
from webapp.organisation.successions import in_its_place
from webapp.plans.models import (
    Contribution,
    OccurrenceState,
    Plan,
    PlanState,
    PlanTask,
    PlanTaskState,
    PlanTaskUnit,
    TaskOccurrence,
    UnitPart,
)
from webapp.procedures.bundles import deploy_shipped
from webapp.unit_changes.models import UnitChange

pytestmark = pytest.mark.prove
WALKS, STEADY = 6, ("ubnd", "vhxh", "vp")


@dataclass
class ChangingYears(TwoYears):
    """Each step is done by who sits at its desk that day, or stands in there."""

    begun: dict[UUID, date] = field(default_factory=dict)  # by case, the day on which it was first seen
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.actor = self.made.actor  # Desks change.

    def do(self, command: Any, username: Any = "vhxh.tonghop") -> Any:
        if isinstance(username, Actor):
            return self.ward.runtime.execute(command, actor=username)
        return super().do(command, username)

    def unit(self, key: str) -> UUID:
        """Who has its place by now."""
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            return in_its_place(read, super().unit(key))

    # --- steps ---

    def worker(self, desk: str, holder: UUID | None) -> Actor:
        """Who has it in hand, else somebody of the desk; of who is away the proxy."""
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            people = [holder] if holder else people_at(read, desk)
            assert people, desk
            *_, who = with_proxies(read, people[:1], self.today())
            person = find_person(read, who, None, self.today())
            assert person is not None
            chosen = next((one for one in person.held if one.key == desk), person.held[0])
            acting = find_person(read, who, chosen.membership_id, self.today())
            assert acting is not None
            return acting.actor()

    def _step(self, row: Any, case: TaskOccurrence) -> bool:
        columns: sa.Select[Any] = sa.select(UserTask.desk, UserTask.assignee_id, UserTask.element_id)
        ((desk, holder, element),) = self.ward.rows(columns.where(UserTask.id == row.id))
        answers = self.answers(element, case)
        self.do(CompleteUserTask(user_task_id=row.id, answers=answers), self.worker(desk, holder))
        return True

    def answers(self, element: str, case: TaskOccurrence) -> dict[str, Any]:
        drawn = self.chance.random()
        result = f"Kết quả lần {next(self.numbers)}."
        match element:
            case "accept":
                with self.ward.runtime.reading() as connection, Session(connection) as read:
                    staff = people_at(read, f"{Role.STAFF}@{case.lead_unit_id}")
                return {"decision": "accept", "officer": str(self.chance.choice(staff))}
            case "execute" if drawn < 0.5:
                return {"outcome": "in_progress", "result": result}
            case "execute":
                return {"outcome": "done", "result": result, "completed_on": self.today().isoformat()}
            case "second_lead_confirm":
                return {"decision": "confirm"}
            case "check" if drawn < 0.1:
                return {"decision": "return", "item": "Số liệu", "reason": "Thiếu số liệu"}
            case "contribute":
                return {"answer": "result", "result": result}
        return {"decision": "approve"}

    def contribute(self) -> None:
        """Half of those who coordinate answer."""
        asked = sa.select(UserTask.id, UserTask.desk, UserTask.assignee_id)
        for step, desk, holder in self.ward.rows(
            asked.where(UserTask.element_id == "contribute", UserTask.state == UserTaskState.OPEN)
        ):
            if self.chance.random() < 0.5:
                answers = {"answer": "result", "result": "Đã phối hợp"}
                self.do(CompleteUserTask(user_task_id=step, answers=answers), self.worker(desk, holder))
        self.settle()

    def send_up(self, cycle: ReportingCycle) -> None:
        super().send_up(cycle)
        self.hold_told(cycle)

    def send(self, cycle: ReportingCycle) -> None:
        """Every third report comes back once, for what it says of three tasks."""
        self.made.do("send_city", "vanthu", cycle.id, outcome="sent", channel="documents")
        if self.chance.random() < 0.35:
            self.made.send_message("city_returned", "vanthu", cycle.id, reason="Số liệu chưa khớp")
        else:
            self.made.send_message(
                "city_received", "vanthu", cycle.id, received_on=self.today().isoformat(), number="118"
            )  # fmt: skip

    def _next(self, cycle: ReportingCycle, steps: Sequence[str]) -> bool:
        if "classify" not in steps:
            return super()._next(cycle, steps)
        taken = sa.select(CycleEntry.id).where(CycleEntry.cycle_id == cycle.id, CycleEntry.state == EntryState.TAKEN)
        known = [str(entry) for (entry,) in self.ward.rows(taken.order_by(CycleEntry.id))]
        tasks = self.chance.sample(known, min(3, len(known)))
        self.complete(
            "classify", cycle.id, kind="data" if tasks else "form", tasks=tasks, reason="Số liệu chưa khớp",
            answer_by=self.today().isoformat(),
        )  # fmt: skip
        return bool(tasks)

    # --- what changes ---

    def units(self, *which: str) -> list[UUID]:
        """Those that may change now; `which`: also these of the steady ones."""
        steady = {self.unit(key) for key in STEADY if key not in which}
        changing = sa.select(UnitChange.unit_id).where(UnitChange.ended_at.is_(None))
        active = sa.select(Unit.id).where(Unit.is_active, Unit.id.not_in(changing)).order_by(Unit.id)
        return [unit for (unit,) in self.ward.rows(active) if unit not in steady]

    def change_unit(self, unit: UUID, kind: str, **values: str) -> None:
        admin, number = self.ward.signed_in("quantri"), next(self.numbers)
        day = self.today() + timedelta(days=self.chance.choice((0, 0, 5)))
        form = {"from_day": f"{day:%d/%m/%Y}", "reason": f"Quyết định số {number}/QĐ-UBND", **values}
        entered = admin.post(f"/don-vi/{unit}/thay-doi/{kind}", form)
        if entered.status_code != 302:  # It is to have another's place soon.
            return
        members = sa.select(Membership.person_id).where(Membership.unit_id == unit)
        page = admin.get(entered.location).get_data(as_text=True)
        heirs = sorted(set(re.findall(r'<option value="([0-9a-f-]{36})"', page)))
        goes = {f"person-{one}": self.chance.choice(heirs) for (one,) in self.ward.rows(members) if heirs}
        assert admin.post(f"{entered.location}/xac-nhan", goes).status_code == 302
        self.settle()

    def rename(self) -> None:
        name = f"Đơn vị mới {next(self.numbers)}"
        self.change_unit(self.chance.choice(self.units("vhxh", "vp")), "doi-ten", name=name, short_name=name)

    def merge(self) -> None:
        unit = self.chance.choice(self.units())
        into = self.chance.choice([one for one in self.units("vhxh") if one != unit])
        self.change_unit(unit, "sap-nhap", into_id=str(into))

    def part(self) -> None:
        unit, names = self.chance.choice(self.units()), [f"Đơn vị tách {next(self.numbers)}" for _ in range(2)]
        kept = {"successors-0-unit_id": str(unit)}
        first = {"successors-0-name": names[0], "successors-0-short_name": names[0]}
        second = {"successors-1-name": names[1], "successors-1-short_name": names[1]}
        self.change_unit(unit, "chia-tach", **self.chance.choice((kept, first)), **second)

    def people_come(self) -> None:
        """To a unit that was parted without a head or staff."""
        for unit in self.units(*STEADY):
            with self.ward.runtime.reading() as connection, Session(connection) as read:
                empty = [role for role in (Role.HEAD, Role.STAFF) if not people_at(read, f"{role}@{unit}")]
            for role in empty if unit != self.unit("ubnd") else ():
                name = f"moi{next(self.numbers)}"
                person = NewPerson(name=name, username=name, desks=(HeldDesk(unit, role, "Mới"),))
                self.do(AddPerson(person=person), "quantri")

    def go_away(self) -> None:
        """Somebody of a unit, for some weeks; a colleague stands in."""
        unit = self.chance.choice(self.units())
        members = [one for (one,) in self.ward.rows(sa.select(Membership.person_id).where(Membership.unit_id == unit))]
        away = {one for row in self.ward.rows(sa.select(Absence.person_id, Absence.proxy_id)) for one in row}
        free = sorted(set(members) - away)
        if len(free) > 1:
            person, proxy = self.chance.sample(free, 2)
            first, last = self.today(), self.today() + timedelta(days=self.chance.choice((5, 20, 40)))
            self.do(EnterAbsence(person_id=person, proxy_id=proxy, from_day=first, to_day=last), "quantri")

    def measure(self) -> None:
        """A new indicator of the plan has a figure, and one that had is corrected."""
        assert self.plan is not None
        owners = tuple(self.chance.sample(self.units(), 2))
        stated = IndicatorFields(
            name=f"Chỉ tiêu {next(self.numbers)}", operator=Operator.AT_LEAST, target=10, owner_unit_ids=owners
        )
        indicator = self.do(AddIndicator(plan_id=self.plan, stated=stated))
        for owner in owners:
            self.do(MeasureIndicator(indicator_id=indicator, value=7, as_of=self.today(), unit_id=owner))
        known = self.ward.rows(sa.select(IndicatorValue.id, IndicatorValue.indicator_id).order_by(IndicatorValue.id))
        value, corrected = self.chance.choice(known)
        self.do(WithdrawValue(value_id=value, reason="Nhập nhầm"))
        self.do(MeasureIndicator(indicator_id=corrected, value=9, as_of=self.today()))

    # --- what holds ---

    def hold(self) -> None:
        self.people_come()
        super().hold()
        for case in self.cases():
            self.begun.setdefault(case.id, self.today())
        self.hold_desks()
        self.hold_once()
        self.hold_owed()
        self.hold_carried()

    def hold_desks(self) -> None:
        """Each open step is at a desk where somebody sits, in nobody's hands who is not there."""
        steps = sa.select(UserTask.element_id, UserTask.desk, UserTask.assignee_id)
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            for element, desk, holder in read.execute(steps.where(UserTask.state == UserTaskState.OPEN)):
                unit = UUID(desk.partition("@")[2])
                assert people_at(read, desk), (element, desk)
                works = sa.select(Membership.id).where(Membership.person_id == holder, Membership.unit_id == unit)
                stands_in = sa.select(Absence.id).where(Absence.proxy_id == holder, Absence.to_day >= self.today())
                assert holder is None or read.scalar(works) or read.scalar(stands_in), (element, desk, holder)

    def successions(self) -> dict[tuple[UUID, UUID], date]:
        """From when on a unit has another's place, or a part of it."""
        columns: Any = UnitSuccession.predecessor_id, UnitSuccession.successor_id, UnitSuccession.from_day
        return {(before, after): day for before, after, day in self.ward.rows(sa.select(*columns))}

    def hold_once(self) -> None:
        """Nobody begins, or is asked, what the unit whose place they have had begun or answered before."""
        since, of_task, of_case = self.successions(), defaultdict(list), defaultdict(list)
        for case in self.cases():
            if case.round == 1 and case.state is not OccurrenceState.CANCELLED:
                known = (case.first_lead_unit_id, self.begun[case.id])
                of_task[case.plan_task_id, case.year].append(known)
        asked: Any = Contribution.occurrence_id, Contribution.unit_id, Contribution.asked_at
        for case_id, unit, at in self.ward.rows(sa.select(*asked).where(Contribution.answered_at.is_not(None))):
            of_case[case_id].append((unit, local_date(at)))
        for given in (*of_task.values(), *of_case.values()):
            for (before, first), (after, then) in permutations(given, 2):
                day = since.get((before, after))
                assert day is None or then < day or then < first, (before, after, then)

    def hold_owed(self) -> None:
        """Whoever owes something is there."""
        gone = sa.select(Unit.id).where(~Unit.is_active)
        in_force = sa.select(Plan.id).where(Plan.state != PlanState.CLOSED)
        running = TaskOccurrence.ended_at.is_(None)
        owing: list[sa.Select[Any]] = [
            sa.select(TaskOccurrence.id).where(running, TaskOccurrence.lead_unit_id.in_(gone)),
            sa.select(TaskOccurrence.id).where(running, TaskOccurrence.second_lead_unit_id.in_(gone)),
            sa.select(Contribution.id).where(
                Contribution.unit_id.in_(gone), Contribution.answered_at.is_(None), Contribution.outcome.is_(None),
                Contribution.occurrence_id.in_(sa.select(TaskOccurrence.id).where(running)),
            ),
            sa.select(PlanTask.id).join(PlanTaskUnit).where(
                PlanTask.plan_id.in_(in_force), PlanTask.is_recurring, PlanTask.state == PlanTaskState.ISSUED,
                PlanTaskUnit.unit_id.in_(gone), sa.func.coalesce(PlanTask.until_year, 9999) >= self.today().year,
            ),
            sa.select(Indicator.id).join(IndicatorOwner).where(
                Indicator.plan_id.in_(in_force), Indicator.retired_at.is_(None), IndicatorOwner.unit_id.in_(gone)
            ),
            sa.select(CycleEntry.id).where(CycleEntry.unit_id.in_(gone), CycleEntry.state.in_(OPEN_ENTRIES)),
            sa.select(Plan.id).where(Plan.state != PlanState.CLOSED, Plan.focal_unit_id.in_(gone)),
            sa.select(Committee.tenant_id).where(Committee.focal_unit_id.in_(gone)),
            sa.select(Committee.tenant_id).where(Committee.office_unit_id.in_(gone)),
        ]  # fmt: skip
        for query in owing:
            assert self.ward.rows(query) == [], str(query)

    def hold_begun(self) -> None:
        """Each task of the plan in force has a case under each lead, whatever that was called when it began."""
        columns: Any = PlanTask.id, PlanTaskUnit.unit_id, PlanTask.is_recurring, PlanTask.until_year
        tasks: sa.Select[Any] = sa.select(*columns).join(PlanTaskUnit).join(Plan, Plan.id == PlanTask.plan_id)
        issued = Plan.state == PlanState.ISSUED, PlanTask.state == PlanTaskState.ISSUED
        rows = self.ward.rows(tasks.where(*issued, PlanTaskUnit.part == UnitPart.LEAD))
        leads, had = {(task, unit) for task, unit, _, _ in rows}, defaultdict(set)
        for case in self.cases():
            if case.state is not OccurrenceState.CANCELLED:
                for unit in (case.lead_unit_id, case.first_lead_unit_id):
                    had[case.plan_task_id, unit].add(case.year)
        for task, unit, is_recurring, until in rows:
            before = {one for one, after in self.successions() if after == unit and (task, one) not in leads}
            years = set[int]().union(*(had[task, one] for one in (unit, *before)))
            assert years and (not is_recurring or max(years) >= min(self.today().year, until or self.today().year))

    def hold_told(self, cycle: ReportingCycle) -> None:
        """What each unit reported stands in the report, under the name of the unit or of who has its place."""
        taken = CycleEntry.cycle_id == cycle.id, CycleEntry.state == EntryState.TAKEN
        rows = sa.select(Unit.name, Submission.data).join(CycleEntry, CycleEntry.unit_id == Unit.id)
        sent = self.ward.rows(rows.join(Submission, Submission.id == CycleEntry.submission_id).where(*taken))
        newest = sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == cycle.id)
        with self.ward.app.app_context(), self.ward.runtime.reading() as connection, Session(connection) as read:
            report = read.scalars(newest.order_by(ConsolidatedReport.version.desc())).first()
            assert report is not None
            data = consolidated_data(read, report, self.today())
        told = {(said.unit, said.text) for group in data.groups for task in group.tasks for said in task.statements}
        for unit, answers in sent:
            assert any(name == unit and text in answers for name, text in told), (unit, answers)

    def hold_carried(self) -> None:
        """No cycle is left half-way two months after its day."""
        late = self.today() - timedelta(days=60)
        assert not [
            one.name for one in self.cycles() if one.state not in OVER and one.submit_by and one.submit_by < late
        ]


@pytest.mark.parametrize("seed", range(WALKS))
def test_nothing_is_lost_in_two_years_in_which_units_change(ward: Ward, seed: int) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    years = ChangingYears(ward, ward.now().year + 1, seed=seed)
    years.move_to(date(years.year, 1, 5))
    years.issue_next(years.rows)
    replaced = {(0, 4), (0, 9), (1, 2), (1, 6), (1, 10)}
    happens = [years.rename] * 3 + [years.merge] * 3 + [years.part] * 2 + [years.go_away] * 8 + [years.measure] * 4
    days = dict(zip(years.chance.sample(range(48), len(happens)), happens, strict=True))
    for fortnight in range(48):
        month = fortnight // 2
        year, number = years.year + month // 12, month % 12 + 1
        years.move_to(date(year, number, 22 if fortnight % 2 else 8))
        years.people_come()
        years.work(0.7 if number in (6, 11, 12) else 0.35)
        years.contribute()
        years.carry_on()
        if fortnight % 2 and (month // 12, number) in replaced:
            years.issue_next(years.revised())
        if fortnight in days:
            days[fortnight]()
        years.hold()
        if number % 3 == 0:
            years.left.clear()
    assert len(years.plans) >= 3 and len(years.cycles()) >= 4
