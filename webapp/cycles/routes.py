"""Reporting cycles, unit reports, consolidation."""

from flask import Blueprint

from webapp.cycles import commands, entries, opening, packages, records, services

__all__ = ["bp", "commands", "entries", "opening", "packages", "records", "services"]

bp = Blueprint("cycles", __name__)
