"""Difficulties as they were raised, and the answer that came."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class Difficulty(Base):
    """What stands in a case's way. Its id is the process instance's, whose steps say with whom it is."""

    __tablename__ = "difficulties"
    __table_args__ = (sa.Index("ix_difficulties_tenant", "tenant_id", "id"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    occurrence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task_occurrences.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    content: Mapped[str]
    recommendation: Mapped[str] = mapped_column(default="")
    raised_by: Mapped[UUID | None]
    raised_at: Mapped[utc]
    answer: Mapped[str] = mapped_column(default="")
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]


class DifficultyAside(Base):
    """A version of a report leaves one of the units' difficulties out: of a report's form, or raised on its own."""

    __tablename__ = "difficulties_aside"
    __table_args__ = (sa.UniqueConstraint("report_id", "about_id"),)

    id: Mapped[uuid_pk]
    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("consolidated_reports.id"))
    about_id: Mapped[UUID]  # the cycle's entry, or the difficulty
    reason: Mapped[str]
