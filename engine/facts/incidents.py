"""Facts about incidents."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import (
    Incident,
    IncidentState,
)
from engine.statements import Writes

_incidents: Any = Incident.__table__


@fact
@dataclass(frozen=True, slots=True)
class IncidentRaised(Fact):
    incident_id: UUID
    instance_id: UUID | None
    job_id: UUID | None
    timer_id: UUID | None
    element_id: str | None
    message: str
    detail: str


@fact
@dataclass(frozen=True, slots=True)
class IncidentResolved(Fact):
    incident_id: UUID
    resolution: str


@fact
@dataclass(frozen=True, slots=True)
class AlikeResolved(Fact):
    """All open incidents that say this are being settled; each has a fact of its own."""

    message: str
    retry: bool
    reason: str


INSERT_INCIDENT = sa.insert(_incidents)
RESOLVE_INCIDENT = (
    sa.update(_incidents)
    .where(by_id(_incidents), _incidents.c.state == IncidentState.OPEN)
    .values(
        state=IncidentState.RESOLVED,
        resolved_at=sa.bindparam("at"),
        resolved_by=sa.bindparam("by"),
        resolution=sa.bindparam("why"),
    )
)


@applies(IncidentRaised)
def apply_incident_raised(writes: Writes, envelope: Envelope, facts: list[IncidentRaised]) -> None:
    rows = [
        {
            "id": f.incident_id, "tenant_id": envelope.tenant_id, "instance_id": f.instance_id, "job_id": f.job_id,
            "timer_id": f.timer_id, "element_id": f.element_id, "message": f.message, "detail": f.detail,
            "state": IncidentState.OPEN, "created_at": envelope.at,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(INSERT_INCIDENT, rows)


@applies(IncidentResolved)
def apply_incident_resolved(writes: Writes, envelope: Envelope, facts: list[IncidentResolved]) -> None:
    rows = [{"row_id": f.incident_id, "at": envelope.at, "by": envelope.actor_id, "why": f.resolution} for f in facts]
    writes.add(RESOLVE_INCIDENT, rows)
