"""Entering a change of a unit, saying who takes what, confirming it or taking it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import LOCAL, local_date
from engine.command import Command, handles
from engine.commands.instances import required
from engine.errors import NotFound
from engine.ids import uuid7
from engine.text import spelled
from engine.transaction import Transaction
from webapp.organisation.commands.units import find_unit, require_free_name, require_free_short_name
from webapp.organisation.models import Committee, Unit
from webapp.permissions import Permission
from webapp.unit_changes.facts import SuccessorsChosen, UnitChangeCancelled, UnitChangeConfirmed, UnitChangePlanned
from webapp.unit_changes.models import (
    ChangeKind,
    ChangeState,
    SubjectKind,
    Successor,
    SuccessorChoice,
    UnitChange,
)
from webapp.unit_changes.open_changes import open_change_of, require_no_open_change
from webapp.unit_changes.refusals import (
    ChangeNotOpen,
    DayTooFar,
    IntoItself,
    LeadersUnit,
    SameName,
    SuccessorNotInUse,
    SuccessorTwice,
    TooFewSuccessors,
    UnitHasOpenChange,
    UnitNotInUse,
)

FURTHEST = timedelta(days=3 * 366)
"""Further away lies a year that was mistyped."""
BEGIN = "unit_changes.begin"
Choice = tuple[SubjectKind, UUID, UUID]
"""What somebody chose: a kind of subject, its id, the successor that takes it."""


@dataclass(frozen=True, slots=True)
class NamedSuccessor:
    """A unit of the ward by its id, or one that is to be by its names."""

    unit_id: UUID | None = None
    name: str = ""
    short_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanUnitChange(Command):
    """Say that a unit is renamed, merged or split from a day on; nothing moves before it is confirmed."""

    permission = Permission.ADMINISTER

    unit_id: UUID
    kind: ChangeKind
    from_day: date
    reason: str
    successors: tuple[NamedSuccessor, ...]  # the first takes what nobody chooses another for


@handles(PlanUnitChange)
def plan_unit_change(command: PlanUnitChange, tx: Transaction) -> UUID:
    """Return the change's id. Raises NotFound, UnitHasOpenChange and the refusals of each part."""
    unit = find_unit(tx, command.unit_id)
    _require_changeable(tx, unit)
    if abs(command.from_day - local_date(tx.now)) > FURTHEST:
        raise DayTooFar
    change = UnitChange(
        id=uuid7(), tenant_id=tx.tenant_id, unit_id=unit.id, kind=command.kind, from_day=command.from_day,
        reason=required(command.reason), created_by=tx.actor.id, created_at=tx.now,
    )  # fmt: skip
    change.successors = [_successor(tx, unit, n, named) for n, named in enumerate(command.successors)]
    _require_sense(change)
    _require_free_short_names(tx, change)
    tx.session.add(change)
    tx.session.flush()
    ids = tuple(str(one.unit_id) for one in change.successors)
    tx.record(
        UnitChangePlanned(change.id, unit.id, command.kind, command.from_day.isoformat(), ids, change.reason)
    )  # fmt: skip
    return change.id


def _require_changeable(tx: Transaction, unit: Unit) -> None:
    if not unit.is_active:
        raise UnitNotInUse
    if tx.session.get_one(Committee, tx.tenant_id).committee_unit_id == unit.id:
        raise LeadersUnit
    tx.take_turns("unit changes")
    require_no_open_change(tx, unit.id)


def _successor(tx: Transaction, unit: Unit, position: int, named: NamedSuccessor) -> Successor:
    if named.unit_id is None:
        if named.name == unit.name:
            raise SameName
        require_free_name(tx, named.name, None)
        return Successor(
            unit_id=uuid7(), position=position, is_new=True, name=named.name, short_name=named.short_name
        )  # fmt: skip
    found = find_unit(tx, named.unit_id)
    if not found.is_active or tx.session.get_one(Committee, tx.tenant_id).committee_unit_id == found.id:
        raise SuccessorNotInUse
    if found.id != unit.id and open_change_of(tx, found.id) is not None:
        raise UnitHasOpenChange(f"{found.name} đang có một thay đổi chưa xong nên chưa nhận thêm việc được.")
    return Successor(
        unit_id=found.id, position=position, is_new=False, name=found.name, short_name=found.short_name
    )  # fmt: skip


def _require_free_short_names(tx: Transaction, change: UnitChange) -> None:
    """A new unit may have that of the one that ends. Raises ShortNameTaken, SuccessorTwice."""
    new = [one.short_name for one in change.successors if one.is_new]
    for short_name in new:
        require_free_short_name(tx, short_name, None if change.keeps_unit else change.unit_id)
    if len({spelled(short_name) for short_name in new}) < len(new):
        raise SuccessorTwice("Mỗi đơn vị mới cần một tên gọi tắt riêng.")


def _require_sense(change: UnitChange) -> None:
    """Raises IntoItself, SuccessorTwice, TooFewSuccessors."""
    ids = [one.unit_id for one in change.successors]
    names = [spelled(one.name) for one in change.successors]
    if change.kind is not ChangeKind.SPLIT and change.unit_id in ids:
        raise IntoItself
    if len(set(ids)) < len(ids) or len(set(names)) < len(names):
        raise SuccessorTwice
    if change.kind is ChangeKind.SPLIT and len(ids) < 2:
        raise TooFewSuccessors


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSuccessors(Command):
    """Say who takes which people and tasks of a unit that is split; the choices before are forgotten."""

    permission = Permission.ADMINISTER

    change_id: UUID
    choices: tuple[Choice, ...]


@handles(ChooseSuccessors)
def choose_successors(command: ChooseSuccessors, tx: Transaction) -> None:
    """Raises NotFound, ChangeNotOpen."""
    change = find_open_change(tx, command.change_id)
    put_choices(tx, change, command.choices)


def put_choices(tx: Transaction, change: UnitChange, choices: Sequence[Choice]) -> None:
    """Raises NotFound for a unit that is none of the successors."""
    successors = {one.unit_id for one in change.successors}
    if any(unit_id not in successors for _, _, unit_id in choices):
        raise NotFound
    tx.session.execute(sa.delete(SuccessorChoice).where(SuccessorChoice.change_id == change.id))
    chosen = {(kind, subject): unit_id for kind, subject, unit_id in choices}
    tx.session.add_all(
        SuccessorChoice(change_id=change.id, kind=kind, subject_id=subject, unit_id=unit_id)
        for (kind, subject), unit_id in chosen.items()
    )
    tx.record(
        SuccessorsChosen(change.id, tuple(f"{kind}-{subject}@{unit_id}" for (kind, subject), unit_id in chosen.items()))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmUnitChange(Command):
    """Let the change come on its day; at once where that is past."""

    permission = Permission.ADMINISTER

    change_id: UUID
    choices: tuple[Choice, ...] = ()


@handles(ConfirmUnitChange)
def confirm_unit_change(command: ConfirmUnitChange, tx: Transaction) -> None:
    """Leave the job that begins it, to run when the day does. Raises NotFound, ChangeNotOpen."""
    change = find_open_change(tx, command.change_id)
    if change.state is not ChangeState.DRAFT:
        raise ChangeNotOpen
    if command.choices:
        put_choices(tx, change, command.choices)
    change.state, change.confirmed_by, change.confirmed_at = ChangeState.PLANNED, tx.actor.id, tx.now
    tx.record(UnitChangeConfirmed(change.id))
    midnight = datetime.combine(change.from_day, time(), LOCAL)
    tx.enqueue(BEGIN, f"{BEGIN}:{change.id}", {"change_id": change.id}, run_at=max(midnight, tx.now))


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelUnitChange(Command):
    """Take a change back before its day."""

    permission = Permission.ADMINISTER

    change_id: UUID
    reason: str


@handles(CancelUnitChange)
def cancel_unit_change(command: CancelUnitChange, tx: Transaction) -> None:
    """Raises NotFound, ChangeNotOpen."""
    change = find_open_change(tx, command.change_id)
    reason = required(command.reason)
    change.state, change.ended_at = ChangeState.CANCELLED, tx.now
    tx.record(UnitChangeCancelled(change.id, reason))


def find_open_change(tx: Transaction, change_id: UUID) -> UnitChange:
    """A change that has not begun. Raises NotFound, ChangeNotOpen."""
    tx.take_turns("unit changes")
    change = tx.session.get(UnitChange, change_id)
    if change is None or change.tenant_id != tx.tenant_id:
        raise NotFound
    if change.state not in (ChangeState.DRAFT, ChangeState.PLANNED):
        raise ChangeNotOpen
    return change
