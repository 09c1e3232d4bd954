"""What happens to reporting cycles and their reports."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class CycleStarted(Fact):
    cycle_id: UUID
    plan_id: UUID
    cycle_name: str


@fact
@dataclass(frozen=True, slots=True)
class CasesAsked(Fact):
    cycle_id: UUID
    entries: int


@fact
@dataclass(frozen=True, slots=True)
class UnitReminded(Fact):
    """Somebody pressed Đôn đốc."""

    cycle_id: UUID
    unit_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class CycleReminded(Fact):
    """The calendar told so many units that they are awaited."""

    cycle_id: UUID
    levels: list[str]
    units: int


@fact
@dataclass(frozen=True, slots=True)
class RowReturned(Fact):
    """One case's report was sent back out of a consolidation that goes on."""

    cycle_id: UUID
    entry_id: UUID
    item: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class StatementDecided(Fact):
    """How the report words a statement, and whether it uses it."""

    statement_id: UUID
    state: str
    text_hash: str
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class ReportEdited(Fact):
    report_id: UUID
    fields: list[str]


@fact
@dataclass(frozen=True, slots=True)
class PackageBuilt(Fact):
    submission_id: UUID
    attachment_id: UUID
    sha256: str


@fact
@dataclass(frozen=True, slots=True)
class DeadlinesMoved(Fact):
    cycle_id: UUID
    report_by: str
    cases: int


@fact
@dataclass(frozen=True, slots=True)
class VersionOpened(Fact):
    cycle_id: UUID
    report_id: UUID
    version: int
