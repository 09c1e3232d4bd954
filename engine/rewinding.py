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
from engine.models import Event, Submission
from engine.spiff import assign, from_text
from engine.transaction import Transaction

IN_PARTS = {"yield_per": 200}
_events: Any = Event.__table__
_submissions: Any = Submission.__table__


@dataclass(frozen=True, slots=True)
class Before:
    """What has to change for an instance to stand before a step again."""

    restored: Mapping[str, Any]
    removed: tuple[str, ...]


def before_step(tx: Transaction, user_task_id: UUID, again: frozenset[str]) -> Before:
    """The data that elements `again` have given since the step was reached, as it stood until then.

    What a branch beside it has given stays, and so does what was corrected by hand meanwhile.
    """
    story = _Story(_variables(tx), _payloads(tx))
    touched: set[str] = set()
    reached = False
    for facts in _events_of(tx):
        for fact in facts:
            if reached:
                touched |= {name for element, name in story.written(fact) if element in again}
            else:
                story.apply(fact)
        reached = reached or any(isinstance(x, f.UserTaskCreated) and x.user_task_id == user_task_id for x in facts)
    restored = {name: story.data[name] for name in sorted(touched) if name in story.data}
    return Before(restored, tuple(sorted(touched - restored.keys())))


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
        self.data.update(from_text(fact.values))
        for name in fact.removed:
            self.data.pop(name, None)

    @staticmethod
    def written(fact: Fact) -> list[tuple[str, str]]:
        """The names that a fact gives a value, each with the element that gave it."""
        if isinstance(fact, f.UserTaskCompleted | f.UserTaskSkipped | f.MessageDelivered | f.ServiceCompleted):
            return [(fact.element_id, fact.element_id)]
        if isinstance(fact, f.VariablesAssigned):
            return [(fact.element_id, name.partition(".")[0]) for name in from_text(fact.values)]
        return []
