"""The indicators of a task that goes on under a plan in another's place."""

from dataclasses import fields
from uuid import UUID

import sqlalchemy as sa

from engine.text import spelled
from engine.transaction import Transaction
from webapp.indicators.commands import IndicatorFields, ReviseIndicator, owners_of, revise_indicator
from webapp.indicators.models import Indicator, IndicatorOwner, IndicatorValue
from webapp.indicators.standing import is_share


def pass_on_indicators(tx: Transaction, plan_id: UUID, before: UUID, after: UUID) -> None:
    """They go with it, their values too; what the new plan says of one by the same name holds from then on."""
    of_task = sa.select(Indicator).order_by(Indicator.part_of_id.is_not(None), Indicator.position)
    new = tx.session.scalars(of_task.where(Indicator.plan_task_id == after, Indicator.retired_at.is_(None))).all()
    stated = {_alike(one): one for one in new}
    for one in tx.session.scalars(of_task.where(Indicator.plan_task_id == before)).all():
        one.plan_id, one.plan_task_id, one.reading_key = plan_id, after, None  # That key is of the old plan's reading.
        if one.retired_at is None and _alike(one) in stated:
            _restate(tx, one, stated.pop(_alike(one)))


def _alike(one: Indicator) -> tuple[str, bool]:
    return spelled(one.name), is_share(one)


def _restate(tx: Transaction, one: Indicator, new: Indicator) -> None:
    """One is followed on; the other was to be the same, and nobody is asked twice."""
    names = [field.name for field in fields(IndicatorFields) if field.name != "owner_unit_ids"]
    said = {name: getattr(new, name) for name in names}
    owners, kept = tuple(owners_of(tx, new.id)), (new.reading_key, new.sentence, new.source)
    parts, values = Indicator.part_of_id == new.id, IndicatorValue.indicator_id == new.id
    tx.session.execute(sa.update(Indicator).where(parts).values(part_of_id=one.id))
    tx.session.execute(sa.update(IndicatorValue).where(values).values(indicator_id=one.id))
    tx.session.execute(sa.delete(IndicatorOwner).where(IndicatorOwner.indicator_id == new.id))
    tx.session.delete(new)
    tx.session.flush()
    one.reading_key, one.sentence, one.source = kept
    revise_indicator(ReviseIndicator(indicator_id=one.id, stated=IndicatorFields(**said, owner_unit_ids=owners)), tx)
