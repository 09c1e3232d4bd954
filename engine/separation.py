"""Who did what before: who may not do a step, which must be separate from theirs, and to whom a step comes back."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.facts import UserTaskCompleted
from engine.models import UserTask, UserTaskState
from engine.spiff import Step
from engine.transaction import Transaction
from forms.expressions import names_in

_open: Any = UserTask.__table__.alias("open")
_done: Any = UserTask.__table__.alias("done")
DONE = (UserTaskState.COMPLETED, UserTaskState.SKIPPED)

FIND_DONE = (
    sa.select(_open.c.id, _open.c.within, _done.c.element_id)
    .add_columns(_done.c.completed_by, _done.c.state, _done.c.within.label("done_within"))
    .join(_done, _done.c.instance_id == _open.c.instance_id)
    .where(
        _open.c.id.in_(sa.bindparam("asked", expanding=True)),
        _done.c.element_id.in_(sa.bindparam("elements", expanding=True)), _done.c.state.in_(DONE),
    )
    .order_by(_open.c.id, _done.c.element_id, _done.c.completed_at, _done.c.created_at, _done.c.id)
)  # fmt: skip

_now = _done.c.id == sa.bindparam("now")

FIND_NEWEST = (
    sa.select(
        _done.c.id, _done.c.element_id, _done.c.assignee_id, _done.c.completed_by, _done.c.on_behalf_of, _done.c.within
    )
    .where(
        _done.c.instance_id == sa.bindparam("instance"), sa.or_(_now, _done.c.state == UserTaskState.COMPLETED),
        _done.c.element_id.in_(sa.bindparam("elements", expanding=True)),
    )
    .order_by(_now.desc(), _done.c.completed_at.desc(), _done.c.created_at.desc(), _done.c.id.desc())
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """One time that an element of the drawing is done, of many."""

    element_id: str
    round: str  # which turns share: all that an element begins for each of several
    id: str


@dataclass(frozen=True, slots=True)
class _Done:
    by: UUID | None
    state: UserTaskState
    turns: tuple[Turn, ...]  # in which it was done, the outermost first


def turns_in(within: str | None) -> tuple[Turn, ...]:
    """The turns that a user task's row names."""
    return tuple(Turn(*one.split("/")) for one in (within or "").split())


def last_doers(
    connection: sa.Connection, separate: Mapping[UUID, Collection[str]], *, skipped: bool = True
) -> dict[UUID, set[UUID | None]]:
    """Of each user task, who did the steps of these elements the last time round; with `skipped` also who skipped them.

    A step that is done for each of several is compared with what was done in the same turn, not in the others'.
    """
    asked = {id: frozenset(elements) for id, elements in separate.items() if elements}
    doers: dict[UUID, set[UUID | None]] = {id: set() for id in separate}
    if not asked:
        return doers
    values = {"asked": list(asked), "elements": list(frozenset().union(*asked.values()))}
    for (task_id, within, element_id), rows in groupby(connection.execute(FIND_DONE, values), key=lambda row: row[:3]):
        if element_id in asked[task_id]:
            done = [_Done(row.completed_by, row.state, turns_in(row.done_within)) for row in rows]
            counting = _last_round([one for one in done if _is_beside(one.turns, turns_in(within))])
            doers[task_id] |= {one.by for one in counting if skipped or one.state is UserTaskState.COMPLETED}
    return doers


def last_doer(tx: Transaction, step: Step, within: str | None) -> UUID | None:
    """Who had a step of the instance the last time, in the same turn: whom it was given to, else who did it.

    None since a step was done there that the expression for its person names too: that is the newer word. What was
    entered in somebody's place does not tell whose step it is.
    """
    assert tx.instance is not None
    now = next((fact.user_task_id for fact in tx.facts if isinstance(fact, UserTaskCompleted)), None)
    elements = [step.element_id, *_named(step)]
    for row in tx.reading.execute(FIND_NEWEST, {"instance": tx.instance.id, "elements": elements, "now": now}):
        if not _is_beside(turns_in(row.within), turns_in(within)):
            continue
        if row.element_id != step.element_id:
            return None
        is_now = row.id == now  # Its row does not tell yet who does it.
        who, in_place = (tx.actor.id, tx.on_behalf_of) if is_now else (row.completed_by, row.on_behalf_of)
        return row.assignee_id or (None if in_place else who)
    return None


def _named(step: Step) -> Iterator[str]:
    """The elements that the expression for a step's person names, those of a called process by their place in it."""
    process = "".join(step.element_id.rpartition(":")[:2])
    return (process + name.split(".")[0] for name in names_in(step.person or ""))


def _is_beside(turns: tuple[Turn, ...], others: tuple[Turn, ...]) -> bool:
    """As far as two steps lie in the same repeated elements, they lie in the same turn."""
    for one, other in zip(turns, others, strict=False):
        if one.element_id != other.element_id:
            return True
        if one.id != other.id:
            return False
    return True


def _last_round(done: list[_Done], depth: int = 0) -> Iterator[_Done]:
    """The newest; where its element is done in many turns, the newest of each turn of the same round."""
    if not done or len(done[-1].turns) == depth:
        yield from done[-1:]
        return
    now = done[-1].turns[depth].round
    turns: dict[str, list[_Done]] = {}
    for one in done:
        if len(one.turns) > depth and one.turns[depth].round == now:
            turns.setdefault(one.turns[depth].id, []).append(one)
    for same_turn in turns.values():
        yield from _last_round(same_turn, depth + 1)
