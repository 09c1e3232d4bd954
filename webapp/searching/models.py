"""What of a unit's report the search looks at."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base


class ReportText(Base):
    """The newest report of a case, folded; the words themselves stay in its submission."""

    __tablename__ = "report_texts"
    __table_args__ = (sa.Index("ix_report_texts_tenant", "tenant_id", "occurrence_id"),)

    occurrence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task_occurrences.id"), primary_key=True)
    tenant_id: Mapped[UUID]
    submission_id: Mapped[UUID] = mapped_column(sa.ForeignKey("submissions.id"))
    search_key: Mapped[str]
