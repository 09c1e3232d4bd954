"""Moving a running case to another version of its procedure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.advance import CASE_CLOCK, advance, context, due_of, person_of, record_reminders, restore
from engine.command import Command, EnginePermission, handles
from engine.commands.passages import passage_for, supply
from engine.desks import resolve_desk
from engine.errors import CannotMigrate, SeparationLost
from engine.facts import (
    InstanceMigrated,
    SubscriptionCarried,
    TimerCarried,
    TimerMoved,
    UserTaskCarried,
    UserTaskTimersCancelled,
)
from engine.models import OPEN_STEP, UserTask, UserTaskState
from engine.spiff import Context, Step, Waits, WalkFailed
from engine.spiff.expressions import element_of
from engine.spiff.migrate import Carried, Passage
from engine.transaction import Transaction

_tasks: Any = UserTask.__table__
OPEN_TASKS = sa.select(
    *(_tasks.c[n] for n in ("id", "element_id", "name", "form_id", "desk", "assignee_id", "created_at", "due_at"))
).where(_tasks.c.instance_id == sa.bindparam("instance"), _tasks.c.state == OPEN_STEP)
DONE_ELEMENTS = sa.select(_tasks.c.element_id).where(
    _tasks.c.instance_id == sa.bindparam("instance"), _tasks.c.state == UserTaskState.COMPLETED
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateInstance(Command):
    """Let a running case go on in another version of its procedure, from where it stands.

    `mapping` says for each place of the old version at which the case may wait which place of the new one it is.
    Steps keep their ids, so claims, drafts and jobs under way go on; what the new version says of a step (who, form,
    due, reminders) holds from now on, a due time as if it had held since the step was entered.
    """

    permission = EnginePermission.DEPLOY
    optimistic = True

    instance_id: UUID
    definition_id: UUID  # of the new version
    mapping: Mapping[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class DueChange:
    """A step or timer whose moment is another in the new version."""

    name: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True, slots=True)
class Migrated:
    """What is different for a case after it was moved."""

    due_changes: tuple[DueChange, ...] = ()
    let_go: tuple[str, ...] = ()  # names of events that are not waited for any more
    begun: tuple[str, ...] = ()  # names of events that are waited for from now on
    released: tuple[str, ...] = ()  # steps that another desk does now
    other_forms: tuple[str, ...] = ()  # steps with another form, or another version of theirs
    other_reminders: tuple[str, ...] = ()


@handles(MigrateInstance)
def migrate_instance(command: MigrateInstance, tx: Transaction) -> Migrated:
    """A case that is there already stays as it is. Raises NotFound, InstanceNotActive, CannotMigrate, WalkFailed.

    1. Put its tokens where the mapping says, in the new version; refuse where they could not go on from there.
    2. Record what the new version says of each step, timer and message that waits.
    3. Begin what only the new version has; run to the next wait.
    """
    instance = tx.load_instance(command.instance_id)
    if instance.definition_id == command.definition_id:
        return Migrated()
    passage = passage_for(tx, instance.definition_id, command.definition_id, command.mapping)
    try:
        return _migrate(command, tx, passage)
    except WalkFailed as fault:  # The case can go on where it is: nothing for an administrator to mend.
        raise CannotMigrate(str(fault), fault.element) from fault


def _migrate(command: MigrateInstance, tx: Transaction, passage: Passage) -> Migrated:
    walk = restore(tx)
    before = walk.waits
    supply(tx, passage, walk)
    carried = passage.carry(walk)
    _check_separation(tx, passage)
    assert tx.instance is not None
    let_go = [passage.name_of(element_id) for element_id in carried.let_go]
    tx.record(
        InstanceMigrated(
            command.definition_id, tx.instance.definition_id, passage.renamed, let_go, command.reason
        )
    )  # fmt: skip
    old_id = tx.instance.definition_id
    tx.begin_instance(replace(tx.instance, definition_id=command.definition_id))
    return _Recording(tx, old_id, passage, carried, before).record(tuple(let_go))


class _Recording:
    """Writes down what the new version makes of the waits of one case."""

    def __init__(self, tx: Transaction, old_id: UUID, passage: Passage, carried: Carried, before: Waits) -> None:
        self.tx, self.old_id, self.passage, self.carried, self.before = tx, old_id, passage, carried, before
        self.walk = carried.walk
        self.due_changes: list[DueChange] = []
        self.released: list[str] = []
        self.other_forms: list[str] = []
        self.other_reminders: list[str] = []

    def record(self, let_go: tuple[str, ...]) -> Migrated:
        assert self.tx.instance is not None
        rows = {row.id: row for row in self.tx.connection.execute(OPEN_TASKS, {"instance": self.tx.instance.id})}
        self.carried.retime({task_id: row.created_at for task_id, row in rows.items()}, self._seen_at)
        after = self.walk.waits
        for waiting in sorted(after.user_tasks, key=lambda w: w.element_id):
            self._step(rows[waiting.task_id], self.walk.definition.steps[waiting.element_id])
        self._timers(after)
        self._subscriptions(after)
        self.carried.begin()
        advance(self.tx, self.walk, _known(self.before, after))
        elements = self.walk.definition.elements
        begun = (element_of(task) for task in self.carried.begun)
        names = tuple(elements[element_id].name or element_id for element_id in begun)
        return Migrated(
            tuple(self.due_changes), let_go, names, tuple(self.released), tuple(self.other_forms),
            tuple(self.other_reminders),
        )  # fmt: skip

    def _seen_at(self, moment: datetime) -> Context:
        return replace(context(self.tx), now=moment, functions=self.tx.calendar.functions(moment))

    # ── steps ──

    def _step(self, row: Any, step: Step) -> None:
        old = self.passage.old.definition.steps[row.element_id]
        due_at = row.due_at
        if (step.due, step.clock) != (old.due, old.clock):
            with self.walk.as_of(self._seen_at(row.created_at)):
                due_at = due_of(step, self.walk, self.tx, row.id)
        desk, assignee_id = self._doer(row, old, step)
        was = (row.element_id, row.name, row.form_id, row.desk, row.assignee_id, row.due_at)
        now = (step.element_id, step.name, step.form, desk, assignee_id, due_at)
        if now != was:
            self.tx.record(UserTaskCarried(row.id, *now))
        if due_at != row.due_at:
            self.due_changes.append(DueChange(step.name, row.due_at, due_at))
        if self._form(step, new=True) != self._form(old, new=False):
            self.other_forms.append(step.name)
        reminds_otherwise = self._reminders(step, new=True) != self._reminders(old, new=False)
        if reminds_otherwise:
            self.other_reminders.append(step.name)
        if due_at != row.due_at or reminds_otherwise:
            self.tx.record(UserTaskTimersCancelled(row.id))
            record_reminders(self.tx, self.walk.definition, step, row.id, due_at)

    def _doer(self, row: Any, old: Step, step: Step) -> tuple[str, UUID | None]:
        """Its desk and holder; who holds it keeps it while the desk is the same."""
        assert self.tx.instance is not None
        desk, holder = row.desk, row.assignee_id
        if step.assignee != old.assignee:
            desk = resolve_desk(self.tx, step.assignee, self.tx.instance.parties, step.element_id)
        if desk != row.desk:
            self.released.append(step.name)
            holder = None
        if holder is None and step.person != old.person:
            holder = person_of(step, self.walk, self.tx, row.id, desk)
        return desk, holder

    def _reminders(self, step: Step, *, new: bool) -> tuple[str, str | None, str]:
        version = self.passage.new if new else self.passage.old
        of_case = version.definition.properties.get("reminders", "") if step.clock == CASE_CLOCK else ""
        return step.reminders, step.clock, of_case

    def _form(self, step: Step, *, new: bool) -> str | None:
        """What tells the versions of its form apart."""
        assert self.tx.instance is not None
        version = self.tx.instance.definition_id if new else self.old_id
        return self.tx.library.form(version, step.form, self.tx.connection).content_hash if step.form else None

    # ── events ──

    def _timers(self, after: Waits) -> None:
        was = {timer.id: timer for timer in self.before.timers}
        for timer in sorted(after.timers, key=lambda t: t.element_id):
            old = was[timer.id]
            if timer.element_id != old.element_id:
                self.tx.record(TimerCarried(timer.task_id, timer.element_id))
            if timer.due_at != old.due_at:
                self.tx.record(TimerMoved(timer.task_id, timer.due_at))
                name = self.walk.definition.elements[timer.element_id].name or timer.element_id
                self.due_changes.append(DueChange(name, old.due_at, timer.due_at))

    def _subscriptions(self, after: Waits) -> None:
        for waiting in sorted(after.subscriptions - self.before.subscriptions, key=lambda w: w.element_id):
            self.tx.record(SubscriptionCarried(waiting.task_id, waiting.element_id, waiting.message))


def _known(before: Waits, after: Waits) -> Waits:
    """What waited before, under its new names, with what the new version has no place for."""

    def known(was: Iterable[Any], now: Iterable[Any]) -> frozenset[Any]:
        ids = {waiting.id for waiting in now}
        return frozenset([*now, *(waiting for waiting in was if waiting.id not in ids)])

    return Waits(
        user_tasks=known(before.user_tasks, after.user_tasks), timers=known(before.timers, after.timers),
        subscriptions=known(before.subscriptions, after.subscriptions), services=after.services, completed=False,
    )  # fmt: skip


def _check_separation(tx: Transaction, passage: Passage) -> None:
    """Raises SeparationLost: who did a step is known by its old id, which the new version does not ask for."""
    assert tx.instance is not None
    asked = {element_id for step in passage.new.definition.steps.values() for element_id in step.separate_from}
    if asked.isdisjoint(passage.renamed.values()):
        return
    done = tx.connection.scalars(DONE_ELEMENTS, {"instance": tx.instance.id})
    lost = next((element_id for element_id in done if passage.renamed.get(element_id) in asked), None)
    if lost is not None:
        label = f"“{passage.name_of(lost)}”"
        message = (
            f"Bước {label} đã làm xong và có mã khác trong bản mới: sẽ mất việc kiểm tra người làm khác người duyệt."
        )
        raise SeparationLost(message, lost)
