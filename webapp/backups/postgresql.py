"""Putting a dump back into PostgreSQL: the program's schema is replaced in one transaction, whatever stands in it."""

import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import sqlalchemy as sa

from webapp.backups.stopping import unbroken
from webapp.backups.tools import DatabaseTool, require_done, run, said, started

ATTEMPTS = 8
PAUSE = 0.2
"""Seconds before the second attempt; each time as much longer: who writes gets done in the meantime."""
LOCK_SECONDS = 30
"""How long others may keep a table: who comes after us waits as long."""
DEADLOCK, LOCKED = "40P01", "55P03"
FAULT_IN_SCRIPT = 3  # psql's exit code: the transaction has not ended then.
COMMITTING = "quytrinh: COMMIT"
KINDS = {"r": "bảng", "p": "bảng", "f": "bảng", "v": "khung nhìn", "m": "khung nhìn", "k": "khóa ngoại"}

_OURS = """FROM pg_tables WHERE schemaname = :'schema' AND pg_has_role(tableowner, 'USAGE')
    AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE deptype = 'e' AND classid = 'pg_class'::regclass
        AND objid = format('%I.%I', schemaname, tablename)::regclass)"""
"""All tables of the schema, of any version of the program; not those of extensions or of others."""
_TABLES = "string_agg(format('%I.%I', schemaname, tablename), ', ' ORDER BY tablename)"
_PRESENT = """SELECT '{when} ' || relkind::text || ' ' || format('%I.%I', nspname, relname)
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'f', 'v', 'm') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
UNION ALL SELECT '{when} k ' || format('%I.%I.%I', nspname, relname, conname)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE contype = 'f' AND nspname <> :'schema';"""
PREPARE = f"""\\encoding UTF8
BEGIN;
SET LOCAL lock_timeout = '{{lock_seconds}}s';
SET LOCAL statement_timeout = 0;
SET LOCAL client_min_messages = error;
SELECT 'LOCK TABLE ' || {_TABLES} || ' IN ACCESS EXCLUSIVE MODE' {_OURS} \\gexec
{_PRESENT.format(when="before")}
SELECT 'DROP TABLE ' || {_TABLES} || ' CASCADE' {_OURS} \\gexec
"""
END = f"\n{_PRESENT.format(when='after')}\n\\echo {COMMITTING}\nCOMMIT;\n"
_OF_OTHERS = sa.text(
    "SELECT tableowner, tablename FROM pg_tables WHERE schemaname = :schema AND tablename = ANY(:tables) "
    "AND NOT pg_has_role(tableowner, 'USAGE') ORDER BY tableowner, tablename"
)
PSQL = (
    "--no-password", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1",
    "--set=VERBOSITY=verbose",
)  # fmt: skip


class Deadlock(DatabaseTool):
    message = "Quá nhiều người đang ghi nên chưa thay được dữ liệu; chưa có gì thay đổi. Dừng quytrinh rồi chạy lại."


class TableKept(DatabaseTool):
    """Somebody's transaction is open: a forgotten one may stay so for days."""

    message = (
        "Có phiên làm việc khác giữ bảng của cơ sở dữ liệu quá lâu nên chưa thay được; chưa có gì thay đổi. Dừng "
        "quytrinh và chương trình khác đang mở cơ sở dữ liệu này (xem pg_stat_activity), rồi chạy lại."
    )


class NoSchema(DatabaseTool):
    message = (
        "DATABASE_URL không có lược đồ nào để đặt bảng: search_path chỉ nêu lược đồ không có hoặc không được dùng. Sửa "
        "search_path của cơ sở dữ liệu hay tài khoản, hoặc tạo lược đồ ấy (CREATE SCHEMA), rồi chạy lại."
    )


class OwnedByOthers(DatabaseTool):
    """Tables that would have to be replaced, by their owners: only these may."""

    def __init__(self, tables: Mapping[str, Sequence[str]], user: str) -> None:
        whose = "; ".join(f"{owner}: {', '.join(names)}" for owner, names in tables.items())
        super().__init__(
            f"Tài khoản {user} của DATABASE_URL không phải chủ của mọi bảng nên chưa thay được; chưa có gì thay đổi. "
            f"Bảng của tài khoản khác: {whose}. Dùng tài khoản đó, hoặc nhờ quản trị PostgreSQL chạy ALTER TABLE … "
            f"OWNER TO {user} cho từng bảng, rồi chạy lại."
        )


class MayNotCreate(DatabaseTool):
    def __init__(self, schema: str, user: str) -> None:
        super().__init__(
            f"Tài khoản {user} của DATABASE_URL không được tạo bảng trong lược đồ “{schema}” nên chưa thay được; chưa "
            f"có gì thay đổi. Nhờ quản trị PostgreSQL chạy GRANT CREATE ON SCHEMA {schema} TO {user}, rồi chạy lại."
        )


def require_allowed(connection: sa.Connection, schema: str, tables: Sequence[str]) -> None:
    """Raises MayNotCreate, OwnedByOthers."""
    user = connection.scalar(sa.select(sa.literal_column("current_user"))) or ""
    if not connection.scalar(sa.select(sa.func.has_schema_privilege(schema, "CREATE"))):
        raise MayNotCreate(schema, user)
    found: dict[str, list[str]] = {}
    for owner, table in connection.execute(_OF_OTHERS, {"schema": schema, "tables": list(tables)}):
        found.setdefault(owner, []).append(table)
    if found:
        raise OwnedByOthers(found, user)


def tables_in(url: str, copy: Path, schema: str) -> list[str]:
    """The tables that the dump has for the schema. Raises DatabaseTool where that is not the program's."""
    listed = run("pg_restore", url, "--list", str(copy)).decode()
    tables = re.findall(rf"^\d+; \d+ \d+ TABLE {re.escape(schema)} (\S+) ", listed, re.MULTILINE)
    if "alembic_version" not in tables:
        raise DatabaseTool(f"Bản sao lưu không có bảng nào trong lược đồ “{schema}” mà DATABASE_URL đang dùng.")
    return tables


def put_back(url: str, copy: Path, schema: str, replaced: Callable[[], None]) -> tuple[str, ...]:
    """Replace the tables of the schema by those of the dump; return what is gone that the dump does not have.

    1. Lock all tables: a writer who has one and waits for another may be in the way, so try again.
    2. Drop them, of whatever version, with what others have hung on them (views, foreign keys).
    3. What the dump has of this schema; COMMIT is said only after its last word.

    Raises DatabaseTool.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return _put_back(url, copy, schema, replaced)
        except Deadlock:
            threading.Event().wait(PAUSE * attempt)
    return _put_back(url, copy, schema, replaced)


def _put_back(url: str, copy: Path, schema: str, replaced: Callable[[], None]) -> tuple[str, ...]:
    with TemporaryFile() as answers, TemporaryFile() as complaints:
        psql = started(
            "psql", url, *PSQL, f"--set=schema={schema}", stdin=subprocess.PIPE, stdout=answers, stderr=complaints
        )
        with psql as process, suppress(BrokenPipeError):  # It breaks where psql has stopped at a fault.
            process.stdin.write(PREPARE.format(lock_seconds=LOCK_SECONDS).encode())
            process.stdin.flush()
            _pass_on(url, copy, schema, process.stdin)
            _commit(process, answers, replaced)
        _require_committed(process, answers, complaints)
        return _gone(said(answers))


def _pass_on(url: str, copy: Path, schema: str, to: IO[bytes]) -> None:
    """The dump as statements; `--clean` for what is no table, or hangs on none. Raises DatabaseTool."""
    arguments = "--clean", "--if-exists", "--no-owner", "--no-privileges", f"--schema={schema}", "--file=-", str(copy)
    with TemporaryFile() as complaints:
        with started("pg_restore", url, *arguments, stdout=subprocess.PIPE, stderr=complaints) as tool:
            shutil.copyfileobj(tool.stdout, to)
        require_done("pg_restore", tool, complaints)


def _commit(psql: Any, answers: IO[bytes], replaced: Callable[[], None]) -> None:
    with unbroken():
        with suppress(BrokenPipeError):
            psql.stdin.write(END.encode())
            psql.stdin.close()
        if psql.wait() != FAULT_IN_SCRIPT and COMMITTING in said(answers):
            replaced()  # Or nobody knows, if the line broke at the last word.


def _require_committed(psql: Any, answers: IO[bytes], complaints: IO[bytes]) -> None:
    """Raises DatabaseTool, Deadlock, TableKept."""
    refused = re.search(f":  ({DEADLOCK}|{LOCKED}): ", said(complaints))
    if psql.returncode and refused is not None:
        raise Deadlock if refused[1] == DEADLOCK else TableKept
    if psql.returncode not in (0, FAULT_IN_SCRIPT) and COMMITTING in said(answers):
        raise DatabaseTool("Mất kết nối đúng lúc kết thúc: không rõ dữ liệu đã được thay hay chưa. Hãy phục hồi lại.")
    require_done("psql", psql, complaints)


def _gone(answers: str) -> tuple[str, ...]:
    """What was there before and is not there after, in words."""
    lines = [line.split(" ", 2) for line in answers.splitlines() if line.startswith(("before ", "after "))]
    after = {(kind, name) for when, kind, name in lines if when == "after"}
    gone = [(kind, name) for when, kind, name in lines if when == "before" and (kind, name) not in after]
    return tuple(f"{KINDS[kind]} {name}" for kind, name in sorted(gone))
