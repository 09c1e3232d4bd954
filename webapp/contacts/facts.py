"""What has happened to contacts. Names of people, telephone numbers and addresses stay in the rows."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class ContactAdded(Fact):
    unit_id: UUID
    unit_name: str
    officer_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class ContactChanged(Fact):
    unit_id: UUID
    changed: tuple[str, ...]  # names of columns; "officer"
    officer_id: UUID
