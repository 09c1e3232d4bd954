"""Indicators made, corrected and retired by hand; values entered where no report brings them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import local_date
from engine.command import Command, handles
from engine.errors import NotFound, Rejected
from engine.ids import uuid7
from engine.transaction import Transaction
from webapp.documents.attachments import keep_file
from webapp.indicators.facts import (
    IndicatorAdded,
    IndicatorMeasured,
    IndicatorRetired,
    IndicatorRevised,
    IndicatorValueWithdrawn,
)
from webapp.indicators.models import Indicator, IndicatorOwner, IndicatorPeriod, IndicatorValue, Operator
from webapp.indicators.refusals import (
    CountsOtherwise,
    NoFigure,
    NothingMeasured,
    NotYetMeasured,
    NoUpperEnd,
    NoYear,
    PartOfItself,
)
from webapp.indicators.standing import is_percent
from webapp.organisation.models import Unit
from webapp.permissions import Permission
from webapp.plans.issuing import find_plan
from webapp.plans.models import PlanState, PlanTask


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFields:
    """What people state of an indicator."""

    name: str
    operator: Operator | None = None
    target: float | None = None
    target_most: float | None = None
    unit: str = ""
    period: IndicatorPeriod = IndicatorPeriod.YEARLY
    by_year: int | None = None
    denominator: str = ""
    baseline: float | None = None
    baseline_year: int | None = None
    is_cumulative: bool = False
    plan_task_id: UUID | None = None
    part_of_id: UUID | None = None
    owner_unit_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AddIndicator(Command):
    """Add an indicator at the end of a plan's; drafts may have them too."""

    permission = Permission.MANAGE_PLANS

    plan_id: UUID
    stated: IndicatorFields
    sentence: str = ""
    source: str = ""
    reading_key: str | None = None


@handles(AddIndicator)
def add_indicator(command: AddIndicator, tx: Transaction) -> UUID:
    """Return its id. Raises NotFound, FieldRefused, Rejected."""
    plan = find_plan(tx, command.plan_id)
    if plan.state is PlanState.CLOSED:
        raise Rejected("Kế hoạch đã kết thúc nên không thêm chỉ tiêu được nữa.")
    _require_sound(tx, command.plan_id, command.stated, None)
    last = tx.session.scalar(sa.select(sa.func.max(Indicator.position)).where(Indicator.plan_id == command.plan_id))
    indicator = Indicator(
        id=uuid7(), tenant_id=tx.tenant_id, plan_id=command.plan_id, position=(last if last is not None else -1) + 1,
        sentence=command.sentence, source=command.source, reading_key=command.reading_key, **_columns(command.stated),
    )  # fmt: skip
    tx.session.add(indicator)
    tx.session.flush()
    _give(tx, indicator.id, command.stated.owner_unit_ids)
    tx.record(IndicatorAdded(indicator.id, command.plan_id, indicator.name))
    return indicator.id


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseIndicator(Command):
    """Correct an indicator; what was is kept in the record."""

    permission = Permission.MANAGE_PLANS

    indicator_id: UUID
    stated: IndicatorFields


@handles(ReviseIndicator)
def revise_indicator(command: ReviseIndicator, tx: Transaction) -> None:
    """Raises NotFound, FieldRefused."""
    indicator = find_indicator(tx, command.indicator_id)
    _require_sound(tx, indicator.plan_id, command.stated, indicator.id)
    _require_countable(tx, indicator, command.stated)
    wanted = _columns(command.stated)
    changes = {
        name: f"{_written(getattr(indicator, name))} → {_written(value)}"
        for name, value in wanted.items()
        if getattr(indicator, name) != value
    }
    before, owners = owners_of(tx, indicator.id), set(command.stated.owner_unit_ids)
    if before != owners:
        changes["owner_unit_ids"] = f"{_listed(before)} → {_listed(owners)}"
        tx.session.execute(sa.delete(IndicatorOwner).where(IndicatorOwner.indicator_id == indicator.id))
        _give(tx, indicator.id, owners)
    for name, value in wanted.items():
        setattr(indicator, name, value)
    if changes:
        tx.record(IndicatorRevised(indicator.id, changes))


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveIndicator(Command):
    """Let a unit answer for an indicator, beside those that already do."""

    permission = Permission.MANAGE_PLANS

    indicator_id: UUID
    unit_id: UUID


@handles(GiveIndicator)
def give_indicator(command: GiveIndicator, tx: Transaction) -> None:
    """Raises NotFound."""
    indicator = find_indicator(tx, command.indicator_id)
    _require_own(tx, command.unit_id)
    before = owners_of(tx, indicator.id)
    if command.unit_id in before:
        return  # It was ticked once more.
    _give(tx, indicator.id, [command.unit_id])
    changes = {"owner_unit_ids": f"{_listed(before)} → {_listed({*before, command.unit_id})}"}
    tx.record(IndicatorRevised(indicator.id, changes))


def owners_of(tx: Transaction, indicator_id: UUID) -> set[UUID]:
    """The units that answer for an indicator."""
    return set(tx.session.scalars(sa.select(IndicatorOwner.unit_id).where(IndicatorOwner.indicator_id == indicator_id)))


def _give(tx: Transaction, indicator_id: UUID, units: Iterable[UUID]) -> None:
    tx.session.add_all(IndicatorOwner(indicator_id=indicator_id, unit_id=unit_id) for unit_id in dict.fromkeys(units))


def _columns(stated: IndicatorFields) -> dict[str, Any]:
    """What of it stands in the indicator's own row."""
    return {name: value for name, value in asdict(stated).items() if name != "owner_unit_ids"}


def _listed(units: Iterable[UUID]) -> str:
    return ", ".join(sorted(map(str, units)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireIndicator(Command):
    """Stop following an indicator; its values stay."""

    permission = Permission.MANAGE_PLANS

    indicator_id: UUID
    reason: str


@handles(RetireIndicator)
def retire_indicator(command: RetireIndicator, tx: Transaction) -> None:
    """Raises NotFound, Rejected."""
    indicator = find_indicator(tx, command.indicator_id)
    if not command.reason.strip():
        raise Rejected("Chưa nhập lý do bỏ chỉ tiêu.")
    indicator.retired_at, indicator.retired_reason = tx.now, command.reason.strip()
    tx.record(IndicatorRetired(indicator.id, indicator.retired_reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureIndicator(Command):
    """Enter a value by hand: of one unit, or of the ward as a whole; with the file that shows it."""

    permission = Permission.MANAGE_PLANS

    indicator_id: UUID
    value: float
    as_of: date
    unit_id: UUID | None = None
    whole: float | None = None
    note: str = ""
    evidence_id: UUID | None = None


@handles(MeasureIndicator)
def measure_indicator(command: MeasureIndicator, tx: Transaction) -> UUID:
    """Return the value's id. Raises NotFound, FieldRefused."""
    indicator = find_indicator(tx, command.indicator_id)
    if command.as_of > local_date(tx.now):
        raise NotYetMeasured
    if command.whole is not None and command.whole <= 0:
        raise NothingMeasured
    _require_own(tx, command.unit_id)
    if command.evidence_id is not None:
        keep_file(tx, command.evidence_id)
    value = IndicatorValue(
        id=uuid7(), tenant_id=tx.tenant_id, indicator_id=indicator.id, unit_id=command.unit_id,
        year=command.as_of.year, as_of=command.as_of, value=command.value, whole=command.whole,
        note=command.note, evidence_id=command.evidence_id, entered_by=tx.actor.id, entered_at=tx.now,
    )  # fmt: skip
    tx.session.add(value)
    tx.record(IndicatorMeasured(indicator.id, value.id, command.value, command.as_of.isoformat()))
    return value.id


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawValue(Command):
    """Take back a value that was entered by hand; what a report states is mended by the report."""

    permission = Permission.MANAGE_PLANS

    value_id: UUID
    reason: str


@handles(WithdrawValue)
def withdraw_value(command: WithdrawValue, tx: Transaction) -> UUID:
    """Return the indicator's id. Raises NotFound, Rejected."""
    value = tx.session.get(IndicatorValue, command.value_id)
    if value is None or value.tenant_id != tx.tenant_id:
        raise NotFound
    if value.submission_id is not None:
        raise Rejected("Số này nằm trong báo cáo của đơn vị: trả lại báo cáo để đơn vị sửa.")
    if not command.reason.strip():
        raise Rejected("Chưa nhập lý do gỡ số liệu.")
    indicator = find_indicator(tx, value.indicator_id)
    tx.session.delete(value)
    tx.record(
        IndicatorValueWithdrawn(
            indicator.id, value.id, value.value, value.as_of.isoformat(), command.reason.strip()
        )
    )  # fmt: skip
    return indicator.id


def find_indicator(tx: Transaction, indicator_id: UUID) -> Indicator:
    """An indicator of the tenant that is still followed. Raises NotFound."""
    indicator = tx.session.get(Indicator, indicator_id)
    if indicator is None or indicator.tenant_id != tx.tenant_id or indicator.retired_at is not None:
        raise NotFound
    return indicator


def _require_sound(tx: Transaction, plan_id: UUID, stated: IndicatorFields, indicator_id: UUID | None) -> None:
    if (stated.operator is None) != (stated.target is None):
        raise NoFigure
    if stated.operator is Operator.BETWEEN and not (stated.target or 0) < (stated.target_most or 0):
        raise NoUpperEnd
    if stated.period is IndicatorPeriod.BY_YEAR and stated.by_year is None:
        raise NoYear
    for unit_id in stated.owner_unit_ids:
        _require_own(tx, unit_id)
    task = tx.session.get(PlanTask, stated.plan_task_id) if stated.plan_task_id else None
    if stated.plan_task_id is not None and (task is None or task.plan_id != plan_id):
        raise NotFound
    _require_main(tx, plan_id, stated.part_of_id, indicator_id)


def _require_countable(tx: Transaction, indicator: Indicator, stated: IndicatorFields) -> None:
    """What was reported as a count is no share, and the other way round."""
    reported = sa.select(IndicatorValue.id).where(IndicatorValue.indicator_id == indicator.id).limit(1)
    if is_percent(stated.unit) != is_percent(indicator.unit) and tx.session.scalar(reported) is not None:
        raise CountsOtherwise


def _require_main(tx: Transaction, plan_id: UUID, part_of_id: UUID | None, indicator_id: UUID | None) -> None:
    """A part belongs to an indicator that is itself no part; and one that has parts is none."""
    if part_of_id is None:
        return
    main = tx.session.get(Indicator, part_of_id)
    parts = sa.select(Indicator.id).where(Indicator.part_of_id == indicator_id).limit(1)
    if (
        main is None or main.plan_id != plan_id or main.part_of_id is not None or main.id == indicator_id
        or (indicator_id is not None and tx.session.scalar(parts) is not None)
    ):  # fmt: skip
        raise PartOfItself


def _require_own(tx: Transaction, id: UUID | None) -> None:
    if id is None:
        return
    of_tenant = sa.select(Unit.id).where(Unit.id == id, Unit.tenant_id == tx.tenant_id)
    if tx.session.scalar(of_tenant) is None:
        raise NotFound


def _written(value: Any) -> str:
    return "" if value is None else str(value)
