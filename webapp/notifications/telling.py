"""Telling people: what the engine does becomes a notification, and the notifications of a minute one mail."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar, due_day, local_date
from engine.database import insert_if_new
from engine.events import Fact
from engine.facts import (
    IncidentRaised,
    IncidentResolved,
    MessageDelivered,
    TimerFired,
    UserTaskAssigned,
    UserTaskCancelled,
    UserTaskClaimed,
    UserTaskCompleted,
    UserTaskCreated,
    UserTaskFreed,
    UserTaskReleased,
    UserTaskSkipped,
    WentBack,
)
from engine.ids import uuid7
from engine.models import Incident, IncidentState, Job, ProcessInstance, TimerKind, UserTask, UserTaskState
from engine.reminders import HOLDER, INITIATOR
from engine.statements import fetch_one
from engine.text import sentence
from engine.transaction import Transaction, subscribes
from webapp.inbox.dues import DueWords
from webapp.notifications.models import Notification
from webapp.organisation.desks import people_at, reached_at, with_proxies
from webapp.organisation.models import Membership, Person, Role, Unit

MAIL_DELAY = timedelta(seconds=30)
"""How long notifications gather before they go out as one mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told, to whomever."""

    kind: str
    about: str  # one notification per person, kind and this
    title: str
    body: str
    path: str
    instance_id: UUID | None
    by_mail: bool = True


MAIL = "notifications.mail"
"""The kind of the jobs that send mails."""
INCIDENTS = "/su-co"
_notifications: Any = Notification.__table__
INSERT = {
    dialect: insert_if_new(dialect, _notifications, "recipient_id", "about", "kind")
    for dialect in ("sqlite", "postgresql")
}
READ_OF_STEP = (
    sa.update(_notifications)
    .where(
        _notifications.c.recipient_id == sa.bindparam("person"), _notifications.c.read_at.is_(None),
        _notifications.c.path == sa.bindparam("of_step"),
    )
    .values(read_at=sa.bindparam("at"))
)  # fmt: skip
STEP = sa.select(UserTask.id, UserTask.name, UserTask.desk, UserTask.assignee_id, UserTask.due_at).where(
    UserTask.id == sa.bindparam("step")
)
DONE_BEFORE = sa.select(UserTask.id).where(
    UserTask.instance_id == sa.bindparam("case"), UserTask.element_id == sa.bindparam("element"),
    UserTask.state == UserTaskState.COMPLETED,
).limit(1)  # fmt: skip
UNIT_NAME = sa.select(Unit.short_name).where(Unit.id == sa.bindparam("unit"))
PERSON_NAME = sa.select(Person.name).where(Person.id == sa.bindparam("person"))
INITIATED = sa.select(ProcessInstance.initiator_id).where(ProcessInstance.id == sa.bindparam("case"))
IS_REQUESTED = sa.select(Unit.is_requested).where(Unit.id == sa.bindparam("unit"))


def tell(tx: Transaction, people: Iterable[UUID], notice: Notice) -> None:
    """Notify each person once, proxies of the absent too, and let a mail follow."""
    notify(tx, with_proxies(tx.reading, people, local_date(tx.now)), notice)


def notify(tx: Transaction, people: Iterable[UUID], notice: Notice) -> None:
    """The same, and nobody in their place. In Core and without a look beforehand: this is part of every step."""
    today = local_date(tx.now)
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(), "tenant_id": tx.tenant_id, "recipient_id": person_id, "kind": notice.kind,
            "about": notice.about, "day": today, "instance_id": notice.instance_id, "title": notice.title,
            "body": notice.body, "path": notice.path, "created_at": tx.now,
        }
        for person_id in people
        if person_id != tx.actor.id
    ]  # fmt: skip
    if rows:
        tx.write(INSERT[tx.dialect], rows)
        for row in rows if notice.by_mail else ():
            mail_later(tx, row["recipient_id"])


def mail_later(tx: Transaction, person_id: UUID) -> None:
    """Leave one mail for all that a person is told within about a minute."""
    minute = int(tx.now.timestamp()) // 60
    tx.enqueue(
        MAIL,
        f"mail:{person_id}:{minute}",
        {"person_id": person_id},
        run_at=datetime.fromtimestamp(minute * 60, tx.now.tzinfo) + timedelta(minutes=1) + MAIL_DELAY,
    )


# --- what the engine does ---


@subscribes(UserTaskCreated)
def tell_of_step(created: UserTaskCreated, tx: Transaction) -> None:
    """Whoever has a new step hears of it, its assignee, else its desk; and why, where somebody said so."""
    assert tx.instance is not None
    said = next(filter(None, map(partial(_reason_in, tx), tx.facts)), "")
    again = any(isinstance(fact, WentBack) for fact in tx.facts) or (said and _was_done_before(tx, created))
    what = "Làm lại" if again else "Việc mới"
    why = f" Lý do: {sentence(said)}" if said else ""
    due = _due_words(created.due_at)
    notice = Notice(
        kind="step", about=f"step:{created.user_task_id}", title=f"{what}: {created.task_name}",
        body=f"{sentence(tx.instance.title)}{why}{due}", path=f"/viec/{created.user_task_id}",
        instance_id=tx.instance.id,
    )  # fmt: skip
    today, holder, desk = local_date(tx.now), created.assignee_id, created.desk
    if holder:
        people = tx.kept((today, holder), lambda: with_proxies(tx.reading, [holder], today))
    else:
        people = tx.kept((today, desk), lambda: _reached_for(tx, desk, today))
    notify(tx, people, notice)


def _reached_for(tx: Transaction, desk: str, today: date) -> list[UUID]:
    """Those at a desk; of one where nobody sits, as in a unit that has a head alone, the head."""
    return reached_at(tx.reading, desk, today) or reached_at(tx.reading, _head_of(desk), today)


def _head_of(desk: str) -> str:
    return f"{Role.HEAD}@{desk.partition('@')[2]}"


def _was_done_before(tx: Transaction, created: UserTaskCreated) -> bool:
    assert tx.instance is not None
    return fetch_one(tx.reading, DONE_BEFORE, {"case": tx.instance.id, "element": created.element_id}) is not None


def _reason_in(tx: Transaction, fact: Fact) -> str:
    """Why somebody gave a step back, or sent the message that led to one."""
    match fact:
        case WentBack():
            return fact.reason
        case UserTaskCompleted():
            return str(tx.answers(fact.submission_id).get("reason") or "").strip()
        case MessageDelivered():
            return str(fact.payload.get("reason") or "").strip()
    return ""


@subscribes(UserTaskCompleted)
def read_of_step(done: UserTaskCompleted, tx: Transaction) -> None:
    """The bell counts what is new to a person: not what they have done, nor what was done in their place or before."""
    if tx.actor.id is not None:
        tx.write(READ_OF_STEP, {"person": tx.actor.id, "of_step": f"/viec/{done.user_task_id}", "at": tx.now})
    if tx.on_behalf_of or tx.seen.task_assignee_id is None:
        _nothing_new(tx, done.user_task_id)


@subscribes(UserTaskClaimed, UserTaskAssigned)
def read_of_given(given: UserTaskClaimed | UserTaskAssigned, tx: Transaction) -> None:
    """Of a step that somebody has in hand the others of its desk have to know no more."""
    _nothing_new(tx, given.user_task_id, given.assignee_id)


@subscribes(UserTaskCancelled, UserTaskSkipped)
def read_of_ended(ended: UserTaskCancelled | UserTaskSkipped, tx: Transaction) -> None:
    """Of a step that ended without them nobody has to know any more."""
    _nothing_new(tx, ended.user_task_id)


def _nothing_new(tx: Transaction, step_id: UUID, has_it: UUID | None = None) -> None:
    """To those who may have been told of a step: its holder and its desk, and who stands in for them.

    Not to the one who `has_it` now.
    """
    step, today = fetch_one(tx.reading, STEP, {"step": step_id}), local_date(tx.now)
    if step is None:
        return  # It began and ended at once.
    holder = with_proxies(tx.reading, [step.assignee_id], today) if step.assignee_id else []
    people = {*holder, *reached_at(tx.reading, step.desk, today)} - {has_it}
    if people:
        path = f"/viec/{step_id}"
        tx.write(READ_OF_STEP, [{"person": person, "of_step": path, "at": tx.now} for person in people])


@subscribes(UserTaskAssigned)
def tell_of_assignment(assigned: UserTaskAssigned, tx: Transaction) -> None:
    """Who is handed a step hears of it, and who had it in hand."""
    assert tx.instance is not None
    step = fetch_one(tx.reading, STEP, {"step": assigned.user_task_id})
    why = f" Lý do: {sentence(assigned.reason)}" if assigned.reason else ""
    notice = Notice(
        kind="assigned", about=f"assigned:{assigned.user_task_id}:{tx.now:%Y%m%d%H%M}",
        title=f"Việc được giao: {step.name}", body=f"{sentence(tx.instance.title)}{why}{_due_words(step.due_at)}",
        path=f"/viec/{assigned.user_task_id}", instance_id=tx.instance.id,
    )  # fmt: skip
    tell(tx, [assigned.assignee_id], notice)
    if tx.seen is not None and tx.seen.task_assignee_id not in (None, assigned.assignee_id):
        taker = fetch_one(tx.reading, PERSON_NAME, {"person": assigned.assignee_id})
        moved = replace(
            notice, kind="handed_on", title=f"Việc đã chuyển cho {taker.name}: {step.name}",
            body=f"{sentence(tx.instance.title)}{why}", path=f"/ho-so/{tx.instance.id}",
        )  # fmt: skip
        notify(tx, [tx.seen.task_assignee_id], moved)


@subscribes(UserTaskReleased, UserTaskFreed)
def tell_of_release(released: UserTaskReleased | UserTaskFreed, tx: Transaction) -> None:
    """A step that was given back waits for its desk, whose people may never have heard of it."""
    assert tx.instance is not None
    step = fetch_one(tx.reading, STEP, {"step": released.user_task_id})
    notice = Notice(
        kind="released", about=f"released:{released.user_task_id}:{tx.now:%Y%m%d%H%M}",
        title=f"Chờ người nhận: {step.name}", body=f"{sentence(tx.instance.title)}{_due_words(step.due_at)}",
        path=f"/viec/{released.user_task_id}", instance_id=tx.instance.id,
    )  # fmt: skip
    notify(tx, _reached_for(tx, step.desk, local_date(tx.now)), notice)


def _due_words(due_at: datetime | None) -> str:
    return f" Hạn: {due_day(due_at):%d/%m/%Y}." if due_at else ""


@subscribes(TimerFired)
def tell_of_timer(fired: TimerFired, tx: Transaction) -> None:
    """A reminder or an escalation reaches those whom the diagram names, once a day for one case."""
    if fired.kind is TimerKind.FLOW:
        return
    assert tx.instance is not None
    late = late_words(fired.due_at) if fired.late else ""
    task = fetch_one(tx.reading, STEP, {"step": fired.user_task_id}) if fired.user_task_id else None
    due = _due_of(tx, fired, task.due_at if task else None)
    holders = _holders(tx, task)
    for recipient in fired.recipients.split():
        people = _recipients(tx, recipient, holders)
        own = task if set(people) & set(holders) else None
        path = f"/viec/{own.id}" if own else f"/ho-so/{tx.instance.id}"
        what = task.name if task else fired.element_id
        told = _due_words(own.due_at) if own else _with_whom(tx, task)
        desk = task.desk if task and recipient == HOLDER else recipient
        notice = Notice(
            kind=kind_of(tx, due), about=f"{tx.instance.id}:{local_date(tx.now)}",
            title=f"{heading(tx, due, requested=_is_requested(tx, desk))}: {what}",
            body=f"{sentence(tx.instance.title)}{told}{late}", path=path, instance_id=tx.instance.id,
        )  # fmt: skip
        tell(tx, people, notice)


def _with_whom(tx: Transaction, task: Any) -> str:
    """Whom somebody above must ask: the unit, the person, and since when it is due."""
    if task is None:
        return ""
    unit = fetch_one(tx.reading, UNIT_NAME, {"unit": UUID(task.desk.partition("@")[2])})
    person = fetch_one(tx.reading, PERSON_NAME, {"person": task.assignee_id}) if task.assignee_id else None
    due = f", hạn {due_day(task.due_at):%d/%m/%Y}" if task.due_at else ""
    return f" Đang ở {unit.short_name if unit else 'đơn vị'}, {person.name if person else 'chưa ai nhận'}{due}."


def _due_of(tx: Transaction, fired: TimerFired, step_due: datetime | None) -> datetime:
    """What a level speaks of: when the step is due, as its lists say it, unless it counts from an earlier deadline."""
    assert tx.instance is not None
    counted, deadline = _counted_from(fired.level, fired.due_at, tx.calendar), tx.instance.dates.get("deadline")
    known = [due for due in (step_due, tx.calendar.end_of(deadline) if deadline else None) if due]
    from_day = due_day(counted)  # The last working day before a day off: which that is, only the due instant says.
    due = next((due for due in known if tx.calendar.on_or_before(due_day(due)) == from_day), counted)
    return min(due, step_due) if step_due else due


def _counted_from(level: str, moment: datetime, calendar: Calendar) -> datetime:
    """The due instant of a level of reminding that came up at `moment`, or the last working day before it."""
    offset = level.split()[0]
    if offset.endswith("h"):
        return moment - timedelta(hours=int(offset.removesuffix("h")))
    return calendar.end_of(local_date(moment), -int(offset.removesuffix("wd")))


def kind_of(tx: Transaction, due: datetime) -> str:
    """Of a notice that reminds: before or after what it reminds of."""
    return "escalation" if tx.now >= due else "reminder"


def heading(tx: Transaction, due: datetime, *, requested: bool) -> str:
    """ "Còn 5 ngày làm việc", as it is when it is said: that may be late. Those who are only asked are asked."""
    words = DueWords(tx.now, tx.calendar).of(due)
    asked = words.is_late and requested
    return f"Đề nghị khẩn trương thực hiện ({words.relative.lower()})" if asked else words.relative


def late_words(moment: datetime) -> str:
    """That it was to be said at a moment that is over, after an outage."""
    return f" Lời nhắc này gửi muộn, lẽ ra từ {moment.astimezone(LOCAL):%H:%M %d/%m/%Y}."


def _is_requested(tx: Transaction, desk: str) -> bool:
    """Police, front and associations are requested, not escalated by rank."""
    unit = desk.partition("@")[2]
    found = fetch_one(tx.reading, IS_REQUESTED, {"unit": UUID(unit)}) if unit else None
    return found is not None and found.is_requested is True


def _holders(tx: Transaction, task: Any) -> list[UUID]:
    if task is None:
        return []
    if task.assignee_id:
        return [task.assignee_id]
    return people_at(tx.reading, task.desk) or people_at(tx.reading, _head_of(task.desk))


def _recipients(tx: Transaction, recipient: str, holders: list[UUID]) -> list[UUID]:
    if recipient == HOLDER:
        return holders
    if recipient == INITIATOR:
        assert tx.instance is not None
        case = fetch_one(tx.reading, INITIATED, {"case": tx.instance.id})
        return [case.initiator_id] if case and case.initiator_id else []
    return people_at(tx.reading, recipient)


@subscribes(IncidentRaised)
def tell_of_incident(raised: IncidentRaised, tx: Transaction) -> None:
    """Administrators hear of a fault once, however many incidents wait that say the same.

    Not by mail where mail is what fails: each would fail, and be told.
    """
    if _others_say_so(tx, raised.message, raised.incident_id):
        return
    failed = tx.session.scalar(sa.select(Job.kind).where(Job.id == raised.job_id))
    notice = Notice(
        kind="incident", about=f"incident:{raised.incident_id}", title="Có sự cố cần xử lý", body=raised.message,
        path=INCIDENTS, instance_id=raised.instance_id, by_mail=failed != MAIL,
    )  # fmt: skip
    tell(tx, set(tx.session.scalars(_administrators(tx))), notice)


@subscribes(IncidentResolved)
def read_of_incident(resolved: IncidentResolved, tx: Transaction) -> None:
    """A fault is new no longer, once none is open that says the same."""
    message = tx.session.scalar(sa.select(Incident.message).where(Incident.id == resolved.incident_id))
    if message is None or _others_say_so(tx, message, resolved.incident_id):
        return
    told = _notifications.c
    told_of_it = told.recipient_id.in_(_administrators(tx)), told.read_at.is_(None), told.path == INCIDENTS
    read = sa.update(_notifications).where(*told_of_it, told.kind == "incident", told.body == message)
    tx.session.execute(read.values(read_at=tx.now))


def _others_say_so(tx: Transaction, message: str, incident_id: UUID) -> bool:
    """Whether other open incidents say the same."""
    alike = sa.select(Incident.id).where(
        Incident.tenant_id == tx.tenant_id, Incident.state == IncidentState.OPEN, Incident.message == message,
        Incident.id != incident_id,
    )  # fmt: skip
    return tx.session.scalar(alike.limit(1)) is not None


def _administrators(tx: Transaction) -> sa.Select[UUID]:
    return (
        sa.select(Membership.person_id)
        .join(Unit, Unit.id == Membership.unit_id)
        .where(Membership.role == Role.ADMIN, Unit.tenant_id == tx.tenant_id)
    )
