"""Plans, their tasks, and what each task becomes in a year."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from engine.models import Base, utc, uuid_pk
from engine.text import searchable
from webapp.organisation.models import Unit


class PlanState(StrEnum):
    DRAFT = "draft"  # read from a document, being corrected; may be rehearsed only
    CONFIRMED = "confirmed"  # number, date, focal unit and deadlines are known
    ISSUED = "issued"  # its cases run
    CLOSED = "closed"


PLAN_STATE_NAMES = {
    PlanState.ISSUED: "Đang thực hiện",
    PlanState.CONFIRMED: "Chờ giao việc",
    PlanState.DRAFT: "Bản nháp",
    PlanState.CLOSED: "Đã kết thúc",
}


class PlanTaskState(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    DONE_BEFORE = "done_before"  # was past on the day of import
    CANCELLED = "cancelled"


class UnitPart(StrEnum):
    """What a unit is to a task."""

    LEAD = "lead"
    SECOND_LEAD = "second_lead"
    COORDINATOR = "coordinator"


class Stage(StrEnum):
    """The six stages of a case, in order; a diagram's elements carry them as their `stage` property."""

    ASSIGN = "assign"
    EXECUTE = "execute"
    UNIT_REPORT = "unit_report"
    CONSOLIDATION = "consolidation"
    APPROVAL = "approval"
    SUBMIT = "submit"


class OccurrenceState(StrEnum):
    """A case as people speak of it; *overdue* is a flag beside it, computed."""

    NOT_ACCEPTED = "not_accepted"
    IN_PROGRESS = "in_progress"
    AWAITING_CONDITION = "awaiting_condition"
    AWAITING_CHECK = "awaiting_check"
    AWAITING_CONSOLIDATION = "awaiting_consolidation"
    NEEDS_REWORK = "needs_rework"
    AWAITING_SIGNATURE = "awaiting_signature"
    SIGNED = "signed"
    SENT_TO_CITY = "sent_to_city"
    DONE = "done"
    NOTHING_AROSE = "nothing_arose"
    CARRIED_OVER = "carried_over"
    CANCELLED = "cancelled"


REPORTED = (OccurrenceState.DONE, OccurrenceState.NOTHING_AROSE, OccurrenceState.CARRIED_OVER)
"""Ended with a report, which later reports of the year state too."""
ENDED = (*REPORTED, OccurrenceState.CANCELLED)


class Plan(Base):
    """A plan document (kế hoạch) whose appendix lists tasks."""

    __tablename__ = "plans"
    __table_args__ = (
        sa.Index("ix_plans_state", "tenant_id", "state", "id"),
        sa.Index("ix_plans_focal", "tenant_id", "focal_unit_id"),
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    state: Mapped[PlanState] = mapped_column(default=PlanState.DRAFT)
    number: Mapped[str | None]  # "123/KH-UBND"
    issued_on: Mapped[date | None]
    issuer: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    focal_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"))
    report_by: Mapped[date | None]  # D: last day on which a unit's report is in time
    report_by_source: Mapped[str] = mapped_column(default="")
    submit_by: Mapped[date | None]  # T: the same for the ward's submission
    submit_by_source: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str] = mapped_column(default="")
    reading: Mapped[str] = mapped_column(default="{}", deferred=True)  # JSON, with places in the source; may be long
    source_file_id: Mapped[UUID | None]  # attachment: what was read
    signed_file_id: Mapped[UUID | None]  # attachment
    created_by: Mapped[UUID | None]
    created_at: Mapped[utc]
    confirmed_at: Mapped[datetime | None]
    issued_at: Mapped[datetime | None]
    replaces_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("plans.id"))  # whose place it takes when issued
    is_paired: Mapped[bool] = mapped_column(default=False)  # a person said which tasks go on as which
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str] = mapped_column(default="")
    search_key: Mapped[str] = mapped_column(default="")  # its words; kept by `_keep_plans_key`
    groups: Mapped[list["TaskGroup"]] = relationship(
        order_by="TaskGroup.position", back_populates="plan", cascade="all, delete-orphan"
    )


class TaskGroup(Base):
    __tablename__ = "task_groups"

    id: Mapped[uuid_pk]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    numeral: Mapped[str]  # Roman
    title: Mapped[str]
    position: Mapped[int]
    plan: Mapped[Plan] = relationship(back_populates="groups")
    tasks: Mapped[list["PlanTask"]] = relationship(
        order_by="PlanTask.position", back_populates="group", cascade="all, delete-orphan"
    )


class PlanTask(Base):
    """A row of a plan's appendix."""

    __tablename__ = "plan_tasks"

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"), index=True)
    group_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task_groups.id"), index=True)
    state: Mapped[PlanTaskState] = mapped_column(default=PlanTaskState.DRAFT)
    state_note: Mapped[str] = mapped_column(default="")  # why it was left out, or on what ground it was done before
    position: Mapped[int]
    ordinal: Mapped[str]
    content: Mapped[str]
    lead_text: Mapped[str] = mapped_column(default="")
    coordinators_text: Mapped[str] = mapped_column(default="")
    timing_text: Mapped[str] = mapped_column(default="")
    product_text: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date | None]  # its own date; None: the cycle's
    is_recurring: Mapped[bool] = mapped_column(default=True)
    until_year: Mapped[int | None]
    is_conditional: Mapped[bool] = mapped_column(default=False)
    blocked_until: Mapped[str | None]  # what it waits for
    warnings: Mapped[str] = mapped_column(default="[]")  # JSON: what a person has still to look at
    repairs: Mapped[str] = mapped_column(default="[]")  # JSON: proposed, neither accepted nor refused yet
    source: Mapped[str] = mapped_column(default="{}")  # JSON: the row as it stands in the file, and where
    search_key: Mapped[str] = mapped_column(default="")  # its words; kept by `_keep_search_key`
    continues_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("plan_tasks.id"))  # of the plan that is replaced
    group: Mapped[TaskGroup] = relationship(back_populates="tasks")
    units: Mapped[list["PlanTaskUnit"]] = relationship(
        order_by="PlanTaskUnit.position", back_populates="task", cascade="all, delete-orphan"
    )


@sa.event.listens_for(PlanTask, "before_insert")
@sa.event.listens_for(PlanTask, "before_update")
def _keep_search_key(_mapper: Any, _connection: Any, task: PlanTask) -> None:
    """Whoever writes a task, the search finds it."""
    task.search_key = searchable(f"{task.content} {task.product_text or ''}")


@sa.event.listens_for(Plan, "before_insert")
@sa.event.listens_for(Plan, "before_update")
def _keep_plans_key(_mapper: Any, _connection: Any, plan: Plan) -> None:
    plan.search_key = searchable(f"{plan.number or ''} {plan.title} {plan.issuer or ''}")


class PlanTaskUnit(Base):
    __tablename__ = "plan_task_units"
    __table_args__ = (sa.UniqueConstraint("plan_task_id", "unit_id", "part"),)

    id: Mapped[uuid_pk]
    plan_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan_tasks.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    part: Mapped[UnitPart]
    position: Mapped[int] = mapped_column(default=0)
    task: Mapped[PlanTask] = relationship(back_populates="units")
    unit: Mapped[Unit] = relationship(lazy="joined")


class ReceivedPlan(Base):
    """A long file that was sent and is read in the background: how far, and what came of it."""

    __tablename__ = "received_plans"

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID] = mapped_column(sa.ForeignKey("tenants.id"))
    file_id: Mapped[UUID] = mapped_column(sa.ForeignKey("attachments.id"))
    received_by: Mapped[UUID | None]
    received_at: Mapped[utc]
    pages_done: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)  # 0: not known yet
    refusal: Mapped[str | None]  # why it can't be read
    attach_to: Mapped[UUID | None]  # the plan whose appendix it is; None for a plan of its own
    plan_id: Mapped[UUID | None]  # the draft that was made of it, or into which it went


class DraftChange(Base):
    """A change to a draft that can be taken back, or was and can be made again."""

    __tablename__ = "draft_changes"
    __table_args__ = (sa.UniqueConstraint("plan_id", "number"),)

    id: Mapped[uuid_pk]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    number: Mapped[int]  # within the plan; the highest is taken back first
    what: Mapped[str]  # in words, as its button says
    made_by: Mapped[UUID | None]
    made_at: Mapped[utc]
    payload: Mapped[str]  # JSON: what taking it back needs, or making it again
    is_undone: Mapped[bool] = mapped_column(default=False)


class LearnedRepair(Base):
    """What people of a ward put right in a draft: proposed where the same is read again."""

    __tablename__ = "learned_repairs"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "before", "after"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    before: Mapped[str]
    after: Mapped[str]
    times: Mapped[int] = mapped_column(default=1)  # how often people did so


class LearnedName(Base):
    """Which unit people of a ward chose for a name that a plan wrote: proposed where the same is read again."""

    __tablename__ = "learned_names"
    __table_args__ = (sa.UniqueConstraint("tenant_id", "name", "unit_id"),)

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    name: Mapped[str]  # as written
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    times: Mapped[int] = mapped_column(default=1)  # how often people did so


class TaskOccurrence(Base):
    """One case: a plan task in a year under one lead unit. Its id is the process instance's."""

    __tablename__ = "task_occurrences"
    __table_args__ = (
        sa.UniqueConstraint("plan_task_id", "year", "first_lead_unit_id", "round"),
        sa.Index("ix_task_occurrences_plan", "plan_id", "year", "state"),
        sa.Index("ix_task_occurrences_lead", "tenant_id", "lead_unit_id", "state"),
        {"postgresql_with": {"fillfactor": 85}},  # As the case's own row.
    )

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    plan_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plans.id"))
    plan_task_id: Mapped[UUID] = mapped_column(sa.ForeignKey("plan_tasks.id"))
    year: Mapped[int]
    last_year: Mapped[int] = mapped_column(
        default=lambda context: context.get_current_parameters()["year"]
    )  # whose cycles ask for it: a later one, once it went on unfinished
    lead_unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    first_lead_unit_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("units.id"), default=lambda context: context.get_current_parameters()["lead_unit_id"]
    )  # to which it was given; others may have that one's place now
    second_lead_unit_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("units.id"))
    state: Mapped[OccurrenceState] = mapped_column(default=OccurrenceState.NOT_ACCEPTED)
    stage: Mapped[Stage] = mapped_column(default=Stage.ASSIGN)
    due_on: Mapped[date | None]  # E
    send_by: Mapped[date | None]  # the day of a cycle that waits for its report, where that comes before E
    is_due_with_report: Mapped[bool]  # the task names no day of its own: E is that of the report
    officer_id: Mapped[UUID | None]  # who executes
    completed_on: Mapped[date | None]  # first clock: when the work was done
    first_reported_at: Mapped[datetime | None]  # second clock: when a complete report was first sent
    report_submission_id: Mapped[UUID | None]  # the submission that is the unit's report
    nothing_arose: Mapped[bool] = mapped_column(default=False)
    returned_count: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]  # as it stood on that day it is counted from then on
    round: Mapped[int] = mapped_column(default=1)  # a linked case goes on from one that was closed
    continued_by_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("task_occurrences.id"), index=True)
    task: Mapped[PlanTask] = relationship()
    lead_unit: Mapped[Unit] = relationship(foreign_keys=[lead_unit_id], lazy="joined")


class Contribution(Base):
    """What a coordinating unit owes to a case. Its id is the process instance's."""

    __tablename__ = "contributions"

    id: Mapped[uuid_pk]
    tenant_id: Mapped[UUID]
    occurrence_id: Mapped[UUID] = mapped_column(sa.ForeignKey("task_occurrences.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    asked_at: Mapped[utc]
    due_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    was_late: Mapped[bool] = mapped_column(default=False)  # the first answer
    outcome: Mapped[str | None]  # as the form's field says: result, nothing_arose, not_our_duty; missed
    returned_at: Mapped[datetime | None]  # the lead sent it back, once
    reminded_at: Mapped[datetime | None]  # the lead pressed Nhắc
    submission_id: Mapped[UUID | None]
    unit: Mapped[Unit] = relationship(lazy="joined")
