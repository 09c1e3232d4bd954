"""What a difficulty is about: it travels on its own, and says where it came from."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessInstance, Submission
from webapp.cases.queries import Case
from webapp.difficulties.levels import Said, said_of
from webapp.difficulties.models import Difficulty as Raised
from webapp.documents.models import Attachment
from webapp.organisation.models import Person, Unit
from webapp.plans.issuing import DIFFICULTY
from webapp.plans.models import PlanTask, TaskOccurrence


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file as one opens it."""

    id: UUID
    name: str
    size: int  # bytes


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
    files: tuple[AttachedFile, ...]  # which the unit sent with it


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
    return Difficulty(*row, said_of(read, [case.id]).get(case.id, ()), _files(read, case.id)) if row else None


def _files(read: Session, difficulty_id: UUID) -> tuple[AttachedFile, ...]:
    """They belong to the case in which it was raised, another may go on from that by now: with the form that was sent
    in the same moment.
    """
    key = sa.select(ProcessInstance.business_key).where(ProcessInstance.id == difficulty_id)
    raised_in = UUID(read.scalars(key).one().split(":")[1])
    query = (
        sa.select(Attachment.id, Attachment.name, Attachment.size)
        .join(Submission, Submission.id == Attachment.submission_id)
        .join(Raised, Raised.raised_at == Submission.submitted_at)
        .where(Raised.id == difficulty_id, Submission.instance_id == raised_in)
        .order_by(Attachment.id)
    )
    return tuple(AttachedFile(*row) for row in read.execute(query))
