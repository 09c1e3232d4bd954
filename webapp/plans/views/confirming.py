"""Xác nhận: number and date, focal unit, deadlines with their sources, the signed file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.documents.commands import AddAttachment
from webapp.documents.media_types import FileRefused
from webapp.documents.models import Attachment
from webapp.documents.posted import posted_file
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.plans.blueprint import bp
from webapp.plans.confirming import SIGNED_TYPES, ConfirmPlan, ReopenPlan, SignedFileMissing
from webapp.plans.deadlines import ProposedDays, duties_in, proposed_days
from webapp.plans.issuing import earliest_day
from webapp.plans.models import Plan, PlanState
from webapp.plans.queries.plans import PlanFacts
from webapp.plans.schemas import ConfirmForm
from webapp.plans.views.plans import find_plan
from webapp.plans.views.preview import draft_of
from webapp.presentation import file_size
from webapp.runtime import now, runtime
from webapp.security import runs
from webapp.settings import Settings


@bp.get("/ke-hoach/<uuid:plan_id>/xac-nhan")
@runs(ConfirmPlan)
def confirm(plan_id: UUID) -> ResponseReturnValue:
    """The form, filled with what the plan says of itself."""
    plan = find_plan(signed_in_person(), plan_id)
    if plan.state is not PlanState.DRAFT:
        return redirect(url_for("plans.show", plan_id=plan_id))
    return _page(plan, _values(plan, _proposed(plan_id)), {})


@bp.post("/ke-hoach/<uuid:plan_id>/xac-nhan")
@runs(ConfirmPlan, AddAttachment)
def confirm_plan(plan_id: UUID) -> ResponseReturnValue:
    """Confirm; what is refused comes back as it was typed, with the file that was uploaded."""
    plan = find_plan(signed_in_person(), plan_id)
    values = dict(request.form)

    def work() -> ResponseReturnValue:
        values["signed_file"] = str(_signed_file() or plan.signed_file_id or "")
        stated = ConfirmForm().load(values)
        execute(ConfirmPlan(plan_id=plan_id, signed_file_id=stated.pop("signed_file"), **stated))
        flash("Đã xác nhận kế hoạch. Xem lại ai nhận việc gì rồi giao việc.", "success")
        return redirect(url_for("plans.issue", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer or (_page(plan, values, errors), REFUSED)


@bp.post("/ke-hoach/<uuid:plan_id>/mo-lai")
@runs(ReopenPlan)
def reopen(plan_id: UUID) -> ResponseReturnValue:
    """Back to the draft, as long as nothing was issued."""
    execute(ReopenPlan(plan_id=plan_id))
    flash("Kế hoạch trở lại bản nháp; sửa xong hãy xác nhận lại.", "success")
    return redirect(url_for("plans.preview", plan_id=plan_id))


def _proposed(plan_id: UUID) -> ProposedDays:
    read, person = db.session(), signed_in_person()
    plan = read.scalars(sa.select(Plan).where(Plan.id == plan_id, Plan.tenant_id == person.tenant_id)).one()
    calendar = runtime().calendar(person.tenant_id, read.connection())
    return proposed_days(duties_in(plan.reading), calendar, earliest_day(plan, local_date(now())))


def _values(plan: PlanFacts, proposed: ProposedDays) -> dict[str, Any]:
    """What is known already: stated before, else as the plan's own words propose."""
    values: dict[str, Any] = {
        "title": plan.title, "number": plan.number or "", "issuer": plan.issuer,
        "issued_on": f"{plan.issued_on:%d/%m/%Y}" if plan.issued_on else "",
        "focal_unit_id": str(plan.focal_unit_id or ""), "signed_file": str(plan.signed_file_id or ""),
    }  # fmt: skip
    for name, days in (("report_by", proposed.report_by), ("submit_by", proposed.submit_by)):
        stated, source = getattr(plan, name), getattr(plan, f"{name}_source")
        day = stated or (days[0].day if days else None)
        values[name] = f"{day:%d/%m/%Y}" if day else ""
        values[f"{name}_source"] = source if stated else (days[0].source if days else "")
    return values


def _signed_file() -> UUID | None:
    """The file that a script uploaded, or that came with the form itself. Raises SignedFileMissing, with the reason."""
    try:
        return posted_file("signed_file")
    except FileRefused as refusal:
        raise SignedFileMissing(str(refusal)) from refusal


def _page(plan: PlanFacts, values: Mapping[str, Any], errors: Errors) -> str:
    settings: Settings = current_app.config["SETTINGS"]
    draft = draft_of(plan.id)
    return render_template(
        "plans/confirm.html",
        plan=plan, draft=draft, values=values, errors=errors, proposed=_proposed(plan.id),
        units=[(unit.id, unit.name) for unit in draft.units], files=_files(values.get("signed_file")),
        accept=",".join(SIGNED_TYPES), most=settings.max_upload_bytes,
    )  # fmt: skip


def _files(file_id: Any) -> list[dict[str, str]]:
    """The signed file that is there already."""
    found = db.session.get(Attachment, UUID(file_id)) if file_id else None
    if found is None or found.tenant_id != signed_in_person().tenant_id:
        return []
    url = url_for("documents.download", attachment_id=found.id)
    return [{"id": str(found.id), "name": found.name, "size": file_size(found.size), "url": url}]
