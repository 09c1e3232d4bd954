"""One command is one transaction: whole or not at all, computed anew when another was quicker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa

from engine.calendar import Calendar
from engine.command import Command, EnginePermission, handles
from engine.commands.user_tasks import FIND_TASK, ClaimUserTask, load_open_task
from engine.errors import UserTaskAlreadyClaimed
from engine.events import Fact
from engine.facts import ClockMoved, UserTaskClaimed, UserTaskCompleted, UserTaskReleased
from engine.held_rows import Seen
from engine.ids import uuid7
from engine.jobs import run_due_jobs
from engine.models import Job, Lease, ProcessInstance, Submission, Tenant, UserTask
from engine.runtime import Runtime
from engine.statements import fetch_one
from engine.transaction import SUBSCRIBERS, Transaction
from tests.engine.drawings import WRITE_AND_CHECK
from tests.engine.worlds import World, local
from webapp.organisation.commands.calendar_days import SetCalendarDay

MONDAY = date(2041, 7, 1)  # an ordinary week: no holiday near
SENT = {"text": "Xong", "decision": "send"}
on_sqlite = pytest.mark.parametrize("world_database", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("world_database", ["postgresql"], indirect=True)


class Slow(Command):
    """Takes long to compute; what happens meanwhile is given by each test."""

    permission: ClassVar[str] = EnginePermission.WORK
    optimistic: ClassVar[bool] = True
    lock_free: ClassVar[bool] = True
    __slots__ = ("attempts", "meanwhile", "user_task_id")

    def __init__(self, user_task_id, meanwhile) -> None:
        self.user_task_id, self.meanwhile, self.attempts = user_task_id, meanwhile, 0


@handles(Slow)
def slow(command: Slow, tx: Transaction) -> None:
    load_open_task(tx, command.user_task_id)
    command.attempts += 1
    command.meanwhile(tx)
    tx.record(UserTaskReleased(command.user_task_id))


@pytest.fixture
def task(world: World):
    world.deploy(WRITE_AND_CHECK)
    world.start("write_and_check")
    return world.task("write")


def test_a_command_that_was_overtaken_is_computed_anew(world: World, task) -> None:
    other = Runtime(world.database, movable_clock=True)
    command = Slow(task.id, lambda tx: None)

    def claim_first(_tx: Transaction) -> None:
        if command.attempts == 1:
            other.execute(ClaimUserTask(user_task_id=task.id), actor=world.officer)

    command.meanwhile = claim_first
    world.execute(command)
    assert command.attempts == 2
    assert world.types(task.instance_id) == ["InstanceStarted", "UserTaskClaimed", "UserTaskReleased"]


def test_a_command_that_is_overtaken_again_and_again_gets_its_turn_at_last(world: World, task) -> None:
    other = Runtime(world.database, movable_clock=True)
    people = [world.officer, world.colleague, world.officer]

    def claim_first(tx: Transaction) -> None:
        if not tx.locks and command.attempts <= len(people):
            other.execute(Slow(task.id, lambda tx: None), actor=world.system)

    command = Slow(task.id, claim_first)
    world.execute(command)
    assert command.attempts == 4
    assert len(world.types(task.instance_id)) == 5


@on_postgresql
def test_what_fails_on_what_was_read_without_locks_is_computed_once_more_with_them(world: World, task) -> None:
    seen_locks = []

    def fail_without_locks(tx: Transaction) -> None:
        seen_locks.append(tx.locks)
        if not tx.locks:
            raise KeyError("half old, half new")

    world.execute(Slow(task.id, fail_without_locks))
    assert seen_locks == [False, True]
    assert world.types(task.instance_id) == ["InstanceStarted", "UserTaskReleased"]


@on_postgresql
def test_it_is_said_when_all_that_is_left_is_to_wait_for_the_database(world: World, task) -> None:
    sent, done, command = threading.Event(), threading.Event(), ClaimUserTask(user_task_id=task.id)

    @contextmanager
    def committing() -> Iterator[None]:
        sent.set()
        yield
        done.set()

    world.runtime.committing = committing
    claiming = threading.Thread(target=world.execute, args=(command, world.officer))
    with world.database.begin() as connection:
        connection.execute(sa.select(ProcessInstance.id).with_for_update())
        claiming.start()
        assert sent.wait(60)
        assert world.task("write").assignee_id is None
        assert not done.is_set()
    claiming.join()
    assert done.is_set()
    assert world.task("write").assignee_id == world.officer.id


def test_a_command_that_goes_on_from_an_old_row_is_computed_anew(world: World, task) -> None:
    with world.database.connect() as connection:
        values = {"task_id": task.id, "tenant": world.tenant_id, "now": world.now}
        row = fetch_one(connection, FIND_TASK, values)
        world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
        with pytest.raises(UserTaskAlreadyClaimed):
            world.runtime.execute(
                ClaimUserTask(user_task_id=task.id), actor=world.colleague, seen=Seen(row, connection, {})
            )
        assert not connection.in_transaction()
    assert world.task("write").assignee_id == world.officer.id


def test_a_command_that_goes_on_from_a_row_leaves_the_connection_idle(world: World, task) -> None:
    with world.database.connect() as connection:
        row = fetch_one(connection, FIND_TASK, {"task_id": task.id, "tenant": world.tenant_id, "now": world.now})
        command = ClaimUserTask(user_task_id=task.id)
        world.runtime.execute(command, actor=world.officer, seen=Seen(row, connection, {}))
        assert not connection.in_transaction()
    assert world.task("write").assignee_id == world.officer.id


@on_sqlite
def test_an_optimistic_command_cannot_write_rows_while_it_computes(world: World, task) -> None:
    with pytest.raises(RuntimeError, match="no session"):
        world.execute(Slow(task.id, lambda tx: tx.session))


def test_what_fails_leaves_nothing(world: World, task, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_fact: Fact, _tx: Transaction) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setitem(SUBSCRIBERS, UserTaskCompleted, [fail])
        with pytest.raises(OSError, match="full"):
            world.complete("write", world.officer, **SENT)
    assert (world.tasks(), world.all(Submission)) == ({"write"}, [])
    assert world.types(task.instance_id) == ["InstanceStarted"]


def test_a_subscriber_writes_rows_in_the_same_transaction(world: World, task, monkeypatch: pytest.MonkeyPatch) -> None:
    def note(fact: UserTaskCompleted, tx: Transaction) -> None:
        assert tx.answers(fact.submission_id) == SENT
        tx.session.add(Lease(name="noted", owner="x", until=tx.now))

    monkeypatch.setitem(SUBSCRIBERS, UserTaskCompleted, [note])
    world.complete("write", world.officer, **SENT)
    assert len(world.rows(sa.select(Lease.__table__))) == 1


@pytest.mark.parametrize("read", [lambda tx: tx.session, lambda tx: tx.connection], ids=["session", "connection"])
def test_one_that_wants_what_was_written_is_heard_with_all_others_in_the_transaction(
    world: World, task, monkeypatch: pytest.MonkeyPatch, read: Callable[[Transaction], Any]
) -> None:
    seen = []

    def leave_a_job(_completed: UserTaskCompleted, tx: Transaction) -> None:
        tx.enqueue("none", f"none:{uuid7()}", {})  # Ahead of the writers' lock too; that leaves nothing.

    def look(_completed: UserTaskCompleted, tx: Transaction) -> None:
        seen.append(read(tx).scalar(sa.select(UserTask.state).where(UserTask.id == task.id)))

    monkeypatch.setitem(SUBSCRIBERS, UserTaskCompleted, [leave_a_job, look])
    world.complete("write", **SENT)
    assert seen == ["completed"]
    assert len(world.all(Job, Job.kind == "none")) == 1


def test_a_subscriber_cannot_add_to_an_event_that_is_written(world: World, task, monkeypatch) -> None:
    monkeypatch.setitem(SUBSCRIBERS, UserTaskClaimed, [lambda _fact, tx: tx.record(UserTaskReleased(task.id))])
    with pytest.raises(RuntimeError, match="after its event"):
        world.execute(ClaimUserTask(user_task_id=task.id), world.officer)
    assert world.task("write").assignee_id is None


def test_what_is_read_in_one_go_is_one_snapshot(world: World) -> None:
    with world.runtime.reading() as connection:
        before = connection.scalar(sa.select(sa.func.count()).select_from(Tenant))
        World(world.database)
        assert connection.scalar(sa.select(sa.func.count()).select_from(Tenant)) == before
    with world.runtime.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(Tenant)) == before + 1


def test_a_step_done_while_working_days_change_leads_to_one_by_the_new_ones(world: World, task) -> None:
    """What follows the new days has looked at the case before the next step is there, and does not come again."""
    world.travel(local(MONDAY, "09:00"))
    beside, changes = Runtime(world.database, movable_clock=True), iter([MONDAY + timedelta(days=1)])

    def change_meanwhile(_completed: UserTaskCompleted, _tx: Transaction) -> None:
        for day in changes:
            beside.execute(SetCalendarDay(day=day, working=False, note="bão"), actor=world.system)
            while run_due_jobs(beside, "beside"):
                pass

    world.runtime = Runtime(world.database, movable_clock=True, subscribers={UserTaskCompleted: [change_meanwhile]})
    world.complete("write", world.officer, **SENT)
    assert [job.state for job in world.all(Job)] == ["done"]
    closed = Calendar(overrides={MONDAY + timedelta(days=1): False})
    assert world.task("check").due_at == closed.working_days(world.now, 1)
    world.check()


class Both(Command):
    """Changes two rows of the domain, in a given order; the first time it waits in between for another to do so."""

    permission: ClassVar[str] = EnginePermission.WORK
    __slots__ = ("first", "meet", "second")

    def __init__(self, first: str, second: str, meet: Callable[[], object]) -> None:
        self.first, self.second, self.meet = first, second, meet


@handles(Both)
def change_both(command: Both, tx: Transaction) -> None:
    for name in (command.first, command.second):
        tx.session.execute(sa.update(Lease).where(Lease.name == name).values(token=Lease.token + 1))
        command.meet()
        command.meet = bool
    tx.record(ClockMoved(0))


@on_postgresql
def test_of_two_that_wait_for_each_other_both_succeed(world: World) -> None:
    with world.database.begin() as connection:
        rows = [{"name": name, "owner": "", "until": world.now, "token": 0} for name in ("a", "b")]
        connection.execute(sa.insert(Lease), rows)
    barrier = threading.Barrier(2)
    commands = [Both("a", "b", barrier.wait), Both("b", "a", barrier.wait)]
    threads = [threading.Thread(target=world.execute, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.token for row in world.rows(sa.select(Lease.__table__))] == [2, 2]
