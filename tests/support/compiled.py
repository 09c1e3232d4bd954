"""What is compiled anew for each application or database, compiled once: a test has its own of both."""

from collections.abc import Iterator
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

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


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[None]:
    """For all applications and databases of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": CompiledTemplates()})
        patch.setitem(DISCREET, "execution_options", {"compiled_cache": CompiledStatements()})
        yield
