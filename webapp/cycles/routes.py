"""Reporting cycles, unit reports, consolidation."""

from webapp.cycles import boards, commands, entries, opening, packages, records, services
from webapp.cycles.blueprint import bp

__all__ = ["boards", "bp", "commands", "entries", "opening", "packages", "records", "services"]
