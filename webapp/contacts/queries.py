"""Contacts and what is asked of them: frozen values, never rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound
from webapp.organisation.models import Membership, Person, Unit, UnitKind
from webapp.plans.models import Contribution, Plan, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name

MOST = 200
MOST_ASKED = 100

_o: Any = TaskOccurrence.__table__
_c: Any = Contribution.__table__


@dataclass(frozen=True, slots=True)
class Contact:
    """A body outside the ward."""

    id: UUID
    name: str
    short_name: str
    kind: UnitKind
    aliases: tuple[str, ...]
    contact_name: str
    address: str
    email: str
    phone: str
    is_outside: bool
    officer_id: UUID | None
    officer: str
    officer_email: str
    officer_phone: str
    asked: int  # cases and contributions that are open


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked of a body."""

    plan: str
    label: str
    content: str
    product: str
    due_on: date | None
    leads: bool


def contacts(read: Session, tenant_id: UUID) -> list[Contact]:
    """The ward's contacts in use, by name."""
    query = sa.select(Unit).where(Unit.tenant_id == tenant_id, Unit.is_outside, Unit.is_active)
    return _contacts(read, read.scalars(query.order_by(Unit.name).limit(MOST)).all())


def find_contact(read: Session, tenant_id: UUID, unit_id: UUID) -> Contact:
    """A unit in use as a contact, or as it would become one. Raises NotFound."""
    unit = read.get(Unit, unit_id)
    if unit is None or unit.tenant_id != tenant_id or not unit.is_active or unit.kind is UnitKind.COMMITTEE:
        raise NotFound
    return _contacts(read, [unit])[0]


def _contacts(read: Session, units: Sequence[Unit]) -> list[Contact]:
    ids = [unit.id for unit in units]
    rows = read.execute(
        sa.select(Membership.unit_id, Person.id, Person.name, Person.email, Person.phone)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.unit_id.in_(ids), Person.is_active)
    )
    officers = {row.unit_id: row for row in rows}
    counted = _open_by_unit(read, ids)
    return [_contact(unit, officers.get(unit.id), counted.get(unit.id, 0)) for unit in units]


def _contact(unit: Unit, officer: Any, asked: int) -> Contact:
    return Contact(
        unit.id, unit.name, unit.short_name, unit.kind, tuple(unit.aliases.split("\n")) if unit.aliases else (),
        unit.contact_name, unit.address, unit.email, unit.phone, unit.is_outside,
        officer.id if officer else None, officer.name if officer else "", (officer.email or "") if officer else "",
        (officer.phone or "") if officer else "", asked,
    )  # fmt: skip


def _open_by_unit(read: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    led = sa.select(_o.c.lead_unit_id.label("unit")).where(_o.c.lead_unit_id.in_(ids), _o.c.ended_at.is_(None))
    helped = sa.select(_c.c.unit_id.label("unit")).where(_c.c.unit_id.in_(ids), _c.c.outcome.is_(None))
    both = sa.union_all(led, helped).subquery()
    rows = read.execute(sa.select(both.c.unit, sa.func.count()).group_by(both.c.unit))
    return {row[0]: row[1] for row in rows}


def asked_of(read: Session, unit_id: UUID) -> list[Asked]:
    """What a body leads or contributes to and has not sent, by its day."""
    led = _asked(sa.true()).where(TaskOccurrence.lead_unit_id == unit_id, TaskOccurrence.ended_at.is_(None))
    helped = (
        _asked(sa.false())
        .join(Contribution, Contribution.occurrence_id == TaskOccurrence.id)
        .where(Contribution.unit_id == unit_id, Contribution.outcome.is_(None))
    )
    rows = [row for query in (led, helped) for row in read.execute(query.limit(MOST_ASKED))]
    asked = [
        Asked(r.plan, place_name(r.numeral, r.ordinal), r.content, r.product_text, r.due_on, r.leads) for r in rows
    ]
    return sorted(asked, key=lambda one: one.due_on or date.max)


def _asked(leads: Any) -> sa.Select[Any]:
    owed: Any = sa.func.coalesce(TaskOccurrence.send_by, TaskOccurrence.due_on)
    return (
        sa.select(
            sa.func.coalesce(Plan.number, Plan.title).label("plan"), TaskGroup.numeral, PlanTask.ordinal,
            PlanTask.content, PlanTask.product_text, owed.label("due_on"), leads.label("leads"),
        )
        .select_from(TaskOccurrence)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Plan, Plan.id == TaskOccurrence.plan_id)
        .order_by(owed, PlanTask.position)
    )  # fmt: skip
