"""The one way for a request to change something."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import g

from engine.command import Actor, Command
from engine.commands.user_tasks import CompleteUserTask
from engine.held_rows import Seen
from engine.models import UserTask
from webapp.database import db, idle_connection_of
from webapp.identity import current_actor, current_person
from webapp.runtime import runtime


def execute(
    command: Command, *, on_behalf_of: str | None = None, actor: Actor | None = None, seen: Seen | None = None
) -> Any:
    """Execute a command as the signed-in person (or as `actor`) and return what it returns. Raises Rejected.

    The request's own reading ends first: on SQLite a transaction already begun could not become a writing one. `seen`
    is what the request has read for the command.
    """
    actor = actor or current_actor()
    on_behalf_of = on_behalf_of or _body_entered_for(command)
    g.pop("now", None)
    g.pop("person", None)
    g.pop("ward_as_read", None)
    if seen is None or seen.connection is not idle_connection_of(db.session()):
        db.session.remove()
        return runtime().execute(command, actor=actor, on_behalf_of=on_behalf_of)
    try:
        return runtime().execute(command, actor=actor, on_behalf_of=on_behalf_of, seen=seen)
    except Exception:
        db.session.remove()
        raise


def _body_entered_for(command: Command) -> str | None:
    """The body outside the ward whose step this is, where the person enters for some: the record names it."""
    if not isinstance(command, CompleteUserTask):
        return None
    person = current_person()
    if person is None or not person.enters_for:
        return None
    desk = db.session().scalar(sa.select(UserTask.desk).where(UserTask.id == command.user_task_id)) or ""
    unit = desk.partition("@")[2]
    return person.enters_for.get(UUID(unit)) if unit else None
