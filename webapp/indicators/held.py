"""The target that an indicator had when its year's last report went up: what is changed later counts from then on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import LOCAL
from engine.events import decode
from engine.models import Event
from webapp.cycles.models import ConsolidatedReport, CycleState, ReportingCycle
from webapp.indicators.facts import IndicatorRevised
from webapp.indicators.models import Indicator, IndicatorPeriod, Operator
from webapp.plans.models import Plan

UP = (CycleState.DISPATCHED, CycleState.SENT, CycleState.RECEIVED, CycleState.CLOSED)
"""States of a cycle whose report says what it says; one that came back is judged anew."""

_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "operator": Operator, "target": float, "target_most": float, "by_year": int,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """What a figure was held against."""

    operator: Operator | None
    target: float | None
    target_most: float | None
    by_year: int | None
    unit: str
    period: IndicatorPeriod
    is_cumulative: bool


def held_targets(read: Session, indicators: Sequence[Indicator], year: int) -> dict[UUID, Held]:
    """By indicator, where its target was another one when the report of the year went up."""
    since = _went_up(read, {one.plan_id for one in indicators}, year)
    known = {one.id: one for one in indicators if one.plan_id in since}
    if not known:
        return {}
    revised = sa.select(Event.at, Event.data).where(
        Event.stream.in_({one.tenant_id for one in known.values()}), Event.type == IndicatorRevised.name,
        Event.at >= min(since.values()),
    )  # fmt: skip
    found: dict[UUID, Held] = {}
    for at, data in read.execute(revised.order_by(Event.sequence.desc())):
        for fact in decode(data):
            one = known.get(fact.indicator_id) if isinstance(fact, IndicatorRevised) else None
            if one is not None and isinstance(fact, IndicatorRevised) and at >= since[one.plan_id]:
                found[one.id] = replace(found.get(one.id) or _as_is(one), **_before(fact))
    return {id: held for id, held in found.items() if held != _as_is(known[id])}


def _went_up(read: Session, plans: set[UUID], year: int) -> dict[UUID, datetime]:
    """By plan, the end of the day of the report; also where a plan before it reported."""
    last = (
        sa.select(sa.func.max(ConsolidatedReport.issued_on))
        .join(ReportingCycle, ReportingCycle.id == ConsolidatedReport.cycle_id)
        .where(ReportingCycle.year == year, ReportingCycle.is_last_of_year, ReportingCycle.state.in_(UP))
    )
    days = {plan: read.scalar(last.where(ReportingCycle.plan_id.in_(_lineage(read, plan)))) for plan in plans}
    return {
        plan: datetime.combine(day + timedelta(days=1), time(), LOCAL) for plan, day in days.items() if day is not None
    }


def _lineage(read: Session, plan_id: UUID | None) -> Iterator[UUID]:
    """The plan, and those whose place it has taken."""
    while plan_id is not None:
        yield plan_id
        plan_id = read.scalar(sa.select(Plan.replaces_id).where(Plan.id == plan_id))


def _as_is(one: Indicator) -> Held:
    return Held(one.operator, one.target, one.target_most, one.by_year, one.unit, one.period, one.is_cumulative)


def _before(fact: IndicatorRevised) -> dict[str, Any]:
    """What the change took the place of, of what a figure is held against."""
    said = {field: fact.changes[field].partition(" → ")[0] for field in _READ.keys() & fact.changes.keys()}
    return {field: _READ[field](before) if before else None for field, before in said.items()}
