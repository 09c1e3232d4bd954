"""The lists of Hộp việc: index scans, most urgent first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import due_day
from engine.models import NO_DUE, OPEN_STEP, ProcessInstance, UserTask
from engine.spiff import Definition
from engine.text import fold
from webapp.cases.queries import joined_to_task
from webapp.cycles.models import ReportingCycle
from webapp.database import connection_of, rows_of
from webapp.difficulties.models import Difficulty
from webapp.identity import CurrentPerson
from webapp.inbox.choices import steps_of_ward
from webapp.inbox.dues import SOON_DAYS, Due, DueWords
from webapp.inbox.pages import has_own_page
from webapp.organisation.models import Membership, Person, Role, Unit
from webapp.plans.models import OccurrenceState, Plan, PlanTask, Stage, TaskGroup, TaskOccurrence
from webapp.runtime import runtime

PAGE = 50
MOST_WORDS = 8
"""Words of a search that count."""

_u: Any = UserTask.__table__
_i: Any = ProcessInstance.__table__
_o: Any = TaskOccurrence.__table__
_p: Any = Plan.__table__
_person: Any = Person.__table__
_raised: Any = Difficulty.__table__
_raised_by: Any = Unit.__table__.alias("raised_by")


class View(StrEnum):
    """Which steps: as the address says it."""

    MINE = "cua-toi"
    TO_TAKE = "cho-nhan"
    UNIT = "cua-don-vi"  # for its head


class DueFilter(StrEnum):
    OVERDUE = "qua-han"
    TODAY = "hom-nay"
    SOON = "sap-den"
    FAR = "xa-han"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of a list is asked for; without any, steps far from due are left out."""

    search: str = ""
    plan_id: UUID | None = None
    unit_id: UUID | None = None
    step: str = ""  # its name
    state: OccurrenceState | None = None
    due: DueFilter | None = None
    person_id: UUID | None = None
    after: tuple[datetime, UUID] | None = None  # the last row of the page before

    @property
    def narrows(self) -> bool:
        """Whether somebody asked for something in particular."""
        asked = fold(self.search), self.plan_id, self.unit_id, self.step, self.state, self.due, self.person_id
        return any(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One open step."""

    id: UUID
    step: str
    title: str
    note: str  # plan, place in the appendix, unit
    state: OccurrenceState | None
    awaits_head: bool  # the unit's head is to look at it
    due: Due
    assignee: str
    batch: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    rows: tuple[InboxRow, ...]
    next_key: str | None


COLUMNS = [
    *(_u.c[n] for n in ("id", "name", "element_id", "due_at")),
    _i.c.title, _i.c.definition_id, PlanTask.content, PlanTask.ordinal, TaskGroup.numeral,
    _o.c.state.label("case_state"), _o.c.stage, _o.c.due_on, _o.c.send_by, _p.c.number, _p.c.title.label("plan_title"),
    sa.func.coalesce(Unit.short_name, _raised_by.c.short_name).label("short_name"),
    ReportingCycle.name.label("cycle_name"), _person.c.name.label("assignee"),
]  # fmt: skip


def inbox_page(read: Session, person: CurrentPerson, view: View, filters: Filters, words: DueWords) -> InboxPage:
    """A page of one of the lists."""
    owners = _owners(view, person)
    least, most = _due_range(filters, words)
    steps = steps_of_ward(read, person.tenant_id) if filters.search else ()
    asked = {**_asked(filters), **_searched(filters.search, steps), "least": least, "most": most}
    given = {name: value for name, value in asked.items() if value is not None}
    statement = _statement(view, len(owners), frozenset(given))
    values = {f"owner_{n}": owner for n, owner in enumerate(owners)}
    desks = {f"desk_{role}": f"{role}@{person.unit_id}" for role in Role}
    rows = rows_of(read, statement, {"tenant_id": person.tenant_id, **desks, **values, **given})
    connection = connection_of(read)
    drawn = {id: runtime().definition(id, connection) for id in {row.definition_id for row in rows}}
    shown = tuple(_row(row, drawn[row.definition_id], words) for row in rows[:PAGE])
    return InboxPage(shown, _key(rows[PAGE - 1]) if len(rows) > PAGE else None)


def _row(row: Any, definition: Definition, words: DueWords) -> InboxRow:
    return InboxRow(
        id=row.id, step=row.name, title=row.content or row.title, note=_note(row), state=row.case_state,
        awaits_head=row.case_state == OccurrenceState.IN_PROGRESS and row.stage == Stage.UNIT_REPORT,
        due=words.of(row.due_at), assignee=row.assignee or "",
        batch=definition.steps[row.element_id].batch and not has_own_page(definition, row.element_id),
    )  # fmt: skip


def _note(row: Any) -> str:
    place = f"Nhóm {row.numeral}, việc {row.ordinal}" if row.numeral else row.cycle_name
    both = ""
    if row.send_by and row.due_on and row.due_at and due_day(row.due_at) == row.send_by:
        both = f"Báo cáo kỳ: hết {row.send_by:%d/%m/%Y} · hạn nhiệm vụ {row.due_on:%d/%m/%Y}"
    return " · ".join(filter(None, (row.number or row.plan_title, place, row.short_name, both)))


def _key(row: Any) -> str:
    """Where the next page begins."""
    return f"{(row.due_at or NO_DUE).isoformat()}_{row.id}"


# --- what is asked for, as values ---


def _owners(view: View, person: CurrentPerson) -> list[Any]:
    """Whose steps, or those at which desks: each is read out of an index on its own."""
    if view is View.MINE:
        return [person.id, *sorted(person.stands_for)]
    return sorted(person.desks) if view is View.TO_TAKE else [person.unit_id]


def _due_range(filters: Filters, words: DueWords) -> tuple[datetime | None, datetime | None]:
    """From when (later than it) and until when; without any filter, what is far from due is left out."""
    just_before = timedelta(microseconds=1)
    if filters.due is DueFilter.OVERDUE:
        return None, words.now
    if filters.due is DueFilter.FAR:
        return words.far - just_before, None
    if filters.due is not None:
        return words.now, words.end_of(0 if filters.due is DueFilter.TODAY else SOON_DAYS)
    return None, None if filters.narrows else words.far - just_before


def _asked(filters: Filters) -> dict[str, Any]:
    at, id = filters.after or (None, None)
    return {
        "plan": filters.plan_id, "unit": filters.unit_id, "step": filters.step or None, "state": filters.state,
        "person": filters.person_id, "after_at": at, "after_id": id,
    }  # fmt: skip


def _searched(search: str, steps: Iterable[str]) -> dict[str, str]:
    """For each word a pattern of what stands in titles, and the steps in whose names it stands."""
    values = {}
    for n, word in enumerate(fold(search).split()[:MOST_WORDS]):
        values[f"word_{n}"] = f"%{_escaped(word)}%"
        values[f"steps_{n}"] = _as_one(step for step in steps if word in fold(step))
    return values


def _as_one(steps: Iterable[str]) -> str:
    """Names as one text, in which one of them can be looked for."""
    return "".join(f"|{step}|" for step in steps)


def _escaped(word: str) -> str:
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


# --- the statement: made once for each shape of what is asked ---


@lru_cache(maxsize=256)
def _statement(view: View, owners: int, given: frozenset[str]) -> Any:
    """The rows of a page: each branch reads an index in its order and stops at a page; then they are merged."""
    branches = [branch for n in range(owners) for branch in _branches(view, n, given)]
    if not branches:
        return sa.select(*COLUMNS).select_from(_joined(_u.join(_i, _i.c.id == _u.c.instance_id))).where(sa.false())
    page = branches[0].subquery("page")
    if len(branches) > 1:
        merged = sa.union(*(sa.select(branch.subquery()) for branch in branches)).subquery()
        page = sa.select(merged).order_by(merged.c.order_at, merged.c.id).limit(PAGE + 1).subquery("page")
    tables = _joined(_u.join(page, page.c.id == _u.c.id).join(_i, _i.c.id == _u.c.instance_id))
    return sa.select(*COLUMNS).select_from(tables).order_by(_u.c.order_at, _u.c.id)


def _joined(base: Any) -> Any:
    return (
        joined_to_task(base)
        .outerjoin(_person, _person.c.id == _u.c.assignee_id)
        .outerjoin(_raised, _raised.c.id == _i.c.id)
        .outerjoin(_raised_by, _raised_by.c.id == _raised.c.unit_id)
    )


def _branches(view: View, n: int, given: frozenset[str]) -> Iterator[Any]:
    owner: Any = sa.bindparam(f"owner_{n}")
    by_due = _u.c.order_at, _u.c.id
    if view is View.MINE:
        yield _branch(given, by_due, _u.c.assignee_id == owner)
    elif view is View.TO_TAKE:
        # Named first in the order though it is always null: PostgreSQL then takes the order from the index.
        yield _branch(given, (_u.c.assignee_id, *by_due), _u.c.desk == owner, _u.c.assignee_id.is_(None))
    else:
        people = sa.select(Membership.person_id).where(Membership.unit_id == owner)
        desks = [sa.bindparam(f"desk_{role}", type_=_u.c.desk.type) for role in Role]
        yield _branch(given, by_due, _u.c.desk.in_(desks))
        yield _branch(given, by_due, _u.c.assignee_id.in_(people))


def _branch(given: frozenset[str], order: Sequence[Any], *conditions: Any) -> Any:
    tables = joined_to_task(_u.join(_i, _i.c.id == _u.c.instance_id)) if given & OF_CASE else _u
    return (
        sa.select(_u.c.id, _u.c.order_at)
        .select_from(tables)
        .where(_u.c.tenant_id == sa.bindparam("tenant_id"), _u.c.state == OPEN_STEP, *conditions)
        .where(*(condition for name, condition in CONDITIONS.items() if name in given))
        .order_by(*order)
        .limit(PAGE + 1)
    )


def _has_word(n: int) -> Any:
    """The title has it, or the step's name, which only Python can fold."""
    of_title = _i.c.search_text.like(sa.bindparam(f"word_{n}"), escape="/")
    return of_title | sa.bindparam(f"steps_{n}", type_=sa.String()).like(
        sa.literal("%|") + _u.c.name + sa.literal("|%")
    )


CONDITIONS: dict[str, Any] = {
    "least": _u.c.order_at > sa.bindparam("least"),
    "most": _u.c.order_at <= sa.bindparam("most"),
    "after_at": sa.tuple_(_u.c.order_at, _u.c.id)
    > sa.tuple_(sa.bindparam("after_at", type_=_u.c.order_at.type), sa.bindparam("after_id", type_=_u.c.id.type)),
    "person": _u.c.assignee_id == sa.bindparam("person"),
    "plan": _p.c.id == sa.bindparam("plan"),
    "unit": _o.c.lead_unit_id == sa.bindparam("unit"),
    "state": _o.c.state == sa.bindparam("state"),
    "step": _u.c.name == sa.bindparam("step"),
    **{f"word_{n}": _has_word(n) for n in range(MOST_WORDS)},
}
OF_CASE = CONDITIONS.keys() - {"least", "most", "after_at", "person", "step"}
"""Conditions for which a case must be looked at."""
