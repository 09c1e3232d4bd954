"""Khó khăn, vướng mắc: all of them, with whom each is, and until when an answer is due."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.calendar import due_day, local_date
from webapp.cases.access import seen_among, sees_all, units_of
from webapp.cases.history import unit_names
from webapp.database import db
from webapp.difficulties import following
from webapp.difficulties.levels import in_one
from webapp.difficulties.queries import DifficultyLine, DifficultyPage, Which, difficulties_of
from webapp.documents.exporting import of_all_pages, send_list
from webapp.documents.rendering.sheets import Cell
from webapp.identity import desk_name, signed_in_person
from webapp.inbox.queries import due_words
from webapp.permissions import Permission
from webapp.plans.queries.results import plan_names
from webapp.security import requires

__all__ = ["bp", "following"]

bp = Blueprint("difficulties", __name__)
NAMES = {Which.OPEN: "Đang xử lý", Which.ANSWERED: "Đã trả lời", Which.ALL: "Tất cả"}


@bp.get("/kho-khan")
@requires(Permission.SEE_CASES)
def index() -> ResponseReturnValue:
    """Those of the ward; for people of a unit, those that it raised."""
    read, person = db.session(), signed_in_person()
    asked = request.args.get("xem", "")
    which = Which(asked) if asked in set(Which) else Which.OPEN
    plan_id = request.args.get("ke-hoach", type=UUID)
    page = difficulties_of(
        read, person.tenant_id, which, units=_units(), plan_id=plan_id, after=request.args.get("sau", type=UUID)
    )
    words = due_words(read, person.tenant_id)
    cases = [case for line in page.lines for case in (line.id, line.case_id)]
    return render_template(
        "difficulties/index.html",
        page=page, due={line.id: words.of(line.due_at) for line in page.lines}, which=which,
        seen=seen_among(read, person, cases),
        desks=_desks(page, unit_names(read, person.tenant_id)), tabs=_tabs(which, plan_id),
        next_url=_next(page, which, plan_id), of_ward=sees_all(person),
        plans=plan_names(read, person.tenant_id), plan_id=plan_id,
        sheet_url=url_for("difficulties.sheet", xem=which, **_kept(plan_id)),
    )  # fmt: skip


def _units() -> list[UUID] | None:
    """Whose difficulties the person may see: None for everybody's."""
    person = signed_in_person()
    return None if sees_all(person) else [UUID(unit) for unit in units_of(person)]


@bp.get("/kho-khan.xlsx")
@requires(Permission.SEE_CASES)
def sheet() -> ResponseReturnValue:
    """The same list whole, as a spreadsheet."""
    read, person = db.session(), signed_in_person()
    asked = request.args.get("xem", "")
    which, units = Which(asked) if asked in set(Which) else Which.ALL, _units()
    plan_id, names = request.args.get("ke-hoach", type=UUID), unit_names(read, person.tenant_id)

    def page(after: UUID | None) -> tuple[Iterable[DifficultyLine], UUID | None]:
        found = difficulties_of(read, person.tenant_id, which, units=units, plan_id=plan_id, after=after)
        return found.lines, found.after

    rows = (_cells(line, names) for line in of_all_pages(page))
    return send_list("Khó khăn, vướng mắc và kiến nghị", COLUMNS, rows, about=NAMES[which].lower())


COLUMNS = (
    ("Đơn vị", 24), ("Nhiệm vụ", 40), ("Kế hoạch", 16), ("Khó khăn, vướng mắc", 44), ("Kiến nghị", 32),
    ("Ngày nêu", 12), ("Đang ở", 28), ("Hạn trả lời", 12), ("Trả lời", 40), ("Ngày trả lời", 12),
)  # fmt: skip


def _cells(line: DifficultyLine, units: Mapping[str, str]) -> tuple[Cell, ...]:
    answered = local_date(line.answered_at) if line.answered_at else None
    place = f"{line.step} ({desk_name(line.desk, units)})" if line.step else "Đã hủy" if line.is_cancelled else ""
    return (
        line.unit, f"{line.place} {line.task}", line.plan, line.content, line.recommendation,
        local_date(line.raised_at), place, due_day(line.due_at) if line.due_at else None, in_one(line.said), answered,
    )  # fmt: skip


def _tabs(which: Which, plan_id: UUID | None) -> list[tuple[str, str, bool, None]]:
    kept = _kept(plan_id)
    return [(name, url_for("difficulties.index", xem=one, **kept), one is which, None) for one, name in NAMES.items()]


def _desks(page: DifficultyPage, units: Mapping[str, str]) -> dict[str, str]:
    """The desks at which they wait, as people name them."""
    return {line.desk: desk_name(line.desk, units) for line in page.lines if line.desk}


def _kept(plan_id: UUID | None) -> dict[str, Any]:
    return {"ke-hoach": str(plan_id)} if plan_id else {}


def _next(page: DifficultyPage, which: Which, plan_id: UUID | None) -> str | None:
    return url_for("difficulties.index", xem=which, sau=page.after, **_kept(plan_id)) if page.after else None
