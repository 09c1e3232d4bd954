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
from webapp.database import rows_of
from webapp.indicators.models import Indicator, IndicatorOwner, IndicatorValue
from webapp.indicators.standing import target_words
from webapp.plans.models import TaskOccurrence

FIELD, NAMED, WHOLE = "indicators", "indicator", "whole"
"""In the form of a report: the rows; in a row the indicator that is meant, and of how many a share is."""


_case: Any = TaskOccurrence.__table__
_owners = sa.select(IndicatorOwner.unit_id).where(IndicatorOwner.indicator_id == Indicator.id).correlate(Indicator)
_is_leads = _owners.where(IndicatorOwner.unit_id == _case.c.lead_unit_id).correlate(Indicator, _case).exists()
_owned = Indicator.plan_task_id.is_(None) & _is_leads
_of_task = (Indicator.plan_task_id == _case.c.plan_task_id) & (~_owners.exists() | _is_leads)
_indicators: Any = Indicator.__table__
ASKED = (
    sa.select(_indicators)
    .join_from(_case, _indicators, _indicators.c.plan_id == _case.c.plan_id)
    .where(_case.c.id == sa.bindparam("occurrence_id"), Indicator.retired_at.is_(None), _of_task | _owned)
    .order_by(_indicators.c.position)
)


_values: Any = IndicatorValue.__table__
STATED = (
    sa.select(_indicators)
    .join_from(_case, _values, _values.c.submission_id == _case.c.report_submission_id)
    .join(_indicators, _indicators.c.id == _values.c.indicator_id)
    .where(_case.c.id == sa.bindparam("occurrence_id"))
    .order_by(_indicators.c.position)
)
FORGET = sa.delete(_values).where(_values.c.submission_id == sa.bindparam("submission"))


def asked_of(read: Session, occurrence_id: UUID) -> Sequence[Any]:
    """The indicators that a case reports on: its task's, and the plan's own of which an owner leads the case.

    Several owners have cases of their own, and each states its part; the ward's figure is made of all of them. A report
    that came back still states what it did, also where another plan or owner has come since.
    """
    case = {"occurrence_id": occurrence_id}
    found = {one.id: one for one in (*rows_of(read, ASKED, case), *rows_of(read, STATED, case))}
    return list(found.values())


def options_of(indicators: Sequence[Any]) -> list[Option]:
    """As a form lets one choose among them."""
    return [Option(str(one.id), _label(one)) for one in indicators]


def _label(one: Any) -> str:
    target = f"{target_words(one)}{f' trên {one.denominator}' if one.denominator else ''}"
    return f"{one.name} ({target})" if target else f"{one.name} ({one.unit})" if one.unit else one.name


def take_values(
    tx: Transaction, occurrence: TaskOccurrence, submission_id: UUID, answers: Mapping[str, Any], replaced: UUID | None
) -> None:
    """Keep what a report states; a report that was sent again replaces what it stated before."""
    stated = _values.c.submission_id == replaced
    before = tx.session.scalars(sa.select(_values.c.indicator_id).where(stated)).all() if replaced else []
    if replaced is not None:
        tx.write(FORGET, {"submission": replaced})
    if not answers.get(FIELD):
        return
    known = {str(id): id for id in (*tx.session.scalars(_of_plan(occurrence.plan_id)), *before)}
    as_of = date.fromisoformat(answers["completed_on"]) if answers.get("completed_on") else local_date(tx.now)
    for row in answers[FIELD]:
        if row.get(NAMED) in known and row.get("value") is not None:
            tx.session.add(
                IndicatorValue(
                    id=uuid7(), tenant_id=tx.tenant_id, indicator_id=known[row[NAMED]], submission_id=submission_id,
                    unit_id=occurrence.lead_unit_id, occurrence_id=occurrence.id, year=occurrence.year, as_of=as_of,
                    value=float(row["value"]), whole=_whole(row), note=str(row.get("note") or ""),
                    entered_by=tx.actor.id, entered_at=tx.now,
                )
            )  # fmt: skip


def _whole(row: Mapping[str, Any]) -> float | None:
    return None if row.get(WHOLE) is None else float(row[WHOLE])


def _of_plan(plan_id: UUID) -> sa.Select[UUID]:
    return sa.select(Indicator.id).where(Indicator.plan_id == plan_id)
