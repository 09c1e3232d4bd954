"""What the calendar brings by itself: cycles that open, new years' cases, the morning digest, orphans that go."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from engine.audit import heads
from engine.calendar import LOCAL, Calendar, local_date
from engine.command import Actor
from engine.errors import Rejected
from engine.heads import export_heads, keep_newest
from engine.lapsing import expire_messages
from engine.models import Tenant
from engine.runtime import Runtime
from webapp.cycles.opening import StartCycle
from webapp.cycles.reminding import RemindOfCycle, cycles_to_remind
from webapp.cycles.schedules import cycles_to_open
from webapp.documents.attachments import remove_orphans, sweep_files
from webapp.notifications.digest import SendDigests
from webapp.plans.models import Plan, PlanState, PlanTask, TaskOccurrence
from webapp.plans.years import BeginYear, recurs_in
from webapp.settings import Settings

log = logging.getLogger(__name__)
DIGEST_AT = time(7, 30)
DAYS_OF_HEADS = 400
"""Daily files of heads that are kept; a ward's is some kilobytes."""


def do_calendar_work(runtime: Runtime, now: datetime) -> None:
    """Run once a minute by one scheduler; each part does a thing once, however often it is asked."""
    with runtime.reading() as connection:
        tenants = connection.scalars(sa.select(Tenant.id)).all()
    for tenant_id in tenants:
        for part in (begin_years, open_due_cycles, remind_of_cycles, send_digests):
            with _holding_up_no_other(f"{part.__name__} of ward {tenant_id}"):
                part(runtime, tenant_id, now)
    with _holding_up_no_other("removing orphans"):
        remove_orphans(runtime, now)
    with _holding_up_no_other("expiring messages"):
        expire_messages(runtime)
    do_daily_work(runtime, local_date(now), now)


@contextmanager
def _holding_up_no_other(what: str) -> Iterator[None]:
    """What fails is told in the log and tried again in a minute; other parts and other wards go on."""
    try:
        yield
    except sa.exc.OperationalError:
        raise
    except Exception:
        log.exception("calendar work failed: %s", what)


def _calendar(runtime: Runtime, tenant_id: UUID) -> Calendar:
    with runtime.reading() as connection:
        return runtime.calendar(tenant_id, connection)


def do_daily_work(runtime: Runtime, day: date, now: datetime) -> None:
    """Once a day: a file says where every stream of the audit trail ends, to be kept elsewhere; lost bytes go."""
    settings: Settings = current_app.config["SETTINGS"]
    folder = settings.data_dir / "heads"
    file = folder / f"{day:%Y-%m-%d}.heads.gz"
    if file.exists():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    with runtime.reading() as connection:
        export_heads(heads(connection), file, now)
    keep_newest(folder, DAYS_OF_HEADS)
    sweep_files(runtime)


def begin_years(runtime: Runtime, tenant_id: UUID, now: datetime) -> None:
    """From 1 January on, each plan that was issued earlier gives its recurring tasks their cases of the year."""
    year = local_date(now).year
    begun = sa.exists().where(TaskOccurrence.plan_id == Plan.id, TaskOccurrence.year == year)
    recurring = sa.select(PlanTask.plan_id).where(*recurs_in(year))
    with runtime.reading() as connection:
        plans = connection.scalars(
            sa.select(Plan.id).where(
                Plan.tenant_id == tenant_id, Plan.state == PlanState.ISSUED, ~begun,
                Plan.id.in_(recurring),
                Plan.issued_on < date(year, 1, 1),
            )
        ).all()  # fmt: skip
    for plan_id in plans:
        runtime.execute(BeginYear(plan_id=plan_id, year=year), actor=Actor.system(tenant_id))


def open_due_cycles(runtime: Runtime, tenant_id: UUID, now: datetime) -> None:
    """Open what the plans' own lists of reports ask for; one that can't be opened holds up no other."""
    calendar = _calendar(runtime, tenant_id)
    with runtime.reading() as connection:
        due = cycles_to_open(connection, tenant_id, calendar, local_date(now))
    for cycle in due:
        start = StartCycle(plan_id=cycle.plan_id, name=cycle.name, year=cycle.year, kind=cycle.kind, by_calendar=True)
        try:
            runtime.execute(start, actor=Actor.system(tenant_id))
        except Rejected as refusal:
            log.warning("the cycle %s of plan %s can't be opened: %s", cycle.name, cycle.plan_id, refusal)


def remind_of_cycles(runtime: Runtime, tenant_id: UUID, now: datetime) -> None:
    """Tell units of the days of cycles on which their cases do not hang themselves."""
    with runtime.reading() as connection:
        waiting = cycles_to_remind(runtime, connection, tenant_id, now)
    for cycle_id in waiting:
        runtime.execute(RemindOfCycle(cycle_id=cycle_id), actor=Actor.system(tenant_id))


def send_digests(runtime: Runtime, tenant_id: UUID, now: datetime) -> None:
    """On the morning of a working day, tell everybody once what waits."""
    local = now.astimezone(LOCAL)
    if local.time() >= DIGEST_AT and _calendar(runtime, tenant_id).is_working_day(local.date()):
        runtime.execute(SendDigests(day=local.date()), actor=Actor.system(tenant_id))
