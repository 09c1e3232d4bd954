"""Chỉ tiêu của kế hoạch, and one indicator with all its values."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from engine.errors import NotFound
from webapp.cases.access import seen_among
from webapp.database import db
from webapp.documents.exporting import MOST_ROWS, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import CurrentPerson, signed_in_person
from webapp.incoming import number_asked
from webapp.indicators.blueprint import bp
from webapp.indicators.corrections import corrections_of
from webapp.indicators.models import Indicator
from webapp.indicators.proposing import proposals
from webapp.indicators.queries import (
    IndicatorLine,
    PlanIndicators,
    ValueLine,
    find_indicator_line,
    indicators_of_plan,
    units_of,
    values_of,
)
from webapp.indicators.standing import STATE_NAMES, UNANSWERED, figure, is_share
from webapp.organisation.attempts import Errors
from webapp.permissions import Permission
from webapp.plans.queries.drafts import unit_choices
from webapp.plans.queries.plans import PlanFacts, find_plan_facts
from webapp.plans.views.tabs import plan_tabs
from webapp.runtime import now
from webapp.security import requires


@bp.get("/ke-hoach/<uuid:plan_id>/chi-tieu")
@requires(Permission.SEE_CASES)
def of_plan(plan_id: UUID) -> ResponseReturnValue:
    """All indicators of a plan as they stand in a year."""
    person, plan = signed_in_person(), plan_of(plan_id)
    year = year_asked(plan)
    found = indicators_of_plan(db.session(), plan_id, year, local_date(now()))
    may_manage = person.may(Permission.MANAGE_PLANS) and plan.state != "closed"
    units = unit_choices(db.session(), person.tenant_id) if may_manage else ()
    return render_template(
        "indicators/index.html",
        plan=plan, found=found, year=year, tabs=plan_tabs(plan, "indicators.of_plan"), states=STATE_NAMES,
        owned=_wanted(found), proposed=len(_proposals(person, plan)),
        may_manage=may_manage, units=[(unit.id, unit.name) for unit in units],
    )  # fmt: skip


@bp.get("/ke-hoach/<uuid:plan_id>/chi-tieu.xlsx")
@requires(Permission.SEE_CASES)
def sheet(plan_id: UUID) -> ResponseReturnValue:
    """The same indicators as a spreadsheet."""
    plan = plan_of(plan_id)
    year = year_asked(plan)
    lines = _wanted(indicators_of_plan(db.session(), plan_id, year, local_date(now())))
    about = f"{'Kế hoạch số ' + plan.number if plan.number else plan.title}, năm {year}"
    return send_list("Chỉ tiêu của kế hoạch", COLUMNS, map(_cells, lines), about=about)


COLUMNS = (
    ("Chỉ tiêu", 44), ("Nhiệm vụ", 10), ("Đơn vị tính", 12), ("Tính trên", 24), ("Mục tiêu", 16), ("Kỳ, năm", 16),
    ("Số đầu kỳ", 12), ("Kết quả", 12), ("Cách tính", 36), ("Đánh giá", 18), ("Các năm", 26),
    ("Đơn vị chịu trách nhiệm", 26),
)  # fmt: skip


def _cells(line: IndicatorLine) -> tuple[Cell, ...]:
    one = line.indicator
    years = "; ".join(f"{year}: {figure(value, one.unit)}" for year, value in line.years)
    period = f"{line.period}, lũy kế" if one.is_cumulative else line.period
    return (
        _name(line), line.place, one.unit, one.denominator, line.target, period,
        one.baseline, line.value, line.calculation, line.state.label, years, line.owner or UNANSWERED,
    )  # fmt: skip


def _name(line: IndicatorLine) -> str:
    name, retired = line.indicator.name, line.indicator.retired_at
    named = f"Trong đó: {name}" if line.main else name
    return f"{named} (đã bỏ ngày {local_date(retired):%d/%m/%Y})" if retired else named


def _wanted(found: PlanIndicators) -> list[IndicatorLine]:
    """Those in the state that the address asks for."""
    state = request.args.get("trang-thai", "")
    return [line for line in found.lines if state in ("", line.state)]


def _proposals(person: CurrentPerson, plan: PlanFacts) -> tuple[object, ...]:
    if not person.may(Permission.MANAGE_PLANS):
        return ()
    return proposals(db.session(), person.tenant_id, plan.id)


@bp.get("/chi-tieu/<uuid:indicator_id>")
@requires(Permission.SEE_CASES)
def show(indicator_id: UUID) -> ResponseReturnValue:
    """One indicator: what the plan wants, what was reached year by year, every value with its evidence."""
    return detail(indicator_id, {}, {})


def detail(indicator_id: UUID, values: dict[str, str], errors: Errors) -> str:
    """The page, with what was typed into its form."""
    person, today = signed_in_person(), local_date(now())
    year = asked_year() or today.year
    line = line_of(indicator_id, year)
    reported = values_of(db.session(), line.indicator, MOST_VALUES)
    corrections = corrections_of(db.session(), line.indicator)
    cases = {value.case_id for value in reported} | {made.case_id for made in corrections}
    return render_template(
        "indicators/show.html",
        plan=plan_of(line.indicator.plan_id), line=line, most_values=MOST_VALUES,
        reported=reported, corrections=corrections,
        seen=seen_among(db.session(), person, [case for case in cases if case]),
        year=year, by_unit=units_of(db.session(), line), is_share=is_share(line.indicator),
        values={"as_of": f"{today:%d/%m/%Y}", **values}, errors=errors, most=_highest(line),
        units=[(unit.id, unit.name) for unit in unit_choices(db.session(), person.tenant_id)],
        may_manage=person.may(Permission.MANAGE_PLANS) and line.indicator.retired_at is None,
        back=url_for("indicators.of_plan", plan_id=line.indicator.plan_id),
    )  # fmt: skip


MOST_VALUES = 200
"""On an indicator's page; its spreadsheet has all."""
VALUE_COLUMNS = (
    ("Ngày", 12), ("Đơn vị", 34), ("Đạt được", 16), ("Trên tổng số", 14), ("Ghi chú", 40), ("Minh chứng", 36),
    ("Người ghi", 24),
)  # fmt: skip


@bp.get("/chi-tieu/<uuid:indicator_id>.xlsx")
@requires(Permission.SEE_CASES)
def values_sheet(indicator_id: UUID) -> ResponseReturnValue:
    """What was reported for one indicator."""
    one = line_of(indicator_id).indicator
    about = f"{one.name} (tính bằng {one.unit})" if one.unit else one.name
    values = values_of(db.session(), one, MOST_ROWS + 1)
    return send_list("Số liệu của chỉ tiêu", VALUE_COLUMNS, map(_value, values), about=about)


def _value(value: ValueLine) -> tuple[Cell, ...]:
    evidence = "Báo cáo nhiệm vụ" if value.case_id else value.evidence
    return value.as_of, value.unit, value.value, value.whole, value.note, evidence, value.who


def _highest(line: IndicatorLine) -> float:
    """The full width of the trend's bars."""
    figures = [*(value for _, value in line.years), *(one.value for one in line.rounds)]
    return max(*figures, line.indicator.target or 0, line.indicator.baseline or 0, 0) or 1


def line_of(indicator_id: UUID, year: int | None = None) -> IndicatorLine:
    """The indicator of the address, as it stands in a year, else in this one. Raises NotFound."""
    today = local_date(now())
    line = find_indicator_line(db.session(), signed_in_person().tenant_id, indicator_id, year or today.year, today)
    if line is None:
        raise NotFound
    return line


def plan_of(plan_id: UUID) -> PlanFacts:
    """Raises NotFound."""
    plan = find_plan_facts(db.session(), signed_in_person().tenant_id, plan_id, local_date(now()))
    if plan is None:
        raise NotFound
    return plan


def year_asked(plan: PlanFacts) -> int:
    """The year of the address, else the newest one of the plan's cases, else this one."""
    return asked_year() or next(iter(plan.years), local_date(now()).year)


def asked_year() -> int | None:
    """The year of the address."""
    asked = number_asked("nam")
    return asked if asked and 2000 <= asked <= 2100 else None


def choices_of(plan: PlanFacts, but: Indicator | None = None) -> tuple[tuple[UUID, str], ...]:
    """The indicators that another one may be a part of."""
    lines = indicators_of_plan(db.session(), plan.id, local_date(now()).year, local_date(now())).lines
    return tuple(
        (line.indicator.id, line.indicator.name)
        for line in lines
        if line.indicator.part_of_id is None and (but is None or line.indicator.id != but.id)
    )
