"""What a compiled drawing tells the rest of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from forms.expressions import Functions


@dataclass(frozen=True, slots=True)
class Step:
    """A step that a person does, as the drawing describes it."""

    element_id: str
    name: str
    lane: str  # the lane's display name
    form: str  # id of a form of the bundle
    assignee: str  # role@party: its own, else the lane's
    person: str | None  # expression that gives a person's id
    due: str | None  # expression that gives a date or an instant
    clock: str | None  # "case": runs against the case's own deadline
    reminders: str  # table of reminders on the step's own due day
    separate_from: tuple[str, ...]  # steps whose doer may not do this one
    batch: bool  # may be completed several at once
    documentation: str


@dataclass(frozen=True, slots=True)
class ServiceStep:
    """A step that the software does."""

    element_id: str
    name: str
    service: str  # its name in the registry of services


StartKind = Literal["none", "message", "timer", "signal"]


@dataclass(frozen=True, slots=True)
class StartEvent:
    """One way in which an instance begins."""

    element_id: str
    name: str
    kind: StartKind
    message: str | None
    timer: str | None  # the timer's expression; whoever opens instances evaluates it
    signal: str | None = None  # that opens an instance wherever in the tenant it is told


@dataclass(frozen=True, slots=True)
class Element:
    """Any shape of the drawing that does something, for those who show it or read its properties."""

    element_id: str
    name: str
    kind: str  # its BPMN tag
    message: str | None  # that it catches or sends
    properties: Mapping[str, str]
    title: str = ""  # its name, else what it is and where it stands; versions deployed earlier don't say


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployed version, ready to run; immutable, and shared by all threads."""

    process_id: str
    name: str
    content_hash: str  # SHA-256 of the drawing's bytes, in hex
    steps: Mapping[str, Step]
    services: Mapping[str, ServiceStep]
    properties: Mapping[str, str]  # of the process
    elements: Mapping[str, Element]
    message_names: frozenset[str]  # of the messages that it may wait for, starts included
    sent_messages: frozenset[str]
    sent_signals: frozenset[str]
    calls: Mapping[str, "Definition"]  # by the shape that calls, the version that is bound to it
    starts: tuple[StartEvent, ...]
    spec: Any  # the specification, and those of its sub-processes by id
    subprocess_specs: Mapping[str, Any]

    def title_of(self, element_id: str) -> str:
        """What people call a shape; its id where the drawing has none of that id."""
        element = self.elements.get(element_id)
        return (element.title or element.name if element is not None else "") or element_id

    @property
    def called(self) -> dict[str, str]:
        """The processes that it calls by id, with the hash of the version that is bound to it."""
        return {inner.process_id: inner.content_hash for inner in self.calls.values()}


@dataclass(frozen=True, slots=True)
class Context:
    """What expressions may use beside the instance's data."""

    now: datetime  # aware
    dates: Mapping[str, date]
    functions: Functions


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an instance waits for: a step that a person or a service has to complete, if it is nothing more special."""

    id: str  # as the saved state writes it
    element_id: str

    @property
    def task_id(self) -> UUID:
        """As the tables know it."""
        return UUID(self.id)


@dataclass(frozen=True, slots=True)
class WaitingTimer(Waiting):
    """A timer of the drawing that has not fired."""

    due_at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class WaitingMessage(Waiting):
    """An event that waits for a message."""

    message: str


@dataclass(frozen=True, slots=True)
class Waits:
    """All that an instance waits for."""

    user_tasks: frozenset[Waiting]
    timers: frozenset[WaitingTimer]
    subscriptions: frozenset[WaitingMessage]
    services: frozenset[Waiting]
    completed: bool  # the instance has ended

    @classmethod
    def nothing(cls) -> "Waits":
        """What an instance waits for before it begins."""
        return cls(frozenset(), frozenset(), frozenset(), frozenset(), completed=False)


SIGNAL = "signal:"
"""Stands before the name of a signal, which is a message to all that wait for it."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """A message, or a signal, that the instance sent while it ran."""

    element_id: str
    message: str
    payload: Mapping[str, object]


class WalkFailed(Exception):  # noqa: N818  the instance can't go on; the caller discards the walk
    """The instance can't go on; nothing may be saved."""

    def __init__(self, element: str | None, message: str) -> None:
        self.element = element
        self.message = message
        super().__init__(message)


class NotWaiting(Exception):  # noqa: N818  a stale trigger is expected, not an error
    """The instance does not wait for this (any more)."""

    def __init__(self, task_id: UUID) -> None:
        self.task_id = task_id
        super().__init__(f"Expected {task_id} to wait, but it does not.")
