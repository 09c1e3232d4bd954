"""Linked cases: what was closed and is asked for a report once more goes on as a case of its own."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.difficulties.models import Difficulty
from webapp.documents.carrying import carry_files
from webapp.organisation.successions import as_now, heirs_of, in_its_place
from webapp.plans.issuing import LIFECYCLE, case_data, leads_of, parties_of, start_instance_later
from webapp.plans.models import Contribution, OccurrenceState, Plan, PlanTask, Stage, TaskOccurrence

KNOWN = (
    "tenant_id", "plan_id", "plan_task_id", "year", "last_year", "first_lead_unit_id", "due_on", "is_due_with_report",
    "officer_id", "completed_on", "first_reported_at", "report_submission_id", "nothing_arose", "returned_count",
)  # fmt: skip
"""What a linked case has from the closed one; so its two clocks and its own last day stay what they were."""


def link_case(tx: Transaction, closed: TaskOccurrence, answer_by: date | None) -> TaskOccurrence:
    """Begin the case that reports anew, by `answer_by`, for one that was closed; what hangs on that one goes along."""
    lead = _lead_by_now(tx, closed)
    second = in_its_place(tx.session, closed.second_lead_unit_id) if closed.second_lead_unit_id else None
    linked = TaskOccurrence(
        id=uuid7(), lead_unit_id=lead, second_lead_unit_id=second if second != lead else None, round=closed.round + 1,
        state=OccurrenceState.NEEDS_REWORK, stage=Stage.EXECUTE, **{name: getattr(closed, name) for name in KNOWN},
    )  # fmt: skip
    tx.session.add(linked)
    tx.session.flush()
    closed.continued_by_id = linked.id
    for table in (Contribution, Difficulty):
        tx.session.execute(sa.update(table).where(table.occurrence_id == closed.id).values(occurrence_id=linked.id))
    if closed.report_submission_id is not None:
        carry_files(tx, closed.report_submission_id, linked.id)
    _start(tx, closed, linked, answer_by or closed.due_on)
    return linked


def _lead_by_now(tx: Transaction, closed: TaskOccurrence) -> UUID:
    """Who has the unit's place; of several the one that leads the task."""
    leads = frozenset(lead.unit_id for lead in leads_of(tx.session.get_one(PlanTask, closed.plan_task_id)))
    heirs = as_now(closed.lead_unit_id, leads, heirs_of(tx.session, [closed.lead_unit_id]))
    main = in_its_place(tx.session, closed.lead_unit_id)
    return main if main in heirs else min(heirs, default=main)


def last_of(read: Session, case_id: UUID) -> UUID:
    """The case that goes on from a closed one, or from that; a case from which none goes on is its own."""
    after = read.scalar(sa.select(TaskOccurrence.continued_by_id).where(TaskOccurrence.id == case_id))
    return last_of(read, after) if after else case_id


def _start(tx: Transaction, closed: TaskOccurrence, linked: TaskOccurrence, day: date | None) -> None:
    """At the unit's report, with whoever reported before."""
    plan, task = tx.session.get_one(Plan, linked.plan_id), tx.session.get_one(PlanTask, linked.plan_task_id)
    parties = parties_of(tx, plan, linked.lead_unit_id, linked.second_lead_unit_id)
    start_instance_later(
        tx, LIFECYCLE, linked.id, f"case:{task.id}:{linked.year}:{linked.first_lead_unit_id}:{linked.round}",
        title=task.content, message="task.issued", parties=parties, dates={"deadline": day, "report_by": day},
        data={"case": case_data(parties, task, linked, closed) | {"blocked": False, "carry_over": True}},
    )  # fmt: skip
