"""Which plans a plan has taken the place of, one after another."""

import sqlalchemy as sa

from webapp.plans.models import Plan

_first = sa.select(Plan.id.label("plan_id"), Plan.id.label("before_id")).cte("lineage", recursive=True)
LINEAGE = _first.union_all(
    sa.select(_first.c.plan_id, Plan.replaces_id)
    .join(Plan, Plan.id == _first.c.before_id)
    .where(Plan.replaces_id.is_not(None))
)
"""A plan, and itself or one whose place it has (`plan_id`, `before_id`)."""
