"""Notifications, mail, digest."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from webapp.database import db
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.notifications import digest, mail, telling
from webapp.notifications.commands import MarkRead
from webapp.notifications.queries import PAGE, notifications_of, path_of
from webapp.permissions import Permission
from webapp.security import requires, runs

__all__ = ["bp", "digest", "mail", "telling"]

bp = Blueprint("notifications", __name__)


@bp.get("/thong-bao")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """What the person was told, newest first."""
    before = request.args.get("sau", type=UUID)
    told = notifications_of(db.session(), signed_in_person().id, before)
    next_url = url_for("notifications.index", sau=told[-1].id) if len(told) == PAGE else None
    return render_template("notifications/index.html", told=told, next_url=next_url, is_first=before is None)


@bp.post("/thong-bao/<uuid:notification_id>")
@runs(MarkRead)
def follow(notification_id: UUID) -> ResponseReturnValue:
    """Read one and go where it leads."""
    path = path_of(db.session(), signed_in_person().id, notification_id)
    if path is None:
        raise NotFound
    execute(MarkRead(notification_id=notification_id))
    return redirect(path)


@bp.post("/thong-bao/da-doc")
@runs(MarkRead)
def mark_all_read() -> ResponseReturnValue:
    """Nothing is new any more."""
    execute(MarkRead())
    return redirect(url_for("notifications.index"))
