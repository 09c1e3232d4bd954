"""Contacts: added, changed, given another officer.

The officer is at the body's own desks, as its staff and its head: so its steps reach them like those of their unit.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.operations import ReassignUserTask
from engine.errors import Kind, NotFound, Rejected
from engine.ids import uuid7
from engine.models import OPEN_STEP, UserTask
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.contacts.facts import ContactAdded, ContactChanged
from webapp.organisation.commands.units import find_unit, require_free_name, require_free_short_name
from webapp.organisation.models import Committee, Membership, Person, Role, Unit, UnitKind
from webapp.organisation.refusals import FieldRefused
from webapp.permissions import Permission

ENTERS = "Nhập thay"
"""The title of an officer at a body's desks."""
DESKS = (Role.STAFF, Role.HEAD)
FREE = "contacts.free_steps"


class UnknownOfficer(FieldRefused):
    field = "officer_id"
    message = "Người nhập thay phải là người đang làm việc ở một đơn vị của phường."


class HasAccounts(Rejected):
    kind = Kind.CONFLICT
    message = "Đơn vị đã có người dùng của mình nên không cần người nhập thay. Hãy chuyển họ sang đơn vị khác trước."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact(Command):
    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...] = ()
    contact_name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    officer_id: UUID


FIELDS = ("name", "short_name", "kind", "contact_name", "address", "email", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddContact(_Contact):
    permission = Permission.MANAGE_CONTACTS


@handles(AddContact)
def add_contact(command: AddContact, tx: Transaction) -> UUID:
    """Return the body's id as a unit. Raises UnitNameTaken, ShortNameTaken, UnknownOfficer."""
    require_free_name(tx, command.name, None)
    require_free_short_name(tx, command.short_name, None)
    officer = _officer(tx, command.officer_id)
    last = tx.session.scalar(sa.select(sa.func.max(Unit.position)).where(Unit.tenant_id == tx.tenant_id)) or 0
    unit = Unit(
        id=uuid7(), tenant_id=tx.tenant_id, is_outside=True, is_requested=True, position=last + 1,
        aliases="\n".join(command.aliases), **{name: getattr(command, name) for name in FIELDS},
    )  # fmt: skip
    tx.session.add(unit)
    tx.session.flush()
    _seat(tx, unit, officer)
    tx.record(ContactAdded(unit.id, unit.name, officer.id))
    return unit.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContact(_Contact):
    """Change a contact, or make one of a unit that has no accounts."""

    permission = Permission.MANAGE_CONTACTS

    unit_id: UUID


@handles(ChangeContact)
def change_contact(command: ChangeContact, tx: Transaction) -> None:
    """Raises NotFound, HasAccounts, UnitNameTaken, ShortNameTaken, UnknownOfficer."""
    unit = find_unit(tx, command.unit_id)
    if not unit.is_active or tx.session.get_one(Committee, tx.tenant_id).committee_unit_id == unit.id:
        raise NotFound
    require_free_name(tx, command.name, unit.id)
    if command.short_name != unit.short_name:
        require_free_short_name(tx, command.short_name, unit.id)
    seated = _seated(tx, unit)
    if not unit.is_outside and seated:
        raise HasAccounts
    officer = _officer(tx, command.officer_id)
    values: dict[str, Any] = {name: getattr(command, name) for name in FIELDS}
    values |= {"aliases": "\n".join(command.aliases), "is_outside": True}
    changed = [name for name, value in values.items() if getattr(unit, name) != value]
    for name in changed:
        setattr(unit, name, values[name])
    if {one.person_id for one in seated} != {officer.id}:
        _unseat(tx, unit, seated, officer)
        changed.append("officer")
    if changed:
        tx.record(ContactChanged(unit.id, tuple(changed), officer.id))


def _officer(tx: Transaction, person_id: UUID) -> Person:
    """Somebody at work in a unit of the ward itself. Raises UnknownOfficer."""
    person = tx.session.get(Person, person_id)
    if person is None or person.tenant_id != tx.tenant_id or not person.is_active:
        raise UnknownOfficer
    if all(one.unit.is_outside for one in person.memberships):
        raise UnknownOfficer
    return person


def _seated(tx: Transaction, unit: Unit) -> list[Membership]:
    return list(tx.session.scalars(sa.select(Membership).where(Membership.unit_id == unit.id)))


def _seat(tx: Transaction, unit: Unit, officer: Person) -> None:
    for role in DESKS:
        tx.session.add(Membership(id=uuid7(), person_id=officer.id, unit_id=unit.id, role=role, title=ENTERS))
    tx.session.flush()


def _unseat(tx: Transaction, unit: Unit, seated: list[Membership], officer: Person) -> None:
    """Another officer takes over: what those before had taken goes back to the body's desks, one job for all."""
    for one in seated:
        tx.session.delete(one)
    tx.session.flush()
    _seat(tx, unit, officer)
    payload = {"unit_id": unit.id, "officer_id": officer.id, "actor_id": tx.actor.id}
    tx.enqueue(FREE, f"{FREE}:{unit.id}:{uuid7()}", payload)


@performs(FREE, "trả việc về bộ phận")
def free_steps(job: JobCall, runtime: Runtime) -> None:
    """Give the body's open steps back to its desks, where its officer finds them; each is a command of its own."""
    unit_id, officer_id = job.payload["unit_id"], UUID(job.payload["officer_id"])
    actor_id = UUID(job.payload["actor_id"]) if job.payload["actor_id"] else None
    actor = Actor(id=actor_id, tenant_id=job.tenant_id, permissions=frozenset({EnginePermission.OPERATE}))
    held = sa.select(UserTask.id).where(
        UserTask.tenant_id == job.tenant_id, UserTask.desk.in_([f"{role}@{unit_id}" for role in DESKS]),
        UserTask.state == OPEN_STEP, UserTask.assignee_id.is_not(None), UserTask.assignee_id != officer_id,
    )  # fmt: skip
    with runtime.reading() as connection:
        steps = connection.scalars(held).all()
    for step_id in steps:
        command = ReassignUserTask(user_task_id=step_id, assignee_id=None, reason="Đổi người nhập thay")
        try:
            runtime.execute(command, actor=actor)
        except Rejected as refusal:
            if refusal.kind is not Kind.CONFLICT:
                raise  # Else somebody did the step meanwhile.
