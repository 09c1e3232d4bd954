"""Several steps at once: which were chosen, and what became of each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, Rejected
from engine.models import ProcessInstance, UserTask, UserTaskState
from webapp.cases.access import is_mine
from webapp.cases.queries import joined_to_task
from webapp.identity import CurrentPerson
from webapp.incoming import uuid_in
from webapp.organisation.models import Person
from webapp.plans.models import PlanTask, TaskOccurrence
from webapp.presentation import moment

MOST = 100
"""Steps that may be chosen at once; a page has 50."""

_u: Any = UserTask.__table__
_i: Any = ProcessInstance.__table__
_o: Any = TaskOccurrence.__table__


@dataclass(frozen=True, slots=True)
class Chosen:
    """A step that was chosen in a list."""

    id: UUID
    element_id: str
    step: str
    form_id: str
    title: str
    instance_id: UUID
    definition_id: UUID
    desk: str
    assignee_id: UUID | None
    is_open: bool
    completed_by: UUID | None
    completer: str
    completed_at: datetime | None
    plan_task_id: UUID | None
    year: int | None

    @property
    def unit_id(self) -> UUID:
        """The unit of its desk."""
        return UUID(self.desk.partition("@")[2])

    def is_of(self, person: CurrentPerson) -> bool:
        """Whether the person may do it."""
        return is_mine(person, self.desk, self.assignee_id)

    def done_before(self, person_id: UUID) -> str:
        """By whom it was done, and when, as `person_id` reads it; empty where nobody has done it."""
        who = "Bạn" if self.completed_by == person_id else self.completer
        return f"{who} đã xử lý lúc {moment(self.completed_at)}." if self.completed_at else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of them."""

    id: UUID
    title: str
    fault: str  # empty where it succeeded
    before: str = ""  # who had done it already


def chosen_steps(read: Session, tenant_id: UUID, ids: Iterable[str]) -> list[Chosen]:
    """The steps of those ids, most urgent first; what is no step of the ward is left out."""
    query = (
        sa.select(
            *(_u.c[n] for n in (
                "id", "element_id", "name", "form_id", "instance_id", "desk", "assignee_id", "state", "completed_by",
                "completed_at",
            )),
            Person.name.label("completer"), _i.c.definition_id, _i.c.title, PlanTask.content,
            _o.c.plan_task_id, _o.c.year,
        )
        .select_from(joined_to_task(_u.join(_i, _i.c.id == _u.c.instance_id)))
        .outerjoin(Person, Person.id == _u.c.completed_by)
        .where(_u.c.id.in_(_uuids(ids)), _u.c.tenant_id == tenant_id)
        .order_by(_u.c.order_at, _u.c.id)
    )  # fmt: skip
    return [
        Chosen(
            r.id, r.element_id, r.name, r.form_id, r.content or r.title, r.instance_id, r.definition_id, r.desk,
            r.assignee_id, r.state is UserTaskState.OPEN, r.completed_by, r.completer or "Hệ thống",
            r.completed_at, r.plan_task_id, r.year,
        )
        for r in read.execute(query)
    ]  # fmt: skip


def done_meanwhile(read: Session, person: CurrentPerson, ids: Iterable[str]) -> list[str]:
    """Of steps at the person's desks that were chosen those that are done already: which, by whom and when."""
    steps = chosen_steps(read, person.tenant_id, filter(uuid_in, ids))
    own = (step for step in steps if step.desk in person.desks or step.completed_by == person.id)
    return [f"{step.title}: {before}" for step in own if (before := step.done_before(person.id))]


def _uuids(ids: Iterable[str]) -> list[UUID]:
    """Raises NotFound for what is no id, Rejected for too many."""
    try:
        found = list(dict.fromkeys(UUID(id) for id in ids))
    except ValueError as fault:
        raise NotFound from fault
    if len(found) > MOST:
        raise Rejected(f"Chỉ chọn được {MOST} việc một lần.")
    return found


def each(steps: Sequence[Chosen], work: Callable[[Chosen], object]) -> list[Outcome]:
    """Do one command for each; a refusal concerns only its own step."""
    return [Outcome(step.id, f"{step.step}: {step.title}", _fault(step, work)) for step in steps]


def _fault(step: Chosen, work: Callable[[Chosen], object]) -> str:
    try:
        work(step)
    except Rejected as refusal:
        return str(refusal)
    return ""
