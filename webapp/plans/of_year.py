"""Which cases the lists and figures of a year have: its own, and unfinished ones of earlier years that go on in it."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.plans.models import TaskOccurrence

_o: Any = TaskOccurrence.__table__


def of_year(year: int | sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
    """Whether a case is one of a year's; what ended before the year began is not, whoever was to ask for it."""
    still_open = _o.c.ended_on.is_(None) | (sa.extract("year", _o.c.ended_on) >= year)
    goes_on = (_o.c.year < year) & (_o.c.last_year >= year) & still_open
    return sa.or_(_o.c.year == year, goes_on)


def newest_of(today: date) -> sa.ColumnElement[int]:
    """The last year of a case so far: what goes on is the next year's from New Year."""
    return sa.case((_o.c.last_year <= today.year, _o.c.last_year), else_=_o.c.year)


def years_with_cases(read: Session, today: date, *which: sa.ColumnElement[bool]) -> list[int]:
    """Newest first."""
    rows = read.execute(sa.select(_o.c.year, newest_of(today).label("newest")).where(*which).distinct())
    return sorted({year for row in rows for year in range(row.year, row.newest + 1)}, reverse=True)
