"""What becomes of the cases of a plan that another replaces: which go on, which begin, which end."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.organisation.successions import Heirs, as_now, heirs_of
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


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of a plan, as `cases_to_pass_on` has them."""

    by_task: Mapping[UUID, Sequence[TaskOccurrence]]
    heirs: Heirs = field(default_factory=dict)  # a case that is done keeps the name of a unit that is no more

    def of(self, task: PlanTask | None) -> Sequence[TaskOccurrence]:
        """Those of a task."""
        return self.by_task.get(task.id, ()) if task else ()


def succession(pair: Pair, cases: Cases, first_year: int, this_year: int) -> Succession:
    """A case goes on where its lead still leads; what a leader gave to another does not begin again at the first.

    `first_year`: with which the new plan begins. What is done is not to be done again, unless it is due in each year.
    """
    known, task = cases.of(pair.before), pair.after
    if task is None:
        return Succession((), (), frozenset(), ending(pair, cases))
    leads = {lead.unit_id for lead in leads_of(task)}
    carried = tuple(case for case in known if case.ended_at is None and case.lead_unit_id in leads)
    theirs = [case for case in known if as_now(case.lead_unit_id, leads, cases.heirs)]
    done = tuple(case for case in theirs if case.ended_at is not None and _is_done_with(case, task, first_year))
    needed = min(first_year, this_year)
    serving = (*done, *(case for case in carried if case.year >= needed or not task.is_recurring))
    had = {unit for case in serving for unit in (case.lead_unit_id, case.first_lead_unit_id)}
    served = {now for unit in had for now in as_now(unit, leads, cases.heirs)}
    return Succession(carried, done, frozenset(leads - served), ending(pair, cases))


def ending(pair: Pair, cases: Cases) -> tuple[TaskOccurrence, ...]:
    """The running cases of a task whose lead does not lead it any more."""
    leads = {lead.unit_id for lead in leads_of(pair.after)} if pair.after else set()
    return tuple(case for case in cases.of(pair.before) if case.ended_at is None and case.lead_unit_id not in leads)


def _is_done_with(case: TaskOccurrence, task: PlanTask, first_year: int) -> bool:
    was_due_once = not task.is_recurring and task.until_year is not None and task.until_year <= case.year
    return case.year >= first_year or was_due_once


def cases_to_pass_on(read: Session, plan_id: UUID) -> Cases:
    """The cases of a plan by task, but for those that were cancelled or go on in another."""
    query = sa.select(TaskOccurrence).where(
        TaskOccurrence.plan_id == plan_id, TaskOccurrence.continued_by_id.is_(None),
        TaskOccurrence.ended_at.is_(None) | TaskOccurrence.state.in_(REPORTED),
    )  # fmt: skip
    found: dict[UUID, list[TaskOccurrence]] = defaultdict(list)
    for case in read.scalars(query.order_by(TaskOccurrence.year)):
        found[case.plan_task_id].append(case)
    leads = {case.lead_unit_id for known in found.values() for case in known}
    first = {case.first_lead_unit_id for known in found.values() for case in known}
    return Cases(found, heirs_of(read, leads | first))


def passed_on(begun: int, carried: int, done: int, ended: int) -> str:
    """In words: "giao 2 việc mới, chuyển 20 việc đang chạy sang kế hoạch này, kết thúc 1 việc"."""
    parts = (
        (begun, "giao {} việc mới"), (carried, "chuyển {} việc đang chạy sang kế hoạch này"),
        (done, "giữ kết quả {} việc đã xong"), (ended, "kết thúc {} việc của kế hoạch được thay"),
    )  # fmt: skip
    return ", ".join(words.format(count) for count, words in parts if count) or "giao 0 việc mới"
