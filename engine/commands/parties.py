"""Units that take part in a case: one takes another's place while the case runs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine.advance import recipients_of
from engine.command import Command, EnginePermission, handles
from engine.commands.instances import require_running, required
from engine.desks import resolve_desk
from engine.events import Fact
from engine.facts import PartiesChanged, TimerReaddressed, UserTaskMoved
from engine.models import OPEN_STEP, Timer, TimerKind, TimerState, UserTask
from engine.reminders import parse_reminders
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
    steps = [_OpenStep(tx, row) for row in _open_steps(tx, before.id)]
    tx.begin_instance(replace(before, parties=parties))
    moves = [fact for step in steps for fact in step.moved(command.people)]
    if moves or parties != before.parties:
        tx.record(PartiesChanged(_text(parties), _text(before.parties), reason))
    for fact in moves:
        tx.record(fact)


def _text(parties: Mapping[str, str]) -> str:
    return orjson.dumps(dict(parties)).decode()


def _open_steps(tx: Transaction, instance_id: UUID) -> Sequence[Any]:
    is_open = UserTask.instance_id == instance_id, UserTask.state == OPEN_STEP
    columns = UserTask.id, UserTask.element_id, UserTask.desk, UserTask.assignee_id
    return tx.connection.execute(sa.select(*columns).where(*is_open).order_by(UserTask.created_at, UserTask.id)).all()


class _OpenStep:
    """An open step as it stood before the change, and what moves with it."""

    def __init__(self, tx: Transaction, row: Any) -> None:
        assert tx.instance is not None
        self._tx, self._row = tx, row
        self._definition = tx.library.definition(tx.instance.definition_id, tx.connection)
        self._step = self._definition.steps[row.element_id]
        self._told = self._recipients()

    def moved(self, people: Collection[UUID]) -> Iterator[Fact]:
        """Where the step and its reminders go now that the case has other parties. Raises WalkFailed."""
        desk = resolve_desk(self._tx, self._step.assignee, self._parties, self._step.element_id)
        if desk != self._row.desk:
            holder = self._row.assignee_id
            yield UserTaskMoved(self._row.id, desk, holder if holder in people else None)
        to = {level: new for level, new in zip(self._told, self._recipients(), strict=True) if level != new}
        for timer in self._reminders():
            if (timer.level, timer.recipients) in to:
                yield TimerReaddressed(timer.id, to[timer.level, timer.recipients][1])

    @property
    def _parties(self) -> Mapping[str, str]:
        assert self._tx.instance is not None
        return self._tx.instance.parties

    def _recipients(self) -> list[tuple[str, str]]:
        """Of each reminder its level and whom it goes to, by which its timer is told."""
        tables = (self._step.reminders, self._definition.properties.get("reminders", ""))
        reminders = [one for table in tables if table for one in parse_reminders(table)]
        return [(one.level, recipients_of(self._tx, one, self._step.element_id)) for one in reminders]

    def _reminders(self) -> Sequence[Any]:
        waiting = sa.select(Timer.id, Timer.level, Timer.recipients).where(
            Timer.user_task_id == self._row.id, Timer.state == TimerState.WAITING, Timer.kind != TimerKind.FLOW
        )
        return self._tx.connection.execute(waiting.order_by(Timer.id)).all()
