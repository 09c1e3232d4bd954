"""Kết quả năm: by unit and by person, on the page and as a spreadsheet."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import local_date
from webapp.cases.access import sees_all, units_of
from webapp.database import db
from webapp.documents.exporting import send_sheet
from webapp.documents.rendering.consolidated import Status
from webapp.documents.rendering.sheets import Cell, Sheet
from webapp.identity import signed_in_person
from webapp.incoming import number_asked
from webapp.organisation.models import Role
from webapp.permissions import Permission
from webapp.plans.blueprint import bp
from webapp.plans.queries.results import ResultLine, YearResults, plan_names, results_of, years_of
from webapp.runtime import now
from webapp.security import requires

COLUMNS = (
    ("Tổng số", ""), ("Xong đúng hạn", Status.DONE_ON_TIME), ("Xong quá hạn", Status.DONE_LATE),
    ("Chưa xong, còn hạn", Status.IN_TIME), ("Chưa xong, quá hạn", Status.OVERDUE),
    ("Không phát sinh", Status.NOTHING_AROSE),
    ("Chờ điều kiện", Status.WAITING), ("Đã hủy", Status.CANCELLED),
)  # fmt: skip


@bp.get("/ket-qua")
@requires(Permission.SEE_CASES)
def results() -> ResponseReturnValue:
    """The ward's for those who see all, the unit's for its head, one's own for everybody else."""
    read, person = db.session(), signed_in_person()
    year, found = _found()
    return render_template(
        "plans/results.html",
        found=found, year=year, columns=COLUMNS,
        year_options=[(one, str(one)) for one in years_of(read, person.tenant_id, local_date(now()))],
        plans=plan_names(read, person.tenant_id), plan_id=request.args.get("ke-hoach", type=UUID),
        sheet_url=_sheet_url(year),
    )  # fmt: skip


def _sheet_url(year: int) -> str:
    kept: dict[str, Any] = {"ke-hoach": request.args.get("ke-hoach") or None}
    return url_for("plans.results_sheet", nam=year, **kept)


def _found() -> tuple[int, YearResults]:
    read, person, today = db.session(), signed_in_person(), local_date(now())
    year = number_asked("nam") or today.year
    heads = [desk.unit_id for desk in person.held if desk.role is Role.HEAD]
    units = None if sees_all(person) else heads or [UUID(unit) for unit in units_of(person)]
    own = None if sees_all(person) or heads else person.id
    plan_id = request.args.get("ke-hoach", type=UUID)
    return year, results_of(read, person.tenant_id, year, today, units=units, person_id=own, plan_id=plan_id)


@bp.get("/ket-qua.xlsx")
@requires(Permission.SEE_CASES)
def results_sheet() -> ResponseReturnValue:
    """The same for the yearly evaluation."""
    year, found = _found()
    sheet = Sheet(
        title=f"Kết quả thực hiện nhiệm vụ năm {year}", subtitle=f"Số liệu đến ngày {local_date(now()):%d/%m/%Y}",
        headers=("STT", "Đơn vị, người thực hiện", "Đơn vị", *(name for name, _ in COLUMNS), "Tỷ lệ đúng hạn (%)",
                 "Phải bổ sung"),
        widths=(6, 34, 30, *(11 for _ in COLUMNS), 11, 11), rows=tuple(_rows(found)), name="Kết quả năm",
    )  # fmt: skip
    return send_sheet(sheet, f"Kết quả năm {year}")


def _rows(found: YearResults) -> Iterator[tuple[Cell, ...]]:
    yield ("I. Theo đơn vị",)
    yield from _cells(found.units)
    if found.total:
        yield "", *_figures(found.total)
    yield ("II. Theo người thực hiện",)
    yield from _cells(found.people)
    if found.contributions:
        yield ("III. Phối hợp với đơn vị khác",)
        yield from _cells(found.contributions)


def _cells(lines: Iterable[ResultLine]) -> list[tuple[Cell, ...]]:
    return [(number, *_figures(line)) for number, line in enumerate(lines, 1)]


def _figures(line: ResultLine) -> tuple[Cell, ...]:
    counts = (line.counts[Status(status)] for _, status in COLUMNS if status)
    return line.name, line.unit, sum(line.counts.values()), *counts, line.on_time_percent, line.returned
