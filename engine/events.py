"""Events: what happened, one row per command, chained by hash.

A command records *facts*; all facts of one command are one event in one stream (its instance's, else its tenant's).
An applier turns facts into rows of the tables that can be rebuilt; nothing else writes those rows.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import groupby
from typing import Any, ClassVar, TypeVar, get_args, get_type_hints
from uuid import UUID

import orjson

from engine.models import TimerKind
from engine.statements import Writes


class Fact:
    """Something that has happened; named in the past tense."""

    __slots__ = ()
    name: ClassVar[str]


F = TypeVar("F", bound=type[Fact])

_FACTS: dict[str, type[Fact]] = {}
_CONVERTERS: dict[type[Fact], dict[str, Callable[[Any], Any]]] = {}

_FROM_JSON: dict[type, Callable[[Any], Any]] = {UUID: UUID, datetime: datetime.fromisoformat, TimerKind: TimerKind}


def fact(cls: F) -> F:
    """Register a frozen dataclass as a fact, under its class name."""
    cls.name = cls.__name__
    _FACTS[cls.name] = cls
    hints = get_type_hints(cls)
    _CONVERTERS[cls] = {
        f.name: convert
        for f in fields(cls)  # type: ignore[arg-type]  # every fact is a dataclass
        if (convert := _converter(hints[f.name])) is not None
    }
    return cls


def _converter(hint: Any) -> Callable[[Any], Any] | None:
    candidates = [hint, *get_args(hint)]
    return next((_FROM_JSON[c] for c in candidates if isinstance(c, type) and c in _FROM_JSON), None)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all facts of one event share."""

    stream: UUID  # the instance, else the tenant
    sequence: int
    tenant_id: UUID
    actor_id: UUID | None  # None: the system itself
    on_behalf_of: str | None  # for whom the actor entered it, in words
    at: datetime


def encode(facts: Sequence[Fact]) -> str:
    """The exact text that is stored and hashed."""
    return orjson.dumps([[f.name, f] for f in facts], option=orjson.OPT_SERIALIZE_DATACLASS).decode()


def decode(data: str) -> list[Fact]:
    """The facts of a stored event. Raises KeyError for a fact that this release does not know."""
    return [_decode_one(name, values) for name, values in orjson.loads(data)]


def told(data: str) -> list[Fact]:
    """Those facts of a stored event of which rows are written."""
    writing = {fact_type.name for fact_type in _APPLIERS}
    return [_decode_one(name, values) for name, values in orjson.loads(data) if name in writing]


def _decode_one(name: str, values: dict[str, Any]) -> Fact:
    cls = _FACTS[name]
    converters = _CONVERTERS[cls]
    converted = {
        key: converters[key](value) if value is not None and key in converters else value
        for key, value in values.items()
    }
    return cls(**converted)


def chain(previous: bytes, envelope: Envelope, type_: str, data: str) -> bytes:
    """The 32-byte link: SHA-256 over the previous link and everything that the row says."""
    row = [
        envelope.stream, envelope.sequence, envelope.tenant_id, type_, envelope.actor_id, envelope.on_behalf_of,
        envelope.at, data,
    ]  # fmt: skip
    return hashlib.sha256(previous + orjson.dumps(row)).digest()


Apply = Callable[[Writes, Envelope, list[Any]], None]
_APPLIERS: dict[type[Fact], Apply] = {}


def applies(fact_type: type[Fact]) -> Callable[[Apply], Apply]:
    """Register the one function that has the rows of a fact written."""

    def register(function: Apply) -> Apply:
        if fact_type in _APPLIERS:
            raise RuntimeError(f"{fact_type.__name__} has an applier already")
        _APPLIERS[fact_type] = function
        return function

    return register


def apply(writes: Writes, envelope: Envelope, facts: Iterable[Fact]) -> None:
    """Have the rows of `facts` written; neighbours of one type go to the database together."""
    for fact_type, group in groupby(facts, key=type):
        applier = _APPLIERS.get(fact_type)
        if applier is not None:  # Domain facts only document; their rows are written by their commands.
            applier(writes, envelope, list(group))
