"""What units entered, ready to read: for many cases at once, in a few queries."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from forms.fields import Attachment as FormAttachment
from webapp.answers_view import AnswersView
from webapp.cases.coordination import OUTCOMES
from webapp.cases.submissions import show_answers
from webapp.documents.attachments import StoredFile
from webapp.documents.models import Attachment
from webapp.documents.rendering.consolidated import ContributionState
from webapp.inbox.options import Place
from webapp.organisation.models import Person, Unit
from webapp.plans.contributions import MISSED
from webapp.plans.models import Contribution
from webapp.runtime import runtime

ABSENT = "Vắng: chủ trì đã báo cáo trước"


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """One submission to read."""

    raw: Mapping[str, Any]
    view: AnswersView
    who: str
    on_behalf_of: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Contributed:
    """What a coordinating unit sent to a case, or that it has not."""

    unit: str
    words: str
    text: str
    state: ContributionState | None  # None: asked, and it may still come
    asked_at: datetime
    answered_at: datetime | None


def answers_of(read: Session, tenant_id: UUID, submission_ids: Collection[UUID]) -> dict[UUID, UnitAnswer]:
    """The submissions by their ids."""
    rows = read.execute(
        sa.select(Submission, Person.name)
        .outerjoin(Person, Person.id == Submission.actor_id)
        .where(Submission.id.in_(submission_ids), Submission.tenant_id == tenant_id)
    ).all()
    files = files_of_cases(read, tenant_id, {submission.instance_id for submission, _ in rows})
    return {
        submission.id: _answer(read, submission, name or "Hệ thống", by_id(files.get(submission.instance_id, ())))
        for submission, name in rows
    }


def _answer(read: Session, submission: Submission, who: str, files: Mapping[str, FormAttachment]) -> UnitAnswer:
    form = runtime().form(submission.definition_id, submission.form_id, read.connection())
    raw = orjson.loads(submission.data)
    place = Place(submission.tenant_id, submission.instance_id, None, {})
    view = show_answers(read, place, form, raw, files)
    return UnitAnswer(raw, view, who, submission.on_behalf_of, submission.submitted_at)


def files_of_cases(read: Session, tenant_id: UUID, cases: Collection[UUID]) -> dict[UUID, list[StoredFile]]:
    """Every file of some cases, drafts too."""
    rows = read.execute(
        sa.select(Attachment, Person.name)
        .outerjoin(Person, Person.id == Attachment.uploaded_by)
        .where(Attachment.instance_id.in_(cases), Attachment.tenant_id == tenant_id)
        .order_by(Attachment.created_at, Attachment.id)
    )
    files: dict[UUID, list[StoredFile]] = {}
    for one, name in rows:
        stored = StoredFile(
            one.id, one.name, one.size, one.media_type, one.sha256, one.state, name or "", one.created_at,
            one.user_task_id,
        )  # fmt: skip
        assert one.instance_id is not None
        files.setdefault(one.instance_id, []).append(stored)
    return files


def by_id(files: Iterable[StoredFile]) -> dict[str, FormAttachment]:
    """As the contexts of forms name them."""
    return {str(file.id): file.for_form() for file in files}


def contributions_of(read: Session, cases: Collection[UUID]) -> dict[UUID, tuple[Contributed, ...]]:
    """By case, what its coordinating units have sent, and who has not."""
    rows = read.execute(
        sa.select(Contribution, Unit.name, Submission.data)
        .join(Unit, Unit.id == Contribution.unit_id)
        .outerjoin(Submission, Submission.id == Contribution.submission_id)
        .where(Contribution.occurrence_id.in_(cases))
        .order_by(Unit.position, Unit.name)
    )
    found: dict[UUID, list[Contributed]] = {}
    for contribution, unit, data in rows:
        found.setdefault(contribution.occurrence_id, []).append(_contributed(contribution, unit, data))
    return {case: tuple(sent) for case, sent in found.items()}


def as_of(sent: Iterable[Contributed], moment: datetime) -> tuple[Contributed, ...]:
    """How a case's contributions stood then: what had not come was absent from the report."""
    asked = (one for one in sent if one.asked_at <= moment)
    return tuple(one if one.answered_at and one.answered_at <= moment else _absent(one) for one in asked)


def _absent(one: Contributed) -> Contributed:
    return replace(one, words=ABSENT, text="", state=ContributionState.ABSENT, answered_at=None)


def _contributed(contribution: Contribution, unit: str, data: str | None) -> Contributed:
    answers = orjson.loads(data) if data else {}
    state = _state(contribution)
    words = ABSENT if state is ContributionState.ABSENT else "Chưa gửi"
    if contribution.answered_at is not None:
        words = OUTCOMES.get(contribution.outcome or "", "Đã gửi")
    text = str(answers.get("result") or answers.get("reason") or "")
    return Contributed(unit, words, text, state, contribution.asked_at, contribution.answered_at)


def _state(contribution: Contribution) -> ContributionState | None:
    if contribution.answered_at is None:
        return ContributionState.ABSENT if contribution.outcome == MISSED else None
    known = set(ContributionState)
    return ContributionState(contribution.outcome) if contribution.outcome in known else ContributionState.RESULT
