"""The case page."""

from webapp.cases import giving_back
from webapp.cases.blueprint import bp
from webapp.cases.views import operations, page, talking

__all__ = ["bp", "giving_back", "operations", "page", "talking"]
