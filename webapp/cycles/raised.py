"""Difficulties in a cycle's report: from the units' forms, and those raised on their own; each may be left out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import InstanceState, ProcessInstance, Submission
from webapp.cycles.models import ConsolidatedReport, CycleEntry, ReportingCycle
from webapp.difficulties.levels import in_one, said_of
from webapp.difficulties.models import Difficulty, DifficultyAside
from webapp.documents.rendering import consolidated as made
from webapp.organisation.models import Unit, UnitSuccession
from webapp.plans.models import PlanTask, TaskGroup, TaskOccurrence


@dataclass(frozen=True, slots=True)
class Raised:
    """One difficulty of a unit, and whether the report leaves it out."""

    about_id: UUID  # the cycle's entry, or the difficulty itself
    told: made.Difficulty
    raised_at: datetime | None  # on its own; None: with the report
    aside: str | None  # why it is left out

    @property
    def label(self) -> str:
        """The task that it is about: "II.3"."""
        return f"{self.told.group}.{self.told.ordinal}"


def raised_in(read: Session, cycle: ReportingCycle, report: ConsolidatedReport) -> tuple[Raised, ...]:
    """All of them, in the order of the appendix."""
    rows = read.execute(_CASES.where(CycleEntry.cycle_id == cycle.id)).all()
    aside = {row.about_id: row.reason for row in read.execute(_ASIDE.where(DifficultyAside.report_id == report.id))}
    own = _raised_meanwhile(read, cycle, [row.occurrence_id for row in rows])
    answers = _answers(read, [one for of_case in own.values() for one in of_case])
    return tuple(one for row in rows for one in _of_case(row, own.get(row.occurrence_id, ()), answers, aside))


def _answers(read: Session, raised: Sequence[Difficulty]) -> dict[UUID, str]:
    """What was answered; where it went up, what each level said."""
    said = said_of(read, [one.id for one in raised])
    levels = {one.id: said.get(one.id, ()) for one in raised if one.answer}
    return {one.id: in_one(levels[one.id]) if len(levels[one.id]) > 1 else one.answer for one in raised if one.answer}


_CASES: Any = (
    sa.select(
        CycleEntry.id, CycleEntry.occurrence_id, Unit.name.label("unit"), TaskGroup.numeral, PlanTask.ordinal,
        Submission.data,
    )
    .join(Unit, Unit.id == CycleEntry.unit_id)
    .join(PlanTask, PlanTask.id == CycleEntry.plan_task_id)
    .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
    .outerjoin(Submission, Submission.id == CycleEntry.submission_id)
    .order_by(TaskGroup.position, PlanTask.position, CycleEntry.id)
)  # fmt: skip
_ASIDE = sa.select(DifficultyAside.about_id, DifficultyAside.reason)


def _raised_meanwhile(
    read: Session, cycle: ReportingCycle, case_ids: Sequence[UUID]
) -> Mapping[UUID, list[Difficulty]]:
    """Those raised in the cycle's year, by case; with what was raised before and was not answered before it, too.

    Those of earlier years are told with their case, or with the task's newest, also under a plan or unit in another's
    place.
    """
    cases: dict[UUID, list[Any]] = {}
    for case in read.execute(_NOW.where(TaskOccurrence.id.in_(case_ids))):
        for task_id in filter(None, (case.plan_task_id, case.continues_id)):
            cases.setdefault(task_id, []).append(case)
    places = {case.lead_unit_id: {case.lead_unit_id} for some in cases.values() for case in some}
    for row in read.execute(_PLACES.where(UnitSuccession.successor_id.in_(places))):
        places[row.successor_id].add(row.predecessor_id)
    found: dict[UUID, list[Difficulty]] = {}
    for one, task_id, lead, year in read.execute(_RAISED.where(TaskOccurrence.plan_task_id.in_(cases))):
        answered = local_date(one.answered_at).year if one.answered_at else cycle.year
        its = [case for case in cases[task_id] if lead in places[case.lead_unit_id] and case.year >= year]
        if its and local_date(one.raised_at).year <= cycle.year <= max(answered, local_date(one.raised_at).year):
            told_with = max(its, key=lambda case: (case.id == one.occurrence_id, case.year))
            found.setdefault(told_with.id, []).append(one)
    return found


_NOW: Any = sa.select(
    TaskOccurrence.id, TaskOccurrence.plan_task_id, TaskOccurrence.lead_unit_id, TaskOccurrence.year,
    PlanTask.continues_id,
).join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)  # fmt: skip
_PLACES: Any = sa.select(UnitSuccession.successor_id, UnitSuccession.predecessor_id)
_RAISED: Any = (
    sa.select(Difficulty, TaskOccurrence.plan_task_id, TaskOccurrence.lead_unit_id, TaskOccurrence.year)
    .join(TaskOccurrence, TaskOccurrence.id == Difficulty.occurrence_id)
    .outerjoin(ProcessInstance, ProcessInstance.id == Difficulty.id)  # It begins with the case's job.
    .where(Difficulty.answered_at.is_not(None) | ProcessInstance.state.is_distinct_from(InstanceState.CANCELLED))
    .order_by(Difficulty.id)
)
"""Without those that were cancelled."""


def _of_case(
    row: Any, own: Sequence[Difficulty], answered: Mapping[UUID, str], aside: Mapping[UUID, str]
) -> Iterator[Raised]:
    answers = orjson.loads(row.data) if row.data else {}
    text = str(answers.get("difficulties") or "").strip()
    recommendation = str(answers.get("recommendations") or "").strip()
    if text or recommendation:
        yield Raised(row.id, _told(row, text, recommendation), None, aside.get(row.id))
    for one in own:
        if one.content.strip() != text:
            told = _told(row, one.content, one.recommendation, answered.get(one.id, ""))
            yield Raised(one.id, told, one.raised_at, aside.get(one.id))


def _told(row: Any, text: str, recommendation: str, answer: str = "") -> made.Difficulty:
    return made.Difficulty(
        unit=row.unit, text=text, recommendation=recommendation, answer=answer, group=row.numeral, ordinal=row.ordinal
    )
