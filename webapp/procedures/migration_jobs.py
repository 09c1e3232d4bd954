"""The jobs of a move: some cases are tried, or moved, then the next job is left."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Actor, EnginePermission
from engine.commands.migration import Migrated, MigrateInstance
from engine.dry_run import dry_run
from engine.errors import Rejected
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from webapp.presentation import time_limit
from webapp.procedures.migration import AHEAD, KeepOutcomes
from webapp.procedures.migration_models import MovedCase, MoveState, Outcome, VersionMove

log = logging.getLogger(__name__)

AT_ONCE = 100
"""Cases of one job: well under a second, so that whatever else is due is not late."""

Known = tuple[UUID, Outcome, str]

_cases: Any = MovedCase.__table__
_moves: Any = VersionMove.__table__


@performs("procedures.foresee", "xem trước việc chuyển hồ sơ sang phiên bản mới")
def foresee_some(job: JobCall, runtime: Runtime) -> None:
    """Try the next cases without writing them."""
    move = _move(job, runtime, MoveState.LOOKING)
    if move is not None:
        commands = _commands(move, _next(runtime, move, (Outcome.UNKNOWN,)))
        outcomes = [_foreseen(id, seen) for id, seen in dry_run(runtime, _actor(move), commands)]
        _keep(runtime, job, outcomes)


@performs("procedures.move", "chuyển hồ sơ sang phiên bản mới")
def move_some(job: JobCall, runtime: Runtime) -> None:
    """Move the next cases."""
    move = _move(job, runtime, MoveState.MOVING)
    if move is not None:
        commands = _commands(move, _next(runtime, move, AHEAD))
        _keep(runtime, job, list(_moved(runtime, _actor(move), commands)))


def _move(job: JobCall, runtime: Runtime, state: MoveState) -> Any:
    """The move, None where it was stopped, is done, or was started anew."""
    query = sa.select(_moves).where(
        _moves.c.id == UUID(job.payload["move_id"]), _moves.c.state == state, _moves.c.round == job.payload["round"]
    )
    with runtime.reading() as connection:
        return connection.execute(query).one_or_none()


def _next(runtime: Runtime, move: Any, outcomes: tuple[Outcome, ...]) -> list[UUID]:
    ahead = sa.select(_cases.c.instance_id).where(_cases.c.move_id == move.id, _cases.c.outcome.in_(outcomes))
    with runtime.reading() as connection:
        return list(connection.scalars(ahead.order_by(_cases.c.instance_id).limit(AT_ONCE)))


def _commands(move: Any, cases: Iterable[UUID]) -> list[MigrateInstance]:
    mapping = orjson.loads(move.mapping)
    return [
        MigrateInstance(instance_id=id, definition_id=move.to_id, mapping=mapping, reason=move.reason) for id in cases
    ]


def _actor(move: Any) -> Actor:
    """Each case's event names who started the move."""
    return Actor(
        id=move.started_by or move.created_by, tenant_id=move.tenant_id,
        permissions=frozenset({EnginePermission.DEPLOY}),
    )  # fmt: skip


def _foreseen(instance_id: UUID, seen: Migrated | str) -> Known:
    if isinstance(seen, str):
        return instance_id, Outcome.CANNOT, seen
    return instance_id, Outcome.DUE_CHANGES if seen.due_changes else Outcome.MOVES, in_words(seen)


def _moved(runtime: Runtime, actor: Actor, commands: Iterable[MigrateInstance]) -> Iterator[Known]:
    for command in commands:
        try:
            migrated = runtime.execute(command, actor=actor)
        except Rejected as refusal:
            yield command.instance_id, Outcome.FAILED, str(refusal)
        except sa.exc.OperationalError:
            raise  # The database is out of reach: the whole job comes back.
        except Exception:
            # Whatever is wrong with one case, the others move; it stays where it was.
            log.exception("case %s could not be moved", command.instance_id)
            yield command.instance_id, Outcome.FAILED, "Phần mềm gặp lỗi khi chuyển hồ sơ này; hồ sơ vẫn ở bản cũ."
        else:
            yield command.instance_id, Outcome.MOVED, in_words(migrated)


def in_words(seen: Migrated) -> str:
    """What is different for a case after it moved."""
    parts = [f"“{c.name}”: hạn {_when(c.before)} → {_when(c.after)}" for c in seen.due_changes]
    parts += [f"“{name}” chuyển sang bộ phận khác, ai đang giữ thì trả lại" for name in seen.released]
    parts += [f"“{name}” dùng biểu mẫu của bản mới" for name in seen.other_forms]
    parts += [f"“{name}” có lịch nhắc khác" for name in seen.other_reminders]
    parts += [f"không còn chờ “{name}”" for name in seen.let_go]
    parts += [f"bắt đầu chờ “{name}”" for name in seen.begun]
    return "; ".join(parts)


def _when(due: datetime | None) -> str:
    return time_limit(due) if due is not None else "không có"


def _keep(runtime: Runtime, job: JobCall, outcomes: list[Known]) -> None:
    command = KeepOutcomes(move_id=UUID(job.payload["move_id"]), round=job.payload["round"], outcomes=outcomes)
    runtime.execute(command, actor=Actor.system(job.tenant_id))
