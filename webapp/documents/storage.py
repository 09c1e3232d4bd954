"""The files folder: bytes by tenant and hash, written once, never changed."""

import hashlib
import os
from pathlib import Path
from uuid import UUID, uuid4


class FileStore:
    """Keeps bytes under `<folder>/<tenant>/<first two of the hash>/<hash>`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, tenant_id: UUID, content: bytes) -> str:
        """Keep bytes and return their SHA-256; on disk for good when this returns. The same bytes are kept once."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(tenant_id, digest)
        if path.exists():
            path.touch()  # Whoever removes what nobody names any more leaves alone what is fresh.
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(path, content)
        return digest

    def read(self, tenant_id: UUID, digest: str) -> bytes:
        """The bytes of a hash. Raises FileNotFoundError."""
        return self.path(tenant_id, digest).read_bytes()

    def path(self, tenant_id: UUID, digest: str) -> Path:
        """Where the bytes of a hash lie."""
        return self._folder / str(tenant_id) / digest[:2] / digest


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
