"""A ward that began on SQLite goes over to PostgreSQL: every row of a copy, in one transaction."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, IntegrityError, StatementError

import migrations
from engine.database import connect
from engine.errors import Rejected
from webapp.backups.progress import counted
from webapp.backups.stopping import unbroken

AT_ONCE = 1_000
"""Rows that are in memory at a time."""
UNFIT = DataError, IntegrityError, ValueError, LookupError
"""What one of the two databases holds and the other does not."""


class NotMoved(Rejected):
    """SQLite takes anything anywhere; whoever wrote to its file by hand may have left what PostgreSQL does not take."""

    def __init__(self, table: str, fault: object) -> None:
        super().__init__(f"Không chuyển được bảng {table} sang PostgreSQL nên chưa có gì thay đổi: {fault}.")


def move(copy: Path, url: str, moved: Callable[[], None]) -> None:
    """Fill an empty PostgreSQL database with what an SQLite file holds; `moved` hears of it at once.

    1. Both get this program's tables, so that a row of one fits the other.
    2. The tables, each after those that it refers to; a key of a table to itself waits until all its rows are there.
    3. It ends only if each table has as many rows as it had.

    Raises NotMoved, DBAPIError.
    """
    of_copy = f"sqlite:///{copy}"
    for each in (of_copy, url):
        migrations.upgrade(each)
    source, target = connect(of_copy), connect(url)
    try:
        with source.connect() as reading, target.connect() as writing, ExitStack() as until_known:
            with writing.begin():
                _move_tables(migrations.metadata().sorted_tables, reading, writing)
                until_known.enter_context(unbroken())
            moved()
    finally:
        source.dispose()
        target.dispose()


def _move_tables(tables: Sequence[sa.Table], reading: sa.Connection, writing: sa.Connection) -> None:
    for table in reversed(tables):
        writing.execute(sa.delete(table))  # Who served before there was a ward has left leases and attempts.
    for table in tables:
        _move_table(table, reading, writing)


def _move_table(table: sa.Table, reading: sa.Connection, writing: sa.Connection) -> None:
    to_itself = [key for key in table.foreign_key_constraints if key.referred_table is table]
    try:
        for key in to_itself:
            writing.execute(sa.schema.DropConstraint(key))
        _move_rows(table, reading, writing)
        for key in to_itself:
            writing.execute(sa.schema.AddConstraint(key))
    except UNFIT as fault:
        raise NotMoved(table.name, fault.orig if isinstance(fault, StatementError) else fault) from fault
    count: Any = sa.select(sa.func.count()).select_from(table)
    if reading.scalar(count) != writing.scalar(count):
        raise NotMoved(table.name, "số dòng không khớp")


def _move_rows(table: sa.Table, reading: sa.Connection, writing: sa.Connection) -> None:
    rows = reading.execute(sa.select(table).execution_options(yield_per=AT_ONCE))
    for part in counted(rows.mappings().partitions(), f"Đã chuyển %s dòng của bảng {table.name}.", AT_ONCE):
        writing.execute(sa.insert(table), [dict(row) for row in part])
