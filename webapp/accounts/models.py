"""Signing in: one-time codes and the throttle."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class OneTimeCode(Base):
    """A code handed over by the unit head or an administrator to somebody without e-mail or password."""

    __tablename__ = "one_time_codes"

    id: Mapped[uuid_pk]
    person_id: Mapped[UUID] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str]
    issued_by: Mapped[UUID | None]
    expires_at: Mapped[utc]
    used_at: Mapped[datetime | None]


class SignInThrottle(Base):
    """Failures under a key (an account, an address) since the last success; gone an hour after the last one."""

    __tablename__ = "sign_in_throttles"

    key: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    blocked_until: Mapped[datetime | None]
    last_failure_at: Mapped[utc] = mapped_column(index=True)
