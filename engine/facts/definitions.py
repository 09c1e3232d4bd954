"""Facts of the tenant's stream about what is in force, and about the movable clock."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class DefinitionDeployed(Fact):
    definition_id: UUID
    key: str
    version: int
    content_hash: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class ClockMoved(Fact):
    ahead_seconds: int
