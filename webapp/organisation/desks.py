"""Who sits at a desk, and who works in a unit."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.desks import knows_workplaces
from engine.statements import fetch
from webapp.organisation.models import Absence, Membership, Person, Role

Read = Session | sa.Connection
SIGNERS = (Role.CHAIR, Role.VICE_CHAIR)

AT_DESK = (
    sa.select(Membership.person_id)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.unit_id == sa.bindparam("unit"), Membership.role == sa.bindparam("role"), Person.is_active)
)
AT_DESK_TODAY = AT_DESK.outerjoin(
    Absence,
    (Absence.person_id == Membership.person_id) & (Absence.from_day <= sa.bindparam("today"))
    & (Absence.to_day >= sa.bindparam("today")) & Absence.ended_at.is_(None),
).add_columns(Absence.proxy_id)  # fmt: skip

IN_UNIT = (
    sa.select(Membership.person_id)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.unit_id == sa.bindparam("unit"), Person.id == sa.bindparam("person"), Person.is_active)
)


def works_in(connection: sa.Connection, person_id: UUID, unit_id: UUID) -> bool:
    """Whether an active person has a role in a unit."""
    return bool(fetch(connection, IN_UNIT, {"unit": unit_id, "person": person_id}))


@knows_workplaces
def works_at(connection: sa.Connection, person_id: UUID, desk: str) -> bool:
    """Whether a desk's steps may be given to somebody: a unit's work to all of the unit, others to who has the role."""
    role, _, unit = desk.partition("@")
    if role == Role.STAFF:
        return works_in(connection, person_id, UUID(unit))
    return person_id in people_at(connection, desk)


@lru_cache(maxsize=64)
def _proxies(count: int) -> Any:
    """The statement for so many people; made once."""
    people = [sa.bindparam(f"person_{n}", type_=sa.Uuid()) for n in range(count)]
    return sa.select(Absence.proxy_id).where(
        Absence.person_id.in_(people), Absence.from_day <= sa.bindparam("today"),
        Absence.to_day >= sa.bindparam("today"), Absence.ended_at.is_(None),
    )  # fmt: skip


def people_at(read: Read, desk: str) -> list[UUID]:
    """The active people at `role@unit`."""
    return [row.person_id for row in fetch(_connection(read), AT_DESK, _values(desk))]


def may_be_handed(read: Read, desk: str, person_id: UUID) -> bool:
    """Whether a step may be put into somebody's hands: who decides or signs for the committee does so by their office.

    Within units heads hand on what they like. Who stands in for somebody finds their steps without that.
    """
    return desk.partition("@")[0] not in SIGNERS or person_id in people_at(read, desk)


def reached_at(read: Read, desk: str, today: date) -> list[UUID]:
    """The active people at `role@unit`, and those who stand in for them today."""
    rows = fetch(_connection(read), AT_DESK_TODAY, {**_values(desk), "today": today})
    proxies = [row.proxy_id for row in rows if row.proxy_id is not None]
    return list(dict.fromkeys([*(row.person_id for row in rows), *proxies]))


def officer_or_heads(read: Read, officer_id: UUID | None, unit_id: UUID) -> list[UUID]:
    """Whoever does a piece of a unit's work, while they are there; else the unit's heads."""
    if officer_id is not None and works_in(_connection(read), officer_id, unit_id):
        return [officer_id]
    return people_at(read, f"{Role.HEAD}@{unit_id}")


def with_proxies(read: Read, people: Iterable[UUID], today: date) -> list[UUID]:
    """People, and those who stand in for them today."""
    wanted = list(people)
    if not wanted:
        return []
    values = {f"person_{n}": person_id for n, person_id in enumerate(wanted)}
    absent = fetch(_connection(read), _proxies(len(wanted)), {**values, "today": today})
    return list(dict.fromkeys([*wanted, *(row.proxy_id for row in absent)]))


def _values(desk: str) -> dict[str, Any]:
    role, _, unit = desk.partition("@")
    return {"unit": UUID(unit), "role": Role(role)}


def _connection(read: Read) -> sa.Connection:
    return read.connection() if isinstance(read, Session) else read
