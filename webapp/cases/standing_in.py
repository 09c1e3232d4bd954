"""Standing in for somebody: what was done in their place; and why it is refused when that time is over."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.facts import UserTaskAssigned, UserTaskClaimed, UserTaskCompleted, UserTaskReleased
from engine.ids import uuid7
from engine.models import OPEN_STEP, UserTask
from engine.transaction import Transaction, subscribes
from webapp.cases.history import Happening, unit_names
from webapp.cases.models import StoodIn
from webapp.identity import ROLE_NAMES, CurrentPerson
from webapp.organisation.models import Absence, Membership, Person

ByHand = UserTaskClaimed | UserTaskReleased | UserTaskAssigned | UserTaskCompleted
"""What somebody does with a step."""


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


@subscribes(UserTaskClaimed, UserTaskReleased, UserTaskAssigned, UserTaskCompleted)
def remember_absent(done: ByHand, tx: Transaction) -> None:
    """Desks change hands, and absences are over: in whose place it was done is written down with it."""
    if not tx.actor.stands_for:
        return
    step = tx.session.get_one(UserTask, done.user_task_id)
    absent_id = _absent(tx, step)
    if absent_id is not None:
        tx.session.add(
            StoodIn(
                id=uuid7(), tenant_id=tx.tenant_id, instance_id=step.instance_id, user_task_id=step.id,
                absent_id=absent_id, at=tx.now,
            )
        )  # fmt: skip


def _absent(tx: Transaction, step: UserTask) -> UUID | None:
    """In whose place: a step was given to them, or waited at a desk of theirs that the actor has not."""
    desks = defaultdict[UUID | None, set[str]](set)
    people = {*tx.actor.stands_for, tx.actor.id}
    for membership in tx.session.scalars(sa.select(Membership).where(Membership.person_id.in_(people))):
        desks[membership.person_id].add(f"{membership.role}@{membership.unit_id}")
    own = desks[tx.actor.id]
    of_absent = (one for one in tx.actor.stands_for if step.assignee_id == one or step.desk in desks[one] - own)
    return min(of_absent, default=None)


def with_absent(read: Session, told: Iterable[Happening], instance_id: UUID) -> list[Happening]:
    """What happened to a case, with whom the actor stood in for."""
    done = sa.select(StoodIn.user_task_id, StoodIn.at, Person.name).join(Person, Person.id == StoodIn.absent_id)
    absent = {(step, at): name for step, at, name in read.execute(done.where(StoodIn.instance_id == instance_id))}
    return [replace(one, instead_of=_named(one, absent)) for one in told]


def _named(one: Happening, absent: Mapping[tuple[UUID, datetime], str]) -> str:
    done = ((fact.user_task_id, one.at) for fact in one.facts if isinstance(fact, ByHand))
    return next((absent[which] for which in done if which in absent), "")
