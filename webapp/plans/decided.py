"""What a leader decides on a task that its unit handed back holds in the years to come: the plan's row says it."""

from uuid import UUID

from engine.facts import MessageSent, UserTaskCompleted
from engine.transaction import Transaction, subscribes
from webapp.plans.issuing import leads_of
from webapp.plans.models import PlanTask, PlanTaskState, UnitPart
from webapp.plans.progress import occurrence_of


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
