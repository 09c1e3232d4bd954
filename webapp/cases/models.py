"""What people say beside a case, and in whose place they did its steps."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class Comment(Base):
    __tablename__ = "comments"
    __table_args__ = (sa.Index("ix_comments_instance", "instance_id", "created_at"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    text: Mapped[str]
    created_at: Mapped[utc]


class StoodIn(Base):
    """Something that somebody did with a step in the place of an absent person, as desks were held then."""

    __tablename__ = "stood_in"
    __table_args__ = (sa.Index("ix_stood_in_instance", "instance_id"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instances.id"))
    user_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("user_tasks.id"))
    absent_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    at: Mapped[utc]
