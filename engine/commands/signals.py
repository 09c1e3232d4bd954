"""Signals: told to everybody in the tenant who waits for them, and to procedures that begin with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.command import Command, EnginePermission, handles
from engine.commands.messages import Unawaited, send
from engine.models import MessageSubscription, ProcessDefinition, ProcessInstance
from engine.spiff import SIGNAL, Definition, Finding
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class SendSignal(Command):
    """Tell a signal to every instance of the tenant that waits for it now; none keeps it for later.

    Each procedure in force that begins with it begins once, for the parties and dates of the instance that sent it.
    """

    permission = EnginePermission.SYSTEM

    signal: str
    key: str  # makes it one signal, however often it is tried
    payload: Mapping[str, Any] = field(default_factory=dict)
    sender_id: UUID | None = None  # an instance that has heard it already


@handles(SendSignal)
def send_signal(command: SendSignal, tx: Transaction) -> int:
    """Return how many instances wait for it or begin; each gets it by a job of its own."""
    message = SIGNAL + command.signal
    waiting = (
        sa.select(MessageSubscription.instance_id)
        .where(MessageSubscription.tenant_id == tx.tenant_id, MessageSubscription.message == message)
        .distinct()
    )
    found = [instance_id for instance_id in tx.connection.scalars(waiting) if instance_id != command.sender_id]
    for instance_id in found:
        key = f"{command.key}:{instance_id}"
        send(tx, instance_id, message, command.payload, key=key, unawaited=Unawaited.IGNORE)
    return len(found) + _begin(command, tx)


def _begin(command: SendSignal, tx: Transaction) -> int:
    begun = [
        (definition, start.element_id)
        for definition in _in_force(tx)
        for start in definition.starts
        if start.kind == "signal" and start.signal == command.signal
    ]
    parties, dates = _of_sender(command, tx) if begun else ({}, {})
    for definition, element_id in begun:
        key = f"{command.key}:{definition.process_id}"
        payload = {
            "key": definition.process_id, "business_key": key, "title": definition.name, "start_event": element_id,
            "data": {element_id: dict(command.payload)}, "parties": parties, "dates": dates,
        }  # fmt: skip
        tx.enqueue("engine.start", key, payload)
    return len(begun)


def _of_sender(command: SendSignal, tx: Transaction) -> tuple[dict[str, str], dict[str, str]]:
    row = tx.connection.execute(
        sa.select(ProcessInstance.parties, ProcessInstance.dates).where(
            ProcessInstance.id == command.sender_id, ProcessInstance.tenant_id == tx.tenant_id
        )
    ).one_or_none()
    return (orjson.loads(row.parties), orjson.loads(row.dates)) if row is not None else ({}, {})


def _in_force(tx: Transaction) -> Iterator[Definition]:
    """The newest version of each procedure of the tenant."""
    own = ProcessDefinition.tenant_id == tx.tenant_id
    latest = (
        sa.select(ProcessDefinition.key, sa.func.max(ProcessDefinition.version).label("version"))
        .where(own)
        .group_by(ProcessDefinition.key)
        .subquery()
    )
    newest = (ProcessDefinition.key == latest.c.key) & (ProcessDefinition.version == latest.c.version)
    ids = sa.select(ProcessDefinition.id).join(latest, newest).where(own).order_by(ProcessDefinition.key)
    return (tx.library.definition(definition_id, tx.connection) for definition_id in tx.connection.scalars(ids).all())


def begins_itself(definition: Definition, tx: Transaction) -> Iterator[Finding]:
    """A signal that begins a procedure which tells a signal that in the end begins it again would never stop."""
    begun_by = {start.signal: start.element_id for start in definition.starts if start.kind == "signal"}
    if not begun_by or not definition.sent_signals:
        return
    others = [other for other in _in_force(tx) if other.process_id != definition.process_id]
    told, fresh = set(definition.sent_signals), True
    while fresh:
        begun = [
            other for other in others if any(start.kind == "signal" and start.signal in told for start in other.starts)
        ]
        wider = told.union(*(other.sent_signals for other in begun))
        told, fresh = wider, wider != told
    for signal in sorted(told & {name for name in begun_by if name}):
        what = f"Tín hiệu “{signal}” bắt đầu quy trình này và lại do nó gây ra nên không bao giờ dừng"
        yield Finding("signal-round", "error", begun_by[signal], f"{what}: đổi tên tín hiệu, hoặc dùng thông điệp.")
