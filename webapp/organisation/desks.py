"""Who sits at a desk."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Absence, Membership, Person, Role

Read = Session | sa.Connection

AT_DESK = (
    sa.select(Membership.person_id)
    .join(Person, Person.id == Membership.person_id)
    .where(Membership.unit_id == sa.bindparam("unit"), Membership.role == sa.bindparam("role"), Person.is_active)
)
PROXIES = sa.select(Absence.proxy_id).where(
    Absence.person_id.in_(sa.bindparam("people", expanding=True)), Absence.from_day <= sa.bindparam("today"),
    Absence.to_day >= sa.bindparam("today"), Absence.ended_at.is_(None),
)  # fmt: skip


def people_at(read: Read, desk: str) -> list[UUID]:
    """The active people at `role@unit`."""
    role, _, unit = desk.partition("@")
    return list(read.scalars(AT_DESK, {"unit": UUID(unit), "role": Role(role)}))


def with_proxies(read: Read, people: Iterable[UUID], today: date) -> list[UUID]:
    """People, and those who stand in for them today."""
    wanted = list(people)
    if not wanted:
        return []
    return list(dict.fromkeys([*wanted, *read.scalars(PROXIES, {"people": wanted, "today": today})]))
