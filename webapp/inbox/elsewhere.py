"""Lồng ghép: what the unit has reported this year on a task of another plan that is like this one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from engine.text import words_in
from webapp.cases.queries import TaskCard
from webapp.cycles.drafting import said
from webapp.plans.confirming import place_name
from webapp.plans.models import Plan, PlanTask, TaskGroup, TaskOccurrence

MOST = 3
LOOKED_AT = 100
"""The unit's newest reports of the year: a real ward's unit has some tens."""
ALIKE = 0.6
"""The share of the shorter task's words that the other one has too."""
FEWEST = 4
"""Words in common; fewer are what all tasks say."""

_o: Any = TaskOccurrence.__table__


@dataclass(frozen=True, slots=True)
class ReportedElsewhere:
    """A report that may serve this task too."""

    case_id: UUID
    plan: str
    place: str  # "II.4"
    content: str
    text: str
    sent_at: datetime


def reported_elsewhere(
    read: Session, tenant_id: UUID, plan_id: UUID, task: TaskCard, typed: str = ""
) -> list[ReportedElsewhere]:
    """Those of the same unit and year, of other plans, whose task or words are like this task or what is `typed`."""
    reports = (
        sa.select(
            _o.c.id, sa.func.coalesce(Plan.number, Plan.title), TaskGroup.numeral, PlanTask.ordinal, PlanTask.content,
            Submission.data, Submission.submitted_at,
        )
        .join(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Plan, Plan.id == _o.c.plan_id)
        .join(Submission, Submission.id == _o.c.report_submission_id)
        .where(
            _o.c.tenant_id == tenant_id, _o.c.lead_unit_id == task.lead_unit_id, _o.c.year == task.year,
            _o.c.plan_id != plan_id, _o.c.continued_by_id.is_(None),
        )
        .order_by(Submission.submitted_at.desc())
        .limit(LOOKED_AT)
    )  # fmt: skip
    found = [
        (
            max(_likeness(task.content, content), _likeness(typed, text)),
            ReportedElsewhere(id, plan, place_name(numeral, ordinal), content, text, at),
        )
        for id, plan, numeral, ordinal, content, data, at in read.execute(reports)
        if (text := said(orjson.loads(data)))
    ]
    alike = sorted((each for each in found if each[0] >= ALIKE), key=lambda each: -each[0])
    return [one for _, one in alike[:MOST]]


def _likeness(one: str, other: str) -> float:
    mine, theirs = set(words_in(one)), set(words_in(other))
    shared = len(mine & theirs)
    return shared / min(len(mine), len(theirs)) if shared >= FEWEST else 0
