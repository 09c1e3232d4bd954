"""What a name in a draft means that no unit goes by: said once, for all its rows and for the imports to come."""

from dataclasses import dataclass
from uuid import UUID

from engine.command import Command, handles
from engine.errors import Rejected
from engine.transaction import Transaction
from webapp.organisation.models import Unit
from webapp.permissions import Permission
from webapp.plans.assigning import put_units
from webapp.plans.drafts import draft_plan, require_units
from webapp.plans.issuing import leads_of
from webapp.plans.matching import matcher_of
from webapp.plans.models import PlanTask, PlanTaskState, UnitPart
from webapp.plans.reading import read_coordinators, read_leads
from webapp.plans.reading.units import is_vague
from webapp.plans.reading.wording import shorten
from webapp.plans.revising import recorded, tasks_of
from webapp.plans.undoing import undoable


@dataclass(frozen=True, slots=True, kw_only=True)
class NameUnit(Command):
    """Say that a name means a unit: rows that have it get the unit, and later plans are read so."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    name: str
    unit_id: UUID


@handles(NameUnit)
def name_unit(command: NameUnit, tx: Transaction) -> int:
    """Return in how many rows. Raises NotFound, NotBeingDrafted, UnknownUnits, Rejected."""
    plan, name = draft_plan(tx, command.plan_id), " ".join(command.name.split())
    if not name or is_vague(name):
        raise Rejected("Đây là tên một nhóm; chọn từng đơn vị ở dòng nhiệm vụ.")
    require_units(tx, [command.unit_id])
    _remember(tx, name, command.unit_id)
    rows = [task for task in tasks_of(tx, plan.id) if task.state is PlanTaskState.DRAFT]
    with undoable(tx, plan.id, f"chọn đơn vị cho tên “{shorten(name)}”", rows):
        return sum(_put(tx, task, name, command.unit_id) for task in rows)


def _remember(tx: Transaction, name: str, unit_id: UUID) -> None:
    """As another name of the unit, unless it is found by it anyway."""
    match = matcher_of(tx.session, tx.tenant_id).match(name)
    unit = tx.session.get_one(Unit, unit_id)
    if match is None or match.unit_id != unit_id or not match.is_certain:
        unit.aliases = "\n".join(filter(None, [*unit.aliases.split("\n"), name]))
        tx.session.flush()


def _put(tx: Transaction, task: PlanTask, name: str, unit_id: UUID) -> bool:
    """Whether the row has the name, and the unit no part in it yet."""
    present = [(row.part, row.unit_id) for row in task.units]
    if unit_id in {id for _, id in present}:
        return False
    if name in read_leads(task.lead_text).names and not leads_of(task):
        parts = [(UnitPart.LEAD, unit_id), *present]
    elif name in read_coordinators(task.coordinators_text).names:
        parts = [*present, (UnitPart.COORDINATOR, unit_id)]
    else:
        return False
    with recorded(tx, task):
        put_units(task, parts)
    return True
