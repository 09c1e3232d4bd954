"""Taking back changes to a draft, the last one first, and making them again.

Each keeps how the rows that it touched were before; once it is taken back, how they were with it.
"""

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
from webapp.plans.learning import learn_again, learn_name, unlearn, unlearn_name
from webapp.plans.models import DraftChange, PlanTask, TaskGroup, UnitPart

KEPT: Final = 50
"""Changes of a draft that can be taken back."""
UNITS: Final = "units"
_OF_GROUP: Final = ("numeral", "title", "position")
_COLUMNS: Final = {
    column.name: column.type.python_type
    for column in PlanTask.__table__.columns
    if column.name not in ("id", "tenant_id", "plan_id", "search_key")
}


class Overtaken(Rejected):
    kind = Kind.CONFLICT
    message = "Bản nháp vừa có thay đổi khác. Nút Hoàn tác, Làm lại nay ghi thay đổi nào và của ai: xem rồi bấm lại."


@dataclass(slots=True)
class Change:
    """What a command does to a draft, as far as taking it back needs."""

    plan_id: UUID
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)  # of rows that are still there: what differed
    removed: dict[str, dict[str, Any]] = field(default_factory=dict)  # of rows that went: all
    created: list[str] = field(default_factory=list)
    new_groups: list[str] = field(default_factory=list)
    removed_groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    shifts: list[tuple[int, int | None, int]] = field(default_factory=list)
    indicators: dict[str, str] = field(default_factory=dict)  # to which row each belonged
    learned: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[tuple[str, str, int]] = field(default_factory=list)
    named: list[tuple[str, str]] = field(default_factory=list)  # names learned, with the ids of their units
    unnamed: list[tuple[str, str, int]] = field(default_factory=list)

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
    """What was taken back before is gone for good."""
    undone = DraftChange.plan_id == change.plan_id, DraftChange.is_undone
    tx.session.execute(sa.delete(DraftChange).where(*undone))
    last = sa.select(sa.func.max(DraftChange.number)).where(DraftChange.plan_id == change.plan_id)
    number = (tx.session.scalar(last) or 0) + 1
    row = DraftChange(
        id=uuid7(), plan_id=change.plan_id, number=number, what=what, made_by=tx.actor.id, made_at=tx.now,
        payload=_written(change),
    )  # fmt: skip
    tx.session.add(row)
    old = DraftChange.plan_id == change.plan_id, DraftChange.number <= number - KEPT
    tx.session.execute(sa.delete(DraftChange).where(*old))


def _written(change: Change) -> str:
    return orjson.dumps({name: value for name, value in asdict(change).items() if name != "plan_id"}).decode()


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
    return _turn(tx, command.plan_id, command.change_id, undone=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoChange(Command):
    """Make the change again that was taken back last, if it is still the one that was seen."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    change_id: UUID


@handles(RedoChange)
def redo_change(command: RedoChange, tx: Transaction) -> UUID | None:
    """Return a row that it is about, if one is there. Raises NotFound, NotBeingDrafted, Overtaken."""
    return _turn(tx, command.plan_id, command.change_id, undone=False)


def newest_undoable(plan_id: UUID) -> sa.Select[DraftChange]:
    """The change that is taken back first."""
    of_plan = DraftChange.plan_id == plan_id, DraftChange.is_undone.is_(False)
    return sa.select(DraftChange).where(*of_plan).order_by(DraftChange.number.desc()).limit(1)


def newest_undone(plan_id: UUID) -> sa.Select[DraftChange]:
    """The change that was taken back last."""
    of_plan = DraftChange.plan_id == plan_id, DraftChange.is_undone
    return sa.select(DraftChange).where(*of_plan).order_by(DraftChange.number).limit(1)


def _turn(tx: Transaction, plan_id: UUID, change_id: UUID, *, undone: bool) -> UUID | None:
    """Take a change back, or make it again: either is the other's opposite."""
    plan = draft_plan(tx, plan_id)
    row = tx.session.scalar((newest_undoable if undone else newest_undone)(plan.id))
    if row is None or row.id != change_id:
        raise Overtaken
    change = Change(plan.id, **orjson.loads(row.payload))
    row.payload, row.is_undone = _written(_opposite(tx, change)), undone
    _delete_created(tx, change)
    for first, end, by in reversed(change.shifts):
        shift(tx, plan.id, first + by, end if end is None else end + by, -by)
    _put_back(tx, change)
    about = next((UUID(id) for id in (*change.removed, *change.rows)), None)
    tx.record(PlanRevised(plan.id, about, {"undone" if undone else "redone": row.what}))
    return about


def _opposite(tx: Transaction, change: Change) -> Change:
    """What brings the rows back to how they are now."""
    session = tx.session
    created = [session.get_one(PlanTask, UUID(id)) for id in change.created]
    groups = [session.get_one(TaskGroup, UUID(id)) for id in change.new_groups]
    now = {id: _values(session.get_one(PlanTask, UUID(id))) for id in change.rows}
    moved = Indicator.id.in_(map(UUID, change.indicators)) | Indicator.plan_task_id.in_(task.id for task in created)
    belongs = session.execute(sa.select(Indicator.id, Indicator.plan_task_id).where(moved)).all()
    return Change(
        change.plan_id,
        rows={id: {name: now[id][name] for name in values} for id, values in change.rows.items()},
        removed={str(task.id): _values(task) for task in created},
        created=list(change.removed), new_groups=list(change.removed_groups),
        removed_groups={str(g.id): {name: getattr(g, name) for name in _OF_GROUP} for g in groups},
        shifts=[(first + by, end if end is None else end + by, -by) for first, end, by in reversed(change.shifts)],
        indicators={str(row.id): str(row.plan_task_id) for row in belongs if row.plan_task_id is not None},
        learned=[(before, after) for before, after, times in change.forgotten for _ in range(times)],
        forgotten=[(before, after, 1) for before, after in change.learned],
        named=[(name, unit_id) for name, unit_id, times in change.unnamed for _ in range(times)],
        unnamed=[(name, unit_id, 1) for name, unit_id in change.named],
    )  # fmt: skip


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
    for id, values in change.removed_groups.items():
        tx.session.add(TaskGroup(id=UUID(id), plan_id=change.plan_id, **values))
    tx.session.flush()
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
    for name, unit_id in change.named:
        unlearn_name(tx, name, UUID(unit_id))
    for name, unit_id, times in change.unnamed:
        learn_name(tx, name, UUID(unit_id), times)


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
