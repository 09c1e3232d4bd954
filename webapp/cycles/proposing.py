"""The reports that a plan's own words ask for, beside those that are planned."""

from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from webapp.cycles.models import CycleKind, PlannedCycle
from webapp.database import db
from webapp.plans.deadlines import ProposedCycle, duties_in, proposed_cycles
from webapp.plans.issuing import earliest_day
from webapp.plans.models import Plan
from webapp.runtime import now, runtime


def proposed_of(plan_id: UUID) -> Mapping[CycleKind, ProposedCycle]:
    """Each with its days, from today on."""
    plan = db.session().get_one(Plan, plan_id)
    calendar = runtime().calendar(plan.tenant_id, db.session().connection())
    return proposed_cycles(duties_in(plan.reading), calendar, earliest_day(plan, local_date(now())))


def left_out(plan_id: UUID) -> list[ProposedCycle]:
    """Those that nobody has planned yet."""
    planned = set(db.session().scalars(sa.select(PlannedCycle.kind).where(PlannedCycle.plan_id == plan_id)))
    return [each for kind, each in proposed_of(plan_id).items() if kind not in planned]
