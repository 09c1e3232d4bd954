"""What happened, as the tables tell it, so that one world can be compared with another."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.models import (
    Event,
    Incident,
    Job,
    KeptMessage,
    MessageSubscription,
    ProcessDefinition,
    ProcessInstance,
    Submission,
    Timer,
    UserTask,
)

Traces = dict[str, Counter[tuple[Any, ...]]]
KEPT: dict[Any, tuple[str, ...]] = {
    Event: ("type",), Incident: ("state",), Job: ("kind", "state"), KeptMessage: ("message",),
    MessageSubscription: ("message",), ProcessDefinition: ("key", "version"), ProcessInstance: ("key", "state"),
    Submission: ("element_id",), Timer: ("element_id", "level", "state"), UserTask: ("element_id", "state"),
}  # fmt: skip
"""What must agree, table by table; ids, hashes and moments differ from one world to the next."""
CLOCK = Event.type != "ClockMoved"


def traces(rows: Callable[[sa.Select[Any]], Sequence[Any]], tenant_id: UUID) -> Traces:
    """What a tenant has left in the engine's tables, without how its clock was moved."""
    found = {}
    for model, names in KEPT.items():
        mine = [model.tenant_id == tenant_id, *([CLOCK] if model is Event else [])]
        columns = [getattr(model, name) for name in names]
        found[model.__tablename__] = Counter(tuple(row) for row in rows(sa.select(*columns).where(*mine)))
    return found
