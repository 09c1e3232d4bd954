"""Taking back changes to a draft, the last one first: each keeps how the rows that it touched were before."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, handles
from engine.errors import Kind, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.indicators.models import Indicator
from webapp.organisation.models import Unit
from webapp.permissions import Permission
from webapp.plans.assigning import put_units
from webapp.plans.drafts import draft_plan
from webapp.plans.facts import PlanRevised
from webapp.plans.learning import learn_again, unlearn
from webapp.plans.models import DraftChange, PlanTask, TaskGroup, UnitPart

KEPT: Final = 50
"""Changes of a draft that can be taken back."""
UNITS: Final = "units"
_COLUMNS: Final = {
    column.name: column.type.python_type
    for column in PlanTask.__table__.columns
    if column.name not in ("id", "tenant_id", "plan_id", "search_key")
}


class Overtaken(Rejected):
    kind = Kind.CONFLICT
    message = "Bản nháp vừa có thay đổi khác. Nút Hoàn tác nay ghi thay đổi mới nhất và của ai: xem rồi bấm lại."


@dataclass(slots=True)
class Change:
    """What a command does to a draft, as far as taking it back needs."""

    plan_id: UUID
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # of rows that are still there: what differed
    removed: dict[str, dict[str, Any]] = field(default_factory=dict)  # of rows that went: all
    created: list[str] = field(default_factory=list)
    new_groups: list[str] = field(default_factory=list)
    shifts: list[tuple[int, int | None, int]] = field(default_factory=list)
    indicators: dict[str, str] = field(default_factory=dict)  # to which row each belonged
    learned: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back."""
        return not any(value for name, value in asdict(self).items() if name != "plan_id")

    def shift(self, tx: Transaction, first: int, last: int | None, by: int) -> None:
        """Move the positions of a stretch of rows."""
        shift(tx, self.plan_id, first, last, by)
        self.shifts.append((first, last, by))

    def remove(self, tx: Transaction, task: PlanTask, heir: PlanTask) -> None:
        """Delete a row; its indicators go to another."""
        mine = Indicator.plan_task_id == task.id
        self.indicators |= {str(id): str(task.id) for id in tx.session.scalars(sa.select(Indicator.id).where(mine))}
        tx.session.execute(sa.update(Indicator).where(mine).values(plan_task_id=heir.id))
        self.removed[str(task.id)] = _values(task)
        tx.session.delete(task)


def shift(tx: Transaction, plan_id: UUID, first: int, last: int | None, by: int) -> None:
    """Move the positions of a stretch of a plan's rows; without `last`, of all from the first on."""
    tx.session.flush()
    stretch = [PlanTask.plan_id == plan_id, PlanTask.position >= first]
    if last is not None:
        stretch.append(PlanTask.position <= last)
    tx.session.execute(sa.update(PlanTask).where(*stretch).values(position=PlanTask.position + by))


# --- keeping ---


@contextmanager
def undoable(tx: Transaction, plan_id: UUID, what: str, tasks: Iterable[PlanTask] = ()) -> Iterator[Change]:
    """Keep how rows are, for the change that is made meanwhile to be taken back; `what` it is, in words."""
    before = [(task, _values(task)) for task in tasks]
    change = Change(plan_id)
    yield change
    tx.session.flush()
    for task, old in before:
        if str(task.id) not in change.removed:
            new = _values(task)
            differing = {name: value for name, value in old.items() if new[name] != value}
            change.rows |= {str(task.id): differing} if differing else {}
    if not change.is_empty:
        _keep(tx, change, what)


def _keep(tx: Transaction, change: Change, what: str) -> None:
    last = sa.select(sa.func.max(DraftChange.number)).where(DraftChange.plan_id == change.plan_id)
    number = (tx.session.scalar(last) or 0) + 1
    payload = orjson.dumps({name: value for name, value in asdict(change).items() if name != "plan_id"}).decode()
    row = DraftChange(
        id=uuid7(), plan_id=change.plan_id, number=number, what=what, made_by=tx.actor.id, made_at=tx.now,
        payload=payload,
    )  # fmt: skip
    tx.session.add(row)
    old = DraftChange.plan_id == change.plan_id, DraftChange.number <= number - KEPT
    tx.session.execute(sa.delete(DraftChange).where(*old))


def forget_changes(tx: Transaction, plan_id: UUID) -> None:
    """From here on nothing earlier is taken back."""
    tx.session.execute(sa.delete(DraftChange).where(DraftChange.plan_id == plan_id))


def _values(task: PlanTask) -> dict[str, Any]:
    """A row as JSON has it."""
    values = {name: _plain(getattr(task, name)) for name in _COLUMNS}
    return {**values, UNITS: [[row.part.value, str(row.unit_id)] for row in task.units]}


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, date | UUID) else value


# --- taking back ---


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoChange(Command):
    """Take the last change of a draft back, if it is still the one that was seen."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    change_id: UUID


@handles(UndoChange)
def undo_change(command: UndoChange, tx: Transaction) -> UUID | None:
    """Return a row that it was about, if one is there. Raises NotFound, NotBeingDrafted, Overtaken."""
    plan = draft_plan(tx, command.plan_id)
    newest = sa.select(DraftChange).where(DraftChange.plan_id == plan.id).order_by(DraftChange.number.desc())
    last = tx.session.scalar(newest.limit(1))
    if last is None or last.id != command.change_id:
        raise Overtaken
    change = Change(plan.id, **orjson.loads(last.payload))
    _delete_created(tx, change)
    for first, end, by in reversed(change.shifts):
        shift(tx, plan.id, first + by, end if end is None else end + by, -by)
    _put_back(tx, change)
    tx.session.delete(last)
    about = next((UUID(id) for id in (*change.removed, *change.rows)), None)
    tx.record(PlanRevised(plan.id, about, {"undone": last.what}))
    return about


def _delete_created(tx: Transaction, change: Change) -> None:
    created = [UUID(id) for id in change.created]
    tx.session.execute(sa.update(Indicator).where(Indicator.plan_task_id.in_(created)).values(plan_task_id=None))
    for kind, ids in ((PlanTask, created), (TaskGroup, map(UUID, change.new_groups))):
        for id in ids:
            tx.session.delete(tx.session.get_one(kind, id))
        tx.session.flush()


def _put_back(tx: Transaction, change: Change) -> None:
    """Rows as they were; units that no longer work are left open."""
    working = set(tx.session.scalars(sa.select(Unit.id).where(Unit.tenant_id == tx.tenant_id, Unit.is_active)))
    wanted = [UUID(id) for id in change.rows]
    present = {task.id: task for task in tx.session.scalars(sa.select(PlanTask).where(PlanTask.id.in_(wanted)))}
    for id, values in change.removed.items():
        task = present[UUID(id)] = PlanTask(id=UUID(id), tenant_id=tx.tenant_id, plan_id=change.plan_id)
        tx.session.add(task)
        _set(task, values, working)
    for id, values in change.rows.items():
        _set(present[UUID(id)], values, working)
    tx.session.flush()
    for indicator, task_id in change.indicators.items():
        moved = sa.update(Indicator).where(Indicator.id == UUID(indicator))
        tx.session.execute(moved.values(plan_task_id=UUID(task_id)))
    for before, after in change.learned:
        unlearn(tx, before, after)
    for before, after, times in change.forgotten:
        learn_again(tx, before, after, times)


def _set(task: PlanTask, values: dict[str, Any], working: set[UUID]) -> None:
    for name, value in values.items():
        if name != UNITS:
            setattr(task, name, _read(value, _COLUMNS[name]))
    if UNITS in values:
        parts = [(UnitPart(part), UUID(unit_id)) for part, unit_id in values[UNITS]]
        put_units(task, [(part, unit_id) for part, unit_id in parts if unit_id in working])


def _read(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is date:
        return date.fromisoformat(value)
    return kind(value) if issubclass(kind, UUID | Enum) else value
