"""A change of a unit, which others take its place, and who of them takes what."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models import Base, utc, uuid_pk
from webapp.organisation.models import Unit


class ChangeKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"  # into one that goes on
    SPLIT = "split"  # into several, of which one may be the unit itself


class ChangeState(StrEnum):
    DRAFT = "draft"  # entered, what moves is being looked at
    PLANNED = "planned"  # confirmed, waits for its day
    UNDER_WAY = "under_way"  # the day has come, cases move one after another
    DONE = "done"
    CANCELLED = "cancelled"


OPEN = (ChangeState.DRAFT, ChangeState.PLANNED, ChangeState.UNDER_WAY)


class SubjectKind(StrEnum):
    """What a successor is chosen for."""

    PERSON = "person"
    PLAN = "plan"  # all of the unit's tasks in it
    TASK = "task"
    CASE = "case"  # of no plan's task


class UnitChange(Base):
    __tablename__ = "unit_changes"
    __table_args__ = (sa.Index("ix_unit_changes_unit", "unit_id", "state"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    kind: Mapped[ChangeKind]
    from_day: Mapped[date]  # the first day of the new name
    reason: Mapped[str]  # the decision that says so
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.DRAFT)
    created_by: Mapped[UUID | None]
    created_at: Mapped[utc]
    confirmed_by: Mapped[UUID | None]
    confirmed_at: Mapped[datetime | None]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # done, or cancelled
    unit: Mapped[Unit] = relationship(lazy="joined")
    successors: Mapped[list["Successor"]] = relationship(
        order_by="Successor.position", lazy="selectin", cascade="all, delete-orphan"
    )

    @property
    def main_id(self) -> UUID:
        """Who takes everything that nobody chose another for: the first."""
        return self.successors[0].unit_id

    @property
    def keeps_unit(self) -> bool:
        """Whether the unit itself goes on with a part of its work."""
        return any(one.unit_id == self.unit_id for one in self.successors)


class Successor(Base):
    """One that takes the unit's place: a unit of the ward, or one that comes into being on the day."""

    __tablename__ = "unit_change_successors"

    change_id: Mapped[UUID] = mapped_column(sa.ForeignKey("unit_changes.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(primary_key=True)  # of a new unit the id that it will have
    position: Mapped[int]
    is_new: Mapped[bool]
    name: Mapped[str]
    short_name: Mapped[str]


class SuccessorChoice(Base):
    """Who of the successors takes one person, plan, task or case; what nobody chose for goes to the first."""

    __tablename__ = "unit_change_choices"

    change_id: Mapped[UUID] = mapped_column(sa.ForeignKey("unit_changes.id"), primary_key=True)
    kind: Mapped[SubjectKind] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID]
