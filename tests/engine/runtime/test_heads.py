"""Heads of all streams in a file: what was cut off or rewritten together with its head is found against it."""

import os
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine import events
from engine.audit import Broken, Head, heads, verify
from engine.heads import HeadsUnreadable, HeadTamperedWith, export_heads, read_heads
from engine.models import Event, ProcessInstance
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.spiff.cases import NOW
from tests.engine.worlds import World

pytestmark = pytest.mark.tampers
SENT = {"text": "Xong", "decision": "send"}


@pytest.fixture
def cases(world: World) -> list[UUID]:
    """Three cases with three events each."""
    world.deploy(WRITE_AND_CHECK)
    started = [world.start("write_and_check") for _ in range(3)]
    for case in started:
        world.complete("write", world.officer, case, **SENT)
        world.complete("check", world.head, case, text="Thiếu", decision="return")
    return started


@pytest.fixture
def exported(world: World, cases, tmp_path: Path) -> Path:
    file = tmp_path / "all.heads.gz"
    with world.runtime.reading() as connection:
        assert export_heads(heads(connection), file, world.now) == 4
    return file


def check(world: World, exported: Path) -> list[Broken]:
    with world.runtime.reading() as connection:
        return verify(connection, read_heads(exported))


def test_a_file_read_back_fits_and_so_it_does_when_streams_have_grown(world: World, cases, exported) -> None:
    with world.runtime.reading() as connection:
        assert list(read_heads(exported)) == list(heads(connection))
    assert check(world, exported) == []
    world.complete("write", world.officer, cases[0], **SENT)
    world.start("write_and_check")
    assert check(world, exported) == []


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", ["head = 'forged'", "head = 5", "sequence = 'seven'"])
def test_a_head_that_no_stream_could_have_is_not_exported(world: World, cases, tmp_path: Path, change: str) -> None:
    with world.database.begin() as connection:
        connection.exec_driver_sql(f"UPDATE process_instances SET {change}")
    with world.runtime.reading() as connection, pytest.raises(HeadTamperedWith):
        export_heads(heads(connection), tmp_path / "all.heads.gz", world.now)
    assert list(tmp_path.glob("*.heads.gz*")) == []


def test_a_tail_cut_off_with_its_head_is_found(world: World, cases, exported) -> None:
    second = world.rows(sa.select(Event.hash).where(Event.stream == cases[1], Event.sequence == 2))[0].hash
    with world.database.begin() as connection:
        connection.execute(sa.delete(Event).where(Event.stream == cases[1], Event.sequence > 2))
        connection.execute(
            sa.update(ProcessInstance).where(ProcessInstance.id == cases[1]).values(head=second, sequence=2)
        )
    (broken,) = check(world, exported)
    assert (broken.stream, broken.sequence, "cắt bớt" in broken.reason) == (cases[1], 2, True)


def test_a_stream_removed_with_its_case_is_found(world: World, cases, exported) -> None:
    with world.database.begin() as connection:
        for table, column in (
            ("submissions", "instance_id"), ("timers", "instance_id"), ("user_tasks", "instance_id"),
            ("events", "stream"), ("process_instances", "id"),
        ):  # fmt: skip
            value = cases[2].hex if connection.dialect.name == "sqlite" else cases[2]
            connection.execute(sa.text(f"DELETE FROM {table} WHERE {column} = :id"), {"id": value})
    (broken,) = check(world, exported)
    assert (broken.stream, "toàn bộ" in broken.reason) == (cases[2], True)


def test_a_chain_written_anew_with_all_its_hashes_is_found(world: World, cases, exported) -> None:
    with world.database.begin() as connection:
        link = bytes(32)
        rows = connection.execute(
            sa.select(Event.__table__).where(Event.stream == cases[0]).order_by(Event.sequence)
        ).all()
        for row in rows:
            envelope = events.Envelope(row.stream, row.sequence, row.tenant_id, None, None, row.at)
            link = events.chain(link, envelope, row.type, row.data)
            connection.execute(
                sa.update(Event)
                .where(Event.stream == row.stream, Event.sequence == row.sequence)
                .values(actor_id=None, hash=link)
            )
        connection.execute(sa.update(ProcessInstance).where(ProcessInstance.id == cases[0]).values(head=link))
    with world.runtime.reading() as connection:
        assert verify(connection) == []
    (broken,) = check(world, exported)
    assert (broken.stream, broken.sequence, "viết lại" in broken.reason) == (cases[0], 3, True)


def test_a_pipe_takes_them_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe, file, ends = tmp_path / "pipe", tmp_path / "all.heads", [Head(UUID(int=7), 3, bytes(32))]
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    assert export_heads(ends, pipe, NOW) == export_heads(ends, file, NOW) == 1
    assert (os.read(reader, 10_000), pipe.is_fifo()) == (file.read_bytes(), True)
    os.close(reader)


@pytest.mark.parametrize("change", ["cut", "line", "edited", "swapped", "nonsense"])
def test_a_file_that_is_not_whole_is_refused(tmp_path: Path, change: str) -> None:
    file = tmp_path / "all.heads"
    ends = [Head(UUID(int=number), number, bytes([number]) * 32) for number in range(1, 5)]
    export_heads(ends, file, NOW)
    assert list(read_heads(file)) == ends
    lines = file.read_text().splitlines(keepends=True)
    changed = {
        "cut": lines[:-1],
        "line": [*lines[:2], *lines[3:]],
        "edited": [lines[0], lines[1].replace(" 1 ", " 2 "), *lines[2:]],
        "swapped": [lines[0], lines[2], lines[1], *lines[3:]],
        "nonsense": ["ảnh.png\n"],
    }[change]
    file.write_text("".join(changed))
    with pytest.raises(HeadsUnreadable):
        list(read_heads(file))
    with pytest.raises(FileNotFoundError):
        list(read_heads(tmp_path / "absent"))


def test_a_compressed_file_that_is_damaged_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "all.heads.gz"
    export_heads([Head(UUID(int=1), 1, bytes(32))], file, NOW)
    whole = file.read_bytes()
    for damaged in (whole[:20], whole[:-30] + bytes(10) + whole[-20:], b""):
        file.write_bytes(damaged)
        with pytest.raises(HeadsUnreadable):
            list(read_heads(file))
