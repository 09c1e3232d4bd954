"""A case that goes on under a plan in another's place: it has that one's day, focal unit, second lead, coordinators."""

from contextlib import suppress
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Actor, EnginePermission
from engine.commands.operations import CorrectVariable, NoSuchVariable
from engine.commands.parties import ChangeParties
from engine.errors import InstanceNotActive
from engine.models import ProcessInstance
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.difficulties.models import Difficulty
from webapp.plans.changing import cancel_cases_later
from webapp.plans.contributions import ask_coordinators, named_coordinators
from webapp.plans.issuing import in_year, parties_of, second_lead_of
from webapp.plans.models import Contribution, Plan, PlanTask, Stage, TaskOccurrence


def take_over(tx: Transaction, plan: Plan, task: PlanTask, case: TaskOccurrence) -> None:
    """The case belongs to the new task; what its instance has to follow is done by jobs."""
    due = in_year(task.due_on, case.year, tx.calendar) or in_year(plan.report_by, case.last_year, tx.calendar)
    reason = f"Theo {name_of(plan)}"
    _end_gone_contributions(tx, case, task, reason)
    case.plan_id, case.plan_task_id, case.is_due_with_report = plan.id, task.id, task.due_on is None
    tx.session.execute(sa.update(Difficulty).where(Difficulty.occurrence_id == case.id).values(plan_id=plan.id))
    if due is not None and due != case.due_on:
        payload = {"instance_id": str(case.id), "dates": {"deadline": due.isoformat()}, "reason": reason}
        tx.enqueue("engine.move_dates", f"replaced:{plan.id}:{case.id}", payload)
    case.second_lead_unit_id = second_lead_of(task)
    parties = parties_of(tx, plan, case.lead_unit_id, case.second_lead_unit_id)
    instance = tx.session.get(ProcessInstance, case.id)
    if instance is None or parties != orjson.loads(instance.parties):
        units = {"instance_id": case.id, "parties": parties, "reason": reason, "by": tx.actor.id}
        tx.enqueue(CHANGE_UNITS, f"units:{plan.id}:{case.id}", units)
    if case.stage is Stage.EXECUTE:
        ask_coordinators(tx, case)


def _end_gone_contributions(tx: Transaction, case: TaskOccurrence, task: PlanTask, reason: str) -> None:
    """Units that only the plan before named need send nothing any more; whom the lead asked of itself still does."""
    before, now = named_coordinators(tx, case.plan_task_id), named_coordinators(tx, task.id)
    asked = (
        sa.select(Contribution.id)
        .join(ProcessInstance, ProcessInstance.id == Contribution.id)
        .where(
            Contribution.occurrence_id == case.id, Contribution.unit_id.in_(before - now),
            ProcessInstance.ended_at.is_(None),
        )
    )  # fmt: skip
    cancel_cases_later(tx, tx.session.scalars(asked).all(), reason)


def keep_done(tx: Transaction, plan: Plan, task: PlanTask, case: TaskOccurrence) -> None:
    """A case that is done counts for the new plan, and stands in its reports; nothing of it changes."""
    case.plan_id, case.plan_task_id = plan.id, task.id
    tx.session.execute(sa.update(Difficulty).where(Difficulty.occurrence_id == case.id).values(plan_id=plan.id))


def name_of(plan: Plan) -> str:
    """As reasons name it."""
    return f"Kế hoạch số {plan.number}" if plan.number else plan.title


CHANGE_UNITS = "plans.change_units"


@performs(CHANGE_UNITS, "chuyển hồ sơ theo đơn vị của kế hoạch mới")
def change_units(job: JobCall, runtime: Runtime) -> None:
    """Put the plan's units in the place of the case's; one that has ended meanwhile stays as it is."""
    payload = job.payload
    instance_id, parties, reason = UUID(payload["instance_id"]), payload["parties"], payload["reason"]
    by = UUID(payload["by"]) if payload["by"] else None
    actor = Actor(id=by, tenant_id=job.tenant_id, permissions=frozenset({EnginePermission.OPERATE}))
    known = {"self_report": parties["lead"] == parties["focal"], "second_lead": "second_lead" in parties}
    try:
        for name, value in known.items():
            with suppress(NoSuchVariable):
                correct = CorrectVariable(
                    instance_id=instance_id, variable=f"case.{name}", value=value, reason=reason
                )  # fmt: skip
                runtime.execute(correct, actor=actor)
        change = ChangeParties(instance_id=instance_id, parties=parties, reason=reason)
        runtime.execute(change, actor=actor, job_id=job.id)
    except InstanceNotActive:
        return
