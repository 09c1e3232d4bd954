"""Statements that go to the driver as they are say what they would say through SQLAlchemy."""

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.database import connect
from engine.ids import uuid7
from engine.models import InstanceState, Instant, Job, JobState, Tenant
from engine.postgresql import MOST_PREPARED
from engine.statements import Writes, fetch, fetch_one

NOW = datetime(2026, 11, 21, 5, 20, 7, 123456, tzinfo=UTC)
KINDS = sa.Table(
    "kinds",
    sa.MetaData(),
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("other", sa.Uuid),
    sa.Column("at", Instant()),
    sa.Column("day", sa.Date),
    sa.Column("state", sa.Enum(InstanceState, native_enum=False)),
    sa.Column("share", sa.Float),
    sa.Column("whole", sa.Boolean),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("text", sa.Text),
)
ROW: dict[str, Any] = {
    "id": UUID(int=7), "other": UUID(int=2**127 + 9), "at": NOW,
    "day": date(2026, 11, 21), "state": InstanceState.ACTIVE, "share": 0.25,
    "whole": True, "bytes": b"\x00\xff", "text": "Sở Y tế",
}  # fmt: skip
NOTHING = {**dict.fromkeys(ROW), "id": UUID(int=8)}
CHANGE = sa.update(KINDS).where(KINDS.c.id == sa.bindparam("row_id")).values(text=sa.bindparam("to"))
_jobs: Any = Job.__table__
_tenants: Any = Tenant.__table__


@pytest.fixture
def kinds(database: sa.Engine) -> sa.Engine:
    KINDS.create(database)
    return database


def write(connection: sa.Connection, statement: Any, rows: Any) -> None:
    writes = Writes(connection.dialect)
    writes.add(statement, rows)
    writes.send(connection)


class Refused(Exception):  # noqa: N818
    pass


def test_every_kind_of_value_comes_back_as_through_sqlalchemy(kinds: sa.Engine) -> None:
    with kinds.begin() as connection:
        write(connection, sa.insert(KINDS), [ROW, NOTHING])
        query = sa.select(KINDS).order_by(KINDS.c.id)
        assert [row._asdict() for row in fetch(connection, query, {})] == [ROW, NOTHING]
        assert [dict(row._mapping) for row in connection.execute(query)] == [ROW, NOTHING]


def test_what_a_row_leaves_out_is_its_default(database: sa.Engine) -> None:
    tenant_id = uuid7()
    with database.begin() as connection:
        write(connection, sa.insert(_tenants), {"id": tenant_id})
        found = fetch_one(
            connection, sa.select(_tenants).where(_tenants.c.id == sa.bindparam("one")), {"one": tenant_id}
        )
    assert (found.sequence, found.head) == (0, bytes(32))


def test_what_is_made_ready_is_sent_once_and_in_its_order(kinds: sa.Engine) -> None:
    with kinds.begin() as connection:
        writes = Writes(connection.dialect)
        writes.add(sa.insert(KINDS), [ROW, NOTHING])
        writes.add(CHANGE, {"row_id": ROW["id"], "to": "Sở Nội vụ"}, or_raise=Refused)
        assert fetch(connection, sa.select(KINDS.c.text), {}) == []
        writes.send(connection)
        writes.send(connection)
        assert {row.text for row in fetch(connection, sa.select(KINDS.c.text), {})} == {"Sở Nội vụ", None}


def test_what_touches_nothing_is_refused(kinds: sa.Engine) -> None:
    with pytest.raises(Refused), kinds.begin() as connection:
        writes = Writes(connection.dialect)
        writes.add(sa.insert(KINDS), ROW)
        writes.add(CHANGE, {"row_id": uuid7(), "to": "Sở Nội vụ"}, or_raise=Refused)
        writes.send(connection)
    with kinds.connect() as connection:
        assert fetch(connection, sa.select(KINDS.c.id), {}) == []


def test_what_was_committed_with_the_writes_stays(kinds: sa.Engine) -> None:
    with kinds.begin() as connection:
        writes = Writes(connection.dialect)
        writes.add(sa.insert(KINDS), ROW)
        writes.send(connection, nullcontext)
    with kinds.connect() as connection:
        assert len(fetch(connection, sa.select(KINDS.c.id), {})) == 1


@pytest.mark.parametrize("commit", [False, True])
def test_the_drivers_errors_are_sqlalchemys_and_undo_everything(database: sa.Engine, commit: bool) -> None:
    row = {
        "id": uuid7(), "tenant_id": uuid7(), "kind": "k", "key": "once", "payload": "{}", "state": JobState.READY,
        "run_at": NOW, "created_at": NOW,
    }  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), database.begin() as connection:
        writes = Writes(connection.dialect)
        for id in (row["id"], uuid7()):
            writes.add(sa.insert(_jobs), {**row, "id": id})
        writes.send(connection, nullcontext if commit else None)
    with database.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(_jobs)) == 0


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[sa.Engine]:
    engine = connect(postgresql_url)
    KINDS.create(engine)
    yield engine
    engine.dispose()


def test_postgresql_prepares_a_statement_once_and_keeps_it_after_a_rollback(postgresql: sa.Engine) -> None:
    query = sa.select(KINDS.c.text)
    prepared = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'hot%'")
    with postgresql.connect() as connection:
        for _ in range(3):
            assert fetch(connection, query, {}) == []
            connection.rollback()
        assert connection.scalar(prepared) == 1


def test_what_the_server_has_forgotten_is_prepared_anew(postgresql: sa.Engine) -> None:
    query = sa.select(KINDS.c.text)
    with postgresql.connect() as connection:
        fetch(connection, query, {})
        connection.exec_driver_sql("DEALLOCATE ALL")
        with pytest.raises(sa.exc.ProgrammingError):
            fetch(connection, query, {})
        connection.rollback()
        assert fetch(connection, query, {}) == []


def test_statements_that_the_server_keeps_are_bounded(postgresql: sa.Engine) -> None:
    prepared = sa.text("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'hot%'")
    with postgresql.connect() as connection:
        for number in range(MOST_PREPARED + 5):
            fetch(connection, sa.select(KINDS.c.text.label(f"text_{number}")), {})
        assert connection.scalar(prepared) == 5


def test_more_rows_than_a_socket_holds_go_in_one_trip(postgresql: sa.Engine) -> None:
    rows = [{**ROW, "id": UUID(int=number), "text": "x" * 500} for number in range(20_000)]
    with postgresql.begin() as connection:
        write(connection, sa.insert(KINDS), rows)
        assert connection.scalar(sa.select(sa.func.count()).select_from(KINDS)) == 20_000


def test_a_snapshot_is_what_its_options_say(postgresql: sa.Engine) -> None:
    options: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with postgresql.connect().execution_options(**options) as connection:
        assert fetch(connection, sa.select(KINDS.c.text), {}) == []
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
        assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on"


def test_a_statement_that_was_prepared_while_its_table_was_small_goes_by_the_index(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    KINDS.create(engine)
    with engine.begin() as connection:
        write(connection, sa.insert(KINDS), [ROW | {"id": UUID(int=number)} for number in range(300)])
        connection.exec_driver_sql("ANALYZE kinds")
        connection.exec_driver_sql("SET plan_cache_mode = force_generic_plan")
        connection.exec_driver_sql("PREPARE one (uuid) AS SELECT text FROM kinds WHERE id = $1")
        plan = connection.exec_driver_sql(f"EXPLAIN EXECUTE one ('{UUID(int=7)}')").scalars()
        assert any("Index Scan" in line for line in plan)
    engine.dispose()
