"""Conditions as people choose them (a field, a test, a value), and as expressions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import Rejected

TESTS = {
    "is": "là",
    "is_not": "không là",
    "yes": "được đánh dấu, có nội dung",
    "no": "không đánh dấu, để trống",
    "at_least": "từ … trở lên",
    "less": "dưới …",
}
_OPPOSITE = {"is": "is_not", "is_not": "is", "yes": "no", "no": "yes", "at_least": "less", "less": "at_least"}
_SIGNS = {"is": "==", "is_not": "!=", "at_least": ">=", "less": "<"}
_COMPARED = re.compile(r'([a-z]\w*) (==|!=|>=|<) (?:"([^"]*)"|(-?[0-9][0-9.]*))')
_ALONE = re.compile(r"(not )?([a-z]\w*)")


Choices = Mapping[str, Mapping[str, str]]
"""What may be chosen in the fields of a form: field → value → label."""


class NoSuchChoice(Rejected):
    """A condition compares a field with what nobody can choose there."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`field` passes `test` (a name of TESTS) against `value`."""

    field: str
    test: str
    value: str = ""

    def opposite(self) -> "Condition":
        """What holds when this does not: a form says when a field is hidden, people say when it is shown."""
        return Condition(self.field, _OPPOSITE[self.test], self.value)

    def in_words(self, labels: Mapping[str, str], choices: Choices) -> str:
        """As the author of a form would say it."""
        label, value = labels.get(self.field, self.field), choices.get(self.field, {}).get(self.value, self.value)
        test = TESTS[self.test]
        return f"{label} {test.replace('…', value) if '…' in test else test} {'' if '…' in test else value}".strip()

    def expression(self) -> str:
        """In the language of `forms.expressions`."""
        if self.test in _SIGNS:
            is_number = self.test in ("at_least", "less")
            value = self.value.replace(",", ".") if is_number else '"{}"'.format(self.value.replace('"', ""))
            return f"{self.field} {_SIGNS[self.test]} {value}"
        return self.field if self.test == "yes" else f"not {self.field}"


def value_of(field: str, label: str, choices: Choices) -> str:
    """What is stored for a choice that is known by its label. Raises NoSuchChoice."""
    offered = choices.get(field, {})
    if not offered or label in offered:
        return label
    found = next((value for value, own in offered.items() if own.casefold() == label.casefold()), None)
    if found is None:
        raise NoSuchChoice(f"“{label}” không phải là một lựa chọn. Các lựa chọn: {', '.join(offered.values())}.")
    return found


def read(expression: str) -> Condition | None:
    """The condition that an expression is, or None for one that only its author can read."""
    expression = expression.strip()
    if match := _COMPARED.fullmatch(expression):
        test = next(name for name, sign in _SIGNS.items() if sign == match[2])
        return Condition(match[1], test, match[3] if match[3] is not None else match[4])
    if match := _ALONE.fullmatch(expression):
        return None if match[2] == "not" else Condition(match[2], "no" if match[1] else "yes")
    return None
