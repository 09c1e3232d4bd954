"""Chỉ tiêu: a plan's indicators, one at a time, and those that its reading proposes."""

from webapp.indicators import changing, pages, taking
from webapp.indicators.blueprint import bp

__all__ = ["bp", "changing", "pages", "taking"]
