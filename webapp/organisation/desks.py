"""Who sits at a desk."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Absence, Membership, Person, Role


def people_at(read: Session, desk: str) -> list[UUID]:
    """The active people at `role@unit`."""
    role, _, unit = desk.partition("@")
    query = (
        sa.select(Membership.person_id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id == UUID(unit), Membership.role == Role(role), Person.is_active)
    )
    return list(read.scalars(query))


def with_proxies(read: Session, people: Iterable[UUID], today: date) -> list[UUID]:
    """People, and those who stand in for them today."""
    wanted: Collection[UUID] = list(people)
    proxies = sa.select(Absence.proxy_id).where(
        Absence.person_id.in_(wanted), Absence.from_day <= today, Absence.to_day >= today, Absence.ended_at.is_(None)
    )
    return list(dict.fromkeys([*wanted, *read.scalars(proxies)]))
