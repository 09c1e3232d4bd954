"""Work that is not finished when its year's last report goes up: it goes on, and the next year's cycles ask for it."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.facts import MessageDelivered, MessageSent, UserTaskCreated
from engine.transaction import Transaction, subscribes
from webapp.cycles.milestones import RECEIVED
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.cycles.newcomers import ask_in_time
from webapp.cycles.records import cycle_of
from webapp.cycles.supplements import outlast
from webapp.plans.issuing import in_year
from webapp.plans.models import Plan, PlanTask, Stage, TaskOccurrence
from webapp.plans.progress import occurrence_of, stage_of


@subscribes(UserTaskCreated)
def go_on_past_the_year(created: UserTaskCreated, tx: Transaction) -> None:
    """The city has the year's last report, which says that the work is not finished."""
    facts = (fact for fact in tx.facts if isinstance(fact, MessageDelivered) and fact.message == RECEIVED)
    received = next(facts, None)
    case = occurrence_of(tx) if received else None
    if received is None or case is None or stage_of(tx, created.element_id) is not Stage.EXECUTE:
        return
    cycle = tx.session.get_one(ReportingCycle, UUID(received.payload["cycle"]))
    if not cycle.is_last_of_year or cycle.year < case.last_year:
        return
    outlast(case, cycle)
    _date_again(tx, case, cycle)
    ask_in_time(tx, case)


@subscribes(MessageSent)
def wait_past_the_year(sent: MessageSent, tx: Transaction) -> None:
    """The city has the year's last report, which says of a task that its document has not come."""
    cycle = cycle_of(tx) if sent.message == RECEIVED else None
    if cycle is None:
        return
    waiting = sa.select(CycleEntry.occurrence_id).where(
        CycleEntry.cycle_id == cycle.id, CycleEntry.state == EntryState.WAITING
    )
    for case in tx.session.scalars(sa.select(TaskOccurrence).where(TaskOccurrence.id.in_(waiting))):
        outlast(case, cycle)


def _date_again(tx: Transaction, case: TaskOccurrence, cycle: ReportingCycle) -> None:
    """What was due with the report is due by the end of the last year that the plan names, else with the next report.

    Who moved its day later gave that more time.
    """
    if not case.is_due_with_report:
        return
    task, plan = tx.session.get_one(PlanTask, case.plan_task_id), tx.session.get_one(Plan, case.plan_id)
    case.is_due_with_report = task.until_year is None
    day = date(task.until_year, 12, 31) if task.until_year else in_year(plan.report_by, case.last_year, tx.calendar)
    if day is None or (case.due_on is not None and case.due_on >= day):
        return
    dates = {"deadline": day.isoformat(), "report_by": day.isoformat()}
    payload = {"instance_id": case.id, "dates": dates, "reason": f"Chưa xong khi báo cáo {cycle.name}"}
    tx.enqueue("engine.move_dates", f"unfinished:{case.id}:{cycle.id}", payload, instance_id=case.id)
