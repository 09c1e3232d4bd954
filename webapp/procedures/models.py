"""Procedures that are being changed: drafts, until they are deployed."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class ProcedureDraft(Base):
    """The one draft of a procedure, whoever works on it; `version` is for compare-and-swap."""

    __tablename__ = "procedure_drafts"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "key"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    key: Mapped[str]
    name: Mapped[str]
    source: Mapped[bytes]
    base_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("process_definitions.id"))  # the version it began from
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[utc]
    saved_by: Mapped[UUID | None]
    saved_at: Mapped[utc]


class ProcedureDraftForm(Base):
    """A form of a draft; those that ship with the product are there without a row."""

    __tablename__ = "procedure_draft_forms"

    draft_id: Mapped[UUID] = mapped_column(sa.ForeignKey("procedure_drafts.id", ondelete="CASCADE"), primary_key=True)
    form_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[bytes]


class ProcedureDraftEditor(Base):
    """Who has a draft open; asked for again every few seconds while the page is in sight."""

    __tablename__ = "procedure_draft_editors"

    draft_id: Mapped[UUID] = mapped_column(sa.ForeignKey("procedure_drafts.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    seen_at: Mapped[utc]


class ReplacedDraft(Base):
    """A drawing that gave way to another one, or was thrown away: kept, so that nobody's work is lost."""

    __tablename__ = "replaced_procedure_drafts"
    __table_args__ = (sa.Index("ix_replaced_procedure_drafts_key", "tenant_id", "key", "replaced_at"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    key: Mapped[str]
    source: Mapped[bytes]
    forms: Mapped[str]  # JSON: id → text of the form
    saved_by: Mapped[UUID | None]
    saved_at: Mapped[utc]
    replaced_by: Mapped[UUID | None]
    replaced_at: Mapped[utc]
