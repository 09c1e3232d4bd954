"""Whoever has a task at hand hears that it ends early or changes: who did it, why, what becomes of what they wrote."""

from collections.abc import Iterable
from uuid import UUID

import sqlalchemy as sa

from engine.facts import InstanceEnded, UserTaskCancelled
from engine.models import OPEN_STEP, Draft, InstanceState, ProcessInstance, UserTask
from engine.text import sentence
from engine.transaction import Transaction, subscribes
from webapp.difficulties.models import Difficulty
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Person
from webapp.plans.issuing import CONTRIBUTION, DIFFICULTY, LIFECYCLE
from webapp.plans.models import Contribution, PlanTask, TaskOccurrence

ENDED = {
    LIFECYCLE: ("Nhiệm vụ đã hủy", ("lead", "second_lead")),
    CONTRIBUTION: ("Không cần phối hợp nữa", ("coordinator",)),
    DIFFICULTY: ("Khó khăn, vướng mắc đã hủy", ("lead",)),
}
"""Of a procedure what its end is called, and the units whose heads hear of it whoever has its steps."""
DRAFT_KEPT = "Nội dung bạn đang nhập chưa gửi còn đọc và chép lại được ở trang hồ sơ."
SENT_KEPT = "Nội dung, tệp đã gửi vẫn giữ ở trang hồ sơ."


def name_of_actor(tx: Transaction) -> str:
    """Who does it, as people are told."""
    found = tx.session.scalar(sa.select(Person.name).where(Person.id == tx.actor.id)) if tx.actor.id else None
    return found or "Hệ thống"


@subscribes(InstanceEnded)
def tell_of_end(ended: InstanceEnded, tx: Transaction) -> None:
    """A case that is cancelled leaves people's lists at once; they are told before they miss it."""
    if ended.outcome != InstanceState.CANCELLED:
        return
    assert tx.instance is not None
    title, parties = ENDED.get(tx.instance.key, ("Hồ sơ đã hủy", ()))
    steps = [fact.user_task_id for fact in tx.facts if isinstance(fact, UserTaskCancelled)]
    writers = set(tx.session.scalars(sa.select(Draft.person_id).where(Draft.user_task_id.in_(steps))))
    people = [*_holders(tx, UserTask.id.in_(steps)), *_who_worked(tx, tx.instance.id)]
    for unit in (tx.instance.parties.get(party) for party in parties):
        people += people_at(tx.session, f"head@{unit}") if unit else []
    for told, kept in ((writers, DRAFT_KEPT), ({*people} - writers, SENT_KEPT)):
        notice = Notice(
            kind="cancelled", about=f"cancelled:{tx.instance.id}", title=title,
            body=f"{sentence(tx.instance.title)} {name_of_actor(tx)} hủy, lý do: {sentence(ended.reason or '')} {kept}",
            path=f"/ho-so/{tx.instance.id}", instance_id=tx.instance.id,
        )  # fmt: skip
        tell(tx, told, notice)


def _holders(tx: Transaction, which: sa.ColumnElement[bool]) -> list[UUID]:
    """Of some steps who has them, else everybody at their desk; and the heads of both."""
    people: list[UUID] = []
    for desk, assignee_id in tx.session.execute(sa.select(UserTask.desk, UserTask.assignee_id).where(which)).all():
        people += [assignee_id] if assignee_id else people_at(tx.session, desk)
        people += people_at(tx.session, f"head@{desk.partition('@')[2]}")
    return people


def _who_worked(tx: Transaction, instance_id: UUID) -> list[UUID]:
    """A case's officer, who may wait for its cycle; who answered for a coordinating unit; who raised a difficulty."""
    officer = sa.select(TaskOccurrence.officer_id).where(TaskOccurrence.id == instance_id)
    answered = (
        sa.select(UserTask.completed_by)
        .join(Contribution, Contribution.id == UserTask.instance_id)
        .where(Contribution.id == instance_id, UserTask.completed_by.is_not(None))
    )
    raised = sa.select(Difficulty.raised_by).where(Difficulty.id == instance_id)
    return [id for query in (officer, answered, raised) for id in tx.session.scalars(query) if id]


def tell_of_release(tx: Transaction, case: TaskOccurrence, what: str, ground: str) -> None:
    """A leader takes a task from the unit that handed it back."""
    assert tx.instance is not None
    told = sentence(f"{what}, căn cứ: {ground}" if ground else what)
    notice = Notice(
        kind="released", about=f"released:{case.id}:{tx.now:%Y%m%d%H%M}", title="Lãnh đạo đã quyết định phân công",
        body=f"{sentence(tx.instance.title)} {name_of_actor(tx)}: {told}",
        path=f"/ho-so/{case.id}", instance_id=case.id,
    )  # fmt: skip
    officer = [case.officer_id] if case.officer_id else []
    tell(tx, dict.fromkeys([*people_at(tx.session, f"head@{case.lead_unit_id}"), *officer]), notice)


def tell_of_change(tx: Transaction, task: PlanTask, title: str, body: str) -> None:
    """A task changes while cases of it run: those who have these at hand, and those who coordinate."""
    running = sa.select(TaskOccurrence).where(TaskOccurrence.plan_task_id == task.id, TaskOccurrence.ended_at.is_(None))
    for case in tx.session.scalars(running).all():
        notice = Notice(
            kind="plan_changed", about=f"{title}:{case.id}:{tx.now:%Y%m%d%H%M}", title=title, body=body,
            path=f"/ho-so/{case.id}", instance_id=case.id,
        )  # fmt: skip
        tell(tx, dict.fromkeys(_at_hand(tx, case)), notice)


def _at_hand(tx: Transaction, case: TaskOccurrence) -> Iterable[UUID]:
    """Who has an open step of the case or of a contribution to it, the officer, the heads of all units in it."""
    asked = tx.session.execute(
        sa.select(Contribution.id, Contribution.unit_id)
        .join(ProcessInstance, ProcessInstance.id == Contribution.id)
        .where(Contribution.occurrence_id == case.id, ProcessInstance.ended_at.is_(None))
    ).all()
    yield from filter(None, [case.officer_id])
    instances = [case.id, *(row.id for row in asked)]
    yield from _holders(tx, UserTask.instance_id.in_(instances) & (UserTask.state == OPEN_STEP))
    for unit_id in filter(None, [case.lead_unit_id, case.second_lead_unit_id, *(row.unit_id for row in asked)]):
        yield from people_at(tx.session, f"head@{unit_id}")
