"""What becomes of the cases of a plan that another replaces: which go on, which begin, which end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.comparing import Pair
from webapp.plans.issuing import leads_of
from webapp.plans.models import REPORTED, PlanTask, TaskOccurrence


@dataclass(frozen=True, slots=True)
class Succession:
    """Of one task: its cases that go on under the new plan, those that are done, the units that get a new one, its
    cases that end.
    """

    carried: tuple[TaskOccurrence, ...]
    done: tuple[TaskOccurrence, ...]
    begun: frozenset[UUID]
    ended: tuple[TaskOccurrence, ...]


Cases = Mapping[UUID, Sequence[TaskOccurrence]]
"""By task, as `cases_to_pass_on` has them."""


def succession(pair: Pair, cases: Cases, first_year: int, this_year: int) -> Succession:
    """A case goes on where its lead still leads; what a leader gave to another does not begin again at the first.

    `first_year`: with which the new plan begins. What is done is not to be done again, unless it is due in each year.
    """
    known, task = cases.get(pair.before.id, ()) if pair.before else (), pair.after
    if task is None:
        return Succession((), (), frozenset(), ending(pair, cases))
    leads = {lead.unit_id for lead in leads_of(task)}
    kept = [case for case in known if case.lead_unit_id in leads]
    carried = tuple(case for case in kept if case.ended_at is None)
    done = tuple(case for case in kept if case.ended_at is not None and _is_done_with(case, task, first_year))
    needed = min(first_year, this_year)
    serving = (*done, *(case for case in carried if case.year >= needed or not task.is_recurring))
    served = {unit for case in serving for unit in (case.lead_unit_id, case.first_lead_unit_id)}
    return Succession(carried, done, frozenset(leads - served), ending(pair, cases))


def ending(pair: Pair, cases: Cases) -> tuple[TaskOccurrence, ...]:
    """The running cases of a task whose lead does not lead it any more."""
    leads = {lead.unit_id for lead in leads_of(pair.after)} if pair.after else set()
    known = cases.get(pair.before.id, ()) if pair.before else ()
    return tuple(case for case in known if case.ended_at is None and case.lead_unit_id not in leads)


def _is_done_with(case: TaskOccurrence, task: PlanTask, first_year: int) -> bool:
    was_due_once = not task.is_recurring and task.until_year is not None and task.until_year <= case.year
    return case.year >= first_year or was_due_once


def cases_to_pass_on(read: Session, plan_id: UUID) -> dict[UUID, list[TaskOccurrence]]:
    """The cases of a plan by task, but for those that were cancelled or go on in another."""
    query = sa.select(TaskOccurrence).where(
        TaskOccurrence.plan_id == plan_id, TaskOccurrence.continued_by_id.is_(None),
        TaskOccurrence.ended_at.is_(None) | TaskOccurrence.state.in_(REPORTED),
    )  # fmt: skip
    found: dict[UUID, list[TaskOccurrence]] = defaultdict(list)
    for case in read.scalars(query.order_by(TaskOccurrence.year)):
        found[case.plan_task_id].append(case)
    return found


def passed_on(begun: int, carried: int, done: int, ended: int) -> str:
    """In words: "giao 2 việc mới, chuyển 20 việc đang chạy sang kế hoạch này, kết thúc 1 việc"."""
    parts = (
        (begun, "giao {} việc mới"), (carried, "chuyển {} việc đang chạy sang kế hoạch này"),
        (done, "giữ kết quả {} việc đã xong"), (ended, "kết thúc {} việc của kế hoạch được thay"),
    )  # fmt: skip
    return ", ".join(words.format(count) for count, words in parts if count) or "giao 0 việc mới"
