"""PostgreSQL by libpq, as psycopg gives it (`psycopg.pq`), for the statements of the hot path.

What a cursor does around a statement takes longer than the statement takes the server. Here each is prepared once for a
connection, the beginning of a transaction goes with its first statement, and its end with its last. Values and rows are
turned by psycopg's own adapters.
"""

import select
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult

Asked = tuple[str, Sequence[Any]]
"""A statement whose values are $1, $2 …, and the values."""
Committing = Callable[[], AbstractContextManager[None]]
"""Makes what surrounds the waiting for a transaction's end, once that is on its way."""

_CLIENT = "libpq client"
MOST_PREPARED = 300
"""Statements that the server keeps for a connection: each is some ten kilobytes there."""
_NOT_AS_PREPARED = (psycopg.errors.InvalidSqlStatementName, psycopg.errors.FeatureNotSupported)
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


def undo(driver: Any) -> bool:
    """End without effect what transaction there is; whether none is left.

    psycopg's own way has the server forget all that was prepared.
    """
    pg = driver.pgconn
    status = pg.transaction_status
    if status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
        return bool(pg.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK)
    return bool(status == TransactionStatus.IDLE)


def client_of(connection: sa.Connection) -> "Client":
    """The one of this connection, for as long as the server knows it."""
    client: Client | None = connection.info.get(_CLIENT)
    if client is None:
        driver: Any = connection.connection.driver_connection
        client = connection.info[_CLIENT] = Client(driver)
    return client


class Client:
    """A connection to the server. Every method raises psycopg.Error."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._adapters = Transformer(connection)
        self._names: dict[tuple[str, tuple[int, ...]], bytes] = {}
        self._numbers = count()
        self._answers = select.poll()
        self._answers.register(self._pg.socket, select.POLLIN)

    def ask(self, asked: Asked, *, alone: bool) -> PGresult:
        """Have a statement done `alone`, or in a transaction that it begins where none is."""
        if not alone and (begin := self._begin()):
            return self._together([asked], begin)[0]
        self._make_room()
        result = self._pg.exec_prepared(*self._ready(*asked))
        self._require_done(result)
        return result

    def ask_all(self, asked: Sequence[Asked], committing: Committing | None) -> list[PGresult]:
        """Have statements done in one trip, and the transaction ended with them where `committing` is given.

        Where none was begun the trip is one: the server commits it at its end, or nothing of it.
        """
        begin, end = self._begin(), b"" if committing is None else b"COMMIT"
        if begin and end:
            return self._together(asked, committing=committing)
        return self._together(asked, begin, end, committing)

    def rows(self, result: PGresult) -> list[tuple[Any, ...]]:
        """The rows of an answer."""
        self._adapters.set_pgresult(result)
        return self._adapters.load_rows(0, result.ntuples, tuple)

    def _together(
        self, asked: Sequence[Asked], begin: bytes = b"", end: bytes = b"", committing: Committing | None = None
    ) -> list[PGresult]:
        self._make_room()
        ready = [self._ready(text, values) for text, values in asked]
        self._pg.enter_pipeline_mode()
        try:
            if begin:
                self._pg.send_query_params(begin, None)
            for statement in ready:
                self._pg.send_query_prepared(*statement)
            if end:
                self._pg.send_query_params(end, None)
            self._pg.pipeline_sync()
            self._flush()
            with committing() if committing is not None else nullcontext():
                results = [self._answer() for _ in range(bool(begin) + len(ready) + bool(end))]
                self._result()  # of the sync
        finally:
            self._pg.exit_pipeline_mode()
        for result in results:
            self._require_done(result)
        return results[bool(begin) :]

    def _begin(self) -> bytes:
        """What begins a transaction, where one is due."""
        if self._pg.transaction_status != TransactionStatus.IDLE or self._connection.autocommit:
            return b""
        level, read_only = self._connection.isolation_level, self._connection.read_only
        begin = "BEGIN"
        if level is not None:
            begin += f" ISOLATION LEVEL {level.name.replace('_', ' ')}"
        if read_only is not None:
            begin += " READ ONLY" if read_only else " READ WRITE"
        return begin.encode()

    def _ready(self, text: str, values: Sequence[Any]) -> tuple[bytes, Sequence[Any], Sequence[Any]]:
        """The name of the prepared statement, its values, and how each is written."""
        adapters = self._adapters
        params = adapters.dump_sequence(values, [PyFormat.AUTO] * len(values))
        types = tuple(adapters.types or ())
        name = self._names.get((text, types)) or self._prepare(text, types)
        return name, params, adapters.formats or ()

    def _prepare(self, text: str, types: tuple[int, ...]) -> bytes:
        name = b"hot_%d" % next(self._numbers)
        self._require_done(self._pg.prepare(name, text.encode(), types))
        self._names[text, types] = name
        return name

    def _make_room(self) -> None:
        """Forget all once they are many; those that are asked for are prepared again."""
        if len(self._names) >= MOST_PREPARED:
            for name in self._names.values():
                self._require_done(self._pg.exec_(b"DEALLOCATE " + name))
            self._names.clear()

    def _flush(self) -> None:
        """Send what libpq still holds; the server may want to be heard meanwhile."""
        while self._pg.flush():
            both = select.poll()
            both.register(self._pg.socket, select.POLLIN | select.POLLOUT)
            if both.poll()[0][1] & select.POLLIN:
                self._pg.consume_input()

    def _answer(self) -> PGresult:
        """The next statement's."""
        result = self._result()
        assert result is not None
        self._pg.get_result()  # Nothing: its end, which has come with it.
        return result

    def _result(self) -> PGresult | None:
        """Waits where libpq would wait too, but let nobody else run."""
        while self._pg.is_busy():
            self._answers.poll()
            self._pg.consume_input()
        return self._pg.get_result()

    def _require_done(self, result: PGresult) -> None:
        if result.status in _FAILED:
            error = psycopg.errors.error_from_result(result, encoding=self._connection.info.encoding)
            if isinstance(error, _NOT_AS_PREPARED):
                self._names.clear()  # Somebody had the server forget all, or changed a table: once is enough.
            raise error
