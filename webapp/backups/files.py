"""The attachments of a backup on their way back into the store."""

import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from math import inf, nextafter
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from webapp.backups.archive import FILES, BackupUnreadable, Member, Reader
from webapp.backups.progress import counted
from webapp.documents.models import Attachment, AttachmentState
from webapp.documents.storage import FileStore

LENGTH_OF_HASH = 64
IN_PARTS = {"yield_per": 1_000}

_attachments: Any = Attachment.__table__


def named() -> sa.Select[Any]:
    """The bytes that rows name, each once, and whether somebody has sent them."""
    kept = sa.func.max(sa.case((_attachments.c.state == AttachmentState.PERMANENT, 1), else_=0)).label("kept")
    place = _attachments.c.tenant_id, _attachments.c.sha256
    return sa.select(*place, kept).group_by(*place).order_by(*place).execution_options(**IN_PARTS)


def stored(folder: Path) -> Iterator[Path]:
    """The files that are there whole: each lies under its hash."""
    return (path for path in folder.glob("*/*/*") if len(path.name) == LENGTH_OF_HASH)


@dataclass(slots=True)
class PutFiles:
    """What is put into the store; it goes again unless the database that names it has come."""

    folder: Path
    before: dict[Path, float] = field(default_factory=dict)  # when each was written that lay there
    added: dict[Path, float] = field(default_factory=dict)
    kept: bool = False

    def keep(self) -> None:
        """The database has come, or may have."""
        self.kept = True

    def look(self) -> None:
        """Note what lies there."""
        for path in stored(self.folder):
            with suppress(FileNotFoundError):  # An orphan that goes just now.
                self.before[path] = path.stat().st_mtime

    def has_others(self, reader: Reader) -> bool:
        """Whether something lies there that the backup does not have. Raises BackupUnreadable."""
        return not self.before.keys() <= {self._place(member) for member in reader.manifest.files}

    def room_for(self, reader: Reader) -> int:
        """How many bytes `put` takes: of what lies there already, one at a time is there twice."""
        new, there = 0, [0]
        for member in reader.manifest.files:
            size = reader.size(member.name)
            if self._place(member) in self.before:
                there.append(size)
            else:
                new += size
        return new + max(there)

    @contextmanager
    def put(self, reader: Reader) -> Iterator[None]:
        """Put everything in place; what is new goes at the end unless it is to be kept. Raises BackupUnreadable."""
        try:
            for member in counted(reader.manifest.files, "Đã chép %s tệp."):
                self._put(reader, member)
            yield
        finally:
            if not self.kept:
                self._remove(self.added)

    def _put(self, reader: Reader, member: Member) -> None:
        path = self._place(member)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.{uuid4().hex}")
        try:
            with reader.open(member.name) as source, beside.open("wb") as target:
                shutil.copyfileobj(source, target)
            if path not in self.before:
                self.added[path] = beside.stat().st_mtime
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)

    def _place(self, member: Member) -> Path:
        """Raises BackupUnreadable for a name that is no place of an attachment."""
        try:
            tenant, digest = member.name.removeprefix(FILES).split("/")
            if digest != member.sha256:
                raise ValueError(digest)
            return FileStore(self.folder).path(UUID(tenant), digest)
        except ValueError as fault:
            raise BackupUnreadable from fault

    def remove_all_but(self, named: Collection[Path]) -> list[OSError]:
        """Remove what lay there before and nobody names now; return why some of it stays."""
        return self._remove({path: written for path, written in self.before.items() if path not in named})

    def _remove(self, files: dict[Path, float]) -> list[OSError]:
        """Only what was not touched since: somebody may be uploading the same bytes now."""
        store, left = FileStore(self.folder), []
        for path, written in files.items():
            try:
                store.remove(UUID(path.parent.parent.name), path.name, nextafter(written, inf))
            except ValueError:  # No folder of ours.
                continue
            except OSError as fault:
                left.append(fault)
        return left
