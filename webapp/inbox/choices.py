"""What the filters of Hộp việc offer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition
from webapp.database import connection_of, rows_of
from webapp.identity import CurrentPerson
from webapp.organisation.models import Membership, Person, Unit
from webapp.plans.models import Plan, PlanState
from webapp.runtime import runtime

_d: Any = ProcessDefinition.__table__
_newer: Any = _d.alias("newer")

Options = tuple[tuple[UUID, str], ...]
Roles = frozenset[str]


@dataclass(frozen=True, slots=True)
class Choices:
    plans: Options
    units: Options
    people: Options
    steps: tuple[tuple[str, str], ...]


_plans = (
    sa.select(sa.literal("plan").label("kind"), Plan.id, sa.func.coalesce(Plan.number, Plan.title).label("name"))
    .where(Plan.tenant_id == sa.bindparam("tenant_id"), Plan.state == PlanState.ISSUED)
    .limit(100)
)
_units = sa.select(sa.literal("unit"), Unit.id, Unit.short_name).where(
    Unit.tenant_id == sa.bindparam("tenant_id"), Unit.is_active
)
_people = (
    sa.select(sa.literal("person"), Person.id, Person.name)
    .join(Membership, Membership.person_id == Person.id)
    .where(Membership.unit_id == sa.bindparam("unit_id"), Person.is_active)
)
CHOICES = {
    (units, people): sa.union(
        sa.select(_plans.subquery()), *([_units] if units else []), *([_people] if people else [])
    )
    for units in (False, True)
    for people in (False, True)
}
"""By whether units and people are asked for."""
IN_FORCE = sa.select(_d.c.id).where(
    _d.c.tenant_id == sa.bindparam("tenant_id"),
    ~sa.exists().where(
        _newer.c.tenant_id == _d.c.tenant_id, _newer.c.key == _d.c.key, _newer.c.version > _d.c.version
    ),
)  # fmt: skip


def filter_choices(read: Session, person: CurrentPerson, *, units: bool, people: bool, met: Iterable[str]) -> Choices:
    """Plans whose cases run; units for those who see several; the unit's people for its head; steps of the person's
    roles, and those that were met in the list: one's own may be of another role, or of an older version.
    """
    values = {"tenant_id": person.tenant_id, "unit_id": person.unit_id}
    rows = rows_of(read, CHOICES[units, people], values)
    plans, unit_names, names = (
        tuple((r.id, r.name) for r in rows if r.kind == kind) for kind in ("plan", "unit", "person")
    )
    return Choices(plans, unit_names, names, _steps(read, person, met))


def _steps(read: Session, person: CurrentPerson, met: Iterable[str]) -> tuple[tuple[str, str], ...]:
    roles = {desk.partition("@")[0] for desk in person.desks}
    names = {name for name, of in steps_of_ward(read, person.tenant_id).items() if roles & of}
    return tuple((name, name) for name in sorted(names.union(met)))


def steps_of_ward(read: Session, tenant_id: UUID) -> dict[str, Roles]:
    """By its name, whose each step is in the procedures in force; looked up once in a request."""
    if "steps_of_ward" not in g:
        connection, steps = connection_of(read), dict[str, Roles]()
        for row in rows_of(read, IN_FORCE, {"tenant_id": tenant_id}):
            for step in runtime().definition(row.id, connection).steps.values():
                steps[step.name] = steps.get(step.name, Roles()) | {step.assignee.partition("@")[0]}
        g.steps_of_ward = steps
    known: dict[str, Roles] = g.steps_of_ward
    return known
