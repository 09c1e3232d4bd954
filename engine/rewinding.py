"""An instance's data as it stood earlier, told by its events and submissions; its state knows only the last word."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from engine import facts as f
from engine.events import Fact, decode
from engine.history import renamings
from engine.models import Event, Submission, UserTask
from engine.separation import DONE, Turn, turns_in
from engine.spiff import SIGNAL, assign, from_text, is_in, remove, value_at
from engine.transaction import Transaction

IN_PARTS = {"yield_per": 200}
ENDED = f.UserTaskCompleted | f.UserTaskSkipped
_events: Any = Event.__table__
_submissions: Any = Submission.__table__
_user_tasks: Any = UserTask.__table__


@dataclass(frozen=True, slots=True)
class Before:
    """What has to change for an instance to stand before a step again."""

    restored: Mapping[str, Any]  # by dotted name
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """A step as it was passed once."""

    user_task_id: UUID
    element_id: str  # as the case's version calls it now
    names: frozenset[str]  # as the versions before called it, too
    turns: tuple[Turn, ...]  # of repeated elements that it lay in, or was, outermost first

    def is_entered_by(self, facts: list[Fact]) -> bool:
        """Whether an event is one by which the element is entered.

        One that is repeated is entered with its first turn; the others follow on the end of the one before.
        """
        begins = any(isinstance(x, f.UserTaskCreated) and x.element_id in self.names for x in facts)
        ends = any(isinstance(x, ENDED) and x.element_id in self.names for x in facts)
        is_repeated = bool(self.turns) and self.turns[-1].element_id in self.names
        return begins and not (is_repeated and ends)

    def is_reached_by(self, facts: list[Fact]) -> bool:
        """Whether it was this time."""
        return any(isinstance(fact, f.UserTaskCreated) and fact.user_task_id == self.user_task_id for fact in facts)


def last_passed(tx: Transaction, element_id: str) -> Passed | None:
    """The last time that a step was passed, told by its id of now or of then; None if it never was."""
    assert tx.instance is not None
    columns = (_user_tasks.c[name] for name in ("id", "element_id", "within", "created_at"))
    passed = sa.select(*columns).where(_user_tasks.c.instance_id == tx.instance.id, _user_tasks.c.state.in_(DONE))
    moves = list(renamings(tx))
    for row in tx.connection.execute(passed.order_by(_user_tasks.c.created_at.desc(), _user_tasks.c.id.desc())).all():
        now, names = row.element_id, {row.element_id}
        for at, renamed in moves:
            now = renamed.get(now, now) if row.created_at < at else now
            names.add(now)
        if element_id in (row.element_id, now):
            return Passed(row.id, now, frozenset(names), turns_in(row.within))
    return None


def before_step(tx: Transaction, step: Passed, again: frozenset[str]) -> Before:
    """The data that elements `again` have given since the step was entered, as it stood until then.

    What a branch beside it has given stays, and so does what was corrected by hand meanwhile.
    """
    story = _Story(_variables(tx), _payloads(tx))
    stood: dict[str, Any] = {}
    touched: set[tuple[str, str]] = set()
    is_entered = is_reached = False
    for facts in _events_of(tx):
        for fact in facts:
            story.apply(fact)
            touched.update(story.written(fact))
            if isinstance(fact, f.InstanceMigrated):
                touched |= {(fact.renamed.get(element, element), _called(name, fact)) for element, name in touched}
                stood = {_called(name, fact): value for name, value in stood.items()} | stood
        reaches = step.is_reached_by(facts)
        if not is_reached and (step.is_entered_by(facts) or (reaches and not is_entered)):
            is_entered, stood, touched = True, dict(story.data), set()
        is_reached = is_reached or reaches
    names = {name for element, name in touched if element in again}
    restored = {name: value_at(stood, name) for name in sorted(names) if is_in(stood, name)}
    return Before(restored, tuple(sorted(names - restored.keys())))


def _called(name: str, move: f.InstanceMigrated) -> str:
    """A dotted name as the version that a case was moved to has it."""
    head, dot, rest = name.partition(".")
    return f"{move.renamed.get(head, head)}{dot}{rest}"


def _events_of(tx: Transaction) -> Iterator[list[Fact]]:
    assert tx.instance is not None
    query = sa.select(_events.c.data).where(_events.c.stream == tx.instance.id).order_by(_events.c.sequence)
    for row in tx.connection.execute(query.execution_options(**IN_PARTS)):
        yield decode(row.data)


Variables = Callable[[UUID], dict[str, Any]]
Payloads = Callable[[f.MessageDelivered], dict[str, Any]]


def _variables(tx: Transaction) -> Variables:
    """What of a submission the process got to see."""

    def variables(submission_id: UUID) -> dict[str, Any]:
        query = sa.select(_submissions.c.definition_id, _submissions.c.form_id, _submissions.c.data)
        row = tx.connection.execute(query.where(_submissions.c.id == submission_id)).one()
        form = tx.library.form(row.definition_id, row.form_id, tx.connection)
        return only(form.process_variables, orjson.loads(row.data))

    return variables


def _payloads(tx: Transaction) -> Payloads:
    """What of a message the process got to see: of a form only what the form marks."""
    assert tx.instance is not None
    definition_id = tx.instance.definition_id
    elements = tx.library.definition(definition_id, tx.connection).elements

    def payload(fact: f.MessageDelivered) -> dict[str, Any]:
        element = elements.get(fact.element_id)
        form_id = element.properties.get("form") if element else None
        if not form_id:
            return dict(fact.payload)
        return only(tx.library.form(definition_id, form_id, tx.connection).process_variables, fact.payload)

    return payload


def only(names: tuple[str, ...], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that enter the data."""
    return {name: answers[name] for name in names if name in answers}


@dataclass(slots=True)
class _Story:
    """Plays facts on data."""

    variables: Variables
    payload: Payloads
    data: dict[str, Any] = field(default_factory=dict)

    @singledispatchmethod
    def apply(self, fact: Fact) -> None:
        """Most facts say nothing of the data."""

    @apply.register
    def _(self, fact: f.UserTaskCompleted) -> None:
        self.data[fact.element_id] = self.variables(fact.submission_id)

    @apply.register
    def _(self, fact: f.UserTaskSkipped) -> None:
        self.data[fact.element_id] = dict(fact.values)

    @apply.register
    def _(self, fact: f.MessageDelivered) -> None:
        if not _is_signal(fact):
            self.data[fact.element_id] = self.payload(fact)

    @apply.register
    def _(self, fact: f.ServiceCompleted) -> None:
        self.data[fact.element_id] = dict(fact.result)

    @apply.register
    def _(self, fact: f.VariablesAssigned) -> None:
        for name, value in from_text(fact.values).items():
            assign(self.data, name, value)

    @apply.register
    def _(self, fact: f.VariableCorrected) -> None:
        assign(self.data, fact.variable, from_text(fact.new))

    @apply.register
    def _(self, fact: f.VariablesRestored) -> None:
        for name, value in from_text(fact.values).items():
            assign(self.data, name, value)
        for name in fact.removed:
            remove(self.data, name)

    @staticmethod
    def written(fact: Fact) -> list[tuple[str, str]]:
        """The dotted names that a fact gives a value, each with the element that gave it."""
        if isinstance(fact, ENDED | f.MessageDelivered | f.ServiceCompleted) and not _is_signal(fact):
            return [(fact.element_id, fact.element_id)]
        if isinstance(fact, f.VariablesAssigned):
            return [(fact.element_id, name) for name in from_text(fact.values)]
        return []


def _is_signal(fact: Fact) -> bool:
    """Whether it was told to all who wait for it: what each of them got is told by a fact of its own."""
    return isinstance(fact, f.MessageDelivered) and fact.message.startswith(SIGNAL)
