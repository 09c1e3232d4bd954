"""What becomes of the cases of a plan that another replaces: which go on, which begin, which end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.comparing import Pair
from webapp.plans.issuing import leads_of
from webapp.plans.models import TaskOccurrence


@dataclass(frozen=True, slots=True)
class Succession:
    """Of one task: its cases that go on under the new plan, the units that get a new one, its cases that end."""

    carried: tuple[TaskOccurrence, ...]
    begun: frozenset[UUID]
    ended: tuple[TaskOccurrence, ...]


def succession(pair: Pair, running: Mapping[UUID, Sequence[TaskOccurrence]]) -> Succession:
    """A case goes on where its lead still leads; what a leader gave to another does not begin again at the first."""
    leads = {lead.unit_id for lead in leads_of(pair.after)} if pair.after else set()
    cases = running.get(pair.before.id, ()) if pair.before else ()
    carried = tuple(case for case in cases if case.lead_unit_id in leads)
    served = {unit for case in carried for unit in (case.lead_unit_id, case.first_lead_unit_id)}
    return Succession(carried, frozenset(leads - served), tuple(case for case in cases if case not in carried))


def running_cases(read: Session, plan_id: UUID) -> dict[UUID, list[TaskOccurrence]]:
    """The cases of a plan that have not ended, by task."""
    query = sa.select(TaskOccurrence).where(TaskOccurrence.plan_id == plan_id, TaskOccurrence.ended_at.is_(None))
    found: dict[UUID, list[TaskOccurrence]] = defaultdict(list)
    for case in read.scalars(query.order_by(TaskOccurrence.year)):
        found[case.plan_task_id].append(case)
    return found


def passed_on(begun: int, carried: int, ended: int) -> str:
    """In words: "giao 2 việc mới, chuyển 20 việc đang chạy sang kế hoạch này, kết thúc 1 việc"."""
    parts = (
        (begun, "giao {} việc mới"), (carried, "chuyển {} việc đang chạy sang kế hoạch này"),
        (ended, "kết thúc {} việc của kế hoạch được thay"),
    )  # fmt: skip
    return ", ".join(words.format(count) for count, words in parts if count) or "giao 0 việc mới"
