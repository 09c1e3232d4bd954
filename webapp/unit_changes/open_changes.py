"""Whether a unit is in the middle of a change: then it stays as it is until that is over."""

from uuid import UUID

import sqlalchemy as sa

from engine.transaction import Transaction
from webapp.unit_changes.models import OPEN, Successor, UnitChange
from webapp.unit_changes.refusals import UnitHasOpenChange


def require_no_open_change(tx: Transaction, unit_id: UUID) -> None:
    """Raises UnitHasOpenChange where the unit is to change, or to take another's place."""
    if open_change_of(tx, unit_id) is not None:
        raise UnitHasOpenChange("Đơn vị đang có một thay đổi chưa xong. Hãy hoàn thành hoặc hủy thay đổi đó trước.")
    if (predecessor := open_change_into(tx, unit_id)) is not None:
        raise UnitHasOpenChange(
            f"Đơn vị sắp nhận việc của {predecessor.unit.name}. Hãy đợi thay đổi đó xong, hoặc hủy nó trước."
        )


def open_change_of(tx: Transaction, unit_id: UUID) -> UnitChange | None:
    """The unit's own change that has not come to its end."""
    query = sa.select(UnitChange).where(UnitChange.unit_id == unit_id, UnitChange.state.in_(OPEN))
    return tx.session.scalar(query.limit(1))


def open_change_into(tx: Transaction, unit_id: UUID) -> UnitChange | None:
    """A change by which the unit gets the work of another."""
    query = (
        sa.select(UnitChange)
        .join(Successor, Successor.change_id == UnitChange.id)
        .where(Successor.unit_id == unit_id, UnitChange.unit_id != unit_id, UnitChange.state.in_(OPEN))
    )
    return tx.session.scalar(query.limit(1))


def promised_units(tx: Transaction) -> list[Successor]:
    """Those that are to come into being, with the names they will have."""
    query = (
        sa.select(Successor)
        .join(UnitChange, UnitChange.id == Successor.change_id)
        .where(UnitChange.tenant_id == tx.tenant_id, UnitChange.state.in_(OPEN), Successor.is_new)
    )
    return list(tx.session.scalars(query))
