"""Whether the files that people sent are what they were: rows as the trail has them, bytes as the rows say."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from typing import Any

import orjson
import sqlalchemy as sa

from engine.audit import IN_PARTS, any_bytes, as_they_stand
from engine.models import Event
from webapp.cycles.facts import PackageBuilt
from webapp.documents.commands import AttachmentAdded
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileStore

TELLING = {AttachmentAdded.name, PackageBuilt.name}

_attachments: Any = Attachment.__table__
_SENT = (
    sa.select(*as_they_stand(_attachments.c[name] for name in ("id", "tenant_id", "sha256", "name")))
    .where(_attachments.c.state == AttachmentState.PERMANENT)
    .order_by(_attachments.c.tenant_id, _attachments.c.sha256, _attachments.c.id)
)


def file_faults(connection: sa.Connection, store: FileStore) -> Iterator[str]:
    """Each file that is gone, changed or named by another hash than when it came; reads all of them."""
    with any_bytes(connection):
        told = dict(_told(connection))
        rows = connection.execute(_SENT.execution_options(**IN_PARTS))
        for (tenant_id, digest), alike in groupby(rows, key=lambda row: (row.tenant_id, row.sha256)):
            is_whole = store.has_whole(tenant_id, digest)
            for row in alike:
                if told.get(str(row.id), digest) != digest:
                    yield f"attachments {row.id}: tệp “{row.name}” không phải tệp đã ghi trong nhật ký"
                elif not is_whole:
                    yield f"files/{tenant_id}/{digest}: tệp “{row.name}” thiếu hoặc hỏng trên đĩa"


def _told(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Ids of attachments with the hashes that they came by; what cannot be read any more is told of its own stream."""
    telling = sa.select(*as_they_stand([Event.data])).where(Event.data.contains("sha256"))
    for (data,) in connection.execute(telling.execution_options(**IN_PARTS)):
        with suppress(TypeError, ValueError, KeyError):
            facts = orjson.loads(data)
            yield from [(values["attachment_id"], values["sha256"]) for name, values in facts if name in TELLING]
