"""The database of a backup: copied as it stands at one moment, and put back whole or not at all."""

import errno
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.database import WriteQueue, connect
from engine.models import Tenant
from webapp.backups import moving, postgresql
from webapp.backups.stopping import unbroken
from webapp.backups.tools import DatabaseTool, run

SQLITE, POSTGRESQL = "sqlite", "postgresql"
MEMBER = {SQLITE: "database.sqlite3", POSTGRESQL: "database.pgdump"}


def kind_of(url: str) -> str:
    """Which of the two the address is for."""
    return sa.make_url(url).get_backend_name()


@contextmanager
def copied(url: str, to: Path) -> Iterator[sa.Connection]:
    """Copy the database to a file; in the meantime one can read what the copy holds, and no more."""
    with (_copied_sqlite if kind_of(url) == SQLITE else _copied_postgresql)(url, to) as connection:
        yield connection


@contextmanager
def _copied_sqlite(url: str, to: Path) -> Iterator[sa.Connection]:
    """All pages in one step: of a database in WAL mode that is one snapshot, and nobody has to wait for it."""
    with _copying(), closing(sqlite3.connect(_path(url))) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = DELETE")
    with _reading(f"sqlite:///{to}") as connection:
        yield connection


@contextmanager
def _copying() -> Iterator[None]:
    """Raises OSError where SQLite finds no room, DatabaseTool for what else it says."""
    try:
        yield
    except sqlite3.Error as fault:
        if fault.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, str(fault)) from fault
        raise DatabaseTool(f"SQLite không chép được cơ sở dữ liệu: {fault}.") from fault


@contextmanager
def _copied_postgresql(url: str, to: Path) -> Iterator[sa.Connection]:
    """The dump and the reader see the same exported snapshot."""
    with _reading(url, isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        how = "--no-password", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"
        run("pg_dump", url, *how, f"--file={to}")
        yield connection


@contextmanager
def _reading(url: str, **options: Any) -> Iterator[sa.Connection]:
    engine = connect(url)
    try:
        with engine.connect() as connection:
            yield connection.execution_options(**options)
    finally:
        engine.dispose()


def put_back(url: str, kind: str, copy: Path, replaced: Callable[[], None]) -> tuple[str, ...]:
    """Replace everything in the database by the copy of a kind, in one transaction; `replaced` hears of it at once.

    Return what was there of others' and is not any more. Raises DatabaseTool, NotMoved, OSError.
    """
    if kind == SQLITE:
        put = _put_back_sqlite if kind_of(url) == SQLITE else moving.move
        put(copy, url, replaced)
        return ()
    with _reading(url) as connection:
        schema = connection.scalar(sa.select(sa.func.current_schema()))
        if schema is None:
            raise postgresql.NoSchema
        postgresql.require_allowed(connection, schema, postgresql.tables_in(url, copy, schema))
    return postgresql.put_back(url, copy, schema, replaced)


def _put_back_sqlite(copy: Path, url: str, replaced: Callable[[], None]) -> None:
    """In the writers' queue: whoever writes waits; whoever reads goes on with what there was."""
    engine = connect(url)
    try:
        turn = WriteQueue(engine).turn()
        with turn, engine.connect() as connection, closing(sqlite3.connect(copy)) as source, _copying(), unbroken():
            source.backup(connection.connection.driver_connection)  # type: ignore[arg-type]
            replaced()
    finally:
        engine.dispose()


def is_empty(url: str) -> bool:
    """Whether the database has no ward, or no tables at all."""
    if kind_of(url) == SQLITE and not _path(url).exists():
        return True
    with _reading(url) as connection:
        if not sa.inspect(connection).has_table(Tenant.__tablename__):
            return True
        return connection.scalar(sa.select(Tenant.id).limit(1)) is None


def _path(url: str) -> Path:
    return Path(sa.make_url(url).database or "")
