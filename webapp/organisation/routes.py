"""Units, people, absences, calendar, setup."""

from webapp.organisation.blueprint import bp
from webapp.organisation.views import (
    absences,
    calendar_days,
    exports,
    handing_over,
    imports,
    journal,
    people,
    setup,
    units,
)

__all__ = [
    "absences",
    "bp",
    "calendar_days",
    "exports",
    "handing_over",
    "imports",
    "journal",
    "people",
    "setup",
    "units",
]
