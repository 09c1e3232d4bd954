"""The steps that wait for a person."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask, UserTaskState
from webapp.identity import CurrentPerson

MOST_COUNTED = 100


def count_mine(read: Session, person: CurrentPerson) -> int:
    """Open steps given to the person, or to somebody they stand in for, counted no further than 100."""
    people = [person.id, *person.stands_for]
    mine = sa.select(UserTask.id).where(
        UserTask.tenant_id == person.tenant_id,
        UserTask.assignee_id.in_(people),
        UserTask.state == UserTaskState.OPEN,
    )
    return read.scalar(sa.select(sa.func.count()).select_from(mine.limit(MOST_COUNTED).subquery())) or 0
