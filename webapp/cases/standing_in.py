"""Standing in for somebody: what was done in their place; and why it is refused when that time is over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.facts import UserTaskAssigned, UserTaskClaimed, UserTaskCompleted, UserTaskReleased
from engine.models import OPEN_STEP, UserTask
from webapp.cases.diagrams import CaseStep
from webapp.cases.history import Happening, unit_names
from webapp.identity import ROLE_NAMES, CurrentPerson
from webapp.organisation.models import Absence, Membership, Person

BY_HAND = UserTaskClaimed | UserTaskReleased | UserTaskAssigned | UserTaskCompleted
"""What somebody does with a step."""
Desks = defaultdict[UUID | None, set[str]]


def standing_in_over(read: Session, person: CurrentPerson, places: Collection[UUID], today: date) -> str | None:
    """Until when the person stood in for whoever has an open step, and who does it now; None where they did not.

    `places`: ids of steps, or of cases with all of theirs.
    """
    over = (
        sa.select(Absence.to_day, Absence.ended_at, Person.id, Person.name, Membership.role, Membership.unit_id)
        .join(Person, Person.id == Absence.person_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Absence.proxy_id == person.id, (Absence.to_day < today) | Absence.ended_at.is_not(None))
        .order_by(Absence.to_day.desc())
    )
    absences = read.execute(over).all()
    steps = read.execute(_open_steps(person.tenant_id, places)).all() if absences else []
    for to_day, ended_at, absent_id, name, role, unit_id in absences:
        last = local_date(ended_at) if ended_at else to_day
        for desk, assignee_id, created_at, holder in steps:
            if (assignee_id == absent_id or desk == f"{role}@{unit_id}") and local_date(created_at) <= last:
                who = holder or f"{ROLE_NAMES[role]} · {unit_names(read, person.tenant_id)[str(unit_id)]}"
                until = f"Thời gian bạn làm thay {name} đã kết thúc ngày {last:%d/%m/%Y}."
                return f"{until} Việc này nay do {who} xử lý."
    return None


def _open_steps(tenant_id: UUID, places: Collection[UUID]) -> sa.Select[str, UUID | None, datetime, str]:
    return (
        sa.select(UserTask.desk, UserTask.assignee_id, UserTask.created_at, Person.name)
        .outerjoin(Person, Person.id == UserTask.assignee_id)
        .where(
            UserTask.tenant_id == tenant_id, UserTask.state == OPEN_STEP,
            UserTask.id.in_(places) | UserTask.instance_id.in_(places),
        )
    )  # fmt: skip


def with_absent(read: Session, told: Iterable[Happening], steps: Iterable[CaseStep]) -> list[Happening]:
    """What happened, with whom the actor stood in for where the step was not their own but an absent person's."""
    happened, known = list(told), {step.id: step for step in steps}
    actors = {one.actor_id for one in happened if one.actor_id}
    absences = read.execute(
        sa.select(Absence, Person.name).join(Person, Person.id == Absence.person_id).where(Absence.proxy_id.in_(actors))
    ).all()
    if not absences:
        return happened
    desks: Desks = defaultdict(set)
    people = actors | {absence.person_id for absence, _ in absences}
    for membership in read.scalars(sa.select(Membership).where(Membership.person_id.in_(people))):
        desks[membership.person_id].add(f"{membership.role}@{membership.unit_id}")
    return [replace(one, instead_of=_absent(one, known, absences, desks)) for one in happened]


def _absent(one: Happening, steps: Mapping[UUID, CaseStep], absences: Sequence[Any], desks: Desks) -> str:
    """In whose place: a step was given to them, or waited at a desk of theirs that the actor has not."""
    done = (steps.get(fact.user_task_id) for fact in one.facts if isinstance(fact, BY_HAND))
    step = next(filter(None, done), None)
    if step is None:
        return ""
    for absence, name in absences:
        at_desk = step.desk in desks[absence.person_id] - desks[one.actor_id]
        if _lasts(absence, one) and (step.assignee_id == absence.person_id or at_desk):
            return str(name)
    return ""


def _lasts(absence: Absence, one: Happening) -> bool:
    """Whether the actor stood in for the absent person at that moment."""
    in_time = absence.from_day <= local_date(one.at) <= absence.to_day
    return absence.proxy_id == one.actor_id and in_time and (absence.ended_at is None or one.at < absence.ended_at)
