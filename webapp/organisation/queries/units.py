"""Units, and the committee they belong to."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.models import Committee, Membership, Person, Role, Unit, UnitKind


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as the administrator sees it."""

    id: UUID
    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...]
    is_requested: bool
    is_active: bool
    position: int
    people: int
    heads: int
    ended_on: date | None  # others have its place
    is_outside: bool


@dataclass(frozen=True, slots=True)
class CommitteeRow:
    """The committee as its documents name it."""

    name: str
    place: str
    code: str
    city_recipient: str
    city_email: str | None
    committee_unit_id: UUID | None
    focal_unit_id: UUID | None
    office_unit_id: UUID | None
    is_demo: bool
    calendar_reviewed_year: int | None


def list_units(read: Session, tenant_id: UUID, *, active_only: bool = False) -> list[UnitRow]:
    """The units in their order, each with how many people it has; a ward has a dozen or two."""
    query = sa.select(Unit).where(Unit.tenant_id == tenant_id).order_by(Unit.is_active.desc(), Unit.position, Unit.name)
    if active_only:
        query = query.where(Unit.is_active)
    people, heads = _people_by_unit(read, tenant_id), _people_by_unit(read, tenant_id, Role.HEAD)
    return [_row(unit, people.get(unit.id, 0), heads.get(unit.id, 0)) for unit in read.scalars(query)]


def find_unit_row(read: Session, tenant_id: UUID, unit_id: UUID) -> UnitRow | None:
    """One unit of the tenant, in use or not."""
    return next((unit for unit in list_units(read, tenant_id) if unit.id == unit_id), None)


def find_committee(read: Session, tenant_id: UUID) -> CommitteeRow | None:
    """The tenant's committee."""
    committee = read.get(Committee, tenant_id)
    if committee is None:
        return None
    return CommitteeRow(
        committee.name, committee.place, committee.code, committee.city_recipient,
        committee.city_email, committee.committee_unit_id, committee.focal_unit_id, committee.office_unit_id,
        committee.is_demo, committee.calendar_reviewed_year,
    )  # fmt: skip


def next_position(read: Session, tenant_id: UUID) -> int:
    """Behind the last unit."""
    return (read.scalar(sa.select(sa.func.max(Unit.position)).where(Unit.tenant_id == tenant_id)) or 0) + 1


def parts_of(unit: UnitRow, committee: CommitteeRow | None) -> list[str]:
    """What a unit is in procedures, beside leading tasks."""
    told = []
    if committee is not None:
        named = {
            "Lãnh đạo UBND": committee.committee_unit_id, "Đầu mối tổng hợp": committee.focal_unit_id,
            "Văn phòng": committee.office_unit_id,
        }  # fmt: skip
        told = [part for part, unit_id in named.items() if unit_id == unit.id]
    return [*told, "Được đề nghị phối hợp"] if unit.is_requested else told


def _people_by_unit(read: Session, tenant_id: UUID, role: Role | None = None) -> dict[UUID, int]:
    query = (
        sa.select(Membership.unit_id, sa.func.count(Membership.person_id.distinct()))
        .join(Person, Person.id == Membership.person_id)
        .where(Person.tenant_id == tenant_id, Person.is_active)
        .group_by(Membership.unit_id)
    )
    if role is not None:
        query = query.where(Membership.role == role)
    return {row[0]: row[1] for row in read.execute(query)}


def _row(unit: Unit, people: int, heads: int) -> UnitRow:
    return UnitRow(
        unit.id, unit.name, unit.short_name, unit.kind, tuple(unit.aliases.split("\n")) if unit.aliases else (),
        unit.is_requested, unit.is_active, unit.position, people, heads, unit.ended_on, unit.is_outside,
    )  # fmt: skip
