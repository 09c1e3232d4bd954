"""Making a backup while the system runs."""

import os
import zipfile
from datetime import datetime
from pathlib import Path

import migrations
from webapp.backups.archive import FILES, Manifest, Writer
from webapp.backups.databases import MEMBER, SQLITE, copied, kind_of
from webapp.backups.files import named
from webapp.backups.progress import counted, log
from webapp.backups.workshop import workshop
from webapp.documents.storage import FileStore
from webapp.settings import Settings


def back_up(settings: Settings, file: Path, at: datetime) -> Manifest:
    """Write a backup; there whole or not at all.

    1. The database, as it stands at one moment.
    2. The files that this copy names: they were on the disk before their rows, and never change.
    3. The manifest with the sum of each.
    """
    if file.exists() and not file.is_file():
        raise OSError  # It would take the place of a device or a pipe.
    with workshop(file.absolute().parent) as folder:
        archive = folder / "backup.zip"
        archive.touch(mode=0o600)
        with zipfile.ZipFile(archive, "w", allowZip64=True) as content:
            manifest = _fill(Writer(content), settings, folder, at)
        with archive.open("rb") as written:
            os.fsync(written.fileno())
        archive.replace(file)
    return manifest


def _fill(writer: Writer, settings: Settings, folder: Path, at: datetime) -> Manifest:
    kind, url = kind_of(settings.database_url), settings.database_url
    copy = folder / MEMBER[kind]
    store = FileStore(settings.data_dir / "files")
    log.info("Đang chép cơ sở dữ liệu…")
    with copied(url, copy) as connection:
        writer.add(MEMBER[kind], copy, packed=kind == SQLITE)
        log.info("Đang chép tệp đính kèm…")
        for row in counted(connection.execute(named()), "Đã chép %s tệp."):
            path = store.path(row.tenant_id, row.sha256)
            if row.kept or path.exists():  # An upload that nobody sent may go any moment.
                writer.add(f"{FILES}{row.tenant_id}/{row.sha256}", path, packed=False, expected=row.sha256)
    return writer.close(at, kind, migrations.current(url))
