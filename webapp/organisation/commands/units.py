"""Units: added, renamed, put out of use."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import NotFound
from engine.models import OPEN_STEP, UserTask
from engine.text import spelled
from engine.transaction import Transaction
from webapp.organisation.drawn_units import drawings_find_their_units
from webapp.organisation.facts import UnitAdded, UnitChanged, UnitDeactivated, UnitReactivated
from webapp.organisation.models import Committee, Membership, Person, Role, Unit, UnitKind
from webapp.organisation.refusals import PlaceTaken, ShortNameTaken, UnitNameTaken, UnitNotEmpty
from webapp.permissions import Permission
from webapp.plans.models import TaskOccurrence
from webapp.unit_changes.beginning import open_tasks
from webapp.unit_changes.open_changes import promised_units, require_no_open_change

NAMES = "unit names"
"""Whoever gives a unit a name waits for others who do: two would find the same one free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnit(Command):
    permission = Permission.ADMINISTER

    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...] = ()
    is_requested: bool = False
    position: int = 0


@handles(AddUnit)
def add_unit(command: AddUnit, tx: Transaction) -> UUID:
    """Return the unit's id. Raises UnitNameTaken, ShortNameTaken."""
    require_free_name(tx, command.name, None)
    require_free_short_name(tx, command.short_name, None)
    unit = Unit(
        tenant_id=tx.tenant_id, name=command.name, short_name=command.short_name, kind=command.kind,
        aliases="\n".join(command.aliases), is_requested=command.is_requested, position=command.position,
    )  # fmt: skip
    tx.session.add(unit)
    tx.session.flush()
    tx.record(UnitAdded(unit.id, unit.name))
    return unit.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUnit(Command):
    """Change a unit; the names it had stay as aliases, so that older plans and drawings still find it."""

    permission = Permission.ADMINISTER

    unit_id: UUID
    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...]
    is_requested: bool
    position: int


@handles(ChangeUnit)
def change_unit(command: ChangeUnit, tx: Transaction) -> None:
    """Raises NotFound, UnitNameTaken, ShortNameTaken, UnitDrawn."""
    unit = find_unit(tx, command.unit_id)
    require_free_name(tx, command.name, unit.id)
    if unit.is_active and command.short_name != unit.short_name:
        require_free_short_name(tx, command.short_name, unit.id)
    before, kept = unit.name, (command.name, command.short_name)
    known = (*command.aliases, *(old for old in (unit.name, unit.short_name) if old not in kept))
    aliases = [alias for alias in dict.fromkeys(known) if alias != command.name]
    values = {
        "name": command.name, "short_name": command.short_name, "kind": command.kind, "aliases": "\n".join(aliases),
        "is_requested": command.is_requested, "position": command.position,
    }  # fmt: skip
    changed = tuple(name for name, value in values.items() if getattr(unit, name) != value)
    with drawings_find_their_units(tx):
        for name in changed:
            setattr(unit, name, values[name])
    if changed:
        tx.record(UnitChanged(unit.id, changed, before, command.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateUnit(Command):
    """Put a unit out of use: nobody belongs to it and nothing waits at its desks.

    Who entered for a body outside the ward does so no more.
    """

    permission = Permission.ADMINISTER

    unit_id: UUID


@handles(DeactivateUnit)
def deactivate_unit(command: DeactivateUnit, tx: Transaction) -> None:
    """Raises NotFound, UnitNotEmpty, UnitHasOpenChange, UnitDrawn."""
    unit = find_unit(tx, command.unit_id)
    if not unit.is_active:
        return
    require_no_open_change(tx, unit.id)
    _require_no_office(tx, unit)
    _require_nobody(tx, unit)
    _require_nothing_waits(tx, unit)
    _require_no_part(tx, unit)
    if unit.is_outside:
        tx.session.execute(sa.delete(Membership).where(Membership.unit_id == unit.id))
    with drawings_find_their_units(tx):
        unit.is_active = False
    tx.record(UnitDeactivated(unit.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactivateUnit(Command):
    """Take a unit into use again."""

    permission = Permission.ADMINISTER

    unit_id: UUID


@handles(ReactivateUnit)
def reactivate_unit(command: ReactivateUnit, tx: Transaction) -> None:
    """Raises NotFound, PlaceTaken, ShortNameTaken."""
    unit = find_unit(tx, command.unit_id)
    if unit.is_active:
        return
    if unit.ended_on is not None:
        raise PlaceTaken
    require_free_short_name(tx, unit.short_name, unit.id)
    unit.is_active = True
    tx.record(UnitReactivated(unit.id))


def find_unit(tx: Transaction, unit_id: UUID) -> Unit:
    """The unit, if it is the tenant's. Raises NotFound."""
    unit = tx.session.get(Unit, unit_id)
    if unit is None or unit.tenant_id != tx.tenant_id:
        raise NotFound
    return unit


def require_free_name(tx: Transaction, name: str, unit_id: UUID | None) -> None:
    """Raises UnitNameTaken where a unit has the name, however it is spelled, had it before, or is to have it."""
    tx.take_turns(NAMES)
    mine = tx.session.get(Unit, unit_id) if unit_id else None
    if mine is not None and mine.name == name:
        return
    same = next((unit for unit in _others(tx, unit_id) if spelled(unit.name) == spelled(name)), None)
    if same is not None:
        raise UnitNameTaken(
            f"Đây là tên cũ của một đơn vị, đến ngày {same.ended_on:%d/%m/%Y}. Hãy đặt tên khác."
            if same.ended_on
            else f"Đã có đơn vị mang tên này.{'' if same.name == name else f' Tên đã ghi: {same.name}.'}"
        )
    if any(spelled(one.name) == spelled(name) for one in promised_units(tx)):
        raise UnitNameTaken("Một đơn vị sắp mang tên này. Hãy đặt tên khác.")


def require_free_short_name(tx: Transaction, short_name: str, unit_id: UUID | None) -> None:
    """Raises ShortNameTaken: what is written in plans and spreadsheets would mean two units."""
    tx.take_turns(NAMES)
    for unit in _others(tx, unit_id):
        if unit.is_active and spelled(unit.short_name) == spelled(short_name):
            raise ShortNameTaken(f"{unit.name} đã có tên gọi tắt “{unit.short_name}”. Hãy đặt tên gọi tắt khác.")
    for one in promised_units(tx):
        if spelled(one.short_name) == spelled(short_name):
            raise ShortNameTaken(f"{one.name} sắp có tên gọi tắt “{one.short_name}”. Hãy đặt tên gọi tắt khác.")


def _others(tx: Transaction, unit_id: UUID | None) -> Iterable[Unit]:
    others = sa.select(Unit).where(Unit.tenant_id == tx.tenant_id)
    return tx.session.scalars(others.where(Unit.id != unit_id) if unit_id else others)


def _require_no_office(tx: Transaction, unit: Unit) -> None:
    committee = tx.session.get(Committee, tx.tenant_id)
    assert committee is not None
    if unit.id in (committee.committee_unit_id, committee.focal_unit_id, committee.office_unit_id):
        raise UnitNotEmpty("Đơn vị này là đầu mối, văn phòng hoặc lãnh đạo của UBND. Hãy chọn đơn vị khác thay trước.")


def _require_nobody(tx: Transaction, unit: Unit) -> None:
    people = sa.select(sa.func.count(Membership.person_id.distinct())).join(Person)
    count = tx.session.scalar(people.where(Membership.unit_id == unit.id, Person.is_active))
    if count and not unit.is_outside:
        raise UnitNotEmpty(f"Đơn vị còn {count} người. Hãy chuyển họ sang đơn vị khác hoặc ngừng tài khoản trước.")


def _require_nothing_waits(tx: Transaction, unit: Unit) -> None:
    waiting = sa.select(UserTask.id).where(
        UserTask.tenant_id == tx.tenant_id,
        UserTask.desk.in_([f"{role}@{unit.id}" for role in Role]),
        UserTask.state == OPEN_STEP,
    )
    if tx.session.scalar(waiting.limit(1)) is not None:
        raise UnitNotEmpty("Đơn vị còn việc chưa xong. Hãy hoàn thành hoặc giao lại các việc đó trước.")


def _require_no_part(tx: Transaction, unit: Unit) -> None:
    """What comes back from a cycle, or begins in January, would wait where nobody is."""
    named = {task.id for task in tx.session.scalars(open_tasks(tx.tenant_id, unit.id, local_date(tx.now))).unique()}
    led = sa.select(TaskOccurrence.plan_task_id).where(
        TaskOccurrence.lead_unit_id == unit.id, TaskOccurrence.ended_at.is_(None)
    )
    if count := len(named | set(tx.session.scalars(led))):
        raise UnitNotEmpty(
            f"Đơn vị còn phần việc ở {count} nhiệm vụ của các kế hoạch chưa đóng. Nếu đơn vị khác nhận thay, hãy dùng "
            "Sáp nhập ở trang đơn vị; nếu không, hãy điều chỉnh các nhiệm vụ ấy trước."
        )
