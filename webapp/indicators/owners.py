"""Who answers for an indicator, and for which ones nobody does."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.indicators.models import Indicator, IndicatorOwner
from webapp.organisation.models import Unit
from webapp.plans.models import PlanTask, PlanTaskUnit, TaskOccurrence, UnitPart


def owners_of(read: Session, indicators: Sequence[Indicator]) -> dict[UUID, dict[UUID, str]]:
    """Who answers for each: those named, else whoever leads its task; nobody for one of neither."""
    ids = [one.id for one in indicators]
    named = (
        sa.select(IndicatorOwner.indicator_id, Unit.id, Unit.name)
        .join(Unit, Unit.id == IndicatorOwner.unit_id)
        .where(IndicatorOwner.indicator_id.in_(ids))
        .order_by(Unit.position, Unit.name)
    )
    leading = (
        sa.select(Indicator.id, Unit.id, Unit.name)
        .join(PlanTaskUnit, PlanTaskUnit.plan_task_id == Indicator.plan_task_id)
        .join(Unit, Unit.id == PlanTaskUnit.unit_id)
        .where(Indicator.id.in_(ids), PlanTaskUnit.part == UnitPart.LEAD)
        .order_by(PlanTaskUnit.position)
    )
    found = _by_indicator(read.execute(leading))
    return {**found, **_by_indicator(read.execute(named))}


def unasked_of(read: Session, indicators: Sequence[Indicator]) -> set[UUID]:
    """Those of which the named units lead nothing whose report would ask them: not its task, none of the plan."""
    leads = (
        sa.exists().where(
            PlanTaskUnit.unit_id == IndicatorOwner.unit_id, PlanTaskUnit.part == UnitPart.LEAD,
            PlanTask.id == PlanTaskUnit.plan_task_id, _is_asked(PlanTask.plan_id, PlanTask.id),
        ),
        sa.exists().where(
            TaskOccurrence.lead_unit_id == IndicatorOwner.unit_id,
            _is_asked(TaskOccurrence.plan_id, TaskOccurrence.plan_task_id),
        ),
    )  # fmt: skip
    named = sa.select(IndicatorOwner.indicator_id).join(Indicator, Indicator.id == IndicatorOwner.indicator_id)
    named = named.where(IndicatorOwner.indicator_id.in_([one.id for one in indicators]))
    return set(read.scalars(named)) - set(read.scalars(named.where(sa.or_(*leads))))


def _is_asked(plan_id: InstrumentedAttribute[UUID], task_id: InstrumentedAttribute[UUID]) -> sa.ColumnElement[bool]:
    """Whether the report on a task asks for the indicator."""
    return (Indicator.plan_id == plan_id) & (Indicator.plan_task_id.is_(None) | (Indicator.plan_task_id == task_id))


def unasked_in(read: Session, plan_id: UUID) -> int:
    """How many indicators of a plan have units that are never asked for them."""
    followed = sa.select(Indicator).where(Indicator.plan_id == plan_id, Indicator.retired_at.is_(None))
    return len(unasked_of(read, read.scalars(followed).all()))


def owners_named(read: Session, indicator_id: UUID) -> list[str]:
    """The ids of the units that are named for an indicator."""
    query = sa.select(IndicatorOwner.unit_id).where(IndicatorOwner.indicator_id == indicator_id)
    return [str(unit_id) for unit_id in read.scalars(query)]


def _by_indicator(rows: Iterable[Any]) -> dict[UUID, dict[UUID, str]]:
    found: dict[UUID, dict[UUID, str]] = {}
    for indicator_id, unit_id, name in rows:
        found.setdefault(indicator_id, {})[unit_id] = name
    return found


def unanswered_of(read: Session, plan_id: UUID) -> int:
    """How many indicators of a plan nobody is asked for."""
    owned = sa.exists().where(IndicatorOwner.indicator_id == Indicator.id)
    query = (
        sa.select(sa.func.count())
        .select_from(Indicator)
        .where(
            Indicator.plan_id == plan_id, Indicator.retired_at.is_(None), Indicator.plan_task_id.is_(None), ~owned
        )
    )  # fmt: skip
    return read.scalar(query) or 0
