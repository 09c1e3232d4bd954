"""Tìm kiếm: one box for plans, tasks, reports and files."""

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.cases.access import sees_all, units_of
from webapp.database import db
from webapp.documents.exporting import send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import signed_in_person
from webapp.organisation.fields import searched_for
from webapp.permissions import Permission
from webapp.searching import following
from webapp.searching.queries import MOST, Found, search
from webapp.security import requires

__all__ = ["bp", "following"]

bp = Blueprint("searching", __name__)


@bp.get("/tim-kiem")
@requires(Permission.SEE_CASES)
def index() -> ResponseReturnValue:
    """What has all of the words; reports and files as far as the person may see them."""
    words = searched_for().strip()
    return render_template("searching/index.html", found=_found(words, MOST), words=words, most=MOST)


def _found(words: str, most: int) -> Found:
    person = signed_in_person()
    units = None if sees_all(person) else [UUID(unit) for unit in units_of(person)]
    return search(db.session(), person.tenant_id, words, units, most)


@bp.get("/tim-kiem.xlsx")
@requires(Permission.SEE_CASES)
def sheet() -> ResponseReturnValue:
    """The same as a spreadsheet, with more of each kind."""
    words = searched_for().strip()
    return send_list("Kết quả tìm kiếm", COLUMNS, _cells(_found(words, MOST_IN_SHEET)), about=f"“{words}”")


MOST_IN_SHEET = 2_000
COLUMNS = (("Nội dung", 70), ("Kế hoạch, nhiệm vụ", 50), ("Đơn vị", 30), ("Ngày", 12))


def _cells(found: Found) -> Iterator[tuple[Cell, ...]]:
    kinds: dict[str, list[tuple[Cell, ...]]] = {
        "Kế hoạch": [(one.title, one.about, "", None) for one in found.plans],
        "Nhiệm vụ": [(f"{one.place} {one.content}", one.plan, one.leads, None) for one in found.tasks],
        "Báo cáo của đơn vị": [
            (r.text, f"{r.task} (năm {r.year})", r.unit, local_date(r.sent_at)) for r in found.reports
        ],
        "Kỳ báo cáo, báo cáo của phường": [
            (f"{one.code} {one.name}".strip(), one.plan, "", one.issued_on) for one in found.documents
        ],
        "Tệp": [(one.name, one.task, "", local_date(one.created_at)) for one in found.files],
    }
    for kind, rows in kinds.items():
        if rows:
            yield (kind,)
            yield from rows
