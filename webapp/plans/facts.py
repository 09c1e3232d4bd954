"""What happens to plans."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class PlanImported(Fact):
    plan_id: UUID
    file_name: str
    tasks: int


@fact
@dataclass(frozen=True, slots=True)
class PlanReceived(Fact):
    """A long file was sent, to be read in the background."""

    received_id: UUID
    file_name: str


@fact
@dataclass(frozen=True, slots=True)
class PlanRefused(Fact):
    """A file that was sent can't be read."""

    received_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class PlanRevised(Fact):
    """A draft was corrected before it was confirmed; `changes` says what, field by field."""

    plan_id: UUID
    plan_task_id: UUID | None
    changes: dict[str, str]


@fact
@dataclass(frozen=True, slots=True)
class PlanConfirmed(Fact):
    plan_id: UUID
    number: str
    issued_on: str
    report_by: str | None
    submit_by: str | None


@fact
@dataclass(frozen=True, slots=True)
class PlanIssued(Fact):
    plan_id: UUID
    year: int
    occurrences: int


@fact
@dataclass(frozen=True, slots=True)
class PlanReopened(Fact):
    """A confirmed plan is a draft again."""

    plan_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class PlanDiscarded(Fact):
    """A draft imported by mistake was thrown away, with all its rows."""

    plan_id: UUID
    file_name: str
    tasks: int


@fact
@dataclass(frozen=True, slots=True)
class YearBegun(Fact):
    """The recurring tasks got their cases of a year."""

    plan_id: UUID
    year: int
    occurrences: int
