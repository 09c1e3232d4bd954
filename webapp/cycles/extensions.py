"""More time for one case: what was decided on a request, or that nobody has to decide any more."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Actor, Command, EnginePermission, handles
from engine.commands.instances import MoveDates
from engine.models import ProcessInstance, Submission, UserTask
from engine.records import dates_from_json
from engine.registry import ServiceCall, service
from engine.runtime import Runtime
from engine.text import sentence
from engine.transaction import Transaction
from webapp.cycles.asking import AWAITED
from webapp.cycles.last_days import AWAITED_UNTIL, COMES_FIRST
from webapp.cycles.models import CycleEntry, EntryState, ReportingCycle
from webapp.cycles.send_days import follow_case
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.plans.models import TaskOccurrence
from webapp.plans.progress import SEND_BY

ASKED = "extension_requested"
REVIEWS = ("extension_review", "extension_review_leader")
WITHDRAWN = ("extension_withdrawn", "extension_withdrawn_leader")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnounceExtension(Command):
    """Tell the unit what became of its request for more time; of one that was not decided, its reviewer too."""

    permission = EnginePermission.SYSTEM

    instance_id: UUID
    submission_id: UUID  # what it came of
    title: str
    reason: str
    decided: bool
    by: UUID | None = None  # who said so, and need not hear it
    until: date | None = None  # what was granted
    of_report: bool = False  # until then cycles wait; the task's own day stays


@handles(AnnounceExtension)
def announce_extension(command: AnnounceExtension, tx: Transaction) -> None:
    """Raises NotFound."""
    occurrence = tx.session.get_one(TaskOccurrence, command.instance_id)
    task = tx.session.get_one(ProcessInstance, occurrence.id).title
    if command.until is not None:
        _give_time(tx, occurrence, command.until, of_report=command.of_report)
    people = [*people_at(tx.session, f"head@{occurrence.lead_unit_id}"), occurrence.officer_id]
    if not command.decided:
        people += _reviewers(tx, occurrence.id)
    notice = Notice(
        kind="extension", about=f"extension:{command.submission_id}", title=command.title,
        body=" ".join(map(sentence, filter(None, (task, command.reason)))), path=f"/ho-so/{occurrence.id}",
        instance_id=occurrence.id,
    )  # fmt: skip
    tell(tx, [person for person in dict.fromkeys(people) if person not in (None, command.by)], notice)


def _give_time(tx: Transaction, case: TaskOccurrence, until: date, *, of_report: bool) -> None:
    """What was returned by a day of its own is awaited until then; of the report, what cycles wait for sooner, too."""
    asked = (
        sa.select(CycleEntry)
        .join(ReportingCycle, ReportingCycle.id == CycleEntry.cycle_id)
        .join(TaskOccurrence, TaskOccurrence.id == CycleEntry.occurrence_id)
        .where(CycleEntry.occurrence_id == case.id, CycleEntry.state.in_(AWAITED), until > AWAITED_UNTIL)
    )
    returned = (CycleEntry.state == EntryState.RETURNED) & CycleEntry.answer_by.is_not(None)
    for entry in tx.session.scalars(asked.where(returned | COMES_FIRST if of_report else returned)).all():
        entry.answer_by, entry.day_told_at = until, tx.now
    tx.session.flush()
    follow_case(tx, case)


def _reviewers(tx: Transaction, instance_id: UUID) -> list[UUID]:
    """Who had the request before them."""
    query = (
        sa.select(UserTask.desk, UserTask.assignee_id)
        .where(UserTask.instance_id == instance_id, UserTask.element_id.in_(REVIEWS))
        .order_by(UserTask.created_at.desc())
    )
    review = tx.session.execute(query.limit(1)).one()
    return [review.assignee_id] if review.assignee_id else people_at(tx.session, review.desk)


@service("case.move_deadline")
def move_deadline(call: ServiceCall, runtime: Runtime) -> dict[str, Any]:
    """Granted: deadline, reminders and timers move. Whatever came of the request, those concerned hear of it."""
    last = _last_said(runtime, call.instance_id, ASKED, *REVIEWS, *WITHDRAWN)
    said, actor = orjson.loads(last.data), Actor.system(call.tenant_id)
    reason, granted = str(said.get("reason") or ""), last.element_id in REVIEWS and said.get("decision") == "approve"
    title, why = "Không được gia hạn", f"Lý do: {reason}" if reason else ""
    until: date | None = None
    of_report = False
    if granted:
        asked = orjson.loads(_last_said(runtime, call.instance_id, ASKED).data)
        until = date.fromisoformat(said.get("until") or asked["until"])
        of_report = _is_of_report(runtime, call.instance_id, until)
        title = f"Được gia hạn{' gửi báo cáo kỳ' if of_report else ''} đến hết ngày {until:%d/%m/%Y}"
        dates = {"granted_until": until} if of_report else {"granted_until": until, "deadline": until}
        runtime.execute(MoveDates(instance_id=call.instance_id, dates=dates, reason=reason or "Gia hạn"), actor=actor)
    elif last.element_id in WITHDRAWN:
        title = "Đơn vị đã rút đề nghị gia hạn"
    elif last.element_id == ASKED:  # The report was quicker than the answer.
        title, why = "Đề nghị gia hạn không còn phải xét", "Đơn vị đã gửi báo cáo."
    announce = AnnounceExtension(
        instance_id=call.instance_id,
        submission_id=last.id,
        title=title,
        reason=why,
        decided=last.element_id in REVIEWS,
        by=last.actor_id if last.element_id in WITHDRAWN else None,
        until=until,
        of_report=of_report,
    )
    runtime.execute(announce, actor=actor)
    return {"granted": granted}


def _is_of_report(runtime: Runtime, instance_id: UUID, until: date) -> bool:
    """Whether it is more time for what a cycle awaits before the task's own day, which never comes sooner by that."""
    with runtime.reading() as connection:
        dates = connection.scalar(sa.select(ProcessInstance.dates).where(ProcessInstance.id == instance_id))
    known = dates_from_json(dates or "{}")
    return until <= known["deadline"] if "deadline" in known else SEND_BY in known


def _last_said(runtime: Runtime, instance_id: UUID, *elements: str) -> Any:
    """What was last entered in one of `elements` of an instance, and by whom."""
    query = (
        sa.select(Submission.id, Submission.element_id, Submission.data, Submission.actor_id)
        .where(Submission.instance_id == instance_id, Submission.element_id.in_(elements))
        .order_by(Submission.submitted_at.desc(), Submission.id.desc())
    )
    with runtime.reading() as connection:
        return connection.execute(query.limit(1)).one()
