"""How Alembic reaches the database; loaded by Alembic itself, once per command."""

from typing import Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from engine.database import begin_to_write, connect
from engine.models import Instant
from migrations import metadata

LONGEST_UPGRADE_MS = 600_000
ONE_AT_A_TIME = 7_185_423_111  # Any number that nothing else in the database locks.


def run(database_url: str, *, autogenerate: bool) -> None:
    engine = connect(database_url)
    try:
        with engine.connect() as connection:
            prepare_sqlite(connection)
            with begin_to_write(connection):
                take_turn(connection)
                migrate(connection, autogenerate=autogenerate)
                check_foreign_keys(connection)
    finally:
        engine.dispose()


def prepare_sqlite(connection: sa.Connection) -> None:
    """SQLite rebuilds a table to alter it, and with foreign keys on that deletes the rows that refer to it.

    It ignores the pragma inside a transaction, hence on the driver's connection before BEGIN. Another process that is
    upgrading may take longer than a step.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        driver.execute(f"PRAGMA busy_timeout = {LONGEST_UPGRADE_MS}")


def take_turn(connection: sa.Connection) -> None:
    """Wait for another process that is upgrading; on SQLite, BEGIN IMMEDIATE has done so."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ONE_AT_A_TIME)))


def migrate(connection: sa.Connection, *, autogenerate: bool) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata() if autogenerate else None,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        compare_server_default=True,
    )
    context.run_migrations()


def check_foreign_keys(connection: sa.Connection) -> None:
    """Raises RuntimeError, which undoes the upgrade, when a row refers to one that is gone."""
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        rows = ", ".join(f"{table} {rowid} → {parent}" for table, rowid, parent, _ in broken[:10])
        raise RuntimeError(f"{len(broken)} rows refer to rows that are gone: {rows}")


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type by its name in new revisions."""
    if kind == "type" and isinstance(item, Instant):
        autogen.imports.add("from engine.models import Instant")
        return "Instant()"
    return False


run(context.config.attributes["database_url"], autogenerate=context.config.attributes.get("autogenerate", False))
