"""What people do with files."""

from dataclasses import dataclass
from uuid import UUID

from engine.command import Command, handles
from engine.events import Fact, fact
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.documents.models import Attachment, AttachmentState
from webapp.permissions import Permission


@fact
@dataclass(frozen=True, slots=True)
class AttachmentAdded(Fact):
    """A file was uploaded; its bytes are those of the hash."""

    attachment_id: UUID
    instance_id: UUID | None
    file_name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddAttachment(Command):
    """Enter a file whose bytes are in the store; a draft until the form that names it is sent."""

    permission = Permission.SEE_CASES

    name: str
    media_type: str
    size: int  # bytes
    sha256: str
    instance_id: UUID | None = None
    user_task_id: UUID | None = None  # the step it is for, or the message subscription


@handles(AddAttachment)
def add_attachment(command: AddAttachment, tx: Transaction) -> UUID:
    """Return the attachment's id."""
    attachment = Attachment(
        id=uuid7(), tenant_id=tx.tenant_id, instance_id=command.instance_id, user_task_id=command.user_task_id,
        state=AttachmentState.DRAFT, name=command.name, media_type=command.media_type, size=command.size,
        sha256=command.sha256, uploaded_by=tx.actor.id, created_at=tx.now,
    )  # fmt: skip
    tx.session.add(attachment)
    tx.record(AttachmentAdded(attachment.id, command.instance_id, command.name, command.size, command.sha256))
    return attachment.id
