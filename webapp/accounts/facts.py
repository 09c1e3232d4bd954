"""What has happened to accounts. Failed attempts are no facts: they change nothing but the throttle."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class SignedIn(Fact):
    person_id: UUID
    method: str  # password, code


@fact
@dataclass(frozen=True, slots=True)
class PasswordChanged(Fact):
    """By the person; every other session of theirs has ended."""

    person_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class OneTimeCodeIssued(Fact):
    person_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class EmailChanged(Fact):
    person_id: UUID
