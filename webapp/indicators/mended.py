"""Figures that a unit changed when it sent a report again after it was returned, read from what was submitted."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import decode
from engine.facts.messages import MessageDelivered
from engine.models import Event, Submission
from webapp.indicators.models import Indicator
from webapp.indicators.recording import FIELD, NAMED, WHOLE
from webapp.indicators.standing import figure
from webapp.organisation.models import Person, Unit
from webapp.plans.models import PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name

REWORK = "rework.requested"


@dataclass(frozen=True, slots=True)
class Mended:
    """What a report said of an indicator, and what it said when it was sent again."""

    case_id: UUID
    report: str  # "I.3, Trạm Y tế"
    before: str
    after: str
    who: str
    at: datetime
    why: str  # it was returned


@dataclass(frozen=True, slots=True)
class _Said:
    """Something that happened to a case: a report, or its return."""

    at: datetime
    case_id: UUID
    who: str = ""
    figures: tuple[tuple[float, float | None], ...] = ()
    returned: str | None = None  # the reason; None for a report


def mended_figures(read: Session, indicator: Indicator) -> list[Mended]:
    """Of a case, and of the one in which a closed case is reported on anew; in no order."""
    found: list[Mended] = []
    for cases in _chains(read, indicator).values():
        names = {case.id: f"{place_name(case.numeral, case.ordinal)}, {case.unit}" for case in cases}
        told = sorted((*_submitted(read, indicator, names), *_returned(read, names)), key=lambda one: one.at)
        found += _mended(told, indicator, names)
    return found


def _chains(read: Session, indicator: Indicator) -> Mapping[tuple[Any, ...], Sequence[Any]]:
    """The cases whose reports named the indicator, each with those that go on from it."""
    named = sa.select(TaskOccurrence.plan_task_id).join(Submission, Submission.instance_id == TaskOccurrence.id)
    query = (
        sa.select(
            TaskOccurrence.id, TaskOccurrence.plan_task_id, TaskOccurrence.year, TaskOccurrence.first_lead_unit_id,
            Unit.name.label("unit"), TaskGroup.numeral, PlanTask.ordinal,
        )
        .join(Unit, Unit.id == TaskOccurrence.lead_unit_id)
        .join(PlanTask, PlanTask.id == TaskOccurrence.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(
            TaskOccurrence.plan_id == indicator.plan_id,
            TaskOccurrence.plan_task_id.in_(
                named.where(TaskOccurrence.plan_id == indicator.plan_id, Submission.data.contains(str(indicator.id)))
            ),
        )
    )  # fmt: skip
    chains = defaultdict(list)
    for case in read.execute(query):
        chains[case.plan_task_id, case.year, case.first_lead_unit_id].append(case)
    return chains


def _submitted(read: Session, indicator: Indicator, names: Mapping[UUID, str]) -> Iterator[_Said]:
    query = (
        sa.select(Submission, Person.name)
        .outerjoin(Person, Person.id == Submission.actor_id)
        .where(Submission.instance_id.in_(names))
    )
    rows = read.execute(query).all()
    reporting = {sent.element_id for sent, _ in rows if str(indicator.id) in sent.data}
    for sent, name in rows:
        answers = orjson.loads(sent.data)
        if sent.element_id in reporting:
            who = ", thay ".join(filter(None, (name or "Hệ thống", sent.on_behalf_of)))
            yield _Said(sent.submitted_at, sent.instance_id, who, _figures(answers, indicator))
        elif answers.get("decision") == "return":
            yield _Said(sent.submitted_at, sent.instance_id, returned=str(answers.get("reason") or ""))


def _figures(answers: Mapping[str, Any], indicator: Indicator) -> tuple[tuple[float, float | None], ...]:
    rows = (row for row in answers.get(FIELD) or () if row.get(NAMED) == str(indicator.id))
    return tuple((float(row["value"]), row.get(WHOLE)) for row in rows if row.get("value") is not None)


def _returned(read: Session, names: Mapping[UUID, str]) -> Iterator[_Said]:
    """By the cycle, after it was taken."""
    query = sa.select(Event.at, Event.stream, Event.data).where(Event.stream.in_(names), Event.data.contains(REWORK))
    for at, case_id, data in read.execute(query):
        for fact in decode(data):
            if isinstance(fact, MessageDelivered) and fact.message == REWORK:
                yield _Said(at, case_id, returned=str(fact.payload.get("reason") or ""))


def _mended(told: Sequence[_Said], indicator: Indicator, names: Mapping[UUID, str]) -> Iterator[Mended]:
    """What differs from the report before it, where that was returned; else it is a later report's own figure."""
    last, why = None, None
    for one in told:
        if one.returned is not None:
            why = one.returned
            continue
        anew = why is not None or (last is not None and last.case_id != one.case_id)
        if last is not None and anew and last.figures != one.figures:
            before, after = _worded(last, indicator), _worded(one, indicator)
            yield Mended(one.case_id, names[one.case_id], before, after, one.who, one.at, why or "")
        last, why = one, None


def _worded(one: _Said, indicator: Indicator) -> str:
    said = (
        figure(value, indicator.unit) + (f" trên {figure(whole)}" if whole is not None else "")
        for value, whole in one.figures
    )
    return "; ".join(said) or "không ghi"
