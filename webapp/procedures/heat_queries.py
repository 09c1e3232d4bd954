"""Where the cases of a version are, and how long its steps take; each figure with the cases behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import (
    OPEN_STEP,
    InstanceState,
    MessageSubscription,
    ProcessInstance,
    Submission,
    Timer,
    TimerKind,
    TimerState,
    UserTask,
)

MOST_MEASURED = 1_000
"""The newest completions of a step that are measured, so that a page costs the same after years."""
PAGE = 50

_p: Any = ProcessInstance.__table__
_u: Any = UserTask.__table__
_m: Any = MessageSubscription.__table__
_t: Any = Timer.__table__
_s: Any = Submission.__table__


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many cases wait at a place now."""

    cases: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """How long a step took, from when it was reached until it was done."""

    done: int
    median: float  # hours
    ninetieth: float
    is_capped: bool  # only the newest were measured


@dataclass(frozen=True, slots=True)
class CaseAt:
    """A case that waits at a place."""

    instance_id: UUID
    title: str
    since: datetime
    due_at: datetime | None
    is_overdue: bool


_running = (
    _p.c.definition_id == sa.bindparam("definition"), _p.c.tenant_id == sa.bindparam("tenant"),
    _p.c.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED]),
)  # fmt: skip
_is_late = _u.c.due_at <= sa.bindparam("now", type_=_u.c.due_at.type)
_is_open = _u.c.state == OPEN_STEP
_is_ahead = (_t.c.state == TimerState.WAITING, _t.c.kind == TimerKind.FLOW)
COUNTS = [
    sa.select(_u.c.element_id, sa.func.count(), sa.func.count().filter(_is_late))
    .join(_p, _p.c.id == _u.c.instance_id).where(*_running, _is_open).group_by(_u.c.element_id),
    sa.select(_m.c.element_id, sa.func.count(), sa.literal(0))
    .join(_p, _p.c.id == _m.c.instance_id).where(*_running).group_by(_m.c.element_id),
    sa.select(_t.c.element_id, sa.func.count(), sa.literal(0))
    .join(_p, _p.c.id == _t.c.instance_id).where(*_running, *_is_ahead).group_by(_t.c.element_id),
]  # fmt: skip
"""By the running cases of the version: an index gives these, and another what waits in each."""


def waiting_now(read: Session, tenant_id: UUID, definition_id: UUID, now: datetime) -> dict[str, Waiting]:
    """The running cases of a version by the places at which they wait."""
    values = {"tenant": tenant_id, "definition": definition_id, "now": now}
    rows = [row for query in COUNTS for row in read.execute(query, values)]
    return {element_id: Waiting(cases, overdue) for element_id, cases, overdue in rows}


def running_on(read: Session, tenant_id: UUID, definition_id: UUID) -> int:
    """How many cases run on a version."""
    query = sa.select(sa.func.count()).select_from(_p).where(*_running)
    return read.scalar(query, {"tenant": tenant_id, "definition": definition_id}) or 0


NEWEST = (
    sa.select(_s.c.submitted_at, _u.c.created_at, _u.c.instance_id)
    .join(_u, _u.c.id == _s.c.user_task_id)
    .where(
        _s.c.definition_id == sa.bindparam("definition"), _s.c.element_id == sa.bindparam("element"),
        _s.c.submitted_at >= sa.bindparam("since", type_=_s.c.submitted_at.type),
        _u.c.tenant_id == sa.bindparam("tenant"),
    )
    .order_by(_s.c.submitted_at.desc())
    .limit(MOST_MEASURED)
)  # fmt: skip
"""Of one step in a period: a range of one index, cut off."""


def time_spent(
    read: Session, tenant_id: UUID, definition_id: UUID, steps: Sequence[str], since: datetime
) -> dict[str, Spent]:
    """For each step that was done since then under this version, how long that took."""
    found = {}
    for element_id in steps:
        values = {"definition": definition_id, "element": element_id, "since": since}
        rows = read.execute(NEWEST, {**values, "tenant": tenant_id}).all()
        hours = sorted((row.submitted_at - row.created_at).total_seconds() / 3600 for row in rows)
        if hours:
            capped = len(hours) == MOST_MEASURED
            found[element_id] = Spent(len(hours), quantile(hours, 0.5), quantile(hours, 0.9), capped)
    return found


@dataclass(frozen=True, slots=True)
class Done:
    """A time that a step was done."""

    instance_id: UUID
    title: str
    done_at: datetime
    hours: float


def slowest(
    read: Session, tenant_id: UUID, definition_id: UUID, element_id: str, since: datetime, shown: slice
) -> list[Done]:
    """The times behind a step's figures, those that took longest first; of them what is to be shown."""
    values = {"tenant": tenant_id, "definition": definition_id, "element": element_id, "since": since}
    rows = sorted(read.execute(NEWEST, values), key=lambda row: row.created_at - row.submitted_at)[shown]
    cases = sa.select(_p.c.id, _p.c.title).where(_p.c.id.in_([row.instance_id for row in rows]))
    titles = {row.id: row.title for row in read.execute(cases)}
    return [
        Done(
            row.instance_id, titles[row.instance_id], row.submitted_at,
            (row.submitted_at - row.created_at).total_seconds() / 3600,
        )
        for row in rows
    ]  # fmt: skip


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest of ordered values that at least this share of them does not exceed."""
    return ordered[ceil(share * len(ordered)) - 1]


_after = _p.c.id > sa.bindparam("after", type_=_p.c.id.type)
AT_STEP = (
    sa.select(_p.c.id, _p.c.title, _u.c.created_at.label("since"), _u.c.due_at)
    .join(_u, _u.c.instance_id == _p.c.id)
    .where(*_running, _is_open, _u.c.element_id == sa.bindparam("element"))
)
AT_MESSAGE = (
    sa.select(_p.c.id, _p.c.title, _p.c.started_at.label("since"), sa.null().label("due_at"))
    .join(_m, _m.c.instance_id == _p.c.id)
    .where(*_running, _m.c.element_id == sa.bindparam("element"))
)
AT_TIMER = (
    sa.select(_p.c.id, _p.c.title, _p.c.started_at.label("since"), _t.c.due_at)
    .join(_t, _t.c.instance_id == _p.c.id)
    .where(*_running, *_is_ahead, _t.c.element_id == sa.bindparam("element"))
)
AT = {"person": AT_STEP, "message": AT_MESSAGE, "timer": AT_TIMER}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cases of a version are asked for."""

    definition_id: UUID
    element_id: str
    kind: str  # of the place
    is_overdue: bool = False
    after: UUID | None = None  # the last case of the page before


def cases_at(read: Session, tenant_id: UUID, asked: Asked, now: datetime) -> list[CaseAt]:
    """The cases that wait at a place, the oldest first; one more than a page where there are more."""
    query = AT[asked.kind]
    if asked.is_overdue and asked.kind == "person":
        query = query.where(_is_late)
    if asked.after is not None:
        query = query.where(_after)
    values = {
        "tenant": tenant_id, "definition": asked.definition_id, "element": asked.element_id, "now": now,
        "after": asked.after,
    }  # fmt: skip
    rows = read.execute(query.order_by(_p.c.id).limit(PAGE + 1), values)
    return [
        CaseAt(r.id, r.title, r.since, r.due_at, asked.kind == "person" and r.due_at is not None and r.due_at <= now)
        for r in rows
    ]
