"""Procedures as spreadsheets: all versions of all of them, and the cases behind a number of the drawing."""

from collections.abc import Iterator
from itertools import groupby
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from engine.calendar import due_day, local_date
from webapp.database import db
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import signed_in_person
from webapp.permissions import Permission
from webapp.procedures.blueprint import bp
from webapp.procedures.catalogue_queries import versions
from webapp.procedures.heat_pages import PERIODS, done_in, overdue_asked, page_of_cases, place_asked
from webapp.procedures.heat_queries import CaseAt, Done
from webapp.procedures.words import hours_in_words
from webapp.security import requires

VERSION_COLUMNS = (
    ("Phiên bản", 10), ("Áp dụng từ", 12), ("Người triển khai", 26), ("Lý do", 60), ("Hồ sơ đang chạy", 12),
)  # fmt: skip
WAITING_COLUMNS = (("Hồ sơ", 70), ("Từ ngày", 12), ("Hạn", 12), ("Quá hạn", 12))
DONE_COLUMNS = (("Hồ sơ", 70), ("Làm xong ngày", 12), ("Mất", 20))


@bp.get("/quy-trinh.xlsx")
@requires(Permission.SEE_ALL_CASES)
def versions_sheet() -> ResponseReturnValue:
    """Every procedure with its versions, the one in force first."""
    return send_list("Danh sách quy trình", VERSION_COLUMNS, _versions(signed_in_person().tenant_id))


def _versions(tenant_id: UUID) -> Iterator[tuple[Cell, ...]]:
    for _, found in groupby(versions(db.session(), tenant_id), key=lambda one: one.key):
        of_one = list(found)
        yield (of_one[0].name,)
        for one in of_one:
            yield one.version, local_date(one.deployed_at), one.deployed_by, one.reason, one.running


@bp.get("/quy-trinh/<uuid:definition_id>/ho-so.xlsx")
@requires(Permission.SEE_ALL_CASES)
def cases_sheet(definition_id: UUID) -> ResponseReturnValue:
    """The cases that wait at a place; with `da_lam`, the times that its step was done. Raises NotFound."""
    version, place = place_asked(definition_id)
    about = f"{version.name}, bản {version.number}, “{place.name}”"
    if (period := request.args.get("da_lam", "")) in PERIODS:
        done = map(_done, done_in(version, place, period, slice(None)))
        return send_list("Những lần làm lâu nhất", DONE_COLUMNS, done, about=f"{about}, {PERIODS[period]}")
    cases = of_all_pages(lambda after: page_of_cases(version, place, after))
    title = "Hồ sơ quá hạn" if overdue_asked() else "Hồ sơ đang chờ"
    return send_list(title, WAITING_COLUMNS, map(_waiting, cases), about=about)


def _waiting(case: CaseAt) -> tuple[Cell, ...]:
    due = due_day(case.due_at) if case.due_at else None
    return case.title, local_date(case.since), due, "Quá hạn" if case.is_overdue else ""


def _done(one: Done) -> tuple[Cell, ...]:
    return one.title, local_date(one.done_at), hours_in_words(one.hours)
