"""Row `step`: a user task completed through the Runtime, to the next wait and the durable commit."""

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
from engine.spiff import Context, Definition, Walk
from engine.transaction import Transaction
from webapp.benchmarks.measuring import Act, Result, in_turns
from webapp.benchmarks.wards import BenchedWard

OFFICER, ELEMENT = "dvc.cv1", "execute"
MOST_SAMPLES = 320
ANSWERS = {"outcome": "done", "result": "Đã tổ chức 02 lớp, 120 lượt người tham gia.", "completed_on": "2026-11-20"}


def step(ward: BenchedWard) -> Result:
    """An officer sends the result of a task; the head's step opens.

    Floor: SpiffWorkflow with its cached specification restores, runs and saves the same step, and a commit writes the
    same state; nothing else is kept.
    """
    officer = ward.actor(OFFICER)
    return in_turns("step", ward.database, _pairs(ward, officer))


def _pairs(ward: BenchedWard, officer: Actor) -> Iterator[tuple[Act, Act]]:
    with floor_of(ward) as floor:
        for user_task_id in ward.open_tasks(officer, ELEMENT)[:MOST_SAMPLES]:
            command = CompleteUserTask(user_task_id=user_task_id, answers=ANSWERS)
            figure = partial(ward.runtime.execute, command, actor=officer)
            yield partial(floor.step, _as_saved(ward, officer, user_task_id)), figure


@dataclass(frozen=True, slots=True)
class Saved:
    """A case before its step is done."""

    user_task_id: UUID
    definition: Definition
    state: bytes
    situation: Context


def _as_saved(ward: BenchedWard, actor: Actor, user_task_id: UUID) -> Saved:
    with ward.runtime.reading() as connection:
        tx = Transaction(ward.runtime, connection, actor, ward.runtime.now(connection))
        tx.adopt(connection.execute(FIND_TASK, {"task_id": user_task_id, "tenant": tx.tenant_id, "now": tx.now}).one())
        assert tx.instance is not None
        assert tx.instance.saved_state is not None
        definition = ward.runtime.definition(tx.instance.definition_id, connection)
        return Saved(user_task_id, definition, tx.instance.saved_state, context(tx))


class Floor:
    """SpiffWorkflow, and a driver's connection that writes one row."""

    def __init__(self, cursor: Any, commit: Callable[[], None], mark: str) -> None:
        self._cursor, self._commit = cursor, commit
        self._insert = f"INSERT INTO bench_steps VALUES ({mark}, {mark})"  # noqa: S608  a mark, not a value

    def step(self, saved: Saved) -> None:
        """Restore, complete, run, save, commit."""
        walk = Walk.restore(saved.definition, saved.state, saved.situation)
        walk.complete(saved.user_task_id, {"outcome": "done"})
        walk.run()
        self._cursor.execute(self._insert, (saved.user_task_id.hex, walk.save()))
        self._commit()


@contextmanager
def floor_of(ward: BenchedWard) -> Iterator[Floor]:
    """The floor on a table of its own in the same database."""
    database = connect(ward.environment["DATABASE_URL"])
    table = sa.Table("bench_steps", sa.MetaData(), sa.Column("id", sa.String(32)), sa.Column("state", sa.LargeBinary))
    table.create(database)
    connection = database.raw_connection()
    yield Floor(connection.cursor(), connection.commit, "%s" if ward.database == "postgresql" else "?")
    connection.close()
    database.dispose()
