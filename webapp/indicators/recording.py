"""Values that come with units' reports, and which indicators a report is asked for."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.ids import uuid7
from engine.transaction import Transaction
from forms.fields import Option
from webapp.indicators.models import Indicator, IndicatorValue
from webapp.indicators.standing import target_words
from webapp.plans.models import TaskOccurrence

FIELD, NAMED = "indicators", "indicator"
"""In the form of a report: the rows, and in a row the indicator that is meant."""


def asked_of(read: Session, occurrence_id: UUID) -> Sequence[Indicator]:
    """The indicators that a case reports on: its task's, and the plan's own whose owner leads the case."""
    case = read.execute(
        sa.select(TaskOccurrence.plan_id, TaskOccurrence.plan_task_id, TaskOccurrence.lead_unit_id).where(
            TaskOccurrence.id == occurrence_id
        )
    ).one_or_none()
    if case is None:
        return ()
    owned = (Indicator.plan_task_id.is_(None)) & (Indicator.owner_unit_id == case.lead_unit_id)
    of_task = (Indicator.plan_task_id == case.plan_task_id) & (
        Indicator.owner_unit_id.is_(None) | (Indicator.owner_unit_id == case.lead_unit_id)
    )
    query = sa.select(Indicator).where(Indicator.plan_id == case.plan_id, Indicator.retired_at.is_(None))
    return read.scalars(query.where(of_task | owned).order_by(Indicator.position)).all()


def options_of(indicators: Sequence[Indicator]) -> list[Option]:
    """As a form lets one choose among them."""
    return [Option(str(one.id), _label(one)) for one in indicators]


def _label(one: Indicator) -> str:
    target = target_words(one)
    return f"{one.name} ({target})" if target else f"{one.name} ({one.unit})" if one.unit else one.name


def take_values(
    tx: Transaction, occurrence: TaskOccurrence, submission_id: UUID, answers: Mapping[str, Any], replaced: UUID | None
) -> None:
    """Keep what a report states; a report that was sent again replaces what it stated before."""
    if replaced is not None:
        tx.session.execute(sa.delete(IndicatorValue).where(IndicatorValue.submission_id == replaced))
    known = {str(id): id for id in tx.session.scalars(_of_plan(occurrence.plan_id))}
    as_of = date.fromisoformat(answers["completed_on"]) if answers.get("completed_on") else local_date(tx.now)
    for row in answers.get(FIELD) or ():
        if row.get(NAMED) in known and row.get("value") is not None:
            tx.session.add(
                IndicatorValue(
                    id=uuid7(), tenant_id=tx.tenant_id, indicator_id=known[row[NAMED]], submission_id=submission_id,
                    unit_id=occurrence.lead_unit_id, occurrence_id=occurrence.id, year=occurrence.year, as_of=as_of,
                    value=float(row["value"]), note=str(row.get("note") or ""), entered_by=tx.actor.id,
                    entered_at=tx.now,
                )
            )  # fmt: skip


def _of_plan(plan_id: UUID) -> sa.Select[UUID]:
    return sa.select(Indicator.id).where(Indicator.plan_id == plan_id)
