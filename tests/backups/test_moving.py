"""A ward that grows goes from SQLite to PostgreSQL by a backup: the same rows, and work goes on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

import migrations
from engine.database import connect
from engine.models import Timer, TimerState
from engine.scheduler import fire_due_timers
from tests.backups.places import place
from tests.support.databases import SqliteDatabases
from tests.support.demo import LoadedDemo
from tests.support.postgresql import PostgresqlServer
from tests.support.servers import environment_for, run_quytrinh
from tests.web.demo_wards import ward_at, working_ward
from tests.web.refusals import execute_step, report
from webapp.backups import progress
from webapp.backups.making import back_up
from webapp.cli import main
from webapp.settings import Settings

NUMBERS = count(1)
STAGES = "kiểm tra bản sao lưu", "chép tệp đính kèm", "thay cơ sở dữ liệu", "kiểm tra nhật ký"


@pytest.fixture
def empty(postgresql_server: PostgresqlServer) -> Iterator[str]:
    """A PostgreSQL database as `createdb` makes it."""
    name = f"grown_{next(NUMBERS)}"
    postgresql_server.execute(f"CREATE DATABASE {name}")
    yield postgresql_server.url(name)
    postgresql_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restored(url: str, folder: Path, file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["restore", *options, str(file)], env=environment_for(url, folder))


def files_in(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.glob("files/**/*") if path.is_file()}


def content(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, as the program reads it."""
    database = connect(url)
    try:
        with database.connect() as connection:
            return {
                table.name: sorted((tuple(row) for row in connection.execute(sa.select(table))), key=repr)
                for table in migrations.metadata().sorted_tables
            }
    finally:
        database.dispose()


def test_the_demo_ward_is_the_same_on_postgresql_and_goes_on(
    loaded_demo: LoadedDemo,
    sqlite_databases: SqliteDatabases,
    empty: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "OFTEN", 0)
    folder, file = tmp_path / "data", tmp_path / "backup.zip"
    with working_ward(loaded_demo, sqlite_databases, folder) as ward:
        settings: Settings = ward.app.config["SETTINGS"]
        back_up(settings, file, ward.now())
        files = files_in(folder)
        told = restored(empty, folder, file)
        assert (told.exit_code, "Nhật ký nguyên vẹn." in told.stdout) == (0, True), told.output
        stages = [line for line in told.stdout.splitlines() if line.startswith("Đang ")]
        assert stages == [f"Đang {what}…" for what in STAGES], told.stdout
        assert "Đã chuyển 1.000 dòng của bảng events." in told.stdout
        assert content(empty) == content(settings.database_url)
    with ward_at(empty, folder) as grown:
        assert files_in(folder) == files
        address = execute_step(grown, "II.3", "th")
        assert grown.signed_in("th.vanthu").post(address, report(grown, "Đã làm")).status_code == 302
        due = grown.rows(sa.select(sa.func.min(Timer.due_at)).where(Timer.state == TimerState.WAITING))[0][0]
        grown.move_clock(due + timedelta(minutes=1))
        assert fire_due_timers(grown.runtime) > 0
    assert run_quytrinh(environment_for(empty, folder), "audit", "verify") == "Nhật ký nguyên vẹn.\n"


def test_a_ward_is_not_moved_upon_another(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    here, before = place(sqlite_url, tmp_path / "here"), place(postgresql_url, tmp_path / "there")
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    here.world.database.dispose()
    told = restored(postgresql_url, tmp_path / "there", tmp_path / "backup.zip", "--replace")
    assert (told.exit_code, "cần cơ sở dữ liệu PostgreSQL trống" in told.output) == (2, True), told.output
    before.world.check()
    before.world.database.dispose()


def test_what_postgresql_does_not_take_is_told(sqlite_url: str, empty: str, tmp_path: Path) -> None:
    """Somebody wrote to the file by hand."""
    here = place(sqlite_url, tmp_path / "here")
    here.world.database.dispose()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database, database:
        database.execute("insert into leases (name, owner, until, token) values ('x', 'y' || char(0), '2026-01-01', 1)")
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    told = restored(empty, tmp_path / "there", tmp_path / "backup.zip")
    assert (told.exit_code, "Không chuyển được bảng leases sang PostgreSQL" in told.output) == (2, True), told.output
    assert not any(content(empty).values())
