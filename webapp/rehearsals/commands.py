"""Beginning a rehearsal, going on in it, keeping it as a test, giving it up."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.errors import Kind, NotFound, Rejected
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.rehearsals.acts import Act, Bundle, Setting, acts_of, forms_to_json, to_json
from webapp.rehearsals.models import Rehearsal

MOST_ACTS = 200
FORGOTTEN_AFTER = 20
"""How many rehearsals of a procedure that nobody kept are remembered."""


@fact
@dataclass(frozen=True, slots=True)
class RehearsalKept(Fact):
    """A rehearsal is from now on run again at each deployment of its procedure."""

    rehearsal_id: UUID
    title: str


@fact
@dataclass(frozen=True, slots=True)
class RehearsalKeptAnew(Fact):
    """A kept rehearsal goes from now on as it went on another drawing, up to the act that was not possible there."""

    rehearsal_id: UUID
    acts: int


@fact
@dataclass(frozen=True, slots=True)
class RehearsalDropped(Fact):
    """A kept rehearsal is no longer run."""

    rehearsal_id: UUID


class RehearsalWentOn(Rejected):
    """The page was made before somebody's last act."""

    kind = Kind.CONFLICT
    message = "Buổi diễn tập đã đi tiếp ở một trang khác. Hãy tải lại trang."


class TooLong(Rejected):
    message = f"Một buổi diễn tập dài nhất {MOST_ACTS} việc. Hãy giữ lại buổi này và mở buổi khác."


class IsKept(Rejected):
    message = "Buổi diễn tập này đang được giữ làm bài thử nên không đổi nữa. Hãy mở một buổi mới."


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginRehearsal(Command):
    """Keep what will be played; nothing runs yet."""

    permission = EnginePermission.DEPLOY

    key: str
    name: str
    bundle: Bundle
    setting: Setting


@handles(BeginRehearsal)
def begin_rehearsal(command: BeginRehearsal, tx: Transaction) -> UUID:
    """Return its id. The oldest that nobody kept are forgotten."""
    row = Rehearsal(
        id=uuid7(), tenant_id=tx.tenant_id, key=command.key, name=command.name, source=command.bundle.source,
        forms=forms_to_json(command.bundle.forms), setting=to_json(command.setting), created_by=tx.actor.id,
        updated_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    old = (
        sa.select(Rehearsal.id)
        .where(Rehearsal.tenant_id == tx.tenant_id, Rehearsal.key == command.key, Rehearsal.expected.is_(None))
        .order_by(Rehearsal.updated_at.desc(), Rehearsal.id.desc())
        .offset(FORGOTTEN_AFTER)
    )
    for rehearsal_id in tx.session.scalars(old).all():
        tx.session.execute(sa.delete(Rehearsal).where(Rehearsal.id == rehearsal_id))
    return row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ActInRehearsal(Command):
    """Add an act that could be played."""

    permission = EnginePermission.DEPLOY

    rehearsal_id: UUID
    after: int  # how many acts the actor saw
    act: Act


@handles(ActInRehearsal)
def act_in_rehearsal(command: ActInRehearsal, tx: Transaction) -> None:
    """Raises NotFound, IsKept, RehearsalWentOn, TooLong."""
    row, acts = _open(tx, command.rehearsal_id)
    if len(acts) != command.after:
        raise RehearsalWentOn
    if len(acts) >= MOST_ACTS:
        raise TooLong
    row.acts, row.updated_at = to_json([*acts, command.act]), tx.now


@dataclass(frozen=True, slots=True, kw_only=True)
class GoBackInRehearsal(Command):
    """Leave out what was done after the first `keep` acts."""

    permission = EnginePermission.DEPLOY

    rehearsal_id: UUID
    keep: int


@handles(GoBackInRehearsal)
def go_back_in_rehearsal(command: GoBackInRehearsal, tx: Transaction) -> None:
    """Raises NotFound, IsKept."""
    row, acts = _open(tx, command.rehearsal_id)
    row.acts, row.updated_at = to_json(acts[: max(command.keep, 0)]), tx.now


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepRehearsal(Command):
    """Make a rehearsal a test of its procedure."""

    permission = EnginePermission.DEPLOY

    rehearsal_id: UUID
    name: str
    trail: tuple[tuple[str, ...], ...]  # what waited after the start and after each act


@handles(KeepRehearsal)
def keep_rehearsal(command: KeepRehearsal, tx: Transaction) -> None:
    """Raises NotFound, IsKept."""
    row, _ = _open(tx, command.rehearsal_id)
    row.name, row.expected, row.updated_at = command.name, to_json([list(w) for w in command.trail]), tx.now
    tx.record(RehearsalKept(row.id, command.name))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepAnew(Command):
    """Let a kept rehearsal be what became of it on another drawing."""

    permission = EnginePermission.DEPLOY

    rehearsal_id: UUID
    bundle: Bundle
    trail: tuple[tuple[str, ...], ...]  # what waited there after the start and after each act


@handles(KeepAnew)
def keep_anew(command: KeepAnew, tx: Transaction) -> int:
    """Return how many of its acts are left out, since they could not be done there. Raises NotFound."""
    tx.take_turns(f"rehearsal:{command.rehearsal_id}")
    row = _find(tx, command.rehearsal_id)
    if row.expected is None:
        raise NotFound
    acts = acts_of(row.acts)
    done = acts[: len(command.trail) - 1]
    row.source, row.forms = command.bundle.source, forms_to_json(command.bundle.forms)
    row.acts, row.expected = to_json(done), to_json([list(w) for w in command.trail])
    row.updated_at = tx.now
    tx.record(RehearsalKeptAnew(row.id, len(done)))
    return len(acts) - len(done)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropRehearsal(Command):
    """Forget a rehearsal, kept or not."""

    permission = EnginePermission.DEPLOY

    rehearsal_id: UUID


@handles(DropRehearsal)
def drop_rehearsal(command: DropRehearsal, tx: Transaction) -> None:
    """Raises NotFound."""
    row = _find(tx, command.rehearsal_id)
    if row.expected is not None:
        tx.record(RehearsalDropped(row.id))
    tx.session.delete(row)


def _open(tx: Transaction, rehearsal_id: UUID) -> tuple[Rehearsal, list[Act]]:
    tx.take_turns(f"rehearsal:{rehearsal_id}")
    row = _find(tx, rehearsal_id)
    if row.expected is not None:
        raise IsKept
    return row, acts_of(row.acts)


def _find(tx: Transaction, rehearsal_id: UUID) -> Any:
    row = tx.session.get(Rehearsal, rehearsal_id)
    if row is None or row.tenant_id != tx.tenant_id:
        raise NotFound
    return row
