"""The expression language: what it computes, and that nothing else gets through."""

import json
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.expressions import (
    ExpressionError,
    check,
    check_script,
    evaluate,
    names_in,
    run_script,
    to_json_ast,
)

DATA = {
    "execute": {
        "result": "Đã xong",
        "count": 3,
        "nothing_arose": False,
        "completed_on": "2026-12-04",
        "units": ["A", "B"],
    },
    "deadline": date(2026, 12, 4),
    "now": datetime(2026, 12, 4, 17, 30, tzinfo=UTC),
    "ratio": Decimal("12.5"),
}
FUNCTIONS = {"add": lambda a, b=1: a + b, "leak": lambda: object(), "listed": lambda: [1, 2]}

ATTACKS = [
    '__import__("os").system("id")',
    '__import__("os")',
    "().__class__",
    "().__class__.__bases__[0].__subclasses__()",
    "{}.__class__",
    "[].__class__",
    '"".__class__.__mro__',
    "execute.__class__",
    "execute.__dunder",
    'execute["__class__"]',
    'execute["result"]',
    "execute.result.upper()",
    "execute.get('result')",
    "execute.keys()",
    '"{0.__class__}".format(execute)',
    '"%s" % execute',
    '"%1000000000d" % 1',
    "9**9**9",
    "2**2",
    "1<<1000000000",
    "8>>1",
    "1|2",
    "~1",
    "7//2",
    '"a"*10**9',
    '"a"*1000000000',
    "[0]*1000000000",
    "1e30*1e30",
    "1e31",
    "9" * 32,
    "9" * 900,
    "1e309",
    'f"{execute}"',
    "lambda: 1",
    "(lambda: 1)()",
    "(x := 5)",
    "x = 5",
    "[x for x in execute.units]",
    "{x for x in execute.units}",
    "{x: x for x in execute.units}",
    "sum(x for x in execute.units)",
    "(yield)",
    "await execute",
    "1 if true else 2",
    "execute is null",
    "import os",
    "exec('1')",
    "eval('1')",
    "open('/etc/passwd')",
    "getattr(execute, 'x')",
    "globals()",
    "add(*execute.units)",
    "add(**execute)",
    "add(a=1)",
    "add.__globals__",
    "execute.units[0]",
    "execute.units[0:1]",
    "{1: 2}",
    "{1, 2}",
    "b'bytes'",
    "1j",
    "...",
    "*execute.units",
    "1; 2",
    "1\n2",
    '"\\x41"',
    "(" * 300 + "1" + ")" * 300,
    "-" * 400 + "1",
    "not " * 240 + "1",
    "[" * 90 + "]" * 90,
    "1" + "+1" * 60,
    "1 " * 600,
    "\x00",
    "1\x00",
    "'\ud800'",
    "_private",
    "đơn_vị",
    "1/0",
    "1%0",
    "add('a', 1)",
    "add()",
    "leak()",
    "nowhere()",
    "'a' + 'b'",
    "'a' - 1",
    "true + 1",
    "'a' < 1",
    "[1] < [2]",
    "1 in 2",
    "",
    "   ",
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: repr(attack[:40]))
def test_what_is_not_of_the_language_is_refused(attack):
    with pytest.raises(ExpressionError) as refused:
        evaluate(attack, DATA, FUNCTIONS)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("execute.count >= 3 and not execute.nothing_arose", True),
        ("1 < execute.count <= 3", True),
        ("3 < execute.count <= 3", False),
        ("execute.count * 2 + 1 - 4 / 2 % 2", 7),
        ("0.1 + 0.2 == 0.3", True),
        ("ratio", 12.5),
        ("-execute.count", -3),
        ("+execute.count", 3),
        ('"A" in execute.units', True),
        ('"C" not in execute.units', True),
        ("execute.count in [1, 2, 3]", True),
        ('"xong" in execute.result', True),
        ("execute.result or 'trống'", "Đã xong"),
        ("execute.missing or 'trống'", "trống"),
        ("true and false", False),
        ("True == true", True),
        ("1 == true", False),
        ("null", None),
        ("(1, 2) == [1, 2]", True),
        ("[1] == [true]", False),
        ("execute == execute", True),
        ("execute == execute.units", False),
        ("add(1, add(2))", 4),
        ("listed()", [1, 2]),
        ("  execute.count  ", 3),
    ],
)
def test_value(expression, value):
    assert evaluate(expression, DATA, FUNCTIONS) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("print", None),
        ("nobody", None),
        ("execute.nothing.below.it", None),
        ("execute.result.length", None),
        ("nobody < 3", False),
        ("3 <= nobody", False),
        ("nobody > nobody", False),
        ("nobody == null", True),
        ("nobody != 'x'", True),
        ("nobody in execute.units", False),
        ("1 in nobody", False),
        ("1 not in nobody", True),
        ("nobody + 1", None),
        ("-nobody", None),
        ("not nobody", True),
    ],
)
def test_missing_is_none_and_never_a_crash(expression, value):
    assert evaluate(expression, DATA, FUNCTIONS) is value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("execute.completed_on <= deadline", True),
        ("execute.completed_on == deadline", True),
        ("deadline < '2026-12-05'", True),
        ("deadline < now", True),  # 17:30 UTC is already the 5th in Việt Nam.
        ("now > '2026-12-05T00:00'", True),
        ("now > '2026-12-05T00:00:00+07:00'", True),
        ("deadline < 'không phải ngày'", False),
        ("deadline == null", False),
        ("deadline == 5", False),
    ],
)
def test_dates_compare_with_dates_instants_and_iso_text(expression, value):
    assert evaluate(expression, DATA) is value


def test_a_date_does_not_compare_with_a_number():
    with pytest.raises(ExpressionError, match="Không so sánh được ngày với số"):
        evaluate("deadline < 5", DATA)


def test_what_was_once_computed_holds_for_the_same_values_of_the_same_kinds_only():
    assert [evaluate("a == 1", {"a": a}) for a in (1, True, 1.0, "1", None)] == [True, False, True, False, False]
    assert [repr(evaluate("a", {"a": a})) for a in (0, False)] == ["0", "False"]
    assert [evaluate("a == null and a.b == null", {"a": a}) for a in ({"b": 1}, None, "x")] == [False, True, False]
    evaluate("[a, a]", {"a": 1}).append(2)
    assert evaluate("[a, a]", {"a": 1}) == [1, 1]


def test_given_data_is_never_changed_nor_handed_out():
    given_data = deepcopy(DATA)
    units = evaluate("execute.units", given_data)
    assert isinstance(units, list)
    units.append("C")
    assert given_data == DATA


@pytest.mark.parametrize("value", [object(), print, b"bytes", float("nan"), float("inf"), 10**31, Decimal("NaN"), 1j])
def test_only_plain_data_is_read(value):
    with pytest.raises(ExpressionError):
        evaluate("value", {"value": {"inner": [value]}})


def test_data_that_contains_itself_is_refused():
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ExpressionError, match="quá sâu"):
        evaluate("loop", {"loop": loop})


def test_a_function_result_must_be_plain_too():
    with pytest.raises(ExpressionError):
        evaluate("leak() == 1", {}, FUNCTIONS)


def test_a_function_name_is_no_value():
    assert evaluate("add", {}, FUNCTIONS) is None


def test_names_in_gives_dotted_names_and_no_functions():
    assert names_in("add(execute.count, deadline) > 1 and a.b.c or true") == {"execute.count", "deadline", "a.b.c"}


def test_check_names_every_fault():
    assert check("execute.nothing_arose and deadline", {"execute.nothing_arose", "deadline"}) == []
    assert check("execute.anything", {"execute"}) == []
    assert check("execute", {"execute.result"}) == []
    assert check("anything.at.all") == []
    assert check("nowhere(typo)", {"execute"}, {"add"}) == ["Không có hàm “nowhere”.", "Không có tên “typo”."]
    assert check("a = 1") == ["Không đọc được biểu thức “a = 1”. So sánh bằng viết là ==."]
    assert check("x ** 2") == ["Không được dùng lũy thừa."]


def test_script_lines_see_the_lines_above():
    script = (
        "# ghi chú\n\ntotal.sum = execute.count + 1\ntotal.twice = total.sum * 2\nexecute.count = 0\n n = execute.count"
    )
    given_data = deepcopy(DATA)
    assert run_script(script, given_data) == {"total.sum": 4, "total.twice": 8, "execute.count": 0, "n": 0}
    assert given_data == DATA


@pytest.mark.parametrize(
    "line",
    [
        "x",
        "x == 1",
        "x += 1",
        "x[0] = 1",
        "x.__class__ = 1",
        "_x = 1",
        "true = 1",
        "a, b = 1",
        "a.typename = 1",
        "= 1",
        "x =",
        "x = y = 1",
        "import os",
        "x = __import__('os')",
        "for x in y: pass",
    ],
)
def test_a_script_line_that_is_no_assignment_is_refused(line):
    with pytest.raises(ExpressionError):
        run_script(line, {})
    assert check_script(line)


def test_script_is_bounded():
    with pytest.raises(ExpressionError, match="100 dòng"):
        run_script(["x = 1"] * 101, {})


@pytest.mark.parametrize("line", ["a = [a, a, a, a, a, a, a, a, a, a]", "a.b = [a, a, a, a, a, a, a, a, a, a]"])
def test_a_script_cannot_pile_lists_up(line):
    """Each line makes ten of what was there before: seven of them would fill the memory."""
    with pytest.raises(ExpressionError, match="gán quá 2000 giá trị"):
        run_script(["a = 1", *[line] * 4], {})


def test_check_script_knows_what_was_assigned_above():
    assert check_script("a.b = execute.count\nc = a.b", {"execute.count"}) == []
    assert check_script("c = a.b\na.b = 1", {"execute.count"}) == ["Không có tên “a.b”."]


def test_json_ast():
    assert to_json_ast('not a.b >= -3 or x in ["y", true]') == {
        "or": [
            {"not": {"cmp": {"name": ["a", "b"]}, "to": [[">=", {"neg": {"lit": 3}}]]}},
            {"cmp": {"name": ["x"]}, "to": [["in", {"list": [{"lit": "y"}, {"lit": True}]}]]},
        ]
    }
    assert to_json_ast("f(1 + x) % 2") == {
        "op": "%",
        "of": [{"call": "f", "of": [{"op": "+", "of": [{"lit": 1}, {"name": ["x"]}]}]}, {"lit": 2}],
    }


# ── properties ──


plain_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=10) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)
SIGNS = ("+", "-", "*", "/", "%", "<", "<=", ">", ">=", "==", "!=", "in", "and", "or")
atoms = st.sampled_from(
    ["a", "b", "a.b", "c.a.b", "1", "2.5", "'x'", "true", "null", "'2026-12-05'", "f(a)", "[1, 'x']"]
)
expressions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds(
            "({} {} {})".format,
            inner,
            st.sampled_from(SIGNS),
            inner,
        ),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
    ),
    max_leaves=12,
)
data = st.dictionaries(st.sampled_from("abc"), plain_values)


@given(expressions, data)
def test_every_expression_of_the_language_computes_or_is_refused(expression, names):
    before = deepcopy(names)
    with suppress(ExpressionError):
        evaluate(expression, names, {"f": lambda value: value})
    assert names == before
    json.dumps(to_json_ast(expression))
    assert check(expression, {"a", "b", "c"}, {"f"}) == []


@given(st.text(max_size=60))
def test_any_text_computes_or_is_refused(text):
    with suppress(ExpressionError):
        evaluate(text, {})


@given(st.text(alphabet="()[]{}.,:=*+-/%<>'\"\\ _aif019\n\x00", max_size=80))
def test_any_punctuation_computes_or_is_refused(text):
    with suppress(ExpressionError):
        evaluate(text, {"a": 1})


@given(plain_values)
def test_a_value_reads_as_itself(value):
    assert evaluate("value", {"value": value}) == value


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_arithmetic_is_arithmetic(a, b):
    assert evaluate("a + b * 2 - (a - b)", {"a": a, "b": b}) == a + b * 2 - (a - b)
    assert evaluate("a < b", {"a": a, "b": b}) is (a < b)
