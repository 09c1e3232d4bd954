"""Which successor takes what: as a person chose, else with whoever does the work, else the first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.cycles.models import ReportingCycle
from webapp.difficulties.models import Difficulty
from webapp.plans.models import Contribution, TaskOccurrence
from webapp.unit_changes.models import SubjectKind, Successor, SuccessorChoice, UnitChange

Read = Session | sa.Connection

_o: Any = TaskOccurrence.__table__
_c: Any = Contribution.__table__
_d: Any = Difficulty.__table__
_r: Any = ReportingCycle.__table__


@dataclass(frozen=True, slots=True)
class Subject:
    """What a case is about."""

    task_id: UUID | None = None
    plan_id: UUID | None = None
    officer_id: UUID | None = None  # who does the work


@dataclass(frozen=True, slots=True)
class Destinations:
    """Where everything of a unit goes."""

    main_id: UUID
    chosen: Mapping[tuple[SubjectKind, UUID], UUID] = field(default_factory=dict)

    def of_person(self, person_id: UUID) -> UUID:
        """The unit that somebody belongs to from then on."""
        return self.chosen.get((SubjectKind.PERSON, person_id), self.main_id)

    def of_task(self, task_id: UUID | None, plan_id: UUID | None, officer_id: UUID | None = None) -> UUID:
        """Who takes a row of a plan: as chosen for it, for its plan, or with the officer who does it."""
        asked = ((SubjectKind.TASK, task_id), (SubjectKind.PLAN, plan_id), (SubjectKind.PERSON, officer_id))
        found = (self.chosen.get((kind, id)) for kind, id in asked if id is not None)
        return next(filter(None, found), self.main_id)

    def of_case(self, instance_id: UUID, subject: Subject) -> UUID:
        """Who takes a running case."""
        own = self.chosen.get((SubjectKind.CASE, instance_id))
        return own or self.of_task(subject.task_id, subject.plan_id, subject.officer_id)


def destinations_of(read: Read, change_id: UUID) -> Destinations:
    """What was chosen for a change, as it stands."""
    main = read.execute(
        sa.select(Successor.unit_id).where(Successor.change_id == change_id).order_by(Successor.position).limit(1)
    ).scalar_one()
    choices = read.execute(
        sa.select(SuccessorChoice.kind, SuccessorChoice.subject_id, SuccessorChoice.unit_id).where(
            SuccessorChoice.change_id == change_id
        )
    )
    return Destinations(main, {(row.kind, row.subject_id): row.unit_id for row in choices})


def subjects_of(read: Read, instance_ids: Iterable[UUID]) -> dict[UUID, Subject]:
    """Of which task and plan cases are: a task's own, a contribution's, a difficulty's, or a cycle's."""
    ids = list(instance_ids)
    of_task = (_o.c.plan_task_id, _o.c.plan_id, _o.c.officer_id)
    queries: list[sa.Select[Any]] = [
        sa.select(_o.c.id, *of_task).where(_o.c.id.in_(ids)),
        sa.select(_c.c.id, *of_task).join(_o, _o.c.id == _c.c.occurrence_id).where(_c.c.id.in_(ids)),
        sa.select(_d.c.id, *of_task).join(_o, _o.c.id == _d.c.occurrence_id).where(_d.c.id.in_(ids)),
    ]
    found = {id: Subject(*rest) for query in queries for id, *rest in read.execute(query)}
    cycles = read.execute(sa.select(_r.c.id, _r.c.plan_id).where(_r.c.id.in_(ids)))
    return found | {row.id: Subject(plan_id=row.plan_id) for row in cycles}


def officers_of(read: Read, task_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Who did each row of a plan last."""
    query = (
        sa.select(_o.c.plan_task_id, _o.c.officer_id)
        .where(_o.c.plan_task_id.in_(list(task_ids)), _o.c.officer_id.is_not(None))
        .order_by(_o.c.year, _o.c.id)
    )
    return {row.plan_task_id: row.officer_id for row in read.execute(query)}


def name_of_change(change: UnitChange) -> str:
    """The ground that every moved case's history names."""
    names = ", ".join(one.name for one in change.successors)
    words = {"rename": "Đổi tên thành", "merge": "Sáp nhập vào", "split": "Chia tách thành"}[change.kind]
    return f"{words} {names} từ ngày {change.from_day:%d/%m/%Y}. {change.reason}"
