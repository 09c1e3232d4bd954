"""Addresses of the application, read and compiled once in a process instead of for each test that makes an application.

werkzeug reads each of some 260 rules and compiles two functions for it, most of what making an application takes. All
of it depends on the rule alone.
"""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.routing import Rule

MADE = "_parts", "_trace", "_converters", "arguments"
"""What werkzeug makes of a rule, beside what is compiled."""
_compile: Callable[[Rule], None] = Rule.compile
_compiled: dict[tuple[Any, ...], Rule] = {}


def pytest_configure(config: pytest.Config) -> None:
    """Before the first application is made."""
    patch = pytest.MonkeyPatch()
    patch.setattr(Rule, "compile", compile_once)
    config.add_cleanup(patch.undo)


def compile_once(rule: Rule) -> None:
    """Take over what was made of the same rule for another application."""
    key = rule.rule, rule.subdomain, repr(rule.defaults), rule.merge_slashes, rule.build_only
    if key not in _compiled:
        _compile(rule)
        _compiled[key] = rule
        return
    same = _compiled[key]
    for name in MADE:
        setattr(rule, name, getattr(same, name))
    for name in ("_build", "_build_unknown"):
        setattr(rule, name, getattr(same, name).__func__.__get__(rule))
