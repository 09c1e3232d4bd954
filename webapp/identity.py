"""Who is signed in, as which desk, and what that allows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g, session
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.clock import wall_clock
from engine.command import Actor
from engine.models import Tenant
from webapp.database import db, rows_of
from webapp.organisation.models import Absence, Membership, Person, Role, Unit, UnitSuccession
from webapp.permissions import ROLE_PERMISSIONS
from webapp.runtime import now, runtime

RENEWED_AFTER = 600
"""Seconds."""

ROLE_NAMES = {
    Role.STAFF: "Chuyên viên",
    Role.HEAD: "Trưởng đơn vị",
    Role.FOCAL: "Cán bộ tổng hợp",
    Role.OFFICE: "Văn phòng",
    Role.VICE_CHAIR: "Phó Chủ tịch",
    Role.CHAIR: "Chủ tịch",
    Role.CLERK: "Văn thư",
    Role.ADMIN: "Quản trị viên",
}


def desk_name(desk: str, units: Mapping[str, str]) -> str:
    """ "Trưởng đơn vị · Trạm Y tế"; `units`: their names by their ids."""
    role, _, unit = desk.partition("@")
    return f"{ROLE_NAMES[Role(role)]} · {units.get(unit, 'đơn vị đã bỏ')}"


@dataclass(frozen=True, slots=True)
class Desk:
    """A role in a unit that a person holds."""

    membership_id: UUID
    unit_id: UUID
    unit_name: str
    unit_short_name: str
    role: Role
    title: str

    @property
    def key(self) -> str:
        """As `user_tasks.desk` writes it."""
        return f"{self.role}@{self.unit_id}"

    @property
    def label(self) -> str:
        """How the person reads it: "Trưởng phòng · Phòng VH-XH"."""
        return f"{self.title or ROLE_NAMES[self.role]} · {self.unit_short_name}"


@dataclass(frozen=True, slots=True)
class CurrentPerson:
    """The signed-in person, acting at one of their desks."""

    id: UUID
    tenant_id: UUID
    name: str
    username: str
    must_change_password: bool
    session_epoch: int
    held: tuple[Desk, ...]
    acting: Desk | None
    stood_in_desks: frozenset[str]  # of absent people
    stands_for: frozenset[UUID]
    stood_in_permissions: frozenset[str]
    calendar_version: int  # of the ward's working days
    enters_for: Mapping[UUID, str] = field(default_factory=dict)  # bodies outside the ward, whose steps reach them too
    former_units: frozenset[UUID] = frozenset()  # whose place the person's units have: their papers are theirs now

    @property
    def permissions(self) -> frozenset[str]:
        """What the acting desk allows, and what is allowed in the place of absent people."""
        own = ROLE_PERMISSIONS[self.acting.role] if self.acting else frozenset()
        return own | self.stood_in_permissions

    @property
    def desks(self) -> frozenset[str]:
        """Desks whose steps reach the person now."""
        return self.stood_in_desks | ({self.acting.key} if self.acting else frozenset())

    @property
    def unit_id(self) -> UUID | None:
        """The unit the person acts for."""
        return self.acting.unit_id if self.acting else None

    def may(self, permission: str) -> bool:
        """Whether the acting desk has the permission."""
        return permission in self.permissions

    def actor(self) -> Actor:
        """The person as the Runtime knows actors."""
        return Actor(
            id=self.id, tenant_id=self.tenant_id, permissions=self.permissions, desks=self.desks,
            stands_for=self.stands_for,
        )  # fmt: skip


def current_person() -> CurrentPerson | None:
    """The signed-in person of this request; read once."""
    person: CurrentPerson | None = g.get("person")
    if person is None:
        person = g.person = _from_session()
    return person


def signed_in_person() -> CurrentPerson:
    """The signed-in person, where the route's permission has made sure of one."""
    person = current_person()
    assert person is not None
    return person


def current_actor() -> Actor:
    """The signed-in person as an actor."""
    return signed_in_person().actor()


def _from_session() -> CurrentPerson | None:
    person_id = session.get("person_id")
    if person_id is None:
        return None
    acting, today = session.get("acting"), local_date(now())
    tenant_id, head = g.get("ward_as_read", (None, None))
    person: CurrentPerson | None = runtime().kept(
        tenant_id, head, ("person", person_id, acting, today),
        lambda: find_person(db.session(), UUID(person_id), UUID(acting) if acting else None, today),
    )  # fmt: skip
    if person is None or person.session_epoch != session.get("epoch"):
        session.clear()
        return None
    _renew_session()
    return person


def _renew_session() -> None:
    """Let the session's time begin anew, once in ten minutes: to sign its cookie costs as much as two statements."""
    span = int(wall_clock().timestamp()) // RENEWED_AFTER
    if session.get("renewed") != span:
        session["renewed"] = span


_people: Any = Person.__table__
_memberships: Any = Membership.__table__
_units: Any = Unit.__table__
_successions: Any = UnitSuccession.__table__
_absences: Any = Absence.__table__
_stood_in: Any = Membership.__table__.alias("stood_in")
PERSON = (
    sa.select(
        *(_people.c[n] for n in (
            "id", "tenant_id", "name", "username", "must_change_password", "session_epoch", "is_active",
        )),
        _memberships.c.id.label("membership_id"), _memberships.c.role, _memberships.c.title,
        _units.c.id.label("unit_id"), _units.c.name.label("unit_name"), _units.c.short_name,
        _units.c.is_outside, _successions.c.predecessor_id,
        _absences.c.person_id.label("absent_id"), _stood_in.c.role.label("stood_in_role"),
        _stood_in.c.unit_id.label("stood_in_unit"),
        sa.select(Tenant.calendar_version).where(Tenant.id == _people.c.tenant_id).scalar_subquery().label("calendar"),
    )
    .select_from(_people.outerjoin(_memberships).outerjoin(_units).outerjoin(_successions, sa.and_(
        _successions.c.successor_id == _memberships.c.unit_id, _successions.c.is_partial.is_(False),
    )).outerjoin(_absences, sa.and_(
        _absences.c.proxy_id == _people.c.id, _absences.c.from_day <= sa.bindparam("today"),
        _absences.c.to_day >= sa.bindparam("today"), _absences.c.ended_at.is_(None),
    )).outerjoin(_stood_in, _stood_in.c.person_id == _absences.c.person_id))
    .where(_people.c.id == sa.bindparam("person_id"))
)  # fmt: skip
"""A row for each desk of the person's with each that they stand in for: few."""


def find_person(read: Session, person_id: UUID, acting_id: UUID | None, today: date) -> CurrentPerson | None:
    """An active person with their desks and the desks they stand in for today; None if there is no such person.

    Every page asks for it, so it is one plain statement.
    """
    rows = rows_of(read, PERSON, {"person_id": person_id, "today": today})
    if not rows or not rows[0].is_active:
        return None
    person = rows[0]
    inside, outside = _desks(rows)
    held = tuple(sorted(inside, key=lambda d: (d.unit_name, d.role)))
    acting = next((d for d in held if d.membership_id == acting_id), held[0] if held else None)
    stood_in = {(row.stood_in_role, row.stood_in_unit) for row in rows if row.stood_in_role}
    return CurrentPerson(
        id=person.id, tenant_id=person.tenant_id, name=person.name, username=person.username,
        must_change_password=person.must_change_password, session_epoch=person.session_epoch, held=held, acting=acting,
        stood_in_desks=frozenset((*(f"{role}@{unit_id}" for role, unit_id in stood_in), *(d.key for d in outside))),
        stands_for=frozenset(row.absent_id for row in rows if row.absent_id),
        stood_in_permissions=frozenset(p for role in _roles(stood_in, outside) for p in ROLE_PERMISSIONS[role]),
        enters_for={desk.unit_id: desk.unit_name for desk in outside},
        calendar_version=person.calendar,
        former_units=frozenset(row.predecessor_id for row in rows if row.predecessor_id),
    )  # fmt: skip


def _desks(rows: Sequence[Any]) -> tuple[list[Desk], list[Desk]]:
    """The desks that a person acts at, and those of bodies outside the ward for which they enter what these say."""
    held = {row.membership_id: row for row in rows if row.membership_id}.values()
    outside = [_desk(row) for row in held if row.is_outside]
    inside = [_desk(row) for row in held if not row.is_outside]
    return (inside, outside) if inside else (outside, [])


def _roles(stood_in: Iterable[tuple[Role, UUID]], outside: Sequence[Desk]) -> Iterator[Role]:
    """Whoever enters for others signs nothing for them."""
    yield from (role for role, _ in stood_in)
    yield from (Role.STAFF for _ in outside)


def _desk(row: Any) -> Desk:
    return Desk(row.membership_id, row.unit_id, row.unit_name, row.short_name, row.role, row.title)
