"""What happens to indicators by hand; values that come with a report are in its submission."""

from dataclasses import dataclass
from uuid import UUID

from engine.events import Fact, fact


@fact
@dataclass(frozen=True, slots=True)
class IndicatorAdded(Fact):
    indicator_id: UUID
    plan_id: UUID
    indicator_name: str


@fact
@dataclass(frozen=True, slots=True)
class IndicatorRevised(Fact):
    """`changes` says what was and what is, by field."""

    indicator_id: UUID
    changes: dict[str, str]


@fact
@dataclass(frozen=True, slots=True)
class IndicatorRetired(Fact):
    indicator_id: UUID
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class IndicatorMeasured(Fact):
    """A value was entered by hand."""

    indicator_id: UUID
    value_id: UUID
    value: float
    as_of: str


@fact
@dataclass(frozen=True, slots=True)
class IndicatorValueWithdrawn(Fact):
    """A value that was entered by hand was wrong."""

    indicator_id: UUID
    value_id: UUID
    value: float
    as_of: str
    reason: str
