"""What is found by some words: each kind in one statement, the newest first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from engine.text import words_in
from webapp.cycles.drafting import said
from webapp.documents.models import Attachment, AttachmentState
from webapp.organisation.models import Unit
from webapp.plans.confirming import place_name
from webapp.plans.models import Plan, PlanState, PlanTask, TaskGroup, TaskOccurrence
from webapp.searching.models import ReportText

MOST = 25
"""Of each kind on a page; more words find less."""
MOST_WORDS = 8
_o: Any = TaskOccurrence.__table__
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class FoundPlan:
    id: UUID
    title: str
    number: str
    state: PlanState


@dataclass(frozen=True, slots=True)
class FoundTask:
    plan_id: UUID
    plan: str
    place: str
    content: str
    case_id: UUID | None  # the newest one that the person may see
    leads: str


@dataclass(frozen=True, slots=True)
class FoundReport:
    case_id: UUID
    task: str
    unit: str
    year: int
    text: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class FoundFile:
    id: UUID
    name: str
    case_id: UUID | None
    task: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    plans: tuple[FoundPlan, ...] = ()
    tasks: tuple[FoundTask, ...] = ()
    reports: tuple[FoundReport, ...] = ()
    files: tuple[FoundFile, ...] = ()

    @property
    def total(self) -> int:
        """How many are shown."""
        return len(self.plans) + len(self.tasks) + len(self.reports) + len(self.files)


def search(read: Session, tenant_id: UUID, text: str, units: Sequence[UUID] | None, most: int = MOST) -> Found:
    """Everything with all of the words; reports and files of some units only, where these are named."""
    words = words_in(text)[:MOST_WORDS]
    if not words:
        return Found()
    return Found(
        _plans(read, tenant_id, words, most), _tasks(read, tenant_id, words, units, most),
        _reports(read, tenant_id, words, units, most), _files(read, tenant_id, words, units, most),
    )  # fmt: skip


def has_words(column: Any, words: Sequence[str]) -> Any:
    """Each of them begins a word of the searchable text."""
    return sa.and_(*(column.contains(f" {word}", autoescape=True) for word in words))


def _as_typed_first(found: Iterable[F], words: Sequence[str], text_of: Callable[[F], str]) -> tuple[F, ...]:
    """Where the words stand together as they were typed comes before where each begins a word somewhere."""
    typed = " ".join(words)
    return tuple(sorted(found, key=lambda one: typed not in " ".join(words_in(text_of(one)))))


def _plans(read: Session, tenant_id: UUID, words: Sequence[str], most: int) -> tuple[FoundPlan, ...]:
    query = (
        sa.select(Plan.id, Plan.title, sa.func.coalesce(Plan.number, ""), Plan.state)
        .where(Plan.tenant_id == tenant_id, has_words(Plan.search_key, words))
        .order_by(Plan.id.desc())
        .limit(most)
    )
    return _as_typed_first((FoundPlan(*row) for row in read.execute(query)), words, lambda one: one.title)


def _tasks(
    read: Session, tenant_id: UUID, words: Sequence[str], units: Sequence[UUID] | None, most: int
) -> tuple[FoundTask, ...]:
    query = (
        sa.select(PlanTask.id, PlanTask.content, PlanTask.ordinal, PlanTask.lead_text, TaskGroup.numeral, Plan.id,
                  sa.func.coalesce(Plan.number, Plan.title))
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.tenant_id == tenant_id, has_words(PlanTask.search_key, words))
        .order_by(PlanTask.id.desc())
        .limit(most)
    )  # fmt: skip
    rows = read.execute(query).all()
    cases = _newest_cases(read, [row[0] for row in rows], units)
    found = (
        FoundTask(plan_id, plan, place_name(numeral, ordinal), content, cases.get(id), lead)
        for id, content, ordinal, lead, numeral, plan_id, plan in rows
    )
    return _as_typed_first(found, words, lambda one: one.content)


def _newest_cases(read: Session, task_ids: Sequence[UUID], units: Sequence[UUID] | None) -> dict[UUID, UUID]:
    query = sa.select(_o.c.plan_task_id, _o.c.id).where(_o.c.plan_task_id.in_(task_ids)).order_by(_o.c.year, _o.c.id)
    if units is not None:
        query = query.where(_o.c.lead_unit_id.in_(units))
    return {row.plan_task_id: row.id for row in read.execute(query)}


def _reports(
    read: Session, tenant_id: UUID, words: Sequence[str], units: Sequence[UUID] | None, most: int
) -> tuple[FoundReport, ...]:
    query = (
        sa.select(_o.c.id, PlanTask.content, Unit.name, _o.c.year, Submission.data, Submission.submitted_at)
        .select_from(ReportText)
        .join(_o, _o.c.id == ReportText.occurrence_id)
        .join(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .join(Unit, Unit.id == _o.c.lead_unit_id)
        .join(Submission, Submission.id == ReportText.submission_id)
        .where(ReportText.tenant_id == tenant_id, has_words(ReportText.search_key, words))
        .order_by(Submission.submitted_at.desc())
        .limit(most)
    )
    if units is not None:
        query = query.where(_o.c.lead_unit_id.in_(units))
    return tuple(
        FoundReport(id, task, unit, year, said(orjson.loads(data)), at)
        for id, task, unit, year, data, at in read.execute(query)
    )


def _files(
    read: Session, tenant_id: UUID, words: Sequence[str], units: Sequence[UUID] | None, most: int
) -> tuple[FoundFile, ...]:
    query = (
        sa.select(Attachment.id, Attachment.name, _o.c.id, PlanTask.content, Attachment.created_at)
        .outerjoin(_o, _o.c.id == Attachment.instance_id)
        .outerjoin(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .where(
            Attachment.tenant_id == tenant_id, Attachment.state == AttachmentState.PERMANENT,
            has_words(Attachment.search_key, words),
        )
        .order_by(Attachment.id.desc())
        .limit(most)
    )  # fmt: skip
    if units is not None:
        query = query.where(_o.c.lead_unit_id.in_(units))
    return tuple(FoundFile(id, name, case, task or "", at) for id, name, case, task, at in read.execute(query))
