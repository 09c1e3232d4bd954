"""The day of a change: the successors are there, and get the unit's people, its rows of plans and its parts."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from engine.command import Command, handles
from engine.errors import NotFound
from engine.transaction import Transaction
from webapp.indicators.models import Indicator, IndicatorOwner
from webapp.organisation.commands.absences import end_absences_across_units
from webapp.organisation.models import Committee, Membership, Unit, UnitSuccession
from webapp.permissions import Permission
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskState, PlanTaskUnit, TaskOccurrence, UnitPart
from webapp.unit_changes.destinations import Destinations, destinations_of, officers_of
from webapp.unit_changes.facts import UnitSucceeded
from webapp.unit_changes.models import ChangeState, UnitChange

MOVE = "unit_changes.move"
PARTS = ("focal_unit_id", "office_unit_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginUnitChange(Command):
    """Put the successors in the unit's place; its running cases follow one by one."""

    permission = Permission.ADMINISTER

    change_id: UUID


@handles(BeginUnitChange)
def begin_unit_change(command: BeginUnitChange, tx: Transaction) -> None:
    """Begun twice, or taken back before, it does nothing. Raises NotFound."""
    tx.take_turns("unit changes")
    change = tx.session.get(UnitChange, command.change_id)
    if change is None or change.tenant_id != tx.tenant_id:
        raise NotFound
    if change.state is not ChangeState.PLANNED:
        return
    where = destinations_of(tx.session, change.id)
    _make_units(tx, change)
    _succeed(tx, change)
    _move_parts(tx, change)
    memberships, tasks = list(_move_people(tx, change, where)), list(_move_tasks(tx, change, where))
    end_absences_across_units(tx, {UUID(moved.partition("@")[0]) for moved in memberships})
    plans, indicators = list(_move_plans(tx, change)), list(_move_indicators(tx, change, where))
    change.state, change.begun_at = ChangeState.UNDER_WAY, tx.now
    tx.record(
        UnitSucceeded(
            change.id,
            change.unit_id,
            change.unit.name,
            tuple(str(one.unit_id) for one in change.successors),
            change.from_day.isoformat(),
            change.reason,
            tuple(memberships),
            tuple(tasks),
            tuple(plans),
            tuple(indicators),
        )
    )
    tx.enqueue(MOVE, f"{MOVE}:{change.id}", {"change_id": change.id})


def _make_units(tx: Transaction, change: UnitChange) -> None:
    """Those that come into being are of the same kind, in the same place of lists."""
    old = change.unit
    for one in change.successors:
        if one.is_new:
            tx.session.add(
                Unit(
                    id=one.unit_id,
                    tenant_id=tx.tenant_id,
                    name=one.name,
                    short_name=one.short_name,
                    kind=old.kind,
                    is_requested=old.is_requested,
                    is_outside=old.is_outside,
                    contact_name=old.contact_name,
                    address=old.address,
                    email=old.email,
                    phone=old.phone,
                    position=old.position,
                )
            )
    tx.session.flush()


def _succeed(tx: Transaction, change: UnitChange) -> None:
    """Whoever has the place of one that has ended has also the places that that one had."""
    places = [(change.unit_id, not change.keeps_unit, change.keeps_unit)]
    if not change.keeps_unit:
        change.unit.is_active, change.unit.ended_on = False, change.from_day
        before = tx.session.scalars(sa.select(UnitSuccession).where(UnitSuccession.successor_id == change.unit_id))
        places += [(row.predecessor_id, row.is_main, row.is_partial) for row in before]
    for unit_id, is_main, is_partial in places:
        for one in change.successors:
            if unit_id != one.unit_id:
                _put_succession(tx, change, unit_id, one.unit_id, is_main and one.unit_id == change.main_id, is_partial)
    tx.session.flush()


def _put_succession(
    tx: Transaction, change: UnitChange, unit_id: UUID, successor_id: UUID, is_main: bool, is_partial: bool
) -> None:
    """Whoever had a part of the work, or was one of several, may get the rest."""
    key = {"predecessor_id": unit_id, "successor_id": successor_id}
    row = tx.session.get(UnitSuccession, key)
    if row is None:
        row = UnitSuccession(
            **key, tenant_id=tx.tenant_id, from_day=change.from_day, is_main=is_main, is_partial=is_partial
        )
        tx.session.add(row)
    elif row.is_partial and not is_partial:
        row.is_partial, row.from_day = False, change.from_day
    row.is_main = row.is_main or is_main


def _move_parts(tx: Transaction, change: UnitChange) -> None:
    """The focal unit's part and the office's."""
    committee = tx.session.get_one(Committee, tx.tenant_id)
    for part in PARTS:
        if getattr(committee, part) == change.unit_id:
            setattr(committee, part, change.main_id)


def _move_people(tx: Transaction, change: UnitChange, where: Destinations) -> Iterator[str]:
    """Everybody of the unit; one who has the same desk at the successor keeps that one. Absences go with people."""
    held = tx.session.scalars(sa.select(Membership).where(Membership.unit_id == change.unit_id)).all()
    there = sa.select(Membership.person_id, Membership.unit_id, Membership.role).where(
        Membership.person_id.in_([one.person_id for one in held])
    )
    taken = {tuple(row) for row in tx.session.execute(there)}
    for one in held:
        unit_id = where.of_person(one.person_id)
        if unit_id == change.unit_id:
            continue
        if (one.person_id, unit_id, one.role) in taken:
            tx.session.delete(one)
        else:
            one.unit_id = unit_id
        yield f"{one.person_id}@{unit_id}"


def _move_tasks(tx: Transaction, change: UnitChange, where: Destinations) -> Iterator[str]:
    """Rows of plans that are not over: those of drafts, those with an open case, those that come again."""
    tasks = tx.session.scalars(open_tasks(tx.tenant_id, change.unit_id, change.from_day)).unique().all()
    officers = officers_of(tx.session, [task.id for task in tasks])
    for task in tasks:
        unit_id = where.of_task(task.id, task.plan_id, officers.get(task.id))
        if unit_id != change.unit_id:
            _give(tx, task, change.unit_id, unit_id)
            yield f"{task.id}@{unit_id}"


def open_tasks(tenant_id: UUID, unit_id: UUID, day: date) -> sa.Select[PlanTask]:
    """The rows of plans in which a unit has a part, that are not over on a day; of a draft also what is left out."""
    mine = sa.select(PlanTaskUnit.plan_task_id).where(PlanTaskUnit.unit_id == unit_id)
    running = sa.select(TaskOccurrence.plan_task_id).where(TaskOccurrence.ended_at.is_(None))
    comes_again = PlanTask.is_recurring & (PlanTask.until_year.is_(None) | (PlanTask.until_year >= day.year))
    return (
        sa.select(PlanTask)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(
            PlanTask.tenant_id == tenant_id,
            PlanTask.id.in_(mine),
            Plan.state.in_((PlanState.DRAFT, PlanState.CONFIRMED))
            | (Plan.state == PlanState.ISSUED)
            & (PlanTask.state == PlanTaskState.ISSUED)
            & (comes_again | PlanTask.id.in_(running)),
        )
        .options(selectinload(PlanTask.units))
        .order_by(PlanTask.plan_id, PlanTask.position)
    )


def _give(tx: Transaction, task: PlanTask, old: UUID, new: UUID) -> None:
    """A unit has one part of a row: of two that come together the weightier."""
    parts = list(UnitPart)
    rows = sorted((row for row in task.units if row.unit_id in (old, new)), key=lambda row: parts.index(row.part))
    for row in rows[1:]:
        task.units.remove(row)
    tx.session.flush()
    rows[0].unit_id = new


def _move_plans(tx: Transaction, change: UnitChange) -> Iterator[str]:
    """The plans that the unit steers."""
    steered = sa.select(Plan).where(
        Plan.tenant_id == tx.tenant_id, Plan.focal_unit_id == change.unit_id, Plan.state != PlanState.CLOSED
    )
    for plan in tx.session.scalars(steered.order_by(Plan.id)).all() if change.main_id != change.unit_id else ():
        plan.focal_unit_id = change.main_id
        yield f"{plan.id}@{change.main_id}"


def _move_indicators(tx: Transaction, change: UnitChange, where: Destinations) -> Iterator[str]:
    """The indicators that the unit answers for."""
    owned = tx.session.execute(
        sa.select(IndicatorOwner, Indicator)
        .join(Indicator, Indicator.id == IndicatorOwner.indicator_id)
        .where(
            Indicator.tenant_id == tx.tenant_id,
            IndicatorOwner.unit_id == change.unit_id,
            Indicator.retired_at.is_(None),
        )
        .order_by(Indicator.id)
    ).all()
    for owner, indicator in owned:
        unit_id = where.of_task(indicator.plan_task_id, indicator.plan_id)
        if unit_id != change.unit_id:
            _give_indicator(tx, owner, unit_id)
            yield f"{indicator.id}@{unit_id}"


def _give_indicator(tx: Transaction, owner: IndicatorOwner, new: UUID) -> None:
    """Of two owners that come together one is left."""
    if tx.session.get(IndicatorOwner, (owner.indicator_id, new)) is None:
        tx.session.add(IndicatorOwner(indicator_id=owner.indicator_id, unit_id=new))
    tx.session.delete(owner)
    tx.session.flush()
