"""Reporting cycles: what is asked of whom, what came in, and the report that is made of it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models import Base, utc, uuid_pk
from webapp.organisation.models import Unit


class CycleState(StrEnum):
    OPENING = "opening"  # started, the focal unit still states its dates
    COLLECTING = "collecting"
    CONSOLIDATING = "consolidating"
    SIGNING = "signing"
    SIGNED = "signed"
    DISPATCHED = "dispatched"
    SENT = "sent"
    RECEIVED = "received"
    RETURNED = "returned"  # by the city
    CLOSED = "closed"


class CycleKind(StrEnum):
    """What a cycle covers, as the form of "Mở kỳ" says."""

    YEAR = "year"
    NINE_MONTHS = "nine_months"
    HALF_YEAR = "half_year"
    QUARTER = "quarter"
    MONTH = "month"
    MIDTERM = "midterm"
    FINAL = "final"
    AD_HOC = "ad_hoc"  # a snapshot of its own, at any time


class EntryState(StrEnum):
    ASKED = "asked"
    SENT = "sent"
    RETURNED = "returned"
    TAKEN = "taken"
    MISSING = "missing"  # cut off without a report
    WAITING = "waiting"  # not asked: its task waits for a document


OPEN_ENTRIES = (EntryState.ASKED, EntryState.SENT, EntryState.RETURNED)
"""What a cycle still waits for."""


class StatementState(StrEnum):
    PROPOSED = "proposed"
    USED = "used"
    SET_ASIDE = "set_aside"


class MarkKind(StrEnum):
    """What somebody's agreement to a report is."""

    CONTENT = "content"  # ký nháy
    FORM = "form"  # ký tắt
    OPINION = "opinion"
    APPROVAL = "approval"


class ReportingCycle(Base):
    """One plan and period. Its id is the process instance's."""

    __tablename__ = "reporting_cycles"
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "name"),
        sa.Index("ix_reporting_cycles_tenant", "tenant_id", "state"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    name: Mapped[str]  # "Năm 2026"
    year: Mapped[int]
    kind: Mapped[CycleKind] = mapped_column(default=CycleKind.YEAR)
    state: Mapped[CycleState] = mapped_column(default=CycleState.OPENING)
    report_by: Mapped[date | None]
    report_by_source: Mapped[str] = mapped_column(default="")
    submit_by: Mapped[date | None]
    submit_by_source: Mapped[str] = mapped_column(default="")
    recipient: Mapped[str] = mapped_column(default="")
    signer: Mapped[str] = mapped_column(default="chair")  # chair or vice_chair
    vice_chair_id: Mapped[UUID | None]
    is_last_of_year: Mapped[bool] = mapped_column(default=True)
    pending: Mapped[int] = mapped_column(default=0)  # entries still open; who brings it to 0 tells the cycle
    outline: Mapped[str] = mapped_column(default="")  # what the asking letter wants covered this time
    opened_at: Mapped[utc]
    reminded_until: Mapped[datetime | None]  # of levels up to then the units were told; None before they are asked
    cut_off_at: Mapped[datetime | None]
    entries: Mapped[list["CycleEntry"]] = relationship(back_populates="cycle", foreign_keys="CycleEntry.cycle_id")


class PlannedCycle(Base):
    """A report that the calendar opens cycles for by itself: every month, quarter or year, or once in one year.

    The days of the yearly one are the plan's own, since every case hangs on them. Those of what comes again within the
    year are of its first month or quarter here, and come round in the following ones.
    """

    __tablename__ = "planned_cycles"
    __table_args__ = (sa.UniqueConstraint("plan_id", "kind"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    kind: Mapped[CycleKind]
    year: Mapped[int | None]  # of a review; None: every year
    planned_on: Mapped[date | None]  # what was over by then is not asked (schedules.cycles_due)
    report_by: Mapped[date | None]  # None: no document names a day, so opening the cycle asks
    report_by_source: Mapped[str] = mapped_column(default="")
    submit_by: Mapped[date | None]
    submit_by_source: Mapped[str] = mapped_column(default="")


class CycleEntry(Base):
    """One case asked in one cycle."""

    __tablename__ = "cycle_entries"
    __table_args__ = (
        sa.UniqueConstraint("cycle_id", "occurrence_id"),
        sa.Index("ix_cycle_entries_occurrence", "occurrence_id"),
    )

    id: Mapped[uuid_pk]
    cycle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reporting_cycles.id"))
    occurrence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task_occurrences.id"))
    plan_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan_tasks.id"))  # of the cycle's plan; cases move on
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    state: Mapped[EntryState] = mapped_column(default=EntryState.ASKED)
    asked_at: Mapped[utc]
    first_sent_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]
    answer_by: Mapped[date | None]  # the last day for what was returned, where whoever returned it named one
    day_told_at: Mapped[datetime | None]  # when its unit last heard a day: of its return, of more time
    submission_id: Mapped[UUID | None]
    officer_id: Mapped[UUID | None]  # whose work it was when it was taken, or left out; the case may go on with another
    left_out_at: Mapped[datetime | None]  # when the cycle went on without it
    missing_reason: Mapped[str | None]
    supplements_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("reporting_cycles.id"))  # went without the report
    cycle: Mapped[ReportingCycle] = relationship(back_populates="entries", foreign_keys=[cycle_id])
    supplemented: Mapped[ReportingCycle | None] = relationship(foreign_keys=[supplements_id])
    unit: Mapped[Unit] = relationship(lazy="joined")

    @property
    def supplements(self) -> str:
        """The name of the cycle that went without this report, so that it comes late; of one in time nothing."""
        return self.supplemented.name if self.supplemented is not None else ""


class UnitReminder(Base):
    """Somebody pressed Đôn đốc, or the calendar did: the day is told where the unit's report is missing."""

    __tablename__ = "unit_reminders"

    id: Mapped[uuid_pk]
    cycle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reporting_cycles.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    reminded_at: Mapped[utc]
    reminded_by: Mapped[UUID | None]


REPORT_CODE = "BC"
"""Stands in a report's number for the kind of document."""


class ConsolidatedReport(Base):
    """A version of a cycle's report; a return by the city makes the next one."""

    __tablename__ = "consolidated_reports"
    __table_args__ = (sa.UniqueConstraint("cycle_id", "version"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    cycle_id: Mapped[UUID] = mapped_column(sa.ForeignKey("reporting_cycles.id"))
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(default="")
    introduction: Mapped[str] = mapped_column(default="")
    assessment: Mapped[str] = mapped_column(default="")
    difficulties: Mapped[str] = mapped_column(default="")
    recommendations: Mapped[str] = mapped_column(default="")
    next_steps: Mapped[str] = mapped_column(default="")
    sections: Mapped[str] = mapped_column(default="{}")  # JSON: heading of the cycle's outline → the drafter's words
    kept: Mapped[str] = mapped_column(default="")  # JSON: all that it says, as it went up for signing (keeping.py)
    content_hash: Mapped[str] = mapped_column(default="")
    number: Mapped[int | None]
    document_code: Mapped[str | None]  # "15/BC-UBND"
    issued_on: Mapped[date | None]
    signed_file_id: Mapped[UUID | None]
    created_at: Mapped[utc]
    statements: Mapped[list["Statement"]] = relationship(order_by="Statement.position", back_populates="report")
    marks: Mapped[list["Mark"]] = relationship(order_by="Mark.made_at", back_populates="report")


class Statement(Base):
    """What a unit reported on one case, as the report words it."""

    __tablename__ = "statements"
    __table_args__ = (sa.UniqueConstraint("report_id", "entry_id"),)

    id: Mapped[uuid_pk]
    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("consolidated_reports.id"))
    entry_id: Mapped[UUID] = mapped_column(sa.ForeignKey("cycle_entries.id"))
    position: Mapped[int]
    state: Mapped[StatementState] = mapped_column(default=StatementState.PROPOSED)
    original: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")  # why it was set aside
    report: Mapped[ConsolidatedReport] = relationship(back_populates="statements")
    entry: Mapped[CycleEntry] = relationship()


class Mark(Base):
    """A countersignature, an opinion or an approval, on exactly one content."""

    __tablename__ = "marks"

    id: Mapped[uuid_pk]
    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("consolidated_reports.id"), index=True)
    kind: Mapped[MarkKind]
    person_id: Mapped[UUID | None]
    element_id: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str]
    made_at: Mapped[utc]
    void_at: Mapped[datetime | None]  # the content changed afterwards
    report: Mapped[ConsolidatedReport] = relationship(back_populates="marks")


class CitySubmission(Base):
    """A report sent to the city: with what, when, and what came back."""

    __tablename__ = "city_submissions"

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    report_id: Mapped[UUID] = mapped_column(sa.ForeignKey("consolidated_reports.id"), index=True)
    recipient: Mapped[str]
    method: Mapped[str]
    package_id: Mapped[UUID | None]  # attachment
    sent_by: Mapped[UUID | None]
    sent_at: Mapped[utc]
    receipt_number: Mapped[str | None]
    received_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    return_reason: Mapped[str | None]


def package_key(submission_id: UUID) -> str:
    """Of the job that makes a sending's package."""
    return f"package:{submission_id}"
