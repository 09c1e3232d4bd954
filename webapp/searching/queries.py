"""What is found by some words: each kind in one statement, the newest first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from unicodedata import normalize
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from engine.text import searchable, words_in
from webapp.cycles.drafting import said
from webapp.cycles.models import ConsolidatedReport, ReportingCycle
from webapp.difficulties.models import Difficulty
from webapp.documents.models import Attachment, AttachmentState
from webapp.organisation.models import Unit
from webapp.plans.models import (
    PLAN_STATE_NAMES,
    Contribution,
    Plan,
    PlanState,
    PlanTask,
    PlanTaskUnit,
    TaskGroup,
    TaskOccurrence,
    UnitPart,
)
from webapp.plans.places import place_name
from webapp.searching.models import ReportText

MOST = 25
"""Of each kind on a page; more words find less."""
MOST_WORDS = 8
WIDE = 200
"""So many are looked at to show first what stands as it was typed."""
_o: Any = TaskOccurrence.__table__
_asked: Any = Contribution.__table__
_raised: Any = Difficulty.__table__
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class FoundPlan:
    id: UUID
    title: str
    number: str
    state: PlanState

    @property
    def about(self) -> str:
        """What stands below the title."""
        return f"{f'Số {self.number}' if self.number else 'Chưa có số'} · {PLAN_STATE_NAMES[self.state]}"


@dataclass(frozen=True, slots=True)
class FoundTask:
    plan_id: UUID
    plan: str  # with its state, as long as nobody has been given its tasks
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
class FoundDocument:
    """A cycle with the ward's own report, which comes with its consolidation."""

    cycle_id: UUID
    name: str  # of the cycle: "Năm 2026"
    plan: str
    code: str  # "15/BC-UBND"; empty while it has no number
    issued_on: date | None


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
    documents: tuple[FoundDocument, ...] = ()
    files: tuple[FoundFile, ...] = ()

    @property
    def total(self) -> int:
        """How many are shown."""
        return len(self.plans) + len(self.tasks) + len(self.reports) + len(self.documents) + len(self.files)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is searched for, and by whom."""

    tenant_id: UUID
    text: str
    words: Sequence[str]
    units: Sequence[UUID] | None  # whose reports and files may be found; None: everybody's
    most: int

    def matches(self, key: Any) -> Any:
        """Each word begins a word of the searchable text."""
        return has_words(key, self.words)

    def rank(self, key: Any) -> Any:
        """Where the words stand together as they were typed comes before where each begins a word somewhere."""
        return sa.case((key.contains(searchable(self.text), autoescape=True), 0), else_=1)

    def as_typed_first(self, found: Iterable[F], text_of: Callable[[F], str]) -> tuple[F, ...]:
        """Those with the diacritics that were typed in front: "mã" is not "ma"."""
        typed = _plain(self.text)
        return tuple(sorted(found, key=lambda one: typed not in _plain(text_of(one))))[: self.most]

    def may_see(self, *more: Any) -> Any:
        """Which cases the person sees: those that their unit leads, leads second, or is asked to coordinate, and all
        of a plan that goes through it.
        """
        if self.units is None:
            return sa.true()
        named = PlanTaskUnit.plan_task_id == _o.c.plan_task_id, PlanTaskUnit.part == UnitPart.COORDINATOR
        by_hand = Contribution.occurrence_id == _o.c.id, Contribution.unit_id.in_(self.units)
        coordinates = (
            sa.exists().where(*named, PlanTaskUnit.unit_id.in_(self.units)).correlate(_o)
            | sa.exists().where(*by_hand).correlate(_o)
        )  # fmt: skip
        takes_part = _o.c.second_lead_unit_id.in_(self.units) | coordinates
        focal = sa.exists().where(Plan.id == _o.c.plan_id, Plan.focal_unit_id.in_(self.units)).correlate(_o)
        return _o.c.lead_unit_id.in_(self.units) | focal | sa.and_(takes_part, *more)


def _plain(text: str) -> str:
    return " ".join(normalize("NFC", text).lower().split())


def search(read: Session, tenant_id: UUID, text: str, units: Sequence[UUID] | None, most: int = MOST) -> Found:
    """Everything with all of the words; reports and files of some units only, where these are named."""
    words = words_in(text)[:MOST_WORDS]
    if not words:
        return Found()
    asked = _Asked(tenant_id, text, words, units, most)
    return Found(
        _plans(read, asked), _tasks(read, asked), _reports(read, asked), _documents(read, asked), _files(read, asked)
    )


def has_words(column: Any, words: Sequence[str]) -> Any:
    """Each of them begins a word of the searchable text."""
    return sa.and_(*(column.contains(f" {word}", autoescape=True) for word in words))


def _plans(read: Session, asked: _Asked) -> tuple[FoundPlan, ...]:
    query = (
        sa.select(Plan.id, Plan.title, sa.func.coalesce(Plan.number, ""), Plan.state)
        .where(Plan.tenant_id == asked.tenant_id, asked.matches(Plan.search_key))
        .order_by(asked.rank(Plan.search_key), Plan.id.desc())
        .limit(max(asked.most, WIDE))
    )
    return asked.as_typed_first((FoundPlan(*row) for row in read.execute(query)), lambda one: one.title)


def _tasks(read: Session, asked: _Asked) -> tuple[FoundTask, ...]:
    query = (
        sa.select(PlanTask.id, PlanTask.content, PlanTask.ordinal, PlanTask.lead_text, TaskGroup.numeral, Plan.id,
                  sa.func.coalesce(Plan.number, Plan.title), Plan.state)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Plan, Plan.id == PlanTask.plan_id)
        .where(PlanTask.tenant_id == asked.tenant_id, asked.matches(PlanTask.search_key))
        .order_by(asked.rank(PlanTask.search_key), PlanTask.id.desc())
        .limit(max(asked.most, WIDE))
    )  # fmt: skip
    rows = asked.as_typed_first(read.execute(query), lambda row: row.content)
    ids = [row[0] for row in rows]
    cases, leads = _newest_cases(read, asked, ids), _lead_units(read, ids)
    return tuple(
        FoundTask(
            plan_id, _named(plan, state), place_name(numeral, ordinal), content, cases.get(id), leads.get(id) or lead
        )
        for id, content, ordinal, lead, numeral, plan_id, plan, state in rows
    )


def _lead_units(read: Session, task_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Who leads, whatever the plan's text says: a person may have corrected it."""
    query = (
        sa.select(PlanTaskUnit.plan_task_id, Unit.name)
        .join(Unit, Unit.id == PlanTaskUnit.unit_id)
        .where(PlanTaskUnit.plan_task_id.in_(task_ids), PlanTaskUnit.part == UnitPart.LEAD)
        .order_by(PlanTaskUnit.position)
    )
    leads: dict[UUID, list[str]] = {}
    for task_id, name in read.execute(query):
        leads.setdefault(task_id, []).append(name)
    return {task_id: "; ".join(names) for task_id, names in leads.items()}


def _named(plan: str, state: PlanState) -> str:
    return plan if state in (PlanState.ISSUED, PlanState.CLOSED) else f"{PLAN_STATE_NAMES[state]} · {plan}"


def _newest_cases(read: Session, asked: _Asked, task_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    query = (
        sa.select(_o.c.plan_task_id, _o.c.id)
        .where(_o.c.plan_task_id.in_(task_ids), asked.may_see())
        .order_by(_o.c.year, _o.c.id)
    )
    return {row.plan_task_id: row.id for row in read.execute(query)}


def _reports(read: Session, asked: _Asked) -> tuple[FoundReport, ...]:
    query = (
        sa.select(_o.c.id, PlanTask.content, Unit.name, _o.c.year, Submission.data, Submission.submitted_at)
        .select_from(ReportText)
        .join(_o, _o.c.id == ReportText.occurrence_id)
        .join(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .join(Unit, Unit.id == _o.c.lead_unit_id)
        .join(Submission, Submission.id == ReportText.submission_id)
        .where(ReportText.tenant_id == asked.tenant_id, asked.matches(ReportText.search_key), asked.may_see())
        .order_by(asked.rank(ReportText.search_key), Submission.submitted_at.desc())
        .limit(asked.most)
    )
    return tuple(
        FoundReport(id, task, unit, year, said(orjson.loads(data)), at)
        for id, task, unit, year, data, at in read.execute(query)
    )


def _documents(read: Session, asked: _Asked) -> tuple[FoundDocument, ...]:
    """The ward's cycles are few: their words are looked at here."""
    newer = sa.orm.aliased(ConsolidatedReport)
    is_newest = ~sa.exists().where(
        newer.cycle_id == ConsolidatedReport.cycle_id, newer.version > ConsolidatedReport.version
    )
    query = (
        sa.select(ReportingCycle.id, ReportingCycle.name, Plan.number, Plan.title, ConsolidatedReport.document_code,
                  ConsolidatedReport.issued_on, ConsolidatedReport.subject)
        .join(Plan, Plan.id == ReportingCycle.plan_id)
        .outerjoin(ConsolidatedReport, (ConsolidatedReport.cycle_id == ReportingCycle.id) & is_newest)
        .where(ReportingCycle.tenant_id == asked.tenant_id)
        .order_by(ReportingCycle.id.desc())
    )  # fmt: skip
    if asked.units is not None:
        query = query.where(Plan.focal_unit_id.in_(asked.units))
    found: list[FoundDocument] = []
    for row in read.execute(query):
        key = searchable(
            " ".join(filter(None, ("Báo cáo kỳ", row.name, row.number, row.title, row.document_code, row.subject)))
        )
        if all(f" {word}" in key for word in asked.words):
            plan = row.number or row.title
            found.append(FoundDocument(row.id, row.name, plan, row.document_code or "", row.issued_on))
    return tuple(found[: asked.most])


def _files(read: Session, asked: _Asked) -> tuple[FoundFile, ...]:
    """Those of a case, of a contribution to it, and of a difficulty of it: each is seen with the case it is about."""
    case_id = sa.func.coalesce(_asked.c.occurrence_id, _raised.c.occurrence_id, Attachment.instance_id)
    of_case = _asked.c.id.is_(None), _raised.c.id.is_(None)
    query = (
        sa.select(Attachment.id, Attachment.name, _o.c.id, PlanTask.content, Attachment.created_at)
        .outerjoin(_asked, _asked.c.id == Attachment.instance_id)
        .outerjoin(_raised, _raised.c.id == Attachment.instance_id)
        .outerjoin(_o, _o.c.id == case_id)
        .outerjoin(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .where(
            Attachment.tenant_id == asked.tenant_id, Attachment.state == AttachmentState.PERMANENT,
            asked.matches(Attachment.search_key),
        )
        .order_by(asked.rank(Attachment.search_key), Attachment.id.desc())
        .limit(asked.most)
    )  # fmt: skip
    if asked.units is not None:
        query = query.where(asked.may_see(*of_case) | _asked.c.unit_id.in_(asked.units))
    return tuple(FoundFile(id, name, case, task or "", at) for id, name, case, task, at in read.execute(query))
