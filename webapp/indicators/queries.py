"""Indicators as pages and reports read them: each with what was reached, and how that stands."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.calendar import LOCAL
from webapp.documents.models import Attachment
from webapp.documents.rendering.consolidated import IndicatorStanding, YearValue
from webapp.indicators.held import Held, held_targets
from webapp.indicators.measured import measured
from webapp.indicators.models import Indicator, IndicatorValue
from webapp.indicators.owners import owners_of, unasked_of
from webapp.indicators.rolling_up import Measured, RollUp, by_round, calculation, roll_up
from webapp.indicators.standing import (
    IndicatorState,
    Target,
    allowance_words,
    figure,
    is_share,
    period_words,
    round_name,
    rounds_in,
    state_of,
    target_words,
)
from webapp.organisation.models import Person, Unit
from webapp.plans.models import PlanTask, TaskGroup
from webapp.plans.places import place_name


@dataclass(frozen=True, slots=True)
class RoundFigure:
    """The ward's figure of a quarter, or of another round of a year."""

    name: str  # "quý III"
    value: float
    reached: str
    state: IndicatorState


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLine:
    """An indicator with its standing in a year."""

    indicator: Indicator
    judged: Target  # what the year's figure is held against
    owners: Mapping[UUID, str]  # who answers for it: those named, else who leads its task
    is_unasked: bool  # those named lead nothing whose report would ask them
    task_id: UUID | None
    place: str  # of its task: "II.3"
    task: str
    main: str  # the name of the indicator that it is a part of
    made: RollUp | None  # the ward's figure; None where nothing was reported
    rounds: tuple[RoundFigure, ...]  # where the target begins anew several times a year
    main_value: float | None  # the ward's figure of the indicator that it is a part of, where both count the same
    state: IndicatorState
    years: tuple[tuple[int, float], ...]  # the ward's figure by year

    @property
    def is_retired(self) -> bool:
        """Whether it is followed no longer."""
        return self.indicator.retired_at is not None

    @property
    def value(self) -> float | None:
        """The ward's figure."""
        return self.made.value if self.made else None

    @property
    def owner(self) -> str:
        """Their names; empty where nobody is asked."""
        return "; ".join(self.owners.values())

    @property
    def awaited(self) -> tuple[str, ...]:
        """The owners whose part is not in the ward's figure yet."""
        stated = {one.renamed or one.unit_id for one in self.made.units} if self.made else set()
        is_whole = None in stated or len(self.owners) < 2
        return () if is_whole else tuple(name for id_, name in self.owners.items() if id_ not in stated)

    @property
    def calculation(self) -> str:
        """How the ward's figure was made of what units reported, and whose part is not in it."""
        made = calculation(self.made, self.indicator.unit) if self.made else ""
        lacks = f"Chưa có số của {', '.join(self.awaited)}." if self.made and self.awaited else ""
        return " ".join(filter(None, (made, lacks, self.earlier)))

    @property
    def earlier(self) -> str:
        """ "Quý I: 5 buổi (không đạt); quý II: 12 buổi (đạt)."; of the rounds before the newest that has a figure."""
        told = (f"{one.name}: {one.reached} ({one.state.label.lower()})" for one in self.rounds[:-1])
        words = "; ".join(told)
        return f"{words[:1].upper()}{words[1:]}." if words else ""

    @property
    def of_main(self) -> str:
        """ "bằng 12% của chỉ tiêu chính"; or that a part is greater than its whole, which cannot be."""
        if self.value is None or not self.main_value:
            return ""
        if self.value > self.main_value:
            return "lớn hơn chỉ tiêu chính: kiểm tra lại số liệu"
        return f"bằng {figure(round(100 * self.value / self.main_value, 1), '%')} của chỉ tiêu chính"

    @property
    def target(self) -> str:
        """ "≥ 3%"; "≥ 3% (nay ≥ 5%)" where it was changed after the year was reported."""
        held, now = target_words(self.judged), target_words(self.indicator)
        return held if held == now else f"{held or 'không đặt mức'} (nay {now or 'không đặt mức'})"

    @property
    def period(self) -> str:
        """ "mỗi năm"."""
        return period_words(self.indicator)

    @property
    def reached(self) -> str:
        """ "2,4%"; "12 buổi (quý III)"."""
        reached = figure(self.value, self.indicator.unit)
        return f"{reached} ({self.rounds[-1].name})" if self.rounds else reached

    @property
    def allowance(self) -> str:
        """How much of what may not be exceeded is used."""
        return allowance_words(self.judged, self.value)

    @property
    def percent(self) -> int | None:
        """How far it is to the target, for a bar."""
        if self.value is None or not self.judged.target:
            return None
        return max(0, min(100, round(100 * self.value / self.judged.target)))

    @property
    def change(self) -> float | None:
        """Against the year before, else against the baseline."""
        before = self.years[-2][1] if len(self.years) > 1 else self.indicator.baseline
        return None if self.value is None or before is None else round(self.value - before, 6)


@dataclass(frozen=True, slots=True)
class PlanIndicators:
    """All indicators of a plan, parts behind their whole."""

    lines: tuple[IndicatorLine, ...]

    @property
    def unanswered(self) -> int:
        """For how many nobody answers."""
        return sum(not line.owners for line in self.lines if not line.is_retired)

    @property
    def unasked(self) -> int:
        """For how many those who answer are never asked."""
        return sum(line.is_unasked for line in self.lines if not line.is_retired)

    @property
    def counts(self) -> Counter[IndicatorState]:
        """The roll-up: how many stand where, parts counted too."""
        return Counter(line.state for line in self.lines)

    def count(self, state: str) -> int:
        """How many stand so."""
        return self.counts[IndicatorState(state)]


def indicators_of_plan(read: Session, plan_id: UUID, year: int, today: date) -> PlanIndicators:
    """A plan's indicators as they stand in a year: what was retired after it keeps its figure there."""
    until = Indicator.retired_at.is_(None) | (Indicator.retired_at >= datetime(year + 1, 1, 1, tzinfo=LOCAL))
    rows = read.execute(_LINES.where(Indicator.plan_id == plan_id, until)).all()
    lines = (line for line in _lines(read, rows, year, today) if line.made or not line.is_retired)
    return PlanIndicators(tuple(_ordered(list(lines))))


def find_indicator_line(
    read: Session, tenant_id: UUID, indicator_id: UUID, year: int, today: date
) -> IndicatorLine | None:
    """One of them, retired or not."""
    rows = read.execute(_LINES.where(Indicator.id == indicator_id, Indicator.tenant_id == tenant_id)).all()
    return next(iter(_lines(read, rows, year, today)), None)


_main: Any = sa.orm.aliased(Indicator, name="main")
_LINES: Any = (
    sa.select(
        Indicator, _main, PlanTask.ordinal, PlanTask.content, TaskGroup.numeral,
    )
    .outerjoin(PlanTask, PlanTask.id == Indicator.plan_task_id)
    .outerjoin(TaskGroup, TaskGroup.id == PlanTask.group_id)
    .outerjoin(_main, _main.id == Indicator.part_of_id)
    .order_by(Indicator.position)
)  # fmt: skip


def _lines(read: Session, rows: Sequence[Any], year: int, today: date) -> list[IndicatorLine]:
    wanted = {one.id for row in rows for one in (row.Indicator, row.main) if one is not None}
    values = measured(read, sorted(wanted))
    indicators = [row.Indicator for row in rows]
    held = held_targets(read, indicators, year)
    owners, unasked = owners_of(read, indicators), unasked_of(read, indicators)
    return [
        _line(row, held.get(row.Indicator.id), owners.get(row.Indicator.id, {}), unasked, values, year, today)
        for row in rows
    ]


def _line(
    row: Any,
    held: Held | None,
    owners: Mapping[UUID, str],
    unasked: Container[UUID],
    values: Mapping[UUID, Sequence[Measured]],
    year: int,
    today: date,
) -> IndicatorLine:
    indicator: Indicator = row.Indicator
    own = values.get(indicator.id, ())
    by_year = {one: _rolled_up(row, values, one) for one in sorted({v.year for v in own if v.year <= year} | {year})}
    judged = held or indicator
    made, main, rounds = by_year[year], _main_figure(row, values, year), _rounds(row, judged, values, year, today)
    return IndicatorLine(
        indicator=indicator, judged=judged, owners=owners, is_unasked=indicator.id in unasked,
        task_id=indicator.plan_task_id, task=row.content or "",
        place=place_name(row.numeral, row.ordinal) if row.ordinal else "",
        main=row.main.name if row.main else "", made=made,
        main_value=main.value if main and row.main.unit == indicator.unit else None, rounds=rounds,
        state=rounds[-1].state if rounds else state_of(judged, made.value if made else None, year, today),
        years=tuple((one, figures.value) for one, figures in by_year.items() if figures is not None),
    )  # fmt: skip


def _rolled_up(row: Any, values: Mapping[UUID, Sequence[Measured]], year: int) -> RollUp | None:
    main = _main_figure(row, values, year)
    return roll_up(row.Indicator, values.get(row.Indicator.id, ()), year, main.by_unit() if main else None)


def _rounds(
    row: Any, judged: Target, values: Mapping[UUID, Sequence[Measured]], year: int, today: date
) -> tuple[RoundFigure, ...]:
    indicator, main = row.Indicator, _main_figure(row, values, year)
    if rounds_in(indicator) == 1:
        return ()
    made = by_round(indicator, values.get(indicator.id, ()), year, main.by_unit() if main else None)
    return tuple(
        RoundFigure(
            round_name(indicator, number), one.value, figure(one.value, indicator.unit),
            state_of(judged, one.value, year, today, number),
        )
        for number, one in made.items()
    )  # fmt: skip


def _main_figure(row: Any, values: Mapping[UUID, Sequence[Measured]], year: int) -> RollUp | None:
    """The figure of the indicator that this one is a part of, where that one counts something."""
    if row.main is None or is_share(row.main):
        return None
    return roll_up(row.main, values.get(row.main.id, ()), year)


def _ordered(lines: list[IndicatorLine]) -> Iterable[IndicatorLine]:
    """Parts behind their whole."""
    parts: dict[UUID, list[IndicatorLine]] = {}
    followed = {line.indicator.id for line in lines}
    for line in lines:
        if line.indicator.part_of_id in followed and line.indicator.part_of_id is not None:
            parts.setdefault(line.indicator.part_of_id, []).append(line)
    for line in lines:
        if line.indicator.part_of_id not in followed:
            yield line
            yield from parts.get(line.indicator.id, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """A value as the indicator's page lists it."""

    id: UUID
    as_of: date
    unit: str
    value: float
    whole: float | None
    note: str
    case_id: UUID | None  # it came with this case's report
    evidence_id: UUID | None
    evidence: str
    who: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class UnitLine:
    """What one unit adds to the ward's figure of a year."""

    unit: str
    reported: str  # "3 + 4", where several reports are added up
    figure: str
    whole: str
    as_of: date


def units_of(read: Session, line: IndicatorLine) -> tuple[UnitLine, ...]:
    """The units whose figures make up the ward's; none where somebody stated the ward's own."""
    figures = [one for one in line.made.units if one.unit_id is not None] if line.made else []
    named = sa.select(Unit.id, Unit.name).where(Unit.id.in_([one.unit_id for one in figures]))
    names = {row.id: row.name for row in read.execute(named)} if figures else {}
    return tuple(
        UnitLine(
            names[one.unit_id], " + ".join(map(figure, one.reported)) if len(one.reported) > 1 else "",
            figure(one.value, line.indicator.unit), figure(one.whole), one.as_of,
        )
        for one in figures
    )  # fmt: skip


def values_of(read: Session, indicator: Indicator, most: int) -> tuple[ValueLine, ...]:
    """What was reported for an indicator, newest first."""
    rows = read.execute(
        sa.select(IndicatorValue, Unit.name.label("unit"), Person.name.label("who"), Attachment.name.label("file"))
        .outerjoin(Unit, Unit.id == IndicatorValue.unit_id)
        .outerjoin(Person, Person.id == IndicatorValue.entered_by)
        .outerjoin(Attachment, Attachment.id == IndicatorValue.evidence_id)
        .where(IndicatorValue.indicator_id == indicator.id)
        .order_by(IndicatorValue.as_of.desc(), IndicatorValue.entered_at.desc())
        .limit(most)
    )
    return tuple(
        ValueLine(
            id=row.IndicatorValue.id, as_of=row.IndicatorValue.as_of, unit=row.unit or "Toàn phường",
            value=row.IndicatorValue.value, whole=row.IndicatorValue.whole, note=row.IndicatorValue.note,
            case_id=row.IndicatorValue.occurrence_id, evidence_id=row.IndicatorValue.evidence_id,
            evidence=row.file or "", who=row.who or "Hệ thống", entered_at=row.IndicatorValue.entered_at,
        )
        for row in rows
    )  # fmt: skip


def standings(
    read: Session, plan_id: UUID, moved: Mapping[UUID, str], year: int, today: date
) -> tuple[IndicatorStanding, ...]:
    """All indicators of a plan as its report states them; those too whose task another plan has by now.

    `moved`: that task, and at which place the reported plan had it.
    """
    rows = read.execute(_LINES.where(is_reported(plan_id, moved), Indicator.retired_at.is_(None))).all()
    lines = _ordered(_lines(read, rows, year, today))
    return tuple(_standing(line, moved.get(line.task_id, line.place) if line.task_id else "") for line in lines)


def is_reported(plan_id: UUID, moved: Collection[UUID]) -> sa.ColumnElement[bool]:
    """Which indicators a plan's report tells of: its own, and those that went on with its tasks."""
    return (Indicator.plan_id == plan_id) | Indicator.plan_task_id.in_(moved)


def _standing(line: IndicatorLine, place: str) -> IndicatorStanding:
    one = line.indicator
    return IndicatorStanding(
        name=one.name, part_of=line.main, owner=line.owner, task=place, target=line.target,
        operator=one.operator.value if one.operator else "", amount=one.target, most=one.target_most, unit=one.unit,
        period=line.period, by_year=one.by_year, denominator=one.denominator, baseline=one.baseline,
        baseline_year=one.baseline_year, cumulative=one.is_cumulative, value=line.value, reached=line.reached,
        allowance=line.allowance,
        calculation=line.calculation if _is_made_up(line) else "",
        state=line.state.value, state_name=line.state.label,
        years=tuple(YearValue(year, value) for year, value in line.years),
    )  # fmt: skip


def _is_made_up(line: IndicatorLine) -> bool:
    """Whether a report has to tell how the figure came about."""
    return line.made is not None and (len(line.made.units) > 1 or bool(line.awaited) or len(line.rounds) > 1)
