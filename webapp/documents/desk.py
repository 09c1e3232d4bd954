"""Phát hành: the clerk's desk."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.documents.blueprint import bp
from webapp.documents.queries import desk_steps, register, sendings
from webapp.identity import signed_in_person
from webapp.incoming import number_asked
from webapp.permissions import Permission
from webapp.runtime import now
from webapp.security import requires


@bp.get("/phat-hanh")
@requires(Permission.ISSUE_DOCUMENTS)
def index() -> ResponseReturnValue:
    """Today's queue, what was sent, and the register of the year."""
    person, this_year = signed_in_person(), local_date(now()).year
    year = number_asked("nam") or this_year
    return render_template(
        "documents/index.html",
        steps=desk_steps(db.session(), person),
        sendings=sendings(db.session(), person.tenant_id),
        register=register(db.session(), person.tenant_id, year),
        year=year,
        this_year=this_year,
    )
