"""The grammar of the expression language: what parses, and what is refused with its reason.

Built on Python's own parser; the tree is then held against a list of allowed nodes.
"""

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from keyword import iskeyword
from unicodedata import normalize

from forms.values import NotPlainError, plain

MAX_LENGTH = 1_000
MAX_DEPTH = 40

CONSTANTS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None}

BINARY: Mapping[type[ast.operator], tuple[str, Callable[[float, float], float]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("-", operator.sub),
    ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv),
    ast.Mod: ("%", operator.mod),
}
ORDER: Mapping[type[ast.cmpop], tuple[str, Callable[..., bool]]] = {
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("<=", operator.le),
    ast.Gt: (">", operator.gt),
    ast.GtE: (">=", operator.ge),
}
_COMPARE: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    **{node: sign for node, (sign, _) in ORDER.items()},
}
_UNARY: Mapping[type[ast.unaryop], str] = {ast.Not: "not", ast.USub: "neg", ast.UAdd: "pos"}
_ALLOWED: tuple[type[ast.AST], ...] = (
    *(ast.Name, ast.Attribute, ast.Load, ast.Constant, ast.List, ast.Tuple, ast.Call),
    *(ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.BinOp, ast.Compare),
    *_UNARY,
    *BINARY,
    *_COMPARE,
)
_CALLED: Mapping[type[ast.AST], str] = {
    ast.Pow: "lũy thừa",
    ast.LShift: "phép dịch bit",
    ast.RShift: "phép dịch bit",
    ast.BitOr: "phép toán bit",
    ast.BitAnd: "phép toán bit",
    ast.BitXor: "phép toán bit",
    ast.Invert: "phép toán bit",
    ast.FloorDiv: "phép chia //",
    ast.JoinedStr: "chuỗi f",
    ast.Subscript: "ngoặc vuông sau tên",
    ast.Lambda: "lambda",
    ast.NamedExpr: "phép gán",
    ast.IfExp: "if … else",
    ast.ListComp: "vòng lặp",
    ast.SetComp: "vòng lặp",
    ast.DictComp: "vòng lặp",
    ast.GeneratorExp: "vòng lặp",
    ast.Is: "is (hãy dùng ==)",
    ast.IsNot: "is not (hãy dùng !=)",
}


class ExpressionError(Exception):
    """The expression is not of our language, or cannot be computed; the message is a Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class Parsed:
    body: ast.expr
    names: frozenset[str]  # dotted
    functions: frozenset[str]
    paths: tuple[tuple[str, ...], ...]
    """The names in parts; one that begins like another comes after it when it is shorter."""


def is_plain_name(name: str) -> bool:
    """Whether the text can stand as one part of a dotted name."""
    return name.isascii() and name.isidentifier() and not (name.startswith("_") or "__" in name or iskeyword(name))


def to_json_ast(expression: str) -> object:
    """The parsed expression as plain JSON, which `webapp/frontend/forms.js` evaluates alike. Raises ExpressionError."""
    return _json(parse(expression).body)


@lru_cache(maxsize=4096)
def parse(expression: str) -> Parsed:
    if not isinstance(expression, str) or not expression.strip():
        raise ExpressionError("Biểu thức trống.")
    if len(expression) > MAX_LENGTH:
        raise ExpressionError(f"Biểu thức dài quá {MAX_LENGTH} ký tự.")
    if "\\" in expression:
        raise ExpressionError("Biểu thức không được có dấu \\.")
    try:
        body = ast.parse(normalize("NFC", expression.strip()), mode="eval").body  # Texts are compared as answers are.
    except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
        raise ExpressionError(f"Không đọc được biểu thức “{short(expression)}”.{_hint(expression)}") from fault
    _check_tree(body)
    names, functions = _used(body)
    paths = sorted((tuple(name.split(".")) for name in names), key=lambda path: (-len(path), path))
    return Parsed(body, frozenset(names), frozenset(functions), tuple(paths))


def _hint(expression: str) -> str:
    single = "=" in expression.replace("==", "").replace("!=", "").replace("<=", "").replace(">=", "")
    return " So sánh bằng viết là ==." if single else ""


def short(expression: str) -> str:
    text = " ".join(expression.split())
    return text if len(text) <= 60 else text[:59] + "…"


def _check_tree(body: ast.expr) -> None:
    """Refuse every node that is not of the language; walks without recursion, since the tree is not yet trusted."""
    pending: list[tuple[ast.AST, int]] = [(body, 1)]
    while pending:
        node, depth = pending.pop()
        if depth > MAX_DEPTH:
            raise ExpressionError("Biểu thức lồng nhau quá sâu.")
        _check_node(node)
        pending += [(child, depth + 1) for child in ast.iter_child_nodes(node)]


def _check_node(node: ast.AST) -> None:
    if not isinstance(node, _ALLOWED):
        called = _CALLED.get(type(node))
        raise ExpressionError(f"Không được dùng {called}." if called else "Biểu thức dùng cấu trúc không được phép.")
    if isinstance(node, ast.Name):
        _check_name(node.id)
    elif isinstance(node, ast.Attribute):
        _check_name(node.attr)
        if not isinstance(node.value, ast.Name | ast.Attribute):
            raise ExpressionError("Dấu chấm chỉ được đứng sau một tên.")
    elif isinstance(node, ast.Constant):
        _check_constant(node.value)
    elif isinstance(node, ast.Call):
        _check_call(node)


def _check_name(name: str) -> None:
    if not is_plain_name(name):
        raise ExpressionError(f"Tên “{name}” không được dùng: chỉ chữ cái không dấu, số và dấu gạch dưới.")


def _check_constant(value: object) -> None:
    if not isinstance(value, bool | int | float | str | None):
        raise ExpressionError("Chỉ được viết số, chữ trong ngoặc kép, true, false và null.")
    try:
        plain(value)
    except NotPlainError as fault:
        raise ExpressionError(str(fault)) from fault


def _check_call(node: ast.Call) -> None:
    if not isinstance(node.func, ast.Name):
        raise ExpressionError("Chỉ được gọi hàm bằng tên của nó.")
    if node.keywords:
        raise ExpressionError(f"Hàm “{node.func.id}” nhận giá trị theo thứ tự, không theo tên.")


def _used(node: ast.AST) -> tuple[set[str], set[str]]:
    """Dotted names and functions used below the node."""
    if isinstance(node, ast.Name | ast.Attribute):
        path = path_of(node)
        return (set() if is_constant(path) else {".".join(path)}), set()
    names: set[str] = set()
    functions: set[str] = set()
    children: Iterable[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call):
        functions.add(path_of(node.func)[0])
        children = node.args
    for child in children:
        below = _used(child)
        names |= below[0]
        functions |= below[1]
    return names, functions


def path_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [*path_of(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else []


def is_constant(path: list[str]) -> bool:
    return len(path) == 1 and path[0] in CONSTANTS


# ── for the browser ──


def _json(node: ast.AST) -> object:
    if isinstance(node, ast.Name | ast.Attribute):
        path = path_of(node)
        return {"lit": CONSTANTS[path[0]]} if is_constant(path) else {"name": path}
    if isinstance(node, ast.Constant):
        return {"lit": node.value}
    if isinstance(node, ast.List | ast.Tuple):
        return {"list": [_json(element) for element in node.elts]}
    if isinstance(node, ast.BoolOp):
        return {"and" if isinstance(node.op, ast.And) else "or": [_json(value) for value in node.values]}
    return _json_operation(node)


def _json_operation(node: ast.AST) -> object:
    if isinstance(node, ast.UnaryOp):
        return {_UNARY[type(node.op)]: _json(node.operand)}
    if isinstance(node, ast.BinOp):
        return {"op": BINARY[type(node.op)][0], "of": [_json(node.left), _json(node.right)]}
    if isinstance(node, ast.Compare):
        rest = zip(node.ops, node.comparators, strict=True)
        return {"cmp": _json(node.left), "to": [[_COMPARE[type(sign)], _json(right)] for sign, right in rest]}
    assert isinstance(node, ast.Call)  # the last kind that _check_tree lets through
    return {"call": path_of(node.func)[0], "of": [_json(argument) for argument in node.args]}
