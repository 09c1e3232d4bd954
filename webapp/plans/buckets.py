"""The four buckets that superiors ask for, computed from the two clocks and never typed."""

from datetime import date, datetime
from typing import Protocol

from webapp.documents.rendering.consolidated import Status
from webapp.plans.models import OccurrenceState

_BESIDE = {
    OccurrenceState.AWAITING_CONDITION: Status.WAITING,
    OccurrenceState.CANCELLED: Status.CANCELLED,
    OccurrenceState.NOTHING_AROSE: Status.NOTHING_AROSE,
}


class Due(Protocol):
    """What of a case tells until when it is in time: its row, or as much of it as a list reads."""

    @property
    def state(self) -> OccurrenceState: ...
    @property
    def due_on(self) -> date | None: ...
    @property
    def first_reported_at(self) -> datetime | None: ...


class Owing(Due, Protocol):
    """What of a case tells whether its report is owed."""

    @property
    def send_by(self) -> date | None: ...


class Standing(Due, Protocol):
    """What of a case the buckets look at."""

    @property
    def is_due_with_report(self) -> bool: ...
    @property
    def nothing_arose(self) -> bool: ...
    @property
    def completed_on(self) -> date | None: ...
    @property
    def ended_on(self) -> date | None: ...


def status_of(occurrence: Standing, today: date) -> Status:
    """In which bucket a case is on a day, or beside them.

    Done counts from the day on which the work was completed; a report that was on time and then returned stays so. The
    day on which units report is no day on which the work is due: what goes on is in time once that report was in.
    A case that has ended stands as it did then: nobody can report on it any more.
    """
    if occurrence.state in _BESIDE:
        return _BESIDE[occurrence.state]
    is_reported = occurrence.first_reported_at is not None
    if occurrence.nothing_arose and is_reported:
        return Status.NOTHING_AROSE
    if occurrence.is_due_with_report and is_reported and occurrence.completed_on is None:
        return Status.IN_TIME
    return bucket(occurrence.due_on, occurrence.completed_on, min(today, occurrence.ended_on or today))


def bucket(due_on: date | None, completed_on: date | None, today: date) -> Status:
    """Done on time, done late, not done but in time, overdue; a due day itself is still in time."""
    if completed_on is not None:
        return Status.DONE_LATE if due_on is not None and completed_on > due_on else Status.DONE_ON_TIME
    return Status.OVERDUE if due_on is not None and today > due_on else Status.IN_TIME


def is_overdue(occurrence: Owing, today: date) -> bool:
    """Whether a report is owed: none was sent, and the day has passed of the task, or of a cycle that waits for it."""
    waits = occurrence.first_reported_at is None and occurrence.state not in _BESIDE
    return waits and any(day is not None and today > day for day in (occurrence.due_on, occurrence.send_by))


class Flagged(Owing, Standing, Protocol):
    """What of a case the flag looks at."""


def is_flagged(occurrence: Flagged, today: date) -> bool:
    """The flag *Quá hạn* of a list: a report is owed, or what was reported goes on past a day of its own."""
    return is_overdue(occurrence, today) or status_of(occurrence, today) is Status.OVERDUE
