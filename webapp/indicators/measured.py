"""The values that were reported for indicators, each with who has its unit's place by now."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.indicators.models import IndicatorValue
from webapp.indicators.rolling_up import Measured
from webapp.organisation.models import Unit, UnitSuccession
from webapp.unit_changes.models import Successor

_v: Any = IndicatorValue.__table__

_PLACES: Any = (
    sa.select(
        UnitSuccession.predecessor_id,
        UnitSuccession.successor_id,
        UnitSuccession.from_day,
        sa.exists().where(Successor.unit_id == UnitSuccession.successor_id, Successor.is_new).label("is_new"),
    )
    .join(Unit, Unit.id == UnitSuccession.successor_id)
    .where(UnitSuccession.is_main, UnitSuccession.is_partial.is_(False), Unit.ended_on.is_(None))
    .subquery()
)
"""Who has the place of a unit that is no more."""


def measured(read: Session, ids: Sequence[UUID]) -> dict[UUID, list[Measured]]:
    """By indicator, the earliest first."""
    found: dict[UUID, list[Measured]] = {}
    columns = _v.c.indicator_id, _v.c.unit_id, _v.c.year, _v.c.as_of, _v.c.value, _v.c.whole
    query = (
        sa.select(*columns, _PLACES.c.successor_id, _PLACES.c.from_day, _PLACES.c.is_new)
        .outerjoin(_PLACES, _PLACES.c.predecessor_id == _v.c.unit_id)
        .where(_v.c.indicator_id.in_(ids))
    )
    for row in read.execute(query.order_by(_v.c.as_of, _v.c.entered_at)):
        place = (row.successor_id, row.from_day) if row.successor_id else None
        renamed = row.successor_id if row.is_new else None
        one = Measured(row.unit_id, row.year, row.as_of, row.value, place, row.whole, renamed)
        found.setdefault(row.indicator_id, []).append(one)
    return found
