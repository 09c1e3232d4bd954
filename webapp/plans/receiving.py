"""Long files: received at once, read by a job that tells its pages, then a draft like any other."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Session

from engine.command import Actor, Command, EnginePermission, handles
from engine.errors import NotFound, Rejected
from engine.ids import uuid7
from engine.registry import JobCall, performs
from engine.runtime import Runtime
from engine.transaction import Transaction
from webapp.documents.models import Attachment
from webapp.documents.storage import FileStore
from webapp.permissions import Permission
from webapp.plans.appendices import AttachAppendix
from webapp.plans.facts import PlanReceived, PlanRefused
from webapp.plans.importing import ImportPlan
from webapp.plans.issuing import find_plan
from webapp.plans.models import ReceivedPlan
from webapp.plans.reading import PlanUnreadable, read_plan_apart

STEPS: Final = 20
"""How often the progress of one file is written at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivePlan(Command):
    """Take a long file in; a job reads it."""

    permission = Permission.MANAGE_PLANS

    file_id: UUID  # attachment
    attach_to: UUID | None = None  # the plan whose appendix it is


@handles(ReceivePlan)
def receive_plan(command: ReceivePlan, tx: Transaction) -> UUID:
    """Return the id under which its progress is told. Raises NotFound."""
    file = tx.session.get(Attachment, command.file_id)
    if file is None or file.tenant_id != tx.tenant_id:
        raise NotFound
    if command.attach_to is not None:
        find_plan(tx, command.attach_to)
    received = ReceivedPlan(
        id=uuid7(), tenant_id=tx.tenant_id, file_id=file.id, received_by=tx.actor.id, received_at=tx.now,
        attach_to=command.attach_to,
    )  # fmt: skip
    tx.session.add(received)
    tx.record(PlanReceived(received.id, file.name))
    tx.enqueue("plans.read", f"read:{received.id}", {"received_id": str(received.id)})
    return received.id


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPages(Command):
    """Say how far the reading of a file has come. No fact: it says nothing that lasts."""

    permission = EnginePermission.SYSTEM

    received_id: UUID
    done: int
    pages: int


@handles(TellPages)
def tell_pages(command: TellPages, tx: Transaction) -> None:
    """Raises NotFound."""
    received = tx.session.get_one(ReceivedPlan, command.received_id)
    received.pages_done, received.pages = command.done, command.pages


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusePlan(Command):
    """Say that a file can't be read, and why."""

    permission = EnginePermission.SYSTEM

    received_id: UUID
    reason: str


@handles(RefusePlan)
def refuse_plan(command: RefusePlan, tx: Transaction) -> None:
    """A second try finds it refused."""
    received = tx.session.get_one(ReceivedPlan, command.received_id)
    if received.refusal is None and received.plan_id is None:
        received.refusal = command.reason
        tx.record(PlanRefused(received.id, command.reason))


@performs("plans.read", "đọc kế hoạch nhận được")
def read_received(job: JobCall, runtime: Runtime) -> None:
    """Read the file in its own process and make the draft, or take it in as an appendix; done twice, there is one."""
    received_id, system = UUID(job.payload["received_id"]), Actor.system(job.tenant_id)
    with runtime.reading() as connection, Session(bind=connection) as read:
        received = read.get_one(ReceivedPlan, received_id)
        if received.plan_id is not None or received.refusal is not None:
            return
        file, sender = read.get_one(Attachment, received.file_id), received.received_by
        name, file_id, digest, attach_to = file.name, file.id, file.sha256, received.attach_to

    def tell(done: int, pages: int) -> None:
        if done % max(pages // STEPS, 1) == 0:
            runtime.execute(TellPages(received_id=received_id, done=done, pages=pages), actor=system)

    person = Actor(id=sender, tenant_id=job.tenant_id, permissions=frozenset({Permission.MANAGE_PLANS}))
    try:
        reading = read_plan_apart(name, _bytes(job.tenant_id, digest, name), tell)
        into: Command = ImportPlan(reading=reading, file_name=name, file_id=file_id, received_id=received_id)
        if attach_to is not None:
            into = AttachAppendix(
                plan_id=attach_to, reading=reading, file_name=name, file_id=file_id, digest=digest,
                received_id=received_id,
            )  # fmt: skip
        runtime.execute(into, actor=person)
    except (PlanUnreadable, Rejected) as refusal:
        runtime.execute(RefusePlan(received_id=received_id, reason=str(refusal)), actor=system)


def _bytes(tenant_id: UUID, digest: str, name: str) -> bytes:
    return FileStore(current_app.config["SETTINGS"].data_dir / "files").read(tenant_id, digest, name)


@dataclass(frozen=True, slots=True)
class Progress:
    """How the reading of a file stands."""

    file_name: str
    done: int
    pages: int
    refusal: str | None
    attach_to: UUID | None
    plan_id: UUID | None


def progress_of(read: Session, tenant_id: UUID, received_id: UUID) -> Progress:
    """Raises NotFound."""
    columns = ReceivedPlan.pages_done, ReceivedPlan.pages, ReceivedPlan.refusal
    query = (
        sa.select(Attachment.name, *columns, ReceivedPlan.attach_to, ReceivedPlan.plan_id)
        .join(Attachment, Attachment.id == ReceivedPlan.file_id)
        .where(ReceivedPlan.id == received_id, ReceivedPlan.tenant_id == tenant_id)
    )
    row = read.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return Progress(*row)
