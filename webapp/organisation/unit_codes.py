"""The codes by which drawings name units: "Phòng VH-XH" is `phong-vh-xh`, in every ward that has such a unit."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.desks import names_units
from engine.text import words_in
from webapp.organisation.models import Unit, UnitSuccession


@names_units
def unit_codes(connection: sa.Connection, tenant_id: UUID) -> dict[str, UUID]:
    """The units in use by all names they go by; what several go by is nobody's, but for a short name.

    Who has the place of one that is no more goes by its names too, where nobody else does: drawings stay as they are.
    """
    units = _units(connection, tenant_id)
    own = {**_of_one(pair for unit in units for pair in _all_names(unit)), **_of_one(map(_short_name, units))}
    return {**_of_one(_former_names(connection, tenant_id)), **own}


def _former_names(connection: sa.Connection, tenant_id: UUID) -> Iterator[tuple[str, UUID]]:
    successor = sa.orm.aliased(Unit)
    query = (
        sa.select(UnitSuccession.successor_id.label("id"), Unit.short_name, Unit.name, Unit.aliases)
        .join(Unit, Unit.id == UnitSuccession.predecessor_id)
        .join(successor, successor.id == UnitSuccession.successor_id)
        .where(UnitSuccession.tenant_id == tenant_id, UnitSuccession.is_main, successor.is_active)
    )
    return (pair for unit in connection.execute(query) for pair in _all_names(unit))


def units_to_name(read: Session, tenant_id: UUID) -> dict[str, str]:
    """The names of the units in use by the code that a drawing gets for each, in their order."""
    connection = read.connection()
    codes = unit_codes(connection, tenant_id)
    named = {}
    for unit in _units(connection, tenant_id):
        own = next((code for code, unit_id in _all_names(unit) if codes.get(code) == unit_id), None)
        named.update({own: unit.name} if own else {})
    return named


def _units(connection: sa.Connection, tenant_id: UUID) -> list[Any]:
    columns = Unit.id, Unit.short_name, Unit.name, Unit.aliases
    query = sa.select(*columns).where(Unit.tenant_id == tenant_id, Unit.is_active).order_by(Unit.position, Unit.name)
    return list(connection.execute(query))


def _short_name(unit: Any) -> tuple[str, UUID]:
    return _code(unit.short_name), unit.id


def _all_names(unit: Any) -> Iterator[tuple[str, UUID]]:
    return ((_code(name), unit.id) for name in (unit.short_name, unit.name, *unit.aliases.split("\n")))


def _code(name: str) -> str:
    return "-".join(words_in(name))


def _of_one(pairs: Iterable[tuple[str, UUID]]) -> dict[str, UUID]:
    owners: dict[str, set[UUID]] = {}
    for code, unit_id in pairs:
        owners.setdefault(code, set()).add(unit_id)
    return {code: next(iter(units)) for code, units in owners.items() if code and len(units) == 1}
