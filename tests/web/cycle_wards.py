"""The demo ward with an issued plan and a reporting cycle, driven through the Runtime to where a test begins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import Actor, Command
from engine.commands.messages import SubmitMessage
from engine.commands.user_tasks import CompleteUserTask
from engine.ids import uuid7
from engine.models import Job, JobState, UserTask, UserTaskState
from engine.scheduler import settle
from tests.web.remembering import remembered
from tests.web.wards import Visitor, Ward
from webapp.cycles.commands import DecideStatement
from webapp.cycles.models import ConsolidatedReport, CycleEntry, CycleKind, PlannedCycle, ReportingCycle, Statement
from webapp.cycles.opening import StartCycle
from webapp.identity import find_person
from webapp.plans.issuing import IssuePlan
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskUnit, TaskGroup, TaskOccurrence, UnitPart
from webapp.procedures.bundles import deploy_shipped

FOCAL, FOCAL_HEAD = "vhxh.tonghop", "vhxh.truong"
DONE = {"outcome": "done", "result": "Đã hoàn thành toàn bộ nội dung được giao."}


@dataclass(frozen=True)
class Row:
    """A task of the plan that is issued: who leads it, and what else matters to a test."""

    lead: str  # key of the demo ward's units
    content: str = "Nhiệm vụ được giao"
    group: str = "I"
    conditional: bool = False
    coordinator: str | None = None
    second_lead: str | None = None
    awaits: str | None = None  # a document


@dataclass
class CycleWard:
    """An issued plan whose cases are accepted, and its cycle once opened."""

    ward: Ward
    plan_id: UUID
    report_by: date
    submit_by: date
    cycle_id: UUID = field(default=UUID(int=0))

    # --- who ---

    def actor(self, username: str, role: str | None = None) -> Actor:
        """A person at the first of their desks, or at the one with a role."""
        with self.ward.runtime.reading() as connection, Session(connection) as read:
            today = local_date(self.ward.now())
            person = find_person(read, self.ward.person(username), None, today)
            assert person is not None
            chosen = next((desk.membership_id for desk in person.held if desk.role == role), None)
            person = find_person(read, person.id, chosen, today)
            assert person is not None
            return person.actor()

    def signed_in(self, username: str) -> Visitor:
        return self.ward.signed_in(username)

    def execute(self, command: Command, username: str, role: str | None = None) -> Any:
        """Execute as a person, then let the jobs run."""
        result = self.ward.runtime.execute(command, actor=self.actor(username, role))
        self.settle()
        return result

    def settle(self) -> None:
        with self.ward.app.app_context():
            settle(self.ward.runtime)

    # --- what stands where ---

    def today(self) -> date:
        return local_date(self.ward.now())

    def year(self) -> int:
        """Of the plan's newest cases."""
        newest = sa.select(sa.func.max(TaskOccurrence.year)).where(TaskOccurrence.plan_id == self.plan_id)
        return self.rows(newest)[0][0]

    def rows(self, query: sa.Select[Any]) -> list[Any]:
        return self.ward.rows(query)

    def case(self, ordinal: str) -> UUID:
        """The case of a task by its number in the appendix."""
        query = sa.select(TaskOccurrence.id).join(PlanTask).where(PlanTask.ordinal == ordinal)
        newest = query.where(PlanTask.plan_id == self.plan_id).order_by(
            TaskOccurrence.year.desc(), TaskOccurrence.round.desc()
        )
        return self.rows(newest)[0][0]

    def step(self, element: str, instance_id: UUID) -> UUID:
        """An open step of a case or cycle."""
        query = sa.select(UserTask.id).where(
            UserTask.instance_id == instance_id, UserTask.element_id == element, UserTask.state == UserTaskState.OPEN
        )
        return self.rows(query)[0][0]

    def open_steps(self, instance_id: UUID) -> list[str]:
        query = sa.select(UserTask.element_id).where(
            UserTask.instance_id == instance_id, UserTask.state == UserTaskState.OPEN
        )
        return sorted(name for (name,) in self.rows(query))

    def entries(self) -> dict[str, str]:
        """The state of each row of the cycle by its number."""
        query = (
            sa.select(PlanTask.ordinal, CycleEntry.state)
            .join(CycleEntry, CycleEntry.plan_task_id == PlanTask.id)
            .where(CycleEntry.cycle_id == self.cycle_id)
        )
        return {ordinal: state.value for ordinal, state in self.rows(query)}

    def entry(self, ordinal: str) -> UUID:
        query = sa.select(CycleEntry.id).where(
            CycleEntry.cycle_id == self.cycle_id, CycleEntry.occurrence_id == self.case(ordinal)
        )
        return self.rows(query)[0][0]

    def cycle_state(self) -> str:
        return self.rows(sa.select(ReportingCycle.state).where(ReportingCycle.id == self.cycle_id))[0][0].value

    def report_id(self) -> UUID:
        query = sa.select(ConsolidatedReport.id).where(ConsolidatedReport.cycle_id == self.cycle_id)
        return self.rows(query.order_by(ConsolidatedReport.version.desc()))[0][0]

    def statements(self) -> list[Any]:
        """Id, state, text and reason, in the order of the appendix."""
        query = sa.select(Statement.id, Statement.state, Statement.text, Statement.reason)
        return self.rows(query.where(Statement.report_id == self.report_id()).order_by(Statement.position))

    def failed_jobs(self) -> list[str]:
        query = sa.select(Job.kind, Job.last_error).where(Job.state != JobState.DONE, Job.last_error.is_not(None))
        return [f"{kind}: {error}" for kind, error in self.rows(query)]

    # --- what people do ---

    def do(self, element: str, username: str, instance_id: UUID, role: str | None = None, **answers: Any) -> None:
        """Complete a step as a person."""
        step = self.step(element, instance_id)
        self.execute(CompleteUserTask(user_task_id=step, answers=answers), username, role)

    def send_message(self, element: str, username: str, instance_id: UUID, **answers: Any) -> None:
        self.execute(SubmitMessage(instance_id=instance_id, element_id=element, answers=answers), username)

    def open_cycle(self, name: str = "", signer: str = "chair", vice_chair: str | None = None) -> None:
        """Open a cycle by hand and ask the cases; `vice_chair`: who of them is chosen."""
        chosen = str(self.ward.person(vice_chair)) if vice_chair else None
        name = name or f"Năm {self.year()}"
        self.cycle_id = self.execute(StartCycle(plan_id=self.plan_id, name=name, year=self.year()), FOCAL)
        self.do(
            "open_cycle", FOCAL, self.cycle_id, kind="year", last_of_year=True,
            report_by=self.report_by.isoformat(), submit_by=self.submit_by.isoformat(), source="Công văn số 15/SKHCN",
            recipient="Sở Khoa học và Công nghệ", signer=signer, vice_chair=chosen,
        )  # fmt: skip

    def report(self, ordinal: str, officer: str, **answers: Any) -> None:
        """Execute a case."""
        given = {**DONE, "completed_on": self.today().isoformat(), **answers}
        self.do("execute", officer, self.case(ordinal), **given)

    def send(self, ordinal: str, unit: str, **answers: Any) -> None:
        """Execute a case, and send it as the unit's head."""
        self.report(ordinal, f"{unit}.cv1", **answers)
        self.do("unit_review", f"{unit}.truong", self.case(ordinal), decision="approve")

    def take(self, *ordinals: str) -> None:
        """The focal unit checks."""
        for ordinal in ordinals:
            self.do("check", FOCAL, self.case(ordinal), decision="approve")

    def consolidate(self, text: str | None = "Đã xong.", summary: str = "Đạt") -> None:
        """Use each unit's statement, in these words or in its own, and send the report up."""
        for statement in self.statements():
            words = text or statement.text
            self.execute(DecideStatement(statement_id=statement.id, use=True, text=words), FOCAL)
        self.do("consolidate", FOCAL, self.cycle_id, summary=summary)

    def approve(self) -> None:
        """Everybody agrees to the report, the chair last."""
        self.do("countersign_content", FOCAL_HEAD, self.cycle_id, decision="approve")
        self.do("countersign_form", "vanphong", self.cycle_id, role="office", decision="approve")
        self.do("vice_opinion", "pct.vhxh", self.cycle_id, decision="approve")
        self.do("sign_chair", "chutich", self.cycle_id, decision="approve")

    def cut_off(self, **reasons: str) -> None:
        """Close with what is there; reasons by unit."""
        self.send_message("cutoff_requested", FOCAL, self.cycle_id, reason="Đến hạn tổng hợp")
        missing = [{"unit": str(self.ward.unit(unit)), "reason": reason} for unit, reason in reasons.items()]
        self.do("confirm_cutoff", FOCAL, self.cycle_id, missing=missing, confirmed=True)


def issue_anew(ward: Ward, rows: Sequence[Row], *, accepted: bool = True) -> CycleWard:
    """A plan of these rows, issued, each case accepted with its unit's first officer in charge."""
    deploy_shipped(ward.runtime, ward.demo.tenant_id)
    today = local_date(ward.now())
    made = CycleWard(ward, uuid7(), today + timedelta(days=20), today + timedelta(days=30))
    with ward.runtime.writing() as connection, Session(connection) as session:
        _write_plan(session, made, rows)
        session.flush()
    made.execute(IssuePlan(plan_id=made.plan_id), FOCAL)
    if accepted:
        accept_all(made, rows)
    assert made.failed_jobs() == []
    return made


issue = remembered(issue_anew)


def _write_plan(session: Session, made: CycleWard, rows: Iterable[Row]) -> None:
    ward, today = made.ward, local_date(made.ward.now())
    tenant = ward.demo.tenant_id
    plan = Plan(
        id=made.plan_id, tenant_id=tenant, state=PlanState.CONFIRMED, number="45/KH-UBND",
        issued_on=date(today.year, 1, 15), issuer="UBND phường Hải Đông", focal_unit_id=ward.unit("vhxh"),
        title=f"Kế hoạch phát triển khoa học, công nghệ và chuyển đổi số năm {today.year}",
        report_by=made.report_by, report_by_source="Kế hoạch số 45/KH-UBND", submit_by=made.submit_by,
        submit_by_source="Công văn số 15/SKHCN", created_at=ward.now(),
    )  # fmt: skip
    session.add(plan)
    session.flush()
    session.add(PlannedCycle(id=uuid7(), tenant_id=tenant, plan_id=plan.id, kind=CycleKind.YEAR))
    groups: dict[str, TaskGroup] = {}
    for position, row in enumerate(rows):
        if row.group not in groups:
            groups[row.group] = TaskGroup(
                id=uuid7(), plan_id=plan.id, numeral=row.group, title=f"Nhóm nhiệm vụ {row.group}", position=len(groups)
            )
            session.add(groups[row.group])
            session.flush()
        task = PlanTask(
            id=uuid7(), tenant_id=tenant, plan_id=plan.id, group_id=groups[row.group].id, position=position,
            ordinal=str(position + 1), content=row.content, is_conditional=row.conditional,
            blocked_until=row.awaits,
        )  # fmt: skip
        session.add(task)
        session.flush()
        session.add(PlanTaskUnit(plan_task_id=task.id, unit_id=ward.unit(row.lead), part=UnitPart.LEAD))
        for unit, part in ((row.coordinator, UnitPart.COORDINATOR), (row.second_lead, UnitPart.SECOND_LEAD)):
            if unit:
                session.add(PlanTaskUnit(plan_task_id=task.id, unit_id=ward.unit(unit), part=part))


def accept_all(made: CycleWard, rows: Sequence[Row]) -> None:
    """Every head gives the case to the unit's first officer."""
    for position, row in enumerate(rows):
        officer = made.ward.person("th.vanthu" if row.lead == "th" else f"{row.lead}.cv1")
        case = made.case(str(position + 1))
        made.do("accept", f"{row.lead}.truong", case, decision="accept", officer=str(officer))


TWO_ROWS = (Row("khdt", "Xây dựng kho dữ liệu dùng chung"), Row("yte", "Hồ sơ sức khỏe điện tử"))


@remembered
def closed_without_one(ward: Ward) -> CycleWard:
    """A cycle of two rows, closed with one report; the other unit's is missing."""
    made = issue(ward, TWO_ROWS)
    made.open_cycle()
    made.send("1", "khdt")
    made.take("1")
    made.cut_off(yte="Trạm đang kiểm tra số liệu")
    return made
