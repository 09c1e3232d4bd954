"""The one file of a backup: the database, the files that it names, and a manifest with the sum of each."""

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from engine.errors import Rejected
from webapp.documents.media_types import DAMAGED

FORMAT = 1
MANIFEST = "manifest.json"
FILES = "files/"
PART = 1024 * 1024


class BackupUnreadable(Rejected):
    message = "Tệp sao lưu không đọc được: không phải tệp do “quytrinh backup” tạo ra, hoặc đã hỏng."


class NoFile(BackupUnreadable):
    """A pipe would be waited for, and is read but once."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} không phải một tệp: chép bản sao lưu ra tệp trên đĩa rồi phục hồi từ tệp ấy.")


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds."""

    format: int
    made_at: str
    database: str  # sqlite or postgresql
    revision: str | None  # of the schema
    members: tuple[Member, ...]
    missing: tuple[str, ...]  # named by the database, and not there or not whole when it was made

    @property
    def files(self) -> list[Member]:
        """The attachments."""
        return [member for member in self.members if member.name.startswith(FILES)]


@dataclass(slots=True)
class Writer:
    """Fills an archive; the manifest comes last."""

    zip: zipfile.ZipFile
    members: list[Member] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, name: str, path: Path, *, packed: bool, expected: str | None = None) -> None:
        """Put a file in, or note that it is missing: absent, or not what its hash says."""
        info = zipfile.ZipInfo(name)
        info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        if expected is not None and (not path.exists() or sum_of(path) != expected):
            self.missing.append(name)
            return
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as source, self.zip.open(info, "w", force_zip64=True) as target:
            while part := source.read(PART):
                digest.update(part)
                size += len(part)
                target.write(part)
        self.members.append(Member(name, size, digest.hexdigest()))

    def close(self, made_at: datetime, database: str, revision: str | None) -> Manifest:
        """Write the manifest."""
        manifest = Manifest(FORMAT, made_at.isoformat(), database, revision, tuple(self.members), tuple(self.missing))
        self.zip.writestr(MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2))
        return manifest


def sum_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(slots=True)
class Reader:
    """An archive whose every member is what the manifest says."""

    zip: zipfile.ZipFile
    manifest: Manifest

    def open(self, name: str) -> IO[bytes]:
        """Read a member."""
        return self.zip.open(name)

    def size(self, name: str) -> int:
        """How long a member is."""
        return self.zip.getinfo(name).file_size

    def check(self) -> None:
        """Raises BackupUnreadable where a member is missing, added or changed."""
        if sorted([MANIFEST, *(m.name for m in self.manifest.members)]) != sorted(self.zip.namelist()):
            raise BackupUnreadable
        for member in self.manifest.members:
            with self.open(member.name) as content:
                if hashlib.file_digest(content, "sha256").hexdigest() != member.sha256:  # type: ignore[arg-type]
                    raise BackupUnreadable(f"Tệp sao lưu đã hỏng: {member.name} không còn như lúc sao lưu.")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """Open and check a backup. Raises BackupUnreadable; what fails later is no fault of the backup."""
    with ExitStack() as stack:
        try:
            if path.exists() and not path.is_file():
                raise NoFile(path)
            archive = stack.enter_context(zipfile.ZipFile(path))
            reader = Reader(archive, _manifest(orjson.loads(archive.read(MANIFEST))))
            reader.check()
        except FileNotFoundError as fault:
            raise BackupUnreadable(f"Không có tệp {path}.") from fault
        except (*DAMAGED, KeyError, TypeError) as fault:
            raise BackupUnreadable from fault
        yield reader


def _manifest(raw: dict[str, Any]) -> Manifest:
    if raw["format"] != FORMAT:
        raise BackupUnreadable(f"Tệp sao lưu thuộc định dạng {raw['format']} mà bản này không đọc được.")
    members = tuple(Member(**member) for member in raw.pop("members"))
    return Manifest(members=members, missing=tuple(raw.pop("missing")), **raw)
