"""Who is away, and who stands in."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from webapp.identity import CurrentPerson
from webapp.organisation.models import Absence, Membership, Person, Role
from webapp.permissions import Permission

MOST = 200


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    id: UUID
    person_id: UUID
    person_name: str
    proxy_id: UUID
    proxy_name: str
    from_day: date
    to_day: date
    reason: str
    is_ended: bool

    def is_current(self, today: date) -> bool:
        """Whether the proxy stands in today."""
        return not self.is_ended and self.from_day <= today <= self.to_day

    def is_over(self, today: date) -> bool:
        """Whether it has passed or was ended."""
        return self.is_ended or self.to_day < today


def absences_of(read: Session, person_id: UUID, since: date) -> list[AbsenceRow]:
    """A person's absences that last beyond a day, the latest first."""
    return _absences(read, Absence.person_id == person_id, Absence.to_day >= since)


def stood_in_by(read: Session, person_id: UUID, today: date) -> list[AbsenceRow]:
    """Absences, present and to come, in which a person stands in for others."""
    return _absences(read, Absence.proxy_id == person_id, Absence.to_day >= today, Absence.ended_at.is_(None))


def absences_in_charge(read: Session, person: CurrentPerson, today: date) -> list[AbsenceRow]:
    """Absences, present and to come, of those for whom the reader may enter some: not their own."""
    mine = [Absence.tenant_id == person.tenant_id, Absence.to_day >= today, Absence.ended_at.is_(None)]
    if not person.may(Permission.ADMINISTER):
        units = headed_units(person)
        if not units:
            return []
        in_units = sa.select(Membership.person_id).where(Membership.unit_id.in_(units))
        mine.append(Absence.person_id.in_(in_units))
    return _absences(read, Absence.person_id != person.id, *mine)


def find_absence(read: Session, tenant_id: UUID, absence_id: UUID) -> AbsenceRow | None:
    """One absence of the tenant."""
    found = _absences(read, Absence.tenant_id == tenant_id, Absence.id == absence_id)
    return found[0] if found else None


def headed_units(person: CurrentPerson) -> frozenset[UUID]:
    """The units that the reader heads as they act now."""
    desks = (desk.partition("@") for desk in person.desks)
    return frozenset(UUID(unit) for role, _, unit in desks if role == Role.HEAD)


def _absences(read: Session, *conditions: sa.ColumnElement[bool]) -> list[AbsenceRow]:
    away, proxy = aliased(Person), aliased(Person)
    query = (
        sa.select(
            Absence.id, Absence.person_id, away.name, Absence.proxy_id, proxy.name, Absence.from_day, Absence.to_day,
            Absence.reason, Absence.ended_at.is_not(None),
        )
        .join(away, away.id == Absence.person_id)
        .join(proxy, proxy.id == Absence.proxy_id)
        .where(*conditions)
        .order_by(Absence.from_day.desc(), Absence.id.desc())
    )  # fmt: skip
    return [AbsenceRow(*row[:8], bool(row[8])) for row in read.execute(query.limit(MOST))]
