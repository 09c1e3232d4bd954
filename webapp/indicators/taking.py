"""What the plan's reading proposes as indicators, to be looked at and taken up."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import Rejected
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.indicators.blueprint import bp
from webapp.indicators.commands import AddIndicator, IndicatorFields
from webapp.indicators.models import Indicator, IndicatorPeriod, Operator
from webapp.indicators.pages import plan_of
from webapp.indicators.proposing import Proposed, proposals
from webapp.indicators.standing import figure, period_words, target_words
from webapp.organisation.models import Unit
from webapp.plans.matching import matcher_of
from webapp.security import runs


@bp.get("/ke-hoach/<uuid:plan_id>/chi-tieu/tu-van-ban")
@runs(AddIndicator)
def proposed(plan_id: UUID) -> ResponseReturnValue:
    """Each with its sentence and what it is understood to mean."""
    owners = {row.id: row.name for row in db.session.execute(sa.select(Unit.id, Unit.name).where(_own_units()))}
    return render_template(
        "indicators/proposed.html",
        plan=plan_of(plan_id), found=[_shown(one, fields_of(one), owners) for one in _proposals(plan_id)],
    )  # fmt: skip


def _own_units() -> sa.ColumnElement[bool]:
    return Unit.tenant_id == _tenant()


def _shown(
    one: Proposed, meant: IndicatorFields, owners: dict[UUID, str]
) -> tuple[Proposed, IndicatorFields, str, str, str]:
    named = "; ".join(owners[id] for id in meant.owner_unit_ids if id in owners)
    target = f"{target_words(meant)} {period_words(meant)}" if meant.target is not None else "Không đặt mức"
    return one, meant, target, _noted(one, meant), named


def _noted(one: Proposed, meant: IndicatorFields) -> str:
    """ "trên tổng số doanh nghiệp · lũy kế · số đầu kỳ 2025: 12%"."""
    start = f"số đầu kỳ {meant.baseline_year or ''}".strip()
    notes = (
        meant.denominator and f"trên {meant.denominator}", "lũy kế" if meant.is_cumulative else "",
        f"{start}: {figure(meant.baseline, meant.unit)}" if meant.baseline is not None else "",
        f"trong đó của: {_capital(one.found['part_of'])}" if one.found.get("part_of") else "",
    )  # fmt: skip
    return " · ".join(filter(None, notes))


def _capital(name: str) -> str:
    """A name cut out of a sentence begins like one."""
    return name[:1].upper() + name[1:]


@bp.post("/ke-hoach/<uuid:plan_id>/chi-tieu/tu-van-ban")
@runs(AddIndicator)
def take(plan_id: UUID) -> ResponseReturnValue:
    """Take up those that were chosen, each with a record of its own. Raises Rejected."""
    chosen = set(request.form.getlist("chon"))
    wanted = [one for one in _proposals(plan_id) if one.key in chosen]
    if not wanted:
        raise Rejected("Chưa chọn chỉ tiêu nào.")
    for one in wanted:
        execute(
            AddIndicator(
                plan_id=plan_id, stated=fields_of(one), sentence=one.sentence, source=one.where, reading_key=one.key
            )
        )
    flash(f"Đã thêm {len(wanted)} chỉ tiêu. Hãy kiểm tra mức và đơn vị của từng chỉ tiêu.", "success")
    return redirect(url_for("indicators.of_plan", plan_id=plan_id))


def _proposals(plan_id: UUID) -> tuple[Proposed, ...]:
    return proposals(db.session(), _tenant(), plan_of(plan_id).id)


def _tenant() -> UUID:
    return signed_in_person().tenant_id


def fields_of(one: Proposed) -> IndicatorFields:
    """What the reading found, as an indicator; what it left open stays open."""
    found = one.found
    target, operator = _number(found.get("value")), _member(Operator, found.get("operator"))
    most, year = _number(found.get("value_most")), found.get("year")
    period = _member(IndicatorPeriod, found.get("period")) or (
        IndicatorPeriod.BY_YEAR if year else IndicatorPeriod.YEARLY
    )
    return IndicatorFields(
        name=_capital(one.name)[:500], target=target, target_most=most,
        operator=(operator or Operator.EXACTLY) if target is not None else None, unit=found.get("unit") or "",
        period=period if year or period is not IndicatorPeriod.BY_YEAR else IndicatorPeriod.YEARLY,
        by_year=year if period is IndicatorPeriod.BY_YEAR else None, denominator=found.get("denominator") or "",
        baseline=_number(found.get("baseline")), baseline_year=found.get("baseline_year"),
        is_cumulative=bool(found.get("cumulative")), plan_task_id=one.plan_task_id,
        owner_unit_ids=_owners(found.get("owner") or ""), part_of_id=_whole(one),
    )  # fmt: skip


def _owners(named: str) -> tuple[UUID, ...]:
    """The ward's units among those that the plan names for it."""
    matcher = matcher_of(db.session(), _tenant())
    names = (name for part in named.split(";") if part.strip() for name in matcher.cut(part.strip()))
    return tuple(dict.fromkeys(found.unit_id for name in names if (found := matcher.match(name)) is not None))


def _whole(one: Proposed) -> UUID | None:
    """The indicator of the plan that the reading says this one is a part of, once it has been taken up."""
    name = _capital(one.found.get("part_of") or "")
    query = sa.select(Indicator.id).where(
        Indicator.plan_id == one.plan_id, Indicator.name == name[:500], Indicator.part_of_id.is_(None),
        Indicator.retired_at.is_(None),
    )  # fmt: skip
    return db.session.scalar(query.limit(1)) if name else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _member(kind: Any, value: Any) -> Any:
    return kind(value) if value in {member.value for member in kind} else None
