"""Rehearsals as their pages show them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.commands.deployments import CalledVersions, versions_called
from engine.errors import NotFound
from webapp.organisation.models import Committee, Person, Unit
from webapp.procedures.draft_queries import find_draft, forms_at_hand, in_force
from webapp.rehearsals.acts import Act, Bundle, Setting, acts_of, bundle_of, setting_of
from webapp.rehearsals.models import Rehearsal

Trail = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A rehearsal with all that playing it takes."""

    id: UUID
    key: str
    name: str
    bundle: Bundle
    setting: Setting
    acts: list[Act]
    expected: Trail | None  # what waited after the start and each act, for one that is kept


@dataclass(frozen=True, slots=True)
class Listed:
    """A rehearsal in a list."""

    id: UUID
    name: str
    is_kept: bool
    acts: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """What may be rehearsed of a procedure: its draft where there is one, else the version in force."""

    key: str
    name: str
    is_draft: bool
    bundle: Bundle


def subject(read: Session, tenant_id: UUID, key: str) -> Subject:
    """Raises NotFound."""
    draft = find_draft(read, tenant_id, key)
    if draft is not None:
        return Subject(key, draft.name, True, Bundle(draft.source, forms_at_hand(read, draft.id)))
    deployed = in_force(read, tenant_id, key)
    if deployed is None:
        raise NotFound
    return Subject(key, deployed.name, False, Bundle(deployed.source, deployed.forms))


def called_by(found: Subject, read: Session, tenant_id: UUID) -> CalledVersions:
    """What its drawing calls, as it is in force in the ward."""
    return versions_called(read.connection(), tenant_id, found.bundle.source)


def find_rehearsal(read: Session, tenant_id: UUID, rehearsal_id: UUID) -> Kept:
    """Raises NotFound."""
    row = read.scalar(sa.select(Rehearsal).where(Rehearsal.id == rehearsal_id, Rehearsal.tenant_id == tenant_id))
    if row is None:
        raise NotFound
    return _kept(row)


def kept_rehearsals(read: Session, tenant_id: UUID, key: str) -> list[Kept]:
    """The tests of a procedure."""
    rows = read.scalars(
        sa.select(Rehearsal)
        .where(Rehearsal.tenant_id == tenant_id, Rehearsal.key == key, Rehearsal.expected.is_not(None))
        .order_by(Rehearsal.name, Rehearsal.id)
    )
    return [_kept(row) for row in rows]


def _kept(row: Rehearsal) -> Kept:
    expected = None if row.expected is None else tuple(tuple(one) for one in orjson.loads(row.expected))
    return Kept(
        row.id, row.key, row.name, bundle_of(row.source, row.forms), setting_of(row.setting), acts_of(row.acts),
        expected,
    )  # fmt: skip


def list_rehearsals(read: Session, tenant_id: UUID, key: str) -> list[Listed]:
    """Of one procedure: the kept ones first, then the latest."""
    rows = read.execute(
        sa.select(Rehearsal, Person.name)
        .outerjoin(Person, Person.id == Rehearsal.created_by)
        .where(Rehearsal.tenant_id == tenant_id, Rehearsal.key == key)
        .order_by(Rehearsal.expected.is_(None), Rehearsal.updated_at.desc())
    )
    return [
        Listed(r.id, r.name, r.expected is not None, len(orjson.loads(r.acts)), by or "Hệ thống", r.updated_at)
        for r, by in rows
    ]


def units_to_choose(read: Session, tenant_id: UUID) -> list[tuple[str, str]]:
    """Units by id, as a list to choose from."""
    rows = read.execute(
        sa.select(Unit.id, Unit.name).where(Unit.tenant_id == tenant_id, Unit.is_active).order_by(Unit.position)
    )
    return [(str(row.id), row.name) for row in rows]


def usual_parties(read: Session, tenant_id: UUID) -> Mapping[str, str]:
    """Who is mostly which party: the ward's own units, and the first of the others as lead."""
    committee = read.get(Committee, tenant_id)
    if committee is None:
        return {}
    own = {
        "focal": committee.focal_unit_id, "supervisor": committee.focal_unit_id,
        "committee": committee.committee_unit_id, "office": committee.office_unit_id,
    }  # fmt: skip
    others = (unit for unit, _ in units_to_choose(read, tenant_id) if UUID(unit) not in own.values())
    parties = {**own, "lead": next(others, None), "coordinator": next(others, None)}
    return {party: str(unit) for party, unit in parties.items() if unit}


def names_of_people(read: Session, tenant_id: UUID) -> dict[UUID, str]:
    """For showing who did what."""
    return {r.id: r.name for r in read.execute(sa.select(Person.id, Person.name).where(Person.tenant_id == tenant_id))}
