"""How an indicator stands: whether what was reached is what the plan wants; and its figures in words."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from typing import Protocol

from forms.notation import shown_number
from webapp.indicators.models import IndicatorPeriod, Operator

NEAR = 0.9
"""A target that is only about a figure is reached from nine tenths of it."""

SIGNS = {
    Operator.AT_LEAST: "≥", Operator.MORE_THAN: ">", Operator.AT_MOST: "≤", Operator.LESS_THAN: "<",
    Operator.EXACTLY: "", Operator.ABOUT: "khoảng",
}  # fmt: skip
OPERATOR_NAMES = {
    Operator.AT_LEAST: "từ … trở lên (≥)", Operator.MORE_THAN: "trên (>)", Operator.AT_MOST: "không quá (≤)",
    Operator.LESS_THAN: "dưới (<)", Operator.EXACTLY: "bằng", Operator.ABOUT: "khoảng", Operator.BETWEEN: "từ … đến …",
}  # fmt: skip
PERIOD_NAMES = {
    IndicatorPeriod.YEARLY: "mỗi năm", IndicatorPeriod.BY_YEAR: "đến năm", IndicatorPeriod.HALF_YEARLY: "mỗi 6 tháng",
    IndicatorPeriod.QUARTERLY: "mỗi quý", IndicatorPeriod.MONTHLY: "mỗi tháng",
}  # fmt: skip

ROUNDS = {IndicatorPeriod.HALF_YEARLY: 2, IndicatorPeriod.QUARTERLY: 4, IndicatorPeriod.MONTHLY: 12}
"""So many times a year such a target begins anew; others once."""
MONTHS = 12
NUMERALS = ("I", "II", "III", "IV")


class IndicatorState(StrEnum):
    """The figure held against the target."""

    MET = "met"
    WITHIN = "within"  # of what may not be exceeded something is used, and there is time
    NOT_YET = "not_yet"  # below it, and there is time
    MISSED = "missed"  # below it, and the time is over; or above what counts may not exceed
    NO_VALUE = "no_value"
    NO_TARGET = "no_target"  # the plan names none: it is followed

    @property
    def label(self) -> str:
        """As pages and reports write it."""
        return STATE_NAMES[self]


STATE_NAMES = {
    IndicatorState.MET: "Đạt", IndicatorState.WITHIN: "Trong mức cho phép",
    IndicatorState.NOT_YET: "Chưa đạt, còn thời gian", IndicatorState.MISSED: "Không đạt",
    IndicatorState.NO_VALUE: "Chưa có số liệu", IndicatorState.NO_TARGET: "Theo dõi, không đặt mức",
}  # fmt: skip


UNANSWERED = "Chưa có đơn vị chịu trách nhiệm"
"""Who answers for an indicator that nobody is asked for."""


class Target(Protocol):
    """What of an indicator its standing looks at."""

    @property
    def operator(self) -> Operator | None: ...
    @property
    def target(self) -> float | None: ...
    @property
    def target_most(self) -> float | None: ...
    @property
    def unit(self) -> str: ...
    @property
    def period(self) -> IndicatorPeriod: ...
    @property
    def by_year(self) -> int | None: ...
    @property
    def is_cumulative(self) -> bool: ...


def is_share(target: Target) -> bool:
    """Whether values are parts of a whole, which do not add up."""
    return is_percent(target.unit)


def is_percent(unit: str) -> bool:
    """Whether figures in that unit are parts of a hundred: "%", "% người dân"."""
    return unit.strip().startswith("%")


_MEETS: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.AT_LEAST: lambda value, target: value >= target,
    Operator.MORE_THAN: lambda value, target: value > target,
    Operator.AT_MOST: lambda value, target: value <= target,
    Operator.LESS_THAN: lambda value, target: value < target,
    Operator.EXACTLY: lambda value, target: value >= target,
    Operator.ABOUT: lambda value, target: value >= NEAR * target,
    Operator.BETWEEN: lambda value, target: value >= target,
}


def state_of(target: Target, value: float | None, year: int, today: date, number: int | None = None) -> IndicatorState:
    """How the figure of a year stands on a day, or that of a round of it."""
    if target.target is None:
        return IndicatorState.NO_TARGET if value is not None else IndicatorState.NO_VALUE
    if value is None:
        return IndicatorState.NO_VALUE
    last = target.by_year if target.period is IndicatorPeriod.BY_YEAR and target.by_year else year
    is_over = today > (last_day(target, year, number) if number else date(last, MONTHS, 31))
    if _MEETS[target.operator or Operator.EXACTLY](value, target.target):
        return IndicatorState.MET if is_over or not is_allowance(target) else IndicatorState.WITHIN
    return IndicatorState.MISSED if is_over or is_allowance(target) else IndicatorState.NOT_YET


def is_allowance(target: Target) -> bool:
    """Whether it limits something counted, which only grows: what is used up does not come back."""
    return target.operator in (Operator.AT_MOST, Operator.LESS_THAN) and not is_share(target)


def rounds_in(target: Target) -> int:
    """How often in a year the target begins anew."""
    return ROUNDS.get(target.period, 1)


def round_of(target: Target, year: int, day: date) -> int:
    """The round of a year that a day belongs to; what is reported after the year belongs to its last."""
    months = MONTHS // rounds_in(target)
    return 1 if day.year < year else rounds_in(target) if day.year > year else (day.month - 1) // months + 1


def last_day(target: Target, year: int, number: int) -> date:
    """The last day of a round."""
    month = MONTHS // rounds_in(target) * number
    return date(year, month, monthrange(year, month)[1])


def round_name(target: Target, number: int) -> str:
    """ "quý III"."""
    if target.period is IndicatorPeriod.QUARTERLY:
        return f"quý {NUMERALS[number - 1]}"
    if target.period is IndicatorPeriod.HALF_YEARLY:
        return "6 tháng đầu năm" if number == 1 else "6 tháng cuối năm"
    return f"tháng {number}"


def allowance_words(target: Target, value: float | None) -> str:
    """ "đã dùng 60% mức cho phép, còn 8 hồ sơ", "vượt mức cho phép 3 hồ sơ"; empty where nothing is limited."""
    if value is None or target.target is None or not is_allowance(target):
        return ""
    if not _MEETS[target.operator or Operator.EXACTLY](value, target.target):
        above = figure(round(value - target.target, 6), target.unit)
        return f"vượt mức cho phép {above}" if value > target.target else "đã đến mức không được chạm tới"
    left = figure(round(target.target - value, 6), target.unit)
    used = f"{figure(round(100 * value / target.target), '%')} " if target.target else ""
    return f"đã dùng {used}mức cho phép, còn {left}"


def figure(value: float | None, unit: str = "") -> str:
    """A value with its unit, as one reads it; empty where there is none."""
    if value is None:
        return ""
    number = shown_number(int(value) if float(value).is_integer() else value)
    return f"{number}{'' if unit == '%' else ' '}{unit}".strip()


def target_words(target: Target) -> str:
    """ "≥ 3%", "từ 1 đến 2 sáng kiến"; empty where the plan names no figure."""
    if target.target is None:
        return ""
    if target.operator is Operator.BETWEEN and target.target_most is not None:
        return f"từ {figure(target.target)} đến {figure(target.target_most, target.unit)}"
    return f"{SIGNS.get(target.operator or Operator.EXACTLY, '')} {figure(target.target, target.unit)}".strip()


def period_words(target: Target) -> str:
    """ "mỗi năm", "đến năm 2030"."""
    words = PERIOD_NAMES[target.period]
    return f"{words} {target.by_year or ''}".strip() if target.period is IndicatorPeriod.BY_YEAR else words
