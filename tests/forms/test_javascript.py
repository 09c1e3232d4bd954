"""The browser's evaluator and notation agree with the server's."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.conditions import holds
from forms.expressions import ExpressionError, evaluate, to_json_ast
from forms.notation import read_date, read_number
from tests.forms.test_notation import NO_DATES, NO_NUMBERS, NUMBERS

Ask = Callable[..., object]
REFUSED = object()


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """Asks the modules as Node loads them; `REFUSED` where they refuse."""
    script = Path(__file__).with_name("evaluate.mjs")
    pipe = subprocess.PIPE
    with subprocess.Popen(["node", script], stdin=pipe, stdout=pipe, text=True, encoding="utf-8") as node:

        def answer(do: str, **question: object) -> object:
            node.stdin.write(json.dumps({"do": do, **question}) + "\n")
            node.stdin.flush()
            reply = json.loads(node.stdout.readline())
            return REFUSED if "refused" in reply else reply["value"]

        yield answer
        node.stdin.close()


numbers = st.integers(-1000, 1000) | st.floats(-1000, 1000).map(lambda value: float(f"{value:.6g}"))
leaves = st.none() | st.booleans() | numbers | st.sampled_from(["", "x", "ab", "đ", "2026-12-05", "2026-01-31"])
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=4,
)
names = st.dictionaries(st.sampled_from("abcd"), values)
SIGNS = ("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "not in", "and", "or")
atoms = st.sampled_from(
    ["a", "b", "c", "d", "a.b", "d.a.c", "1", "2.5", "0", "'x'", "'a'", "true", "null", "'2026-12-05'", "[1, 'x', a]"]
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(SIGNS), inner),
        st.builds("({} < {} <= {})".format, inner, inner, inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("(+{})".format, inner),
    ),
    max_leaves=8,
)


@given(expression=expressions, given_names=names)
def test_expressions(ask, expression, given_names):
    try:
        expected = evaluate(expression, given_names)
    except ExpressionError:
        expected = REFUSED
    ast = to_json_ast(expression)
    assert ask("evaluate", ast=ast, names=given_names) == expected
    assert ask("holds", ast=ast, names=given_names) is holds(expression, given_names)


@pytest.mark.parametrize(
    ("expression", "value"),
    [("0.1 + 0.2 == 0.3", True), ("1 == true", False), ("[1] == [true]", False), ("-7 % 3", 2), ("7.5 % -2", -0.5)],
)
def test_where_languages_differ(ask, expression, value):
    assert ask("evaluate", ast=to_json_ast(expression), names={}) == value == evaluate(expression, {})


@pytest.mark.parametrize("text", [text for text, _ in NUMBERS] + NO_NUMBERS)
def test_number(ask, text):
    assert ask("number", text=text) == read_number(text)


@given(text=st.text(alphabet="0123456789.,-+ ", max_size=24))
def test_any_number(ask, text):
    assert ask("number", text=text) == read_number(text)


days = st.builds("{}/{}/{}".format, st.integers(0, 32), st.integers(0, 13), st.integers(1890, 2210))
iso_days = st.builds("{:04}-{:02}-{:02}".format, st.integers(1890, 2210), st.integers(0, 13), st.integers(0, 32))


@given(text=days | iso_days | st.sampled_from(NO_DATES))
def test_any_date(ask, text):
    day = read_date(text)
    assert ask("date", text=text) == (day and day.isoformat())
