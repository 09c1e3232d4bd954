"""Rows that the reading did not give, added by hand; and drafts thrown away."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import NotFound, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.cycles.models import PlannedCycle
from webapp.documents.rendering.content import roman
from webapp.indicators.models import Indicator, IndicatorOwner, IndicatorValue
from webapp.permissions import Permission
from webapp.plans.assigning import put_units
from webapp.plans.drafts import draft_plan, require_units
from webapp.plans.facts import PlanDiscarded, PlanRevised
from webapp.plans.issuing import earliest_day
from webapp.plans.models import Plan, PlanTask, TaskGroup, UnitPart
from webapp.plans.reading.timing import read_timing
from webapp.plans.timing import Schedule, schedule_of
from webapp.plans.undoing import Change, forget_changes, undoable


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTask(Command):
    """Add a row at the end of a group, or in a new group at the end of the plan."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    group_id: UUID | None
    group_title: str = ""
    ordinal: str
    content: str
    leads: tuple[UUID, ...] = ()
    timing_text: str = ""
    product_text: str = ""


@handles(AddTask)
def add_task(command: AddTask, tx: Transaction) -> UUID:
    """Return the row's id. Raises NotFound, NotBeingDrafted, UnknownUnits, Rejected."""
    plan = draft_plan(tx, command.plan_id)
    require_units(tx, command.leads)
    with undoable(tx, plan.id, f"thêm dòng {command.ordinal}") as change:
        task = _add(tx, plan, command, change)
    tx.record(PlanRevised(plan.id, task.id, {"added": command.content}))
    return task.id


def _add(tx: Transaction, plan: Plan, command: AddTask, change: Change) -> PlanTask:
    group = _group(plan, command)
    if group.id != command.group_id:
        change.new_groups.append(str(group.id))
    position = make_room(tx, plan, None)
    if group.tasks:
        position = group.tasks[-1].position + 1
        change.shift(tx, position, None, 1)
    schedule = schedule_of(read_timing(command.timing_text), earliest_day(plan, local_date(tx.now)).year)
    task = PlanTask(
        id=uuid7(), tenant_id=tx.tenant_id, plan_id=plan.id, group_id=group.id, ordinal=command.ordinal,
        content=command.content, timing_text=command.timing_text, product_text=command.product_text,
        position=position, **_timing(schedule),
    )  # fmt: skip
    put_units(task, [(UnitPart.LEAD, unit_id) for unit_id in command.leads])
    group.tasks.append(task)
    change.created.append(str(task.id))
    return task


def _group(plan: Plan, command: AddTask) -> TaskGroup:
    if command.group_id is not None:
        found = next((group for group in plan.groups if group.id == command.group_id), None)
        if found is None:
            raise NotFound
        return found
    if not command.group_title:
        raise Rejected("Chọn nhóm nhiệm vụ, hoặc nhập tên nhóm mới.")
    position = max((group.position for group in plan.groups), default=0) + 1
    group = TaskGroup(
        id=uuid7(), plan_id=plan.id, numeral=roman(len(plan.groups) + 1), title=command.group_title, position=position
    )
    plan.groups.append(group)
    return group


def make_room(tx: Transaction, plan: Plan, after: PlanTask | None, rows: int = 1) -> int:
    """The position behind a row, those further on moved by `rows`; without a row, the plan's end."""
    last = tx.session.scalar(sa.select(sa.func.max(PlanTask.position)).where(PlanTask.plan_id == plan.id))
    if after is None:
        return (last if last is not None else -1) + 1
    tx.session.execute(
        sa.update(PlanTask)
        .where(PlanTask.plan_id == plan.id, PlanTask.position > after.position)
        .values(position=PlanTask.position + rows)
    )
    return after.position + 1


def _timing(schedule: Schedule) -> dict[str, Any]:
    return {
        "due_on": schedule.due_on, "is_recurring": schedule.is_recurring, "until_year": schedule.until_year
    }  # fmt: skip


def reschedule(task: PlanTask, phase: str, year: int) -> None:
    """Give a row the days that its timing means."""
    for name, value in _timing(schedule_of(read_timing(phase), year)).items():
        setattr(task, name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardPlan(Command):
    """Throw a draft away that was imported by mistake; what happened to it stays in the record."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID


@handles(DiscardPlan)
def discard_plan(command: DiscardPlan, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted."""
    plan = draft_plan(tx, command.plan_id)
    forget_changes(tx, plan.id)
    _drop_what_hangs_on(tx, plan.id)
    tx.record(PlanDiscarded(plan.id, plan.file_name, sum(len(group.tasks) for group in plan.groups)))
    tx.session.delete(plan)


def _drop_what_hangs_on(tx: Transaction, plan_id: UUID) -> None:
    """Its indicators, and the reports that it was to have: it may have been confirmed once."""
    tx.session.execute(sa.delete(PlannedCycle).where(PlannedCycle.plan_id == plan_id))
    of_plan = sa.select(Indicator.id).where(Indicator.plan_id == plan_id)
    tx.session.execute(sa.delete(IndicatorValue).where(IndicatorValue.indicator_id.in_(of_plan)))
    tx.session.execute(sa.delete(IndicatorOwner).where(IndicatorOwner.indicator_id.in_(of_plan)))
    tx.session.execute(sa.delete(Indicator).where(Indicator.plan_id == plan_id))
