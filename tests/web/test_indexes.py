"""What is asked again and again is found by an index, however many cases there are; on both databases."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from engine.calendar import Calendar
from engine.command import Actor
from engine.commands.messages import DeliverMessage, Unawaited
from engine.commands.signals import SendSignal
from engine.jobs import mind_the_clock
from engine.scheduler import settle
from tests.engine.worlds import local
from tests.support.databases import Databases, on_connect
from tests.web.cycle_wards import DONE, CycleWard, Row
from tests.web.issued_wards import issued_ward
from tests.web.test_named_units import ask_unit
from webapp.calendar_work import do_calendar_work, do_daily_work
from webapp.documents.attachments import sweep_files

pytestmark = pytest.mark.both_databases

ROWS = (
    Row("khdt", "Lắp đặt điểm truy cập internet miễn phí"),
    Row("yte", "Lập hồ sơ sức khỏe điện tử", coordinator="khdt"),
)
GROWING = frozenset(
    {
        "attachments", "contributions", "cycle_entries", "drafts", "events", "incidents", "jobs", "kept_messages",
        "message_subscriptions", "notifications", "process_instances", "submissions", "task_occurrences", "timers",
        "user_tasks",
    }
)  # fmt: skip
"""Tables with rows for each case; those of a plan, its units and its people stay small."""
READING = re.compile(r"\s*(SELECT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
Said = list[tuple[str, Any]]


@pytest.fixture
def made(databases: Databases, tmp_path: Path) -> Iterator[CycleWard]:
    """Two cases in execution."""
    with issued_ward(databases, tmp_path, "indexed_ward", ROWS) as made:
        yield made


def test_officers_at_work(made: CycleWard) -> None:
    officer, head = made.signed_in("khdt.cv1"), made.signed_in("khdt.truong")
    case = ask_unit(made.ward, "khdt")
    step = made.step("execute", made.case("1"))
    with statements(made.ward.runtime.database) as said:
        for page in ("/hop-viec", "/hop-viec?ds=cho-nhan&han=qua-han", "/hop-viec?q=internet", f"/viec/{step}"):
            assert officer.get(page).status_code == 200
        assert case in officer.get("/hop-viec/gui").text
        assert case not in officer.get(f"/hop-viec/gui?sau={UUID(int=2**128 - 1)}").text
        assert officer.post(f"/viec/{step}/nhap", DONE).status_code < 400
        done = DONE | {"completed_on": made.today().isoformat()}
        assert officer.post(f"/viec/{step}", done).status_code == 302
        review = made.step("unit_review", made.case("1"))
        assert head.post(f"/viec/{review}", {"decision": "approve"}).status_code == 302
    assert walked_through(made.ward.runtime.database, said) == {}


def test_the_scheduler_at_work(made: CycleWard) -> None:
    morning = Calendar().shift(made.today() + timedelta(days=400), 1)
    made.ward.move_clock(local(morning, "08:00"))  # Everything is due: reminders, mails, digests.
    runtime, app = made.ward.runtime, made.ward.app
    with app.app_context():
        do_daily_work(runtime, made.today(), made.ward.now())  # Once a day the end of every stream is read.
    with statements(runtime.database) as said, app.app_context():
        sweep_files(runtime)
        mind_the_clock(runtime)
        do_calendar_work(runtime, made.ward.now())
        settle(runtime)
    assert walked_through(runtime.database, said) == {}
    batches = [each for each in said if "ORDER BY timers.fire_at" in each[0]]
    assert not any("sort" in line.lower() or "b-tree" in line.lower() for line in plans(runtime.database, batches))


def test_messages_and_signals(made: CycleWard) -> None:
    runtime, system = made.ward.runtime, Actor.system(made.ward.demo.tenant_id)
    case = made.case("2")
    with statements(runtime.database) as said, made.ward.app.app_context():
        message = DeliverMessage(instance_id=case, message="nobody.waits", unawaited=Unawaited.KEEP)
        runtime.execute(message, actor=system)
        runtime.execute(SendSignal(signal="halt", key="once"), actor=system)
        settle(runtime)
    assert walked_through(runtime.database, said) == {}


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)  # Where writers take turns.
def test_an_officers_result_is_computed_before_its_turn_to_write(made: CycleWard) -> None:
    """A subscriber that wants a session has all of them heard again in it, at every step of every case."""
    officer, step = made.signed_in("khdt.cv1"), made.step("execute", made.case("1"))
    with statements(made.ward.runtime.database) as said:
        done = DONE | {"completed_on": made.today().isoformat()}
        assert officer.post(f"/viec/{step}", done).status_code == 302
    assert list(in_turn(said)) and [text for text in in_turn(said) if text.startswith("SELECT")] == []


# ── what was said to the database ──


@contextmanager
def statements(database: sa.Engine) -> Iterator[Said]:
    """All statements meanwhile, those too that go to the driver as they are."""
    said: Said = []
    listen = _sqlite if database.dialect.name == "sqlite" else _postgresql
    with listen(database, said):
        yield said


def _sqlite(database: sa.Engine, said: Said) -> AbstractContextManager[None]:
    return on_connect(database, lambda connection: connection.set_trace_callback(lambda text: said.append((text, ()))))


@contextmanager
def _postgresql(_database: sa.Engine, said: Said) -> Iterator[None]:
    execute: Callable[..., Any] = psycopg.Cursor.execute

    def heard(cursor: Any, statement: Any, values: Any = None, **options: Any) -> Any:
        said.append((str(statement), values))
        return execute(cursor, statement, values, **options)

    psycopg.Cursor.execute = heard  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]


def in_turn(said: Said) -> Iterator[str]:
    """The statements of those who held SQLite's lock."""
    holds = False
    for text, _ in said:
        holds = text.startswith("BEGIN IMMEDIATE") or (holds and text not in ("COMMIT", "ROLLBACK"))
        if holds:
            yield text


def walked_through(database: sa.Engine, said: Said) -> dict[str, set[str]]:
    """The statements that read a growing table from end to end, with those tables."""
    distinct = {re.sub(r"'[^']*'|\b\d+\b", "?", text): (text, values) for text, values in said if READING.match(text)}
    assert len(distinct) > 5
    found = {text: set(_scans(text, plans(database, [(text, values)]))) & GROWING for text, values in distinct.values()}
    return {text: tables for text, tables in found.items() if tables}


def plans(database: sa.Engine, said: Said) -> list[str]:
    """The lines in which a database says how it would carry statements out."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[database.dialect.name]
    lines: list[str] = []
    with database.connect() as connection:
        cursor: Any = connection.connection.cursor()
        if database.dialect.name == "postgresql":
            cursor.execute("SET enable_seqscan = off")  # Else tables of ten rows are always read so.
        for text, values in said:
            cursor.execute(f"{explain} {text}", values)
            lines += [row[-1] for row in cursor.fetchall()]
        connection.rollback()
    return lines


def _scans(text: str, lines: list[str]) -> Iterator[str]:
    named = re.findall(r"(?:FROM|JOIN|,)\s+(\w+)(?: AS (\w+))?", text)
    names = {alias or name: name for name, alias in named}
    found = (re.match(r"SCAN (\w+)", line) or re.search(r"Seq Scan on (\w+)", line) for line in lines)
    return (names.get(scan[1], scan[1]) for scan in found if scan)
