"""A version's drawing, and incidents that wait for an administrator."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import Incident, IncidentState, ProcessDefinition, ProcessInstance

PAGE = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One incident."""

    id: UUID
    instance_id: UUID | None
    subject: str
    element_id: str | None
    message: str
    detail: str
    at: datetime
    can_retry: bool


def drawing(read: Session, tenant_id: UUID, definition_id: UUID) -> bytes | None:
    """The diagram of a version, as it was deployed."""
    return read.scalar(
        sa.select(ProcessDefinition.source).where(
            ProcessDefinition.id == definition_id, ProcessDefinition.tenant_id == tenant_id
        )
    )


def open_incidents(read: Session, tenant_id: UUID) -> list[Fault]:
    """What waits for an administrator, newest first."""
    rows = read.execute(
        sa.select(Incident, ProcessInstance.title)
        .outerjoin(ProcessInstance, ProcessInstance.id == Incident.instance_id)
        .where(Incident.tenant_id == tenant_id, Incident.state == IncidentState.OPEN)
        .order_by(Incident.created_at.desc())
        .limit(PAGE)
    )
    return [
        Fault(
            i.id, i.instance_id, title or "", i.element_id, i.message, i.detail, i.created_at,
            can_retry=i.job_id is not None or i.timer_id is not None,
        )
        for i, title in rows
    ]  # fmt: skip
