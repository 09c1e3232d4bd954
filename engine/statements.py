"""Core statements of the hot path: compiled once for each kind of database, then handed to its driver as they are.

Of what SQLAlchemy does to execute a statement, most is the same each time, and it takes longer than SQLite does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

Values = Mapping[str, Any]
Take = Callable[[Values], Any]


def fetch(connection: sa.Connection, statement: Any, values: Values) -> list[Any]:
    """The rows of a SELECT, or of what a statement returns, as named tuples."""
    prepared = _prepared(statement, connection.dialect, None)
    with _as_sqlalchemy_says(connection, prepared.text):
        cursor = _cursor(connection)
        cursor.execute(prepared.text, prepared.values(values))
        return prepared.rows(cursor)


def fetch_one(connection: sa.Connection, statement: Any, values: Values) -> Any:
    """The first row, or None."""
    return next(iter(fetch(connection, statement, values)), None)


def send(connection: sa.Connection, statement: Any, rows: Values | Sequence[Values]) -> Callable[[], int]:
    """Write; return what says how many rows that touched, to be asked once it is known (see `pipelined`)."""
    rows = [rows] if isinstance(rows, Mapping) else rows
    prepared = _prepared(statement, connection.dialect, tuple(rows[0]) if statement.is_insert else None)
    with _as_sqlalchemy_says(connection, prepared.text):
        cursor = _cursor(connection)
        for row in rows:  # A driver's executemany is no faster: it would be a sequence of these on both.
            cursor.execute(prepared.text, prepared.values(row))
    return lambda: int(cursor.rowcount)


@contextmanager
def pipelined(connection: sa.Connection) -> Iterator[None]:
    """PostgreSQL takes what is sent without giving an answer to each; all answers are in at the end.

    Inside, only `fetch` and `send` may speak to the connection: SQLAlchemy asks for each answer at once.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.connection.driver_connection
    with _as_sqlalchemy_says(connection, ""), driver.pipeline():
        yield


def _cursor(connection: sa.Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


@contextmanager
def _as_sqlalchemy_says(connection: sa.Connection, text: str) -> Iterator[None]:
    """The driver's errors become the errors that everybody else expects."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raised: Any = sa.exc.DBAPIError.instance(
            text, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        )
        raise raised from error


class _Prepared:
    """A statement as one kind of database takes it."""

    def __init__(self, statement: Any, dialect: sa.Dialect, columns: tuple[str, ...] | None) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=columns, for_executemany=True)
        assert not compiled.post_compile_params, "a statement whose text depends on its values"
        self.text = str(compiled)
        self._is_named = compiled.positiontup is None
        given = {name: _taking(name, bind, dialect) for bind, name in compiled.bind_names.items()}
        given |= {column.key: _default(column, dialect) for column in compiled.insert_prefetch}
        self._places: list[tuple[str, Take]] = [(n, given[n]) for n in compiled.positiontup or given]
        returned = list(statement.exported_columns)
        self._row: Any = namedtuple("Row", [column.key for column in returned], rename=True)  # type: ignore[misc]
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in returned]
        self._readers = [(n, reader) for n, reader in enumerate(readers) if reader is not None]

    def values(self, row: Values) -> Any:
        """The row as the driver takes it."""
        if self._is_named:
            return {name: take(row) for name, take in self._places}
        return [take(row) for _, take in self._places]

    def rows(self, cursor: Any) -> list[Any]:
        """What the driver gives, as Python knows it."""
        return [self._read(row) for row in cursor.fetchall()]

    def _read(self, row: Any) -> Any:
        values = list(row)
        for n, reader in self._readers:
            values[n] = reader(values[n])
        return self._row._make(values)


_prepared = lru_cache(maxsize=1024)(_Prepared)
"""By the statement itself: those of the hot path are made once, when their module is imported."""


def _taking(name: str, bind: Any, dialect: sa.Dialect) -> Take:
    process = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if not bind.required:
        fixed = process(bind.effective_value) if process else bind.effective_value
        return lambda _: fixed
    return (lambda row: process(row[name])) if process else (lambda row: row[name])


def _default(column: Any, dialect: sa.Dialect) -> Take:
    process = column.type.dialect_impl(dialect).bind_processor(dialect) or (lambda value: value)
    if column.default.is_callable:
        return lambda _: process(column.default.arg(None))
    return lambda _: process(column.default.arg)
