"""Indicators of plans and the values that were reported for them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import Base, utc, uuid_pk


class Operator(StrEnum):
    """How a value is held against the target."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    EXACTLY = "exactly"
    ABOUT = "about"
    BETWEEN = "between"


class IndicatorPeriod(StrEnum):
    """For what time the target holds."""

    BY_YEAR = "by_year"  # to be reached until `by_year`
    YEARLY = "yearly"
    HALF_YEARLY = "half_yearly"
    QUARTERLY = "quarterly"
    MONTHLY = "monthly"


class Indicator(Base):
    """A target of a plan. Without a value it is only followed; without an owner nobody answers for it yet."""

    __tablename__ = "indicators"
    __table_args__ = (sa.Index("ix_indicators_plan", "plan_id", "position"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    plan_task_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("plan_tasks.id"), index=True)
    part_of_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("indicators.id"))  # "trong đó": a nested part
    position: Mapped[int]
    name: Mapped[str]
    operator: Mapped[Operator | None]
    target: Mapped[float | None]
    target_most: Mapped[float | None]  # the upper end of BETWEEN
    unit: Mapped[str] = mapped_column(default="")  # "%", "hồ sơ"
    period: Mapped[IndicatorPeriod] = mapped_column(default=IndicatorPeriod.YEARLY)
    by_year: Mapped[int | None]
    denominator: Mapped[str] = mapped_column(default="")  # of what: "tổng chi ngân sách địa phương"
    baseline: Mapped[float | None]
    baseline_year: Mapped[int | None]
    is_cumulative: Mapped[bool] = mapped_column(default=False)  # each value reported counts from the beginning
    sentence: Mapped[str] = mapped_column(default="")  # as the plan words it
    source: Mapped[str] = mapped_column(default="")  # where in the plan it stands
    reading_key: Mapped[str | None]  # which one of the plan's reading it was made from
    retired_at: Mapped[datetime | None]
    retired_reason: Mapped[str] = mapped_column(default="")


class IndicatorOwner(Base):
    """A unit that answers for an indicator; of several each states its own part."""

    __tablename__ = "indicator_owners"

    indicator_id: Mapped[UUID] = mapped_column(sa.ForeignKey("indicators.id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True, index=True)


class IndicatorValue(Base):
    """What one unit reported, or somebody entered by hand; a mended report replaces what it said before."""

    __tablename__ = "indicator_values"
    __table_args__ = (sa.Index("ix_indicator_values_indicator", "indicator_id", "as_of"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    indicator_id: Mapped[UUID] = mapped_column(sa.ForeignKey("indicators.id"))
    unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"))  # None: of the ward as a whole
    occurrence_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("task_occurrences.id"))
    submission_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("submissions.id"), index=True)
    year: Mapped[int]
    as_of: Mapped[date]
    value: Mapped[float]
    whole: Mapped[float | None]  # of how many, where the value is a share: it weighs the unit's share
    note: Mapped[str] = mapped_column(default="")
    evidence_id: Mapped[UUID | None]  # attachment; a report has its own
    entered_by: Mapped[UUID | None]
    entered_at: Mapped[utc]
