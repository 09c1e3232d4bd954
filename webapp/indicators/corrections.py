"""What was corrected or withdrawn on an indicator, read from the events and reports that recorded it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.events import Fact, decode
from engine.models import Event
from webapp.indicators.facts import IndicatorRetired, IndicatorRevised, IndicatorValueWithdrawn
from webapp.indicators.mended import mended_figures
from webapp.indicators.models import Indicator
from webapp.indicators.standing import OPERATOR_NAMES, PERIOD_NAMES, figure
from webapp.organisation.models import Person, Unit
from webapp.plans.queries.tasks import task_choices

MOST: Final = 50
"""Of either kind that are told, the newest."""

FIELDS: Final = {
    "name": "Tên", "operator": "Phép so sánh", "target": "Mức", "target_most": "Mức trên", "unit": "Đơn vị tính",
    "period": "Kỳ", "by_year": "Năm phải đạt", "denominator": "Tính trên", "baseline": "Số đầu kỳ",
    "baseline_year": "Năm của số đầu kỳ", "is_cumulative": "Lũy kế", "plan_task_id": "Nhiệm vụ",
    "part_of_id": "Là một phần của", "owner_unit_ids": "Đơn vị chịu trách nhiệm",
}  # fmt: skip
WORDS: Final[Mapping[str, str]] = {
    **{str(one): words for one, words in OPERATOR_NAMES.items()},
    **{str(one): words for one, words in PERIOD_NAMES.items()},
    "True": "có", "False": "không",
}  # fmt: skip
FIGURES: Final = {"target", "target_most", "baseline"}


@dataclass(frozen=True, slots=True)
class Correction:
    """One thing that was changed: from what to what, by whom, and why where a reason is asked for."""

    what: str
    before: str
    after: str
    who: str
    at: datetime
    why: str = ""
    case_id: UUID | None = None  # in whose report


Change = tuple[str, str, str, str]
"""What, from what, to what, why."""


def corrections_of(read: Session, indicator: Indicator) -> tuple[Correction, ...]:
    """The newest first: of the indicator itself, of values entered by hand, of reports that were sent again."""
    found = read.execute(_events(indicator)).all()
    named = _names(read, indicator) if found else {}
    made = [
        Correction(what, before, after, _who(row), row.at, why)
        for row in found
        for fact in decode(row.data)
        for what, before, after, why in _changes(fact, indicator, named)
    ]
    made += [
        Correction(f"Số liệu trong báo cáo {one.report}", one.before, one.after, one.who, one.at, one.why, one.case_id)
        for one in mended_figures(read, indicator)
    ]
    return tuple(sorted(made, key=lambda one: one.at, reverse=True)[:MOST])


def _events(indicator: Indicator) -> sa.Select[datetime, str | None, str, str]:
    """Of the ward's own stream, those that name the indicator."""
    types = [one.__name__ for one in (IndicatorRevised, IndicatorRetired, IndicatorValueWithdrawn)]
    return (
        sa.select(Event.at, Event.on_behalf_of, Event.data, Person.name)
        .outerjoin(Person, Person.id == Event.actor_id)
        .where(Event.stream == indicator.tenant_id, Event.type.in_(types), Event.data.contains(str(indicator.id)))
        .order_by(Event.sequence.desc())
        .limit(MOST)
    )


def _names(read: Session, indicator: Indicator) -> dict[str, str]:
    """What the ids in changes are called: units, tasks and other indicators."""
    units = read.execute(sa.select(Unit.id, Unit.name).where(Unit.tenant_id == indicator.tenant_id))
    mains = read.execute(sa.select(Indicator.id, Indicator.name).where(Indicator.plan_id == indicator.plan_id))
    pairs = (*units, *mains, *task_choices(read, indicator.plan_id))
    return {str(id): name for id, name in pairs}


def _who(row: Any) -> str:
    return ", thay ".join(filter(None, (row.name or "Hệ thống", row.on_behalf_of)))


def _changes(fact: Fact, indicator: Indicator, named: Mapping[str, str]) -> Iterator[Change]:
    match fact:
        case IndicatorValueWithdrawn():
            day = date.fromisoformat(fact.as_of)
            yield f"Số liệu đến ngày {day:%d/%m/%Y}", figure(fact.value, indicator.unit), "đã gỡ", fact.reason
        case IndicatorRetired():
            yield "Chỉ tiêu", "đang theo dõi", "đã bỏ", fact.reason
        case IndicatorRevised():
            for field, change in fact.changes.items():
                before, _, after = change.partition(" → ")
                yield FIELDS[field], _worded(field, before, named), _worded(field, after, named), ""


def _worded(field: str, value: str, named: Mapping[str, str]) -> str:
    if field in FIGURES and value:
        return figure(float(value))
    if field in ("name", "unit", "denominator"):
        return value
    return ", ".join(WORDS.get(one) or named.get(one, one) for one in value.split(", "))
