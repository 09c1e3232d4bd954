"""Phát hành: the clerk's desk."""

from flask import render_template
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.database import db
from webapp.documents.blueprint import bp
from webapp.documents.exporting import MOST_ROWS, send_list
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


@bp.get("/phat-hanh/so-dang-ky.xlsx")
@requires(Permission.ISSUE_DOCUMENTS)
def register_sheet() -> ResponseReturnValue:
    """The register of a year, from its first number on, as one is kept on paper."""
    year = number_asked("nam") or local_date(now()).year
    rows = register(db.session(), signed_in_person().tenant_id, year, MOST_ROWS + 1)
    cells = (
        (row.code, row.issued_on, row.subject,
         "Sổ của phần mềm" if row.from_our_register else "Hệ thống văn bản", row.taken_by)
        for row in reversed(rows)
    )  # fmt: skip
    return send_list("Sổ đăng ký văn bản", REGISTER_COLUMNS, cells, about=f"năm {year}")


REGISTER_COLUMNS = (
    ("Số, ký hiệu", 18), ("Ngày", 12), ("Trích yếu nội dung", 70), ("Nguồn số", 20), ("Người ghi", 24),
)  # fmt: skip
