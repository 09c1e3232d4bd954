"""How a case stands, as its rows tell it: follows what the engine does to lifecycle instances.

The drawing says which stage an element belongs to (`stage`), and which step's submission is the unit's report
(`records` = "report"); the names of messages are the contract between the procedures.
"""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.commands.messages import Unawaited, send
from engine.facts import (
    DatesChanged,
    InstanceEnded,
    MessageDelivered,
    MessageSent,
    SubscriptionOpened,
    UserTaskAssigned,
    UserTaskClaimed,
    UserTaskCompleted,
    UserTaskCreated,
)
from engine.ids import uuid7
from engine.models import InstanceState, MessageSubscription, ProcessInstance
from engine.records import dates_from_json
from engine.transaction import Transaction, subscribes
from webapp.difficulties.following import raise_difficulty
from webapp.difficulties.models import Difficulty
from webapp.indicators.recording import take_values
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Committee, Unit
from webapp.organisation.successions import in_its_place
from webapp.plans.contributions import ask_coordinators
from webapp.plans.issuing import DIFFICULTY, LIFECYCLE, start_instance_later, start_occurrence
from webapp.plans.models import (
    Contribution,
    OccurrenceState,
    Plan,
    PlanTask,
    Stage,
    TaskOccurrence,
)
from webapp.plans.telling import tell_of_release

WAITING_STATES = {
    Stage.ASSIGN: OccurrenceState.AWAITING_CONDITION,
    Stage.CONSOLIDATION: OccurrenceState.AWAITING_CONSOLIDATION,
    Stage.APPROVAL: OccurrenceState.AWAITING_SIGNATURE,
    Stage.SUBMIT: OccurrenceState.SIGNED,
}
"""What a case that waits for a message in a stage is called."""

STEP_STATES = {
    Stage.ASSIGN: OccurrenceState.NOT_ACCEPTED,
    Stage.EXECUTE: OccurrenceState.IN_PROGRESS,
    Stage.UNIT_REPORT: OccurrenceState.IN_PROGRESS,
    Stage.CONSOLIDATION: OccurrenceState.AWAITING_CHECK,
}
"""What a case at a person's step in a stage is called."""


WITHDRAWN = "extension.withdrawn"
"""A request for more time is no longer to be looked at."""
REPORT_ASKED = "report.asked"
SEND_BY = "send_by"
"""The date of a case by which a cycle waits for its report; the drawing's due times name it."""
GOING_ON = ("report.received", REPORT_ASKED)
"""Messages after which a case that is in progress is worked on and reported anew."""


def occurrence_of(tx: Transaction) -> TaskOccurrence | None:
    """The case of the command's instance, if it is one."""
    if tx.instance is None or tx.instance.key != LIFECYCLE:
        return None
    return tx.hold(TaskOccurrence, tx.instance.id)


def property_of(tx: Transaction, element_id: str, name: str) -> str | None:
    """A property that the drawing gives an element."""
    return tx.definition.elements[element_id].properties.get(name)


def stage_of(tx: Transaction, element_id: str) -> Stage | None:
    """The stage that the drawing puts an element in; None for steps beside the main way."""
    name = property_of(tx, element_id, "stage")
    return Stage(name) if name else None


@subscribes(UserTaskCreated)
def follow_step(created: UserTaskCreated, tx: Transaction) -> None:
    """A step has been reached: the case is in its stage."""
    occurrence = occurrence_of(tx)
    stage = stage_of(tx, created.element_id) if occurrence else None
    if occurrence is None or stage is None:
        return
    if stage is Stage.EXECUTE and goes_on(tx):
        _begin_round(occurrence)
    occurrence.stage, occurrence.state = stage, STEP_STATES[stage]
    if stage is Stage.EXECUTE:
        occurrence.officer_id = created.assignee_id or occurrence.officer_id
        if occurrence.first_reported_at is not None:
            occurrence.state = OccurrenceState.NEEDS_REWORK
            occurrence.returned_count += 1


def goes_on(tx: Transaction) -> bool:
    """Whether the case's cycle has told it to go on, or another one asks for a report: nothing was returned."""
    return any(isinstance(fact, MessageDelivered) and fact.message in GOING_ON for fact in tx.facts)


def _begin_round(occurrence: TaskOccurrence) -> None:
    """A case that goes on after a cycle is reported anew: going on is not a return."""
    occurrence.first_reported_at = occurrence.completed_on = occurrence.report_submission_id = None
    occurrence.nothing_arose = False


@subscribes(SubscriptionOpened)
def follow_wait(opened: SubscriptionOpened, tx: Transaction) -> None:
    """The case waits for its cycle, or for a document."""
    occurrence = occurrence_of(tx)
    stage = stage_of(tx, opened.element_id) if occurrence else None
    if occurrence is not None and stage is not None:
        occurrence.stage, occurrence.state = stage, WAITING_STATES[stage]


@subscribes(UserTaskClaimed, UserTaskAssigned)
def follow_officer(given: UserTaskClaimed | UserTaskAssigned, tx: Transaction) -> None:
    """Whoever has the execution in hand is the case's officer."""
    occurrence = occurrence_of(tx)
    if occurrence is not None and occurrence.stage is Stage.EXECUTE:
        occurrence.officer_id = given.assignee_id


@subscribes(UserTaskCompleted)
def follow_report(completed: UserTaskCompleted, tx: Transaction) -> None:
    """The unit's report: which submission it is, and when the work itself was done."""
    occurrence = occurrence_of(tx)
    if occurrence is None or property_of(tx, completed.element_id, "records") != "report":
        return
    if occurrence.officer_id is None and not tx.on_behalf_of:
        occurrence.officer_id = tx.actor.id  # Sent without having been taken.
    answers = tx.answers(completed.submission_id)
    take_values(tx, occurrence, completed.submission_id, answers, replaced=occurrence.report_submission_id)
    occurrence.report_submission_id = completed.submission_id
    occurrence.nothing_arose = bool(answers.get("nothing_arose"))
    done_on = answers.get("completed_on")
    occurrence.completed_on = date.fromisoformat(done_on) if done_on else None


@subscribes(DatesChanged)
def follow_dates(changed: DatesChanged, tx: Transaction) -> None:
    """The case's own deadline has moved, or the day by which a cycle waits for its report."""
    occurrence = occurrence_of(tx)
    if occurrence is not None:
        dates = dates_from_json(changed.dates)
        if occurrence.round == 1:  # That of a linked case is not the task's day.
            occurrence.due_on = dates.get("deadline", occurrence.due_on)
        occurrence.send_by = dates.get(SEND_BY)


@subscribes(InstanceEnded)
def follow_end(ended: InstanceEnded, tx: Transaction) -> None:
    """A case that ended otherwise than by its own closing was cancelled."""
    occurrence = occurrence_of(tx)
    if occurrence is None:
        return
    occurrence.ended_at, occurrence.ended_on, occurrence.send_by = tx.now, local_date(tx.now), None
    if ended.outcome == InstanceState.CANCELLED:
        occurrence.state = OccurrenceState.CANCELLED


@subscribes(MessageSent)
def follow_message(sent: MessageSent, tx: Transaction) -> None:
    """What a case sends to the rest of the ward."""
    occurrence = occurrence_of(tx)
    if occurrence is not None and sent.message in MESSAGES:
        MESSAGES[sent.message](tx, occurrence, sent.payload)


def _report_sent(tx: Transaction, occurrence: TaskOccurrence, payload: dict[str, Any]) -> None:
    """Second clock: when a complete report was first sent. With it end contributions, whether they came or not, and
    what was asked for to have more time for it.
    """
    if occurrence.first_reported_at is None:
        occurrence.first_reported_at = tx.now
    going_on = (
        sa.select(Contribution.id)
        .outerjoin(ProcessInstance, ProcessInstance.id == Contribution.id)
        .where(Contribution.occurrence_id == occurrence.id, ProcessInstance.ended_at.is_(None))
    )
    for contribution_id in tx.session.scalars(going_on):
        send(tx, contribution_id, "report.sent", {}, key=f"report.sent:{contribution_id}:{tx.now.isoformat()}")
    asking = (MessageSubscription.instance_id == occurrence.id) & (MessageSubscription.message == WITHDRAWN)
    if tx.session.scalar(sa.select(MessageSubscription.id).where(asking)) is not None:
        key = f"{WITHDRAWN}:{occurrence.id}:{tx.now.isoformat()}"
        send(tx, occurrence.id, WITHDRAWN, {}, key=key, unawaited=Unawaited.IGNORE)


def _closed(tx: Transaction, occurrence: TaskOccurrence, payload: dict[str, Any]) -> None:
    """With what it was reported; or not done, where the next year's case goes on with the work."""
    goes_on = payload.get("outcome") == "in_progress"
    done = OccurrenceState.CARRIED_OVER if goes_on else OccurrenceState.DONE
    occurrence.state = OccurrenceState.NOTHING_AROSE if occurrence.nothing_arose else done


def _released(tx: Transaction, occurrence: TaskOccurrence, payload: dict[str, Any]) -> None:
    """A leader decided on a row handed back: another unit gets a case of its own, or the task is cancelled."""
    occurrence.state = OccurrenceState.CANCELLED
    what = "hủy nhiệm vụ"
    if payload.get("decision") == "other_unit" and payload.get("unit"):
        plan = tx.session.get_one(Plan, occurrence.plan_id)
        task = tx.session.get_one(PlanTask, occurrence.plan_task_id)
        unit = tx.session.get_one(Unit, UUID(str(payload["unit"])))
        start_occurrence(tx, plan, task, occurrence.year, unit.id)
        what = f"giao {unit.name}"
    decided = (tx.answers(fact.submission_id) for fact in tx.facts if isinstance(fact, UserTaskCompleted))
    tell_of_release(tx, occurrence, what, next((str(answers.get("ground") or "") for answers in decided), ""))


def _difficulty_opened(tx: Transaction, occurrence: TaskOccurrence, payload: dict[str, Any]) -> None:
    """A difficulty travels on its own; nothing waits for it."""
    assert tx.instance is not None
    committee = tx.session.get_one(Committee, tx.tenant_id)
    difficulty_id = uuid7()
    title = tx.session.scalar(sa.select(ProcessInstance.title).where(ProcessInstance.id == occurrence.id)) or ""
    start_instance_later(
        tx, DIFFICULTY, difficulty_id, f"difficulty:{occurrence.id}:{difficulty_id}",
        title=f"Khó khăn, vướng mắc: {title}",
        message="difficulty.opened", parties={**tx.instance.parties, "committee": str(committee.committee_unit_id)},
        dates={}, data={"case": {"id": str(occurrence.id), "title": title}, **payload},
    )  # fmt: skip
    raise_difficulty(tx, difficulty_id, occurrence, payload)


@subscribes(MessageSent)
def follow_difficulty(sent: MessageSent, tx: Transaction) -> None:
    """The answer to a difficulty comes back to those who raised it."""
    if tx.instance is None or tx.instance.key != DIFFICULTY or sent.message != "difficulty.answered":
        return
    raised = tx.session.get(Difficulty, tx.instance.id)
    if raised is None:
        return
    occurrence = tx.session.get_one(TaskOccurrence, raised.occurrence_id)
    unit_id = in_its_place(tx.session, occurrence.lead_unit_id)  # The case may have ended before the unit was renamed.
    people = [*people_at(tx.session, f"head@{unit_id}"), *filter(None, (occurrence.officer_id, raised.raised_by))]
    notice = Notice(
        kind="answered", about=f"answered:{tx.instance.id}", title="Đã có trả lời khó khăn, vướng mắc",
        body=tx.instance.title, path=f"/ho-so/{tx.instance.id}", instance_id=tx.instance.id,
    )  # fmt: skip
    tell(tx, dict.fromkeys(people), notice)


MESSAGES = {
    "contribution.requested": ask_coordinators,
    "report.sent": _report_sent,
    "case.closed": _closed,
    "case.released": _released,
    "difficulty.opened": _difficulty_opened,
}
