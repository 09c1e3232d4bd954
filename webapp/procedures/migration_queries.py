"""A move of running cases as its pages show it: versions, places, and what is known of each case."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.jobs import LEASE
from engine.models import InstanceState, Job, JobState, ProcessDefinition, ProcessInstance
from engine.spiff.places import WORDS, Place
from engine.spiff.versions import Version as Drawn
from engine.spiff.versions import faults_of, proposed
from webapp.organisation.models import Person
from webapp.procedures.heat_queries import Waiting
from webapp.procedures.migration import JOBS
from webapp.procedures.migration_models import MovedCase, MoveState, Outcome, VersionMove

PAGE = 50
MOST_MOVES = 10
LONG = timedelta(seconds=10)
"""A job of a move takes well under a second: one that takes so long has lost its worker."""
STATES = {
    MoveState.LOOKING: "Đang thử", MoveState.LOOKED: "Đã thử, chưa chuyển", MoveState.MOVING: "Đang chuyển",
    MoveState.MOVED: "Đã chuyển",
}  # fmt: skip

_p: Any = ProcessInstance.__table__
_d: Any = ProcessDefinition.__table__
_c: Any = MovedCase.__table__


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a procedure."""

    id: UUID
    key: str
    name: str
    number: int
    source: bytes
    running: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the old version, and what becomes of it."""

    element_id: str
    name: str
    kind: str  # in words
    waiting: int
    chosen: str
    by_itself: bool
    by_name: bool  # proposed, since it is called the same
    options: tuple[tuple[str, str], ...]
    fault: str


@dataclass(frozen=True, slots=True)
class Move:
    """A move, with how far it has come."""

    id: UUID
    from_id: UUID
    to_id: UUID
    state: MoveState
    reason: str
    mapping: Mapping[str, str]
    created_at: datetime
    created_by: str
    started_at: datetime | None
    ended_at: datetime | None
    counts: Mapping[Outcome, int]
    round: int

    @property
    def total(self) -> int:
        """All its cases."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Those of which the work under way knows already."""
        ahead = [Outcome.UNKNOWN]
        if self.state is MoveState.MOVING:
            ahead += [Outcome.MOVES, Outcome.DUE_CHANGES]
        return self.total - sum(self.counts.get(outcome, 0) for outcome in ahead)

    @property
    def is_working(self) -> bool:
        """Whether jobs are at work on it."""
        return self.state in (MoveState.LOOKING, MoveState.MOVING)


@dataclass(frozen=True, slots=True)
class PastMove:
    """A move, as a list shows it."""

    id: UUID
    from_version: int
    to_version: int
    state: MoveState
    created_at: datetime
    created_by: str

    @property
    def says(self) -> str:
        """How far it is, in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class CaseOfMove:
    """What is known of one case."""

    instance_id: UUID
    title: str
    outcome: Outcome
    detail: str


def find_version(read: Session, tenant_id: UUID, definition_id: UUID) -> Version | None:
    """A version of the ward's."""
    row = read.get(ProcessDefinition, definition_id)
    if row is None or row.tenant_id != tenant_id:
        return None
    return Version(row.id, row.key, row.name, row.version, row.source)


def versions_with_cases(read: Session, tenant_id: UUID, key: str) -> list[Version]:
    """The versions of a procedure that have running cases, newest first."""
    running = (InstanceState.ACTIVE, InstanceState.SUSPENDED)
    count = sa.select(sa.func.count()).where(_p.c.definition_id == _d.c.id, _p.c.state.in_(running)).scalar_subquery()
    query = (
        sa.select(_d.c.id, _d.c.key, _d.c.name, _d.c.version, _d.c.source, count.label("running"))
        .where(_d.c.tenant_id == tenant_id, _d.c.key == key)
        .order_by(_d.c.version.desc())
    )
    return [Version(*row) for row in read.execute(query) if row.running]


def versions_of(read: Session, tenant_id: UUID, key: str) -> list[tuple[UUID, int]]:
    """The versions of a procedure with their numbers, newest first."""
    query = sa.select(_d.c.id, _d.c.version).where(_d.c.tenant_id == tenant_id, _d.c.key == key)
    return [(id, number) for id, number in read.execute(query.order_by(_d.c.version.desc()))]


def rows_of(here: Drawn, there: Drawn, chosen: Mapping[str, str] | None, waiting: Mapping[str, Waiting]) -> list[Row]:
    """Each place of the old version, those where cases wait first; what fits by itself is filled in at first."""
    fits = proposed(here, there)
    mapping = dict(fits if chosen is None else chosen)
    faults = faults_of(mapping, here, there)
    new_places = there.places()
    offered = {kind: tuple(_options(new_places, kind)) for kind in WORDS}
    rows = [
        Row(
            id, place.name, WORDS[place.kind], waiting.get(id, Waiting()).cases, mapping.get(id, ""),
            mapping.get(id) == fits.get(id) == id, mapping.get(id) == fits.get(id, id) != id, offered[place.kind],
            str(faults[id]) if id in faults else "",
        )
        for id, place in here.places().items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row.waiting, row.by_itself))


def _options(places: Mapping[str, Place], kind: str) -> Iterator[tuple[str, str]]:
    """By name, with the id where several share it."""
    often = Counter(place.name for place in places.values() if place.kind == kind)
    for id, place in places.items():
        if place.kind == kind:
            yield id, place.name if often[place.name] == 1 else f"{place.name} ({id})"


def find_move(read: Session, tenant_id: UUID, move_id: UUID) -> Move | None:
    """A move of the ward's, with its counts: all of them from one index."""
    found = read.execute(
        sa.select(VersionMove, Person.name)
        .outerjoin(Person, Person.id == VersionMove.created_by)
        .where(VersionMove.id == move_id, VersionMove.tenant_id == tenant_id)
    ).one_or_none()
    if found is None:
        return None
    row, name = found
    counts = sa.select(_c.c.outcome, sa.func.count()).where(_c.c.move_id == move_id).group_by(_c.c.outcome)
    return Move(
        row.id, row.from_id, row.to_id, row.state, row.reason, orjson.loads(row.mapping), row.created_at,
        name or "Hệ thống", row.started_at, row.ended_at, {outcome: count for outcome, count in read.execute(counts)},  # noqa: C416  mypy can't see pairs in rows
        row.round,
    )  # fmt: skip


def goes_on_at(read: Session, tenant_id: UUID, move: Move, now: datetime) -> datetime | None:
    """When a move that stands still goes on by itself; None while it is at work.

    Its worker was killed, and the lease of the job has not ended; or the job failed, and is tried again after a while.
    """
    if not move.is_working:
        return None
    kind = JOBS[move.state]
    query = sa.select(Job.run_at, Job.lease_owner).where(
        Job.tenant_id == tenant_id, Job.state == JobState.READY, Job.kind == kind,
        Job.key.startswith(f"{kind}:{move.id}:{move.round}:"),
    )  # fmt: skip
    job = read.execute(query).first()
    if job is None:
        return None
    stands = now - (job.run_at - LEASE) >= LONG if job.lease_owner else job.run_at - now >= LONG
    return job.run_at if stands else None


def newest_moves(read: Session, tenant_id: UUID, key: str) -> list[PastMove]:
    """The newest moves between versions of a procedure, the one under way among them."""
    old, new = _d.alias(), _d.alias()
    query = (
        sa.select(
            VersionMove.id, old.c.version, new.c.version, VersionMove.state, VersionMove.created_at,
            sa.func.coalesce(Person.name, "Hệ thống"),
        )
        .join(old, old.c.id == VersionMove.from_id)
        .join(new, new.c.id == VersionMove.to_id)
        .outerjoin(Person, Person.id == VersionMove.created_by)
        .where(VersionMove.tenant_id == tenant_id, new.c.key == key)
        .order_by(VersionMove.created_at.desc())
        .limit(MOST_MOVES)
    )  # fmt: skip
    return [PastMove(*row) for row in read.execute(query)]


def cases_of(read: Session, move_id: UUID, outcome: Outcome, after: UUID | None) -> list[CaseOfMove]:
    """The cases of one outcome, one more than a page where there are more."""
    query = (
        sa.select(_c.c.instance_id, _p.c.title, _c.c.outcome, _c.c.detail)
        .join(_p, _p.c.id == _c.c.instance_id)
        .where(_c.c.move_id == move_id, _c.c.outcome == outcome)
        .order_by(_c.c.instance_id)
        .limit(PAGE + 1)
    )
    if after is not None:
        query = query.where(_c.c.instance_id > after)
    return [CaseOfMove(*row) for row in read.execute(query)]
