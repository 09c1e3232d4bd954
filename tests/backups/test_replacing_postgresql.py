"""A backup put back into a PostgreSQL that is not what it was: later tables, others' views, others at work."""

import re
import threading
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.backups.places import WAITING, Place, ask, files_of, looking, place, restored
from tests.engine.drawings import WRITE_AND_CHECK
from tests.support.databases import PostgresqlDatabases, create_schema
from tests.support.postgresql import PostgresqlServer
from webapp.backups import postgresql
from webapp.backups.making import back_up
from webapp.backups.restoring import restore

OTHERS = """
CREATE TABLE later (id uuid PRIMARY KEY REFERENCES process_instances);
INSERT INTO later SELECT id FROM process_instances;
CREATE VIEW "báo cáo" AS SELECT count(*) FROM process_instances;
CREATE SCHEMA others;
CREATE TABLE others.notes (id uuid REFERENCES process_instances, note text);
INSERT INTO others.notes SELECT id, 'note' FROM process_instances;
CREATE VIEW others.cases AS SELECT * FROM process_instances;
"""
FAILS_LATE = """
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no more indexes'; END $$;
CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION refuse();
"""


def do(here: Place, statements: str) -> None:
    with psycopg.connect(here.settings.database_url, autocommit=True) as connection:
        connection.execute(statements.encode())


def test_what_came_after_the_backup_is_no_obstacle_and_what_had_to_go_is_told(ward: Place, tmp_path: Path) -> None:
    do(ward, OTHERS)
    told = restored(ward, tmp_path / "backup.zip")
    gone = [line for line in told.output.splitlines() if "không còn" in line]
    assert told.exit_code == 0, told.output
    assert [line.removeprefix("Bản sao lưu không có nên không còn: ").removesuffix(".") for line in gone] == [
        "khóa ngoại others.notes.notes_id_fkey", "bảng public.later", "khung nhìn others.cases",
        'khung nhìn public."báo cáo"',
    ]  # fmt: skip
    assert ask(ward, "SELECT count(*) FROM others.notes WHERE %s <> ''") == 2
    with looking(ward.settings, ward) as now:
        assert now.count() == 1
        now.world.check()


def test_a_restore_that_fails_late_has_changed_nothing(ward: Place, tmp_path: Path) -> None:
    do(ward, OTHERS + FAILS_LATE)
    files = files_of(ward)
    told = restored(ward, tmp_path / "backup.zip")
    assert (told.exit_code, "no more indexes" in told.output) == (2, True), told.output
    assert (ward.count(), files_of(ward)) == (2, files)
    assert ask(ward, "SELECT count(*) FROM others.cases, later WHERE %s <> ''") == 4
    ward.world.check()


def test_a_role_that_owns_no_more_than_its_tables_can_restore(
    postgresql_server: PostgresqlServer, postgresql_databases: PostgresqlDatabases, tmp_path: Path
) -> None:
    admin = postgresql_databases.copy("empty", lambda _: None)
    name = sa.make_url(admin).database
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_stat_statements")
        connection.execute("CREATE ROLE ward_owner LOGIN")
        connection.execute("GRANT CREATE ON SCHEMA public TO ward_owner")
    url = f"postgresql:///{name}?host={postgresql_server.folder}&user=ward_owner"
    create_schema(url)
    here = place(url, tmp_path / "here")
    here.world.deploy(WRITE_AND_CHECK)
    here.work()
    back_up(here.settings, tmp_path / "backup.zip", here.world.now)
    here.work()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.of_admin (id int)")
        connection.execute("ALTER TABLE plans OWNER TO CURRENT_USER")
    with pytest.raises(postgresql.OwnedByOthers) as refused:
        restore(here.settings, tmp_path / "backup.zip", replace=True)
    said = str(refused.value)
    assert "Tài khoản ward_owner của DATABASE_URL không phải chủ của mọi bảng" in said
    assert re.search(r"Bảng của tài khoản khác: \S+: plans\. Dùng tài khoản đó, hoặc", said)
    assert here.count() == 2
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("ALTER TABLE plans OWNER TO ward_owner")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM ward_owner")
    with pytest.raises(postgresql.MayNotCreate, match="GRANT CREATE ON SCHEMA public TO ward_owner"):
        restore(here.settings, tmp_path / "backup.zip", replace=True)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("GRANT CREATE ON SCHEMA public TO ward_owner")
    assert restore(here.settings, tmp_path / "backup.zip", replace=True).gone == ()
    assert here.count() == 1
    here.world.database.dispose()
    postgresql_databases.drop(admin)


def test_where_no_schema_is_in_use_that_is_said(ward: Place, tmp_path: Path) -> None:
    do(ward, f"ALTER DATABASE {sa.make_url(ward.settings.database_url).database} SET search_path = nowhere")
    told = restored(ward, tmp_path / "backup.zip")
    assert (told.exit_code, "search_path chỉ nêu lược đồ không có" in told.output) == (2, True), told.output
    assert "None" not in told.output


def test_a_transaction_that_stays_open_is_waited_for_only_so_long(
    ward: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_SECONDS", 0.1)
    files = files_of(ward)
    with psycopg.connect(ward.settings.database_url) as forgotten:
        forgotten.execute("SELECT count(*) FROM process_instances")
        told = restored(ward, tmp_path / "backup.zip")
    assert (told.exit_code, "pg_stat_activity" in told.output) == (2, True), told.output
    assert (ward.count(), files_of(ward)) == (2, files)


def test_who_writes_against_the_order_of_the_locks_gets_done_first(ward: Place, tmp_path: Path) -> None:
    """Only the restore looks for deadlocks here, so it is the one that the server refuses; it tries again."""
    name = sa.make_url(ward.settings.database_url).database
    do(ward, f"ALTER DATABASE {name} SET deadlock_timeout = '4s'")
    told = []
    with psycopg.connect(ward.settings.database_url) as writer:
        writer.execute("SET deadlock_timeout = '10min'")
        writer.execute("LOCK TABLE user_tasks IN ROW EXCLUSIVE MODE")
        command = threading.Thread(target=lambda: told.append(restore_of(ward, tmp_path / "backup.zip")))
        command.start()
        while not ask(ward, WAITING):
            assert command.is_alive()
        writer.execute("LOCK TABLE attachments IN ROW EXCLUSIVE MODE")
    command.join()
    assert told == [()]
    assert ward.count() == 1


def restore_of(here: Place, file: Path) -> tuple[str, ...]:
    return restore(here.settings, file, replace=True).faults
