"""What has happened to a change of a unit."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class UnitChangePlanned(Fact):
    """Entered; nothing moves before it is confirmed."""

    change_id: UUID
    unit_id: UUID
    kind: str
    from_day: str
    successors: tuple[str, ...]
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class SuccessorsChosen(Fact):
    change_id: UUID
    choices: tuple[str, ...]  # kind of subject, its id @ the unit that takes it


@fact
@dataclass(frozen=True, slots=True)
class UnitChangeConfirmed(Fact):
    change_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UnitChangeCancelled(Fact):
    change_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class UnitSucceeded(Fact):
    """The day has come: others have the unit's place, its people and its tasks. Its cases move one by one."""

    change_id: UUID
    unit_id: UUID
    old_name: str
    successors: tuple[str, ...]
    from_day: str
    reason: str
    people: tuple[str, ...]  # person @ unit
    tasks: tuple[str, ...]  # row of a plan @ unit
    plans: tuple[str, ...] = ()  # plan that it steers @ unit
    indicators: tuple[str, ...] = ()  # indicator that it answers for @ unit


@fact
@dataclass(frozen=True, slots=True)
class EntriesFollowed(Fact):
    """A case's rows in reporting cycles went with it."""

    unit_id: UUID
    entries: tuple[str, ...]


@fact
@dataclass(frozen=True, slots=True)
class UnitChangeDone(Fact):
    """No case waits at the unit any more."""

    change_id: UUID
    unit_id: UUID
