"""What the coordinating units of a task have contributed, and who is absent."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Submission
from webapp.cases.queries import TaskCard
from webapp.organisation.models import Unit
from webapp.plans.contributions import MISSED
from webapp.plans.models import Contribution, PlanTaskUnit, UnitPart

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

    @property
    def is_missed(self) -> bool:
        """Whether nothing will come any more."""
        return self.answered_at is None and self.outcome == MISSED

    @property
    def words(self) -> str:
        """Where it stands."""
        if self.is_missed:
            return "Vắng: chủ trì đã báo cáo trước"
        if self.answered_at is None:
            return "Chưa gửi" if self.instance_id else "Chưa hỏi"
        return OUTCOMES.get(self.outcome or "", "Đã gửi")


_unit: Any = Unit.__table__
_named: Any = PlanTaskUnit.__table__
_asked: Any = Contribution.__table__
_sent: Any = Submission.__table__

COORDINATIONS = (
    sa.select(
        _unit.c.name, _asked.c.id, _asked.c.due_on, _asked.c.answered_at, _asked.c.outcome, _sent.c.data,
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
    .where(_unit.c.tenant_id == sa.bindparam("tenant_id"), _asked.c.id.is_not(None) | _named.c.id.is_not(None))
    .order_by(_unit.c.position, _unit.c.name)
)  # fmt: skip


def coordinations(read: Session, tenant_id: UUID, task: TaskCard) -> list[Coordination]:
    """The units that the plan names, and those that were asked by hand."""
    values = {"tenant_id": tenant_id, "occurrence_id": task.occurrence_id, "plan_task_id": task.plan_task_id}
    return [
        Coordination(r.name, r.id, r.due_on, r.answered_at, r.outcome, _text(r.data))
        for r in read.execute(COORDINATIONS, values)
    ]


def _text(data: str | None) -> str:
    answers = orjson.loads(data) if data else {}
    return str(answers.get("result") or answers.get("reason") or "")
