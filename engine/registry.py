"""What diagrams and jobs may name: services and kinds of jobs. Diagrams know no Python, only these names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True)
class JobCall:
    """A job as its performer sees it; it may come more than once, `key` tells it apart."""

    id: UUID
    key: str
    tenant_id: UUID
    instance_id: UUID | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A service task as its function sees it."""

    tenant_id: UUID
    instance_id: UUID
    element_id: str
    key: str  # one per entering of the task, for idempotency


class ServiceFailed(Exception):  # noqa: N818  expected, and told by the process
    """What a service raises where the drawing may have a way for it: an error event with this code on its border.

    Anything else that a service raises is a fault: the job is tried again, then an incident.
    """

    def __init__(self, code: str, payload: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.payload = dict(payload or {})


Performer = Callable[[JobCall, Any], None]
"""Takes the job and the Runtime."""
Service = Callable[[ServiceCall, Any], Mapping[str, Any]]
"""Takes the call and the Runtime; returns what goes into the case's data."""
P = TypeVar("P", bound=Performer)
S = TypeVar("S", bound=Service)

PERFORMERS: dict[str, Performer] = {}
JOB_NAMES: dict[str, str] = {}
"""Kinds of jobs as people call them."""
SERVICES: dict[str, Service] = {}


def performs(kind: str, name: str = "") -> Callable[[P], P]:
    """Register the function that does jobs of a kind, outside any transaction; the name is for people."""

    def register(function: P) -> P:
        PERFORMERS[kind] = function
        JOB_NAMES[kind] = name or kind
        return function

    return register


def service(name: str) -> Callable[[S], S]:
    """Register a function that a service task may name."""

    def register(function: S) -> S:
        SERVICES[name] = function
        return function

    return register
