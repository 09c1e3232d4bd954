"""What is to be mended by a day: each step of the unit on the way to its report is due by then."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Actor
from engine.commands.operations import ChangeDueTime
from engine.errors import Rejected
from engine.facts import UserTaskCreated
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction, subscribes
from webapp.cycles.models import CycleEntry, EntryState
from webapp.plans.models import Stage
from webapp.plans.progress import occurrence_of, stage_of

BRING_FORWARD = "cycles.bring_forward"
OF_THE_UNIT = (Stage.EXECUTE, Stage.UNIT_REPORT)


def bring_forward(tx: Transaction, case_id: UUID, day: date, reason: str, key: str) -> None:
    """Leave it as a job: a command changes one case, and this one is another's."""
    payload = {"case_id": case_id, "until": tx.calendar.end_of(day), "reason": reason}
    tx.enqueue(BRING_FORWARD, f"forward:{key}", payload, instance_id=case_id)


@subscribes(UserTaskCreated)
def keep_day(created: UserTaskCreated, tx: Transaction) -> None:
    """The head's step, or the report once more: its drawing knows nothing of a day that was named since."""
    occurrence = occurrence_of(tx)
    if occurrence is None or not occurrence.has_answer_day or stage_of(tx, created.element_id) not in OF_THE_UNIT:
        return
    entry = tx.session.scalar(
        sa.select(CycleEntry)
        .where(
            CycleEntry.occurrence_id == occurrence.id, CycleEntry.state == EntryState.RETURNED,
            CycleEntry.answer_by >= local_date(tx.now),
        )
        .order_by(CycleEntry.answer_by)
        .limit(1)
    )  # fmt: skip
    if entry is None or entry.answer_by is None:
        return
    if created.due_at is None or created.due_at > tx.calendar.end_of(entry.answer_by):
        reason = entry.return_reason or ""
        bring_forward(tx, occurrence.id, entry.answer_by, reason, f"{created.user_task_id}")


@performs(BRING_FORWARD, "đưa hạn gửi lại vào việc đang làm")
def do_bring_forward(job: JobCall, runtime: Runtime) -> None:
    """What is due earlier stays as it is."""
    until = datetime.fromisoformat(job.payload["until"])
    for step in _steps(runtime, UUID(job.payload["case_id"]), until):
        command = ChangeDueTime(user_task_id=step, due_at=until, reason=job.payload["reason"])
        try:
            runtime.execute(command, actor=Actor.system(job.tenant_id), job_id=job.id)
        except Rejected:  # It was sent meanwhile, or the day is over.
            return


def _steps(runtime: Runtime, case_id: UUID, until: datetime) -> list[UUID]:
    """The unit's open steps that are due later."""
    query = (
        sa.select(UserTask.id, UserTask.element_id, ProcessInstance.definition_id)
        .join(ProcessInstance, ProcessInstance.id == UserTask.instance_id)
        .where(UserTask.instance_id == case_id, UserTask.state == OPEN_STEP, UserTask.order_at > until)
    )
    with runtime.reading() as connection:
        rows = connection.execute(query).all()
        drawn = [(row.id, runtime.definition(row.definition_id, connection).elements[row.element_id]) for row in rows]
    return [id for id, element in drawn if element.properties.get("stage") in OF_THE_UNIT]
