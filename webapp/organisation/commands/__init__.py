"""Changing the organisation: importing this registers every handler."""

from webapp.organisation.commands import absences, calendar_days, committees, people, units

__all__ = ["absences", "calendar_days", "committees", "people", "units"]
