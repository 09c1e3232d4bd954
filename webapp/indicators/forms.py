"""The forms of indicators."""

from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields
from werkzeug.datastructures import MultiDict

from forms.notation import read_number, written_number
from webapp.indicators.commands import IndicatorFields
from webapp.indicators.models import Indicator, IndicatorPeriod, Operator
from webapp.indicators.standing import Target, is_percent, is_share
from webapp.organisation.fields import Choice, Chosen, Day, Form, Identifier, Number, Switch, Text

OWNERS = "owner_unit_ids"
FIGURES = ("target", "target_most", "baseline")
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Figure(Chosen):
    """A number as people in Việt Nam write it, None where nothing is typed."""

    def _read(self, text: str) -> float:
        number = read_number(text.removesuffix("%"))
        if number is None:
            raise ValidationError("Nhập một số, ví dụ 1.000 hoặc 2,5.")
        return float(number)


class Year(Number):
    """A year of four digits, None where nothing is typed."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        year = super().deserialize(value, attr, data, **kwargs)
        if year and not FIRST_YEAR <= year <= LAST_YEAR:
            raise ValidationError("Nhập năm có bốn chữ số, ví dụ 2030.")
        return year or None


class Identifiers(fields.Field[tuple[UUID, ...]]):
    """The ids of all that were ticked in a list."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[UUID, ...]:
        one = Identifier()
        return tuple(one.deserialize(text, attr, data) for text in value)


class IndicatorForm(Form):
    name = Text("Nhập tên chỉ tiêu.", most=500)
    operator = Choice(Operator)
    target = Figure()
    target_most = Figure()
    unit = Text(most=60)
    period = Choice(IndicatorPeriod, "Chọn kỳ của chỉ tiêu.")
    by_year = Year()
    denominator = Text(most=300)
    baseline = Figure()
    baseline_year = Year()
    is_cumulative = Switch()
    plan_task_id = Identifier()
    part_of_id = Identifier()
    owner_unit_ids = Identifiers()


class ValueForm(Form):
    value = Figure("Nhập số đạt được.")
    as_of = Day("Nhập ngày của số liệu.")
    unit_id = Identifier()
    whole = Figure()
    note = Text(most=500)


def stated(form: MultiDict[str, str]) -> IndicatorFields:
    """What a form states of an indicator. Raises ValidationError."""
    values = IndicatorForm().load({**form.to_dict(), OWNERS: form.getlist(OWNERS)})
    percents = [name for name in FIGURES if form.get(name, "").strip().endswith("%")]
    if percents and not values["unit"]:
        values["unit"] = "%"
    if percents and not is_percent(values["unit"]):
        raise ValidationError({percents[0]: [_not_a_share(values["unit"])]})
    return IndicatorFields(**values)


def measured(form: MultiDict[str, str], target: Target) -> dict[str, Any]:
    """What a form states of a value, in the indicator's unit. Raises ValidationError."""
    values: dict[str, Any] = ValueForm().load(form.to_dict())
    if form["value"].strip().endswith("%") and not is_share(target):
        raise ValidationError({"value": [_not_a_share(target.unit)]})
    return values


def _not_a_share(unit: str) -> str:
    return f"Chỉ tiêu này tính bằng {unit or 'số'}, không tính bằng %."


def typed(indicator: Indicator) -> dict[str, str]:
    """An indicator as its form shows it."""
    values: dict[str, str] = {}
    for name in IndicatorForm().fields.keys() - {OWNERS}:
        value = getattr(indicator, name)
        if isinstance(value, bool):
            values[name] = "on" if value else ""
        elif isinstance(value, float):
            values[name] = written_number(int(value) if value.is_integer() else value)
        else:
            values[name] = "" if value is None else str(value)
    return values
