"""Very many rows at once: COPY on PostgreSQL, the driver's own executemany on SQLite."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

BATCH = 50_000
CACHE_KB = 400_000
Rows = Iterable[Mapping[str, Any]]


def insert(database: sa.Engine, table: sa.Table, rows: Rows) -> None:
    """Write rows that all have the same columns, a transaction for each batch; defaults are the caller's."""
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH)):
        columns = list(batch[0])
        values = _bound(database.dialect, [table.c[name] for name in columns], batch)
        with database.begin() as connection:
            write = _copy if database.dialect.name == "postgresql" else _execute_many
            write(connection.connection.cursor(), table.name, columns, values)


def _bound(dialect: Any, columns: Sequence[sa.Column[Any]], rows: Rows) -> Iterator[list[Any]]:
    """The values as the driver takes them."""
    known: list[Callable[[Any], Any]] = [_binder(column, dialect) for column in columns]
    for row in rows:
        yield [bind(value) for bind, value in zip(known, row.values(), strict=True)]


def _binder(column: sa.Column[Any], dialect: Any) -> Callable[[Any], Any]:
    processor: Callable[[Any], Any] | None = column.type.dialect_impl(dialect).bind_processor(dialect)
    return processor or (lambda value: value)


def _copy(cursor: Any, table: str, columns: list[str], values: Iterator[list[Any]]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _execute_many(cursor: Any, table: str, columns: list[str], values: Iterator[list[Any]]) -> None:
    cursor.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    marks = ", ".join("?" * len(columns))
    cursor.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values)  # noqa: S608  ours
