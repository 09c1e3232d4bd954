"""The ward's figure of an indicator, made of what its units reported, and how it was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from webapp.indicators.models import IndicatorPeriod
from webapp.indicators.standing import Target, figure, is_share, round_of, rounds_in

MOST_WRITTEN_OUT = 6
"""Of so many units the sum is written out; of more the table of units says it."""


class Method(StrEnum):
    """How the ward's figure comes about."""

    STATED = "stated"  # somebody stated the figure of the whole ward
    SUM = "sum"
    WEIGHTED = "weighted"  # shares, each weighed by its whole
    MEAN = "mean"  # shares whose wholes are not all known


@dataclass(frozen=True, slots=True)
class Measured:
    """A value that was reported."""

    unit_id: UUID | None
    year: int
    as_of: date
    value: float
    succeeded: tuple[UUID, date] | None = None  # by whom, and from when on, the unit's work goes on
    whole: float | None = None  # of how many, where the value is a share
    renamed: UUID | None = None  # the unit that came into being in its place: its figure is that one's


@dataclass(frozen=True, slots=True)
class UnitFigure:
    """What one unit adds to the ward's figure."""

    unit_id: UUID | None  # None: the ward as a whole
    value: float
    whole: float | None
    reported: tuple[float, ...]  # what was added up; one where the newest counts
    as_of: date
    renamed: UUID | None


@dataclass(frozen=True, slots=True)
class RollUp:
    """The ward's figure of a year with all that went into it."""

    value: float
    method: Method
    units: tuple[UnitFigure, ...]

    @property
    def whole(self) -> float | None:
        """Of how many the ward's share is, where all units say."""
        wholes = [one.whole for one in self.units if one.whole is not None]
        return tidy(sum(wholes)) if len(wholes) == len(self.units) else None

    def by_unit(self) -> dict[UUID | None, float]:
        """The figures of single units."""
        return {one.unit_id: one.value for one in self.units}


def roll_up(
    target: Target, values: Iterable[Measured], year: int, main: Mapping[UUID | None, float] | None = None
) -> RollUp | None:
    """The figure of a year, of its newest round where the target begins anew several times a year.

    Counts add up; shares are weighed by their wholes where every unit says its own. A share of an indicator that counts
    ("trong đó 60% là …") has the unit's figure of that one, `main`, as its whole. None where nothing was reported.
    """
    made = by_round(target, values, year, main)
    return made[max(made)] if made else None


def by_round(
    target: Target, values: Iterable[Measured], year: int, main: Mapping[UUID | None, float] | None = None
) -> dict[int, RollUp]:
    """The figures of the rounds of a year in which something was reported; a target of the whole year has one."""
    rounds: dict[int, list[Measured]] = {}
    for one in sorted(values, key=lambda one: one.as_of):
        if one.year == year or (target.period is IndicatorPeriod.BY_YEAR and one.year < year):
            number = round_of(target, year, one.as_of) if rounds_in(target) > 1 else 1
            rounds.setdefault(number, []).append(one)
    return {number: _made(target, rounds[number], main or {}) for number in sorted(rounds)}


def _made(target: Target, values: Iterable[Measured], main: Mapping[UUID | None, float]) -> RollUp:
    counted = _by_unit(values)
    if None in counted:  # Somebody stated the figure of the whole ward.
        counted = {None: counted[None]}
    units = tuple(_of_unit(target, unit_id, of_unit, main) for unit_id, of_unit in counted.items())
    method = _method(target, units)
    return RollUp(_total(method, units), method, units)


def _by_unit(values: Iterable[Measured]) -> dict[UUID | None, list[Measured]]:
    counted: dict[UUID | None, list[Measured]] = {}
    for one in values:
        counted.setdefault(one.unit_id, []).append(one)
    _join_successors(counted)
    return counted


def _join_successors(counted: dict[UUID | None, list[Measured]]) -> None:
    """What a unit reported before it was renamed or merged, and its successor since, is one unit's."""
    for unit_id in list(counted):
        place = counted[unit_id][-1].succeeded
        if place is not None and place[0] in counted and counted[place[0]][-1].as_of >= place[1]:
            joined = [*counted.pop(unit_id), *counted[place[0]]]
            counted[place[0]] = sorted(joined, key=lambda one: one.as_of)


def _of_unit(
    target: Target, unit_id: UUID | None, values: Sequence[Measured], main: Mapping[UUID | None, float]
) -> UnitFigure:
    newest = values[-1]
    if is_share(target):
        whole = newest.whole if newest.whole is not None else main.get(unit_id)
        return UnitFigure(unit_id, newest.value, whole, (newest.value,), newest.as_of, newest.renamed)
    counts = (newest.value,) if target.is_cumulative else tuple(one.value for one in values)
    return UnitFigure(unit_id, tidy(sum(counts)), None, counts, newest.as_of, newest.renamed)


def _method(target: Target, units: Sequence[UnitFigure]) -> Method:
    if units[0].unit_id is None:
        return Method.STATED
    if not is_share(target):
        return Method.SUM
    weights = [one.whole for one in units if one.whole is not None]
    return Method.WEIGHTED if len(weights) == len(units) and sum(weights) > 0 else Method.MEAN


def _total(method: Method, units: Sequence[UnitFigure]) -> float:
    if method is Method.WEIGHTED:
        return _share(sum(one.value * (one.whole or 0) for one in units) / sum(one.whole or 0 for one in units))
    total = sum(one.value for one in units)
    return _share(total / len(units)) if method is Method.MEAN else tidy(total)


def _share(value: float) -> float:
    """As it is shown, so that nobody sees 80% called less than 80%."""
    return round(value, 2)


def tidy(value: float) -> float:
    """Without what adding up binary fractions leaves."""
    return round(value, 6)


def calculation(made: RollUp, unit: str) -> str:
    """How the ward's figure was made, in words and figures; of several units only, else there is nothing to tell."""
    if made.method is Method.STATED:
        added = f" {_of_one(made.units[0], unit)}" if len(made.units[0].reported) > 1 else ""
        return f"Số của toàn phường, ghi trực tiếp; số riêng của các đơn vị không tính thêm.{added}"
    if len(made.units) == 1:
        return _of_one(made.units[0], unit)
    return f"{_METHOD_WORDS[made.method].format(len(made.units))}{_written_out(made, unit)}."


_METHOD_WORDS = {
    Method.SUM: "Cộng số của {} đơn vị",
    Method.WEIGHTED: "Bình quân của {} đơn vị, đơn vị có tổng số lớn hơn được tính nhiều hơn",
    Method.MEAN: "Bình quân đơn giản của {} đơn vị, vì chưa đủ đơn vị ghi tổng số",
}


def _of_one(one: UnitFigure, unit: str) -> str:
    if len(one.reported) > 1:
        return f"Cộng {len(one.reported)} lần báo cáo: {_sum(one.reported)} = {figure(one.value, unit)}."
    return f"Số mới nhất của một đơn vị{f', trên tổng số {figure(one.whole)}' if one.whole is not None else ''}."


def _written_out(made: RollUp, unit: str) -> str:
    if len(made.units) > MOST_WRITTEN_OUT:
        return ""
    result = figure(made.value, unit)
    if made.method is Method.SUM:
        return f": {_sum([one.value for one in made.units])} = {result}"
    if made.method is Method.MEAN:
        return f": ({_sum([one.value for one in made.units])}) : {len(made.units)} = {result}"
    weighed = " + ".join(f"{figure(one.value, unit)} × {figure(one.whole)}" for one in made.units)
    return f": ({weighed}) : {figure(made.whole)} = {result}"


def _sum(values: Iterable[float]) -> str:
    return " + ".join(map(figure, values))
