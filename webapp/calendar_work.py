"""What the calendar brings by itself: cycles that open, new years' cases, the morning digest, orphans that go."""

from datetime import datetime, time
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import LOCAL, Calendar, local_date
from engine.command import Actor
from engine.models import Tenant
from engine.runtime import Runtime
from webapp.cycles.models import ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.notifications.digest import SendDigests
from webapp.plans.models import Plan, PlanState

OPENS_BEFORE = 20
"""Working days between a cycle's opening and the last day for the units (procedures.md: report_cycle)."""
DIGEST_AT = time(7, 30)


def do_calendar_work(runtime: Runtime, now: datetime) -> None:
    """Run once a minute by one scheduler; each part does a thing once, however often it is asked."""
    with runtime.reading() as connection:
        tenants = connection.scalars(sa.select(Tenant.id)).all()
    for tenant_id in tenants:
        with runtime.reading() as connection:
            calendar = runtime.calendar(tenant_id, connection)
        open_due_cycles(runtime, tenant_id, calendar, now)
        send_digests(runtime, tenant_id, calendar, now)


def open_due_cycles(runtime: Runtime, tenant_id: UUID, calendar: Calendar, now: datetime) -> None:
    """Open the yearly cycle of every issued plan whose last day for the units is near enough."""
    today = local_date(now)
    opened = sa.select(ReportingCycle.plan_id).where(ReportingCycle.tenant_id == tenant_id)
    with runtime.reading() as connection:
        plans = connection.execute(
            sa.select(Plan.id, Plan.report_by).where(
                Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.report_by.is_not(None),
                Plan.report_by >= today, Plan.id.not_in(opened),
            )
        ).all()  # fmt: skip
    for plan_id, report_by in plans:
        assert report_by is not None
        if today >= calendar.shift(report_by, -OPENS_BEFORE):
            start = StartCycle(plan_id=plan_id, name=f"Năm {report_by.year}", year=report_by.year, by_calendar=True)
            runtime.execute(start, actor=Actor.system(tenant_id))


def send_digests(runtime: Runtime, tenant_id: UUID, calendar: Calendar, now: datetime) -> None:
    """On the morning of a working day, tell everybody once what waits."""
    local = now.astimezone(LOCAL)
    if local.time() >= DIGEST_AT and calendar.is_working_day(local.date()):
        runtime.execute(SendDigests(day=local.date()), actor=Actor.system(tenant_id))
