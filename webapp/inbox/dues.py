"""When a step is due, as people say it."""

from dataclasses import dataclass, field
from datetime import date, datetime, time

from engine.calendar import LOCAL, Calendar, due_day, local_date

SOON_DAYS = 3
"""Working days before the last day from which a step counts as nearly due."""
FAR_DAYS = 15
"""Working days ahead beyond which a step stays out of the way."""


@dataclass(frozen=True, slots=True)
class Due:
    """For the macro `due`; level is overdue, today, soon, later or none."""

    relative: str
    absolute: str
    level: str
    iso: str

    @property
    def is_late(self) -> bool:
        """Whether it is overdue."""
        return self.level == "overdue"


NO_DUE = Due("", "", "none", "")


@dataclass(frozen=True, slots=True)
class DueWords:
    """Words for due instants as seen now; equal instants are looked at once."""

    now: datetime
    calendar: Calendar
    known: dict[datetime, Due] = field(default_factory=dict)

    def of(self, due_at: datetime | None) -> Due:
        """The words for one due instant."""
        if due_at is None:
            return NO_DUE
        if due_at not in self.known:
            self.known[due_at] = self._worded(due_at)
        return self.known[due_at]

    def of_last_day(self, day: date | None) -> Due | None:
        """The words for what is due until the end of a day; None where there is none."""
        return None if day is None else self.of(self.calendar.end_of(day))

    def end_of(self, days: int) -> datetime:
        """The end of the n-th working day from today; 0: of today itself."""
        return self.calendar.end_of(local_date(self.now), days)

    @property
    def far(self) -> datetime:
        """The first instant that is far from now."""
        return self.end_of(FAR_DAYS)

    def _worded(self, due_at: datetime) -> Due:
        day, clock = due_day(due_at), due_at.astimezone(LOCAL).time()
        at = "" if clock == time() else f"{clock:%H:%M} "
        relative, level = self._relative(due_at, at)
        return Due(relative, f"{at}{day:%d/%m/%Y}", level, day.isoformat())

    def _relative(self, due_at: datetime, at: str) -> tuple[str, str]:
        today, day = local_date(self.now), due_day(due_at)
        days = self.calendar.working_days_between(today, day)
        if self.now >= due_at:
            return (f"Quá hạn {-days} ngày làm việc" if days < 0 else "Quá hạn"), "overdue"
        if day == today:
            return f"Hạn {at}hôm nay", "today"
        off = "Hạn vào ngày nghỉ tới" if self.calendar.is_working_day(today) else "Hạn trong ngày nghỉ này"
        words = f"Còn {days} ngày làm việc" if days else off
        return words, "soon" if days <= SOON_DAYS else "later"
