"""What the coordinating units of a task have contributed, and who is absent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.models import MessageSubscription, ProcessInstance, Submission
from webapp.cases.access import seen_among
from webapp.cases.queries import TaskCard
from webapp.database import rows_of
from webapp.identity import signed_in_person
from webapp.organisation.models import Role, Unit
from webapp.plans.contributions import MISSED, RETURNED
from webapp.plans.linking import last_of
from webapp.plans.models import Contribution, PlanTaskUnit, UnitPart
from webapp.runtime import now

OUTCOMES = {
    "result": "Đã gửi kết quả",
    "nothing_arose": "Không phát sinh",
    "not_our_duty": "Trả lời: không thuộc nhiệm vụ của đơn vị",
}


@dataclass(frozen=True, slots=True)
class Coordination:
    """A coordinating unit, what it owes to a case, and whether it came."""

    unit: str
    instance_id: UUID | None  # of its contribution; None while it has not been asked
    due_on: date | None
    answered_at: datetime | None
    outcome: str | None
    text: str  # its result, or why it has none
    returned_at: datetime | None = None
    reminded_at: datetime | None = None
    leads: bool = False  # whoever looks at it acts for the unit that leads the case
    has_ended: bool = False  # nothing more comes: the lead has reported, or it was cancelled
    files: int = 0  # sent as evidence
    returned_by: str = ""  # the element whose message sends its answer back, once
    may_open: bool = False  # whoever looks at it may see the contribution's own page
    was_reminded_today: bool = False  # which is enough for a day

    @property
    def is_missed(self) -> bool:
        """Whether nothing will come any more."""
        return self.answered_at is None and (self.outcome == MISSED or self.has_ended)

    @property
    def is_being_mended(self) -> bool:
        """Whether the lead has sent its answer back and waits for another."""
        return self.is_returned and not self.has_ended

    @property
    def is_returned(self) -> bool:
        """Whether the lead has sent its answer back and no other has come."""
        return self.answered_at is not None and self.returned_at is not None and self.returned_at > self.answered_at

    @property
    def is_awaited(self) -> bool:
        """Whether the one who looks at it waits for it."""
        return self.leads and self.instance_id is not None and self.answered_at is None and not self.is_missed

    @property
    def words(self) -> str:
        """Where it stands."""
        if self.is_missed:
            return "Vắng: chủ trì đã báo cáo trước" if self.outcome == MISSED else "Đã hủy"
        if self.answered_at is None:
            return "Chưa gửi" if self.instance_id else "Chưa hỏi"
        if self.is_being_mended:
            return "Đang bổ sung"
        words = OUTCOMES.get(self.outcome or "", "Đã gửi")
        return f"{words}, chưa bổ sung" if self.is_returned else words


_unit: Any = Unit.__table__
_named: Any = PlanTaskUnit.__table__
_asked: Any = Contribution.__table__
_sent: Any = Submission.__table__
_wait: Any = MessageSubscription.__table__
_run: Any = ProcessInstance.__table__

COORDINATIONS = (
    sa.select(
        _unit.c.name, _asked.c.id, _asked.c.due_on, _asked.c.answered_at, _asked.c.outcome, _sent.c.data,
        _asked.c.returned_at, _asked.c.reminded_at, _asked.c.asked_at, _run.c.ended_at,
        _wait.c.element_id.label("wait"),
    )
    .select_from(_unit)
    .outerjoin(_asked, (_asked.c.unit_id == _unit.c.id) & (_asked.c.occurrence_id == sa.bindparam("occurrence_id")))
    .outerjoin(
        _named,
        (_named.c.unit_id == _unit.c.id)
        & (_named.c.plan_task_id == sa.bindparam("plan_task_id"))
        & (_named.c.part == UnitPart.COORDINATOR),
    )
    .outerjoin(_sent, _sent.c.id == _asked.c.submission_id)
    .outerjoin(_run, _run.c.id == _asked.c.id)
    .outerjoin(_wait, (_wait.c.instance_id == _asked.c.id) & (_wait.c.message == RETURNED))
    .where(_unit.c.tenant_id == sa.bindparam("tenant_id"), _asked.c.id.is_not(None) | _named.c.id.is_not(None))
    .order_by(_unit.c.position, _unit.c.name)
)  # fmt: skip


def coordinations(read: Session, tenant_id: UUID, task: TaskCard) -> list[Coordination]:
    """The units that the plan names, and those that were asked by hand; a closed case had what one that goes on has."""
    holder = last_of(read, task.occurrence_id) if task.ended_on else task.occurrence_id
    values = {"tenant_id": tenant_id, "occurrence_id": holder, "plan_task_id": task.plan_task_id}
    desks = signed_in_person().desks
    leads = any(f"{role}@{task.lead_unit_id}" in desks for role in (Role.HEAD, Role.STAFF))
    rows, today = rows_of(read, COORDINATIONS, values), local_date(now())
    seen = seen_among(read, signed_in_person(), [r.id for r in rows if r.id])
    return [
        Coordination(
            r.name, r.id, r.due_on, r.answered_at, r.outcome, _text(r.data), r.returned_at, r.reminded_at, leads,
            has_ended=r.ended_at is not None, files=_files(r.data), returned_by=(r.wait or "") if leads else "",
            may_open=r.id in seen, was_reminded_today=bool(r.reminded_at) and local_date(r.reminded_at) == today,
        )
        for r in rows
        if r.asked_at is None or task.ended_on is None or local_date(r.asked_at) <= task.ended_on
    ]  # fmt: skip


def _text(data: str | None) -> str:
    answers = orjson.loads(data) if data else {}
    return str(answers.get("result") or answers.get("reason") or "")


def _files(data: str | None) -> int:
    return len(orjson.loads(data).get("evidence") or ()) if data else 0
