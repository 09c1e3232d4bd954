"""A ward's People's Committee: its units, its people, who stands in for whom."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models import Base, utc, uuid_pk
from engine.text import fold


class Role(StrEnum):
    """What a person is at a desk; diagrams name these."""

    STAFF = "staff"
    HEAD = "head"
    FOCAL = "focal"
    OFFICE = "office"
    VICE_CHAIR = "vice_chair"
    CHAIR = "chair"
    CLERK = "clerk"
    ADMIN = "admin"


class UnitKind(StrEnum):
    COMMITTEE = "committee"
    DEPARTMENT = "department"
    CENTRE = "centre"
    POLICE = "police"
    HEALTH = "health"
    ASSOCIATION = "association"
    SCHOOL = "school"
    OUTSIDE = "outside"


class Committee(Base):
    """The tenant as its documents name it."""

    __tablename__ = "committees"

    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"), primary_key=True)
    name: Mapped[str]  # "UBND phường …"
    place: Mapped[str]
    code: Mapped[str]  # stands behind a document's type code: "UBND"
    city_recipient: Mapped[str]  # "Sở Khoa học và Công nghệ thành phố Hải Phòng"
    city_email: Mapped[str | None]
    committee_unit_id: Mapped[UUID | None]
    focal_unit_id: Mapped[UUID | None]
    office_unit_id: Mapped[UUID | None]
    is_demo: Mapped[bool] = mapped_column(default=False)
    calendar_reviewed_year: Mapped[int | None]  # the last year whose working days an administrator has looked at


class Unit(Base):
    __tablename__ = "units"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "name"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str]
    short_name: Mapped[str]
    aliases: Mapped[str] = mapped_column(default="")  # one a line
    kind: Mapped[UnitKind]
    is_requested: Mapped[bool] = mapped_column(default=False)  # asked (đề nghị), never escalated by rank
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    is_outside: Mapped[bool] = mapped_column(default=False)  # has no accounts: an officer of the ward enters for it
    contact_name: Mapped[str] = mapped_column(default="")  # whom one writes to there
    address: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    ended_on: Mapped[date | None]  # the day from which others have its place; its name stays on what is older


class UnitSuccession(Base):
    """Who has the place of a unit that is no more, also where others had it in between."""

    __tablename__ = "unit_successions"
    __table_args__ = (sa.Index("ix_unit_successions_successor", "successor_id"),)

    predecessor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    successor_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    from_day: Mapped[date]
    is_main: Mapped[bool]  # of several the one that is meant where a paper still says the old name
    is_partial: Mapped[bool]  # the predecessor goes on with the rest of its work


class Person(Base):
    """Somebody who can sign in."""

    __tablename__ = "people"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "username"),
        sa.UniqueConstraint("tenant_id", "email"),
        sa.UniqueConstraint("tenant_id", "phone"),
        sa.Index("ix_people_search_key", "tenant_id", "search_key", "id"),
        # Signing in knows no tenant yet.
        sa.Index("ix_people_username", "username"),
        sa.Index("ix_people_email", "email"),
        sa.Index("ix_people_phone", "phone"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    name: Mapped[str]
    username: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    search_key: Mapped[str]  # folded name, then everything else a person is searched by; kept by `_keep_search_key`
    password_hash: Mapped[str | None]  # None: signs in with one-time codes only
    must_change_password: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to end every session
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[utc]
    memberships: Mapped[list["Membership"]] = relationship(back_populates="person", lazy="selectin")


@sa.event.listens_for(Person, "before_insert")
@sa.event.listens_for(Person, "before_update")
def _keep_search_key(_mapper: Any, _connection: Any, person: Person) -> None:
    """Whoever writes a person, the list finds and sorts them."""
    words = (fold(person.name), person.username, person.email or "", person.phone or "")
    person.search_key = "\t".join(words)


class Membership(Base):
    """A person at a desk: a role in a unit."""

    __tablename__ = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "unit_id", "role"),
        sa.Index("ix_memberships_desk", "unit_id", "role"),
    )

    id: Mapped[uuid_pk]
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    role: Mapped[Role]
    title: Mapped[str] = mapped_column(default="")  # "Chuyên viên", "Trưởng phòng"
    person: Mapped[Person] = relationship(back_populates="memberships")
    unit: Mapped[Unit] = relationship(lazy="joined")


class Absence(Base):
    """While it lasts, everything that reaches the person reaches the proxy too."""

    __tablename__ = "absences"
    __table_args__ = (
        sa.Index("ix_absences_proxy", "proxy_id", "to_day"),
        sa.Index("ix_absences_person", "person_id", "to_day"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    proxy_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    from_day: Mapped[date]
    to_day: Mapped[date]  # last day away
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[utc]
    ended_at: Mapped[datetime | None]
