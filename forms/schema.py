"""A form as a marshmallow schema: decides what is hidden and required, cleans each answer, says what is wrong.

A schema is made once for a form and serves all its answers at once: what was decided for some goes along with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields, missing

from forms import messages
from forms.cleaning import AnswerRefused, empty
from forms.conditions import Decision, Guarded, decide, in_order
from forms.expressions import ExpressionError, evaluate
from forms.fields import Field, FieldType, FormContext, answered_fields
from forms.notation import read_date, shown_number, written_date
from forms.values import is_number, local_day


class Given(dict[str, object]):
    """Answers as they were given, with what surrounds them and what was decided for them."""

    def __init__(self, answers: Mapping[str, object], surroundings: FormContext, decision: Decision) -> None:
        super().__init__(answers)
        self.surroundings = surroundings
        self.decision = decision


class AnswersSchema(Schema):
    """The answers to one form, or to one row of a list in it."""

    order: ClassVar[tuple[Guarded, ...]] = ()

    class Meta:
        unknown = EXCLUDE  # A page posts more than its form: the token, the button that was pressed.
        register = False  # marshmallow would keep every class for ever.

    def judge(self, raw: Mapping[str, object], surroundings: FormContext) -> dict[str, object]:
        """Decide every condition before any answer is looked at. Raises ValidationError."""
        return self.judge_decided(raw, surroundings, decide(self.order, raw, surroundings, surroundings.names))

    def judge_decided(
        self, raw: Mapping[str, object], surroundings: FormContext, decision: Decision
    ) -> dict[str, object]:
        """Clean each answer. Raises ValidationError."""
        answers: dict[str, object] = self.load(Given(raw, surroundings, decision))
        return answers


def compile_schema(components: tuple[Field, ...]) -> AnswersSchema:
    """The schema of these fields."""
    answers = {field.key: _answer(field) for field in answered_fields(components)}
    schema: type[AnswersSchema] = type("Answers", (AnswersSchema,), dict(answers))
    schema.order = in_order(components)  # Set afterwards: a form may well have a field of this name.
    return schema()


def _answer(field: Field) -> "Answer":
    return Rows(field) if field.type is FieldType.LIST else Answer(field)


class Answer(fields.Field[object]):
    """One answer: dropped when hidden, else cleaned, then required and limits."""

    def __init__(self, field: Field) -> None:
        super().__init__(allow_none=True)
        self.field = field
        self.none = empty(field)

    def deserialize(self, value: Any, attr: str | None = None, data: Mapping[str, Any] | None = None, **_: Any) -> Any:
        """Raises ValidationError with a Vietnamese sentence, or a dictionary of them by row and column."""
        assert isinstance(data, Given)
        decision = data.decision
        if self.field.key in decision.hidden:
            return missing
        answer = self.read(None if value is missing else value, data)
        if answer == self.none:
            if self.field.key in decision.required:
                raise ValidationError(messages.missing(self.field))
        elif fault := _fault_of_limits(self.field, answer, decision.scope):
            raise ValidationError(fault)
        return answer

    def read(self, raw: object, given: Given) -> object:
        answer = given.decision.cleaned[self.field.key]
        if isinstance(answer, AnswerRefused):
            raise ValidationError(str(answer)) from answer
        return answer


class Rows(Answer):
    """A table of rows; blank rows are dropped."""

    def __init__(self, field: Field) -> None:
        super().__init__(field)
        self.row_schema = compile_schema(field.components)

    def read(self, raw: object, given: Given) -> list[object]:
        rows = [] if raw is None else raw
        if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
            raise ValidationError(messages.not_rows(self.field))
        decided = given.decision.rows[self.field.key]
        if len(decided) > self.field.max_rows:
            raise ValidationError(messages.too_many(self.field, self.field.max_rows))
        return self._load(rows, decided, given.surroundings)

    def _load(
        self, given: Sequence[Mapping[str, object]], decided: Sequence[Decision | None], surroundings: FormContext
    ) -> list[object]:
        rows: list[object] = []
        errors: dict[int, object] = {}
        for index, (row, decision) in enumerate(zip(given, decided, strict=True)):
            if decision is None:
                continue
            try:
                rows.append(self.row_schema.judge_decided(row, surroundings, decision))
            except ValidationError as refused:
                errors[index] = refused.messages
        if errors:
            raise ValidationError({str(index): fault for index, fault in errors.items()})
        return rows


def flattened(errors: object, name: str = "") -> Iterator[tuple[str, list[str]]]:
    """Messages by the name of the input they belong to: `rows-0-result`."""
    if isinstance(errors, Mapping):
        for key, below in errors.items():
            yield from flattened(below, f"{name}-{key}" if name else str(key))
    elif isinstance(errors, list):
        yield name, [str(message) for message in errors]


def _fault_of_limits(field: Field, answer: object, scope: Mapping[str, object]) -> str:
    if field.minimum is None and field.maximum is None:
        return ""
    given = _comparable(field, answer)
    least, most = (_limit(field, text, scope) for text in (field.minimum, field.maximum))
    if least is not None and given is not None and given < least:
        return messages.below(field, _shown(least))
    if most is not None and given is not None and given > most:
        return messages.above(field, _shown(most))
    return ""


def _limit(field: Field, text: str | None, scope: Mapping[str, object]) -> Any:
    """The limit as it holds for these answers; None where there is none, or it cannot be computed."""
    if text is None or not text.startswith("="):
        return _comparable(field, text)
    try:
        return _comparable(field, evaluate(text[1:], scope))
    except ExpressionError:
        return None


def _comparable(field: Field, value: object) -> Any:
    """A Decimal for numbers, a day for dates."""
    if field.type is FieldType.DATE:
        return read_date(value) if isinstance(value, str) else local_day(value)
    if field.type is not FieldType.NUMBER or not (is_number(value) or isinstance(value, str)):
        return None
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def _shown(limit: date | Decimal) -> str:
    if isinstance(limit, date):
        return written_date(limit)
    return shown_number(int(limit) if limit == int(limit) else float(limit))
