"""What happens to a move of running cases, in the ward's own stream; each case has its own event beside."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class VersionMovePlanned(Fact):
    move_id: UUID
    from_id: UUID
    to_id: UUID
    mapping: dict[str, str]
    cases: int


@fact
@dataclass(frozen=True, slots=True)
class VersionMoveStarted(Fact):
    move_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class VersionMoveStopped(Fact):
    move_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class VersionMoveWentOn(Fact):
    """Some cases more are known, or moved."""

    move_id: UUID
    outcomes: dict[str, int]
    is_done: bool
