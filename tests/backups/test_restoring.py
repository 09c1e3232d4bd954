"""What a restore leaves: the backup's data with all its files, or everything as it was."""

import hashlib
import shutil
import zipfile
from pathlib import Path

import orjson
import pytest

from tests.backups.places import Place, files_of, looking, no_file_larger_than, restored
from webapp.backups.archive import MANIFEST
from webapp.backups.making import back_up
from webapp.backups.restoring import restore


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_what_the_backup_lacked_and_the_disk_has_stays(here: Place, tmp_path: Path) -> None:
    """The disk of the attachments was not there in the night of the backup, and is there again."""
    files, away = here.settings.data_dir / "files", tmp_path / "away"
    before = files_of(here)
    files.rename(away)
    assert len(back_up(here.settings, tmp_path / "backup.zip", here.world.now).missing) == 1
    away.rename(files)
    assert restore(here.settings, tmp_path / "backup.zip", replace=True).holds
    assert files_of(here) == before


def test_what_neither_the_backup_nor_the_disk_has_whole_is_told(here: Place, tmp_path: Path) -> None:
    tenant, case = here.world.tenant_id, here.world.start("write_and_check")
    lost, changed = here.attach(case, b"lost"), here.attach(case, b"changed")
    here.store.path(tenant, lost).unlink()
    here.store.path(tenant, changed).write_bytes(b"other bytes")
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    told = restored(here, tmp_path / "backup.zip")
    named = [line.rpartition("/")[2] for line in told.output.splitlines() if "THIẾU" in line]
    assert (told.exit_code, sorted(named)) == (1, sorted([lost, changed])), told.output
    assert here.store.path(tenant, changed).read_bytes() == b"other bytes"


def test_a_file_that_can_not_be_removed_is_told_and_the_rest_is_done(here: Place, tmp_path: Path) -> None:
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    here.work()
    stubborn = here.store.path(here.world.tenant_id, "0" * 64)
    stubborn.mkdir(parents=True)  # What is no file is not removed like one.
    told = restored(here, tmp_path / "backup.zip")
    assert (told.exit_code, "còn nguyên" in told.output) == (1, False), told.output
    assert f"không xóa được {stubborn}" in told.output
    assert "Nhật ký nguyên vẹn." in told.output
    with looking(here.settings, here) as now:
        assert now.count() == 1


def test_a_restore_that_finds_no_room_takes_away_what_it_wrote(here: Place, tmp_path: Path) -> None:
    large, case = bytes(200_000), here.world.start("write_and_check")
    before = files_of(here)
    contents = [
        large,
        *(str(number).encode() for number in range(8)),
    ]  # by their hashes, some come before the large one
    for content in contents:
        here.attach(case, content)
    assert min(map(digest_of, contents)) < digest_of(large)
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    for content in contents:
        here.store.path(here.world.tenant_id, digest_of(content)).unlink()
    with no_file_larger_than(100_000):
        told = restored(here, tmp_path / "backup.zip")
    assert (told.exit_code, "dữ liệu đang có còn nguyên" in told.output) == (1, True), told.output
    assert files_of(here) == before


def test_room_is_asked_for_before_anything_is_written(
    here: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    (file,) = files_of(here)
    file.unlink()
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10_000))
    told = restored(here, tmp_path / "backup.zip")
    assert (told.exit_code, "đĩa còn 10 kB" in told.output) == (2, True), told.output
    assert files_of(here) == {}


def test_an_archive_without_a_database_is_no_backup(here: Place, tmp_path: Path) -> None:
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    with zipfile.ZipFile(tmp_path / "backup.zip") as source, zipfile.ZipFile(tmp_path / "bad.zip", "w") as target:
        manifest = orjson.loads(source.read(MANIFEST))
        database = manifest["members"].pop(0)["name"]
        for name in set(source.namelist()) - {MANIFEST, database}:
            target.writestr(name, source.read(name))
        target.writestr(MANIFEST, orjson.dumps(manifest))
    told = restored(here, tmp_path / "bad.zip")
    assert (told.exit_code, "không đọc được" in told.output) == (2, True), told.output
