"""Putting a backup back, and proving that it is whole."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import migrations
from engine.audit import differences, verify
from engine.database import connect
from engine.errors import Kind, Rejected
from engine.runtime import Runtime
from webapp.backups.archive import FILES, BackupUnreadable, Manifest, Member, Reader, opened
from webapp.backups.databases import MEMBER, is_empty, kind_of, put_back
from webapp.backups.workshop import workshop
from webapp.documents.storage import FileStore
from webapp.settings import Settings

LENGTH_OF_HASH = 64


class NotEmpty(Rejected):
    kind = Kind.CONFLICT
    message = (
        "Nơi phục hồi đã có dữ liệu nên chưa làm gì. Chọn DATA_DIR và DATABASE_URL trống, hoặc thêm --replace để thay "
        "toàn bộ dữ liệu đang có bằng bản sao lưu."
    )


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what of the audit trail does not hold."""

    manifest: Manifest
    faults: tuple[str, ...]


def restore(settings: Settings, file: Path, *, replace: bool) -> Restored:
    """Put a backup back. Raises BackupUnreadable, NotEmpty, DatabaseTool, OSError: no row has changed then.

    1. Everything in the archive is compared with its sum before anything is touched.
    2. Files first: no row ever names bytes that are not there.
    3. The database in one transaction, then brought to this program's schema.
    4. What only the replaced data named is removed; the audit trail is walked and compared with the tables.
    """
    with opened(file) as reader:
        _require_fit(reader.manifest, settings)
        store = settings.data_dir / "files"
        if not replace and not (is_empty(settings.database_url) and not any(_stored(store))):
            raise NotEmpty
        before = dict(_changed_at(store))
        kept = {_put_file(reader, member, store) for member in reader.manifest.files}
        _put_database(reader, settings)
    migrations.upgrade(settings.database_url)
    _remove_unnamed(before, kept)
    return Restored(reader.manifest, tuple(_faults(settings.database_url)))


def _changed_at(store: Path) -> Iterator[tuple[Path, int]]:
    for path in _stored(store):
        with suppress(FileNotFoundError):  # An orphan that goes just now.
            yield path, path.stat().st_mtime_ns


def _remove_unnamed(before: Mapping[Path, int], kept: set[Path]) -> None:
    """Only what lay there before and was not touched since: somebody may be uploading the same bytes now."""
    for path, changed in before.items():
        with suppress(FileNotFoundError):
            if path not in kept and path.stat().st_mtime_ns == changed:
                path.unlink()


def _require_fit(manifest: Manifest, settings: Settings) -> None:
    kind = kind_of(settings.database_url)
    if manifest.database != kind:
        raise BackupUnreadable(f"Bản sao lưu là của {manifest.database}, còn DATABASE_URL là {kind}.")
    if not migrations.is_known(manifest.revision):
        raise BackupUnreadable("Bản sao lưu do phiên bản mới hơn tạo ra: nâng cấp chương trình rồi phục hồi.")


def _stored(store: Path) -> Iterator[Path]:
    """The files that are there whole: each lies under its hash."""
    return (path for path in store.glob("*/*/*") if len(path.name) == LENGTH_OF_HASH)


def _put_file(reader: Reader, member: Member, store: Path) -> Path:
    """Raises BackupUnreadable for a name that is no place of an attachment."""
    try:
        tenant, digest = member.name.removeprefix(FILES).split("/")
        path = FileStore(store).path(UUID(tenant), digest)
        if digest != member.sha256:
            raise ValueError(digest)
    except ValueError as fault:
        raise BackupUnreadable from fault
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{uuid4().hex}")
    with reader.open(member.name) as source, beside.open("wb") as target:
        shutil.copyfileobj(source, target)
    beside.replace(path)
    return path


def _put_database(reader: Reader, settings: Settings) -> None:
    with workshop(settings.data_dir) as folder:
        copy = folder / "database"
        with reader.open(MEMBER[reader.manifest.database]) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        put_back(settings.database_url, copy)


def _faults(url: str) -> Iterator[str]:
    runtime = Runtime(connect(url))
    try:
        with runtime.reading() as connection:
            yield from (f"{link.stream} dòng {link.sequence}: {link.reason}" for link in verify(connection))
            yield from differences(connection)
    finally:
        runtime.close()
