"""A version's drawing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import ProcessDefinition


def drawing(read: Session, tenant_id: UUID, definition_id: UUID) -> bytes | None:
    """The diagram of a version, as it was deployed."""
    return read.scalar(
        sa.select(ProcessDefinition.source).where(
            ProcessDefinition.id == definition_id, ProcessDefinition.tenant_id == tenant_id
        )
    )
