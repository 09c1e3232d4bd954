"""Rehearsals: a procedure tried before it reaches anybody."""

from webapp.rehearsals.blueprint import bp
from webapp.rehearsals.views import beginning, outcomes, playing

__all__ = ["beginning", "bp", "outcomes", "playing"]
