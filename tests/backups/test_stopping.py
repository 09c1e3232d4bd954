"""Commands that are stopped or killed in the middle: nothing goes on without them, and nothing of theirs stays."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import psycopg
import pytest
import sqlalchemy as sa

from engine.models import ProcessInstance
from tests.backups.places import AT_WORK, WAITING, Place, ask, files_of, place
from tests.engine.drawings import WRITE_AND_CHECK
from tests.support.nursery import Nursery
from tests.support.processes import Process, wait_until
from tests.support.servers import environment_for
from webapp.backups.archive import opened
from webapp.backups.making import back_up

Begin = Callable[..., tuple[Process, Path]]


@pytest.fixture
def begin(nursery: Nursery) -> Begin:
    """`quytrinh …` at work on a place, and its log."""

    def begun(here: Place, *arguments: str) -> tuple[Process, Path]:
        log = here.settings.data_dir.parent / "log"
        environment = environment_for(here.settings.database_url, here.settings.data_dir)
        return nursery.start([*arguments], log, environment), log

    return begun


def until_nothing_is_at_work(here: Place) -> None:
    """Of what the command began on the server; while others still hold what it waited for."""
    give_up = monotonic() + 300
    while ask(here, AT_WORK):
        assert monotonic() < give_up, "what the command began is still at work"


@pytest.mark.parametrize("how", [pytest.param(signal.SIGTERM, marks=pytest.mark.prove), signal.SIGKILL])
def test_a_restore_that_is_stopped_goes_on_nowhere(
    ward: Place, begin: Begin, tmp_path: Path, how: signal.Signals
) -> None:
    files = files_of(ward)
    (lost,) = [path for path in files if path.read_bytes() == oldest_case(ward)]
    lost.unlink()
    with psycopg.connect(ward.settings.database_url) as other:
        other.execute("SELECT count(*) FROM process_instances")
        command, log = begin(ward, "restore", "--replace", str(tmp_path / "backup.zip"))
        wait_until(lambda: ask(ward, WAITING) == 1, command, log)
        assert lost.exists()
        command.send_signal(how)
        code = command.wait(300)
        until_nothing_is_at_work(ward)
    assert ward.count() == 2
    ward.world.check()
    if how != signal.SIGKILL:
        assert (code, "Đã dừng theo yêu cầu; dữ liệu đang có còn nguyên." in log.read_text()) == (2, True)
        assert files_of(ward) == {path: content for path, content in files.items() if path != lost}
        assert list(ward.settings.data_dir.glob(".quytrinh-*")) == []


def oldest_case(here: Place) -> bytes:
    """What is attached to it: its id."""
    return str(min(row.id for row in here.world.rows(sa.select(ProcessInstance.id)))).encode()


@pytest.mark.parametrize("how", [signal.SIGTERM, pytest.param(signal.SIGKILL, marks=pytest.mark.prove)])
def test_a_backup_that_is_stopped_leaves_no_tool_at_work(
    ward: Place, begin: Begin, tmp_path: Path, how: signal.Signals
) -> None:
    with psycopg.connect(ward.settings.database_url) as other:
        other.execute("LOCK TABLE process_instances")
        command, log = begin(ward, "backup", str(tmp_path / "second.zip"))
        wait_until(lambda: ask(ward, WAITING) == 1, command, log)
        command.send_signal(how)
        command.wait(300)
        until_nothing_is_at_work(ward)
    assert not (tmp_path / "second.zip").exists()
    if how == signal.SIGTERM:
        assert "Đã dừng theo yêu cầu; chưa ghi bản sao lưu nào." in log.read_text()
        assert list(tmp_path.glob(".quytrinh-*")) == []


@pytest.fixture
def small(sqlite_url: str, tmp_path: Path) -> Iterator[Place]:
    """A ward with one attachment."""
    made = place(sqlite_url, tmp_path / "here")
    made.world.deploy(WRITE_AND_CHECK)
    made.work()
    yield made
    made.world.database.dispose()


@contextmanager
def stuck_backup(begin: Begin, here: Place, file: Path) -> Iterator[tuple[Process, Path, int]]:
    """A backup that has written the database and waits for the attachment: a pipe in its place, to write to."""
    ((attachment, content),) = files_of(here).items()
    pipe = attachment.with_name("pipe")
    os.mkfifo(pipe)
    pipe.replace(attachment)
    command, log = begin(here, "backup", str(file))
    ends: list[int] = []

    def is_read() -> bool:
        try:
            ends.append(os.open(attachment, os.O_WRONLY | os.O_NONBLOCK))
        except OSError:  # Nobody reads yet.
            return False
        return True

    wait_until(is_read, command, log)
    attachment.unlink()
    attachment.write_bytes(content)
    try:
        yield command, log, ends[0]
    finally:
        os.close(ends[0])


def test_what_a_killed_backup_leaves_goes_with_the_next(small: Place, begin: Begin, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    with stuck_backup(begin, small, folder / "monday.zip") as (command, _, _):
        command.kill()
        command.wait(300)
    assert [path.name[:10] for path in folder.iterdir()] == [".quytrinh-"]
    back_up(small.settings, folder / "tuesday.zip", small.world.now)
    assert [path.name for path in folder.iterdir()] == ["tuesday.zip"]


def test_two_backups_to_one_name_are_both_whole(small: Place, begin: Begin, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    ((_, content),) = files_of(small).items()
    with stuck_backup(begin, small, file) as (command, log, pipe):
        assert back_up(small.settings, file, small.world.now).missing == ()
        with opened(file) as first:
            assert len(first.manifest.files) == 1
        os.write(pipe, content)
    assert command.wait(300) == 0, log.read_text()
    with opened(file) as second:
        assert len(second.manifest.files) == 1
