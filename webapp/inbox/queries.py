"""How many steps wait for a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session

from engine.models import OPEN_STEP, UserTask
from webapp.database import connection_of, rows_of
from webapp.identity import CurrentPerson, Desk
from webapp.inbox.dues import DueWords
from webapp.runtime import now, runtime

MOST_COUNTED = 100

_u: Any = UserTask.__table__


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts no further than 100: the person's own steps, those to take, and of each those far from due."""

    mine: int
    mine_far: int
    to_take: int
    to_take_far: int


def _count(*conditions: Any) -> Any:
    rows = sa.select(sa.literal(1)).select_from(_u).where(
        _u.c.tenant_id == sa.bindparam("tenant_id"), _u.c.state == OPEN_STEP, *conditions
    )  # fmt: skip
    return sa.select(sa.func.count()).select_from(rows.limit(MOST_COUNTED).subquery()).scalar_subquery()


def _one_of(column: Any, name: str, count: int) -> Any:
    return column.in_([sa.bindparam(f"{name}_{n}", type_=column.type) for n in range(count)])


@lru_cache(maxsize=64)
def _counts(people: int, desks: int) -> Any:
    """The statement for so many people and desks; made once."""
    mine = _one_of(_u.c.assignee_id, "person", people)
    to_take = _one_of(_u.c.desk, "desk", desks), _u.c.assignee_id.is_(None)
    near, far = _u.c.order_at < sa.bindparam("far"), _u.c.order_at >= sa.bindparam("far")
    return sa.select(_count(mine, near), _count(mine, far), _count(*to_take, near), _count(*to_take, far))


def due_words(read: Session, tenant_id: UUID) -> DueWords:
    """Words for due instants in this request."""
    if "due_words" not in g:
        person: CurrentPerson | None = g.get("person")
        version = person.calendar_version if person is not None and person.tenant_id == tenant_id else None
        g.due_words = DueWords(now(), runtime().calendar(tenant_id, connection_of(read), version=version))
    words: DueWords = g.due_words
    return words


def count_waiting(read: Session, person: CurrentPerson) -> Waiting:
    """What waits for the person as they act now; counted once in a request."""
    if "waiting" not in g or g.waiting[0] != person:
        people = {f"person_{n}": id for n, id in enumerate((person.id, *person.stands_for))}
        desks = {f"desk_{n}": desk for n, desk in enumerate(sorted(person.desks))}
        values = {"tenant_id": person.tenant_id, "far": due_words(read, person.tenant_id).far, **people, **desks}
        counts = rows_of(read, _counts(len(people), len(desks)), values)[0]
        g.waiting = person, Waiting(mine=counts[0], mine_far=counts[1], to_take=counts[2], to_take_far=counts[3])
    waiting: Waiting = g.waiting[1]
    return waiting


def count_mine(read: Session, person: CurrentPerson) -> int:
    """Steps near enough that are the person's own, or their desks' to take: the number beside Hộp việc."""
    waiting = count_waiting(read, person)
    return waiting.mine + waiting.to_take


def waiting_elsewhere(read: Session, person: CurrentPerson) -> Sequence[tuple[Desk, int]]:
    """The person's other desks where steps wait to be taken."""
    others = [desk for desk in person.held if desk != person.acting]
    if not others:
        return ()
    counts = (
        sa.select(sa.literal(n), _count(_u.c.desk == desk.key, _u.c.assignee_id.is_(None)))
        for n, desk in enumerate(others)
    )
    found = read.execute(sa.union_all(*counts), {"tenant_id": person.tenant_id})
    return [(others[n], count) for n, count in found if count]
