"""Draft plans as commands find them, and what of a row a correction changes."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Kind, NotFound, Rejected
from engine.transaction import Transaction
from webapp.organisation.models import Unit
from webapp.plans.issuing import find_plan
from webapp.plans.models import Plan, PlanState, PlanTask, PlanTaskUnit, UnitPart


class NotBeingDrafted(Rejected):
    kind = Kind.CONFLICT
    message = "Kế hoạch đã xác nhận nên không sửa được nữa. Hãy mở lại bản nháp rồi sửa."


class RowChanged(Rejected):
    kind = Kind.CONFLICT
    message = "Dòng này vừa được người khác sửa. Hãy xem nội dung mới của dòng, rồi lưu lại phần bạn muốn giữ."


class UnknownUnits(Rejected):
    message = "Có đơn vị không còn hoạt động. Hãy chọn lại đơn vị."


def draft_plan(tx: Transaction, plan_id: UUID) -> Plan:
    """A plan that is still being corrected. Raises NotFound, NotBeingDrafted."""
    plan = find_plan(tx, plan_id)
    if tx.locks:  # Changes to one draft take turns, so that each can be taken back.
        tx.session.refresh(plan, with_for_update={"key_share": True})
    if plan.state is not PlanState.DRAFT:
        raise NotBeingDrafted
    return plan


def draft_task(tx: Transaction, plan_task_id: UUID) -> PlanTask:
    """A row of a plan that is still being corrected. Raises NotFound, NotBeingDrafted."""
    query = sa.select(PlanTask.plan_id).where(PlanTask.id == plan_task_id, PlanTask.tenant_id == tx.tenant_id)
    plan_id = tx.session.scalar(query)
    if plan_id is None:
        raise NotFound
    draft_plan(tx, plan_id)
    return tx.session.get_one(PlanTask, plan_task_id)


def require_units(tx: Transaction, unit_ids: Iterable[UUID]) -> None:
    """Raises UnknownUnits unless all of them work in the ward."""
    wanted = set(unit_ids)
    known = tx.session.scalars(
        sa.select(Unit.id).where(Unit.tenant_id == tx.tenant_id, Unit.is_active, Unit.id.in_(wanted))
    )
    if wanted - set(known):
        raise UnknownUnits


EDITED = (
    "content", "timing_text", "due_on", "is_recurring", "until_year", "is_conditional", "blocked_until",
    "product_text", "note",
)  # fmt: skip
"""What a person may correct in a row, beside its units."""


def values_of(task: PlanTask, names: Mapping[UUID, str]) -> dict[str, str]:
    """A row's present values as text, for the record and for telling whether it changed; `names` of its units."""
    values = {name: _written(getattr(task, name)) for name in EDITED}
    values |= {part.value: _named(task.units, part, names) for part in UnitPart}
    return {**values, "lead_text": task.lead_text, "coordinators_text": task.coordinators_text}


def fingerprint(task: PlanTask) -> str:
    """The same as long as nobody has changed the row."""
    units = {row.unit_id: str(row.unit_id) for row in task.units}
    text = "\x1f".join(f"{name}\x1e{value}" for name, value in values_of(task, units).items())
    return hashlib.sha256(f"{task.state}{text}".encode()).hexdigest()[:16]


def names_of_units(tx: Transaction) -> dict[UUID, str]:
    """The short names of the ward's units."""
    found = tx.session.execute(sa.select(Unit.id, Unit.short_name).where(Unit.tenant_id == tx.tenant_id))
    return {row.id: row.short_name for row in found}


def changes_between(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Old and new, by field, where they differ."""
    return {name: f"{old} → {after[name]}" for name, old in before.items() if old != after[name]}


def _named(units: Iterable[PlanTaskUnit], part: UnitPart, names: Mapping[UUID, str]) -> str:
    return "; ".join(sorted(names.get(row.unit_id, "?") for row in units if row.part is part))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return "" if value is None else str(value)
