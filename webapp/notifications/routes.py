"""Notifications, mail, digest."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.execution import execute
from webapp.identity import signed_in_person
from webapp.notifications import digest, mail, telling
from webapp.notifications.commands import MarkRead
from webapp.notifications.queries import PAGE, Told, notifications_of, path_of
from webapp.permissions import Permission
from webapp.presentation import moment
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


@bp.get("/thong-bao.xlsx")
@requires(Permission.SIGNED_IN)
def sheet() -> ResponseReturnValue:
    """All of it as a spreadsheet."""
    read, person_id = db.session(), signed_in_person().id

    def page(before: UUID | None) -> tuple[list[Told], UUID | None]:
        told = notifications_of(read, person_id, before)
        return told, told[-1].id if len(told) == PAGE else None

    return send_list("Danh sách thông báo", COLUMNS, map(_cells, of_all_pages(page)), about=signed_in_person().name)


COLUMNS = (("Thông báo", 44), ("Nội dung", 70), ("Lúc", 18), ("Tình trạng", 12))


def _cells(told: Told) -> tuple[Cell, ...]:
    return told.title, told.body, moment(told.at), "Đã đọc" if told.is_read else "Chưa đọc"


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
