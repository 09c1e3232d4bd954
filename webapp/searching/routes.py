"""Tìm kiếm: one box for plans, tasks, reports and files."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.cases.access import sees_all, units_of
from webapp.database import db
from webapp.identity import signed_in_person
from webapp.organisation.fields import searched_for
from webapp.permissions import Permission
from webapp.searching import following
from webapp.searching.queries import MOST, search
from webapp.security import requires

__all__ = ["bp", "following"]

bp = Blueprint("searching", __name__)


@bp.get("/tim-kiem")
@requires(Permission.SEE_CASES)
def index() -> ResponseReturnValue:
    """What has all of the words; reports and files as far as the person may see them."""
    person, words = signed_in_person(), searched_for()
    units = None if sees_all(person) else [UUID(unit) for unit in units_of(person)]
    found = search(db.session(), person.tenant_id, words, units)
    return render_template("searching/index.html", found=found, words=words.strip(), most=MOST)
