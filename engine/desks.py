"""Desks that drawings name: `role@party`, whose unit each case has, or `role@unit:<code>`, one unit of the ward.

A code is a unit's name written plainly ("phong-vh-xh"), not its id: so a drawing goes from ward to ward.
"""

from collections.abc import Callable, Mapping
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.spiff import UNIT, Element, WalkFailed
from engine.transaction import Transaction

Directory = Callable[[sa.Connection, UUID], Mapping[str, UUID]]
D = TypeVar("D", bound=Directory)

Workplaces = Callable[[sa.Connection, UUID, str], bool]
W = TypeVar("W", bound=Workplaces)

_directories: list[Directory] = []
_workplaces: list[Workplaces] = []


def names_units(directory: D) -> D:
    """Register what knows a tenant's units by their codes."""
    _directories.append(directory)
    return directory


def units_by_code(connection: sa.Connection, tenant_id: UUID) -> dict[str, UUID]:
    """The tenant's units that a drawing may name."""
    return {code: unit for directory in _directories for code, unit in directory(connection, tenant_id).items()}


def knows_workplaces(workplaces: W) -> W:
    """Register what knows whether a desk's steps may be given to a person."""
    _workplaces.append(workplaces)
    return workplaces


def works_at(connection: sa.Connection, person_id: UUID, desk: str) -> bool:
    """Whether a person works where a desk's steps are done."""
    return all(works_there(connection, person_id, desk) for works_there in _workplaces)


def resolve_desk(tx: Transaction, desk: str, parties: Mapping[str, str], element_id: str) -> str:
    """The desk with its unit's id put in. Raises WalkFailed where there is no such unit."""
    role, _, party = desk.partition("@")
    if party.startswith(UNIT):
        return f"{role}@{_named(tx, party.removeprefix(UNIT), element_id)}"
    if not parties.get(party):
        raise WalkFailed(element_id, f"Chưa xác định đơn vị “{party}” cho bước này.")
    return f"{role}@{parties[party]}"


def _named(tx: Transaction, code: str, element_id: str) -> UUID:
    unit = units_by_code(tx.connection, tx.tenant_id).get(code)
    if unit is None:
        mend = "ghi tên đó vào các tên gọi khác của đơn vị nay làm việc này, rồi thử lại"
        raise WalkFailed(element_id, f"Phường không có đơn vị nào tên “{code}” đang hoạt động: {mend}.")
    return unit


def sender_desks(
    connection: sa.Connection, tenant_id: UUID, element: Element, parties: Mapping[str, str]
) -> frozenset[str]:
    """The desks that may send a message event's form; none where the drawing names none."""
    senders = element.properties.get("senders", "")
    units = units_by_code(connection, tenant_id) if f"@{UNIT}" in senders else {}
    places = {**parties, **{f"{UNIT}{code}": str(unit) for code, unit in units.items()}}
    pairs = (sender.partition("@") for sender in senders.split())
    return frozenset(f"{role}@{places[party]}" for role, _, party in pairs if places.get(party))
