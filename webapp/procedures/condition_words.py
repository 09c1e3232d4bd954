"""Conditions of branches as the editor shows them: fields and choices by what people call them."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from forms.definition import FormDefinition, InvalidForm
from forms.fields import FieldType
from forms.grammar import ExpressionError, parse, path_of
from forms.notation import read_date, written_date, written_number
from forms.values import is_number

SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "là", ast.NotEq: "khác", ast.Lt: "nhỏ hơn", ast.LtE: "không quá", ast.Gt: "lớn hơn", ast.GtE: "ít nhất",
}  # fmt: skip
JOINS: Mapping[type[ast.boolop], str] = {ast.And: " và ", ast.Or: " hoặc "}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a form asks, as conditions name it."""

    label: str
    type: FieldType
    choices: Mapping[str, str] = field(default_factory=dict)  # value → label


Names = Mapping[str, Asked]
"""By dotted name: the step, then the field."""


class _NoWords(Exception):  # noqa: N818  expected: the expression stays as it is written
    """More than comparisons of known fields."""


def asked_by(step_id: str, step: str, source: bytes) -> dict[str, Asked]:
    """What a step's form asks; nothing where the form is none."""
    try:
        fields = FormDefinition.parse(source).fields
    except InvalidForm:
        return {}
    return {
        f"{step_id}.{one.key}": Asked(
            f"“{step}”: {one.label}", one.type, {option.value: option.label for option in one.options}
        )
        for one in fields
    }  # fmt: skip


def condition_in_words(text: str, names: Names) -> str:
    """The condition as one says it; as it is written where it is more than comparisons of what forms ask."""
    try:
        return _said(parse(text).body, names)
    except (ExpressionError, _NoWords):
        return text


def _said(node: ast.expr, names: Names) -> str:
    if isinstance(node, ast.BoolOp):
        parts = [_said(part, names) for part in node.values]
        inner = [
            f"({said})" if isinstance(part, ast.BoolOp) else said for part, said in zip(node.values, parts, strict=True)
        ]
        return JOINS[type(node.op)].join(inner)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) and not isinstance(node.operand, ast.BoolOp):
        return f"{_known(node.operand, names).label}: không"
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in SIGNS:
        asked = _known(node.left, names)
        return f"{asked.label} {SIGNS[type(node.ops[0])]} {_value(node.comparators[0], asked)}"
    return f"{_known(node, names).label}: có"


def _known(node: ast.expr, names: Names) -> Asked:
    asked = names.get(".".join(path_of(node)))
    if asked is None:
        raise _NoWords
    return asked


def _value(node: ast.expr, asked: Asked) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int | float) and is_number(value):
        return written_number(value)
    if not isinstance(value, str):
        raise _NoWords
    day = read_date(value) if asked.type is FieldType.DATE else None
    return written_date(day) if day else f"“{asked.choices.get(value, value)}”"
