"""Plans: import, preview, confirm, issue, follow."""

from webapp.plans import issuing, progress, years
from webapp.plans.blueprint import bp
from webapp.plans.views import changing, confirming, exports, importing, plans, preview, results, revising, yearly
from webapp.plans.views import issuing as issuing_pages

__all__ = [
    "bp", "changing", "confirming", "exports", "importing", "issuing", "issuing_pages", "plans", "preview", "progress",
    "results", "revising", "yearly", "years",
]  # fmt: skip
