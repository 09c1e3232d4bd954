"""What a difficulty is about: it travels on its own, and says where it came from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.cases.queries import Case
from webapp.difficulties.levels import Said, said_of
from webapp.difficulties.models import Difficulty as Raised
from webapp.organisation.models import Person, Unit
from webapp.plans.issuing import DIFFICULTY
from webapp.plans.models import PlanTask, TaskOccurrence


@dataclass(frozen=True, slots=True)
class Difficulty:
    """As the unit raised it."""

    content: str
    recommendation: str
    case_id: UUID
    case_title: str
    unit: str
    raised_by: str
    raised_at: datetime
    said: tuple[Said, ...]  # by the levels that it has passed


def difficulty_of(read: Session, case: Case) -> Difficulty | None:
    """What a case of the difficulty procedure is about; None for other cases."""
    if case.key != DIFFICULTY:
        return None
    row = read.execute(
        sa.select(
            Raised.content, Raised.recommendation, Raised.occurrence_id, PlanTask.content, Unit.name,
            sa.func.coalesce(Person.name, ""), Raised.raised_at,
        )
        .join(Unit, Unit.id == Raised.unit_id)
        .join(TaskOccurrence, TaskOccurrence.id == Raised.occurrence_id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .outerjoin(Person, Person.id == Raised.raised_by)
        .where(Raised.id == case.id)
    ).one_or_none()  # fmt: skip
    return Difficulty(*row, said_of(read, [case.id]).get(case.id, ())) if row else None
