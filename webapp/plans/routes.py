"""Plans: import, preview, confirm, issue, follow."""

from webapp.plans import issuing, progress, years
from webapp.plans.blueprint import bp
from webapp.plans.views import changing, confirming, importing, plans, preview, revising
from webapp.plans.views import issuing as issuing_pages

__all__ = [
    "bp", "changing", "confirming", "importing", "issuing", "issuing_pages", "plans", "preview", "progress", "revising",
    "years",
]  # fmt: skip
