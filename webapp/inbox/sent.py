"""What is said to whoever has just sent a step: what they decided, and with whom the case is now."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTask
from forms.definition import FormDefinition
from webapp.cases.history import unit_names
from webapp.cases.submissions import decision_label
from webapp.database import rows_of
from webapp.identity import desk_name
from webapp.inbox.steps import Step
from webapp.organisation.models import Person

_done: Any = UserTask.__table__.alias("done")
_next: Any = UserTask.__table__
CAME_OF = (
    sa.select(_next.c.name, _next.c.desk, _next.c.tenant_id, Person.name.label("holder"))
    .join(_done, (_done.c.instance_id == _next.c.instance_id) & (_done.c.completed_at == _next.c.created_at))
    .outerjoin(Person, Person.id == _next.c.assignee_id)
    .where(_done.c.id == sa.bindparam("step_id"))
    .order_by(_next.c.id)
)


def said_of_sending(read: Session, step: Step, form: FormDefinition, answers: Mapping[str, Any]) -> str:
    """What was decided, and to whom it goes on; of a step that decides nothing, that it is sent."""
    decided = decision_label(form, answers)
    return f"“{step.name}”: đã ghi “{decided}”.{where_next(read, step.id)}" if decided else f"Đã gửi “{step.name}”."


def where_next(read: Session, step_id: UUID) -> str:
    """ " Chuyển đến Trần Văn An: “Thực hiện”."; nothing where nobody has to do anything at once."""
    came = rows_of(read, CAME_OF, {"step_id": step_id})
    units = unit_names(read, came[0].tenant_id) if came else {}
    found = [f"{one.holder or desk_name(one.desk, units)}: “{one.name}”" for one in came]
    return f" Chuyển đến {'; '.join(found)}." if found else ""
