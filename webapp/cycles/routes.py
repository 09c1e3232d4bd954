"""Reporting cycles, unit reports, consolidation."""

from webapp.cycles import (
    boards,
    checking,
    commands,
    consolidating,
    cutoffs,
    deadline_changes,
    entries,
    going_back,
    opening,
    openings,
    packages,
    planned_pages,
    planning,
    previews,
    records,
    services,
    unit_reports,
)
from webapp.cycles.blueprint import bp

__all__ = [
    "boards",
    "bp",
    "checking",
    "commands",
    "consolidating",
    "cutoffs",
    "deadline_changes",
    "entries",
    "going_back",
    "opening",
    "openings",
    "packages",
    "planned_pages",
    "planning",
    "previews",
    "records",
    "services",
    "unit_reports",
]  # fmt: skip
