"""People and what they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, ProcessInstance, UserTask
from engine.text import fold
from webapp.identity import ROLE_NAMES, Desk
from webapp.organisation.desks import SIGNERS, people_at
from webapp.organisation.models import Membership, Person, Role, Unit
from webapp.organisation.people_sheet import Account, KnownUnit

PAGE = 50
MOST_TASKS = 500


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody as lists and their own page show them."""

    id: UUID
    name: str
    username: str
    email: str | None
    phone: str | None
    is_active: bool
    has_password: bool
    must_change_password: bool
    desks: tuple[Desk, ...]

    @property
    def unit_ids(self) -> frozenset[UUID]:
        """The units they belong to."""
        return frozenset(desk.unit_id for desk in self.desks)

    @property
    def held(self) -> list[str]:
        """What they are where, each once: who enters for a body outside is at two desks of it."""
        return list(dict.fromkeys(desk.label for desk in self.desks))


@dataclass(frozen=True, slots=True)
class People:
    """A page of the list; `after` begins the next one."""

    rows: tuple[PersonRow, ...]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class HeldTask:
    """An open step that is given to somebody."""

    id: UUID
    name: str
    case_title: str
    desk: str
    due_at: datetime | None

    @property
    def unit_id(self) -> UUID:
        """The unit whose step it is."""
        return UUID(self.desk.partition("@")[2])


def list_people(
    read: Session,
    tenant_id: UUID,
    *,
    search: str = "",
    unit_id: UUID | None = None,
    active: bool = True,
    after: UUID | None = None,
) -> People:
    """People by name; each word searched for occurs in name, user name, e-mail or telephone, diacritics aside."""
    query = sa.select(Person).where(Person.tenant_id == tenant_id, Person.is_active == active)
    for word in fold(search).split():
        query = query.where(Person.search_key.contains(word, autoescape=True))
    if unit_id is not None:
        query = query.where(Person.memberships.any(Membership.unit_id == unit_id))
    if after is not None:
        last = sa.select(Person.search_key).where(Person.id == after, Person.tenant_id == tenant_id).scalar_subquery()
        query = query.where(sa.or_(Person.search_key > last, sa.and_(Person.search_key == last, Person.id > after)))
    found = read.scalars(query.order_by(Person.search_key, Person.id).limit(PAGE + 1)).all()
    rows = tuple(map(_row, found[:PAGE]))
    return People(rows, rows[-1].id if len(found) > PAGE else None)


def find_person_row(read: Session, tenant_id: UUID, person_id: UUID) -> PersonRow | None:
    """One person of the tenant, active or not."""
    person = read.get(Person, person_id)
    return _row(person) if person is not None and person.tenant_id == tenant_id else None


def active_people(read: Session, tenant_id: UUID, unit_ids: frozenset[UUID] | None = None) -> list[PersonRow]:
    """Everybody at work, or those of some units; a ward has some hundred of them."""
    query = sa.select(Person).where(Person.tenant_id == tenant_id, Person.is_active)
    if unit_ids is not None:
        query = query.where(Person.memberships.any(Membership.unit_id.in_(unit_ids)))
    return [_row(person) for person in read.scalars(query.order_by(Person.search_key, Person.id))]


def possible_proxies(read: Session, tenant_id: UUID, person: PersonRow) -> list[PersonRow]:
    """Who may stand in for a person: of a unit or with a role of theirs; for who signs, who signs too."""
    roles = {desk.role for desk in person.desks}
    shares = sa.or_(Membership.unit_id.in_(person.unit_ids), Membership.role.in_(roles))
    signs = sa.true() if roles.isdisjoint(SIGNERS) else Person.memberships.any(Membership.role.in_(SIGNERS))
    query = (
        sa.select(Person)
        .where(Person.tenant_id == tenant_id, Person.is_active, Person.id != person.id)
        .where(Person.memberships.any(shares), signs)
    )
    found = [_row(other) for other in read.scalars(query.order_by(Person.search_key, Person.id))]
    return sorted(found, key=lambda other: not (other.unit_ids & person.unit_ids))


def known_units(read: Session, tenant_id: UUID) -> list[KnownUnit]:
    """The units in use, by every name they go by."""
    query = sa.select(Unit).where(Unit.tenant_id == tenant_id, Unit.is_active).order_by(Unit.position, Unit.name)
    return [
        KnownUnit(
            unit.id, unit.name, unit.kind, (unit.short_name, *filter(None, unit.aliases.split("\n"))), unit.is_outside
        )
        for unit in read.scalars(query)
    ]  # fmt: skip


def accounts(read: Session, tenant_id: UUID) -> list[Account]:
    """Whoever has an account, in use or not."""
    query = sa.select(Person).where(Person.tenant_id == tenant_id)
    return [
        Account(
            one.name, one.username, one.email, one.phone, frozenset((m.unit_id, m.role) for m in one.memberships),
            one.is_active,
        )
        for one in read.scalars(query)
    ]  # fmt: skip


def held_tasks(read: Session, tenant_id: UUID, person_id: UUID) -> list[HeldTask]:
    """Open steps given to a person, most urgent first."""
    query = (
        sa.select(UserTask.id, UserTask.name, ProcessInstance.title, UserTask.desk, UserTask.due_at)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.tenant_id == tenant_id, UserTask.assignee_id == person_id, UserTask.state == OPEN_STEP)
        .order_by(UserTask.order_at, UserTask.id)
    )
    return [HeldTask(*row) for row in read.execute(query.limit(MOST_TASKS))]


def count_held_tasks(read: Session, tenant_id: UUID, person_id: UUID) -> int:
    """How many open steps a person holds."""
    held = sa.select(sa.func.count()).where(
        UserTask.tenant_id == tenant_id, UserTask.assignee_id == person_id, UserTask.state == OPEN_STEP
    )
    return read.scalar(held) or 0


def bodies_entered_for(read: Session, person_id: UUID) -> dict[UUID, str]:
    """The bodies outside for which somebody enters, by their short names."""
    mine = sa.select(Membership.unit_id).where(Membership.person_id == person_id)
    query = sa.select(Unit.id, Unit.short_name).where(Unit.id.in_(mine), Unit.is_outside).order_by(Unit.position)
    return {row.id: row.short_name for row in read.execute(query)}


@dataclass(frozen=True, slots=True)
class EmptyDesk:
    """A role of a unit that nobody holds."""

    name: str  # "Trưởng đơn vị · Trạm Y tế"
    waiting: int  # open steps that nobody took

    @property
    def words(self) -> str:
        """With what waits there."""
        return f"{self.name} ({self.waiting} việc đang chờ)" if self.waiting else self.name


def left_empty(read: Session, leaver_id: UUID, desks: Iterable[Desk]) -> list[EmptyDesk]:
    """The desks of a leaver at which nobody else sits; what comes to a unit's staff its head sees."""
    found = []
    for desk in desks:
        seen_by = {desk.key, f"{Role.HEAD}@{desk.unit_id}"} if desk.role is Role.STAFF else {desk.key}
        if not any({*people_at(read, key)} - {leaver_id} for key in seen_by):
            waiting = sa.select(sa.func.count()).where(
                UserTask.desk == desk.key, UserTask.state == OPEN_STEP, UserTask.assignee_id.is_(None)
            )
            name = f"{ROLE_NAMES[desk.role]} · {desk.unit_short_name}"
            found.append(EmptyDesk(name, read.scalar(waiting) or 0))
    return found


def _row(person: Person) -> PersonRow:
    desks = tuple(
        Desk(m.id, m.unit_id, m.unit.name, m.unit.short_name, m.role, m.title)
        for m in sorted(person.memberships, key=lambda m: (m.unit.position, m.unit.name, m.role))
    )
    return PersonRow(
        person.id, person.name, person.username, person.email, person.phone, person.is_active,
        person.password_hash is not None, person.must_change_password, desks,
    )  # fmt: skip
