"""Issuing a plan: every task becomes a case under each of its lead units."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from engine.calendar import Calendar, local_date
from engine.command import Command, handles
from engine.errors import Kind, NotFound, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.organisation.models import Committee, UnitKind
from webapp.organisation.successions import in_its_place
from webapp.permissions import Permission
from webapp.plans.facts import PlanIssued
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
from webapp.plans.places import place_of
from webapp.plans.reading.timing import read_timing
from webapp.plans.timing import earlier_of

LIFECYCLE = "task_lifecycle"
CONTRIBUTION = "contribution"
DIFFICULTY = "difficulty"
LONGEST_TITLE = 200


class PlanNotReady(Rejected):
    kind = Kind.CONFLICT


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePlan(Command):
    """Give all tasks of a confirmed plan to their lead units at once."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID


@handles(IssuePlan)
def issue_plan(command: IssuePlan, tx: Transaction) -> int:
    """Write the cases' rows and leave one start job for each; return how many. Raises NotFound, PlanNotReady."""
    plan = find_plan(tx, command.plan_id)
    if plan.state is not PlanState.CONFIRMED:
        raise PlanNotReady("Kế hoạch chưa được xác nhận hoặc đã giao việc rồi.")
    tasks = [task for group in plan.groups for task in group.tasks if task.state is PlanTaskState.DRAFT]
    require_leads(tasks)
    year = first_year(plan, local_date(tx.now))
    count = sum(_issue_task(tx, plan, task, year) for task in tasks)
    plan.state, plan.issued_at = PlanState.ISSUED, tx.now
    tx.record(PlanIssued(plan.id, year, count))
    return count


def find_plan(tx: Transaction, plan_id: UUID) -> Plan:
    """A plan of the tenant. Raises NotFound."""
    plan = tx.session.get(Plan, plan_id)
    if plan is None or plan.tenant_id != tx.tenant_id:
        raise NotFound
    return plan


def require_leads(tasks: Iterable[PlanTask]) -> None:
    """Raises PlanNotReady."""
    without = [place_of(task) for task in tasks if not leads_of(task)]
    if without:
        raise PlanNotReady(f"Chưa chọn đơn vị chủ trì cho nhiệm vụ {', '.join(without)}. Hãy bổ sung rồi giao việc.")


def leads_of(task: PlanTask) -> list[PlanTaskUnit]:
    """The units each of which gets a case of its own."""
    return [unit for unit in task.units if unit.part is UnitPart.LEAD]


def _issue_task(tx: Transaction, plan: Plan, task: PlanTask, year: int) -> int:
    task.state = PlanTaskState.ISSUED
    for lead in leads_of(task):
        start_occurrence(tx, plan, task, year, lead.unit_id)
    return len(leads_of(task))


def start_occurrence(
    tx: Transaction, plan: Plan, task: PlanTask, year: int, lead_unit_id: UUID, previous: TaskOccurrence | None = None
) -> TaskOccurrence:
    """Write the row of one case and leave the job that starts it; `previous` is the same case of an earlier year."""
    report_by = in_year(plan.report_by, year, tx.calendar)
    waits = bool(task.blocked_until) and (previous is None or previous.state is OccurrenceState.AWAITING_CONDITION)
    second = second_lead_of(task)
    occurrence = TaskOccurrence(
        id=uuid7(), tenant_id=tx.tenant_id, plan_id=plan.id, plan_task_id=task.id, year=year,
        lead_unit_id=lead_unit_id, second_lead_unit_id=second,
        due_on=earlier_of(in_year(task.due_on, year, tx.calendar), report_by, read_timing(task.timing_text)),
        is_due_with_report=task.due_on is None,
        state=OccurrenceState.AWAITING_CONDITION if waits else OccurrenceState.NOT_ACCEPTED,
    )  # fmt: skip
    tx.session.add(occurrence)
    tx.session.flush()
    parties = parties_of(tx, plan, lead_unit_id, second)
    start_instance_later(
        tx, LIFECYCLE, occurrence.id, f"case:{task.id}:{year}:{lead_unit_id}", title=task.content,
        message="task.issued", parties=parties,
        dates={"deadline": occurrence.due_on, "report_by": report_by or occurrence.due_on},
        data={"case": case_data(parties, task, occurrence, previous) | {"blocked": waits}},
    )  # fmt: skip
    return occurrence


def second_lead_of(task: PlanTask) -> UUID | None:
    """The unit that confirms what the lead reports."""
    return next((unit.unit_id for unit in task.units if unit.part is UnitPart.SECOND_LEAD), None)


LAST_MONTH_FOR_THE_YEAR_BEFORE = 3
"""Until then a day by which a year is reported belongs to the year before."""
FIRST_MONTH_FOR_THE_NEXT_YEAR = 10
"""From then on a plan may be issued for the year that comes."""


def year_of(day: date, since: int) -> int:
    """The year on which a plan of the year `since` is reported by that day."""
    return max(since, day.year - (day.month <= LAST_MONTH_FOR_THE_YEAR_BEFORE))


def first_year(plan: Plan, today: date) -> int:
    """The year of the plan's first cases: that of its issue.

    One that is issued late in a year begins with the next where its first report is about that one, or its title names
    that one only.
    """
    issued = plan.issued_on or today
    if issued.month < FIRST_MONTH_FOR_THE_NEXT_YEAR:
        return issued.year
    if plan.report_by is not None:
        return min(year_of(plan.report_by, issued.year), issued.year + 1)
    named = set(map(int, _YEAR.findall(plan.title)))
    return issued.year + (issued.year + 1 in named and issued.year not in named)


_YEAR = re.compile(r"\b20\d\d\b")


def earliest_day(plan: Plan, today: date) -> date:
    """From when on a time of the plan that names no year can be: today, or the New Year that the plan begins with."""
    return max(today, date(first_year(plan, today), 1, 1))


def in_year(day: date | None, year: int, calendar: Calendar) -> date | None:
    """A last day in time as it falls in a later year: the same date, or the working day before it."""
    if day is None or day.year >= year:
        return day
    leap_day = (day.month, day.day) == (2, 29)
    return calendar.on_or_before(day.replace(year=year, day=28) if leap_day else day.replace(year=year))


def days_in_year(day: date | None, year: int, calendar: Calendar) -> frozenset[date | None]:
    """The same as it falls now, and as it fell for what was begun before the year's working days were changed."""
    return frozenset(in_year(day, year, one) for one in (calendar, Calendar()))


def case_data(
    parties: Mapping[str, str], task: PlanTask, occurrence: TaskOccurrence, previous: TaskOccurrence | None
) -> dict[str, Any]:
    """The instance's data at its start, as the diagram's conditions name it."""
    return {
        "conditional": task.is_conditional,
        "self_report": parties["lead"] == parties["focal"],
        "second_lead": occurrence.second_lead_unit_id is not None,
        "last_officer": str(previous.officer_id) if previous is not None and previous.officer_id else None,
        "carry_over": previous is not None and previous.officer_id is not None,
        "entered_for": occurrence.lead_unit.kind is UnitKind.OUTSIDE,
    }


def parties_of(tx: Transaction, plan: Plan, lead_unit_id: UUID, second: UUID | None = None) -> dict[str, str]:
    """Which unit is which party of a case; the office supervises where the lead is the focal unit itself."""
    committee = tx.session.get(Committee, tx.tenant_id)
    if committee is None or committee.committee_unit_id is None or committee.office_unit_id is None:
        raise PlanNotReady("Chưa chọn đơn vị lãnh đạo và văn phòng trong mục Thiết lập phường.")
    focal = plan.focal_unit_id or committee.focal_unit_id
    if focal is not None and plan.state is PlanState.CLOSED:  # What comes back from the city still goes through it.
        focal = in_its_place(tx.session, focal)
    supervisor = committee.office_unit_id if lead_unit_id == focal else focal
    parties = {
        "lead": lead_unit_id, "second_lead": second, "focal": focal, "committee": committee.committee_unit_id,
        "supervisor": supervisor,
    }  # fmt: skip
    return {party: str(unit) for party, unit in parties.items() if unit is not None}


def start_instance_later(
    tx: Transaction, key: str, instance_id: UUID, business_key: str, *, title: str, message: str | None,
    parties: dict[str, str], dates: dict[str, date | None], data: dict[str, Any], start_event: str | None = None,
) -> None:  # fmt: skip
    """Leave the start of an instance as a job: one command, one instance."""
    tx.enqueue(
        "engine.start",
        f"start:{instance_id}",
        {
            "key": key, "instance_id": instance_id, "business_key": business_key, "message": message,
            "start_event": start_event,
            "title": title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…",
            "parties": parties, "data": data,
            "dates": {name: day.isoformat() for name, day in dates.items() if day is not None},
        },
    )  # fmt: skip
