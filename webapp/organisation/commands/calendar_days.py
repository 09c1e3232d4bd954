"""Days that are worked or free against the shipped calendar."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from engine.calendar import Calendar
from engine.command import Command, handles
from engine.commands.calendars import follow_calendar_later
from engine.commands.instances import CALENDAR
from engine.errors import NotFound
from engine.models import CalendarDay, Tenant
from engine.transaction import Transaction
from webapp.organisation.facts import CalendarDayRemoved, CalendarDaySet, CalendarReviewed
from webapp.organisation.models import Committee
from webapp.organisation.refusals import DayAsShipped, NoCalendarOfYear
from webapp.permissions import Permission

SHIPPED = Calendar()
FIRST_YEAR, LAST_YEAR = 2020, 2090
TAKE_BACK = "Lịch có sẵn đã ghi như vậy; phường đang khai khác. Bấm “Bỏ” ở dòng của ngày ấy."


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCalendarDay(Command):
    """Declare a day worked or free, on the ground that `note` names."""

    permission = Permission.ADMINISTER

    day: date
    working: bool
    note: str


@handles(SetCalendarDay)
def set_calendar_day(command: SetCalendarDay, tx: Transaction) -> None:
    """Raises NoCalendarOfYear, DayAsShipped."""
    if not FIRST_YEAR <= command.day.year <= LAST_YEAR:
        raise NoCalendarOfYear(f"Lịch làm việc có từ năm {FIRST_YEAR} đến năm {LAST_YEAR}. Xem lại năm của ngày này.")
    kept = tx.session.get(CalendarDay, (tx.tenant_id, command.day))
    if SHIPPED.is_working_day(command.day) == command.working:
        raise DayAsShipped(TAKE_BACK if kept is not None else None)
    if kept is not None and (kept.working, kept.note) == (command.working, command.note):
        return  # A double click is not an error.
    _change_calendar(tx, f"{command.day:%d/%m/%Y} {'làm việc' if command.working else 'được nghỉ'}: {command.note}")
    tx.session.merge(CalendarDay(tenant_id=tx.tenant_id, day=command.day, working=command.working, note=command.note))
    tx.record(CalendarDaySet(command.day.isoformat(), command.working, command.note))


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveCalendarDay(Command):
    """Let the shipped calendar count again for a day."""

    permission = Permission.ADMINISTER

    day: date


@handles(RemoveCalendarDay)
def remove_calendar_day(command: RemoveCalendarDay, tx: Transaction) -> None:
    day = tx.session.get(CalendarDay, (tx.tenant_id, command.day))
    if day is None:
        return  # Another administrator's click, or one's own again, is no error.
    _change_calendar(tx, f"{command.day:%d/%m/%Y} theo lịch chung")
    tx.session.delete(day)
    tx.record(CalendarDayRemoved(command.day.isoformat()))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCalendar(Command):
    """Say that the working days of a year have been compared with the year's official notice."""

    permission = Permission.ADMINISTER

    year: int


@handles(ReviewCalendar)
def review_calendar(command: ReviewCalendar, tx: Transaction) -> None:
    """Raises NotFound."""
    committee = tx.session.get(Committee, tx.tenant_id)
    if committee is None:
        raise NotFound
    committee.calendar_reviewed_year = max(command.year, committee.calendar_reviewed_year or 0)
    tx.record(CalendarReviewed(command.year))


def _change_calendar(tx: Transaction, reason: str) -> None:
    """Every process reads the days again when it next looks at the version; what waits for one follows by a job."""
    tx.take_turns(CALENDAR)
    bump = sa.update(Tenant).where(Tenant.id == tx.tenant_id).values(calendar_version=Tenant.calendar_version + 1)
    version = tx.session.scalar(bump.returning(Tenant.calendar_version))
    assert version is not None
    days = tx.session.execute(
        sa.select(CalendarDay.day, CalendarDay.working).where(CalendarDay.tenant_id == tx.tenant_id)
    )
    follow_calendar_later(tx, {row.day: row.working for row in days}, version, reason)
