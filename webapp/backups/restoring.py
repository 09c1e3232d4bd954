"""Putting a backup back, and proving that it is whole."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

import migrations
from engine.audit import differences, verify
from engine.database import connect
from engine.errors import Kind, Rejected
from engine.runtime import Runtime
from webapp.backups.archive import FILES, BackupUnreadable, Manifest, Reader, opened, sum_of
from webapp.backups.databases import MEMBER, SQLITE, is_empty, kind_of, put_back
from webapp.backups.files import PutFiles, named
from webapp.backups.progress import log
from webapp.backups.workshop import workshop
from webapp.documents.storage import FileStore
from webapp.presentation import file_size
from webapp.refusals_of_system import why
from webapp.settings import Settings


class NotEmpty(Rejected):
    kind = Kind.CONFLICT
    message = (
        "Nơi phục hồi đã có dữ liệu nên chưa làm gì. Chọn DATA_DIR và DATABASE_URL trống, hoặc thêm --replace để thay "
        "toàn bộ dữ liệu đang có bằng bản sao lưu."
    )


class NotEmptyToMoveTo(NotEmpty):
    message = (
        "Chuyển từ SQLite sang PostgreSQL cần cơ sở dữ liệu PostgreSQL trống nên chưa làm gì. Tạo một cơ sở dữ liệu "
        "mới rồi ghi vào DATABASE_URL."
    )


class NoRoom(Rejected):
    """Found out before anything is written: a running ward needs the room that is left."""

    def __init__(self, place: Path, needed: int, free: int) -> None:
        super().__init__(
            f"Không đủ chỗ để phục hồi vào {place}: cần khoảng {file_size(needed)}, đĩa còn {file_size(free)}. Dọn bớt "
            "đĩa rồi chạy lại; dữ liệu đang có còn nguyên."
        )


class NotFinished(Rejected):
    """The data is the backup's, and something after that went wrong."""

    def __init__(self, fault: BaseException) -> None:
        reason = why(fault) if isinstance(fault, OSError) else str(getattr(fault, "orig", "")) or "bị dừng giữa chừng"
        super().__init__(
            f"Dữ liệu ĐÃ được thay bằng bản sao lưu, nhưng các bước sau đó chưa xong: {reason.strip()}. Xử lý nguyên "
            "nhân, chạy “quytrinh db upgrade”, rồi “quytrinh audit verify”."
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and what does not hold now."""

    manifest: Manifest
    gone: tuple[str, ...]  # tables and views of others or of a later version, that the backup does not have
    faults: tuple[str, ...]  # of the audit trail
    lost: tuple[str, ...]  # attachments that people sent: not on the disk, or not whole
    left: tuple[OSError, ...]  # files that nobody names any more and that could not be removed

    @property
    def holds(self) -> bool:
        """Whether nothing is left to be done."""
        return not (self.faults or self.lost or self.left)


def restore(settings: Settings, file: Path, *, replace: bool) -> Restored:
    """Put a backup back.

    1. Everything in the archive is compared with its sum before anything is touched.
    2. Files first: no row ever names bytes that are not there. Those that are new go again if 3 fails.
    3. The database in one transaction, then brought to this program's schema.
    4. What only the replaced data named is removed; the audit trail is walked and compared with the tables.

    Raises BackupUnreadable, NotEmpty, NoRoom, DatabaseTool, OSError: nothing has changed then. NotFinished: after 3.
    """
    files = PutFiles(settings.data_dir / "files")
    log.info("Đang kiểm tra bản sao lưu…")
    try:
        with opened(file) as reader:
            _require_fit(reader.manifest, settings)
            files.look()
            _require_empty(settings, reader, files, replace=replace)
            _require_room(settings, files.room_for(reader), reader)
            log.info("Đang chép tệp đính kèm…")
            with files.put(reader):
                log.info("Đang thay cơ sở dữ liệu…")
                gone = _put_database(reader, settings, files.keep)
        return _finish(settings, reader.manifest, files, gone)
    except (OSError, DBAPIError, KeyboardInterrupt) as fault:
        if files.kept:
            raise NotFinished(fault) from fault
        raise


def _require_fit(manifest: Manifest, settings: Settings) -> None:
    kind = kind_of(settings.database_url)
    if manifest.database not in (kind, SQLITE):
        raise BackupUnreadable(
            f"Bản sao lưu là của {manifest.database}, còn DATABASE_URL là {kind}: chỉ chuyển được từ SQLite sang "
            "PostgreSQL."
        )
    if MEMBER[manifest.database] not in (member.name for member in manifest.members):
        raise BackupUnreadable
    if not migrations.is_known(manifest.revision):
        raise BackupUnreadable("Bản sao lưu do phiên bản mới hơn tạo ra: nâng cấp chương trình rồi phục hồi.")


def _require_empty(settings: Settings, reader: Reader, files: PutFiles, *, replace: bool) -> None:
    """Files that the backup has too are no others: whoever goes over to PostgreSQL keeps the folder."""
    has_ward = not is_empty(settings.database_url)
    if has_ward and reader.manifest.database != kind_of(settings.database_url):
        raise NotEmptyToMoveTo
    if not replace and (has_ward or files.has_others(reader)):
        raise NotEmpty


def _require_room(settings: Settings, for_files: int, reader: Reader) -> None:
    kind = reader.manifest.database
    copies = 2 if kind == SQLITE else 1  # It goes through the log of the database that it replaces.
    needed, free = for_files + copies * reader.size(MEMBER[kind]), shutil.disk_usage(settings.data_dir).free
    if free < needed:
        raise NoRoom(settings.data_dir, needed, free)


def _put_database(reader: Reader, settings: Settings, replaced: Callable[[], None]) -> tuple[str, ...]:
    with workshop(settings.data_dir) as folder:
        copy = folder / "database"
        with reader.open(MEMBER[reader.manifest.database]) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        return put_back(settings.database_url, reader.manifest.database, copy, replaced)


def _finish(settings: Settings, manifest: Manifest, files: PutFiles, gone: tuple[str, ...]) -> Restored:
    migrations.upgrade(settings.database_url)
    log.info("Đang kiểm tra nhật ký…")
    runtime = Runtime(connect(settings.database_url))
    try:
        with runtime.reading() as connection:
            sent = _named(connection, FileStore(files.folder))
            left = files.remove_all_but(sent)
            lost = _lost(sent, manifest)
            return Restored(manifest, gone, tuple(_faults(connection)), tuple(lost), tuple(left))
    finally:
        runtime.close()


def _named(connection: sa.Connection, store: FileStore) -> dict[Path, bool]:
    """Where what the restored rows name lies, and whether somebody has sent it."""
    return {store.path(row.tenant_id, row.sha256): bool(row.kept) for row in connection.execute(named())}


def _lost(sent: dict[Path, bool], manifest: Manifest) -> Iterator[str]:
    """What the backup did not have may lie here whole."""
    for path, kept in sent.items():
        name = f"{FILES}{path.parent.parent.name}/{path.name}"
        doubtful = name in manifest.missing
        if kept and (not path.is_file() or (doubtful and sum_of(path) != path.name)):
            yield name


def _faults(connection: sa.Connection) -> Iterator[str]:
    yield from (f"{link.stream} dòng {link.sequence}: {link.reason}" for link in verify(connection))
    yield from differences(connection)
