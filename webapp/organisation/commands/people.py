"""People: added, changed, imported, put out of use."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, handles
from engine.errors import Kind, NotFound, Rejected
from engine.models import OPEN_STEP, UserTask
from engine.transaction import Transaction
from webapp.organisation.commands.absences import end_absences_across_units, end_absences_of
from webapp.organisation.facts import PasswordReset, PersonAdded, PersonChanged, PersonDeactivated, PersonReactivated
from webapp.organisation.labels import COMMITTEE_ROLES
from webapp.organisation.models import Committee, Membership, Person, Role, Unit
from webapp.organisation.refusals import (
    DeskTwice,
    EmailTaken,
    FieldRefused,
    LastAdministrator,
    NoAccountsThere,
    NoDesk,
    PhoneTaken,
    RoleElsewhere,
    StandingInForThem,
    TasksNotHandedOver,
    UnknownUnit,
    UsernameTaken,
    YourOwnAccount,
)
from webapp.permissions import Permission


@dataclass(frozen=True, slots=True)
class HeldDesk:
    """A role in a unit, and how the person is called there."""

    unit_id: UUID
    role: Role
    title: str = ""

    @property
    def key(self) -> str:
        """As `user_tasks.desk` writes it."""
        return f"{self.role}@{self.unit_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody to add; contacts are normalised already (`webapp.organisation.contacts`)."""

    name: str
    username: str
    email: str | None = None
    phone: str | None = None
    desks: tuple[HeldDesk, ...]
    password_hash: str | None = None  # None: signs in with one-time codes only
    must_change_password: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Command):
    permission = Permission.ADMINISTER

    person: NewPerson


@handles(AddPerson)
def add_person(command: AddPerson, tx: Transaction) -> UUID:
    """Return the person's id. Raises FieldRefused."""
    return _add(tx, command.person)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPeople(Command):
    """Add many people, all or none."""

    permission = Permission.ADMINISTER

    people: tuple[NewPerson, ...]


class ImportRefused(Rejected):
    """`faults` says for each refused person (by place in the command) why."""

    kind = Kind.CONFLICT

    def __init__(self, faults: Mapping[int, str]) -> None:
        super().__init__(f"Có {len(faults)} dòng chưa nhập được nên chưa ai được thêm. Hãy sửa rồi tải lên lại.")
        self.faults = faults


@handles(ImportPeople)
def import_people(command: ImportPeople, tx: Transaction) -> tuple[UUID, ...]:
    """Return the ids in the order of the command. Raises ImportRefused."""
    added: list[UUID] = []
    faults: dict[int, str] = {}
    for place, person in enumerate(command.people):
        try:
            added.append(_add(tx, person))
        except FieldRefused as refusal:
            faults[place] = str(refusal)
    if faults:
        raise ImportRefused(faults)
    return tuple(added)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePerson(Command):
    permission = Permission.ADMINISTER

    person_id: UUID
    name: str
    username: str
    email: str | None
    phone: str | None
    desks: tuple[HeldDesk, ...]


@handles(ChangePerson)
def change_person(command: ChangePerson, tx: Transaction) -> None:
    """Raises NotFound, FieldRefused, LastAdministrator."""
    person = find_person(tx, command.person_id)
    _require_free_contacts(tx, command.username, command.email, command.phone, person.id)
    _require_desks(tx, command.desks)
    _require_inside(tx, {desk.unit_id for desk in command.desks} - {held.unit_id for held in person.memberships})
    if person.is_active and all(desk.role is not Role.ADMIN for desk in command.desks):
        _require_other_administrator(tx, person)
    values = {"name": command.name, "username": command.username, "email": command.email, "phone": command.phone}
    changed = tuple(name for name, value in values.items() if getattr(person, name) != value)
    for name in changed:
        setattr(person, name, values[name])
    added, removed = _hold_desks(tx, person, command.desks)
    if removed:
        end_absences_across_units(tx, [person.id])
    if changed or added or removed:
        tx.record(PersonChanged(person.id, changed, added, removed))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivatePerson(Command):
    """Put an account out of use; what its person did stays in the record."""

    permission = Permission.ADMINISTER

    person_id: UUID


@handles(DeactivatePerson)
def deactivate_person(command: DeactivatePerson, tx: Transaction) -> None:
    """Raises NotFound, YourOwnAccount, LastAdministrator, TasksNotHandedOver."""
    person = find_person(tx, command.person_id)
    if not person.is_active:
        return
    if person.id == tx.actor.id:
        raise YourOwnAccount
    _require_other_administrator(tx, person)
    if _holds_open_tasks(tx, person.id):
        raise TasksNotHandedOver
    person.is_active = False
    person.session_epoch += 1
    tx.record(PersonDeactivated(person.id))
    end_absences_of(tx, person.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivatePerson(Command):
    permission = Permission.ADMINISTER

    person_id: UUID


@handles(ReactivatePerson)
def reactivate_person(command: ReactivatePerson, tx: Transaction) -> None:
    """Raises NotFound, UnknownUnit where a unit of theirs is out of use by now."""
    person = find_person(tx, command.person_id)
    if person.is_active:
        return
    _require_desks(tx, [HeldDesk(m.unit_id, m.role) for m in person.memberships])
    person.is_active = True
    tx.record(PersonReactivated(person.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetPassword(Command):
    """Give a person a password that is good for one sign-in, and end their sessions."""

    permission = Permission.ADMINISTER

    person_id: UUID
    password_hash: str


@handles(ResetPassword)
def reset_password(command: ResetPassword, tx: Transaction) -> None:
    """Raises NotFound, StandingInForThem: who does so does it for a while, and does not come to their account."""
    person = find_person(tx, command.person_id)
    if not person.is_active:
        raise NotFound
    if person.id in tx.actor.stands_for:
        raise StandingInForThem
    person.password_hash = command.password_hash
    person.must_change_password = True
    person.session_epoch += 1
    tx.record(PasswordReset(person.id))


def find_person(tx: Transaction, person_id: UUID) -> Person:
    """The person, if they are the tenant's. Raises NotFound."""
    person = tx.session.get(Person, person_id)
    if person is None or person.tenant_id != tx.tenant_id:
        raise NotFound
    return person


def _add(tx: Transaction, new: NewPerson) -> UUID:
    _require_free_contacts(tx, new.username, new.email, new.phone, None)
    _require_desks(tx, new.desks)
    _require_inside(tx, {desk.unit_id for desk in new.desks})
    person = Person(
        tenant_id=tx.tenant_id, name=new.name, username=new.username, email=new.email, phone=new.phone,
        password_hash=new.password_hash, must_change_password=new.must_change_password, created_at=tx.now,
    )  # fmt: skip
    person.memberships = [Membership(unit_id=d.unit_id, role=d.role, title=d.title) for d in new.desks]
    tx.session.add(person)
    tx.session.flush()
    tx.record(PersonAdded(person.id, tuple(desk.key for desk in new.desks)))
    return person.id


def _hold_desks(tx: Transaction, person: Person, desks: Sequence[HeldDesk]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the person hold exactly `desks`; return which came and which went. Kept ones keep their id."""
    held = {f"{m.role}@{m.unit_id}": m for m in person.memberships}
    wanted = {desk.key: desk for desk in desks}
    added, removed = tuple(wanted.keys() - held.keys()), tuple(held.keys() - wanted.keys())
    for key in removed:
        person.memberships.remove(held[key])
        tx.session.delete(held[key])
    for key, desk in wanted.items():
        if key in held:
            held[key].title = desk.title
        else:
            person.memberships.append(Membership(unit_id=desk.unit_id, role=desk.role, title=desk.title))
    return tuple(sorted(added)), tuple(sorted(removed))


def _require_free_contacts(
    tx: Transaction, username: str, email: str | None, phone: str | None, person_id: UUID | None
) -> None:
    """Raises UsernameTaken, EmailTaken, PhoneTaken."""
    same = sa.select(Person.username, Person.email, Person.phone).where(
        Person.tenant_id == tx.tenant_id,
        sa.or_(Person.username == username, Person.email == email, Person.phone == phone),
        Person.id != person_id if person_id else sa.true(),
    )
    for other_username, other_email, other_phone in tx.session.execute(same):
        if other_username == username:
            raise UsernameTaken
        if email is not None and other_email == email:
            raise EmailTaken
        if phone is not None and other_phone == phone:
            raise PhoneTaken


def _require_desks(tx: Transaction, desks: Sequence[HeldDesk]) -> None:
    """Raises NoDesk, DeskTwice, UnknownUnit, RoleElsewhere."""
    if not desks:
        raise NoDesk
    if len({desk.key for desk in desks}) < len(desks):
        raise DeskTwice
    wanted = {desk.unit_id for desk in desks}
    known = sa.select(Unit.id).where(Unit.tenant_id == tx.tenant_id, Unit.id.in_(wanted), Unit.is_active)
    if set(tx.session.scalars(known)) != wanted:
        raise UnknownUnit
    committee = tx.session.get(Committee, tx.tenant_id)
    home = committee.committee_unit_id if committee else None
    if home and any(desk.role in COMMITTEE_ROLES and desk.unit_id != home for desk in desks):
        unit = tx.session.get(Unit, home)
        assert unit is not None
        raise RoleElsewhere(
            f"Chủ tịch, Phó Chủ tịch, Văn phòng (ký tắt), Văn thư và Quản trị viên chỉ khai ở đơn vị “{unit.name}”."
        )


def _require_inside(tx: Transaction, unit_ids: Collection[UUID]) -> None:
    """Raises NoAccountsThere for a body outside the ward: who enters for it is said with its contact."""
    outside = sa.select(Unit.id).where(Unit.id.in_(unit_ids), Unit.is_outside)
    if tx.session.scalar(outside.limit(1)) is not None:
        raise NoAccountsThere


def _require_other_administrator(tx: Transaction, person: Person) -> None:
    """Raises LastAdministrator where nobody but this person administers."""
    if all(m.role is not Role.ADMIN for m in person.memberships):
        return
    others = (
        sa.select(Membership.id)
        .join(Person)
        .where(
            Person.tenant_id == tx.tenant_id, Person.is_active, Membership.role == Role.ADMIN, Person.id != person.id
        )
    )
    # Locked: of two who put each other out of use at the same moment, one stays.
    if tx.session.scalar(others.limit(1).with_for_update() if tx.locks else others.limit(1)) is None:
        raise LastAdministrator


def _holds_open_tasks(tx: Transaction, person_id: UUID) -> bool:
    held = sa.select(UserTask.id).where(
        UserTask.tenant_id == tx.tenant_id, UserTask.assignee_id == person_id, UserTask.state == OPEN_STEP
    )
    return tx.session.scalar(held.limit(1)) is not None
