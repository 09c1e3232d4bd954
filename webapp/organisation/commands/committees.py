"""The committee itself: set up once, changed by an administrator."""

from dataclasses import dataclass, fields
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.command import Command, EnginePermission, handles
from engine.errors import NotFound
from engine.models import Tenant
from engine.transaction import Transaction
from webapp.organisation.facts import CommitteeChanged, CommitteeSetUp
from webapp.organisation.labels import COMMITTEE_ROLES
from webapp.organisation.models import Committee, Membership, Person, Unit, UnitKind
from webapp.organisation.refusals import CommitteeUnitInUse, UnknownUnit
from webapp.permissions import Permission

COMMITTEE_UNIT_SHORT_NAME = "Lãnh đạo UBND"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpCommittee(Command):
    """Create a tenant with its committee and the unit of its leaders. The actor's tenant id becomes the tenant's."""

    permission = EnginePermission.SYSTEM

    name: str
    place: str
    code: str = "UBND"
    city_recipient: str
    city_email: str | None = None
    committee_unit_name: str
    is_demo: bool = False


@handles(SetUpCommittee)
def set_up_committee(command: SetUpCommittee, tx: Transaction) -> UUID:
    """Return the id of the leaders' unit."""
    tx.session.add(Tenant(id=tx.tenant_id))
    tx.session.flush()
    unit = Unit(
        tenant_id=tx.tenant_id, name=command.committee_unit_name, short_name=COMMITTEE_UNIT_SHORT_NAME,
        kind=UnitKind.COMMITTEE,
    )  # fmt: skip
    tx.session.add(unit)
    tx.session.flush()
    tx.session.add(
        Committee(
            tenant_id=tx.tenant_id, name=command.name, place=command.place,
            code=command.code, city_recipient=command.city_recipient, city_email=command.city_email,
            committee_unit_id=unit.id, is_demo=command.is_demo,
        )
    )  # fmt: skip
    tx.record(CommitteeSetUp(command.name, unit.id))
    return unit.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCommittee(Command):
    """Say how the committee's documents name it, and which units are its focal unit, its office and its leaders."""

    permission = Permission.ADMINISTER

    name: str
    place: str
    code: str
    city_recipient: str
    city_email: str | None
    committee_unit_id: UUID
    focal_unit_id: UUID | None
    office_unit_id: UUID | None


@handles(ChangeCommittee)
def change_committee(command: ChangeCommittee, tx: Transaction) -> None:
    """Raises UnknownUnit, CommitteeUnitInUse."""
    committee = tx.session.get(Committee, tx.tenant_id)
    if committee is None:
        raise NotFound
    for unit_id in (command.committee_unit_id, command.focal_unit_id, command.office_unit_id):
        if unit_id is not None and not is_active_unit(tx.session, tx.tenant_id, unit_id):
            raise UnknownUnit
    if command.committee_unit_id != committee.committee_unit_id and _has_leaders(tx, committee.committee_unit_id):
        raise CommitteeUnitInUse
    changed = [f.name for f in fields(command) if getattr(command, f.name) != getattr(committee, f.name)]
    for name in changed:
        setattr(committee, name, getattr(command, name))
    if changed:
        tx.record(CommitteeChanged(tuple(changed)))


def is_active_unit(session: Session, tenant_id: UUID, unit_id: UUID) -> bool:
    """Whether the tenant has such a unit and it is at work."""
    query = sa.select(Unit.id).where(Unit.id == unit_id, Unit.tenant_id == tenant_id, Unit.is_active)
    return session.scalar(query) is not None


def _has_leaders(tx: Transaction, unit_id: UUID | None) -> bool:
    holders = (
        sa.select(Membership.id)
        .join(Person)
        .where(Membership.unit_id == unit_id, Membership.role.in_(COMMITTEE_ROLES), Person.is_active)
    )
    return tx.session.scalar(holders.limit(1)) is not None
