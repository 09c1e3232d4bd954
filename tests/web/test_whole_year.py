"""A ward's year in one run: 30 plans of 30 tasks are imported, issued, worked on, opened and consolidated."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import LOCAL, local_date
from engine.commands.messages import SubmitMessage
from engine.commands.user_tasks import CompleteUserTask
from engine.models import Incident, UserTask, UserTaskState
from engine.scheduler import settle
from tests.plans.makers import MAKERS
from tests.plans.varied import Varied, as_text, make
from tests.web.cycle_wards import FOCAL, CycleWard
from tests.web.plan_wards import PDF
from tests.web.wards import Ward, text_of
from webapp.calendar_work import do_calendar_work
from webapp.cycles.models import ConsolidatedReport, CycleEntry, CycleState, EntryState, ReportingCycle
from webapp.cycles.report_data import consolidated_data
from webapp.documents.attachments import store_bytes
from webapp.documents.commands import AddAttachment
from webapp.plans.buckets import bucket
from webapp.plans.changing import RecordAwaitedDocument
from webapp.plans.confirming import ConfirmPlan
from webapp.plans.importing import ImportPlan
from webapp.plans.issuing import IssuePlan
from webapp.plans.models import PlanTask, PlanTaskUnit, TaskOccurrence, UnitPart
from webapp.plans.reading import PlanReading, read_plan
from webapp.plans.revising import ResolveLeads
from webapp.procedures.bundles import deploy_shipped

pytestmark = pytest.mark.prove
PLANS, TASKS = 30, 30
GROUP, MEANT = "Các đơn vị thuộc phường", ("khdt", "yte")
AWAITED = "hướng dẫn của thành phố"


@dataclass
class Year:
    """The ward in the year after this, and what is done in it."""

    ward: Ward
    year: int
    plans: dict[UUID, Varied] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actor = cache(CycleWard(self.ward, UUID(int=0), date.min, date.min).actor)
        self.names = {unit: key for key, unit in self.ward.demo.units.items()}

    def move_to(self, day: date) -> None:
        """The morning of a day; what came due until then happens, and the calendar's work of that day is done."""
        morning = datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL).astimezone(UTC)
        self.ward.move_clock(morning)
        self.settle()
        with self.ward.app.app_context():
            do_calendar_work(self.ward.runtime, morning)
        self.settle()

    def settle(self) -> None:
        with self.ward.app.app_context():
            settle(self.ward.runtime)

    def do(self, command: Any, username: str = FOCAL) -> Any:
        return self.ward.runtime.execute(
            command, actor=self.actor(username, "head" if username == "vanphong" else None)
        )

    def today(self) -> date:
        return local_date(self.ward.now())

    def unit(self, key: str) -> UUID:
        return self.ward.unit(key)

    # --- plans ---

    def import_plan(self, seed: int) -> None:
        """One of three comes as text, the others as Word and Excel files; of the years it names this is the first."""
        plan = make(seed, TASKS)
        kind = ("txt", "docx", "xlsx")[seed % 3]
        text = as_text(plan, seed, paged=kind == "txt")
        text = text.replace("2026", str(self.year)).replace("2030", str(self.year + 4))
        content = text.encode() if kind == "txt" else MAKERS[kind](text)
        reading = read_plan(f"ke-hoach.{kind}", content)
        assert len(reading.tasks) == TASKS and reading.unread == (), seed
        self.plans[self.import_reading(reading, f"ke-hoach-{seed}.{kind}", content)] = plan

    def import_reading(self, reading: PlanReading, name: str, content: bytes) -> UUID:
        """A draft whose open groups are resolved."""
        plan_id: UUID = self.do(
            ImportPlan(reading=reading, file_name=name, file_id=self._file(name, content))
        )  # fmt: skip
        units = tuple(map(self.unit, MEANT))
        self.do(ResolveLeads(plan_id=plan_id, lead_text=GROUP, unit_ids=units))
        return plan_id

    def issue(self, plan_id: UUID, number: int) -> None:
        self.confirm(plan_id, number)
        self.do(IssuePlan(plan_id=plan_id))

    def confirm(self, plan_id: UUID, number: int) -> None:
        """With this year's days."""
        year = self.today().year
        self.do(
            ConfirmPlan(
                plan_id=plan_id, title=f"Kế hoạch thứ {number} của năm", number=f"{number}/KH-UBND",
                issued_on=self.today(), issuer="UBND phường Hải Đông", focal_unit_id=self.unit("vhxh"),
                report_by=date(year, 12, 3), report_by_source="Kế hoạch, phần Tổ chức thực hiện",
                submit_by=date(year, 12, 14), submit_by_source="Công văn số 15/SKHCN",
                signed_file_id=self._file("ban-ky.pdf", PDF, "application/pdf"), accepted=True,
            )
        )  # fmt: skip

    def _file(self, name: str, content: bytes, kind: str = "application/octet-stream") -> UUID:
        with self.ward.app.app_context():
            digest = store_bytes(self.ward.demo.tenant_id, content)
        found: UUID = self.do(AddAttachment(name=name, media_type=kind, size=len(content), sha256=digest))
        return found

    def documents_come(self) -> None:
        """What tasks of every second plan wait for."""
        waiting: sa.Select[Any] = sa.select(PlanTask.plan_id, PlanTask.blocked_until).distinct()
        for plan_id, awaited in self.ward.rows(waiting.where(PlanTask.blocked_until.is_not(None))):
            if list(self.plans).index(plan_id) % 2:
                document = RecordAwaitedDocument(
                    plan_id=plan_id, awaited=awaited, number="9/UBND", issued_on=self.today()
                )
                self.do(document)
        self.settle()

    # --- cases ---

    def cases(self) -> list[TaskOccurrence]:
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            return list(read.scalars(sa.select(TaskOccurrence).order_by(TaskOccurrence.id)))

    def expected_cases(self) -> int:
        """Every task once for each unit that leads it."""
        query: sa.Select[Any] = sa.select(sa.func.count()).where(PlanTaskUnit.part == UnitPart.LEAD)
        return int(self.ward.rows(query)[0][0])

    def report(self, chosen: Callable[[int], bool]) -> None:
        """Some of the cases go from acceptance to the focal unit's check; jobs run in between."""
        cases = self.cases()
        wanted = {case.id: case for number, case in enumerate(cases) if chosen(number)}
        while done := sum(self._step(row, wanted[row.instance_id]) for row in self._open(wanted)):
            self.settle()
            assert done

    def _open(self, wanted: dict[UUID, TaskOccurrence]) -> list[Any]:
        query: sa.Select[Any] = sa.select(UserTask.id, UserTask.element_id, UserTask.instance_id)
        open_steps = self.ward.rows(query.where(UserTask.state == UserTaskState.OPEN).order_by(UserTask.id))
        return [row for row in open_steps if row.instance_id in wanted]

    def _step(self, row: Any, case: TaskOccurrence) -> bool:
        unit = self.names[case.lead_unit_id]
        head, officer = "vanphong" if unit == "vp" else f"{unit}.truong", f"{unit}.cv1"
        done = {"outcome": "done", "result": f"Đã làm xong việc của {unit}.", "completed_on": self.today().isoformat()}
        steps = {
            "accept": (head, {"decision": "accept", "officer": str(self.ward.person(officer))}),
            "execute": (officer, done), "unit_review": (head, {"decision": "approve"}),
            "second_lead_confirm": ("vanphong", {"decision": "confirm"}),
            "check": (FOCAL, {"decision": "approve"}), "self_check": (FOCAL, {"decision": "approve"}),
        }  # fmt: skip
        who, answers = steps[row.element_id]
        self.do(CompleteUserTask(user_task_id=row.id, answers=answers), who)
        return True

    # --- cycles ---

    def cycles(self) -> list[ReportingCycle]:
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            return list(read.scalars(sa.select(ReportingCycle).order_by(ReportingCycle.id)))

    def complete(self, element: str, cycle_id: UUID, **answers: Any) -> None:
        query: sa.Select[Any] = sa.select(UserTask.id).where(
            UserTask.instance_id == cycle_id, UserTask.element_id == element, UserTask.state == UserTaskState.OPEN
        )
        ((step,),) = self.ward.rows(query)
        self.do(CompleteUserTask(user_task_id=step, answers=answers))
        self.settle()

    def open_cycle(self, cycle: ReportingCycle) -> None:
        assert cycle.report_by and cycle.submit_by
        self.complete(
            "open_cycle", cycle.id, kind=cycle.kind.value, last_of_year=True, signer="chair",
            report_by=cycle.report_by.isoformat(), submit_by=cycle.submit_by.isoformat(), vice_chair=None,
            source=cycle.report_by_source, recipient="Sở Khoa học và Công nghệ",
        )  # fmt: skip

    def cut_off(self, cycle: ReportingCycle) -> None:
        """Those that are not in by now are left out, each unit with a reason."""
        if cycle.state is not CycleState.COLLECTING:
            return
        message = SubmitMessage(
            instance_id=cycle.id, element_id="cutoff_requested", answers={"reason": "Đến hạn tổng hợp"}
        )
        self.do(message)
        self.settle()
        missing: sa.Select[Any] = sa.select(CycleEntry.unit_id).where(
            CycleEntry.cycle_id == cycle.id, CycleEntry.state != EntryState.TAKEN
        )
        units = {str(unit) for (unit,) in self.ward.rows(missing)}
        rows = [{"unit": unit, "reason": "Chưa có số liệu"} for unit in units]
        self.complete("confirm_cutoff", cycle.id, missing=rows, confirmed=True)

    def consolidate(self, cycle: ReportingCycle) -> Counter[str]:
        self.send_up(cycle)
        return self.counted(cycle)

    def send_up(self, cycle: ReportingCycle) -> None:
        """Everything that was said is used and goes up for signing."""
        visitor = self.ward.signed_in(FOCAL)
        assert visitor.post(f"/tong-hop/{cycle.id}/dung-tat-ca").status_code == 302
        self.complete("consolidate", cycle.id, summary="Đủ báo cáo của các đơn vị.")
        page = text_of(visitor.get(f"/ky-bao-cao/{cycle.id}"))
        assert "Đang trình ký" in page

    def counted(self, cycle: ReportingCycle) -> Counter[str]:
        """As its report counts the tasks."""
        with self.ward.app.app_context(), self.ward.runtime.reading() as connection, Session(connection) as read:
            report = read.scalars(sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == cycle.id)).one()
            data = consolidated_data(read, report, self.today())
        return Counter(task.status.value for group in data.groups for task in group.tasks)


def test_a_year_of_30_plans_of_30_tasks(ward: Ward, record_property: Callable[[str, int], None]) -> None:
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    year = Year(ward, local_date(ward.now()).year + 1)
    year.move_to(date(year.year, 1, 5))
    for seed in range(PLANS):
        year.import_plan(seed)
    for number, plan_id in enumerate(year.plans, 1):
        year.issue(plan_id, number)
    year.settle()
    cases = len(year.cases())
    assert cases == year.expected_cases() >= PLANS * TASKS
    year.documents_come()

    year.report(lambda number: number % 2 == 0)
    year.move_to(date(year.year, 11, 10))  # 20 working days before 03/12 have begun.
    cycles = year.cycles()
    assert Counter(cycle.name for cycle in cycles) == {f"Năm {year.year}": PLANS}
    for cycle in cycles:
        year.open_cycle(cycle)
    year.move_to(date(year.year, 11, 12))
    year.report(lambda number: number % 10 != 9)

    asked = ward.rows(sa.select(CycleEntry.occurrence_id))
    assert len(asked) == cases
    year.move_to(date(year.year, 12, 4))
    for cycle in year.cycles():
        year.cut_off(cycle)
    told: Counter[str] = sum((year.consolidate(cycle) for cycle in year.cycles()), Counter())
    assert told == expected(year)
    assert {cycle.state for cycle in year.cycles()} == {CycleState.SIGNING}
    year.move_to(date(year.year, 12, 7))
    year.report(lambda number: number % 10 == 9)
    assert sum((year.counted(cycle) for cycle in year.cycles()), Counter()) == told, "What goes up stays as it is."
    assert ward.rows(sa.select(Incident.message)) == []
    record_property("cases of a year consolidated", cases)


def expected(year: Year) -> Counter[str]:
    """Counted anew, from the days alone."""
    found = Counter[str]()
    for case in year.cases():
        waits = case.state.value == "awaiting_condition"
        found["waiting" if waits else bucket(case.due_on, case.completed_on, year.today()).value] += 1
    return found
