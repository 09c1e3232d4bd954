"""Contributions: what coordinating units owe to a case, asked, answered, or missed."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import due_day, local_date
from engine.facts import MessageDelivered, MessageSent, UserTaskCompleted, UserTaskCreated
from engine.ids import uuid7
from engine.text import sentence
from engine.transaction import Transaction, subscribes
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import officer_or_heads
from webapp.organisation.successions import as_now, heirs_of
from webapp.plans.issuing import CONTRIBUTION, parties_of, start_instance_later
from webapp.plans.models import Contribution, Plan, PlanTask, PlanTaskUnit, TaskOccurrence, UnitPart

MISSED = "missed"
"""The outcome of a contribution that the lead's report did not wait for."""
RETURNED = "contribution.returned"
"""The message with which the lead sends an answer back."""


def named_coordinators(tx: Transaction, task_id: UUID) -> set[UUID]:
    """The units that the plan names to coordinate on a task."""
    named = PlanTaskUnit.plan_task_id == task_id, PlanTaskUnit.part == UnitPart.COORDINATOR
    return set(tx.session.scalars(sa.select(PlanTaskUnit.unit_id).where(*named)))


def ask_coordinators(tx: Transaction, occurrence: TaskOccurrence, payload: dict[str, Any] | None = None) -> None:
    """Ask each named coordinating unit once, also under a new name; a vague group is never expanded by itself."""
    asked = set(tx.session.scalars(sa.select(Contribution.unit_id).where(Contribution.occurrence_id == occurrence.id)))
    named, heirs = named_coordinators(tx, occurrence.plan_task_id), heirs_of(tx.session, asked)
    known = {now for unit in asked for now in as_now(unit, named, heirs)}
    for unit_id in sorted(named - known - {occurrence.lead_unit_id}):
        ask_contribution(tx, occurrence, unit_id)


def ask_contribution(tx: Transaction, occurrence: TaskOccurrence, unit_id: UUID) -> Contribution:
    """Ask one unit for its contribution to a case."""
    row = Contribution(
        id=uuid7(), tenant_id=tx.tenant_id, occurrence_id=occurrence.id, unit_id=unit_id, asked_at=tx.now,
        due_on=occurrence.due_on,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    plan = tx.session.get_one(Plan, occurrence.plan_id)
    task = tx.session.get_one(PlanTask, occurrence.plan_task_id)
    parties = {**parties_of(tx, plan, occurrence.lead_unit_id), "coordinator": str(unit_id)}
    start_instance_later(
        tx, CONTRIBUTION, row.id, f"contribution:{occurrence.id}:{unit_id}", title=f"Phối hợp: {task.content}",
        message="contribution.requested", parties=parties, dates={"deadline": occurrence.due_on}, data={},
    )  # fmt: skip
    return row


def _contribution(tx: Transaction) -> Contribution | None:
    """The contribution of the command's instance, if it is one."""
    if tx.instance is None or tx.instance.key != CONTRIBUTION:
        return None
    return tx.session.get(Contribution, tx.instance.id)


@subscribes(UserTaskCreated)
def follow_step(created: UserTaskCreated, tx: Transaction) -> None:
    """The drawing says by when a contribution is due."""
    contribution = _contribution(tx)
    if contribution is not None and created.due_at is not None:
        contribution.due_on = due_day(created.due_at)


@subscribes(UserTaskCompleted)
def follow_answer(completed: UserTaskCompleted, tx: Transaction) -> None:
    """A coordinating unit has answered."""
    contribution = _contribution(tx)
    if contribution is not None:
        if contribution.answered_at is None and contribution.due_on is not None:
            contribution.was_late = local_date(tx.now) > contribution.due_on
        contribution.answered_at = tx.now
        contribution.outcome = tx.answers(completed.submission_id).get("answer")
        contribution.submission_id = completed.submission_id
        _tell_lead(tx, contribution)


def _tell_lead(tx: Transaction, contribution: Contribution) -> None:
    """Whoever executes the case, else the lead's head, sees it arrive."""
    case = tx.session.get_one(TaskOccurrence, contribution.occurrence_id)
    notice = Notice(
        kind="contributed", about=f"contributed:{contribution.submission_id}", title="Có kết quả phối hợp",
        body=f"{contribution.unit.name}: {sentence(tx.session.get_one(PlanTask, case.plan_task_id).content)}",
        path=f"/ho-so/{case.id}", instance_id=case.id,
    )  # fmt: skip
    tell(tx, officer_or_heads(tx.session, case.officer_id, case.lead_unit_id), notice)


@subscribes(MessageDelivered)
def follow_return(delivered: MessageDelivered, tx: Transaction) -> None:
    """The lead has sent it back."""
    contribution = _contribution(tx)
    if contribution is not None and delivered.message == RETURNED:
        contribution.returned_at = tx.now


@subscribes(MessageSent)
def follow_absence(sent: MessageSent, tx: Transaction) -> None:
    """The lead reported first: the absence is recorded as absence."""
    contribution = _contribution(tx)
    if contribution is not None and sent.message == "contribution.missed":
        contribution.outcome = MISSED
