"""What has happened to the committee, its units, its people and its calendar.

Names, telephone numbers and addresses stay out of the log, which can't forget them; rows hold those.
"""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact

# --- the committee and its units ---


@fact
@dataclass(frozen=True, slots=True)
class CommitteeSetUp(Fact):
    committee_name: str
    committee_unit_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class CommitteeChanged(Fact):
    changed: tuple[str, ...]  # names of columns


@fact
@dataclass(frozen=True, slots=True)
class UnitAdded(Fact):
    unit_id: UUID
    unit_name: str


@fact
@dataclass(frozen=True, slots=True)
class UnitChanged(Fact):
    unit_id: UUID
    changed: tuple[str, ...]
    name_before: str
    name_after: str


@fact
@dataclass(frozen=True, slots=True)
class UnitDeactivated(Fact):
    unit_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class UnitReactivated(Fact):
    unit_id: UUID


# --- people ---


@fact
@dataclass(frozen=True, slots=True)
class PersonAdded(Fact):
    person_id: UUID
    desks: tuple[str, ...]  # role@unit


@fact
@dataclass(frozen=True, slots=True)
class PersonChanged(Fact):
    person_id: UUID
    changed: tuple[str, ...]
    desks_added: tuple[str, ...]
    desks_removed: tuple[str, ...]


@fact
@dataclass(frozen=True, slots=True)
class PersonDeactivated(Fact):
    person_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class PersonReactivated(Fact):
    person_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class PasswordReset(Fact):
    """Somebody else gave the person a new password, to be changed at once."""

    person_id: UUID


# --- absences ---


@fact
@dataclass(frozen=True, slots=True)
class AbsenceEntered(Fact):
    absence_id: UUID
    person_id: UUID
    proxy_id: UUID
    from_day: str
    to_day: str


@fact
@dataclass(frozen=True, slots=True)
class AbsenceEnded(Fact):
    absence_id: UUID
    person_id: UUID
    proxy_id: UUID


# --- the calendar ---


@fact
@dataclass(frozen=True, slots=True)
class CalendarDaySet(Fact):
    day: str
    working: bool
    note: str


@fact
@dataclass(frozen=True, slots=True)
class CalendarDayRemoved(Fact):
    day: str


@fact
@dataclass(frozen=True, slots=True)
class CalendarReviewed(Fact):
    year: int
