"""People of a unit that changed hear once that its open work has moved; whoever loses a draft by it, of each."""

import sqlalchemy as sa

from engine.facts import PartiesChanged, UserTaskMoved
from engine.models import Draft
from engine.text import sentence
from engine.transaction import Transaction, subscribes
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Membership, Person
from webapp.plans.telling import DRAFT_KEPT
from webapp.unit_changes.destinations import name_of_change
from webapp.unit_changes.facts import UnitChangeDone
from webapp.unit_changes.models import UnitChange


@subscribes(UnitChangeDone)
def tell_of_change(done: UnitChangeDone, tx: Transaction) -> None:
    """Everybody of the successors: those who came along, and those to whom work came."""
    change = tx.session.get_one(UnitChange, done.change_id)
    units = [one.unit_id for one in change.successors]
    people = tx.session.scalars(sa.select(Membership.person_id).where(Membership.unit_id.in_(units))).all()
    by = tx.session.scalar(sa.select(Person.name).where(Person.id == change.confirmed_by))
    notice = Notice(
        kind="unit_changed", about=f"unit_changed:{change.id}", title=f"Thay đổi đơn vị: {change.unit.name}",
        body=f"{name_of_change(change)}. {by or 'Quản trị'} xác nhận. Việc đang mở đã chuyển theo, nội dung đã nhập "
        "vẫn ở từng việc; văn bản cũ giữ tên cũ.",
        path="/hop-viec", instance_id=None,
    )  # fmt: skip
    tell(tx, dict.fromkeys(people), notice)


@subscribes(PartiesChanged)
def tell_who_typed(changed: PartiesChanged, tx: Transaction) -> None:
    """A step that went to another unit leaves behind what others had typed into it."""
    assert tx.instance is not None
    for fact in tx.facts:
        if not isinstance(fact, UserTaskMoved):
            continue
        keep = {fact.assignee_id, *people_at(tx.session, fact.desk)}
        writers = tx.session.scalars(sa.select(Draft.person_id).where(Draft.user_task_id == fact.user_task_id)).all()
        notice = Notice(
            kind="moved", about=f"moved:{fact.user_task_id}", title="Việc chuyển sang đơn vị khác",
            body=f"{sentence(tx.instance.title)} {sentence(changed.reason)} {DRAFT_KEPT}",
            path=f"/ho-so/{tx.instance.id}", instance_id=tx.instance.id,
        )  # fmt: skip
        tell(tx, [writer for writer in writers if writer not in keep], notice)
