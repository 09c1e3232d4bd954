"""Moves of running cases from one version of a procedure to another, planned, tried and carried out."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class MoveState(StrEnum):
    LOOKING = "looking"  # every case is tried without being written
    LOOKED = "looked"
    MOVING = "moving"
    MOVED = "moved"


class Outcome(StrEnum):
    """What is known of one case of a move."""

    UNKNOWN = "unknown"
    MOVES = "moves"
    DUE_CHANGES = "due_changes"  # moves, and a due time is another
    CANNOT = "cannot"
    MOVED = "moved"
    FAILED = "failed"  # was to move, and stayed where it was


class VersionMove(Base):
    """One move: from which version, to which, and which place becomes which."""

    __tablename__ = "version_moves"
    __table_args__ = (sa.Index("ix_version_moves_versions", "to_id", "from_id", "created_at"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    from_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definitions.id"))
    to_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_definitions.id"))
    mapping: Mapped[str]  # JSON: place → place
    reason: Mapped[str]
    state: Mapped[MoveState]
    round: Mapped[int] = mapped_column(default=0)  # goes up with each start, so that what is late does nothing
    created_at: Mapped[utc]
    created_by: Mapped[UUID | None]
    started_at: Mapped[datetime | None]
    started_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]


class MovedCase(Base):
    """One case of a move."""

    __tablename__ = "moved_cases"
    __table_args__ = (sa.Index("ix_moved_cases_outcome", "move_id", "outcome", "instance_id"),)

    move_id: Mapped[UUID] = mapped_column(sa.ForeignKey("version_moves.id"), primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"), primary_key=True)
    outcome: Mapped[Outcome]
    detail: Mapped[str]
