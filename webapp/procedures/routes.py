"""Procedures, incidents and the clock of rehearsals."""

from webapp.procedures import (
    catalogue,
    clock,
    deployment_pages,
    editor,
    exports,
    heat_pages,
    imports,
    incidents,
    migration_pages,
)
from webapp.procedures.blueprint import bp

__all__ = [
    "bp",
    "catalogue",
    "clock",
    "deployment_pages",
    "editor",
    "exports",
    "heat_pages",
    "imports",
    "incidents",
    "migration_pages",
]
