"""Plans: import, preview, confirm, issue, follow."""

from webapp.plans import issuing, progress, years
from webapp.plans.blueprint import bp
from webapp.plans.views import (
    changing,
    confirming,
    exports,
    importing,
    plans,
    preview,
    replacing,
    results,
    revising,
    yearly,
)
from webapp.plans.views import issuing as issuing_pages

__all__ = [
    "bp", "changing", "confirming", "exports", "importing", "issuing", "issuing_pages", "plans", "preview", "progress",
    "replacing", "results", "revising", "yearly", "years",
]  # fmt: skip
