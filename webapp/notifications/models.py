"""Notifications in the application; mails are made of the same rows."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class Notification(Base):
    """One thing told to one person, once."""

    __tablename__ = "notifications"
    __table_args__ = (
        sa.UniqueConstraint("recipient_id", "about", "kind"),
        sa.Index("ix_notifications_recipient", "recipient_id", "read_at", "created_at"),
        sa.Index(
            "ix_notifications_unread", "recipient_id", "path",
            sqlite_where=sa.text("read_at IS NULL"), postgresql_where=sa.text("read_at IS NULL"),
        ),
        sa.Index(  # Only what is under way: a row that is written is not in it.
            "ix_notifications_mail_job_id", "mail_job_id",
            sqlite_where=sa.text("mail_job_id IS NOT NULL"), postgresql_where=sa.text("mail_job_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    recipient_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id"))
    kind: Mapped[str]  # assigned, reminder, escalation, returned, …
    about: Mapped[str]  # what it is about, with the day for reminders: nobody is told the same twice on one day
    day: Mapped[date]
    instance_id: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[str]
    path: Mapped[str]  # where a click leads
    created_at: Mapped[utc]
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    mail_job_id: Mapped[UUID | None]  # the job whose mail is to tell of it, until that has gone out
