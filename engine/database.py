"""Connecting to SQLite and PostgreSQL so that neither loses an update."""

import fcntl
import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import InvalidConfiguration
from engine.postgresql import undo

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another before it gives up: a page that answers later has lost its reader."""
TRIES = 200
"""How often a writer asks for the file's lock before it lines up: for about as long as another's step is being written.
To line up takes a thread, whose making takes longer than that.
"""
RANDOM_PAGE_COST = 1.1
"""What PostgreSQL takes a page out of order to cost, beside one in order: its default is a turning disk's. By that it
reads a small table whole, and goes on to do so with a prepared statement while the table grows.
"""
UTF8 = "UTF8"
CACHE_KB = 16_000
CHECKPOINT_PAGES = 4_000
"""How long SQLite's log grows before it is written into the database: seldom, since some step has to wait for it."""
DISCREET = {"hide_parameters": True}
"""What people entered, and hashes of passwords, stay out of logs of errors."""
POOL = {"max_overflow": -1, "pool_use_lifo": True}
"""A thread holds at most two connections at a time (its page's, its command's): the threads are the bound. The one used
last comes first: it has what it read at hand.
"""


def connect(url: str, **options: Any) -> sa.Engine:
    """An engine with the settings the Runtime relies on. Raises InvalidConfiguration for a URL it can't serve."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise InvalidConfiguration("DATABASE_URL phải có dạng sqlite:///… hoặc postgresql://….") from error
    options = DISCREET | options
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _connect_sqlite(parsed, options)
    if backend == "postgresql":
        return _connect_postgresql(parsed, options)
    raise InvalidConfiguration(f"DATABASE_URL chỉ nhận sqlite hoặc postgresql, không nhận {backend!r}.")


def _connect_postgresql(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, **(POOL | options))
    sa.event.listen(engine, "do_connect", _ask_for)
    sa.event.listen(engine, "connect", _require_utf8)
    ask, roll_back = engine.dialect.do_ping, engine.dialect.do_rollback

    def answers(connection: Any) -> bool:
        return _is_silent(connection) or ask(connection)

    def rolls_back(connection: Any) -> None:
        if not undo(connection):
            roll_back(connection)

    engine.dialect.do_ping = answers  # type: ignore[assignment, method-assign]
    engine.dialect.do_rollback = rolls_back  # type: ignore[assignment, method-assign]
    return engine


def _ask_for(_dialect: Any, _record: Any, _args: Any, parameters: dict[str, Any]) -> None:
    parameters["options"] = f"-c random_page_cost={RANDOM_PAGE_COST} {parameters.get('options', '')}"  # The last holds.
    parameters["client_encoding"] = UTF8


def _require_utf8(connection: Any, _record: Any) -> None:
    """Another encoding has not all letters, or takes bytes for them; a cluster made without a locale has SQL_ASCII."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != UTF8:
        raise InvalidConfiguration(
            f"Cơ sở dữ liệu PostgreSQL phải có bảng mã {UTF8}, không phải {encoding}. "
            f"Hãy tạo lại: createdb --template=template0 --encoding={UTF8} TÊN."
        )


def _is_silent(connection: Any) -> bool:
    """Whether nothing has come since the last answer: a server that ends says so, or closes. It need not be asked."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return not waiting.poll(0)


def _connect_sqlite(url: sa.URL, options: dict[str, Any]) -> sa.Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    in_memory = not url.database or url.database == ":memory:"
    engine = sa.create_engine(url, **(options if in_memory else POOL | options))
    sa.event.listen(engine, "connect", _configure_sqlite)
    # Not by a listener of "begin": with one, SQLAlchemy asks for listeners at every statement.
    engine.dialect.do_begin = _begin_sqlite  # type: ignore[assignment, method-assign]
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves; the driver's own is deferred and loses updates.
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


IMMEDIATE = "immediate"


def begin_to_write(connection: sa.Connection) -> sa.RootTransaction:
    """Begin a transaction that will write; on SQLite it takes the one lock at once, so that it can't fail later."""
    connection.info[IMMEDIATE] = True
    return connection.begin()


def _begin_sqlite(connection: Any) -> None:
    immediate = connection.info.pop(IMMEDIATE, False)
    connection.cursor().execute("BEGIN IMMEDIATE" if immediate else "BEGIN")


def insert_if_new(dialect: str, table: Any, *key: str) -> Any:
    """An INSERT that leaves a row alone which has the same unique `key` already."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing(index_elements=key)


def insert_or_replace(dialect: str, table: Any, *key: str) -> Any:
    """An INSERT that puts its values in the place of those of a row which has the same unique `key` already."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    values = {column.name: insert.excluded[column.name] for column in table.columns if column.name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=values)


class WriteQueue:
    """Lines writers up before BEGIN IMMEDIATE: a mutex in the process, a file lock between processes.

    SQLite's own waiting is polling, which makes the tail of the latencies; PostgreSQL needs none of this.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._mutex = threading.Lock()
        self._needed = engine.dialect.name == "sqlite"
        database = engine.url.database
        self._lock_file = Path(f"{database}.writers") if database and database != ":memory:" else None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for this writer's turn and hold it. Raises OperationalError when it does not come."""
        if not self._needed:
            yield
            return
        if not self._mutex.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            raise _too_long()
        try:
            with self._among_processes():
                yield
        finally:
            self._mutex.release()

    @contextmanager
    def _among_processes(self) -> Iterator[None]:
        if self._lock_file is None:
            yield
            return
        # Opened anew each time: a lock that a child process inherited would not keep the two apart.
        file = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(file)
            yield
        finally:
            os.close(file)  # This releases it, and so does dying.


def _lock(file: int) -> None:
    """Take a file's lock. Raises OperationalError when another process does not let go of it in time.

    The kernel lines up who waits, but knows no end of waiting: that is left to a thread, which gives back what nobody
    wants any more.
    """
    if not any(_takes(file) for _ in range(TRIES)):
        taken = threading.Event()
        threading.Thread(target=_wait_for_lock, args=(os.dup(file), taken), daemon=True).start()
        if not taken.wait(BUSY_TIMEOUT_MS / 1000):
            raise _too_long()


def _takes(file: int) -> bool:
    """Take a file's lock if nobody has it; else let others run first."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.sched_yield()
        return False
    return True


def _wait_for_lock(same_file: int, taken: threading.Event) -> None:
    """The lock belongs to the file as it was opened: it is held until both who have it open have closed it."""
    try:
        fcntl.flock(same_file, fcntl.LOCK_EX)
        taken.set()
    finally:
        os.close(same_file)


def _too_long() -> sa.exc.OperationalError:
    return sa.exc.OperationalError("BEGIN IMMEDIATE", None, TimeoutError("the writers' queue does not move"))
