"""A case as pages show it: its instance, and the task of the plan behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.errors import NotFound, PermissionDenied
from engine.models import InstanceState, ProcessInstance
from engine.records import dates_from_json
from webapp.cases.access import may_see
from webapp.cycles.models import ReportingCycle
from webapp.identity import CurrentPerson
from webapp.organisation.models import Person, Unit
from webapp.plans.models import (
    Contribution,
    OccurrenceState,
    Plan,
    PlanTask,
    Stage,
    TaskGroup,
    TaskOccurrence,
)

_i: Any = ProcessInstance.__table__
_c: Any = Contribution.__table__
_o: Any = TaskOccurrence.__table__
_r: Any = ReportingCycle.__table__
_p: Any = Plan.__table__
_t: Any = PlanTask.__table__
_g: Any = TaskGroup.__table__
_u: Any = Unit.__table__
_second: Any = Unit.__table__.alias("second")
_officer: Any = Person.__table__.alias("officer")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCard:
    """The task of a plan in a year, under one lead."""

    occurrence_id: UUID
    plan_task_id: UUID
    year: int
    group: str  # "II"
    group_title: str
    ordinal: str
    content: str
    product: str
    timing: str
    note: str
    coordinators_text: str
    is_conditional: bool
    blocked_until: str | None
    state: OccurrenceState
    stage: Stage
    due_on: date | None
    send_by: date | None  # to the cycle that waits for its report, where that comes first
    is_due_with_report: bool
    officer_id: UUID | None
    officer: str
    lead_unit_id: UUID
    lead_unit: str
    second_lead: str
    completed_on: date | None
    ended_on: date | None
    first_reported_at: datetime | None
    nothing_arose: bool
    returned_count: int
    self_reported: bool

    @property
    def place(self) -> str:
        """Where it stands in the appendix: "Nhóm II, việc 3"."""
        return f"Nhóm {self.group}, việc {self.ordinal}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A process instance, as the engine knows it."""

    id: UUID
    definition_id: UUID
    key: str  # of the procedure
    title: str
    state: InstanceState
    parties: Mapping[str, str]  # party → unit id
    dates: Mapping[str, date]
    started_at: datetime
    ended_at: datetime | None
    saved_state: bytes | None

    @property
    def is_running(self) -> bool:
        """Whether its steps can be done."""
        return self.state is InstanceState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Instance):
    """A process instance that somebody may look at, with what it is about."""

    plan_id: UUID | None
    plan_title: str
    plan_number: str
    cycle_name: str
    task: TaskCard | None

    @property
    def plan(self) -> str:
        """The plan as people call it."""
        return self.plan_number or self.plan_title


def joined_to_task(base: Any) -> Any:
    """`base`, which has process_instances in it, with plan, task and lead where there are any.

    A contribution leads to the task it is for, a cycle to its plan.
    """
    return (
        base.outerjoin(_c, _c.c.id == _i.c.id)
        .outerjoin(_o, _o.c.id == sa.func.coalesce(_c.c.occurrence_id, _i.c.id))
        .outerjoin(_r, _r.c.id == _i.c.id)
        .outerjoin(_p, _p.c.id == sa.func.coalesce(_o.c.plan_id, _r.c.plan_id))
        .outerjoin(_t, _t.c.id == _o.c.plan_task_id)
        .outerjoin(_g, _g.c.id == _t.c.group_id)
        .outerjoin(_u, _u.c.id == _o.c.lead_unit_id)
    )


CASE_COLUMNS = [
    *(_i.c[n].label(f"case_{n}") for n in (
        "id", "definition_id", "key", "title", "state", "parties", "dates", "started_at", "ended_at", "saved_state",
    )),
    _p.c.id.label("plan_id"), _p.c.title.label("plan_title"), _p.c.number.label("plan_number"),
    _p.c.focal_unit_id, _r.c.name.label("cycle_name"),
    _t.c.id.label("plan_task_id"), *(_t.c[n] for n in (
        "ordinal", "content", "product_text", "timing_text", "note", "coordinators_text", "is_conditional",
        "blocked_until",
    )),
    _g.c.numeral, _g.c.title.label("group_title"),
    _o.c.id.label("occurrence_id"), _o.c.state.label("occurrence_state"), *(_o.c[n] for n in (
        "year", "stage", "due_on", "send_by", "officer_id", "lead_unit_id", "completed_on", "first_reported_at",
        "nothing_arose", "returned_count", "is_due_with_report", "ended_on",
    )),
    _u.c.name.label("lead_unit"), _second.c.name.label("second_lead"), _officer.c.name.label("officer"),
]  # fmt: skip


def joined_to_case(base: Any) -> Any:
    """`base` with everything that CASE_COLUMNS name."""
    return (
        joined_to_task(base)
        .outerjoin(_second, _second.c.id == _o.c.second_lead_unit_id)
        .outerjoin(_officer, _officer.c.id == _o.c.officer_id)
    )


FIND_CASE = (
    sa.select(*CASE_COLUMNS)
    .select_from(joined_to_case(_i))
    .where(_i.c.id == sa.bindparam("instance_id"), _i.c.tenant_id == sa.bindparam("tenant_id"))
)


def find_case(read: Session, person: CurrentPerson, instance_id: UUID) -> Case:
    """A case that the person may see. Raises NotFound, PermissionDenied."""
    row = read.execute(FIND_CASE, {"instance_id": instance_id, "tenant_id": person.tenant_id}).one_or_none()
    if row is None:
        raise NotFound
    case = case_of(row)
    if not may_see(read, person, case.id, case.parties):
        raise PermissionDenied("Hồ sơ này không thuộc đơn vị của bạn.")
    return case


def case_of(row: Any) -> Case:
    """The case in a row of CASE_COLUMNS."""
    return Case(
        id=row.case_id, definition_id=row.case_definition_id, key=row.case_key, title=row.case_title,
        state=row.case_state, parties=orjson.loads(row.case_parties), dates=dates_from_json(row.case_dates),
        started_at=row.case_started_at, ended_at=row.case_ended_at, saved_state=row.case_saved_state,
        plan_id=row.plan_id, plan_title=row.plan_title or "", plan_number=row.plan_number or "",
        cycle_name=row.cycle_name or "", task=_task_of(row) if row.occurrence_id else None,
    )  # fmt: skip


def _task_of(row: Any) -> TaskCard:
    return TaskCard(
        occurrence_id=row.occurrence_id, plan_task_id=row.plan_task_id, year=row.year, group=row.numeral,
        group_title=row.group_title, ordinal=row.ordinal, content=row.content, product=row.product_text,
        timing=row.timing_text, note=row.note, coordinators_text=row.coordinators_text,
        is_conditional=row.is_conditional, blocked_until=row.blocked_until, state=row.occurrence_state,
        stage=row.stage, due_on=row.due_on, send_by=row.send_by, officer_id=row.officer_id, officer=row.officer or "",
        lead_unit_id=row.lead_unit_id, lead_unit=row.lead_unit, second_lead=row.second_lead or "",
        completed_on=row.completed_on, ended_on=row.ended_on, first_reported_at=row.first_reported_at,
        nothing_arose=row.nothing_arose, returned_count=row.returned_count, is_due_with_report=row.is_due_with_report,
        self_reported=row.lead_unit_id == row.focal_unit_id,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkedCases:
    """The case that a linked one goes on from, and the one that goes on from a closed one."""

    before: UUID | None
    after: UUID | None


def linked_cases(read: Session, case_id: UUID) -> LinkedCases:
    """Those next to a case."""
    before = sa.select(_o.c.id).where(_o.c.continued_by_id == case_id)
    after = sa.select(_o.c.continued_by_id).where(_o.c.id == case_id)
    return LinkedCases(read.scalar(before), read.scalar(after))
