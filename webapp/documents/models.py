"""Files and document numbers."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk
from engine.text import searchable


class AttachmentState(StrEnum):
    DRAFT = "draft"  # uploaded, its form not yet sent; an orphan goes after 30 days
    PERMANENT = "permanent"


class Attachment(Base):
    """A file; its bytes lie by tenant and hash in the files folder."""

    __tablename__ = "attachments"
    __table_args__ = (
        sa.Index("ix_attachments_instance", "instance_id", "created_at"),
        sa.Index("ix_attachments_bytes", "tenant_id", "sha256"),
        sa.Index("ix_attachments_state", "state", "created_at"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID | None]  # the case it belongs to
    user_task_id: Mapped[UUID | None]
    submission_id: Mapped[UUID | None]
    state: Mapped[AttachmentState] = mapped_column(default=AttachmentState.DRAFT)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    uploaded_by: Mapped[UUID | None]
    created_at: Mapped[utc]
    search_key: Mapped[str] = mapped_column(default="")  # the words of its name; kept by `_keep_search_key`


@sa.event.listens_for(Attachment, "before_insert")
def _keep_search_key(_mapper: Any, _connection: Any, attachment: Attachment) -> None:
    attachment.search_key = searchable(attachment.name)


class RegisterEntry(Base):
    """A document number taken; the series restarts on 1 January, one for each document code."""

    __tablename__ = "document_register"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "year", "type_code", "number"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    year: Mapped[int]
    type_code: Mapped[str]  # BC, KH, TTr, TB, QĐ
    number: Mapped[int]
    document_code: Mapped[str]  # "15/BC-UBND", as the committee wrote it then
    issued_on: Mapped[date]
    subject: Mapped[str]
    from_our_register: Mapped[bool]  # else the ward's document system gave it
    created_by: Mapped[UUID | None]
    created_at: Mapped[utc]
