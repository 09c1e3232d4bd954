"""The one way for a request to change something."""

from typing import Any

from flask import g

from engine.command import Actor, Command
from webapp.database import db
from webapp.identity import current_actor
from webapp.runtime import runtime


def execute(command: Command, *, on_behalf_of: str | None = None, actor: Actor | None = None) -> Any:
    """Execute a command as the signed-in person (or as `actor`) and return what it returns. Raises Rejected.

    The request's own reading ends first: on SQLite a transaction already begun could not become a writing one.
    """
    actor = actor or current_actor()
    db.session.remove()
    g.pop("now", None)
    g.pop("person", None)
    return runtime().execute(command, actor=actor, on_behalf_of=on_behalf_of)
