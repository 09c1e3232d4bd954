"""A year's results: how the cases of each unit and of each person stand, for the yearly evaluation."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import ProcessInstance
from webapp.documents.rendering.consolidated import Status
from webapp.organisation.models import Person, Unit
from webapp.plans.buckets import status_of
from webapp.plans.contributions import MISSED
from webapp.plans.models import Contribution, Plan, TaskOccurrence
from webapp.plans.of_year import of_year, years_with_cases

_o: Any = TaskOccurrence.__table__
_c: Any = Contribution.__table__
NO_RESULT = ("nothing_arose", "not_our_duty")
"""Answers of a coordinating unit that has nothing to contribute."""


@dataclass(frozen=True, slots=True)
class ResultLine:
    """How the cases of a unit, or of one person in it, stand."""

    id: UUID | None  # of the unit or person; None: given to nobody
    name: str
    unit: str
    counts: Counter[Status]
    returned: int  # reports that had to be mended

    def count(self, status: str) -> int:
        """How many stand so."""
        return self.counts[Status(status)]

    @property
    def done(self) -> int:
        """Completed, on time or late."""
        return self.counts[Status.DONE_ON_TIME] + self.counts[Status.DONE_LATE]

    @property
    def on_time_percent(self) -> int | None:
        """Of what is done or overdue, how much was done on time; what still has time doesn't count yet."""
        settled = self.done + self.counts[Status.OVERDUE]
        return round(100 * self.counts[Status.DONE_ON_TIME] / settled) if settled else None


@dataclass(frozen=True, slots=True)
class YearResults:
    units: tuple[ResultLine, ...]
    people: tuple[ResultLine, ...]
    contributions: tuple[ResultLine, ...] = ()  # by unit: what each owed to cases that others lead

    @property
    def total(self) -> ResultLine | None:
        """All units together, where there are several."""
        counts = sum((line.counts for line in self.units), Counter[Status]())
        whole = ResultLine(None, "Cộng", "", counts, sum(line.returned for line in self.units))
        return whole if len(self.units) > 1 else None


def results_of(
    read: Session, tenant_id: UUID, year: int, today: date, *, units: Sequence[UUID] | None = None,
    person_id: UUID | None = None, plan_id: UUID | None = None,
) -> YearResults:  # fmt: skip
    """Of the whole ward, of some units, or of one person; read in one statement."""
    rows = read.execute(_rows(tenant_id, year, units, person_id, plan_id)).all()
    return YearResults(
        tuple(_lines(rows, today, lambda row: (row.lead_unit_id, row.unit, ""))),
        tuple(_lines(rows, today, lambda row: (row.officer_id, row.officer or "Chưa giao người", row.unit))),
        _contributions(read, tenant_id, year, today, units, plan_id) if person_id is None else (),
    )


def _contributions(
    read: Session, tenant_id: UUID, year: int, today: date, units: Sequence[UUID] | None, plan_id: UUID | None
) -> tuple[ResultLine, ...]:
    columns = _c.c.unit_id, Unit.name, _c.c.due_on, _c.c.answered_at, _c.c.was_late, _c.c.outcome, _c.c.returned_at
    query = (
        sa.select(*columns, ProcessInstance.ended_at)
        .join(_o, _o.c.id == _c.c.occurrence_id)
        .join(Unit, Unit.id == _c.c.unit_id)
        .outerjoin(ProcessInstance, ProcessInstance.id == _c.c.id)
        .where(_c.c.tenant_id == tenant_id, of_year(year), _o.c.continued_by_id.is_(None))
        .order_by(Unit.position, Unit.name)
    )
    if units is not None:
        query = query.where(_c.c.unit_id.in_(units))
    if plan_id is not None:
        query = query.where(_o.c.plan_id == plan_id)
    return tuple(
        ResultLine(
            unit_id, owed[0].name, "", Counter(_standing(row, today) for row in owed),
            sum(row.returned_at is not None for row in owed),
        )
        for unit_id, owed in _grouped(read.execute(query), lambda row: row.unit_id).items()
    )  # fmt: skip


def _grouped(rows: Iterable[Any], key: Any) -> dict[Any, list[Any]]:
    grouped: dict[Any, list[Any]] = {}
    for row in rows:
        grouped.setdefault(key(row), []).append(row)
    return grouped


def _standing(row: Any, today: date) -> Status:
    """How a contribution stands: by when it first came; one that the lead's report did not wait for is owed no more."""
    ended = local_date(row.ended_at) if row.ended_at else today
    if row.answered_at is not None:
        if row.outcome in NO_RESULT:
            return Status.NOTHING_AROSE
        return Status.DONE_LATE if row.was_late else Status.DONE_ON_TIME
    if row.due_on is not None and ended > row.due_on:
        return Status.OVERDUE
    return Status.CANCELLED if row.outcome == MISSED else Status.IN_TIME


def _rows(
    tenant_id: UUID, year: int, units: Sequence[UUID] | None, person_id: UUID | None, plan_id: UUID | None
) -> Any:
    names = ("lead_unit_id", "officer_id", "state", "nothing_arose", "due_on", "is_due_with_report", "completed_on",
             "ended_on", "first_reported_at", "returned_count")  # fmt: skip
    query = (
        sa.select(*(_o.c[name] for name in names), Unit.name.label("unit"), Person.name.label("officer"))
        .join(Unit, Unit.id == _o.c.lead_unit_id)
        .outerjoin(Person, Person.id == _o.c.officer_id)
        .where(_o.c.tenant_id == tenant_id, of_year(year), _o.c.continued_by_id.is_(None))
        .order_by(Unit.position, Unit.name, Person.search_key)
    )
    if units is not None:
        query = query.where(_o.c.lead_unit_id.in_(units))
    if person_id is not None:
        query = query.where(_o.c.officer_id == person_id)
    return query.where(_o.c.plan_id == plan_id) if plan_id else query


def _lines(rows: Iterable[Any], today: date, key: Any) -> Iterable[ResultLine]:
    for (id, name, unit), cases in _grouped(rows, key).items():
        counts = Counter(status_of(case, today) for case in cases)
        yield ResultLine(id, name, unit, counts, sum(case.returned_count > 0 for case in cases))


def years_of(read: Session, tenant_id: UUID, today: date) -> list[int]:
    """Years that have cases, newest first."""
    return years_with_cases(read, today, _o.c.tenant_id == tenant_id)


def plan_names(read: Session, tenant_id: UUID) -> list[tuple[UUID, str]]:
    """Plans that have cases, the newest first."""
    query = (
        sa.select(Plan.id, sa.func.coalesce(Plan.number, Plan.title))
        .where(Plan.tenant_id == tenant_id, Plan.issued_at.is_not(None))
        .order_by(Plan.id.desc())
        .limit(200)
    )
    return [(row[0], row[1]) for row in read.execute(query)]
