"""An absence is over: what the proxy had taken in the absent person's place goes back to them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import LOCAL
from engine.command import Actor
from engine.commands.operations import ReassignUserTask
from engine.errors import Kind, Rejected, SeparationOfDuties
from engine.models import OPEN_STEP, UserTask
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction, subscribes
from webapp.cases.models import StoodIn
from webapp.organisation.desks import works_at
from webapp.organisation.facts import AbsenceEnded, AbsenceEntered
from webapp.organisation.models import Absence

GIVE_BACK = "absences.give_back"
OVER = "Hết thời gian làm thay"


@subscribes(AbsenceEntered)
def give_back_when_over(entered: AbsenceEntered, tx: Transaction) -> None:
    """The morning after the last day away, unless it was ended before."""
    morning = datetime.combine(date.fromisoformat(entered.to_day) + timedelta(days=1), datetime.min.time(), LOCAL)
    payload = {"absence_id": entered.absence_id}
    tx.enqueue(GIVE_BACK, f"{GIVE_BACK}:{entered.absence_id}", payload, run_at=morning)


@subscribes(AbsenceEnded)
def give_back_at_once(ended: AbsenceEnded, tx: Transaction) -> None:
    """Somebody is back before their time."""
    tx.enqueue(GIVE_BACK, f"{GIVE_BACK}:{ended.absence_id}:ended", {"absence_id": ended.absence_id})


@performs(GIVE_BACK, "trả việc làm thay")
def give_back(job: JobCall, runtime: Runtime) -> None:
    """Each step is a command of its own: whoever takes the job over goes on where this one stopped."""
    with runtime.reading() as connection:
        absence = connection.execute(
            sa.select(_absences).where(_absences.c.id == UUID(job.payload["absence_id"]))
        ).one()
        steps = list(_taken(connection, absence))
    for step_id, owner_id in steps:
        _give_to(runtime, job.tenant_id, step_id, owner_id)


_absences: Any = Absence.__table__


def _taken(connection: sa.Connection, absence: Any) -> Iterator[tuple[UUID, UUID | None]]:
    """The open steps that the proxy took in the absence, and to whom they go; None for their desk."""
    taken = (
        sa.select(UserTask.id, UserTask.desk)
        .join(StoodIn, (StoodIn.instance_id == UserTask.instance_id) & (StoodIn.user_task_id == UserTask.id))
        .where(
            UserTask.tenant_id == absence.tenant_id, UserTask.assignee_id == absence.proxy_id,
            UserTask.state == OPEN_STEP, StoodIn.absent_id == absence.person_id, StoodIn.at >= absence.created_at,
        )
        .distinct()
    )  # fmt: skip
    for step_id, desk in connection.execute(taken).all():
        yield step_id, absence.person_id if works_at(connection, absence.person_id, desk) else None


def _give_to(runtime: Runtime, tenant_id: UUID, step_id: UUID, owner_id: UUID | None) -> None:
    command = ReassignUserTask(user_task_id=step_id, assignee_id=owner_id, reason=OVER)
    try:
        runtime.execute(command, actor=Actor.system(tenant_id))
    except SeparationOfDuties:  # They may not do it themselves: somebody else of the desk.
        _give_to(runtime, tenant_id, step_id, None)
    except Rejected as refusal:
        if refusal.kind is not Kind.CONFLICT:
            raise  # Else somebody did the step meanwhile.
