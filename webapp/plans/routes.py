"""Plans: import, preview, issue, follow."""

from flask import Blueprint

from webapp.plans import issuing, progress

__all__ = ["bp", "issuing", "progress"]

bp = Blueprint("plans", __name__)
