"""Which fields are shown, and which must be answered, given what has been answered so far.

A hidden field counts as unanswered for every other condition, so conditions are decided in the order of what they
depend on; a circle among them is refused when the form is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter

from forms.cleaning import AnswerRefused, clean, empty
from forms.expressions import ExpressionError, evaluate, names_in
from forms.fields import Field, FieldType, FormContext


@dataclass(frozen=True, slots=True)
class Guarded:
    """A field with everything that may hide it: its own condition and those of the groups around it."""

    field: Field
    hides: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What holds for one set of answers."""

    scope: Mapping[str, object]  # What conditions read: surrounding names and legible answers, None where hidden.
    hidden: frozenset[str]
    required: frozenset[str]
    cleaned: Mapping[str, object]  # By field that is shown, but for lists: as it is stored, or why it cannot be.
    rows: Mapping[str, tuple["Decision | None", ...]]  # By list, for each row as given; None for a blank row.


@lru_cache(maxsize=2048)
def in_order(components: tuple[Field, ...]) -> tuple[Guarded, ...]:
    """The answered fields, each after those that its visibility depends on. Raises CycleError."""
    guarded = {each.field.key: each for each in _guarded(components)}
    graph = {key: sorted(_depends_on(each) & guarded.keys()) for key, each in guarded.items()}
    return tuple(guarded[key] for key in TopologicalSorter(graph).static_order())


def circle_of(components: tuple[Field, ...]) -> list[str]:
    """The keys of fields whose conditions wait for each other; empty when there are none."""
    try:
        in_order(components)
    except CycleError as circle:
        return sorted(set(circle.args[1]))
    return []


def decide(
    order: Sequence[Guarded], raw: Mapping[str, object], context: FormContext, names: Mapping[str, object]
) -> Decision:
    """Decide every condition; `names` is what surrounds the fields (of a row: the form's own answers too)."""
    scope = dict(names)
    hidden: set[str] = set()
    cleaned: dict[str, object] = {}
    rows: dict[str, tuple[Decision | None, ...]] = {}
    truth = _Truth(scope)
    for guarded in order:
        field = guarded.field
        if guarded.hides and any(map(truth.__getitem__, guarded.hides)):
            hidden.add(field.key)
            scope[field.key] = None
        elif field.type is FieldType.LIST:
            rows[field.key] = decide_rows(field, raw.get(field.key), context, scope)
            scope[field.key] = [_answers(field, row) for row in rows[field.key] if row]
        else:
            cleaned[field.key] = answer = _cleaned(field, raw.get(field.key), context)
            scope[field.key] = empty(field) if isinstance(answer, AnswerRefused) else answer
    shown = [guarded.field for guarded in order if guarded.field.key not in hidden]
    required = frozenset([field.key for field in shown if field.required or truth[field.required_when]])
    return Decision(scope, frozenset(hidden), required, cleaned, rows)


def decide_rows(
    field: Field, raw: object, context: FormContext, names: Mapping[str, object]
) -> tuple[Decision | None, ...]:
    """Decide each row of a list by its own answers; None for a row in which nothing was entered."""
    order = in_order(field.components)
    given = raw[: field.max_rows + 1] if isinstance(raw, list | tuple) else ()
    return tuple(_decide_row(order, row, context, names) for row in given)


def _decide_row(
    order: Sequence[Guarded], row: object, context: FormContext, names: Mapping[str, object]
) -> Decision | None:
    answers = row if isinstance(row, Mapping) else {}
    decision = decide(order, answers, context, names)
    shown = (guarded.field for guarded in order if guarded.field.key not in decision.hidden)
    return None if all(decision.cleaned[column.key] == empty(column) for column in shown) else decision


def _cleaned(field: Field, raw: object, context: FormContext) -> object:
    try:
        return clean(field, raw, context)
    except AnswerRefused as refused:
        return refused


def holds(condition: str, scope: Mapping[str, object]) -> bool:
    """Whether the condition is true; one that cannot be computed is not, so that nothing gets hidden by accident."""
    try:
        return bool(evaluate(condition, scope))
    except ExpressionError:
        return False


class _Truth(dict[str | None, bool]):
    """What the conditions of a form come to, each computed once: fields that go together often share theirs.

    What a condition reads has been decided by the time it is first asked for, and does not change after that.
    """

    def __init__(self, scope: Mapping[str, object]) -> None:
        super().__init__()
        self._scope = scope

    def __missing__(self, condition: str | None) -> bool:
        self[condition] = holds(condition, self._scope) if condition else False
        return self[condition]


def _answers(field: Field, row: Decision) -> dict[str, object]:
    return {column.key: row.scope[column.key] for column in field.components if column.key not in row.hidden}


def _guarded(components: Sequence[Field], above: tuple[str, ...] = ()) -> Iterator[Guarded]:
    for component in components:
        hides = (*above, component.hide) if component.hide else above
        if component.type is FieldType.GROUP:
            yield from _guarded(component.components, hides)
        elif component.answered:
            yield Guarded(component, hides)


def _depends_on(guarded: Guarded) -> set[str]:
    """First parts of the names that decide whether the field is shown, and of a list what its rows contain."""
    columns = guarded.field.components
    inside = {column.key for column in columns}
    own = {root for hide in guarded.hides for root in _roots(hide)}
    return own | {root for column in columns if column.hide for root in _roots(column.hide) if root not in inside}


def _roots(expression: str) -> set[str]:
    return {name.partition(".")[0] for name in names_in(expression)}
