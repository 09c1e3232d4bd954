"""Units that take part in a case: one takes another's place while the case runs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import recipients_of, resolve_desk
from engine.command import Command, EnginePermission, handles
from engine.commands.instances import require_running, required
from engine.facts import PartiesChanged, TimerReaddressed, UserTaskMoved
from engine.models import Timer, TimerKind, TimerState, UserTask, UserTaskState
from engine.reminders import parse_reminders
from engine.spiff import Definition, Step
from engine.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeParties(Command):
    """Put other units in the place of some of a case's: open steps and reminders follow, what is done stays.

    Whoever holds a step that moves keeps it if they are among `people`, else its new desk has it. A suspended case
    follows too: its unit is gone whether it rests or not.
    """

    permission = EnginePermission.OPERATE
    optimistic = True

    instance_id: UUID
    parties: Mapping[str, str]  # party → unit id; others stay
    people: Collection[UUID] = ()
    reason: str


@handles(ChangeParties)
def change_parties(command: ChangeParties, tx: Transaction) -> None:
    """Raises NotFound, InstanceNotActive; WalkFailed where a step is left without a unit."""
    reason = required(command.reason)
    before = tx.load_instance(command.instance_id)
    require_running(before)
    parties = {**before.parties, **command.parties}
    if parties == before.parties:
        return
    tx.record(PartiesChanged(_text(parties), _text(before.parties), reason))
    after = replace(before, parties=parties)
    definition = tx.runtime.definition(before.definition_id, tx.connection)
    for task in _open_steps(tx, before.id):
        step = definition.steps[task.element_id]
        desk = resolve_desk(step.assignee, parties, step.element_id)
        if desk != task.desk:
            tx.record(UserTaskMoved(task.id, desk, task.assignee_id if task.assignee_id in command.people else None))
        _readdress(tx, definition, step, task.id, (before.parties, parties))
    tx.begin_instance(after)


def _text(parties: Mapping[str, str]) -> str:
    return orjson.dumps(dict(parties)).decode()


def _open_steps(tx: Transaction, instance_id: UUID) -> Sequence[Any]:
    is_open = UserTask.instance_id == instance_id, UserTask.state == UserTaskState.OPEN
    columns = UserTask.id, UserTask.element_id, UserTask.desk, UserTask.assignee_id
    return tx.connection.execute(sa.select(*columns).where(*is_open).order_by(UserTask.created_at, UserTask.id)).all()


def _readdress(
    tx: Transaction, definition: Definition, step: Step, task_id: UUID, parties: tuple[Mapping[str, str], ...]
) -> None:
    """A reminder of the step is told by its level and by whom it went to."""
    before, after = parties
    tables = (step.reminders, definition.properties.get("reminders", ""))
    reminders = [one for table in tables if table for one in parse_reminders(table)]
    moved = {
        (one.level, recipients_of(one, before, step.element_id)): recipients_of(one, after, step.element_id)
        for one in reminders
    }
    waiting = sa.select(Timer.id, Timer.level, Timer.recipients).where(
        Timer.user_task_id == task_id, Timer.state == TimerState.WAITING, Timer.kind != TimerKind.FLOW
    )
    for timer_id, level, recipients in tx.connection.execute(waiting).all():
        to = moved.get((level, recipients), recipients)
        if to != recipients:
            tx.record(TimerReaddressed(timer_id, to))
