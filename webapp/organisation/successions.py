"""Who has the place of a unit that was renamed, merged or split."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Unit, UnitSuccession

Heirs = Mapping[UUID, Set[UUID]]
"""By unit, those that have its place or a part of its work."""


def in_its_place(read: Session, unit_id: UUID) -> UUID:
    """The unit, or the one that has its place by now."""
    after = (
        sa.select(UnitSuccession.successor_id)
        .join(Unit, Unit.id == UnitSuccession.successor_id)
        .where(
            UnitSuccession.predecessor_id == unit_id, UnitSuccession.is_main, ~UnitSuccession.is_partial,
            Unit.ended_on.is_(None),
        )
    )  # fmt: skip
    return read.scalar(after.limit(1)) or unit_id


def heirs_of(read: Session, units: Iterable[UUID]) -> Heirs:
    """Of each unit that gave its work away, or a part of it."""
    query = sa.select(UnitSuccession.predecessor_id, UnitSuccession.successor_id)
    found = defaultdict[UUID, set[UUID]](set)
    for row in read.execute(query.where(UnitSuccession.predecessor_id.in_(set(units)))):
        found[row.predecessor_id].add(row.successor_id)
    return found


def as_now(unit_id: UUID, among: Set[UUID], heirs: Heirs) -> Set[UUID]:
    """The unit where it is `among` these, else those of them that have its place."""
    return {unit_id} & among or heirs.get(unit_id, frozenset()) & among
