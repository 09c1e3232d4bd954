"""Hộp việc and the step page."""

from webapp.inbox import drafts
from webapp.inbox.blueprint import bp
from webapp.inbox.views import assigning, batches, bulk, lists, messages, reusing, saving, sendable, steps

__all__ = [
    "assigning",
    "batches",
    "bp",
    "bulk",
    "drafts",
    "lists",
    "messages",
    "reusing",
    "saving",
    "sendable",
    "steps",
]
