"""What is compiled anew for each application or database, compiled once: a test has its own of both."""

from collections.abc import Callable, Iterator, KeysView, Mapping
from copy import copy
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from engine.commands import deployments
from engine.database import DISCREET


class CompiledTemplates(BytecodeCache):
    """By their names and contents."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get(bucket.key + bucket.checksum)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key + bucket.checksum] = bucket.code


class CompiledStatements(dict[Any, Any]):
    """By the kind of database: SQLAlchemy asks for its engine's own dialect, and those of a kind are set up alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(alike(key), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__(alike(key), compiled)


def alike(key: Any) -> tuple[Any, ...]:
    dialect, *statement = key
    return type(dialect), *statement


def once(work: Callable[..., Any]) -> Callable[..., Any]:
    """The same for the same arguments; what is refused is refused anew."""
    known: dict[Any, Any] = {}

    def done(*arguments: Any, **options: Any) -> Any:
        key = hashable(arguments), hashable(options)
        if key not in known:
            known[key] = work(*arguments, **options)
        return copy(known[key])

    return done


def hashable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return frozenset((name, hashable(each)) for name, each in value.items())
    if isinstance(value, set | frozenset | KeysView):
        return frozenset(value)
    return tuple(map(hashable, value)) if isinstance(value, list | tuple) else value


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[None]:
    """For all applications and databases of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
        for name in ("check_bpmn", "compile_bpmn"):
            patch.setattr(deployments, name, once(getattr(deployments, name)))
        patch.setitem(DISCREET, "execution_options", {"compiled_cache": CompiledStatements()})
        yield
