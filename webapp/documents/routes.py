"""Files, numbers, dispatch."""

from webapp.documents import desk
from webapp.documents.blueprint import bp

__all__ = ["bp", "desk"]
