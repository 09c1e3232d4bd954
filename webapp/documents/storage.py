"""The files folder: bytes by tenant and hash, written once, never changed."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID, uuid4

from engine.errors import NotFound


class FileLost(NotFound):
    """What was kept is not on the disk any more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Tệp “{name}” không còn trong kho. Hãy báo quản trị viên kiểm tra bản sao lưu.")


class FileStore:
    """Keeps bytes under `<folder>/<tenant>/<first two of the hash>/<hash>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, tenant_id: UUID, content: bytes) -> str:
        """Keep bytes and return their SHA-256; on disk for good when this returns. The same bytes are kept once."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(tenant_id, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked(fcntl.LOCK_SH):
            try:
                os.utime(path)  # Whoever removes what nobody names leaves alone what is fresh.
            except FileNotFoundError:
                _write_whole(path, content)
        return digest

    def read(self, tenant_id: UUID, digest: str, name: str) -> bytes:
        """The bytes of a hash; the name is what people call the file. Raises FileLost."""
        try:
            return self.path(tenant_id, digest).read_bytes()
        except FileNotFoundError as error:
            raise FileLost(name) from error

    def has_whole(self, tenant_id: UUID, digest: str) -> bool:
        """Whether the bytes of a hash lie there as they came; not so for what can be no hash."""
        try:
            with self.path(tenant_id, digest).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest
        except (OSError, TypeError, ValueError):
            return False

    def path(self, tenant_id: UUID, digest: str) -> Path:
        """Where the bytes of a hash lie."""
        return self._folder / str(tenant_id) / digest[:2] / digest

    def older_than(self, moment: float) -> Iterator[tuple[UUID, str]]:
        """Tenant and name of every file that was not written since; also what a process that died left half written."""
        for path in self._folder.glob("*/??/*"):
            with suppress(FileNotFoundError, ValueError):  # Gone meanwhile, or no folder of ours.
                if path.stat().st_mtime < moment:
                    yield UUID(path.parent.parent.name), path.name

    def remove(self, tenant_id: UUID, name: str, unless_since: float) -> bool:
        """Remove bytes, unless they were written again meanwhile: then somebody is about to name them."""
        path = self.path(tenant_id, name)
        with self._locked(fcntl.LOCK_EX), suppress(FileNotFoundError):
            if path.stat().st_mtime < unless_since:
                path.unlink()
                return True
        return False

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        """Many may write at once; whoever removes is alone, so that nobody counts on what is just going."""
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, how)
            yield
        finally:
            os.close(folder)


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, flush to the disk, rename: a crash leaves the whole file or none."""
    beside = path.with_name(f"{path.name}.{uuid4().hex}")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
