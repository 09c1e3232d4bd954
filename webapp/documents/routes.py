"""Files, numbers, dispatch."""

from webapp.documents import desk, files
from webapp.documents.blueprint import bp

__all__ = ["bp", "desk"]

files.register(bp)
