"""What people say beside a case."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from textwrap import shorten
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import NotFound, Rejected
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.models import OPEN_STEP, ProcessInstance, UserTask
from engine.text import sentence
from engine.transaction import Transaction
from webapp.cases.access import may_see
from webapp.cases.models import Comment
from webapp.database import rows_of
from webapp.identity import find_person
from webapp.notifications.telling import Notice, tell
from webapp.organisation.desks import people_at
from webapp.organisation.models import Person, Role
from webapp.permissions import Permission
from webapp.plans.models import TaskOccurrence
from webapp.plans.telling import name_of_actor

LONGEST = 4000
MOST_SHOWN = 200
MOST_TOLD = 200


@fact
@dataclass(frozen=True, slots=True)
class CommentAdded(Fact):
    comment_id: UUID
    instance_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment(Command):
    """Say something beside a case that one may see (the caller checks)."""

    permission = Permission.SEE_CASES

    instance_id: UUID
    text: str


@handles(AddComment)
def add_comment(command: AddComment, tx: Transaction) -> UUID:
    """Return the comment's id. Raises NotFound; Rejected where there is nothing to say, or too much."""
    text = command.text.strip()
    if not text:
        raise Rejected("Chưa nhập nội dung trao đổi.")
    if len(text) > LONGEST:
        raise Rejected(f"Nội dung trao đổi dài quá {LONGEST} ký tự.")
    case = tx.session.execute(
        sa.select(ProcessInstance.title, ProcessInstance.parties).where(
            ProcessInstance.id == command.instance_id, ProcessInstance.tenant_id == tx.tenant_id
        )
    ).one_or_none()
    if case is None or tx.actor.id is None:
        raise NotFound
    concerned = _concerned(tx, command.instance_id, orjson.loads(case.parties))
    comment = Comment(
        id=uuid7(), tenant_id=tx.tenant_id, instance_id=command.instance_id, person_id=tx.actor.id, text=text,
        created_at=tx.now,
    )  # fmt: skip
    tx.session.add(comment)
    tx.record(CommentAdded(comment.id, command.instance_id))
    notice = Notice(
        kind="comment", about=f"comment:{comment.id}", title="Có trao đổi mới",
        body=f"{sentence(case.title)} {name_of_actor(tx)}: {shorten(text, MOST_TOLD, placeholder='…')}",
        path=f"/ho-so/{command.instance_id}", instance_id=command.instance_id,
    )  # fmt: skip
    tell(tx, concerned, notice)
    return comment.id


def _concerned(tx: Transaction, instance_id: UUID, parties: Mapping[str, str]) -> list[UUID]:
    """Who has the case in hand, and those who have spoken before; where that is nobody else, both its ends."""
    speakers = tx.session.scalars(sa.select(Comment.person_id).where(Comment.instance_id == instance_id))
    first = [*_in_hand(tx, instance_id), *speakers]
    return _hearing(tx, first, instance_id, parties) or _hearing(tx, _ends(tx, parties), instance_id, parties)


def _hearing(tx: Transaction, people: Iterable[UUID], instance_id: UUID, parties: Mapping[str, str]) -> list[UUID]:
    """Those beside the speaker who may still see the case."""
    others = (person_id for person_id in dict.fromkeys(people) if person_id != tx.actor.id)
    return [person_id for person_id in others if _may_see(tx, person_id, instance_id, parties)]


def _in_hand(tx: Transaction, instance_id: UUID) -> Iterator[UUID]:
    """Of its open steps who holds them, else everybody at their desk; and the officer, also while it waits."""
    steps = sa.select(UserTask.desk, UserTask.assignee_id).where(
        UserTask.instance_id == instance_id, UserTask.state == OPEN_STEP
    )
    for desk, assignee_id in tx.session.execute(steps).all():
        yield from [assignee_id] if assignee_id else people_at(tx.session, desk)
    case = tx.session.get(TaskOccurrence, instance_id)
    if case is not None and case.officer_id is not None:
        yield case.officer_id


def _ends(tx: Transaction, parties: Mapping[str, str]) -> Iterator[UUID]:
    """The heads of the unit that leads, and the focal unit's officers."""
    for role, party in ((Role.HEAD, "lead"), (Role.FOCAL, "focal")):
        yield from people_at(tx.session, f"{role}@{parties[party]}") if party in parties else ()


def _may_see(tx: Transaction, person_id: UUID, instance_id: UUID, parties: Mapping[str, str]) -> bool:
    """At whichever of their desks they sit when they read it."""
    person = find_person(tx.session, person_id, None, local_date(tx.now))
    if person is None:
        return False
    seats = [replace(person, acting=desk) for desk in person.held] or [person]
    return any(may_see(tx.session, seat, instance_id, parties) for seat in seats)


@dataclass(frozen=True, slots=True)
class CommentView:
    """One comment as pages show it."""

    who: str
    text: str
    created_at: datetime


_comments: Any = Comment.__table__
COMMENTS = (
    sa.select(Person.name, _comments.c.text, _comments.c.created_at)
    .join(Person, Person.id == _comments.c.person_id)
    .where(_comments.c.instance_id == sa.bindparam("instance_id"))
    .order_by(_comments.c.created_at.desc(), _comments.c.id.desc())
    .limit(MOST_SHOWN)
)


def comments_of(read: Session, instance_id: UUID) -> list[CommentView]:
    """The newest comments of a case, oldest first; its access has been checked."""
    rows = rows_of(read, COMMENTS, {"instance_id": instance_id})
    return [CommentView(row.name, row.text, row.created_at) for row in reversed(rows)]
