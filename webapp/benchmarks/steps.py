"""Rows `step…`: a user task completed through the Runtime, to the next wait and the durable commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import context
from engine.command import Actor
from engine.commands.user_tasks import FIND_TASK, CompleteUserTask
from engine.database import connect
from engine.models import Event, ProcessInstance, Submission, UserTask
from engine.spiff import Walk
from engine.transaction import Transaction
from webapp.benchmarks.measuring import Act, Result, in_turns
from webapp.benchmarks.sites import Site
from webapp.benchmarks.stock import Stock, lifecycle, six_steps
from webapp.benchmarks.wards import BenchedWard

OFFICER, ELEMENT = "dvc.cv1", "execute"
MOST_SAMPLES = 240
"""Of each row, and half of what is left at most: a step can be done once, and other rows want some too."""
ANSWERS = {"outcome": "done", "result": "Đã tổ chức 02 lớp, 120 lượt người tham gia.", "completed_on": "2026-11-20"}

Computing = Callable[[], bytes]
"""Restores, runs and saves a step without the database; returns the state."""


def step(site: Site) -> Iterator[Result]:
    """An officer sends the result of a task; the head's step opens.

    Floor: SpiffWorkflow as it comes, its specification cached, restores, runs and saves the same step, and one commit
    writes as many bytes as the step leaves behind.
    """
    yield _beside_stock(site, "step", lifecycle())


def step_short(site: Site) -> Iterator[Result]:
    """The same beside a harder floor: the six steps of people alone, without what else waits in a case."""
    yield _beside_stock(site, "step_short", six_steps())


def step_lean(site: Site) -> Iterator[Result]:
    """The same beside a harder floor: our own lean walk in place of SpiffWorkflow's task tree."""
    yield _measure(site.ward, "step_lean", partial(_walking, site.ward))


def _beside_stock(site: Site, row: str, drawing: Any) -> Result:
    stock = Stock(drawing)
    state = stock.accepted()
    return _measure(site.ward, row, lambda actor, task_id: partial(stock.execute, state))


def _measure(ward: BenchedWard, row: str, computing: Callable[[Actor, UUID], Computing]) -> Result:
    officer = ward.actor(OFFICER)
    waiting = ward.open_tasks(officer, ELEMENT)
    first, *tasks = waiting[: min(MOST_SAMPLES, len(waiting) // 2)]
    _complete(ward, officer, first)()
    with _committing(ward, _bytes_left(ward, first)) as keep:
        return in_turns(_pairs(ward, officer, tasks, computing, keep)).at_median(row, ward.database)


def _pairs(
    ward: BenchedWard,
    officer: Actor,
    tasks: list[UUID],
    computing: Callable[[Actor, UUID], Computing],
    keep: Callable[[UUID, bytes], None],
) -> Iterator[tuple[Act, Act]]:
    for user_task_id in tasks:
        compute = computing(officer, user_task_id)
        yield partial(_floor, user_task_id, compute, keep), _complete(ward, officer, user_task_id)


def _floor(user_task_id: UUID, compute: Computing, keep: Callable[[UUID, bytes], None]) -> None:
    keep(user_task_id, compute())


def _complete(ward: BenchedWard, officer: Actor, user_task_id: UUID) -> Act:
    return partial(ward.runtime.execute, CompleteUserTask(user_task_id=user_task_id, answers=ANSWERS), actor=officer)


def _bytes_left(ward: BenchedWard, user_task_id: UUID) -> int:
    """What a step leaves behind: its state, its event, what was entered."""
    length, task = sa.func.length, UserTask.__table__
    query = (
        sa.select(length(ProcessInstance.saved_state) + length(Event.data) + length(Submission.data))
        .join(Event, (Event.stream == ProcessInstance.id) & (Event.sequence == ProcessInstance.sequence))
        .join(task, task.c.instance_id == ProcessInstance.id)
        .join(Submission, Submission.user_task_id == task.c.id)
        .where(task.c.id == user_task_id)
    )
    with ward.runtime.reading() as connection:
        return int(connection.scalar(query) or 0)


def _walking(ward: BenchedWard, actor: Actor, user_task_id: UUID) -> Computing:
    """Our own walk of a case that stands before its step."""
    saved = _as_saved(ward, actor, user_task_id)

    def walk() -> bytes:
        walk = Walk.restore(saved.definition, saved.state, saved.situation)
        walk.complete(user_task_id, {"outcome": "done"})
        walk.run()
        return walk.save()

    return walk


@dataclass(frozen=True, slots=True)
class Saved:
    """A case before its step is done."""

    definition: Any
    state: bytes
    situation: Any


def _as_saved(ward: BenchedWard, actor: Actor, user_task_id: UUID) -> Saved:
    with ward.runtime.reading() as connection:
        tx = Transaction(ward.runtime, connection, actor, ward.runtime.now(connection))
        values = {"task_id": user_task_id, "tenant": tx.tenant_id, "now": tx.now}
        instance = tx.adopt(connection.execute(FIND_TASK, values).one())
        assert instance.saved_state is not None
        definition = ward.runtime.definition(instance.definition_id, connection)
        return Saved(definition, instance.saved_state, context(tx))


@contextmanager
def _committing(ward: BenchedWard, size: int) -> Iterator[Callable[[UUID, bytes], None]]:
    """A driver's connection that writes one row of so many bytes and commits, on a table of its own."""
    database = connect(ward.url)
    table = sa.Table("bench_steps", sa.MetaData(), sa.Column("id", sa.String(32)), sa.Column("state", sa.LargeBinary))
    table.create(database, checkfirst=True)
    connection: Any = database.raw_connection()
    cursor, settle, mark = connection.cursor(), connection.commit, "%s" if ward.database == "postgresql" else "?"
    insert = f"INSERT INTO bench_steps VALUES ({mark}, {mark})"  # noqa: S608  a mark, not a value

    def keep(id: UUID, state: bytes) -> None:
        cursor.execute(insert, (id.hex, state.ljust(size, b"\0")))
        settle()

    yield keep
    connection.close()
    database.dispose()
