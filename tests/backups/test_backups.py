"""Backups made and put back while others write: one moment, whole, and proven."""

import fcntl
import os
import re
import zipfile
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from engine.audit import heads, verify
from engine.command import Actor
from engine.models import Event, ProcessInstance
from tests.backups.places import Place, looking, no_file_larger_than, place, writers
from tests.engine.drawings import WRITE_AND_CHECK
from tests.support.databases import Databases
from tests.support.servers import environment_for
from webapp.backups.archive import MANIFEST, BackupUnreadable
from webapp.backups.making import back_up
from webapp.backups.restoring import NotEmpty, restore
from webapp.backups.workshop import PREFIX
from webapp.cli import main
from webapp.documents.commands import AddAttachment
from webapp.documents.models import Attachment, AttachmentState
from webapp.settings import Settings


def test_a_backup_made_while_others_write_is_whole(here: Place, elsewhere: Settings, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with writers(here.work):
        while here.count() < 8:
            here.work()
        before = here.count(), here.count(Event)
        manifest = back_up(here.settings, file, here.world.now)
        after = here.count()
    assert manifest.missing == ()
    assert restore(elsewhere, file, replace=False).faults == ()
    with looking(elsewhere, here) as there:
        assert before[0] <= there.count() <= after
        assert before[1] <= there.count(Event)
        content = there.content()
        assert len(content) == len(manifest.files) >= before[0] - 4  # a writer may be between a case and its file
        assert all(bytes_ == str(case).encode() for case, bytes_ in content.items())
        there.world.check()
        there.work()
        with here.world.runtime.reading() as connection, there.world.runtime.reading() as restored:
            ours = {head.stream: head for head in heads(connection)}
            theirs = [head for head in heads(restored) if head.stream in ours and head.stream != here.world.tenant_id]
            assert verify(connection, sorted(theirs, key=lambda head: head.stream)) == []


def test_a_target_with_data_is_replaced_only_when_asked_to(here: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    back_up(here.settings, file, here.world.now)
    here.work()
    newer = here.attach(here.world.start("write_and_check"), b"newer")
    count = here.count()
    with pytest.raises(NotEmpty):
        restore(here.settings, file, replace=False)
    assert here.count() == count
    assert restore(here.settings, file, replace=True).faults == ()
    with looking(here.settings, here) as now:
        assert (now.count(), len(now.content())) == (1, 1)
        assert not now.store.path(here.world.tenant_id, newer).exists()
        now.work()
        now.world.check()


def test_it_is_put_back_while_others_write(here: Place, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    back_up(here.settings, file, here.world.now)

    def try_to_work() -> None:
        try:
            here.work()
        except Exception:  # Its case may be gone in the middle of its work.
            here.world.restart()

    with writers(try_to_work, many=2):
        assert restore(here.settings, file, replace=True).manifest.database in here.settings.database_url
    with looking(here.settings, here) as now:
        now.world.check()
        now.work()


def test_a_lost_or_changed_file_is_told_and_a_draft_that_has_gone_is_not(here: Place, tmp_path: Path) -> None:
    case = here.world.start("write_and_check")
    lost, changed = here.attach(case, b"lost"), here.attach(case, b"changed")
    gone = here.attach(case, b"gone", AttachmentState.DRAFT)
    for digest in (lost, gone):
        here.store.path(here.world.tenant_id, digest).unlink()
    here.store.path(here.world.tenant_id, changed).write_bytes(b"other bytes")
    manifest = back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    assert {name.rpartition("/")[2] for name in manifest.missing} == {lost, changed}


@pytest.mark.parametrize("damage", ["changed", "removed", "added", "cut", "packing", "other"])
def test_a_damaged_backup_touches_nothing(
    sqlite_url: str, sqlite_databases: Databases, tmp_path: Path, damage: str
) -> None:
    here = place(sqlite_url, tmp_path / "here")
    here.world.deploy(WRITE_AND_CHECK)
    here.work()
    file, bad = tmp_path / "backup.zip", tmp_path / "bad.zip"
    back_up(here.settings, file, here.world.now)
    damaged(file, bad, damage)
    here.work()
    with pytest.raises(BackupUnreadable):
        restore(here.settings, bad, replace=True)
    assert here.count() == 2
    here.world.check()
    here.world.database.dispose()


def damaged(file: Path, bad: Path, damage: str) -> None:
    """A copy with something wrong."""
    if damage == "cut":
        bad.write_bytes(file.read_bytes()[:-200])
        return
    if damage == "packing":
        content = bytearray(file.read_bytes())
        content[content.index(b"PK\x01\x02") + 10] = 99  # A way of packing that nobody knows.
        bad.write_bytes(content)
        return
    if damage == "other":
        bad.write_text("không phải tệp sao lưu")
        return
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(bad, "w") as target:
        names = source.namelist()
        for name in names:
            content = source.read(name)
            if name == MANIFEST and damage == "changed":
                manifest = orjson.loads(content)
                manifest["members"][0]["sha256"] = "0" * 64
                content = orjson.dumps(manifest)
            if not (damage == "removed" and name.startswith("files/")):
                target.writestr(name, content)
        if damage == "added":
            target.writestr("files/../../x", b"x")


def test_where_there_is_no_room_that_is_said_and_nothing_has_changed(sqlite_url: str, tmp_path: Path) -> None:
    here = place(sqlite_url, tmp_path / "here")
    here.world.deploy(WRITE_AND_CHECK)
    here.work()
    here.world.database.dispose()
    file, environment = tmp_path / "backup.zip", environment_for(sqlite_url, tmp_path / "here")
    back_up(here.settings, file, here.world.now)
    here.work()
    for command, said in (
        (["backup", str(tmp_path / "second.zip")], "SQLite không chép được cơ sở dữ liệu"),
        (["restore", "--replace", str(file)], "dữ liệu đang có còn nguyên"),
    ):
        with no_file_larger_than(100_000):
            refused = CliRunner().invoke(main, command, env=environment)
        assert (type(refused.exception), said in refused.output) == (SystemExit, True), refused.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "here"]
    assert here.count() == 2
    here.world.check()
    here.world.database.dispose()


def test_copies_that_a_killed_run_has_left_go_and_those_of_a_running_one_stay(sqlite_url: str, tmp_path: Path) -> None:
    here = place(sqlite_url, tmp_path / "here")
    left, held, new = (tmp_path / f"{PREFIX}{name}" for name in ("left", "held", "new"))
    for folder in (left, held, new):
        folder.mkdir()
    for folder in (left, held):
        (folder / "database").write_text("Dữ liệu của phường")
    running = os.open(held, os.O_RDONLY)
    fcntl.flock(running, fcntl.LOCK_EX)
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    os.close(running)
    here.world.database.dispose()
    assert [left.exists(), (held / "database").exists(), new.exists()] == [False, True, True]


def test_a_pipe_is_no_backup_to_restore_from(sqlite_url: str, tmp_path: Path) -> None:
    """Nobody may ever write to it."""
    pipe = tmp_path / "backup.zip"
    os.mkfifo(pipe)
    refused = CliRunner().invoke(main, ["restore", str(pipe)], env=environment_for(sqlite_url, tmp_path / "here"))
    assert (refused.exit_code, "chép bản sao lưu ra tệp" in refused.output) == (2, True), refused.output


def test_a_backup_of_postgresql_is_none_for_sqlite(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    here = place(postgresql_url, tmp_path / "here")
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    here.world.database.dispose()
    other = Settings.from_environment(environment_for(sqlite_url, tmp_path / "other"))
    with pytest.raises(BackupUnreadable, match="chỉ chuyển được từ SQLite"):
        restore(other, tmp_path / "backup.zip", replace=True)


def test_the_commands_say_what_they_did(sqlite_url: str, tmp_path: Path) -> None:
    here = place(sqlite_url, tmp_path / "here")
    here.world.deploy(WRITE_AND_CHECK)
    here.work()
    here.world.database.dispose()
    file = str(tmp_path / "backup.zip")
    environment = environment_for(sqlite_url, tmp_path / "here")
    made = CliRunner().invoke(main, ["backup", file], env=environment)
    assert (made.exit_code, "1 tệp đính kèm" in made.output) == (0, True)
    refused = CliRunner().invoke(main, ["restore", file], env=environment)
    assert (refused.exit_code, "--replace" in refused.output) == (2, True)
    empty = environment_for(f"sqlite:///{tmp_path}/new/quytrinh.sqlite3", tmp_path / "new")
    restored = CliRunner().invoke(main, ["restore", file], env=empty)
    assert (restored.exit_code, "Nhật ký nguyên vẹn." in restored.output) == (0, True), restored.output
    assert re.search(
        r"^Đã phục hồi bản sao lưu lúc \d\d:\d\d \d\d/\d\d/\d{4}, \d+ tệp đính kèm\.$", restored.stdout, re.M
    )
    assert oct((tmp_path / "backup.zip").stat().st_mode)[-3:] == "600"


def test_the_trail_is_checked_from_outside(sqlite_url: str, tmp_path: Path) -> None:
    here = place(sqlite_url, tmp_path / "here")
    here.world.deploy(WRITE_AND_CHECK)
    here.work()
    environment, file = environment_for(sqlite_url, tmp_path / "here"), str(tmp_path / "all.heads.gz")
    written = CliRunner().invoke(main, ["audit", "heads", "--out", file], env=environment)
    assert (written.exit_code, "2 chuỗi" in written.output) == (0, True), written.output
    here.work()
    assert CliRunner().invoke(main, ["audit", "verify", "--heads", file], env=environment).exit_code == 0
    case = here.world.all(ProcessInstance)[0].id
    with here.world.database.begin() as connection:
        first = connection.scalar(sa.select(Event.hash).where(Event.stream == case, Event.sequence == 1))
        connection.execute(sa.delete(Event).where(Event.stream == case, Event.sequence > 1))
        connection.execute(sa.update(ProcessInstance).where(ProcessInstance.id == case).values(sequence=1, head=first))
    told = CliRunner().invoke(main, ["audit", "verify", "--heads", file], env=environment)
    assert (told.exit_code, f"{case} dòng 1: đã bị cắt bớt" in told.output) == (1, True), told.output
    unreadable = CliRunner().invoke(main, ["audit", "verify", "--heads", str(tmp_path)], env=environment)
    assert unreadable.exit_code == 2
    here.world.database.dispose()


def test_a_file_that_somebody_changed_is_told_by_the_trail(sqlite_url: str, tmp_path: Path) -> None:
    here = place(sqlite_url, tmp_path / "here")
    tenant, added = here.world.tenant_id, []
    for content in (b"first", b"second", b"third"):
        digest = here.store.save(tenant, content)
        add = AddAttachment(name=f"{content.decode()}.txt", media_type="text/plain", size=5, sha256=digest)
        added.append((here.world.execute(add, Actor.system(tenant)), here.store.path(tenant, digest)))
    with here.world.database.begin() as connection:
        connection.execute(sa.update(Attachment).values(state=AttachmentState.PERMANENT))
    environment = environment_for(sqlite_url, tmp_path / "here")
    assert CliRunner().invoke(main, ["audit", "verify"], env=environment).output == "Nhật ký nguyên vẹn.\n"
    (_, changed), (_, gone), (told_id, _) = added
    changed.write_bytes(b"other")
    gone.unlink()
    forged = here.store.save(tenant, b"forged")
    with here.world.database.begin() as connection:  # Bytes and row together.
        connection.execute(sa.update(Attachment).where(Attachment.id == told_id).values(sha256=forged))
    told = CliRunner().invoke(main, ["audit", "verify"], env=environment)
    assert (told.exit_code, sorted(told.output.splitlines())) == (1, sorted([
        f"files/{tenant}/{changed.name}: tệp “first.txt” thiếu hoặc hỏng trên đĩa",
        f"files/{tenant}/{gone.name}: tệp “second.txt” thiếu hoặc hỏng trên đĩa",
        f"attachments {told_id}: tệp “third.txt” không phải tệp đã ghi trong nhật ký",
    ]))  # fmt: skip
    here.world.database.dispose()
