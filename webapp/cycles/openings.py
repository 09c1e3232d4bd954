"""Mở kỳ: dates with their source, recipient and signer, as far as the plan and the ward know them already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.commands.user_tasks import CompleteUserTask
from engine.errors import Rejected
from forms.definition import FormDefinition, FormRefused
from forms.formdata import FormData
from webapp.cycles.access import require_cycle
from webapp.cycles.blueprint import bp
from webapp.cycles.models import CycleKind, ReportingCycle
from webapp.cycles.opening import is_open_in
from webapp.cycles.queries import cycle_row
from webapp.cycles.steps import onwards, require_step
from webapp.database import db
from webapp.forms_view import Errors
from webapp.identity import signed_in_person
from webapp.inbox.pages import STEP_PAGES
from webapp.organisation.models import Committee
from webapp.plans.models import OccurrenceState, TaskOccurrence
from webapp.runtime import runtime
from webapp.security import runs

OPENING = "cycle_opening"
ENOUGH_DAYS = 6
"""Working days that consolidating and signing take."""

STEP_PAGES[OPENING] = lambda _task, cycle: url_for("cycles.open_form", cycle_id=cycle)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom the cycle will ask."""

    cases: int
    units: int
    waiting: int  # for a document, so that they are not asked yet


@bp.get("/ky-bao-cao/<uuid:cycle_id>/mo-ky")
@runs(CompleteUserTask)
def open_form(cycle_id: UUID) -> ResponseReturnValue:
    """The form, with what is known filled in."""
    return _page(cycle_id, None, {})


@bp.post("/ky-bao-cao/<uuid:cycle_id>/mo-ky")
@runs(CompleteUserTask)
def complete_opening(cycle_id: UUID) -> ResponseReturnValue:
    """Open it; with too few days between the two dates only once that was seen."""
    read, person = db.session(), signed_in_person()
    require_cycle(read, person, cycle_id)
    step = require_step(read, person, cycle_id, OPENING)
    data = request.form.to_dict(flat=False)
    try:
        answers = step.load(data)
        days = _days_between(answers, person.tenant_id, read)
        if days is not None and request.form.get("seen_days") != str(days):
            return _page(cycle_id, data, {}, short_by=days, status=422)
        step.complete(answers)
    except FormRefused as refused:
        return _page(cycle_id, data, refused.errors, status=422)
    except Rejected as refusal:
        return _page(cycle_id, data, {"": [str(refusal)]}, status=409)
    flash("Đã mở kỳ. Các đơn vị được hỏi báo cáo ngay sau đây.", "success")
    return redirect(onwards(cycle_id))


def _days_between(answers: Mapping[str, Any], tenant_id: UUID, read: Session) -> int | None:
    """The working days between both dates, where they are too few."""
    if not answers.get("report_by") or not answers.get("submit_by"):
        return None
    calendar = runtime().calendar(tenant_id, read.connection())
    dates = (date.fromisoformat(answers[name]) for name in ("report_by", "submit_by"))
    days = calendar.working_days_between(*dates)
    return days if days < ENOUGH_DAYS else None


def _page(
    cycle_id: UUID, data: FormData | None, errors: Errors, *, short_by: int | None = None, status: int = 200
) -> ResponseReturnValue:
    read, person = db.session(), signed_in_person()
    cycle = require_cycle(read, person, cycle_id)
    step = require_step(read, person, cycle_id, OPENING)
    known = _known(cycle, read.get_one(Committee, person.tenant_id), step.form)
    page = render_template(
        "cycles/open.html", cycle=cycle_row(read, cycle_id), step=step, asked=_asked(read, cycle), short_by=short_by,
        sources={"report_by": cycle.report_by_source, "submit_by": cycle.submit_by_source},
        form=step.view(data, errors, known), enough=ENOUGH_DAYS, back=onwards(cycle_id),
    )  # fmt: skip
    return page, status


def _asked(read: Session, cycle: ReportingCycle) -> Asked:
    asked = TaskOccurrence.state != OccurrenceState.AWAITING_CONDITION
    waits = TaskOccurrence.state == OccurrenceState.AWAITING_CONDITION
    row = read.execute(
        sa.select(
            sa.func.count(sa.case((asked, 1))),
            sa.func.count(sa.case((asked, TaskOccurrence.lead_unit_id)).distinct()),
            sa.func.count(sa.case((waits, 1))),
        ).where(TaskOccurrence.plan_id == cycle.plan_id, is_open_in(cycle.year))
    ).one()
    return Asked(*row)


def _known(cycle: ReportingCycle, committee: Committee, form: FormDefinition) -> dict[str, object]:
    """What the plan and the ward say already; the person who opens the cycle answers for it.

    Forms that wards deployed before ask for the period's name too.
    """
    return {
        "period": cycle.name,
        "kind": cycle.kind, "last_of_year": cycle.kind in LAST_OF_YEAR, **_sources(cycle, form),
        "report_by": _iso(cycle.report_by), "submit_by": _iso(cycle.submit_by),
        "recipient": cycle.recipient or committee.city_recipient, "signer": cycle.signer,
    }  # fmt: skip


def _sources(cycle: ReportingCycle, form: FormDefinition) -> dict[str, str]:
    """Each day's own; a form that has one field for both, as wards deployed it before, gets them together."""
    of_units, of_ward = cycle.report_by_source, cycle.submit_by_source
    if not any(field.key == "submit_source" for field in form.fields):
        return {"source": "; ".join(dict.fromkeys(filter(None, (of_units, of_ward))))}
    return {"source": of_units, "submit_source": of_ward if of_ward != of_units else ""}


LAST_OF_YEAR = (CycleKind.YEAR, CycleKind.FINAL)
"""Kinds that close the year's cases."""


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
