"""Putting a draft's rows in another order, within a group or across: the numbers that they have on paper stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, handles
from engine.errors import NotFound, Rejected
from engine.transaction import Transaction
from webapp.permissions import Permission
from webapp.plans.drafts import draft_task
from webapp.plans.facts import PlanRevised
from webapp.plans.models import PlanTask, TaskGroup
from webapp.plans.places import place_name, place_of
from webapp.plans.undoing import Change, undoable

FIRST_OF_GROUP = "0"
"""Behind which row, where one is to come first."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands or may stand: in a group, right before or behind another row of it."""

    group_id: UUID
    neighbour: Any = None  # row of `_order`; None: the group has no other
    behind: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ReorderTask(Command):
    """Put a row one place up or down, or behind another row, or first or last in a group."""

    permission = Permission.MANAGE_PLANS

    plan_task_id: UUID
    step: int = 0  # -1: up, 1: down; 0: to the place that is named
    group_id: UUID | None = None
    after: str = ""  # "II.3", or "3" within the group; empty: last in the group


@handles(ReorderTask)
def reorder_task(command: ReorderTask, tx: Transaction) -> None:
    """Raises NotFound, NotBeingDrafted, Rejected."""
    task = draft_task(tx, command.plan_task_id)
    tx.session.flush()
    order, groups = _order(tx, task.plan_id), _groups(tx, task.plan_id)
    before = _described(order, groups, task.id)
    others = [row for row in order if row.id != task.id]
    place = _beside(order, groups, task, command.step) if command.step else _named(others, groups, command)
    with undoable(tx, task.plan_id, f"chuyển dòng {place_of(task)}", [task]) as change:
        _put_at(tx, change, task, place)
    after = _described(_order(tx, task.plan_id), groups, task.id)
    if after != before:
        tx.record(PlanRevised(task.plan_id, task.id, {"place": f"{before} → {after}"}))


def _put_at(tx: Transaction, change: Change, task: PlanTask, place: Place) -> None:
    """Give a row its place; the rows between its old and new one move by one."""
    was, other = task.position, place.neighbour
    if other is not None:
        down = was < other.position
        now = other.position + place.behind - down
        first, last = (was + 1, now) if down else (now, was - 1)
        change.shift(tx, first, last, -1 if down else 1)
        task.position = now
    if place.group_id != task.group_id:
        task.group = tx.session.get_one(TaskGroup, place.group_id)


def _order(tx: Transaction, plan_id: UUID) -> Sequence[Any]:
    """The rows as they are read, in short."""
    query = (
        sa.select(PlanTask.id, PlanTask.group_id, PlanTask.position, PlanTask.ordinal, TaskGroup.numeral)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(PlanTask.plan_id == plan_id)
        .order_by(TaskGroup.position, PlanTask.position)
    )
    return tx.session.execute(query).all()


def _groups(tx: Transaction, plan_id: UUID) -> dict[UUID, str]:
    """The groups in order, with what they are called."""
    query = sa.select(TaskGroup.id, TaskGroup.numeral, TaskGroup.title).where(TaskGroup.plan_id == plan_id)
    return {row.id: row.numeral or row.title for row in tx.session.execute(query.order_by(TaskGroup.position))}


def _described(order: Sequence[Any], groups: dict[UUID, str], task_id: UUID) -> str:
    """Where a row stands, in words."""
    at = next(index for index, row in enumerate(order) if row.id == task_id)
    row, above = order[at], order[at - 1] if at else None
    if above is None or above.group_id != row.group_id:
        return f"đầu nhóm {groups[row.group_id]}"
    return f"sau dòng {_name(above)}"


def _name(row: Any) -> str:
    return place_name(row.numeral, row.ordinal) or f"dòng {row.position + 1}"


def _beside(order: Sequence[Any], groups: dict[UUID, str], task: PlanTask, step: int) -> Place:
    """One place further; at the edge of a group into the neighbouring one. Raises Rejected at the plan's end."""
    own = [row for row in order if row.group_id == task.group_id]
    at = next(index for index, row in enumerate(own) if row.id == task.id) + step
    if 0 <= at < len(own):
        return Place(task.group_id, own[at], behind=step > 0)
    ids = list(groups)
    beyond = ids.index(task.group_id) + step
    if not 0 <= beyond < len(ids):
        raise Rejected("Dòng này đã ở đầu kế hoạch." if step < 0 else "Dòng này đã ở cuối kế hoạch.")
    return _edge([row for row in order if row.group_id == ids[beyond]], ids[beyond], last=step < 0)


def _edge(rows: Sequence[Any], group_id: UUID, *, last: bool) -> Place:
    return Place(group_id, (rows[-1] if last else rows[0]) if rows else None, behind=last)


def _named(others: Sequence[Any], groups: dict[UUID, str], command: ReorderTask) -> Place:
    """Raises NotFound, Rejected."""
    if command.group_id not in groups:
        raise NotFound
    own, wanted = [row for row in others if row.group_id == command.group_id], command.after.strip().casefold()
    if wanted in ("", FIRST_OF_GROUP):
        return _edge(own, command.group_id, last=not wanted)
    found = [row for row in own if wanted in (row.ordinal.casefold(), _name(row).casefold())]
    found = found or [row for row in others if _name(row).casefold() == wanted]
    if len(found) != 1:
        count = "Không có" if not found else f"Có {len(found)}"
        raise Rejected(f"{count} dòng số “{command.after}” để đặt dòng này vào sau. Nhập như II.3.")
    return Place(found[0].group_id, found[0])
