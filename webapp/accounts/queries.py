"""Who signs in, and whom one may hand a code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Actor
from engine.text import fold
from webapp.accounts.commands import may_issue_code
from webapp.accounts.models import OneTimeCode
from webapp.identity import CurrentPerson
from webapp.organisation.contacts import InvalidContact, normalise_phone
from webapp.organisation.models import Committee, Membership, Person, Role
from webapp.permissions import Permission

PAGE = 50


@dataclass(frozen=True, slots=True)
class Account:
    """An active account as signing in sees it."""

    person_id: UUID
    tenant_id: UUID
    username: str
    password_hash: str | None
    session_epoch: int


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code that is still good."""

    id: UUID
    code_hash: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody to whom the reader may hand a code."""

    id: UUID
    name: str
    username: str
    phone: str | None
    desks: tuple[str, ...]


def canonical(typed: str) -> str:
    """What was typed to say who one is, in the one spelling that is stored."""
    try:
        return normalise_phone(typed)
    except InvalidContact:
        return typed.strip().lower()


def wards(read: Session) -> list[tuple[UUID, str]]:
    """The wards to choose from when signing in, by name; none where there is only one."""
    rows = read.execute(sa.select(Committee.tenant_id, Committee.name).order_by(Committee.name, Committee.tenant_id))
    found = [(id, name) for id, name in rows]
    return found if len(found) > 1 else []


def find_account(read: Session, identifier: str, tenant_id: UUID | None = None) -> Account | None:
    """The active account with that user name, e-mail or telephone number, if there is exactly one; of one ward."""
    column = Person.email if "@" in identifier else Person.phone if identifier.isdecimal() else Person.username
    query = sa.select(Person.id, Person.tenant_id, Person.username, Person.password_hash, Person.session_epoch).where(
        column == identifier, Person.is_active
    )
    if tenant_id is not None:
        query = query.where(Person.tenant_id == tenant_id)
    rows = read.execute(query.limit(2)).all()
    return Account(*rows[0]) if len(rows) == 1 else None


def password_of(read: Session, person_id: UUID) -> str | None:
    """The stored hash of somebody's password."""
    return read.scalar(sa.select(Person.password_hash).where(Person.id == person_id))


def email_of(read: Session, person_id: UUID) -> str | None:
    """Where somebody's notifications go."""
    return read.scalar(sa.select(Person.email).where(Person.id == person_id))


def current_code(read: Session, person_id: UUID, now: datetime) -> Code | None:
    """The code that the person may still use."""
    query = sa.select(OneTimeCode.id, OneTimeCode.code_hash).where(
        OneTimeCode.person_id == person_id, OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > now
    )
    row = read.execute(query.order_by(OneTimeCode.id.desc()).limit(1)).one_or_none()
    return Code(*row) if row else None


def receivers(read: Session, person: CurrentPerson, search: str = "", after: UUID | None = None) -> list[Receiver]:
    """Active people to whom the reader may hand a code, by name, one more than a page where there are more."""
    actor = person.actor()
    nobody = {person.id, *person.stands_for}
    query = sa.select(Person).where(Person.tenant_id == person.tenant_id, Person.is_active, Person.id.not_in(nobody))
    for word in fold(search).split():
        query = query.where(Person.search_key.contains(word, autoescape=True))
    if not actor.may(Permission.ADMINISTER):
        elsewhere = sa.or_(Membership.unit_id.not_in(_headed(actor)), Membership.role == Role.ADMIN)
        query = query.where(Person.memberships.any(), ~Person.memberships.any(elsewhere))
    if after is not None:
        of_tenant = Person.tenant_id == person.tenant_id
        last = sa.select(Person.search_key).where(Person.id == after, of_tenant).scalar_subquery()
        query = query.where(sa.or_(Person.search_key > last, sa.and_(Person.search_key == last, Person.id > after)))
    return [_receiver(found) for found in read.scalars(query.order_by(Person.search_key, Person.id).limit(PAGE + 1))]


def receiver(read: Session, person: CurrentPerson, person_id: UUID) -> Receiver | None:
    """One of those."""
    found = read.get(Person, person_id)
    if found is None or found.tenant_id != person.tenant_id or not found.is_active:
        return None
    return _receiver(found) if may_issue_code(person.actor(), found) else None


def _headed(actor: Actor) -> list[UUID]:
    return [UUID(unit) for role, _, unit in (desk.partition("@") for desk in actor.desks) if role == Role.HEAD]


def _receiver(person: Person) -> Receiver:
    desks = tuple(f"{m.title} · {m.unit.short_name}" if m.title else m.unit.short_name for m in person.memberships)
    return Receiver(person.id, person.name, person.username, person.phone, desks)
