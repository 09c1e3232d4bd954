"""Whoever stood in for somebody, and does no longer: why what was theirs to do is refused now."""

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import OPEN_STEP, UserTask
from webapp.cases.history import unit_names
from webapp.identity import ROLE_NAMES, CurrentPerson
from webapp.organisation.models import Absence, Membership, Person


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
