"""What a leader decides on a task that its unit handed back: the plan's row says it, so it holds in years to come."""

from uuid import UUID

import sqlalchemy as sa

from engine.errors import Kind, Rejected
from engine.facts import MessageSent, UserTaskCompleted
from engine.transaction import Transaction, subscribes
from webapp.organisation.models import Unit
from webapp.plans.issuing import leads_of
from webapp.plans.models import PlanTask, PlanTaskState, TaskOccurrence, UnitPart
from webapp.plans.progress import occurrence_of


class HasItAlready(Rejected):
    kind = Kind.CONFLICT


@subscribes(UserTaskCompleted)
def refuse_who_had_it(completed: UserTaskCompleted, tx: Transaction) -> None:
    """A unit has one case of a task in a year. Raises HasItAlready."""
    answers = tx.answers(completed.submission_id)
    case = occurrence_of(tx) if answers.get("decision") == "other_unit" and answers.get("unit") else None
    if case is None:
        return
    unit = tx.session.get_one(Unit, UUID(str(answers["unit"])))
    given = (TaskOccurrence.plan_task_id == case.plan_task_id) & (TaskOccurrence.year == case.year)
    had = sa.select(TaskOccurrence.id).where(given, TaskOccurrence.first_lead_unit_id == unit.id)
    if tx.session.scalar(had.limit(1)) is not None:
        raise HasItAlready(
            f"{unit.name} đã được giao nhiệm vụ này trong năm {case.year}. "
            "Hãy chọn đơn vị khác, giữ nguyên đơn vị được giao, hoặc hủy nhiệm vụ."
        )


@subscribes(MessageSent)
def follow_decision(sent: MessageSent, tx: Transaction) -> None:
    """Else January would give the task to the unit that handed it back, and begin what was cancelled."""
    case = occurrence_of(tx) if sent.message == "case.released" else None
    if case is None:
        return
    task = tx.session.get_one(PlanTask, case.plan_task_id)
    if sent.payload.get("decision") == "other_unit":
        _give(tx, task, case.lead_unit_id, UUID(str(sent.payload["unit"])))
    elif len(leads_of(task)) > 1:
        task.units[:] = [row for row in task.units if (row.unit_id, row.part) != (case.lead_unit_id, UnitPart.LEAD)]
    else:
        decided = (tx.answers(fact.submission_id) for fact in tx.facts if isinstance(fact, UserTaskCompleted))
        task.state_note = next((str(answers.get("ground") or "") for answers in decided), "")
        task.state = PlanTaskState.CANCELLED


def _give(tx: Transaction, task: PlanTask, old: UUID, new: UUID) -> None:
    """The lead's part goes to a unit, which has none beside it."""
    lead = next((row for row in leads_of(task) if row.unit_id == old), None)
    if lead is None:
        return
    task.units[:] = [row for row in task.units if row.unit_id != new]
    tx.session.flush()
    lead.unit_id = new
