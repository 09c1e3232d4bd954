"""Facts about messages and services: what an instance waits for, and what came or went."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.events import Envelope, Fact, applies, fact
from engine.facts.rows import by_id
from engine.models import (
    MessageSubscription,
)
from engine.statements import Writes

_subscriptions: Any = MessageSubscription.__table__


@fact
@dataclass(frozen=True, slots=True)
class SubscriptionOpened(Fact):
    subscription_id: UUID
    element_id: str
    message: str


@fact
@dataclass(frozen=True, slots=True)
class SubscriptionClosed(Fact):
    subscription_id: UUID


@fact
@dataclass(frozen=True, slots=True)
class MessageDelivered(Fact):
    element_id: str
    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class MessageKept(Fact):
    """Nobody waited for it yet."""

    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class MessageExpired(Fact):
    """It was kept, and nobody waited for it in time."""

    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class MessageSent(Fact):
    """The process itself sent it; subscribers decide who gets it."""

    element_id: str
    message: str
    payload: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class ServiceRequested(Fact):
    task_id: UUID
    element_id: str
    service: str


@fact
@dataclass(frozen=True, slots=True)
class ServiceCompleted(Fact):
    task_id: UUID
    element_id: str
    result: dict[str, Any]


@fact
@dataclass(frozen=True, slots=True)
class ServiceErred(Fact):
    """A service reported an error that the drawing has a way for."""

    task_id: UUID
    element_id: str
    code: str
    payload: dict[str, Any]


INSERT_SUBSCRIPTION = sa.insert(_subscriptions)
DELETE_SUBSCRIPTION = sa.delete(_subscriptions).where(by_id(_subscriptions))


@applies(SubscriptionOpened)
def apply_subscription_opened(writes: Writes, envelope: Envelope, facts: list[SubscriptionOpened]) -> None:
    rows = [
        {
            "id": f.subscription_id, "tenant_id": envelope.tenant_id, "instance_id": envelope.stream,
            "element_id": f.element_id, "message": f.message,
        }
        for f in facts
    ]  # fmt: skip
    writes.add(INSERT_SUBSCRIPTION, rows)


@applies(SubscriptionClosed)
def apply_subscription_closed(writes: Writes, envelope: Envelope, facts: list[SubscriptionClosed]) -> None:
    writes.add(DELETE_SUBSCRIPTION, [{"row_id": f.subscription_id} for f in facts])
