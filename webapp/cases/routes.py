"""The case page."""

from webapp.cases.blueprint import bp
from webapp.cases.views import operations, page, talking

__all__ = ["bp", "operations", "page", "talking"]
