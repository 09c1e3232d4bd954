"""Lồng ghép: what the unit has reported this year on a task of another plan that is like this one."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from engine.text import words_in
from webapp.cycles.drafting import said
from webapp.organisation.models import Person
from webapp.plans.models import Plan, PlanTask, TaskGroup, TaskOccurrence
from webapp.plans.places import place_name
from webapp.plans.reading.wording import shorten
from webapp.presentation import day

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
    submission_id: UUID
    year: int
    plan: str
    place: str  # "II.4"
    content: str
    text: str
    who: str
    sent_at: datetime

    @property
    def label(self) -> str:
        """Plan and place, as the names of its files say them."""
        return f"{self.plan}, {self.place}"

    @property
    def origin(self) -> str:
        """What a report that uses it says of it."""
        sent = f"{self.who} báo cáo ngày {day(self.sent_at)}"
        return f"(Lồng ghép từ {self.plan}, nhiệm vụ {self.place} “{shorten(self.content)}”, {sent})"


def reports_elsewhere(
    read: Session, tenant_id: UUID, plan_id: UUID, unit_id: UUID, years: Collection[int]
) -> list[ReportedElsewhere]:
    """The unit's newest of these years, of other plans."""
    reports = (
        sa.select(
            _o.c.id, Submission.id, _o.c.year, sa.func.coalesce(Plan.number, Plan.title), TaskGroup.numeral,
            PlanTask.ordinal, PlanTask.content, Submission.data, Submission.submitted_at,
            sa.func.coalesce(Submission.on_behalf_of, Person.name, "Hệ thống"),
        )
        .join(PlanTask, PlanTask.id == _o.c.plan_task_id)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .join(Plan, Plan.id == _o.c.plan_id)
        .join(Submission, Submission.id == _o.c.report_submission_id)
        .outerjoin(Person, Person.id == Submission.actor_id)
        .where(
            _o.c.tenant_id == tenant_id, _o.c.lead_unit_id == unit_id, _o.c.year.in_(years), _o.c.plan_id != plan_id,
            _o.c.continued_by_id.is_(None),
        )
        .order_by(Submission.submitted_at.desc())
        .limit(LOOKED_AT)
    )  # fmt: skip
    return [
        ReportedElsewhere(case, submission, year, plan, place_name(numeral, ordinal), content, text, who, at)
        for case, submission, year, plan, numeral, ordinal, content, data, at, who in read.execute(reports)
        if (text := said(orjson.loads(data)))
    ]


def alike(reports: Iterable[ReportedElsewhere], year: int, content: str, typed: str = "") -> list[ReportedElsewhere]:
    """Those of a year whose task or words are like this task or what is `typed`."""
    found = [
        (max(_likeness(content, one.content), _likeness(typed, one.text)), one)
        for one in reports
        if one.year == year
    ]  # fmt: skip
    likely = sorted((each for each in found if each[0] >= ALIKE), key=lambda each: -each[0])
    return [one for _, one in likely[:MOST]]


def _likeness(one: str, other: str) -> float:
    mine, theirs = set(words_in(one)), set(words_in(other))
    shared = len(mine & theirs)
    return shared / min(len(mine), len(theirs)) if shared >= FEWEST else 0
