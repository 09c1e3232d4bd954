"""Plans: import, preview, confirm, issue, follow."""

from webapp.plans import carried, decided, issuing, progress, years
from webapp.plans.blueprint import bp
from webapp.plans.views import (
    appendices,
    arranging,
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
    "appendices", "arranging", "bp", "carried", "changing", "confirming", "decided", "exports", "importing", "issuing",
    "issuing_pages", "plans", "preview", "progress", "replacing", "results", "revising", "yearly", "years",
]  # fmt: skip
