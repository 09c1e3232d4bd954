"""A plan's year: each task month by month, who does it and when it is due."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from webapp.documents.rendering.consolidated import Status
from webapp.plans.buckets import status_of
from webapp.plans.models import PlanTaskState
from webapp.plans.queries.tasks import CaseLine, GroupLines, TaskLine


@dataclass(frozen=True, slots=True)
class Month:
    """A cell of the year: whether work goes on in it, and the day by which it ends."""

    active: bool
    due: date | None


@dataclass(frozen=True, slots=True)
class YearRow:
    ordinal: str
    content: str
    product: str
    lead: str
    officer: str
    case_id: UUID | None
    status: Status | None
    months: tuple[Month, ...]


@dataclass(frozen=True, slots=True)
class YearGroup:
    numeral: str
    title: str
    rows: tuple[YearRow, ...]


def year_of(groups: tuple[GroupLines, ...], year: int, begins: date | None, today: date) -> tuple[YearGroup, ...]:
    """Every case of a year from the plan's issue on, or from January where it was issued before; what is still to be
    given, too.
    """
    first = begins.month if begins is not None and begins.year == year else 1
    shown = (YearGroup(group.numeral, group.title, tuple(_rows(group, year, first, today))) for group in groups)
    return tuple(group for group in shown if group.rows)


def _rows(group: GroupLines, year: int, first: int, today: date) -> Iterator[YearRow]:
    for task in group.tasks:
        for shown in task.cases:
            yield _row(task, shown.line, year, first, today)
        if not task.cases and task.state is PlanTaskState.DRAFT:
            lead = "; ".join(task.leads)
            yield YearRow(task.ordinal, task.content, task.product_text, lead, "", None, None, _months(None, year, 13))


def _row(task: TaskLine, case: CaseLine, year: int, first: int, today: date) -> YearRow:
    lead = "; ".join(filter(None, (case.lead, case.second_lead)))
    return YearRow(
        task.ordinal, task.content, task.product_text, lead, case.officer, case.id, status_of(case, today),
        _months(case.due_on, year, first),
    )  # fmt: skip


def _months(due: date | None, year: int, first: int) -> tuple[Month, ...]:
    last = due.month if due is not None and due.year == year else 0 if due is not None and due.year < year else 12
    return tuple(
        Month(first <= month <= last, due if due and (due.year, due.month) == (year, month) else None)
        for month in range(1, 13)
    )
