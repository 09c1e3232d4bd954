"""A consolidated report being drafted: what every unit said, what the drafter makes of it, who is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.approvals.queries import MarkMade, marks_of
from webapp.cases.submissions import submissions_of
from webapp.cycles.drafting import OWN_WORDS
from webapp.cycles.models import (
    ConsolidatedReport,
    CycleEntry,
    CycleState,
    EntryState,
    ReportingCycle,
    Statement,
    StatementState,
)
from webapp.cycles.raised import Raised, raised_in
from webapp.cycles.report_data import consolidated_data
from webapp.cycles.unit_answers import Contributed, UnitAnswer, answers_of, as_of, contributions_of
from webapp.documents.rendering.consolidated import (
    BUCKETS,
    ConsolidatedData,
    MissingUnit,
    Status,
    TaskResult,
    count_by_status,
)
from webapp.documents.rendering.content import Paragraph
from webapp.documents.rendering.report import consolidated_report
from webapp.inbox.pages import records_of
from webapp.plans.models import PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name
from webapp.runtime import runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One case of the cycle with what was said about it; without a statement where nothing is in."""

    entry_id: UUID
    occurrence_id: UUID
    label: str  # "II.3"
    content: str
    unit_id: UUID
    unit: str
    entry_state: EntryState
    missing_reason: str
    return_reason: str
    status: Status
    self_reported: bool
    is_closed: bool
    awaits: str  # the document that its task waits for, so that nothing is asked
    supplements: str  # name of the cycle that went without it
    statement_id: UUID | None
    state: StatementState | None
    original: str
    text: str
    reason: str
    answer: UnitAnswer | None
    contributions: tuple[Contributed, ...]

    @property
    def is_undecided(self) -> bool:
        """Whether the drafter still has to choose."""
        return self.state is StatementState.PROPOSED

    @property
    def is_changed(self) -> bool:
        """Whether the drafter words it otherwise than the unit."""
        return self.statement_id is not None and self.text.strip() != self.original.strip()

    @property
    def is_out(self) -> bool:
        """Whether it is with its unit again, or was never in."""
        return self.entry_state in (EntryState.ASKED, EntryState.SENT, EntryState.RETURNED)


@dataclass(frozen=True, slots=True)
class ItemGroup:
    numeral: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class SentBack:
    """Why the report is with the drafter again."""

    step: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """A version of a cycle's report with all that it is made of."""

    cycle_id: UUID
    cycle_state: CycleState
    report_id: UUID
    version: int
    own_words: Mapping[str, str]
    sections: tuple[tuple[str, str], ...]  # of the letter's outline, each with what was written
    defaults: Mapping[str, str]  # what the report says by itself where the drafter writes nothing
    groups: tuple[ItemGroup, ...]
    buckets: Mapping[Status, int]
    missing: tuple[MissingUnit, ...]
    raised: tuple[Raised, ...]
    sent_back: tuple[SentBack, ...]
    marks: tuple[MarkMade, ...]

    @property
    def is_draft(self) -> bool:
        """Whether it may still be changed."""
        return self.cycle_state is CycleState.CONSOLIDATING

    @property
    def items(self) -> tuple[Item, ...]:
        """All cases in the order of the appendix."""
        return tuple(item for group in self.groups for item in group.items)

    @property
    def statements(self) -> tuple[Item, ...]:
        """Those that are in."""
        return tuple(item for item in self.items if item.statement_id is not None)

    @property
    def undecided(self) -> tuple[Item, ...]:
        """Those that the drafter still has to choose about."""
        return tuple(item for item in self.items if item.is_undecided)

    @property
    def out(self) -> tuple[Item, ...]:
        """Those that would be left out if it went up now."""
        return tuple(item for item in self.items if item.is_out)

    def count(self, state: StatementState) -> int:
        """How many statements are in a state."""
        return sum(item.state is state for item in self.items)


def newest_report(read: Session, cycle_id: UUID) -> ConsolidatedReport | None:
    """The newest version of a cycle's report."""
    query = sa.select(ConsolidatedReport).where(ConsolidatedReport.cycle_id == cycle_id)
    return read.scalar(query.order_by(ConsolidatedReport.version.desc()).limit(1))


def consolidation(read: Session, report: ConsolidatedReport, today: date) -> Consolidation:
    """Everything that the drafter works with."""
    cycle = read.get_one(ReportingCycle, report.cycle_id)
    data = consolidated_data(read, report, today)
    counts = count_by_status(data.groups)
    return Consolidation(
        cycle_id=cycle.id, cycle_state=cycle.state, report_id=report.id, version=report.version,
        own_words={name: getattr(report, name) for name in OWN_WORDS}, defaults=_defaults(data),
        sections=data.sections,
        groups=tuple(_groups(read, cycle, report, {task.entry: task for task in data.tasks})), missing=data.missing,
        raised=_raised(raised_in(read, cycle, report), data) if report.kept else raised_in(read, cycle, report),
        buckets={bucket: counts[bucket] for bucket in BUCKETS}, sent_back=tuple(sent_back(read, cycle)),
        marks=marks_of(read, report.id),
    )  # fmt: skip


def _raised(found: Sequence[Raised], data: ConsolidatedData) -> tuple[Raised, ...]:
    """What a report that went up tells of them, with the answers of that day, and what it left out; no later ones."""
    told = {(one.group, one.ordinal, one.text): one for one in data.difficulties}
    known = ((one, told.get((one.told.group, one.told.ordinal, one.told.text))) for one in found)
    return tuple(replace(one, told=kept or one.told) for one, kept in known if kept or one.aside is not None)


def _defaults(data: ConsolidatedData) -> dict[str, str]:
    """The subject and the opening as the report words them itself."""
    document = consolidated_report(replace(data, subject="", introduction=""))
    opening = document.body[0]
    return {"subject": document.subject, "introduction": opening.text if isinstance(opening, Paragraph) else ""}


def _groups(
    read: Session, cycle: ReportingCycle, report: ConsolidatedReport, results: Mapping[str, TaskResult]
) -> Iterator[ItemGroup]:
    rows = read.execute(_rows(cycle.id, report.id)).all()
    answers = answers_of(read, cycle.tenant_id, [row.CycleEntry.submission_id for row in rows])
    contributions = contributions_of(read, [row.TaskOccurrence.id for row in rows])
    groups: dict[UUID, list[Item]] = {}
    for row in rows:
        answer = answers.get(row.CycleEntry.submission_id)
        item = _item(row, answer, contributions.get(row.TaskOccurrence.id, ()), results[str(row.CycleEntry.id)])
        groups.setdefault(row.TaskGroup.id, []).append(item)
    titles = {row.TaskGroup.id: row.TaskGroup for row in rows}
    for id_, items in groups.items():
        yield ItemGroup(titles[id_].numeral, titles[id_].title, tuple(items))


def _rows(cycle_id: UUID, report_id: UUID) -> sa.Select[TaskOccurrence, PlanTask, TaskGroup, CycleEntry, Statement]:
    return (
        sa.select(TaskOccurrence, PlanTask, TaskGroup, CycleEntry, Statement)
        .join(CycleEntry, CycleEntry.occurrence_id == TaskOccurrence.id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .outerjoin(Statement, (Statement.entry_id == CycleEntry.id) & (Statement.report_id == report_id))
        .where(CycleEntry.cycle_id == cycle_id)
        .order_by(TaskGroup.position, PlanTask.position, CycleEntry.id)
    )


def _item(row: Any, answer: UnitAnswer | None, contributions: tuple[Contributed, ...], result: TaskResult) -> Item:
    entry: CycleEntry = row.CycleEntry
    said: Statement | None = row.Statement
    is_in = entry.state is EntryState.TAKEN
    return Item(
        entry_id=entry.id, occurrence_id=entry.occurrence_id,
        label=place_name(row.TaskGroup.numeral, row.PlanTask.ordinal),
        content=row.PlanTask.content, unit_id=entry.unit_id, unit=entry.unit.name, entry_state=entry.state,
        missing_reason=entry.missing_reason or "", return_reason=entry.return_reason or "",
        status=result.status, self_reported=result.self_reported,
        is_closed=row.TaskOccurrence.ended_at is not None,
        awaits=(row.PlanTask.blocked_until or "") if entry.state is EntryState.WAITING else "",
        supplements=entry.supplements, statement_id=said.id if said else None, state=said.state if said else None,
        original=said.original if said else "", text=said.text if said else "", reason=said.reason if said else "",
        answer=answer,
        contributions=as_of(contributions, entry.taken_at) if entry.taken_at and is_in else contributions,
    )  # fmt: skip


def sent_back(read: Session, cycle: ReportingCycle) -> Iterator[SentBack]:
    """The reasons given since the report last went up, newest first."""
    reasons: list[SentBack] = []
    for entered in submissions_of(read, cycle.id):
        definition = runtime().definition(entered.definition_id, read.connection())
        if records_of(definition, entered.element_id) == "consolidation":
            yield from reasons
            return
        if reason := str(entered.answers.get("reason") or ""):
            returned = " – trả lại" if entered.answers.get("decision") == "return" else ""
            step = definition.title_of(entered.element_id) + returned
            reasons.append(SentBack(step, entered.who, entered.at, reason))
