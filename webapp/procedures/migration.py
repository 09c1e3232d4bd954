"""Moving running cases to another version: planned, tried on all of them, then carried out in the background.

A move is worked off by jobs, one after the other, each with a few cases; a case is a transaction of its own. A job that
is killed comes back and finds the rest: a case that has moved already is moved, whoever asks again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import Kind, NotFound, Rejected
from engine.ids import uuid7
from engine.models import InstanceState, ProcessDefinition, ProcessInstance
from engine.transaction import Transaction
from webapp.procedures.migration_facts import (
    VersionMovePlanned,
    VersionMoveStarted,
    VersionMoveStopped,
    VersionMoveWentOn,
)
from webapp.procedures.migration_models import MovedCase, MoveState, Outcome, VersionMove

PAUSE = timedelta(seconds=0.5)
"""Between two jobs of a move: what others want done comes in between, and so does the database."""
JOBS = {MoveState.LOOKING: "procedures.foresee", MoveState.MOVING: "procedures.move"}
AHEAD = (Outcome.UNKNOWN, Outcome.MOVES, Outcome.DUE_CHANGES)
"""Cases that a move which runs has still to move."""

_cases: Any = MovedCase.__table__
_instances: Any = ProcessInstance.__table__


class NothingToMove(Rejected):
    message = "Không còn hồ sơ nào đang chạy theo bản cũ."


class MoveIsRunning(Rejected):
    kind = Kind.CONFLICT
    message = "Đang chuyển hồ sơ theo kế hoạch này. Dừng lại trước khi sửa."


class StillLooking(Rejected):
    kind = Kind.CONFLICT
    message = "Đang thử trên các hồ sơ. Đợi thử xong rồi hãy chuyển."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMove(Command):
    """Say which place becomes which, and try it on all running cases of the old version."""

    permission = EnginePermission.DEPLOY

    from_id: UUID
    to_id: UUID
    mapping: Mapping[str, str]


@handles(PlanMove)
def plan_move(command: PlanMove, tx: Transaction) -> UUID:
    """Return the move's id. Raises NotFound, NothingToMove, MoveIsRunning."""
    tx.take_turns(f"move:{command.from_id}")
    _require_versions(tx, command)
    running = sa.select(VersionMove.id).where(
        VersionMove.from_id == command.from_id, VersionMove.state == MoveState.MOVING
    )
    if tx.session.scalar(running) is not None:
        raise MoveIsRunning
    move = VersionMove(
        id=uuid7(), tenant_id=tx.tenant_id, from_id=command.from_id, to_id=command.to_id, reason="",
        mapping=orjson.dumps(dict(command.mapping)).decode(), state=MoveState.LOOKING, round=1,
        created_at=tx.now, created_by=tx.actor.id,
    )  # fmt: skip
    tx.session.add(move)
    tx.session.flush()
    cases = _add_cases(tx, move)
    if not cases:
        raise NothingToMove
    tx.record(VersionMovePlanned(move.id, move.from_id, move.to_id, dict(command.mapping), cases))
    go_on(tx, move)
    return move.id


def _require_versions(tx: Transaction, command: PlanMove) -> None:
    """Both versions are the ward's, and of one procedure."""
    versions = sa.select(ProcessDefinition.key).where(
        ProcessDefinition.tenant_id == tx.tenant_id, ProcessDefinition.id.in_([command.from_id, command.to_id])
    )
    keys = tx.session.scalars(versions).all()
    if len(keys) != 2 or len(set(keys)) != 1:
        raise NotFound


def _add_cases(tx: Transaction, move: VersionMove) -> int:
    """Every running case of the old version that the move does not have yet; return how many."""
    known = sa.exists().where(_cases.c.move_id == move.id, _cases.c.instance_id == _instances.c.id)
    running = sa.select(
        sa.literal(move.id, _cases.c.move_id.type), _instances.c.id,
        sa.literal(Outcome.UNKNOWN, _cases.c.outcome.type), sa.literal(""),
    ).where(
        _instances.c.definition_id == move.from_id,
        _instances.c.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED]), ~known,
    )  # fmt: skip
    return int(tx.connection.execute(sa.insert(_cases).from_select(list(_cases.c.keys()), running)).rowcount)


def find_move(tx: Transaction, move_id: UUID) -> VersionMove:
    """The move, locked. Raises NotFound."""
    move = tx.session.get(VersionMove, move_id, with_for_update=tx.locks)
    if move is None or move.tenant_id != tx.tenant_id:
        raise NotFound
    return move


def go_on(tx: Transaction, move: VersionMove, *, after: UUID | None = None) -> None:
    """Leave the next job of a move; its name tells what was done before, so a job that comes twice leaves one."""
    payload = {"move_id": move.id, "round": move.round}
    kind = JOBS[move.state]
    tx.enqueue(kind, f"{kind}:{move.id}:{move.round}:{after}", payload, run_at=tx.now + PAUSE if after else tx.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartMove(Command):
    """Move the cases that can be moved; again, to try once more those that failed."""

    permission = EnginePermission.DEPLOY

    move_id: UUID
    reason: str


@handles(StartMove)
def start_move(command: StartMove, tx: Transaction) -> None:
    """Starting twice is starting once. Raises NotFound, StillLooking."""
    move = find_move(tx, command.move_id)
    if move.state is MoveState.MOVING:
        return
    if move.state is MoveState.LOOKING:
        raise StillLooking
    failed = _cases.c.move_id == move.id, _cases.c.outcome.in_([Outcome.FAILED, Outcome.CANNOT])
    tx.connection.execute(sa.update(_cases).where(*failed).values(outcome=Outcome.UNKNOWN, detail=""))
    _add_cases(tx, move)
    move.state, move.round, move.reason = MoveState.MOVING, move.round + 1, command.reason
    move.started_at, move.started_by, move.ended_at = tx.now, tx.actor.id, None
    tx.record(VersionMoveStarted(move.id, command.reason))
    go_on(tx, move)


@dataclass(frozen=True, slots=True, kw_only=True)
class StopMove(Command):
    """Let the cases that have not moved yet stay where they are, until the move is started again."""

    permission = EnginePermission.DEPLOY

    move_id: UUID


@handles(StopMove)
def stop_move(command: StopMove, tx: Transaction) -> None:
    """Raises NotFound."""
    move = find_move(tx, command.move_id)
    if move.state is MoveState.MOVING:
        move.state, move.round = MoveState.LOOKED, move.round + 1
        tx.record(VersionMoveStopped(move.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOutcomes(Command):
    """What became of some cases of a move; when there are no more, the move is done."""

    permission = EnginePermission.SYSTEM

    move_id: UUID
    round: int
    outcomes: Sequence[tuple[UUID, Outcome, str]]


KEEP = (
    sa.update(_cases)
    .where(_cases.c.move_id == sa.bindparam("move"), _cases.c.instance_id == sa.bindparam("case"))
    .values(outcome=sa.bindparam("is_now"), detail=sa.bindparam("why"))
)


@handles(KeepOutcomes)
def keep_outcomes(command: KeepOutcomes, tx: Transaction) -> None:
    """Of a move that was stopped meanwhile, what was done is kept. Raises NotFound."""
    move = find_move(tx, command.move_id)
    rows = [{"move": move.id, "case": id, "is_now": outcome, "why": why} for id, outcome, why in command.outcomes]
    if rows:
        tx.connection.execute(KEEP, rows)
    goes_on = move.round == command.round and bool(rows)
    if move.round == command.round and not rows:
        move.state = MoveState.LOOKED if move.state is MoveState.LOOKING else MoveState.MOVED
        move.ended_at = tx.now
    counts = Counter(str(outcome) for _, outcome, _ in command.outcomes)
    tx.record(VersionMoveWentOn(move.id, dict(counts), is_done=not rows))
    if goes_on:
        go_on(tx, move, after=command.outcomes[-1][0])
