"""Xem trước: every row of a draft, and what is still to be looked at."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.models import PlanState
from webapp.plans.queries.drafts import DraftRow, DraftView, find_draft
from webapp.runtime import now
from webapp.security import requires


@bp.get("/ke-hoach/<uuid:plan_id>/xem-truoc")
@requires(Permission.MANAGE_PLANS)
def preview(plan_id: UUID) -> ResponseReturnValue:
    """The draft as a table; a plan that was confirmed has its own page."""
    draft = draft_of(plan_id)
    if draft.state is not PlanState.DRAFT:
        return redirect(url_for("plans.show", plan_id=plan_id))
    return render_template("plans/preview.html", draft=draft)


def draft_of(plan_id: UUID) -> DraftView:
    """The draft of the address. Raises NotFound."""
    draft = find_draft(db.session(), signed_in_person().tenant_id, plan_id, local_date(now()))
    if draft is None:
        raise NotFound
    return draft


def row_of(draft: DraftView, task_id: UUID) -> DraftRow:
    """One row of a draft. Raises NotFound."""
    found = next((row for row in draft.rows if row.id == task_id), None)
    if found is None:
        raise NotFound
    return found


def from_script() -> bool:
    """Whether htmx asked: it gets the parts that changed, a browser by itself the page."""
    return request.headers.get("HX-Request") == "true"


def changed(
    plan_id: UUID, task_ids: Collection[UUID], anchor: UUID | None = None, made: Collection[UUID] = ()
) -> ResponseReturnValue:
    """After a change: the rows that it touched and the list of what is left, or the page at the row.

    `anchor` is the row that asked, `made` those made of it. Rows that are just being edited (`editing`) are left
    alone, so that nothing typed in them is lost.
    """
    if not from_script():
        return redirect(url_for("plans.preview", plan_id=plan_id, _anchor=f"nv-{anchor}" if anchor else None))
    draft = draft_of(plan_id)
    open_rows = set(request.form.getlist("editing")) - {str(anchor)}
    rows = [row for row in draft.rows if row.id in task_ids and str(row.id) not in open_rows]
    parts = render_template("plans/_changed.html", draft=draft, rows=rows, anchor=anchor, made=made)
    return parts, {"HX-Reswap": "none"}


def render_row(draft: DraftView, row: DraftRow, **more: Any) -> str:
    """One row as it is read."""
    return render_template("plans/_row.html", draft=draft, row=row, **more)
