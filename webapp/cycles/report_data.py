"""What a report is made of: read from the rows, the same for the page, the Word file, the PDF and the data."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import Submission
from forms.notation import read_date, written_date
from webapp.cycles.keeping import kept_data
from webapp.cycles.models import (
    ConsolidatedReport,
    CycleEntry,
    CycleKind,
    EntryState,
    ReportingCycle,
    Statement,
    StatementState,
)
from webapp.cycles.periods import LAST_MONTH_OF_FIRST_HALF, TIMES, Period, is_named, period_of
from webapp.cycles.raised import raised_in
from webapp.cycles.reminders import reminded_days
from webapp.cycles.standing import completed_on, counted_on, standing_of
from webapp.cycles.unit_answers import Contributed, as_of, contributions_of
from webapp.documents.rendering import consolidated as made
from webapp.documents.rendering.content import AdministrativeDocument, Signer
from webapp.documents.rendering.report import consolidated_report
from webapp.indicators.models import Indicator
from webapp.indicators.queries import is_reported, standings
from webapp.indicators.standing import figure, period_words, target_words
from webapp.organisation.models import Committee, Membership, Person, Role, Unit
from webapp.plans.models import Plan, PlanTask, PlanTaskUnit, TaskGroup, TaskOccurrence, UnitPart
from webapp.plans.places import place_name

LEADERS = {
    Role.CHAIR: ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"),
    Role.VICE_CHAIR: ("TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"),
}
"""By what authority they sign, and as what; the first that somebody is counts."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One case of the cycle with all that is told of it."""

    occurrence: TaskOccurrence
    task: PlanTask
    group: TaskGroup
    entry: CycleEntry
    statement: Statement | None
    answers: dict[str, Any]


def report_document(read: Session, report_id: UUID, today: date) -> AdministrativeDocument:
    """The report as a document, numbered once it is."""
    report = read.get_one(ConsolidatedReport, report_id)
    document = consolidated_report(consolidated_data(read, report, today))
    return replace(document, number=report.number, issued=report.issued_on) if report.number is not None else document


def consolidated_data(read: Session, report: ConsolidatedReport, today: date) -> made.ConsolidatedData:
    """All that the report, its annexes and its data say: as it went up for signing, until then as things stand."""
    return kept_data(report) or _drafted(read, report, today)


def _drafted(read: Session, report: ConsolidatedReport, today: date) -> made.ConsolidatedData:
    cycle = read.get_one(ReportingCycle, report.cycle_id)
    plan = read.get_one(Plan, cycle.plan_id)
    committee = read.get_one(Committee, report.tenant_id)
    focal = read.get_one(Unit, plan.focal_unit_id)
    rows = _rows(read, cycle, report)
    moved = _moved(rows)
    told = tuple(one.told for one in raised_in(read, cycle, report) if one.aside is None)
    return made.ConsolidatedData(
        agency=_agency(committee),
        place=committee.place,
        focal_unit=focal.name,
        plan=_plan(plan),
        period=_period(cycle, plan, today),
        sections=sections_of(cycle, report),
        groups=_groups(read, cycle, plan, rows, _named_indicators(read, plan, moved), counted_on(cycle, today)),
        addressees=(cycle.recipient or committee.city_recipient,),
        recipients=_recipients(cycle, committee, focal),
        signer=_signer(read, cycle, committee),
        code=f"BC-{committee.code}",
        difficulties=(*told, *_own_difficulties(report, committee)),
        recommendations=tuple(_lines(report.recommendations)),
        missing=tuple(_missing(rows, reminded_days(read, cycle.id))),
        indicators=standings(read, plan.id, moved, cycle.year, counted_on(cycle, today)),
        replaces=_replaced(read, report),
        subject=report.subject.strip(),
        introduction=report.introduction,
        assessment=report.assessment,
        next_steps=report.next_steps,
    )


def issued_versions(read: Session, cycle_id: UUID) -> Sequence[ConsolidatedReport]:
    """The versions of a cycle's report that have a number, the first first."""
    numbered = ConsolidatedReport.cycle_id == cycle_id, ConsolidatedReport.number.is_not(None)
    return read.scalars(sa.select(ConsolidatedReport).where(*numbered).order_by(ConsolidatedReport.version)).all()


def _replaced(read: Session, report: ConsolidatedReport) -> tuple[str, date] | None:
    before = [one for one in issued_versions(read, report.cycle_id) if one.version < report.version]
    return (before[-1].document_code or "", before[-1].issued_on or date.min) if before else None


def _rows(read: Session, cycle: ReportingCycle, report: ConsolidatedReport) -> list[_Row]:
    found = read.execute(
        sa.select(TaskOccurrence, PlanTask, TaskGroup, CycleEntry, Statement, Submission.data)
        .join(CycleEntry, CycleEntry.occurrence_id == TaskOccurrence.id)
        .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .outerjoin(Statement, (Statement.entry_id == CycleEntry.id) & (Statement.report_id == report.id))
        .outerjoin(Submission, Submission.id == CycleEntry.submission_id)
        .where(CycleEntry.cycle_id == cycle.id)
        .order_by(TaskGroup.position, PlanTask.position, CycleEntry.id)
    )
    return [_Row(*row[:5], answers=orjson.loads(row[5]) if row[5] else {}) for row in found]


def _plan(plan: Plan) -> made.PlanReference:
    return made.PlanReference(
        title=plan.title, number=plan.number or "", issued=plan.issued_on or date.min, agency=plan.issuer
    )


def _period(cycle: ReportingCycle, plan: Plan, today: date) -> made.Period:
    report_by, submit_by = cycle.report_by or today, cycle.submit_by or today
    cutoff = local_date(cycle.cut_off_at) if cycle.cut_off_at else report_by
    about = period_of(cycle.kind, cycle.name, cycle.year, cycle.report_by)
    return made.Period(_label(cycle, about), *_span(cycle, about, plan, cutoff), report_by, submit_by, cutoff)


def _label(cycle: ReportingCycle, about: Period | None) -> str:
    """The cycle's name, or which month or quarter it is about where that does not say it."""
    if about is None:
        return f"({_lower_first(cycle.name)})"
    says_it = about.kind not in TIMES or is_named(about.kind, cycle.name)
    return _lower_first(cycle.name if says_it else about.name)


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _span(cycle: ReportingCycle, about: Period | None, plan: Plan, cutoff: date) -> tuple[date, date]:
    """First and last day covered; an ad hoc report is a snapshot of the day on which its data was closed."""
    first = date(cycle.year, 1, 1)
    if cycle.kind is CycleKind.HALF_YEAR and cutoff.year == cycle.year and cutoff.month > LAST_MONTH_OF_FIRST_HALF:
        return date(cycle.year, 7, 1), date(cycle.year, 12, 31)
    if about is not None:
        return about.starts, about.ends
    if cycle.kind in (CycleKind.MIDTERM, CycleKind.FINAL):
        return plan.issued_on or first, date(cycle.year, 12, 31)
    return first, max(first, cutoff)


def sections_of(cycle: ReportingCycle, report: ConsolidatedReport) -> tuple[tuple[str, str], ...]:
    """The headings of the asking letter's outline, in its order, with what the drafter has written under each."""
    written = orjson.loads(report.sections)
    headings = dict.fromkeys(" ".join(line.split()) for line in cycle.outline.splitlines() if line.strip())
    return tuple((heading, str(written.get(heading) or "")) for heading in headings)


def _recipients(cycle: ReportingCycle, committee: Committee, focal: Unit) -> tuple[str, ...]:
    kept_by = f"Lưu: VT, {_abbreviated(focal.short_name)}"
    return (cycle.recipient or committee.city_recipient, "CT, các PCT UBND phường", kept_by)


def _abbreviated(short_name: str) -> str:
    """A unit as documents abbreviate who drafted them: "Phòng VH-XH" is "VHXH", "Trạm Y tế" "TYT"."""
    words = re.findall(r"\w+", short_name.removeprefix("Phòng "))
    return "".join(word if word.isupper() else word[0].upper() for word in words)


def leader_signing(read: Session, tenant_id: UUID, person_id: UUID | None) -> Role | None:
    """As what a leader signs, for themselves or for another leader who is absent; None for others."""
    committee = read.get_one(Committee, tenant_id)
    at_committee = Membership.unit_id == committee.committee_unit_id, Membership.person_id == person_id
    held = set(read.scalars(sa.select(Membership.role).where(*at_committee)))
    return next((role for role in LEADERS if role in held), None)


def signer_as(role: Role, name: str) -> Signer:
    """The block under a document that a leader signs."""
    authority, title = LEADERS[role]
    return Signer(authority, title, name)


def _signer(read: Session, cycle: ReportingCycle, committee: Committee) -> Signer:
    if cycle.signer != Role.VICE_CHAIR:
        return signer_as(Role.CHAIR, _holder(read, committee, Role.CHAIR))
    person = read.get(Person, cycle.vice_chair_id) if cycle.vice_chair_id else None
    return signer_as(Role.VICE_CHAIR, person.name if person else _holder(read, committee, Role.VICE_CHAIR))


def _holder(read: Session, committee: Committee, role: Role) -> str:
    query = (
        sa.select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.unit_id == committee.committee_unit_id, Membership.role == role, Person.is_active)
        .order_by(Person.name)
        .limit(1)
    )
    return read.scalar(query) or ""


def _groups(
    read: Session,
    cycle: ReportingCycle,
    plan: Plan,
    rows: Sequence[_Row],
    named: Mapping[str, Indicator],
    today: date,
) -> tuple[made.GroupResult, ...]:
    coordinators = _coordinators(read, plan)
    sent = contributions_of(read, [row.occurrence.id for row in rows])
    groups = {row.group.id: row.group for row in rows}
    return tuple(
        made.GroupResult(
            group.numeral,
            group.title,
            tuple(
                replace(
                    _task(row, tuple(_indicators(row, named)), today),
                    coordinating_units=coordinators.get(row.task.id, ()),
                    self_reported=row.entry.unit_id == plan.focal_unit_id,
                    contributions=tuple(_contributions(cycle, row, sent.get(row.occurrence.id, ()))),
                )
                for row in rows
                if row.group.id == group.id
            ),
        )
        for group in groups.values()
    )


def _coordinators(read: Session, plan: Plan) -> dict[UUID, tuple[str, ...]]:
    found = read.execute(
        sa.select(PlanTaskUnit.plan_task_id, Unit.name)
        .join(Unit, Unit.id == PlanTaskUnit.unit_id)
        .join(PlanTask, PlanTask.id == PlanTaskUnit.plan_task_id)
        .where(PlanTask.plan_id == plan.id, PlanTaskUnit.part == UnitPart.COORDINATOR)
        .order_by(PlanTaskUnit.position)
    )
    units: dict[UUID, tuple[str, ...]] = {}
    for task_id, name in found:
        units[task_id] = (*units.get(task_id, ()), name)
    return units


def _task(row: _Row, indicators: tuple[made.IndicatorResult, ...], today: date) -> made.TaskResult:
    unit = row.entry.unit.name
    return made.TaskResult(
        entry=str(row.entry.id),
        ordinal=row.task.ordinal,
        content=row.task.content,
        lead_unit=unit,
        status=standing_of(row.entry, row.occurrence, row.answers, today),
        due=row.occurrence.due_on,
        completed_on=completed_on(row.entry, row.answers),
        statements=_statements(row, unit),
        indicators=indicators,
        deliverables=tuple(map(_deliverable, row.answers.get("deliverables") or ())),
    )


def _deliverable(answer: Mapping[str, Any]) -> str:
    """A product, with the number and the day of the document that it is."""
    day = read_date(str(answer.get("issued_on") or ""))
    marks = [str(answer.get("number") or ""), f"ngày {written_date(day)}" if day else ""]
    document = " ".join(filter(None, marks))
    return f"{answer.get('name') or ''}{f' ({document})' if document else ''}"


def _statements(row: _Row, unit: str) -> tuple[made.Statement, ...]:
    if row.statement is None or row.statement.state is StatementState.SET_ASIDE or not row.statement.text.strip():
        return ()
    return (made.Statement(unit, row.statement.text, supplements=row.entry.supplements),)


def _contributions(cycle: ReportingCycle, row: _Row, sent: Iterable[Contributed]) -> Iterable[made.Contribution]:
    """What was there when the lead's report was taken, or the data closed without it; from whom nothing came."""
    until = row.entry.taken_at if row.entry.state is EntryState.TAKEN else cycle.cut_off_at
    for one in as_of(sent, until) if until is not None else ():
        yield made.Contribution(one.unit, one.state or made.ContributionState.ABSENT, one.text)


def _indicators(row: _Row, named: Mapping[str, Indicator]) -> Iterable[made.IndicatorResult]:
    for one in row.answers.get("indicators") or ():
        known, value = named.get(str(one.get("indicator") or "")), figure(one.get("value"))
        if known is not None:
            yield made.IndicatorResult(known.name, target_words(known), value, known.unit, period_words(known))
        elif name := one.get("name") or one.get("indicator"):
            yield made.IndicatorResult(str(name), "", value)


def _named_indicators(read: Session, plan: Plan, moved: Collection[UUID]) -> dict[str, Indicator]:
    return {str(one.id): one for one in read.scalars(sa.select(Indicator).where(is_reported(plan.id, moved)))}


def _moved(rows: Iterable[_Row]) -> dict[UUID, str]:
    """The tasks under which cases go on in a plan that took this one's place; where each was before."""
    return {
        row.occurrence.plan_task_id: place_name(row.group.numeral, row.task.ordinal)
        for row in rows
        if row.occurrence.plan_task_id != row.entry.plan_task_id
    }


def _own_difficulties(report: ConsolidatedReport, committee: Committee) -> Iterable[made.Difficulty]:
    """The ward's own, about no single task."""
    return (made.Difficulty(unit=_agency(committee), text=line) for line in _lines(report.difficulties))


def _agency(committee: Committee) -> str:
    """As in running text."""
    return committee.name.replace("UBND", "Ủy ban nhân dân", 1)


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _missing(rows: Sequence[_Row], reminded: Mapping[UUID, tuple[date, ...]]) -> Iterable[made.MissingUnit]:
    """Each unit cut off without a report, with its reason and the days on which it was reminded."""
    missing: dict[UUID, list[_Row]] = {}
    for row in rows:
        if row.entry.state is EntryState.MISSING:
            missing.setdefault(row.entry.unit_id, []).append(row)
    for unit_id, owed in missing.items():
        yield made.MissingUnit(
            unit=owed[0].entry.unit.name,
            reason=next((r.entry.missing_reason for r in owed if r.entry.missing_reason), ""),
            reminded_on=reminded.get(unit_id, ()),
            tasks=tuple(place_name(row.group.numeral, row.task.ordinal) for row in owed),
        )
