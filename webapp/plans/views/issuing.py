"""Giao việc: what will happen, then it happens to all tasks at once."""

from http import HTTPStatus
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.cycles.planning import KIND_NAMES
from webapp.cycles.proposing import left_out
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.plans.blueprint import bp
from webapp.plans.closing import StillReported, cycles_before_replacing, open_cycles
from webapp.plans.issuing import IssuePlan
from webapp.plans.models import PlanState
from webapp.plans.queries.issuing import preview_issue
from webapp.plans.queries.plans import PlanFacts
from webapp.plans.replacing import IssueReplacement
from webapp.plans.succession import passed_on
from webapp.plans.views.plans import find_plan
from webapp.runtime import now
from webapp.security import runs


@bp.get("/ke-hoach/<uuid:plan_id>/giao-viec")
@runs(IssuePlan)
def issue(plan_id: UUID) -> ResponseReturnValue:
    """Who will get what."""
    plan = find_plan(signed_in_person(), plan_id)
    if plan.state is PlanState.DRAFT:
        return redirect(url_for("plans.confirm", plan_id=plan_id))
    if plan.state is not PlanState.CONFIRMED:
        return redirect(url_for("plans.show", plan_id=plan_id))
    return _page(plan)


def _page(plan: PlanFacts, *, refused: bool = False) -> str:
    read, tenant_id = db.session(), signed_in_person().tenant_id
    preview = preview_issue(read, tenant_id, plan.id, plan.replaces_id, plan.report_by, local_date(now()))
    first = cycles_before_replacing(read, plan.replaces_id) if plan.replaces_id else []
    going_on = [one for one in open_cycles(read, plan.replaces_id) if one not in first] if plan.replaces_id else []
    return render_template(
        "plans/issue.html", plan=plan, preview=preview, refused=refused, cycles_first=first, going_on=going_on,
        passed_on=passed_on(preview.cases, preview.carried, preview.done, preview.ended),
        left_out=[KIND_NAMES[each.kind].lower() for each in left_out(plan.id)],
    )  # fmt: skip


@bp.post("/ke-hoach/<uuid:plan_id>/giao-viec")
@runs(IssuePlan, IssueReplacement)
def issue_plan(plan_id: UUID) -> ResponseReturnValue:
    """Give all tasks out; their cases start one after another."""
    replaces = find_plan(signed_in_person(), plan_id).replaces_id is not None
    try:
        said = _replaced(plan_id) if replaces else f"Đã giao {execute(IssuePlan(plan_id=plan_id))} việc."
    except StillReported:
        return _page(find_plan(signed_in_person(), plan_id), refused=True), HTTPStatus.CONFLICT
    flash(f"{said} Các đơn vị nhận được việc trong ít phút.", "success")
    return redirect(url_for("plans.show", plan_id=plan_id))


def _replaced(plan_id: UUID) -> str:
    over = execute(IssueReplacement(plan_id=plan_id))
    return f"Đã {passed_on(over.begun, over.carried, over.done, over.ended)}."
