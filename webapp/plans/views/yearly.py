"""Lịch năm của kế hoạch: who does what when, on one sheet of A3."""

from dataclasses import replace
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from engine.calendar import local_date
from webapp.cases.access import seen_among
from webapp.cycles.models import ReportingCycle
from webapp.cycles.schedules import DueCycle, cycles_of, months_standing_for, standing_for_others
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.incoming import number_asked
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.queries.plans import PlanFacts
from webapp.plans.queries.tasks import GroupLines, TaskFilter, page_of_tasks
from webapp.plans.queries.yearly import YearGroup, year_of
from webapp.plans.views.plans import find_plan
from webapp.plans.views.tabs import plan_tabs
from webapp.runtime import now, runtime
from webapp.security import requires


@bp.get("/ke-hoach/<uuid:plan_id>/lich")
@requires(Permission.SEE_CASES)
def year(plan_id: UUID) -> ResponseReturnValue:
    """The twelve months of one year."""
    plan, today = find_plan(signed_in_person(), plan_id), local_date(now())
    chosen, groups = year_asked_of(plan)
    cases = [row.case_id for group in groups for row in group.rows if row.case_id]
    return render_template(
        "plans/year.html",
        plan=plan, year=chosen, tabs=plan_tabs(plan, "plans.year"), groups=groups,
        seen=seen_among(db.session(), signed_in_person(), cases),
        this_month=today.month if today.year == chosen else 0, reports=_reports_on(plan, chosen),
    )  # fmt: skip


def _reports_on(plan: PlanFacts, year: int) -> list[DueCycle]:
    """The reports of a year whose last day a document names, in the order of those days; opened ones have their own."""
    connection = db.session().connection()
    due = cycles_of(connection, plan.id, (year,), runtime().calendar(signed_in_person().tenant_id, connection))
    longest = standing_for_others(due)
    dated = (one for one in due if one.has_day and one.period.year == year and not months_standing_for(one, longest))
    opened = select(ReportingCycle.name, ReportingCycle.report_by).where(
        ReportingCycle.plan_id == plan.id, ReportingCycle.report_by.is_not(None)
    )
    own = {name: day for name, day in connection.execute(opened) if day is not None}
    asked = (replace(one, last_day=own.get(one.period.name, one.last_day)) for one in dated)
    return sorted(asked, key=lambda one: one.last_day)


def year_asked_of(plan: PlanFacts) -> tuple[int, tuple[YearGroup, ...]]:
    """The year of the address, else the newest one of the plan's cases, with all that is done in it."""
    asked, today = number_asked("nam"), local_date(now())
    chosen = asked if asked in plan.years else next(iter(plan.years), today.year)
    assert chosen is not None
    return chosen, year_of(all_tasks(plan, TaskFilter(year=chosen)), chosen, plan.issued_on, today)


def all_tasks(plan: PlanFacts, wanted: TaskFilter) -> tuple[GroupLines, ...]:
    """Every task that the filter leaves, page after page."""
    today, groups = local_date(now()), list[GroupLines]()
    while True:
        page = page_of_tasks(db.session(), plan.id, plan.focal_unit_id, wanted, today)
        for group in page.groups:
            if groups and (groups[-1].numeral, groups[-1].title) == (group.numeral, group.title):
                groups[-1] = GroupLines(group.numeral, group.title, (*groups[-1].tasks, *group.tasks))
            else:
                groups.append(group)
        if page.after is None:
            return tuple(groups)
        wanted = TaskFilter(
            wanted.year, wanted.unit_id, wanted.state, wanted.overdue, wanted.search, page.after
        )  # fmt: skip
