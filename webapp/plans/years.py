"""A plan's years: its last days come round, and its recurring tasks begin anew on 1 January."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.transaction import Transaction
from webapp.organisation.models import UnitSuccession
from webapp.plans.facts import YearBegun
from webapp.plans.issuing import find_plan, leads_of, start_occurrence
from webapp.plans.models import PlanState, PlanTask, PlanTaskState, PlanTaskUnit, TaskOccurrence, UnitPart


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginYear(Command):
    """Give each recurring task of an issued plan its case of a year; begun twice, it adds only what is new."""

    permission = EnginePermission.SYSTEM

    plan_id: UUID
    year: int


@handles(BeginYear)
def begin_year(command: BeginYear, tx: Transaction) -> int:
    """Return how many cases begin. Acceptance and the officer carry over from the year before. Raises NotFound."""
    plan = find_plan(tx, command.plan_id)
    if plan.state is not PlanState.ISSUED:
        return 0
    begun = 0
    for task in tx.session.scalars(sa.select(PlanTask).where(PlanTask.plan_id == plan.id, *recurs_in(command.year))):
        for lead in leads_of(task):
            previous = _newest(tx, task, lead.unit_id)
            if previous is not None and previous.year < command.year:
                start_occurrence(tx, plan, task, command.year, lead.unit_id, previous)
                begun += 1
    if begun:
        tx.record(YearBegun(plan.id, command.year, begun))
    return begun


def recurs_in(year: int | sa.ColumnElement[int]) -> tuple[sa.ColumnExpressionArgument[bool], ...]:
    """Which tasks have a case in a later year: the recurring ones, until their last year."""
    return (
        PlanTask.state == PlanTaskState.ISSUED,
        PlanTask.is_recurring,
        PlanTask.until_year.is_(None) | (PlanTask.until_year >= year),
    )


def plans_to_begin(year: int) -> sa.Select[UUID]:
    """The plans of which a task that comes again has no case of the year under one of its leads, but one before it."""
    of_lead = sa.exists().where(TaskOccurrence.plan_task_id == PlanTaskUnit.plan_task_id, _led_by(PlanTaskUnit.unit_id))
    return (
        sa.select(PlanTask.plan_id)
        .join(PlanTaskUnit, PlanTaskUnit.plan_task_id == PlanTask.id)
        .where(PlanTaskUnit.part == UnitPart.LEAD, *recurs_in(year))
        .where(of_lead.where(TaskOccurrence.year < year), ~of_lead.where(TaskOccurrence.year >= year))
    )


_lead: Any = sa.orm.aliased(PlanTaskUnit)
_OTHER_LEADS = (
    sa.select(_lead.unit_id)
    .where(_lead.plan_task_id == TaskOccurrence.plan_task_id, _lead.part == UnitPart.LEAD)
    .correlate(TaskOccurrence)
)


def _led_by(unit_id: Any) -> sa.ColumnElement[bool]:
    """By the unit, or by one whose place it has that does not lead the task itself."""
    before = sa.select(UnitSuccession.predecessor_id).where(
        UnitSuccession.successor_id == unit_id, UnitSuccession.predecessor_id.not_in(_OTHER_LEADS)
    )
    return sa.or_(TaskOccurrence.lead_unit_id == unit_id, TaskOccurrence.lead_unit_id.in_(before))


def _newest(tx: Transaction, task: PlanTask, lead_unit_id: UUID) -> TaskOccurrence | None:
    query = (
        sa.select(TaskOccurrence)
        .where(TaskOccurrence.plan_task_id == task.id, _led_by(lead_unit_id))
        .order_by(TaskOccurrence.year.desc(), TaskOccurrence.round.desc())
        .limit(1)
    )
    return tx.session.scalar(query)
