"""Drafts: what somebody typed into a step's form and has not sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import Rejected
from engine.facts import UserTaskAssigned, UserTaskCompleted
from engine.models import Draft, UserTask
from engine.transaction import Transaction, subscribes
from forms.formdata import FormData
from webapp.inbox.pages import SIGNING_RECORDS, records_of
from webapp.runtime import runtime

LARGEST = 1024 * 1024  # bytes of JSON
NOT_TYPED = frozenset({"csrf_token", "do"})

_drafts: Any = Draft.__table__
FORGET = sa.delete(_drafts).where(
    _drafts.c.user_task_id == sa.bindparam("step"), _drafts.c.person_id == sa.bindparam("person")
)


class DraftTooLarge(Rejected):
    message = "Bản nháp quá lớn nên chưa lưu được trên máy chủ. Nội dung vẫn còn trên trang này."


def save_draft(user_task_id: UUID, person_id: UUID, data: FormData) -> datetime:
    """Keep the fields as the browser posted them; return when. No event: a draft is nobody's word yet.

    Raises DraftTooLarge.
    """
    typed = {name: list(values) for name, values in data.items() if name not in NOT_TYPED}
    text = orjson.dumps(typed).decode()
    if len(text) > LARGEST:
        raise DraftTooLarge
    with runtime().writing() as connection:
        at = runtime().now(connection)
        insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(_drafts)
        row = {"user_task_id": user_task_id, "person_id": person_id, "data": text, "updated_at": at}
        connection.execute(
            insert.values(row).on_conflict_do_update(
                index_elements=["user_task_id", "person_id"], set_={"data": text, "updated_at": at}
            )
        )
    return at


@subscribes(UserTaskCompleted)
def forget_draft(completed: UserTaskCompleted, tx: Transaction) -> None:
    """What was sent is no draft any more; what others typed meanwhile stays for them to copy."""
    tx.write(FORGET, {"step": completed.user_task_id, "person": tx.actor.id})


@subscribes(UserTaskAssigned)
def hand_draft_over(assigned: UserTaskAssigned, tx: Transaction) -> None:
    """The newest draft follows its step to whom it is given, unless they have one already.

    What somebody would have said over their signature stays with them.
    """
    step = _drafts.c.user_task_id == assigned.user_task_id
    newest = tx.connection.scalar(
        sa.select(_drafts.c.person_id).where(step).order_by(_drafts.c.updated_at.desc()).limit(1)
    )
    own = tx.connection.scalar(sa.select(_drafts.c.person_id).where(step, _drafts.c.person_id == assigned.assignee_id))
    if newest is not None and own is None and not _is_signature(assigned.user_task_id, tx):
        follow = sa.update(_drafts).where(step, _drafts.c.person_id == newest)
        tx.connection.execute(follow.values(person_id=assigned.assignee_id))


def _is_signature(user_task_id: UUID, tx: Transaction) -> bool:
    element_id = tx.connection.execute(sa.select(UserTask.element_id).where(UserTask.id == user_task_id)).scalar_one()
    return records_of(tx.definition, element_id) in SIGNING_RECORDS
