"""Indicators of the demo plan: measured, below their target, without a value and without an owner."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.demo.acting import Stage
from webapp.demo.plan_text import DemoDays
from webapp.indicators.commands import AddIndicator, IndicatorFields, MeasureIndicator
from webapp.indicators.models import IndicatorPeriod, Operator
from webapp.plans.models import PlanTask, TaskGroup

FOCAL = "vhxh.tonghop"
AT_LEAST = Operator.AT_LEAST


def set_indicators(stage: Stage, plan_id: UUID, days: DemoDays) -> UUID:
    """Return the id of the one that the office reports on."""
    units, tasks = stage.ward.units, _tasks(stage, plan_id)
    records = _add(
        stage, plan_id, name="Hồ sơ hộ tịch được số hóa", operator=AT_LEAST, target=1000.0, unit="hồ sơ",
        plan_task_id=tasks["I.3"], baseline=240.0, baseline_year=days.year - 1,
    )  # fmt: skip
    online = _add(
        stage, plan_id, name="Tỷ lệ hồ sơ nộp trực tuyến", operator=AT_LEAST, target=80.0, unit="%",
        denominator="tổng số hồ sơ tiếp nhận", plan_task_id=tasks["I.2"], owner_unit_ids=(units["hcc"],),
    )  # fmt: skip
    _add(
        stage, plan_id, name="Hồ sơ nộp từ ngoài giờ hành chính", unit="%", part_of_id=online,
        plan_task_id=tasks["I.2"], owner_unit_ids=(units["hcc"],),
    )  # fmt: skip
    _add(
        stage, plan_id, name="Người dân có hồ sơ sức khỏe điện tử", operator=AT_LEAST, target=90.0, unit="%",
        period=IndicatorPeriod.BY_YEAR, by_year=days.year + 2, is_cumulative=True, plan_task_id=tasks["III.3"],
        owner_unit_ids=(units["yte"],),
    )  # fmt: skip
    _add(stage, plan_id, name="Sáng kiến được công nhận", operator=Operator.BETWEEN, target=1.0, target_most=2.0,
         unit="sáng kiến")  # fmt: skip
    note = "Trích từ hệ thống một cửa điện tử"
    measure = MeasureIndicator(
        indicator_id=online, value=73.5, as_of=days.today, unit_id=units["hcc"], whole=1840.0, note=note
    )
    stage.execute(FOCAL, measure)
    return records


def _add(stage: Stage, plan_id: UUID, **stated: object) -> UUID:
    fields = IndicatorFields(**stated)  # type: ignore[arg-type]
    added: UUID = stage.execute(FOCAL, AddIndicator(plan_id=plan_id, stated=fields))
    return added


def _tasks(stage: Stage, plan_id: UUID) -> dict[str, UUID]:
    query = (
        sa.select(PlanTask.id, TaskGroup.numeral, PlanTask.ordinal)
        .join(TaskGroup, TaskGroup.id == PlanTask.group_id)
        .where(PlanTask.plan_id == plan_id)
    )
    with stage.runtime.reading() as connection, Session(connection) as read:
        return {f"{row.numeral}.{row.ordinal}": row.id for row in read.execute(query)}
