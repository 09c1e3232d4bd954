"""Facts about process instances."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import (
    InstanceState,
    ProcessInstance,
)
from engine.statements import Writes
from engine.text import fold

_instances: Any = ProcessInstance.__table__


@fact
@dataclass(frozen=True, slots=True)
class InstanceStarted(Fact):
    instance_id: UUID
    definition_id: UUID
    key: str
    business_key: str
    title: str
    parties: str  # JSON: party → unit id
    dates: str  # JSON: name → last day in time


@fact
@dataclass(frozen=True, slots=True)
class InstanceAdvanced(Fact):
    """The state snapshot that this event leaves behind."""

    state_hash: str


@fact
@dataclass(frozen=True, slots=True)
class InstanceEnded(Fact):
    outcome: InstanceState
    reason: str | None = None


@fact
@dataclass(frozen=True, slots=True)
class InstanceSuspended(Fact):
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class InstanceResumed(Fact):
    reason: str


@fact
@dataclass(frozen=True, slots=True)
class DatesChanged(Fact):
    dates: str
    previous: str
    reason: str


INSERT_INSTANCE = sa.insert(_instances)
END_INSTANCE = (
    sa.update(_instances).where(by_id(_instances)).values(state=sa.bindparam("to"), ended_at=sa.bindparam("at"))
)
SET_INSTANCE_STATE = sa.update(_instances).where(by_id(_instances)).values(state=sa.bindparam("to"))
SET_DATES = sa.update(_instances).where(by_id(_instances)).values(dates=sa.bindparam("to"))


@applies(InstanceStarted)
def apply_instance_started(writes: Writes, envelope: Envelope, facts: list[InstanceStarted]) -> None:
    rows = [
        {
            "id": f.instance_id, "tenant_id": envelope.tenant_id, "definition_id": f.definition_id, "key": f.key,
            "business_key": f.business_key, "title": f.title, "search_text": fold(f.title),
            "parties": f.parties, "dates": f.dates,
            "state": InstanceState.ACTIVE, "initiator_id": envelope.actor_id, "started_at": envelope.at,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(INSERT_INSTANCE, rows)


@applies(InstanceEnded)
def apply_instance_ended(writes: Writes, envelope: Envelope, facts: list[InstanceEnded]) -> None:
    rows = [{"row_id": envelope.stream, "to": InstanceState(f.outcome), "at": envelope.at} for f in facts]
    writes.add(END_INSTANCE, rows)


@applies(InstanceSuspended)
def apply_instance_suspended(writes: Writes, envelope: Envelope, facts: list[InstanceSuspended]) -> None:
    writes.add(SET_INSTANCE_STATE, {"row_id": envelope.stream, "to": InstanceState.SUSPENDED})


@applies(InstanceResumed)
def apply_instance_resumed(writes: Writes, envelope: Envelope, facts: list[InstanceResumed]) -> None:
    writes.add(SET_INSTANCE_STATE, {"row_id": envelope.stream, "to": InstanceState.ACTIVE})


@applies(DatesChanged)
def apply_dates_changed(writes: Writes, envelope: Envelope, facts: list[DatesChanged]) -> None:
    writes.add(SET_DATES, [{"row_id": envelope.stream, "to": f.dates} for f in facts])
