"""The six stages of a case, as the track over it shows them."""

from datetime import date
from typing import Protocol

from webapp.plans.buckets import Owing, is_overdue
from webapp.plans.models import REPORTED, OccurrenceState, Stage

STAGES = tuple(Stage)


class Staged(Owing, Protocol):
    """What of a case its track looks at."""

    @property
    def stage(self) -> Stage: ...


def stage_states(case: Staged, today: date) -> tuple[str, ...]:
    """For each stage done, current, late, returned, skipped or todo."""
    if case.state in REPORTED:
        return ("done",) * len(STAGES)
    reached = STAGES.index(case.stage)
    if case.state is OccurrenceState.CANCELLED:
        return ("done",) * reached + ("skipped",) * (len(STAGES) - reached)
    return ("done",) * reached + (_present(case, today),) + ("todo",) * (len(STAGES) - reached - 1)


def _present(case: Staged, today: date) -> str:
    if case.state is OccurrenceState.NEEDS_REWORK:
        return "returned"
    return "late" if is_overdue(case, today) else "current"
