"""Kế hoạch: the list, and the page of one plan."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.cases.access import seen_among
from webapp.database import db
from webapp.identity import CurrentPerson, signed_in_person
from webapp.incoming import number_asked
from webapp.organisation.fields import searched_for
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.models import PLAN_STATE_NAMES, OccurrenceState, PlanState
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.queries.plans import (
    Buckets,
    PlanFacts,
    count_buckets,
    count_started,
    cycles_of_plan,
    find_plan_facts,
    list_plans,
    states_with_plans,
)
from webapp.plans.queries.tasks import TaskFilter, page_of_tasks
from webapp.plans.views.tabs import plan_tabs
from webapp.runtime import now
from webapp.security import requires

OVERDUE = "overdue"
OCCURRENCE_NAMES = {
    OccurrenceState.NOT_ACCEPTED: "Chưa nhận",
    OccurrenceState.IN_PROGRESS: "Đang thực hiện",
    OccurrenceState.AWAITING_CONDITION: "Chờ điều kiện",
    OccurrenceState.AWAITING_CHECK: "Chờ kiểm tra",
    OccurrenceState.NEEDS_REWORK: "Cần bổ sung",
    OccurrenceState.AWAITING_CONSOLIDATION: "Chờ tổng hợp",
    OccurrenceState.AWAITING_SIGNATURE: "Chờ ký",
    OccurrenceState.SIGNED: "Đã ký",
    OccurrenceState.SENT_TO_CITY: "Đã gửi thành phố",
    OccurrenceState.DONE: "Đã hoàn thành",
    OccurrenceState.NOTHING_AROSE: "Không phát sinh",
    OccurrenceState.CARRIED_OVER: "Chuyển năm sau",
    OccurrenceState.CANCELLED: "Đã hủy",
}


@bp.get("/ke-hoach")
@requires(Permission.SEE_CASES)
def index() -> ResponseReturnValue:
    """Plans of the ward by state."""
    read, person = db.session(), signed_in_person()
    counts = states_with_plans(read, person.tenant_id)
    state = asked_state() or next((state for state in PLAN_STATE_NAMES if counts[state]), PlanState.ISSUED)
    after, words = request.args.get("sau", type=UUID), searched_for()
    page = list_plans(read, person.tenant_id, state, local_date(now()), after, words)
    return render_template(
        "plans/index.html",
        page=page, state=state, counts=counts, is_first=after is None, words=words,
        tabs=[
            (name, _address("plans.index", {"trang-thai": other, "q": words or None}), other is state, counts[other])
            for other, name in PLAN_STATE_NAMES.items()
        ],
        may_manage=person.may(Permission.MANAGE_PLANS),
    )  # fmt: skip


def asked_state() -> PlanState | None:
    """The state that the address asks for."""
    asked = request.args.get("trang-thai", "")
    return PlanState(asked) if asked in set(PlanState) else None


@bp.get("/ke-hoach/<uuid:plan_id>")
@requires(Permission.SEE_CASES)
def show(plan_id: UUID) -> ResponseReturnValue:
    """One plan: what it is, how it stands, every task with its stages."""
    read, person = db.session(), signed_in_person()
    plan = find_plan(person, plan_id)
    today = local_date(now())
    wanted = task_filter(plan)
    counted = count_buckets(read, [plan.id], today, wanted.year).get(plan.id)
    page = page_of_tasks(read, plan.id, plan.focal_unit_id, wanted, today)
    cases = [shown.line.id for group in page.groups for task in group.tasks for shown in task.cases]
    return render_template(
        "plans/show.html",
        plan=plan, wanted=wanted, state_names=PLAN_STATE_NAMES, tabs=plan_tabs(plan, "plans.show"),
        buckets=counted[1] if counted else Buckets(), starting=count_started(read, plan.id),
        page=page, seen=seen_among(read, person, cases), cycles=cycles_of_plan(read, person.tenant_id, plan.id),
        unit_options=[(unit.id, unit.name) for unit in unit_choices(read, person.tenant_id)],
        state_options=[(OVERDUE, "Quá hạn"), *((state, words) for state, words in OCCURRENCE_NAMES.items())],
        **_links(person, plan), **_paging(plan, wanted, page.after),
    )  # fmt: skip


@bp.get("/ke-hoach/<uuid:plan_id>/tien-do")
@requires(Permission.SEE_CASES)
def starting(plan_id: UUID) -> ResponseReturnValue:
    """How many cases have started: the part of the page that brings itself up to date."""
    plan = find_plan(signed_in_person(), plan_id)
    return render_template("plans/_starting.html", plan=plan, starting=count_started(db.session(), plan.id))


def find_plan(person: CurrentPerson, plan_id: UUID) -> PlanFacts:
    """The plan of the address. Raises NotFound."""
    plan = find_plan_facts(db.session(), person.tenant_id, plan_id, local_date(now()))
    if plan is None:
        raise NotFound
    return plan


def task_filter(plan: PlanFacts) -> TaskFilter:
    """What the address asks for."""
    asked = request.args.get("trang-thai", "")
    year = number_asked("nam")
    if year is not None and year not in plan.years:
        abort(404)
    return TaskFilter(
        year=year or next(iter(plan.years), None), unit_id=request.args.get("don-vi", type=UUID),
        state=OccurrenceState(asked) if asked in set(OccurrenceState) else None, overdue=asked == OVERDUE,
        search=request.args.get("q", "").replace("\0", "")[:100], after=number_asked("sau"),
    )  # fmt: skip


def _links(person: CurrentPerson, plan: PlanFacts) -> dict[str, Any]:
    """Where the page leads on to, as far as the person may go there."""
    cycles = person.may(Permission.RUN_CYCLES) and plan.state is PlanState.ISSUED
    return {
        "may_manage": person.may(Permission.MANAGE_PLANS),
        "sees_cycles": person.may(Permission.SEE_ALL_CASES) and _has("cycles.show"),
        "cycle_url": url_for("cycles.new", ke_hoach=plan.id) if cycles and _has("cycles.new") else None,
    }


def _has(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _paging(plan: PlanFacts, wanted: TaskFilter, after: int | None) -> dict[str, Any]:
    """The addresses of the next page and the first, the filter kept."""
    kept: dict[str, Any] = {
        name: value for name in ("nam", "don-vi", "trang-thai", "q") if (value := request.args.get(name))
    }
    kept["plan_id"] = plan.id
    return {
        "next_url": _address("plans.show", {**kept, "sau": after}) if after is not None else None,
        "first_url": _address("plans.show", kept) if wanted.after is not None else None,
        "sheet_url": _address("plans.tasks_sheet", kept),
        "filtered": bool(kept.keys() - {"nam", "plan_id"}),
    }


def _address(endpoint: str, values: Mapping[str, Any]) -> str:
    """Names with a hyphen are no Python names."""
    return url_for(endpoint, **values)
