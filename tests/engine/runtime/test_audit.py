"""The audit trail: whoever changes it, or the tables, behind the engine's back is found out."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.audit import Broken, differences, heads, verify
from engine.models import Event, Incident, MessageSubscription, ProcessInstance, Tenant, Timer, UserTask
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.worlds import World

pytestmark = pytest.mark.tampers
SENT = {"text": "Xong", "decision": "send"}


@pytest.fixture
def case(world: World) -> UUID:
    """A case with five events."""
    world.deploy(WRITE_AND_CHECK)
    started = world.start("write_and_check")
    for decision in ("return", "return"):
        world.complete("write", world.officer, **SENT)
        world.complete("check", world.head, text="Thiếu", decision=decision)
    world.check()
    return started


def tamper(world: World, statement: Any) -> list[Broken]:
    """Change something as somebody with the database's password could."""
    with world.database.begin() as connection:
        connection.execute(statement)
    with world.runtime.reading() as connection:
        return verify(connection)


def at(stream: UUID, sequence: int) -> Any:
    return sa.and_(Event.stream == stream, Event.sequence == sequence)


@pytest.mark.parametrize(
    "values",
    [{"data": "[]"}, {"type": "UserTaskClaimed"}, {"actor_id": None}, {"on_behalf_of": "Trạm Y tế"}],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_row_is_found(world: World, case, values: dict[str, Any]) -> None:
    (broken,) = tamper(world, sa.update(Event).where(at(case, 2)).values(values))
    assert (broken.stream, broken.sequence) == (case, 2)


def test_a_changed_time_is_found(world: World, case) -> None:
    with world.runtime.reading() as connection:
        before = connection.scalar(sa.select(Event.at).where(at(case, 1)))
    (broken,) = tamper(world, sa.update(Event).where(at(case, 3)).values(at=before))
    assert (broken.sequence, "sửa" in broken.reason) == (3, True)


CRUDE = {
    "data": "'nonsense'", "type": "x'00ff'", "actor_id": "'nobody'", "on_behalf_of": "x'00'", "at": "'yesterday'",
    "tenant_id": "'elsewhere'", "hash": "'forged'", "stream": "'no stream'", "sequence": "'seven'",
}  # fmt: skip


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", CRUDE)
def test_what_no_event_could_hold_is_found_too(world: World, case, column: str) -> None:
    """SQLite lets whoever opens its file write anything anywhere."""
    crude = sa.text(f"UPDATE events SET {column} = {CRUDE[column]} WHERE stream = :stream AND sequence = 2")
    broken = tamper(world, crude.bindparams(stream=case.hex))
    assert (case, 2) in [(one.stream, one.sequence) for one in broken]
    compared(world)  # It may find what was played without that row; it goes through.


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["data", "type", "on_behalf_of", "at", "tenant_id"])
def test_what_is_no_text_at_all_is_found_too(world: World, case, column: str) -> None:
    crude = sa.text(f"UPDATE events SET {column} = CAST(x'ff' AS TEXT) WHERE stream = :stream AND sequence = 2")
    (broken,) = tamper(world, crude.bindparams(stream=case.hex))
    assert (broken.stream, broken.sequence) == (case, 2)
    compared(world)
    world.start("write_and_check")  # The connection reads text again.


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["title", "parties", "head", "state"])
def test_a_row_with_what_is_no_text_at_all_is_named(world: World, case, column: str) -> None:
    crude = sa.text(f"UPDATE process_instances SET {column} = CAST(x'ff' AS TEXT)")
    broken = tamper(world, crude)
    named = [one.stream for one in broken] if column == "head" else [case for one in compared(world) if column in one]
    assert named == [case]


@pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["assignee_id", "due_at", "state", "id"])
def test_what_no_table_could_hold_is_found_too(world: World, case, column: str) -> None:
    task = world.task("write").id
    crude = sa.text(f"UPDATE user_tasks SET {column} = 'nonsense' WHERE id = :task")
    assert tamper(world, crude.bindparams(task=task.hex)) == []
    assert any("user_tasks" in one for one in compared(world))


def test_a_doubled_row_is_found_and_the_other_streams_are_still_compared(world: World, case) -> None:
    world.complete("write", world.officer, **SENT)
    other = world.start("write_and_check")
    columns = [sa.literal(9) if column.name == "sequence" else column for column in Event.__table__.c]
    doubled = sa.insert(Event).from_select(list(Event.__table__.c), sa.select(*columns).where(at(case, 1)))
    assert [one.stream for one in tamper(world, doubled)] == [case]
    tamper(world, sa.update(UserTask).where(UserTask.instance_id == other).values(element_id="elsewhere"))
    unplayed, different = compared(world)
    assert (str(case) in unplayed, "elsewhere" in different) == (True, True)


def compared(world: World) -> list[str]:
    with world.runtime.reading() as connection:
        return differences(connection)


def test_a_removed_row_is_found(world: World, case) -> None:
    (broken,) = tamper(world, sa.delete(Event).where(at(case, 3)))
    assert (broken.stream, broken.sequence, "thiếu" in broken.reason) == (case, 3, True)


def test_an_inserted_row_is_found(world: World, case) -> None:
    (row,) = world.rows(sa.select(Event.__table__).where(at(case, 5)))
    (broken,) = tamper(world, sa.insert(Event).values(**{**row._mapping, "sequence": 6}))
    assert (broken.stream, broken.sequence) == (case, 6)


def test_a_cut_off_tail_is_found_against_the_stored_head(world: World, case) -> None:
    (broken,) = tamper(world, sa.delete(Event).where(Event.stream == case, Event.sequence > 3))
    assert (broken.stream, broken.sequence, "đầu chuỗi" in broken.reason) == (case, 3, True)


def test_a_tail_cut_off_with_its_head_is_found_against_an_exported_one(world: World, case) -> None:
    with world.runtime.reading() as connection:
        exported = list(heads(connection))
    third = world.rows(sa.select(Event.hash).where(at(case, 3)))[0].hash
    tamper(world, sa.update(ProcessInstance).where(ProcessInstance.id == case).values(head=third, sequence=3))
    assert tamper(world, sa.delete(Event).where(Event.stream == case, Event.sequence > 3)) == []
    with world.runtime.reading() as connection:
        (broken,) = verify(connection, exported)
    assert (broken.stream, broken.sequence) == (case, 3)


def test_a_stream_that_grew_since_the_export_is_whole(world: World, case) -> None:
    with world.runtime.reading() as connection:
        exported = list(heads(connection))
    world.complete("write", world.officer, **SENT)
    with world.runtime.reading() as connection:
        assert verify(connection, exported) == []


def test_a_stream_removed_altogether_is_found(world: World, case) -> None:
    (broken,) = tamper(world, sa.delete(Event).where(Event.stream == case))
    assert (broken.stream, "toàn bộ" in broken.reason) == (case, True)


def test_a_chain_forged_from_the_middle_on_is_found(world: World, case) -> None:
    assert tamper(world, sa.update(ProcessInstance).where(ProcessInstance.id == case).values(head=bytes(32)))


def test_the_wards_own_stream_is_checked_too(world: World, case) -> None:
    (broken,) = tamper(world, sa.update(Event).where(at(world.tenant_id, 1)).values(data="[]"))
    assert broken.stream == world.tenant_id
    assert tamper(world, sa.update(Tenant).values(head=bytes(32)))


@pytest.mark.parametrize(
    "change",
    [
        sa.update(UserTask).where(UserTask.element_id == "check").values(completed_by=None),
        sa.update(UserTask).values(desk="chair@x"),
        sa.update(Timer).values(state="fired"),
        sa.delete(Timer),
        sa.update(ProcessInstance).values(state="completed"),
        sa.update(ProcessInstance).values(dates="{}"),
        sa.update(ProcessInstance).values(title="Việc khác"),
    ],
    ids=["who", "desk", "timer", "timers", "state", "dates", "title"],
)
def test_a_table_that_says_otherwise_than_the_events_is_found(world: World, case, change: Any) -> None:
    assert tamper(world, change) == []
    with world.runtime.reading() as connection:
        found = differences(connection)
    assert found
    assert all("≠" in difference for difference in found)


def test_rows_that_no_event_knows_are_found(world: World, case) -> None:
    row = {"id": case, "tenant_id": world.tenant_id, "instance_id": case, "element_id": "x", "message": "never.opened"}
    tamper(world, sa.insert(MessageSubscription).values(row))
    with world.runtime.reading() as connection:
        (difference,) = differences(connection)
    assert difference == f"message_subscriptions {case}: bảng có dòng này ≠ nhật ký không có"


def test_a_difference_says_which_value_it_is(world: World, case) -> None:
    tamper(world, sa.update(ProcessInstance).values(title="Việc khác"))
    with world.runtime.reading() as connection:
        (difference,) = differences(connection)
    assert difference.startswith(f"process_instances {case}: title trong bảng là Việc khác ≠ nhật ký ")
    assert ";" not in difference


def test_snapshots_and_retries_are_no_differences(world: World, case) -> None:
    tamper(world, sa.update(Timer).values(attempts=3))
    assert world.all(Incident) == []
    world.check()
