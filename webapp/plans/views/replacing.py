"""So với kế hoạch được thay: what is new, gone and changed, before the new plan is issued and after."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.plans.blueprint import bp
from webapp.plans.pairing import PairTask
from webapp.plans.queries.comparing import compare_plans, replaceable_plans
from webapp.plans.replacing import ReplacePlan
from webapp.plans.views.plans import find_plan
from webapp.security import runs


@bp.get("/ke-hoach/<uuid:plan_id>/so-sanh")
@runs(ReplacePlan)
def comparison(plan_id: UUID) -> ResponseReturnValue:
    """Beside the plan that it replaces."""
    person = signed_in_person()
    plan = find_plan(person, plan_id)
    old = find_plan(person, plan.replaces_id) if plan.replaces_id else None
    return render_template(
        "plans/compare.html",
        plan=plan, old=old, found=compare_plans(db.session(), old.id, plan.id) if old else None,
        choices=replaceable_plans(db.session(), person.tenant_id, plan.id),
    )  # fmt: skip


@bp.post("/ke-hoach/<uuid:plan_id>/thay-the")
@runs(ReplacePlan)
def replace(plan_id: UUID) -> ResponseReturnValue:
    """Choose the plan whose place this one takes, or none. Raises NotFound, NotReplaceable."""
    execute(ReplacePlan(plan_id=plan_id, replaced_id=request.form.get("ke_hoach", type=UUID)))
    flash("Đã ghi kế hoạch được thay.", "success")
    return redirect(url_for("plans.comparison", plan_id=plan_id))


@bp.post("/ke-hoach/<uuid:plan_id>/so-sanh/<uuid:task_id>")
@runs(PairTask)
def pair(plan_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Say as which task of the old plan one goes on; without one it is new. Raises NotFound, NotReplaceable."""
    shown = redirect(url_for("plans.comparison", plan_id=plan_id, _anchor=f"nv-{task_id}"))
    continues_id = request.form.get("nhiem_vu_cu", type=UUID)
    if continues_id is None and "nhiem_vu_cu" in request.form:
        flash("Chưa nối: hãy chọn nhiệm vụ của kế hoạch cũ.", "warning")
        return shown
    execute(PairTask(plan_id=plan_id, plan_task_id=task_id, continues_id=continues_id))
    flash("Đã nối nhiệm vụ." if continues_id else "Đã ghi là nhiệm vụ mới.", "success")
    return shown
