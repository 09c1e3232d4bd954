"""Rehearsals: what was tried, act by act, and what of it is kept as a test."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class Rehearsal(Base):
    """A drawing with its forms, how its case begins, and what was done in it; all else is played anew each time.

    `forms`, `setting`, `acts` and `expected` are JSON: id → source; `acts.Setting`; a list of `acts.Act`; for a kept
    rehearsal, after the start and after each act, what waited.
    """

    __tablename__ = "rehearsals"
    __table_args__ = (sa.Index("ix_rehearsals_key", "tenant_id", "key", "updated_at"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    key: Mapped[str]
    name: Mapped[str]  # of the procedure; of the test once it is kept
    source: Mapped[bytes]
    forms: Mapped[str]
    setting: Mapped[str]
    acts: Mapped[str] = mapped_column(default="[]")
    expected: Mapped[str | None]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[utc]
