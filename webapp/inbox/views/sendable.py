"""Hộp việc, what the person may send to cases as somebody of a named unit."""

from urllib.parse import urlencode
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.command import EnginePermission
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.inbox.blueprint import bp
from webapp.inbox.queries import count_waiting
from webapp.inbox.sendable import sendable_page
from webapp.inbox.views.bulk import SENDABLE
from webapp.inbox.views.lists import tabs_of
from webapp.security import requires


@bp.get("/hop-viec/gui")
@requires(EnginePermission.WORK)
def sendable() -> ResponseReturnValue:
    """The cases that wait for what the person may send."""
    person, read = signed_in_person(), db.session()
    after = request.args.get("sau", type=UUID)
    page = sendable_page(read, person, after)
    return render_template(
        "inbox/sendable.html", page=page, tabs=tabs_of(read, person, None, count_waiting(read, person)),
        way_back=urlencode({"ds": SENDABLE}),
        next_url=url_for("inbox.sendable", sau=page.next_id) if page.next_id else None,
        first_url=url_for("inbox.sendable") if after else None,
    )  # fmt: skip
