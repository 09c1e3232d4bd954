"""One step with all that its page needs at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar
from uuid import UUID

import orjson
import sqlalchemy as sa
from flask import g, session
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from engine.command import EnginePermission
from engine.commands.user_tasks import FIND_TASK
from engine.errors import NotFound
from engine.held_rows import Seen, beside, row_beside
from engine.models import Draft, ProcessInstance, Submission, UserTask, UserTaskState
from engine.records import dates_from_json
from engine.spiff import Definition
from forms.definition import FormDefinition
from webapp.cases.access import is_mine
from webapp.cases.queries import CASE_COLUMNS, Case, Instance, case_of, joined_to_case
from webapp.database import connection_of, db, rows_of
from webapp.documents.carrying import carried_answers
from webapp.identity import CurrentPerson, Desk
from webapp.inbox.pages import SIGNING_RECORDS, records_of
from webapp.organisation.models import Person, UnitSuccession
from webapp.plans.models import TaskOccurrence
from webapp.runtime import now, runtime

V = TypeVar("V", bound=Callable[..., Any])
DraftData = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class LastYear:
    """What the same unit, or the one whose place it has, reported on the same task a year before.

    For a linked case, what was reported in the closed one: it is of the same year.
    """

    year: int
    instance_id: UUID
    definition_id: UUID
    form_id: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step, open or not, with the instance it belongs to: what is needed to do it."""

    id: UUID
    element_id: str
    name: str
    form_id: str
    desk: str
    state: UserTaskState
    assignee_id: UUID | None
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    completed_by: UUID | None
    on_behalf_of: str | None
    case: Instance

    @property
    def unit_id(self) -> UUID:
        """The unit of its desk."""
        return UUID(self.desk.partition("@")[2])

    @property
    def is_open(self) -> bool:
        """Whether it waits to be done."""
        return self.state is UserTaskState.OPEN

    def is_of(self, person: CurrentPerson) -> bool:
        """Whether the person may do it at their own desk."""
        return is_mine(person, self.desk, self.assignee_id)

    def other_desk_of(self, person: CurrentPerson) -> Desk | None:
        """The desk of the person's at which it waits while they act at another one."""
        if self.assignee_id is not None or self.is_of(person):
            return None
        return next((desk for desk in person.held if desk.key == self.desk), None)

    def may_be_entered_by(self, person: CurrentPerson, definition: Definition) -> bool:
        """Whether the person may enter it for somebody else; never what counts as a signature."""
        signs = records_of(definition, self.element_id) in SIGNING_RECORDS
        return person.may(EnginePermission.ENTER_FOR_OTHERS) and not signs


@dataclass(frozen=True, slots=True, kw_only=True)
class StepToDo(Step):
    """A step for whoever sends it."""

    seen: Seen
    """What the command need not read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOfCase(Step):
    """A step with all that its page shows."""

    assignee: str
    completer: str
    case: Case
    draft: DraftData | None
    draft_at: datetime | None
    last_year: LastYear | None

    @property
    def title(self) -> str:
        """What the case is about."""
        return self.case.task.content if self.case.task else self.case.title

    def closed_answers(self, form: FormDefinition) -> Mapping[str, Any] | None:
        """What a linked case starts from: the closed one's report, its files too."""
        told, task = self.last_year, self.case.task
        if told is None or task is None or told.year != task.year or told.form_id != form.id:
            return None
        return carried_answers(form, orjson.loads(told.data), self.case.id)


_u: Any = UserTask.__table__
_i: Any = ProcessInstance.__table__
_o: Any = TaskOccurrence.__table__
_d: Any = Draft.__table__
_before: Any = TaskOccurrence.__table__.alias("before")
_earlier: Any = TaskOccurrence.__table__.alias("earlier")
_succession: Any = UnitSuccession.__table__
_told: Any = Submission.__table__.alias("told")
_assignee: Any = Person.__table__.alias("assignee")
_completer: Any = Person.__table__.alias("completer")

OWN_COLUMNS = [
    _u.c[n].label(f"task_{n}") for n in (
        "id", "element_id", "name", "form_id", "desk", "state", "assignee_id", "created_at", "due_at", "completed_at",
        "completed_by", "on_behalf_of",
    )
]  # fmt: skip
STEP_COLUMNS = [
    *OWN_COLUMNS,
    _assignee.c.name.label("assignee"), _completer.c.name.label("completer"),
    _d.c.data.label("draft_data"), _d.c.updated_at.label("draft_at"),
    _before.c.year.label("before_year"), _told.c.instance_id.label("told_instance_id"),
    _told.c.definition_id.label("told_definition_id"), _told.c.form_id.label("told_form_id"),
    _told.c.data.label("told_data"),
]  # fmt: skip


def _year_before() -> sa.ColumnElement[UUID]:
    """The closed case that a linked one goes on from, else the same task's a year before.

    That is under the same lead, else under one whose place the lead has.
    """
    closed = sa.select(_earlier.c.id).where(_earlier.c.continued_by_id == _o.c.id).correlate(_o)
    last_year = _earlier.c.year == _o.c.year - 1, _earlier.c.continued_by_id.is_(None)
    same_task = _earlier.c.plan_task_id == _o.c.plan_task_id, *last_year
    first = sa.select(_earlier.c.id).where(*same_task).limit(1).correlate(_o)
    by_itself = first.where(_earlier.c.lead_unit_id == _o.c.lead_unit_id)
    reported = sa.case((_earlier.c.report_submission_id.is_not(None), 0), else_=1)
    by_another = first.join(_succession, _succession.c.predecessor_id == _earlier.c.lead_unit_id).where(
        _succession.c.successor_id == _o.c.lead_unit_id
    )
    before = closed, by_itself, by_another.order_by(reported, _earlier.c.id)
    return sa.func.coalesce(*(query.scalar_subquery() for query in before))


STEPS = (
    sa.select(*STEP_COLUMNS, *CASE_COLUMNS)
    .select_from(
        joined_to_case(_u.join(_i, _i.c.id == _u.c.instance_id))
        .outerjoin(_assignee, _assignee.c.id == _u.c.assignee_id)
        .outerjoin(_completer, _completer.c.id == _u.c.completed_by)
        .outerjoin(_d, (_d.c.user_task_id == _u.c.id) & (_d.c.person_id == sa.bindparam("person_id")))
        .outerjoin(_before, _before.c.id == _year_before())
        .outerjoin(_told, _told.c.id == _before.c.report_submission_id)
    )
    .where(_u.c.tenant_id == sa.bindparam("tenant_id"))
)
"""Steps of the ward, with the drafts of the person `person_id`."""
FIND_STEP = STEPS.where(_u.c.id == sa.bindparam("step_id"))
FIND_STEP_TO_DO = FIND_TASK.add_columns(
    *(column for column in OWN_COLUMNS if column.name not in FIND_TASK.exported_columns),
    *(_i.c[n] for n in ("started_at", "ended_at")),
    *beside(TaskOccurrence),
).outerjoin(_o, _o.c.id == _i.c.id)


def find_step(read: Session, person: CurrentPerson, step_id: UUID) -> StepOfCase:
    """A step of the ward, whoever may do it. Raises NotFound."""
    values = {"step_id": step_id, "tenant_id": person.tenant_id, "person_id": person.id}
    return step_of(_only(rows_of(read, FIND_STEP, values)))


def with_step_to_do(view: V) -> V:
    """Have the step of a route read first: it says whether the ward is as it was when the person was read last."""

    @wraps(view)
    def reading(user_task_id: UUID) -> ResponseReturnValue:
        if (tenant := session.get("tenant_id")) is not None:
            for row in rows_of(db.session(), FIND_STEP_TO_DO, _to_do(UUID(tenant), user_task_id)):
                g.step_to_do, g.ward_as_read = row, (row.tenant_id, row.tenant_head)
        answer: ResponseReturnValue = view(user_task_id)
        return answer

    return reading  # type: ignore[return-value]


def find_step_to_do(read: Session, person: CurrentPerson, step_id: UUID) -> StepToDo:
    """The same for whoever sends it, or keeps a draft: three tables instead of fifteen. Raises NotFound."""
    row = g.pop("step_to_do", None)
    if row is None or (row.task_id, row.tenant_id) != (step_id, person.tenant_id):
        row = _only(rows_of(read, FIND_STEP_TO_DO, _to_do(person.tenant_id, step_id)))
    seen = Seen(row, connection_of(read), {(TaskOccurrence, row.id): row_beside(TaskOccurrence, row)})
    case = Instance(
        id=row.id, definition_id=row.definition_id, key=row.key, title=row.title, state=row.state,
        parties=orjson.loads(row.parties), dates=dates_from_json(row.dates), started_at=row.started_at,
        ended_at=row.ended_at, saved_state=row.saved_state,
    )  # fmt: skip
    return StepToDo(**_own(row), case=case, seen=seen)


def _to_do(tenant_id: UUID, step_id: UUID) -> dict[str, Any]:
    return {"task_id": step_id, "tenant": tenant_id, "now": now()}


def _only(rows: list[Any]) -> Any:
    if not rows:
        raise NotFound
    return rows[0]


def _own(row: Any) -> dict[str, Any]:
    return {
        "id": row.task_id, "element_id": row.task_element_id, "name": row.task_name, "form_id": row.task_form_id,
        "desk": row.task_desk, "state": row.task_state, "assignee_id": row.task_assignee_id,
        "created_at": row.task_created_at, "due_at": row.task_due_at, "completed_at": row.task_completed_at,
        "completed_by": row.task_completed_by, "on_behalf_of": row.task_on_behalf_of,
    }  # fmt: skip


def step_of(row: Any) -> StepOfCase:
    """The step in a row of STEPS."""
    last_year = (
        LastYear(row.before_year, row.told_instance_id, row.told_definition_id, row.told_form_id, row.told_data)
        if row.told_data
        else None
    )
    return StepOfCase(
        **_own(row), assignee=row.assignee or "", completer=row.completer or "Hệ thống", case=case_of(row),
        draft=orjson.loads(row.draft_data) if row.draft_data else None, draft_at=row.draft_at, last_year=last_year,
    )  # fmt: skip


def form_of(read: Session, step: Step) -> FormDefinition:
    """The step's form, in the version of its case."""
    return runtime().form(step.case.definition_id, step.form_id, connection_of(read))


def definition_of(read: Session, step: Step) -> Definition:
    """The drawing that its case runs on."""
    return runtime().definition(step.case.definition_id, connection_of(read))
