"""What is to be mended by a day: the report that is being written is due by then."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from engine.command import Actor
from engine.commands.operations import ChangeDueTime
from engine.errors import Rejected
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.plans.models import Stage

BRING_FORWARD = "cycles.bring_forward"


def bring_forward(tx: Transaction, case_id: UUID, day: date, reason: str, key: str) -> None:
    """Leave it as a job: a command changes one case, and this one is another's."""
    payload = {"case_id": case_id, "until": tx.calendar.end_of(day), "reason": reason}
    tx.enqueue(BRING_FORWARD, f"forward:{key}", payload, instance_id=case_id)


@performs(BRING_FORWARD, "đưa hạn gửi lại vào việc đang làm")
def do_bring_forward(job: JobCall, runtime: Runtime) -> None:
    """A report that is on its way already, or due earlier, stays as it is."""
    until = datetime.fromisoformat(job.payload["until"])
    for step in _reports(runtime, UUID(job.payload["case_id"]), until):
        command = ChangeDueTime(user_task_id=step, due_at=until, reason=job.payload["reason"])
        try:
            runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)
        except Rejected:  # It was sent meanwhile, or the day is over.
            return


def _reports(runtime: Runtime, case_id: UUID, until: datetime) -> list[UUID]:
    """The case's open reports that are due later."""
    query = (
        sa.select(UserTask.id, UserTask.element_id, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.instance_id == case_id, UserTask.state == OPEN_STEP, UserTask.order_at > until)
    )
    with runtime.reading() as connection:
        rows = connection.execute(query).all()
        drawn = [(row.id, runtime.definition(row.definition_id, connection).elements[row.element_id]) for row in rows]
    return [id for id, element in drawn if element.properties.get("stage") == Stage.EXECUTE]
