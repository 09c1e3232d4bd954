"""The six stages of a case, as the track above it shows them."""

from datetime import date

from webapp.cases.queries import TaskCard
from webapp.plans.models import OccurrenceState, Stage

STAGES = tuple(Stage)
_BESIDE = (OccurrenceState.AWAITING_CONDITION, OccurrenceState.CANCELLED, OccurrenceState.NOTHING_AROSE)


def stage_states(task: TaskCard, today: date) -> list[str]:
    """For each stage done, current, late, returned, skipped or todo."""
    if task.state in (OccurrenceState.DONE, OccurrenceState.NOTHING_AROSE):
        return ["done"] * len(STAGES)
    reached = STAGES.index(task.stage)
    if task.state is OccurrenceState.CANCELLED:
        return ["done"] * reached + ["skipped"] * (len(STAGES) - reached)
    return ["done"] * reached + [_present(task, today)] + ["todo"] * (len(STAGES) - reached - 1)


def _present(task: TaskCard, today: date) -> str:
    if task.state is OccurrenceState.NEEDS_REWORK:
        return "returned"
    return "late" if is_overdue(task, today) else "current"


def is_overdue(task: TaskCard, today: date) -> bool:
    """The flag *Quá hạn*: nothing complete was sent, and the due day has passed."""
    waits = task.first_reported_at is None and task.state not in _BESIDE
    return waits and task.due_on is not None and today > task.due_on
