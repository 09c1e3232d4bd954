"""Core statements of the hot path: compiled once for each kind of database, then handed to its driver as they are.

Of what SQLAlchemy does to execute a statement, most is the same each time, and it takes longer than SQLite does.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from engine.postgresql import Client, Committing, client_of

Values = Mapping[str, Any]
Take = Callable[[Values], tuple[Any, ...]]
Ready = list[tuple[str, list[Any], type[Exception] | None]]
"""A statement's text, its rows as the driver takes them, and what to raise where they touch nothing."""
DIALECTS: dict[str, sa.Dialect] = {
    # As the server itself takes values.
    "postgresql": postgresql.psycopg.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
    "sqlite": sqlite.dialect(),
}
"""One for all databases of a kind."""


def fetch(connection: sa.Connection, statement: Any, values: Values) -> list[Any]:
    """The rows of a SELECT, or of what a statement returns, as named tuples; in the transaction, if one was begun."""
    prepared = _prepared(statement, connection.dialect.name, None)
    try:
        if connection.dialect.name == "postgresql":
            client = client_of(connection)
            result = client.ask((prepared.text, prepared.values(values)), alone=not connection.in_transaction())
            return prepared.rows(client.rows(result), result.ftype)
        cursor = _cursor(connection)
        cursor.execute(prepared.text, prepared.values(values))
        return prepared.rows(cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_sqlalchemy_says(connection, prepared.text, error) from error


def fetch_one(connection: sa.Connection, statement: Any, values: Values) -> Any:
    """The first row, or None."""
    rows = fetch(connection, statement, values)
    return rows[0] if rows else None


class Writes:
    """What is to be written, in its order: made ready where nobody waits for it, then handed to the driver at once."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect: Any = dialect
        self._ready: Ready = []

    def add(
        self, statement: Any, rows: dict[str, Any] | Sequence[Values], *, or_raise: type[Exception] | None = None
    ) -> None:
        """Write the rows by a statement; where it touches none, raise what is given."""
        rows = [rows] if isinstance(rows, dict) else rows
        prepared = _prepared(statement, self._dialect.name, tuple(rows[0]) if statement.is_insert else None)
        self._ready.append((prepared.text, [prepared.values(row) for row in rows], or_raise))

    def send(self, connection: sa.Connection, committing: Committing | None = None) -> None:
        """Hand over what there is; on PostgreSQL in one trip, with the transaction's end if that is wanted.

        Raises what `add` was given. That does not take back what was committed with it.
        """
        ready, self._ready = self._ready, []
        if not ready:
            return
        try:
            if self._dialect.name == "postgresql":
                _send_together(client_of(connection), ready, committing)
            else:
                _send_in_turn(_cursor(connection), ready)
        except self._dialect.loaded_dbapi.Error as error:
            raise _as_sqlalchemy_says(connection, "", error) from error


def _send_in_turn(cursor: Any, ready: Ready) -> None:
    for text, rows, refusal in ready:
        if len(rows) == 1:
            cursor.execute(text, rows[0])
        else:
            cursor.executemany(text, rows)
        if refusal is not None and not cursor.rowcount:
            raise refusal


def _send_together(client: Client, ready: Ready, committing: Committing | None) -> None:
    results = iter(client.ask_all([(text, row) for text, rows, _ in ready for row in rows], committing))
    for _, rows, refusal in ready:
        answered = list(islice(results, len(rows)))
        if refusal is not None and not any(result.command_tuples for result in answered):
            raise refusal


def _cursor(connection: sa.Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _as_sqlalchemy_says(connection: sa.Connection, text: str, error: Any) -> Exception:
    """The driver's error as everybody else expects it."""
    dialect: Any = connection.dialect
    raised: Exception = sa.exc.DBAPIError.instance(
        text, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
    )
    return raised


class _Prepared:
    """A statement as one kind of database takes it."""

    def __init__(self, statement: Any, kind: str, columns: tuple[str, ...] | None) -> None:
        dialect = DIALECTS[kind]
        compiled = statement.compile(dialect=dialect, column_keys=columns, for_executemany=True)
        assert not compiled.post_compile_params, "a statement whose text depends on its values"
        self.text = str(compiled)
        names = compiled.positiontup or ()
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._given = {name: _same(bind.effective_value) for name, bind in binds.items() if not bind.required}
        self._given |= {column.key: _default(column) for column in compiled.insert_prefetch}
        self._take = _taking(names)
        kinds = [binds[name].type for name in names]
        self._ids = [n for n, kind in enumerate(kinds) if isinstance(kind, sa.Uuid)]
        self._made_fit = [(n, fit) for n, kind in enumerate(kinds) if (fit := _processor(kind, dialect))]
        returned = list(statement.exported_columns)
        self._row: Any = namedtuple("Row", [column.key for column in returned], rename=True)  # type: ignore[misc]
        self._returned = [(column.type.dialect_impl(dialect), dialect) for column in returned]
        self._readers: list[tuple[int, Any]] | None = None

    def values(self, row: Values) -> list[Any]:
        """The row as the driver takes it."""
        if self._given:
            row = {**row, **{name: give() for name, give in self._given.items()}}
        values = list(self._take(row))
        for n in self._ids:  # As digits: SQLite has nothing else, and psycopg takes thrice as long for a UUID.
            if (id := values[n]) is not None:
                values[n] = f"{id.int:032x}"
        for n, made_fit in self._made_fit:
            values[n] = made_fit(values[n])
        return values

    def rows(self, rows: list[Any], kind_of: Callable[[int], int | None] = lambda _: None) -> list[Any]:
        """What the driver gives, as Python knows it; `kind_of` a column is what the database calls its type."""
        if self._readers is None:
            self._readers = list(self._readers_for(kind_of))
        return [self._read(row, self._readers) for row in rows]

    def _readers_for(self, kind_of: Callable[[int], int | None]) -> Iterator[tuple[int, Any]]:
        for n, (kind, dialect) in enumerate(self._returned):
            if (reader := kind.result_processor(dialect, kind_of(n))) is not None:
                yield n, reader

    def _read(self, row: Any, readers: list[tuple[int, Any]]) -> Any:
        values = list(row)
        for n, reader in readers:
            values[n] = reader(values[n])
        return self._row._make(values)


_prepared = lru_cache(maxsize=1024)(_Prepared)
"""By the statement itself: those of the hot path are made once, when their module is imported."""


def _taking(names: Sequence[str]) -> Take:
    """What has those names in a row, in their order: by one call of C where they are several."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)


def _processor(kind: Any, dialect: sa.Dialect) -> Any:
    """What makes a value fit that is no id, None where it is."""
    if isinstance(kind, sa.Uuid):
        return None
    if isinstance(kind, sa.Enum) and kind.enum_class is not None:  # One look, where SQLAlchemy's own is five calls.
        texts: dict[Any, Any] = dict(zip(kind.enum_class, kind.enums, strict=True))
        return {None: None, **texts}.__getitem__
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _same(value: Any) -> Callable[[], Any]:
    return lambda: value


def _default(column: Any) -> Callable[[], Any]:
    default = column.default
    return (lambda: default.arg(None)) if default.is_callable else _same(default.arg)
