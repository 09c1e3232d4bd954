"""Adding, correcting and retiring indicators; entering a value by hand."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Rejected
from webapp.database import db
from webapp.documents.commands import AddAttachment
from webapp.documents.posted import posted_file
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.indicators.blueprint import bp
from webapp.indicators.commands import (
    AddIndicator,
    GiveIndicator,
    MeasureIndicator,
    RetireIndicator,
    ReviseIndicator,
    WithdrawValue,
)
from webapp.indicators.forms import OWNERS, measured, stated, typed
from webapp.indicators.models import Indicator, IndicatorPeriod
from webapp.indicators.owners import owners_named
from webapp.indicators.pages import choices_of, detail, line_of, plan_of
from webapp.indicators.standing import OPERATOR_NAMES, PERIOD_NAMES
from webapp.organisation.attempts import REFUSED, Errors, attempt
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.queries.plans import PlanFacts
from webapp.plans.queries.tasks import task_choices
from webapp.security import runs


@bp.get("/ke-hoach/<uuid:plan_id>/chi-tieu/them")
@runs(AddIndicator)
def new(plan_id: UUID) -> ResponseReturnValue:
    """An empty form, at the task that the address names."""
    start = {"period": IndicatorPeriod.YEARLY.value, "plan_task_id": request.args.get("nhiem-vu", "")}
    return _form(plan_of(plan_id), None, start, {})


@bp.post("/ke-hoach/<uuid:plan_id>/chi-tieu/them")
@runs(AddIndicator)
def add(plan_id: UUID) -> ResponseReturnValue:
    """Add it; what is refused comes back as it was typed."""
    plan = plan_of(plan_id)

    def work() -> ResponseReturnValue:
        execute(AddIndicator(plan_id=plan_id, stated=stated(request.form)))
        flash("Đã thêm chỉ tiêu.", "success")
        return redirect(url_for("indicators.of_plan", plan_id=plan_id))

    answer, errors = attempt(work)
    return answer if answer is not None else (_form(plan, None, request.form, errors), REFUSED)


@bp.get("/chi-tieu/<uuid:indicator_id>/sua")
@runs(ReviseIndicator)
def edit(indicator_id: UUID) -> ResponseReturnValue:
    """The form, filled."""
    indicator = line_of(indicator_id).indicator
    return _form(plan_of(indicator.plan_id), indicator, typed(indicator), {})


@bp.post("/chi-tieu/<uuid:indicator_id>/sua")
@runs(ReviseIndicator)
def revise(indicator_id: UUID) -> ResponseReturnValue:
    """Save it; what is refused comes back as it was typed."""
    indicator = line_of(indicator_id).indicator

    def work() -> ResponseReturnValue:
        execute(ReviseIndicator(indicator_id=indicator_id, stated=stated(request.form)))
        flash("Đã lưu chỉ tiêu.", "success")
        return redirect(url_for("indicators.show", indicator_id=indicator_id))

    answer, errors = attempt(work)
    return (
        answer if answer is not None else (_form(plan_of(indicator.plan_id), indicator, request.form, errors), REFUSED)
    )


def _form(plan: PlanFacts, indicator: Indicator | None, values: Mapping[str, str], errors: Errors) -> str:
    read, person = db.session(), signed_in_person()
    ticked = request.form.getlist(OWNERS)
    owners = owners_named(read, indicator.id) if indicator and not request.form else ticked
    return render_template(
        "indicators/edit.html",
        plan=plan, indicator=indicator, values=values, errors=errors, owners=owners, operators=_options(OPERATOR_NAMES),
        periods=_options(PERIOD_NAMES), tasks=task_choices(read, plan.id), mains=choices_of(plan, indicator),
        units=[(unit.id, unit.name) for unit in unit_choices(read, person.tenant_id)],
    )  # fmt: skip


def _options(names: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [(str(value), words[:1].upper() + words[1:]) for value, words in names.items()]


@bp.post("/ke-hoach/<uuid:plan_id>/chi-tieu/giao")
@runs(GiveIndicator)
def give(plan_id: UUID) -> ResponseReturnValue:
    """Let a unit answer for all that are ticked, each with a record of its own. Raises NotFound, Rejected."""
    plan_of(plan_id)
    chosen, unit_id = request.form.getlist("chon", type=UUID), request.form.get("don-vi", type=UUID)
    if not chosen or unit_id is None:
        raise Rejected("Chưa chọn đơn vị." if chosen else "Chưa chọn chỉ tiêu nào.")
    for indicator_id in chosen:
        execute(GiveIndicator(indicator_id=indicator_id, unit_id=unit_id))
    flash(f"Đã giao đơn vị chịu trách nhiệm cho {len(chosen)} chỉ tiêu.", "success")
    return redirect(url_for("indicators.of_plan", plan_id=plan_id, nam=request.args.get("nam")))


@bp.post("/chi-tieu/<uuid:indicator_id>/bo")
@runs(RetireIndicator)
def retire(indicator_id: UUID) -> ResponseReturnValue:
    """Follow it no longer. Raises NotFound, Rejected."""
    plan_id = line_of(indicator_id).indicator.plan_id
    execute(RetireIndicator(indicator_id=indicator_id, reason=request.form.get("ly_do", "")[:1000]))
    flash("Đã bỏ chỉ tiêu; số liệu cũ vẫn còn trong hồ sơ.", "success")
    return redirect(url_for("indicators.of_plan", plan_id=plan_id))


@bp.post("/chi-tieu/<uuid:indicator_id>/so-lieu")
@runs(MeasureIndicator, AddAttachment)
def measure(indicator_id: UUID) -> ResponseReturnValue:
    """Enter a value by hand, with the file that shows it."""
    indicator = line_of(indicator_id).indicator

    def work() -> ResponseReturnValue:
        values = measured(request.form, indicator)
        execute(MeasureIndicator(indicator_id=indicator_id, evidence_id=posted_file("evidence"), **values))
        flash("Đã ghi số liệu.", "success")
        return redirect(url_for("indicators.show", indicator_id=indicator_id))

    answer, errors = attempt(work)
    return answer if answer is not None else (detail(indicator_id, request.form.to_dict(), errors), REFUSED)


@bp.post("/chi-tieu/so-lieu/<uuid:value_id>/go")
@runs(WithdrawValue)
def withdraw(value_id: UUID) -> ResponseReturnValue:
    """Take back a value that was entered by mistake. Raises NotFound, Rejected."""
    indicator_id = execute(WithdrawValue(value_id=value_id, reason=request.form.get("ly_do", "")[:1000]))
    flash("Đã gỡ số liệu; nhật ký vẫn ghi số cũ và lý do.", "success")
    return redirect(url_for("indicators.show", indicator_id=indicator_id))
