"""Code that one can see at once."""

import ast
import math
from statistics import median

from tests.architecture.sources import sources, written

MODULE_LINES = 400
MEDIAN_FUNCTION_LINES = 8
P90_FUNCTION_LINES = 25
FUNCTION_LINES = 40


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    docstring = function.body[0]
    return lines - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def test_modules_are_short() -> None:
    long = {str(source): source.text.count("\n") for source in sources("engine", "forms", "webapp", "tests")}
    assert {name: lines for name, lines in long.items() if lines > MODULE_LINES} == {}


def test_most_functions_are_short() -> None:
    lengths = sorted(length(function) for source in sources() for function in source.functions)
    assert median(lengths) <= MEDIAN_FUNCTION_LINES
    assert lengths[math.ceil(0.9 * len(lengths)) - 1] <= P90_FUNCTION_LINES


def test_no_function_is_very_long() -> None:
    long = {
        f"{source}:{function.lineno} {function.name}": length(function)
        for source in sources()
        for function in source.functions
        if length(function) > FUNCTION_LINES
    }
    assert long == {}


def test_front_end_modules_are_short() -> None:
    scripts = written("webapp/frontend", ".js", ".mjs")
    long = {script.name: script.read_text().count("\n") for script in scripts}
    assert {name: lines for name, lines in long.items() if lines > MODULE_LINES} == {}
