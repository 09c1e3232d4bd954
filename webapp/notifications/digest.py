"""The morning digest: what waits for each person today."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import due_day
from engine.command import Command, EnginePermission, handles
from engine.events import Fact, fact
from engine.models import OPEN_STEP, UserTask
from engine.transaction import Transaction
from webapp.notifications.models import Notification
from webapp.notifications.telling import Notice, notify
from webapp.organisation.models import Absence, Person

KIND = "digest"


@fact
@dataclass(frozen=True, slots=True)
class DigestsSent(Fact):
    day: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SendDigests(Command):
    """Tell each person who has open steps, or stands in for who has, how many are overdue and due soon; once a day."""

    permission = EnginePermission.SYSTEM

    day: date


@handles(SendDigests)
def send_digests(command: SendDigests, tx: Transaction) -> int:
    """Return how many people were told."""
    about = f"digest:{command.day}"
    sent = (
        sa.select(Notification.id)
        .join(Person, Person.id == Notification.recipient_id)  # By the index that keeps people from hearing it twice.
        .where(Person.tenant_id == tx.tenant_id, Notification.about == about, Notification.kind == KIND)
    )
    if tx.session.scalar(sent.limit(1)) is not None:
        return 0
    people = _waiting(tx, command.day)
    for person_id, counts in people.items():
        notice = Notice(
            kind=KIND, about=about, title="Việc của bạn hôm nay", body=_sentence(counts),
            path="/hop-viec", instance_id=None,
        )  # fmt: skip
        notify(tx, [person_id], notice)
    if people:
        tx.record(DigestsSent(command.day.isoformat(), len(people)))
    return len(people)


def _waiting(tx: Transaction, today: date) -> dict[UUID, Counter[str]]:
    """By person: open steps overdue, due today, due within three days, and all."""
    soon = tx.calendar.shift(today, 3)
    rows = tx.session.execute(
        sa.select(UserTask.assignee_id, UserTask.due_at).where(
            UserTask.tenant_id == tx.tenant_id, UserTask.assignee_id.is_not(None), UserTask.state == OPEN_STEP
        )
    )
    proxies, people = _proxies(tx, today), dict[UUID, Counter[str]]()
    for holder_id, due_at in rows:
        assert holder_id is not None
        for person_id in (holder_id, *proxies.get(holder_id, ())):
            counts = people.setdefault(person_id, Counter())
            counts.update(("all", _urgency(due_day(due_at), today, soon) if due_at else "later"))
            counts["in_place"] += person_id != holder_id
    return people


def _proxies(tx: Transaction, today: date) -> dict[UUID, list[UUID]]:
    """Who stands in for whom today: their inbox has those steps among their own."""
    away = sa.select(Absence.person_id, Absence.proxy_id).where(
        Absence.tenant_id == tx.tenant_id, Absence.from_day <= today, Absence.to_day >= today,
        Absence.ended_at.is_(None),
    )  # fmt: skip
    found: dict[UUID, list[UUID]] = {}
    for person_id, proxy_id in tx.session.execute(away):
        found.setdefault(person_id, []).append(proxy_id)
    return found


def _urgency(due: date, today: date, soon: date) -> str:
    if due < today:
        return "overdue"
    return "today" if due == today else "soon" if due <= soon else "later"


def _sentence(counts: Counter[str]) -> str:
    labels = (("overdue", "quá hạn"), ("today", "đến hạn hôm nay"), ("soon", "đến hạn trong 3 ngày làm việc tới"))
    parts = [f"{counts[key]} việc {label}" for key, label in labels if counts[key]]
    held = f"Bạn đang giữ {counts['all']} việc" + (
        f", {counts['in_place']} việc làm thay" if counts["in_place"] else ""
    )
    return held + (f": {', '.join(parts)}." if parts else ", chưa việc nào gấp.")
