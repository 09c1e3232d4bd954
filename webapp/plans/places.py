"""How people name the rows and the groups of a plan."""

from webapp.plans.models import Plan, PlanTask


def place_of(task: PlanTask) -> str:
    """How people name a row: "II.3"."""
    return place_name(task.group.numeral, task.ordinal) or f"dòng {task.position + 1}"


def place_name(numeral: str, ordinal: str) -> str:
    """ "II" and "3" make "II.3"; a number that counts through the groups, "2.3", stands alone."""
    return ordinal if "." in ordinal else ".".join(filter(None, (numeral, ordinal)))


def plan_name(plan: Plan) -> str:
    """ "Kế hoạch 45/KH-UBND"; by its title where it has no number."""
    return f"Kế hoạch {plan.number}" if plan.number else plan.title


def group_name(numeral: str, title: str) -> str:
    """ "II. Phát triển hạ tầng số"; the one group of a plan without groups has no numeral."""
    return f"{numeral}. {title}" if numeral else title
