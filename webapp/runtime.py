"""The application's Runtime."""

from datetime import datetime

from flask import current_app, g

from engine.runtime import Runtime
from webapp.database import connection_of, db


def runtime() -> Runtime:
    """The Runtime of the running application."""
    found: Runtime = current_app.extensions["quytrinh"]
    return found


def now() -> datetime:
    """Now as the system counts it, the same throughout a request."""
    moment: datetime | None = g.get("now")
    if moment is None:
        moment = g.now = runtime().now(connection_of(db.session()))
    return moment
