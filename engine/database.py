"""Connecting to SQLite and PostgreSQL so that neither loses an update."""

import fcntl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.errors import InvalidConfiguration

BUSY_TIMEOUT_MS = 30_000


def connect(url: str, **options: Any) -> sa.Engine:
    """An engine with the settings the Runtime relies on. Raises InvalidConfiguration for a URL it can't serve."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise InvalidConfiguration(f"DATABASE_URL không phải địa chỉ cơ sở dữ liệu hợp lệ: {url!r}.") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _connect_sqlite(parsed, options)
    if backend == "postgresql":
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **options)
    raise InvalidConfiguration(f"DATABASE_URL chỉ nhận sqlite hoặc postgresql, không nhận {backend!r}.")


def _connect_sqlite(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, **options)
    sa.event.listen(engine, "connect", _configure_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves; the driver's own is deferred and loses updates.
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


class WriteQueue:
    """Lines writers up before BEGIN IMMEDIATE: a mutex in the process, a file lock between processes.

    SQLite's own waiting is polling, which makes the tail of the latencies; PostgreSQL needs none of this.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._mutex = threading.Lock()
        database = engine.url.database
        on_disk = engine.dialect.name == "sqlite" and database and database != ":memory:"
        self._lock_file = Path(f"{database}.writers").open("ab") if on_disk else None  # noqa: SIM115  lives as long as we
        self._needed = engine.dialect.name == "sqlite"

    def close(self) -> None:
        """Close the lock file; no turn can be had afterwards."""
        if self._lock_file is not None:
            self._lock_file.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this writer's turn and hold it."""
        if not self._needed:
            yield
            return
        with self._mutex:
            if self._lock_file is None:
                yield
                return
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)
