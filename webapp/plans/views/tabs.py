"""The pages of one plan, side by side."""

from flask import request, url_for

from webapp.plans.queries.plans import PlanFacts

PAGES = (
    ("plans.show", "Nhiệm vụ"),
    ("indicators.of_plan", "Chỉ tiêu"),
    ("plans.year", "Lịch năm"),
    ("cycles.planned", "Lịch báo cáo"),
)


def plan_tabs(plan: PlanFacts, here: str) -> list[tuple[str, str, bool, None]]:
    """Label, address and whether it is this one; the year that is looked at is kept where the plan has cases of it."""
    asked = request.args.get("nam", "")
    year = asked if asked in map(str, plan.years) else None
    return [(label, url_for(page, plan_id=plan.id, nam=year), page == here, None) for page, label in PAGES]
