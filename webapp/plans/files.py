"""Files of a plan: what was imported, and the signed document."""

from dataclasses import dataclass
from pathlib import PurePath
from uuid import UUID

import magic

from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileStore

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SIGNED_TYPES = {"application/pdf": "PDF", WORD: "Word", "image/jpeg": "ảnh JPEG", "image/png": "ảnh PNG"}
LONGEST_NAME = 200


class FileRefused(Exception):  # noqa: N818  an outcome that the caller expects
    """The file can't be kept; the text is for the person who chose it."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Bytes that lie in the files folder already."""

    name: str
    media_type: str
    size: int  # bytes
    sha256: str


def store(files: FileStore, tenant_id: UUID, name: str, content: bytes) -> StoredFile:
    """Put bytes into the files folder; without a row that names them they are an orphan."""
    media_type = str(magic.from_buffer(content[:8192], mime=True))
    return StoredFile(_plain_name(name), media_type, len(content), files.save(tenant_id, content))


def store_signed(files: FileStore, tenant_id: UUID, name: str, content: bytes, most: int) -> StoredFile:
    """The signed document: PDF, Word or a picture of the paper. Raises FileRefused."""
    if not content:
        raise FileRefused("Tệp rỗng. Hãy chọn lại tệp đã ký.")
    if len(content) > most:
        raise FileRefused(f"Tệp nặng {len(content) / 1024**2:.0f} MB, lớn hơn mức {most // 1024**2} MB cho phép.")
    if str(magic.from_buffer(content[:8192], mime=True)) not in SIGNED_TYPES:
        raise FileRefused("Tệp đã ký phải là PDF, Word (.docx) hoặc ảnh chụp (JPEG, PNG). Hãy chọn lại tệp.")
    return store(files, tenant_id, name, content)


def attach(tx: Transaction, file: StoredFile) -> UUID:
    """Give stored bytes their row; return its id."""
    row = Attachment(
        id=uuid7(), tenant_id=tx.tenant_id, state=AttachmentState.PERMANENT, name=file.name,
        media_type=file.media_type, size=file.size, sha256=file.sha256, uploaded_by=tx.actor.id, created_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    return row.id


def _plain_name(name: str) -> str:
    """Without folders and signs that end a header."""
    plain = "".join(char for char in PurePath(name.replace("\\", "/")).name if char.isprintable())
    return plain[-LONGEST_NAME:] or "tep"
