"""Rehearsals: a procedure tried before it reaches anybody."""

from webapp.rehearsals import views
from webapp.rehearsals.blueprint import bp

__all__ = ["bp", "views"]
