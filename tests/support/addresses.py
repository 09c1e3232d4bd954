"""Addresses of the application, compiled once in a process instead of for each test that makes an application.

werkzeug compiles two functions for each of some 240 rules, most of what making an application takes. They depend on the
rule alone.
"""

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
_compile: Callable[[Rule, bool], Builder] = Rule._compile_builder
_compiled: dict[tuple[Any, ...], Builder] = {}


def pytest_configure() -> None:
    """Before the first application is made."""
    Rule._compile_builder = compile_once  # type: ignore[method-assign, assignment]


def compile_once(rule: Rule, append_unknown: bool = True) -> Builder:
    """The function that builds addresses of a rule."""
    key = *rule._trace, str(rule.defaults), append_unknown
    if key not in _compiled:
        _compiled[key] = _compile(rule, append_unknown)
    return _compiled[key]
