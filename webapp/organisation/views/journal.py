"""Nhật ký quản trị: what administrators have done, for each other to read."""

from collections.abc import Iterable

from flask import render_template
from flask.typing import ResponseReturnValue

from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import signed_in_person
from webapp.incoming import number_asked
from webapp.organisation.blueprint import bp
from webapp.organisation.queries import journal as queries
from webapp.permissions import Permission
from webapp.presentation import moment
from webapp.security import requires

COLUMNS = (("Việc đã làm", 90), ("Người làm", 26), ("Lúc", 18))


@bp.get("/nhat-ky")
@requires(Permission.ADMINISTER)
def journal() -> ResponseReturnValue:
    """A page of it, newest first."""
    after = number_asked("sau")
    found = queries.journal(db.session(), signed_in_person().tenant_id, after)
    return render_template("organisation/journal.html", found=found, is_first=after is None)


@bp.get("/nhat-ky.xlsx")
@requires(Permission.ADMINISTER)
def journal_sheet() -> ResponseReturnValue:
    """All of it as a spreadsheet."""
    tenant_id = signed_in_person().tenant_id

    def page(after: int | None) -> tuple[Iterable[queries.Entry], int | None]:
        found = queries.journal(db.session(), tenant_id, after)
        return found.entries, found.after

    return send_list("Nhật ký quản trị", COLUMNS, map(_cells, of_all_pages(page)))


def _cells(entry: queries.Entry) -> tuple[Cell, ...]:
    return ". ".join(entry.what), entry.who, moment(entry.at)
