"""Messages that came to a case before anything waited for them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import KeptMessage
from engine.spiff import Definition
from webapp.procedures.words import message_in_words

_k: Any = KeptMessage.__table__
MOST = 50


@dataclass(frozen=True, slots=True)
class KeptView:
    """One of them, and until when it is kept."""

    message: str
    expires_at: datetime


def kept_messages(read: Session, instance_id: UUID, definition: Definition) -> list[KeptView]:
    """Those that still wait, the first to lapse first; the case's access has been checked."""
    query = sa.select(_k.c.message, _k.c.expires_at).where(_k.c.instance_id == instance_id)
    names = {element.message: element.name for element in definition.elements.values() if element.message}
    rows = read.execute(query.order_by(_k.c.expires_at, _k.c.id).limit(MOST))
    return [KeptView(names.get(row.message) or message_in_words(row.message), row.expires_at) for row in rows]
