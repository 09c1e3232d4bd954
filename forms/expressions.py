"""The one expression language: conditions, due times, who does a step, what a form hides.

Comparisons, `and`/`or`/`not`, `in`, parentheses, `+ - * / %` on numbers, text and list literals, dotted names
(dictionary keys only) and the functions that the caller passes. What is not listed here does not parse, so nothing
that an administrator writes can reach Python, run long, or change what it was given.

A name that is missing is None. An order comparison with None is False, arithmetic with None is None.
"""

import ast
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from simpleeval import InvalidExpression, SimpleEval

from forms.grammar import (
    BINARY,
    CONSTANTS,
    MAX_LENGTH,
    ORDER,
    ExpressionError,
    Parsed,
    is_constant,
    is_plain_name,
    parse,
    path_of,
    short,
    to_json_ast,
)
from forms.values import NotPlainError, aligned, count_of, is_number, kind_of, plain, rounded

__all__ = [
    "MAX_LENGTH",
    "ExpressionError",
    "Functions",
    "check",
    "check_script",
    "compared_texts",
    "evaluate",
    "is_plain_name",
    "kind_given",
    "names_in",
    "run_script",
    "to_json_ast",
]

MAX_SCRIPT_LINES = 100
MAX_ASSIGNED = 2_000
"""Values that the lines of one script may assign in all: lists of lists would grow a hundredfold with each line."""
SHORT = 64
HANDY = frozenset({bool, int, date, type(None)})

Functions = Mapping[str, Callable[..., object]]
NO_FUNCTIONS: Functions = MappingProxyType({})


def evaluate(expression: str, names: Mapping[str, object], functions: Functions = NO_FUNCTIONS) -> object:
    """The value of the expression; what it reads is copied, so the caller's data never changes.

    Raises ExpressionError.
    """
    parsed = parse(expression)
    if not parsed.functions:
        read = [_value_at(names, path) for path in parsed.paths]
        if _are_handy(read):
            return plain(_evaluate_once(expression, *read))
    return _evaluate(expression, parsed, names, functions)


@lru_cache(maxsize=4096, typed=True)  # 1 is not true.
def _evaluate_once(expression: str, *read: object) -> object:
    """Most conditions ask whether this or that was chosen: the same few values come again and again."""
    parsed = parse(expression)
    names: Mapping[str, object] = {}
    for path, value in zip(parsed.paths, read, strict=True):
        names = _assign(names, path, value)
    return _evaluate(expression, parsed, names, NO_FUNCTIONS)


def _evaluate(expression: str, parsed: Parsed, names: Mapping[str, object], functions: Functions) -> object:
    try:
        return _evaluator().value_of(expression, parsed.body, names, functions)
    except NotPlainError as fault:
        raise ExpressionError(str(fault)) from fault
    except InvalidExpression as fault:
        raise ExpressionError("Biểu thức dùng điều không được phép.") from fault


def _value_at(names: object, path: Iterable[str]) -> object:
    value = names
    for part in path:
        value = value.get(part) if isinstance(value, (dict, Mapping)) else None
    return value


def _are_handy(values: Iterable[object]) -> bool:
    """Whether these are worth remembering: short texts, whole numbers, days, true, false, nothing."""
    return all(len(value) <= SHORT if type(value) is str else type(value) in HANDY for value in values)


def check(expression: str, names: Collection[str] | None = None, functions: Collection[str] = ()) -> list[str]:
    """Faults in Vietnamese, empty when the expression is good.

    `names` are the dotted names that may be used (None: any); naming a parent allows what is below it.
    """
    try:
        parsed = parse(expression)
    except ExpressionError as fault:
        return [str(fault)]
    faults = [f"Không có hàm “{name}”." for name in sorted(parsed.functions - set(functions))]
    if names is not None:
        faults += [f"Không có tên “{name}”." for name in sorted(parsed.names) if not _known(name, names)]
    return faults


def names_in(expression: str) -> set[str]:
    """The dotted names that the expression reads. Raises ExpressionError."""
    return set(parse(expression).names)


def compared_texts(expression: str) -> set[tuple[str, str]]:
    """Each dotted name with a text that the expression holds it against. Raises ExpressionError."""
    comparisons = (node for node in ast.walk(parse(expression).body) if isinstance(node, ast.Compare))
    return {pair for node in comparisons for pair in _pairs([node.left, *node.comparators])}


def _pairs(sides: Sequence[ast.expr]) -> Iterable[tuple[str, str]]:
    names = [".".join(path) for path in map(path_of, sides) if path]
    literals = [part for side in sides for part in (side.elts if isinstance(side, ast.List | ast.Tuple) else [side])]
    texts = [part.value for part in literals if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return ((name, text) for name in names for text in texts)


def kind_given(expression: str) -> str | None:
    """The kind of what the expression gives, whatever its names hold: "số", "chữ", "đúng/sai" or "danh sách".

    None where that depends on them. Raises ExpressionError.
    """
    return _kind(parse(expression).body)


def _kind(body: ast.expr) -> str | None:
    if isinstance(body, ast.Constant) and body.value is not None:
        return kind_of(body.value)
    if isinstance(body, ast.Name) and CONSTANTS.get(body.id) is not None:
        return kind_of(CONSTANTS[body.id])
    if isinstance(body, ast.BoolOp):
        kinds = {_kind(part) for part in body.values}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(body, ast.Compare) or (isinstance(body, ast.UnaryOp) and isinstance(body.op, ast.Not)):
        return kind_of(True)
    if isinstance(body, ast.BinOp | ast.UnaryOp):
        return kind_of(0)
    return kind_of([]) if isinstance(body, ast.List | ast.Tuple) else None


def run_script(
    lines: str | Iterable[str], names: Mapping[str, object], functions: Functions = NO_FUNCTIONS
) -> dict[str, object]:
    """Run `name = expression` lines in order; return what each dotted name was given.

    A line sees what the lines above it assigned. Empty lines and lines that begin with # are skipped.
    Raises ExpressionError.
    """
    assigned: dict[str, object] = {}
    room = MAX_ASSIGNED
    for target, expression in _script(lines):
        assigned[target] = evaluate(expression, names, functions)
        room -= count_of(assigned[target])
        if room < 0:
            raise ExpressionError(f"Đoạn lệnh gán quá {MAX_ASSIGNED} giá trị.")
        names = _assign(names, target.split("."), assigned[target])
    return assigned


def check_script(
    lines: str | Iterable[str], names: Collection[str] | None = None, functions: Collection[str] = ()
) -> list[str]:
    """Faults of a script in Vietnamese; a line may use what the lines above it assigned."""
    try:
        statements = _script(lines)
    except ExpressionError as fault:
        return [str(fault)]
    faults: list[str] = []
    for target, expression in statements:
        faults += check(expression, names, functions)
        names = None if names is None else {*names, target}
    return faults


def _known(name: str, names: Collection[str]) -> bool:
    parts = name.split(".")
    above = (".".join(parts[: n + 1]) for n in range(len(parts)))
    return any(prefix in names for prefix in above) or any(other.startswith(name + ".") for other in names)


# ── scripts ──


def _script(lines: str | Iterable[str]) -> list[tuple[str, str]]:
    every = lines.splitlines() if isinstance(lines, str) else lines
    kept = [line.strip() for line in every if line.strip() and not line.strip().startswith("#")]
    if len(kept) > MAX_SCRIPT_LINES:
        raise ExpressionError(f"Đoạn lệnh dài quá {MAX_SCRIPT_LINES} dòng.")
    return [_statement(line) for line in kept]


def _statement(line: str) -> tuple[str, str]:
    target, sign, expression = (part.strip() for part in line.partition("="))
    parts = target.split(".")
    if not sign or expression.startswith("=") or not all(map(is_plain_name, parts)) or parts[0] in CONSTANTS:
        raise ExpressionError(f"Dòng “{short(line)}” phải có dạng: tên = biểu thức.")
    if "typename" in parts:  # SpiffWorkflow cannot restore data with this key.
        raise ExpressionError("Không được đặt tên “typename”.")
    parse(expression)
    return target, expression


def _assign(names: Mapping[str, object], path: Sequence[str], value: object) -> Mapping[str, object]:
    """The names with one changed, the given mapping left as it was."""
    if len(path) == 1:
        return {**names, path[0]: value}
    below = names.get(path[0])
    return {**names, path[0]: _assign(below if isinstance(below, Mapping) else {}, path[1:], value)}


# ── evaluating ──


_of_thread = threading.local()


def _evaluator() -> "_Evaluator":
    """One for each thread: to make one takes longer than to evaluate."""
    if not hasattr(_of_thread, "evaluator"):
        _of_thread.evaluator = _Evaluator()
    evaluator: _Evaluator = _of_thread.evaluator
    return evaluator


class _Evaluator(SimpleEval):  # type: ignore[misc]  # simpleeval is untyped
    """simpleeval with our own handler for each kind of node, and no other kind."""

    def __init__(self) -> None:
        super().__init__(operators={}, functions={}, names={})
        self.given: Mapping[str, object] = {}
        self.functions: Functions
        self.nodes = {
            ast.Name: self._name,
            ast.Attribute: self._name,
            ast.Constant: lambda node: node.value,
            ast.List: self._list,
            ast.Tuple: self._list,
            ast.BoolOp: self._eval_boolop,
            ast.UnaryOp: self._unary,
            ast.BinOp: self._binary,
            ast.Compare: self._compare,
            ast.Call: self._call,
        }

    def value_of(self, expression: str, body: ast.expr, names: Mapping[str, object], functions: Functions) -> object:
        """A function may evaluate another expression meanwhile."""
        before = self.given, self.functions
        self.given, self.functions = names, functions
        try:
            return self.eval(expression, previously_parsed=body)
        finally:
            self.given, self.functions = before

    def _name(self, node: ast.expr) -> object:
        path = path_of(node)
        return CONSTANTS[path[0]] if is_constant(path) else plain(_value_at(self.given, path))

    def _list(self, node: ast.List | ast.Tuple) -> list[object]:
        return [self._eval(element) for element in node.elts]

    def _unary(self, node: ast.UnaryOp) -> object:
        value = self._eval(node.operand)
        if isinstance(node.op, ast.Not):
            return not value
        if value is None:
            return None
        number = _number(value)
        return -number if isinstance(node.op, ast.USub) else number

    def _binary(self, node: ast.BinOp) -> object:
        left, right = self._eval(node.left), self._eval(node.right)
        if left is None or right is None:
            return None
        compute = BINARY[type(node.op)][1]
        try:
            return rounded(compute(_number(left), _number(right)))
        except ZeroDivisionError as fault:
            raise ExpressionError("Phép chia cho 0.") from fault
        except OverflowError as fault:
            raise ExpressionError("Số quá lớn.") from fault

    def _compare(self, node: ast.Compare) -> bool:
        left = self._eval(node.left)
        for sign, operand in zip(node.ops, node.comparators, strict=True):
            right = self._eval(operand)
            if not _holds(sign, left, right):
                return False
            left = right
        return True

    def _call(self, node: ast.Call) -> object:
        name = path_of(node.func)[0]
        if name not in self.functions:
            raise ExpressionError(f"Không có hàm “{name}”.")
        arguments = [self._eval(argument) for argument in node.args]
        try:
            return plain(self.functions[name](*arguments))
        except (TypeError, ValueError, LookupError, ArithmeticError) as fault:
            raise ExpressionError(f"Hàm “{name}” không tính được với giá trị đã cho.") from fault


def _number(value: object) -> int | float:
    if not isinstance(value, int | float) or not is_number(value):
        raise ExpressionError(f"Chỉ tính toán được với số, không với {kind_of(value)}.")
    return value


def _holds(sign: ast.cmpop, left: object, right: object) -> bool:
    if isinstance(sign, ast.In):
        return _contains(right, left)
    if isinstance(sign, ast.NotIn):
        return not _contains(right, left)
    if isinstance(sign, ast.Eq):
        return _equal(left, right)
    if isinstance(sign, ast.NotEq):
        return not _equal(left, right)
    return _ordered(ORDER[type(sign)][1], left, right)


def _equal(left: object, right: object) -> bool:
    """As the browser compares them: 1 is not true, at any depth."""
    left, right = aligned(left, right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_equal(left[key], right[key]) for key in left)
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def _ordered(compare: Callable[..., bool], left: object, right: object) -> bool:
    left, right = aligned(left, right)
    if left is None or right is None:
        return False
    if kind_of(left) != kind_of(right) or isinstance(left, bool | list | dict):
        raise ExpressionError(f"Không so sánh được {kind_of(left)} với {kind_of(right)}.")
    return compare(left, right)


def _contains(container: object, item: object) -> bool:
    if container is None:
        return False
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list):
        return any(_equal(item, element) for element in container)
    raise ExpressionError(f"“in” chỉ tìm được trong danh sách hoặc chữ, không trong {kind_of(container)}.")
