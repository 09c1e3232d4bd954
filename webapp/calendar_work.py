"""What the calendar brings by itself: cycles that open, new years' cases, the morning digest, orphans that go."""

from collections.abc import Callable
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from engine.audit import heads
from engine.calendar import LOCAL, Calendar, local_date
from engine.command import Actor
from engine.expired_messages import expired_messages
from engine.heads import export_heads, keep_newest
from engine.models import Tenant
from engine.runtime import Runtime
from webapp.calendar_faults import Faults, tell
from webapp.cycles.models import ReportingCycle
from webapp.cycles.opening import StartCycle
from webapp.cycles.reminding import RemindOfCycle, cycles_to_remind
from webapp.cycles.schedules import cycles_to_open
from webapp.documents.attachments import remove_orphans, sweep_files
from webapp.notifications.digest import SendDigests
from webapp.plans.models import Plan, PlanState
from webapp.plans.years import BeginYear, plans_to_begin
from webapp.procedures.words import message_in_words
from webapp.settings import Settings

DIGEST_AT = time(7, 30)
DAYS_OF_HEADS = 400
"""Daily files of heads that are kept; a ward's is some kilobytes."""

_PLAN_NAME = sa.func.coalesce(Plan.number, Plan.title).label("name")


def do_calendar_work(runtime: Runtime, now: datetime) -> None:
    """Run once a minute by one scheduler; each part does a thing once, however often it is asked."""
    common = Faults()
    with common.of("xóa những tệp tải lên mà không gửi"):
        remove_orphans(runtime, now)
    with common.of("ghi dấu cuối nhật ký và dọn tệp trong ngày"):
        do_daily_work(runtime, local_date(now), now)
    with runtime.reading() as connection:
        tenants = connection.scalars(sa.select(Tenant.id)).all()
    for tenant_id in tenants:
        faults = Faults(common)
        for what, part in PARTS.items():
            with faults.of(what):
                part(runtime, tenant_id, now, faults)
        tell(runtime, tenant_id, faults.found)


def _calendar(runtime: Runtime, tenant_id: UUID) -> Calendar:
    with runtime.reading() as connection:
        return runtime.calendar(tenant_id, connection)


def do_daily_work(runtime: Runtime, day: date, now: datetime) -> None:
    """Once a day: lost bytes go; a file says where every stream of the audit trail ends, to be kept elsewhere.

    In this order: on a full disk the file finds room once they are gone.
    """
    settings: Settings = current_app.config["SETTINGS"]
    folder = settings.data_dir / "heads"
    file = folder / f"{day:%Y-%m-%d}.heads.gz"
    if file.exists():
        return
    sweep_files(runtime)
    folder.mkdir(mode=0o700, exist_ok=True)
    with runtime.reading() as connection:
        export_heads(heads(connection), file, now)
    keep_newest(folder, DAYS_OF_HEADS)


def expire_messages(runtime: Runtime, tenant_id: UUID, now: datetime, faults: Faults) -> None:
    """Give up messages that nobody has waited for in their lifetime; one that can't be holds up no other."""
    for expired in expired_messages(runtime, tenant_id):
        with faults.of(f"bỏ thông điệp “{message_in_words(expired.message)}” quá hạn giữ của {expired.case}"):
            runtime.execute(expired.command, actor=Actor.system(tenant_id))


def begin_years(runtime: Runtime, tenant_id: UUID, now: datetime, faults: Faults) -> None:
    """From 1 January on, each plan that was issued earlier gives its recurring tasks their cases of the year.

    One issued in December for the next year has cases of that one already, beside those that it took over.
    """
    year = local_date(now).year
    with runtime.reading() as connection:
        plans = connection.execute(
            sa.select(Plan.id, _PLAN_NAME).where(
                Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, Plan.id.in_(plans_to_begin(year)),
                Plan.issued_on < date(year, 1, 1),
            )
        ).all()  # fmt: skip
    for plan_id, plan in plans:
        with faults.of(f"mở việc năm {year} của kế hoạch {plan}"):
            runtime.execute(BeginYear(plan_id=plan_id, year=year), actor=Actor.system(tenant_id))


def open_due_cycles(runtime: Runtime, tenant_id: UUID, now: datetime, faults: Faults) -> None:
    """Open what the plans' own lists of reports ask for; one that can't be opened holds up no other."""
    calendar = _calendar(runtime, tenant_id)
    with runtime.reading() as connection:
        due = cycles_to_open(connection, tenant_id, calendar, local_date(now))
        named = sa.select(Plan.id, _PLAN_NAME).where(Plan.id.in_({cycle.plan_id for cycle in due}))
        plans = {row.id: row.name for row in connection.execute(named)} if due else {}
    for cycle in due:
        name, year, kind = cycle.period.name, cycle.period.year, cycle.period.kind
        start = StartCycle(plan_id=cycle.plan_id, name=name, year=year, kind=kind, by_calendar=True)
        with faults.of(f"mở kỳ “{name}” của kế hoạch {plans[cycle.plan_id]}"):
            runtime.execute(start, actor=Actor.system(tenant_id))


def remind_of_cycles(runtime: Runtime, tenant_id: UUID, now: datetime, faults: Faults) -> None:
    """Tell units of the days of cycles on which their cases do not hang themselves."""
    with runtime.reading() as connection:
        waiting = cycles_to_remind(runtime, connection, tenant_id, now)
        named = (
            sa.select(ReportingCycle.id, ReportingCycle.name, _PLAN_NAME)
            .join(Plan)
            .where(ReportingCycle.id.in_(waiting))
        )
        cycles = connection.execute(named).all() if waiting else []
    for cycle_id, name, plan in cycles:
        with faults.of(f"nhắc các đơn vị về kỳ “{name}” của kế hoạch {plan}"):
            runtime.execute(RemindOfCycle(cycle_id=cycle_id), actor=Actor.system(tenant_id))


def send_digests(runtime: Runtime, tenant_id: UUID, now: datetime, _: Faults) -> None:
    """On the morning of a working day, tell everybody once what waits."""
    local = now.astimezone(LOCAL)
    if local.time() >= DIGEST_AT and _calendar(runtime, tenant_id).is_working_day(local.date()):
        runtime.execute(SendDigests(day=local.date()), actor=Actor.system(tenant_id))


PARTS: dict[str, Callable[[Runtime, UUID, datetime, Faults], None]] = {
    "bỏ những thông điệp quá hạn giữ": expire_messages,
    "mở việc của năm mới": begin_years,
    "mở kỳ báo cáo": open_due_cycles,
    "nhắc các đơn vị về kỳ báo cáo": remind_of_cycles,
    "gửi lời nhắc buổi sáng": send_digests,
}
"""What is done for each ward, as its incidents say it."""
